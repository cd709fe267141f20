//! The command line: `args` says what was typed, `plan` what it means, `render` does it.
//!
//! Standard output carries help, version, and lists and reports that were asked for. Everything a command says goes to standard error:
//! `Error: …` with its causes, `Warning: …`, notes and progress. Exit codes: 0 done, 1 failed for
//! good, 2 wrong usage, 65 shards missing or corrupt, 75 try again elsewhere (SIGUSR1 asks for it too), 130 and 143 ended
//! by Ctrl-C or SIGTERM after saving what there was.

pub mod args;
mod check;
mod devices;
mod diff;
mod estimate;
mod info;
mod interrupt;
mod merge;
mod pack;
mod plan;
mod progress;
mod render;
mod submit;
mod value;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::{farm, session};
use args::{Cli, Command};
use interrupt::Signal;

/// Exit code of a failure no other flags would mend.
const FAILED: u8 = 1;
/// Exit code of shards that are missing or corrupt: `EX_DATAERR` of BSD's `sysexits.h`.
const BAD_SHARDS: u8 = 65;
/// Exit code of wrong usage.
const USAGE: u8 = 2;

/// Exit code of a failure that another machine, or another time, may mend.
const TRY_ELSEWHERE: u8 = 75;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Flags that make no sense.
    #[error(transparent)]
    Usage(#[from] plan::Error),
    /// The frame could not be made.
    #[error(transparent)]
    Frame(#[from] session::Error),
    /// The scene could not be packed.
    #[error(transparent)]
    Pack(#[from] farm::pack::Error),
    /// Not all of a scene is honoured, as was asked for.
    #[error("{0}: not everything is honoured, as --strict demands")]
    NotHonoured(String),
    /// The work could not be submitted.
    #[error(transparent)]
    Submit(#[from] submit::Error),
    /// Ctrl-C could not be provided for.
    #[error("cannot watch for Ctrl-C")]
    Signals(#[source] std::io::Error),
    /// Standard output is closed.
    #[error("cannot write to standard output")]
    Print(#[source] std::io::Error),
}

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Frame(error) if error.is_usage() => USAGE,
            Self::Frame(error) if error.is_temporary() => TRY_ELSEWHERE,
            Self::Pack(error) if error.is_temporary() => TRY_ELSEWHERE,
            Self::Submit(error) if error.is_usage() => USAGE,
            Self::Frame(_)
            | Self::Pack(_)
            | Self::NotHonoured(_)
            | Self::Submit(_)
            | Self::Signals(_)
            | Self::Print(_) => FAILED,
        }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    session::return_large_memory();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version, too, arrive here; a closed output is nobody's to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILED));
        }
    };
    let outcome = match &cli.command {
        Command::Render(args) => {
            render::run(args).map(|signal| signal.map_or(0, Signal::exit_code))
        }
        Command::Pack(args) => pack::run(args).map(|()| 0),
        Command::Submit(command) => submit::run(command).map(|()| 0),
        Command::Estimate(args) => estimate::run(args).map(|()| 0),
        Command::Merge(args) => merge::run(args).map(|whole| if whole { 0 } else { BAD_SHARDS }),
        Command::Info(args) => info::run(args).map(|()| 0),
        Command::Devices => devices::run().map(|()| 0),
        Command::Diff(args) => return diff::run(args),
        Command::Check(args) => return check::run(args),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            progress::say(&format!("Error: {}", chain(&failure)));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// An error and its causes in one line. A cause the error already quotes is not said twice.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    /// Every argument has short help; one that takes a value says its default, and a number says
    /// its range.
    #[test]
    fn every_argument_is_documented() {
        let command = Cli::command();
        for subcommand in command.get_subcommands() {
            assert!(subcommand.get_about().is_some(), "{subcommand}");
            for argument in subcommand.get_arguments() {
                let id = argument.get_id();
                if id == "help" {
                    continue;
                }
                let short = argument.get_help().map(ToString::to_string);
                let short = short.unwrap_or_default();
                assert!(short.len() > 10, "{id}: no help");
                assert!(!short.contains('\n'), "{id}: short help is one paragraph");
                if argument.is_positional() {
                    continue;
                }
                assert!(short.contains("[default: "), "{id}: no default");
                let says_values = argument.get_possible_values();
                for value in &says_values {
                    let takes_value = argument.get_action().takes_values();
                    assert!(
                        !takes_value || value.get_help().is_some() || value.get_name().len() < 4,
                        "{id}: {} is not explained",
                        value.get_name()
                    );
                }
            }
        }
    }

    #[test]
    fn what_another_machine_may_do_is_told_by_the_exit_code() {
        use crate::integrator::{self, gpu};
        let failure = |error| Failure::from(session::Error::from(integrator::Error::Gpu(error)));
        let given_up = gpu::Error::GivenUp {
            adapter: "a GPU".to_owned(),
            fault: gpu::Fault::Lost("reset".to_owned()),
        };
        assert_eq!(failure(given_up).exit_code(), 75);
        assert_eq!(failure(gpu::Error::NoAdapter).exit_code(), FAILED);
    }

    #[test]
    fn a_chain_says_nothing_twice() {
        let io = std::io::Error::other("disk on fire");
        assert_eq!(
            chain(&Failure::Signals(io)),
            "cannot watch for Ctrl-C: disk on fire"
        );
    }
}
