//! The `skywell` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    skywell::cli::main()
}
