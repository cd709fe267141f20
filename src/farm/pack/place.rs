//! Where pieces and manifests lie: a folder.

use super::Error;
use crate::output;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A place that holds named bytes.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
    /// Pieces written and not yet in their place.
    waiting: Mutex<Vec<Waiting>>,
}

/// A piece under another name, until it is known to be on the disk.
#[derive(Debug)]
struct Waiting {
    unfinished: tempfile::TempPath,
    name: String,
}

impl Place {
    /// The place called `text`: a folder, which is made if it is not there before something is put
    /// into it.
    ///
    /// # Errors
    /// When it is an address of something that is not reached.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.contains("://") {
            return Err(Error::Address {
                place: text.to_owned(),
                what: "only folders are read and written".to_owned(),
            });
        }
        Ok(Self {
            root: PathBuf::from(text),
            waiting: Mutex::default(),
        })
    }

    /// How messages call the place.
    #[must_use]
    pub fn label(&self) -> String {
        self.root.display().to_string()
    }

    /// Does it hold `bytes` bytes called `name`?
    ///
    /// # Errors
    /// When it does not tell.
    pub(super) fn holds(&self, name: &str, bytes: u64) -> Result<bool, Error> {
        match fs::metadata(self.root.join(name)) {
            Ok(metadata) => Ok(metadata.len() == bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.error(name, error)),
        }
    }

    /// Reads what is called `name`.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub(super) fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    /// Takes a piece called `name`, to be found under it after [`Self::settle`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put_piece(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let write = || {
            let path = self.root.join(name);
            let folder = path.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder)?;
            let mut builder = tempfile::Builder::new();
            builder.prefix(".").suffix(".unfinished");
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let mut file = builder.tempfile_in(folder)?;
            file.write_all(bytes)?;
            Ok(file.into_temp_path())
        };
        let unfinished = write().map_err(|error| self.error(name, error))?;
        let name = name.to_owned();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Waiting { unfinished, name });
        Ok(())
    }

    /// Puts the pieces taken since into their place, each on the disk before it has its name: one
    /// wait for the disk for all of them, not one each.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn settle(&self) -> Result<(), Error> {
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut folders = BTreeSet::new();
        for Waiting { unfinished, name } in &waiting {
            let sync = || fs::File::open(unfinished)?.sync_data();
            sync().map_err(|error| self.error(name, error))?;
        }
        for Waiting { unfinished, name } in waiting {
            let path = self.root.join(&name);
            let persisted = unfinished.persist(&path);
            persisted.map_err(|error| self.error(&name, error.error))?;
            folders.extend(path.parent().map(Path::to_owned));
        }
        #[cfg(unix)]
        for folder in folders {
            let sync = || fs::File::open(&folder)?.sync_all();
            sync().map_err(|error| self.error(&folder.display().to_string(), error))?;
        }
        Ok(())
    }

    /// Puts a manifest called `name` in place of an older one.
    ///
    /// # Errors
    /// When it cannot be written; the older one is then still there.
    pub(super) fn put_manifest(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        fs::create_dir_all(&self.root).map_err(|error| self.error(name, error))?;
        Ok(output::write_bytes(&self.root.join(name), bytes)?)
    }

    fn error(&self, name: &str, source: io::Error) -> Error {
        Error::Place {
            place: self.label(),
            name: name.to_owned(),
            source,
        }
    }
}
