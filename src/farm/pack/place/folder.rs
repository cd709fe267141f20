//! A folder of pieces and manifests.

use super::super::Error;
use super::Holder;
use crate::output;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Pieces that wait for the disk at once.
const SYNCS: usize = 32;

/// A folder that holds named bytes.
#[derive(Debug)]
pub struct Folder {
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

impl Folder {
    /// The folder `root`, which is made when something is put into it.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            waiting: Mutex::default(),
        }
    }

    /// Reads what is called `name`.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    /// Puts a piece called `name` in its place at once, not waiting for the disk: for pieces that can be had again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.write(name, bytes)?;
        Ok(unfinished.persist(self.root.join(name))?)
    }

    /// Writes a piece called `name` under another name.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<tempfile::TempPath> {
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
    }
}

impl Holder for Folder {
    fn length(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.root.join(name)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        Self::get(self, name)
    }

    fn put_piece(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.write(name, bytes)?;
        let name = name.to_owned();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Waiting { unfinished, name });
        Ok(())
    }

    /// Each piece is on the disk before it has its name. Many ask for that at once, so that the disk answers them
    /// together.
    fn settle(&self) -> io::Result<()> {
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut folders = BTreeSet::new();
        let threads = rayon::ThreadPoolBuilder::new().num_threads(SYNCS).build();
        threads.map_err(io::Error::other)?.install(|| {
            let sync = |piece: &Waiting| fs::File::open(&piece.unfinished)?.sync_data();
            waiting.par_iter().try_for_each(sync)
        })?;
        for Waiting { unfinished, name } in waiting {
            let path = self.root.join(name);
            unfinished.persist(&path)?;
            folders.extend(path.parent().map(std::path::Path::to_owned));
        }
        #[cfg(unix)]
        for folder in folders {
            fs::File::open(&folder)?.sync_all()?;
        }
        Ok(())
    }

    fn put_manifest(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let made = fs::create_dir_all(&self.root);
        made.map_err(|source| Error::Place {
            place: self.root.display().to_string(),
            name: name.to_owned(),
            source,
        })?;
        Ok(output::write_bytes(&self.root.join(name), bytes)?)
    }
}
