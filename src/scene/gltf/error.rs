//! What can be wrong with a glTF file: where, what, and what to do about it.

/// The usual cure for a file that breaks the specification.
pub(super) const EXPORT_AGAIN: &str =
    "export the file again; the Khronos glTF validator tells what else is wrong with it";

/// Why a glTF file could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file itself cannot be read.
    #[error("{file}: {source}; check the path and that the file may be read")]
    Read {
        /// The file as it was named.
        file: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is no glTF at all, or a cut-off one.
    #[error("{file}: {what}; {cure}")]
    Container {
        /// The file as it was named.
        file: String,
        /// What is wrong.
        what: String,
        /// What to do.
        cure: String,
    },
    /// The file, or a file it refers to, breaks the specification.
    #[error("{file}: {path}: {what}; {cure}")]
    Invalid {
        /// The file as it was named.
        file: String,
        /// JSON pointer to the property at fault.
        path: String,
        /// What is wrong.
        what: String,
        /// What to do.
        cure: String,
    },
    /// The file has not what was asked for.
    #[error("{file}: no {what} \"{wanted}\"; {there_are}")]
    NoSuch {
        /// The file as it was named.
        file: String,
        /// What kind of thing was asked for.
        what: &'static str,
        /// What was asked for.
        wanted: String,
        /// What there is.
        there_are: String,
    },
    /// The file is right, but needs what is not read.
    #[error("{file}: {path}: {what}; {cure}")]
    Unsupported {
        /// The file as it was named.
        file: String,
        /// JSON pointer to the property that needs it.
        path: String,
        /// What is not read.
        what: String,
        /// What to do.
        cure: String,
    },
}

impl Error {
    /// Is the request at fault, so that another one of the same file may succeed?
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoSuch { .. })
    }
}

/// Which [`Error`] a [`Fault`] becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Container,
    NoSuch(&'static str),
    Invalid,
    Unsupported,
}

/// An error that does not know its file yet: the importer's parts see JSON and bytes only.
#[derive(Debug)]
pub(super) struct Fault {
    kind: Kind,
    path: String,
    what: String,
    cure: String,
}

/// Characters at most of a text that quotes the file.
const MAX_QUOTED: usize = 400;

/// `text`, which may quote the file, as one line that does nothing to a terminal and has an end.
pub(super) fn plain(text: &str) -> String {
    let clean = |c: char| match c {
        c if c.is_whitespace() => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let text = text.trim();
    let mut clean: String = text.chars().map(clean).take(MAX_QUOTED).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        clean.push('…');
    }
    clean
}

impl Fault {
    /// The container is broken.
    pub(super) fn container(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Kind::Container, "", what, cure)
    }

    /// The property at the JSON pointer `path` breaks the specification; exporting again may help.
    pub(super) fn invalid(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, path, what, EXPORT_AGAIN)
    }

    /// The property at the JSON pointer `path` needs something that is not read.
    pub(super) fn unsupported(
        path: impl Into<String>,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Kind::Unsupported, path, what, cure)
    }

    /// There is no `what` called `wanted`.
    pub(super) fn no_such(what: &'static str, wanted: &str, there_are: String) -> Self {
        Self::new(Kind::NoSuch(what), "", wanted, there_are)
    }

    /// The same fault with a better cure.
    pub(super) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = cure.into();
        self
    }

    /// Names the file.
    pub(super) fn in_file(self, file: &str) -> Error {
        let Self {
            kind,
            path,
            what,
            cure,
        } = self;
        let file = file.to_owned();
        let [path, what, cure] = [path, what, cure].map(|text| plain(&text));
        match kind {
            Kind::Container => Error::Container { file, what, cure },
            Kind::NoSuch(kind) => Error::NoSuch {
                file,
                what: kind,
                wanted: what,
                there_are: cure,
            },
            Kind::Invalid => Error::Invalid {
                file,
                path,
                what,
                cure,
            },
            Kind::Unsupported => Error::Unsupported {
                file,
                path,
                what,
                cure,
            },
        }
    }

    fn new(
        kind: Kind,
        path: impl Into<String>,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            path: path.into(),
            what: what.into(),
            cure: cure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_says_is_quoted_with_care() {
        assert_eq!(plain("a\u{1b}[2J\n"), "a\u{fffd}[2J");
        assert_eq!(plain("größer\tals"), "größer als");
        let long = plain(&"é".repeat(MAX_QUOTED + 1));
        assert_eq!(long.chars().count(), MAX_QUOTED + 1);
        assert!(long.ends_with('…'));
        let most = "é".repeat(MAX_QUOTED);
        assert_eq!(plain(&most), most);
    }
}
