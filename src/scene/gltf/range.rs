//! The ranges the specifications give for numbers.

use super::error::Fault;
use std::fmt;

/// An interval of numbers, closed above.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    low: f32,
    includes_low: bool,
    high: f32,
}

/// [0, 1].
pub(super) const UNIT: Range = Range {
    low: 0.0,
    includes_low: true,
    high: 1.0,
};
/// [−1, 1].
pub(super) const SIGNED_UNIT: Range = Range {
    low: -1.0,
    includes_low: true,
    high: 1.0,
};
/// [0, ∞).
pub(super) const NON_NEGATIVE: Range = Range {
    low: 0.0,
    includes_low: true,
    high: f32::MAX,
};
/// (0, ∞).
pub(super) const POSITIVE: Range = Range {
    low: 0.0,
    includes_low: false,
    high: f32::MAX,
};
/// [1, ∞).
pub(super) const ONE_OR_MORE: Range = Range {
    low: 1.0,
    includes_low: true,
    high: f32::MAX,
};
/// Any number a float can hold.
pub(super) const FINITE: Range = Range {
    low: f32::MIN,
    includes_low: true,
    high: f32::MAX,
};

impl Range {
    /// Gives `value` back if it is in range.
    ///
    /// # Errors
    /// Names the JSON pointer `path` if it is not.
    pub(super) fn check(self, value: f32, path: impl FnOnce() -> String) -> Result<f32, Fault> {
        let above = if self.includes_low {
            value >= self.low
        } else {
            value > self.low
        };
        if above && value <= self.high {
            return Ok(value);
        }
        Err(Fault::invalid(path(), format!("{value} is outside {self}"))
            .cure("the specification allows no other values: correct the property"))
    }

    /// The number of this range (taken as closed) that is nearest to `value`.
    pub(super) fn clamp(self, value: f64) -> f64 {
        value.clamp(self.low.into(), self.high.into())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low == f32::MIN, self.includes_low) {
            (true, _) => write!(f, "(−∞, ")?,
            (false, true) => write!(f, "[{}, ", self.low)?,
            (false, false) => write!(f, "({}, ", self.low)?,
        }
        match self.high == f32::MAX {
            true => write!(f, "∞)"),
            false => write!(f, "{}]", self.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_open_or_closed_as_written() {
        let ok = |range: Range, value| range.check(value, String::new).is_ok();
        assert!(ok(UNIT, 0.0) && ok(UNIT, 1.0) && !ok(UNIT, 1.0001) && !ok(UNIT, -1e-30));
        assert!(!ok(POSITIVE, 0.0) && ok(POSITIVE, 1e-30) && !ok(POSITIVE, f32::INFINITY));
        assert!(!ok(FINITE, f32::NAN) && !ok(FINITE, f32::NEG_INFINITY) && ok(FINITE, -1e30));
        assert_eq!(
            [UNIT, NON_NEGATIVE, POSITIVE, ONE_OR_MORE, FINITE].map(|r| r.to_string()),
            ["[0, 1]", "[0, ∞)", "(0, ∞)", "[1, ∞)", "(−∞, ∞)"]
        );
    }
}
