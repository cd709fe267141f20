//! What was read otherwise than the file asks, or not at all: one line for each kind of thing.

use super::error::plain;
use std::collections::HashMap;

/// Lines at most: who made a file with more to say knows it.
const MAX_LINES: usize = 200;

/// Collects warnings; the same remark about many places becomes one.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    remarks: Vec<Remark>,
    /// By message: index of the remark, or [`LEFT_OUT`].
    known: HashMap<String, usize>,
}

/// There were too many before it.
const LEFT_OUT: usize = usize::MAX;

#[derive(Debug)]
struct Remark {
    first_path: String,
    message: String,
    places: usize,
    /// How many things it is about, where they are counted.
    count: usize,
}

impl Warnings {
    /// Notes `message` about the property at the JSON pointer `path`.
    pub(super) fn note(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(Remark {
            first_path: path.into(),
            message: message.into(),
            places: 1,
            count: 0,
        });
    }

    /// Notes that there are `count` of what `message` names at the JSON pointer `path`; nothing if there are none.
    pub(super) fn note_count(&mut self, path: &str, count: usize, message: &str) {
        if count > 0 {
            self.add(Remark {
                first_path: path.to_owned(),
                message: message.to_owned(),
                places: 1,
                count,
            });
        }
    }

    /// Takes over the remarks of `other`, in order.
    pub(super) fn append(&mut self, other: Self) {
        for remark in other.remarks {
            self.add(remark);
        }
        for (message, index) in other.known {
            if index == LEFT_OUT {
                self.known.entry(message).or_insert(LEFT_OUT);
            }
        }
    }

    /// The finished lines.
    pub(super) fn into_lines(self, file: &str) -> Vec<String> {
        let left_out = self.known.len() - self.remarks.len();
        let line = |remark: Remark| {
            let [first_path, mut message] = [&remark.first_path, &remark.message].map(|t| plain(t));
            if remark.count > 0 {
                message = format!("{message}: {}", remark.count);
            }
            match remark.places {
                1 => format!("{file}: {first_path}: {message}"),
                places => format!("{file}: {first_path} and {} more: {message}", places - 1),
            }
        };
        let mut lines: Vec<String> = self.remarks.into_iter().map(line).collect();
        if left_out > 0 {
            lines.push(format!("{file}: {left_out} more remarks are left out"));
        }
        lines
    }

    fn add(&mut self, remark: Remark) {
        if let Some(&index) = self.known.get(&remark.message) {
            if let Some(known) = self.remarks.get_mut(index) {
                known.places += remark.places;
                known.count += remark.count;
            }
            return;
        }
        let index = match self.remarks.len() {
            MAX_LINES.. => LEFT_OUT,
            index => index,
        };
        self.known.insert(remark.message.clone(), index);
        if index != LEFT_OUT {
            self.remarks.push(remark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_gathered_and_end_somewhere() {
        let mut warnings = Warnings::default();
        for i in 0..MAX_LINES + 3 {
            warnings.note(format!("/{i}"), format!("is {}", i.max(1)));
        }
        let mut other = Warnings::default();
        other.note("/x", "is 5");
        other.note("/y", "is another");
        warnings.append(other);
        let lines = warnings.into_lines("a.glb");
        assert_eq!(lines.len(), MAX_LINES + 1);
        assert_eq!(lines[0], "a.glb: /0 and 1 more: is 1");
        assert_eq!(lines[4], "a.glb: /5 and 1 more: is 5");
        assert_eq!(lines[MAX_LINES], "a.glb: 3 more remarks are left out");
    }

    #[test]
    fn what_is_counted_is_summed_up() {
        let mut warnings = Warnings::default();
        warnings.note_count("/x", 0, "flat ones");
        warnings.note_count("/y", 2, "flat ones");
        let mut other = Warnings::default();
        other.note_count("/z", 3, "flat ones");
        warnings.append(other);
        let lines = warnings.into_lines("a.glb");
        assert_eq!(lines, ["a.glb: /y and 1 more: flat ones: 5"]);
    }
}
