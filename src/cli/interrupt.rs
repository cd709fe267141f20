//! Ctrl-C, SIGTERM and SIGUSR1: each asks the render to end and to save what there is. A second Ctrl-C ends the
//! program at once; the others are what engines send, some of them twice, before they kill.
//!
//! Signals are kept apart because they end in different exit codes; that is why `signal-hook` is
//! used, which only sets flags, so that nothing runs inside a signal handler.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Added to a signal's number to make an exit code, by custom of the shells.
const SIGNAL_EXIT: i32 = 128;

/// The signal that asks to go elsewhere, where there is such a thing.
#[cfg(unix)]
const REQUEUE: Option<i32> = Some(signal_hook::consts::SIGUSR1);
#[cfg(not(unix))]
const REQUEUE: Option<i32> = None;

/// Watches for signals that ask to end.
#[derive(Debug, Default)]
pub struct Interrupt {
    /// Number of the latest signal, or 0.
    signal: Arc<AtomicUsize>,
}

/// Which signal asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGUSR1: time or place is running out; try again elsewhere.
    Requeue,
}

impl Signal {
    /// 130, 143 or 75.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Requeue => super::TRY_ELSEWHERE,
        }
    }
}

impl Interrupt {
    /// Watches from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn watch() -> io::Result<Self> {
        let interrupt = Self::default();
        let asked = Arc::new(AtomicBool::new(false));
        // In this order: the first Ctrl-C finds the flag unset and then sets it.
        flag::register_conditional_shutdown(SIGINT, SIGNAL_EXIT + SIGINT, asked.clone())?;
        flag::register(SIGINT, asked)?;
        for signal in [SIGINT, SIGTERM].into_iter().chain(REQUEUE) {
            flag::register_usize(signal, interrupt.signal.clone(), signal as usize)?;
        }
        Ok(interrupt)
    }

    /// The signal that asked to end, if any did.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            n if n == SIGTERM as usize => Some(Signal::Terminate),
            n if REQUEUE.is_some_and(|requeue| n == requeue as usize) => Some(Signal::Requeue),
            _ => Some(Signal::Interrupt),
        }
    }
}
