//! Sets of a function's local variables.

use naga::{Handle, LocalVariable};

/// A set of local variables of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalSet(Vec<bool>);

impl LocalSet {
    /// The empty set, for a function of `n` variables.
    pub fn empty(n: usize) -> Self {
        Self(vec![false; n])
    }

    /// Adds a variable.
    pub fn insert(&mut self, local: Handle<LocalVariable>) {
        self.0[local.index()] = true;
    }

    /// Takes a variable out.
    pub fn remove(&mut self, local: Handle<LocalVariable>) {
        self.0[local.index()] = false;
    }

    /// Whether a variable is in.
    pub fn contains(&self, local: Handle<LocalVariable>) -> bool {
        self.0[local.index()]
    }

    /// Adds all variables of another set.
    pub fn unite(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }

    /// The union of both.
    pub fn united(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.unite(other);
        union
    }
}
