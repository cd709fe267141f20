//! What was read otherwise than the file asks, or not at all: one line for each kind of thing.

/// Collects warnings; the same remark about many places becomes one.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    remarks: Vec<Remark>,
}

#[derive(Debug)]
struct Remark {
    first_path: String,
    message: String,
    places: usize,
}

impl Warnings {
    /// Notes `message` about the property at the JSON pointer `path`.
    pub(super) fn note(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.note_many(path.into(), message.into(), 1);
    }

    /// Takes over the remarks of `other`, in order.
    pub(super) fn append(&mut self, other: Self) {
        for remark in other.remarks {
            self.note_many(remark.first_path, remark.message, remark.places);
        }
    }

    /// The finished lines.
    pub(super) fn into_lines(self, file: &str) -> Vec<String> {
        let line = |remark: Remark| {
            let Remark {
                first_path,
                message,
                places,
            } = remark;
            match places {
                1 => format!("{file}: {first_path}: {message}"),
                _ => format!("{file}: {first_path} and {} more: {message}", places - 1),
            }
        };
        self.remarks.into_iter().map(line).collect()
    }

    fn note_many(&mut self, first_path: String, message: String, places: usize) {
        match self
            .remarks
            .iter_mut()
            .find(|remark| remark.message == message)
        {
            Some(known) => known.places += places,
            None => self.remarks.push(Remark {
                first_path,
                message,
                places,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_remark_is_made_once() {
        let mut warnings = Warnings::default();
        warnings.note("/meshes/0", "odd");
        warnings.note("/meshes/1", "even");
        let mut more = Warnings::default();
        more.note("/meshes/2", "odd");
        warnings.append(more);
        assert_eq!(
            warnings.into_lines("a.glb"),
            ["a.glb: /meshes/0 and 1 more: odd", "a.glb: /meshes/1: even"]
        );
    }
}
