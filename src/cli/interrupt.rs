//! Ctrl-C and SIGTERM. The first asks the render to end after its pass; the second ends the
//! program at once.
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
}

impl Signal {
    /// 130 or 143.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
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
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag unset and then sets it.
            flag::register_conditional_shutdown(signal, SIGNAL_EXIT + signal, asked.clone())?;
            flag::register(signal, asked.clone())?;
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
            _ => Some(Signal::Interrupt),
        }
    }
}
