//! Where pieces and manifests lie: a folder, or an object store.

mod folder;
#[cfg(feature = "s3")]
mod store;

use super::Error;
use std::fmt::Debug;
use std::io;
use std::path::Path;

pub(super) use folder::Folder;

/// What addresses of object stores begin with.
const STORE: &str = "s3://";

/// A place that holds named bytes.
#[derive(Debug)]
pub struct Place {
    label: String,
    holder: Box<dyn Holder>,
}

/// What a place must be able to do. Names have parts divided by `/`; what a name stands for appears whole or not at
/// all.
trait Holder: Debug + Send + Sync {
    /// The length of what is called `name`; `None` if there is nothing.
    fn length(&self, name: &str) -> io::Result<Option<u64>>;

    /// Reads what is called `name`.
    fn get(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Takes a piece called `name`, to be found under it after [`Holder::settle`] at the latest.
    fn put_piece(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Puts the pieces taken since into their place.
    fn settle(&self) -> io::Result<()>;

    /// Puts a manifest called `name` in place of an older one.
    fn put_manifest(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// The threads to call it from, if not the caller's own.
    fn threads(&self) -> Option<&rayon::ThreadPool> {
        None
    }
}

/// Is this an address within an object store, rather than a path?
#[must_use]
pub fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with(STORE))
}

impl Place {
    /// The place called `text`: a folder, which is made if it is not there before something is put
    /// into it, or `s3://BUCKET/PREFIX`. How an object store is reached is said by the variables that
    /// tell other programs too: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`, …
    ///
    /// # Errors
    /// When it is an address of something that is not reached.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let address = |what: String| Error::Address {
            place: text.to_owned(),
            what,
        };
        let holder: Box<dyn Holder> = match text.strip_prefix(STORE) {
            #[cfg(feature = "s3")]
            Some(rest) => Box::new(store::Store::new(rest).map_err(address)?),
            #[cfg(not(feature = "s3"))]
            Some(_) => {
                let what =
                    "this program was built without object stores: build it with --features s3";
                return Err(address(what.to_owned()));
            }
            None if text.contains("://") => {
                let what = format!("only folders and {STORE}BUCKET/PREFIX are read and written");
                return Err(address(what));
            }
            None => Box::new(Folder::new(text.into())),
        };
        let label = text.trim_end_matches('/').to_owned();
        Ok(Self { label, holder })
    }

    /// How messages call the place.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Does `work`, which has to do with this place, on the threads that suit it: those of the current rayon pool, or
    /// more where they mostly wait.
    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.holder.threads() {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    /// Does it hold `bytes` bytes called `name`?
    ///
    /// # Errors
    /// When it does not tell.
    pub(super) fn holds(&self, name: &str, bytes: u64) -> Result<bool, Error> {
        let length = self.holder.length(name);
        Ok(length.map_err(|error| self.error(name, error))? == Some(bytes))
    }

    /// Reads what is called `name`.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub(super) fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        self.holder.get(name)
    }

    /// Takes a piece called `name`, to be found under it after [`Self::settle`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put_piece(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let put = self.holder.put_piece(name, bytes);
        put.map_err(|error| self.error(name, error))
    }

    /// Puts the pieces taken since into their place.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn settle(&self) -> Result<(), Error> {
        let settled = self.holder.settle();
        settled.map_err(|error| self.error("pieces", error))
    }

    /// Puts a manifest called `name` in place of an older one.
    ///
    /// # Errors
    /// When it cannot be written; the older one is then still there.
    pub(super) fn put_manifest(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.holder.put_manifest(name, bytes)
    }

    /// What to say when `name` could not be read or written.
    pub(super) fn error(&self, name: &str, source: io::Error) -> Error {
        Error::Place {
            place: self.label.clone(),
            name: name.to_owned(),
            source,
        }
    }
}
