//! What can go wrong on a device while it works, and which of it is worth another try.

/// Why a device did not finish what it was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It has no memory for a buffer.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// It is gone: reset by its driver, unplugged, or crashed.
    #[error("the device was lost: {0}")]
    Lost(String),
    /// It did not answer.
    #[error("no answer within {0} s")]
    TimedOut(u64),
    /// It refused what it was asked.
    #[error("{0}")]
    Refused(String),
}

impl Fault {
    /// Can the device not be used any more?
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::TimedOut(_))
    }
}
