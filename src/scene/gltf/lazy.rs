//! A value made when it is first wanted, by whoever wants it first.

use std::sync::{Mutex, OnceLock, PoisonError};

/// A value that may not be made yet. Others wait while it is made, so making it must not run
/// other rayon tasks: one of them might wait for this very value.
#[derive(Debug)]
pub(super) struct Lazy<T> {
    value: OnceLock<T>,
    making: Mutex<()>,
}

impl<T> Lazy<T> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            value: OnceLock::new(),
            making: Mutex::new(()),
        }
    }

    /// The value, if it has been made.
    pub(super) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value; makes it when it is not there.
    ///
    /// # Errors
    /// Those of `make`; the next caller tries again.
    pub(super) fn get_or_try<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        match self.value.get() {
            Some(value) => Ok(value),
            None => {
                let value = make()?;
                Ok(self.value.get_or_init(|| value))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_made_once_and_again_only_after_a_failure() {
        let lazy = Lazy::new();
        assert_eq!(lazy.get_or_try(|| Err::<u32, _>("no")), Err("no"));
        assert_eq!(lazy.get(), None);
        assert_eq!(lazy.get_or_try(|| Ok::<_, &str>(7)), Ok(&7));
        assert_eq!(lazy.get_or_try(|| Ok::<_, &str>(8)), Ok(&7));
    }
}
