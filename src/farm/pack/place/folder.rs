//! A folder of pieces and manifests.

use super::super::Error;
use super::Holder;
use crate::output;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// Pieces that wait for the disk at once.
const SYNCS: usize = 32;

/// A folder that holds named bytes.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// What waits for the disk while other pieces are made, once there is something to wait for.
    threads: OnceLock<rayon::ThreadPool>,
    written: Arc<Written>,
}

/// Pieces that were written.
#[derive(Debug, Default)]
struct Written {
    pieces: Mutex<Pieces>,
    /// Told when a piece is on the disk.
    synced: Condvar,
}

#[derive(Debug, Default)]
struct Pieces {
    /// How many wait for the disk.
    waiting: usize,
    /// On the disk, and not yet in their place.
    synced: Vec<Synced>,
    /// The first failure of the disk.
    failure: Option<io::Error>,
}

/// A piece under another name.
#[derive(Debug)]
struct Synced {
    unfinished: tempfile::TempPath,
    name: String,
}

impl Written {
    fn pieces(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for all pieces.
    fn wait(&self) -> MutexGuard<'_, Pieces> {
        let mut pieces = self.pieces();
        while pieces.waiting > 0 {
            let woken = self.synced.wait(pieces);
            pieces = woken.unwrap_or_else(PoisonError::into_inner);
        }
        pieces
    }

    /// Waits until a piece is on the disk.
    fn sync(&self, unfinished: tempfile::TempPath, name: String) {
        let outcome = fs::File::open(&unfinished).and_then(|file| file.sync_data());
        let mut pieces = self.pieces();
        pieces.waiting -= 1;
        match outcome {
            Ok(()) => pieces.synced.push(Synced { unfinished, name }),
            Err(error) => {
                pieces.failure.get_or_insert(error);
            }
        }
        self.synced.notify_all();
    }
}

impl Folder {
    /// The folder `root`, which is made when something is put into it.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            threads: OnceLock::new(),
            written: Arc::default(),
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

    fn threads(&self) -> io::Result<&rayon::ThreadPool> {
        if let Some(threads) = self.threads.get() {
            return Ok(threads);
        }
        let threads = rayon::ThreadPoolBuilder::new().num_threads(SYNCS).build();
        let threads = threads.map_err(io::Error::other)?;
        // Another thread may have been faster; its pool is as good.
        Ok(self.threads.get_or_init(|| threads))
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

impl Drop for Folder {
    /// Leaves nothing unfinished behind.
    fn drop(&mut self) {
        self.written.wait().synced.clear();
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

    /// Each piece is on the disk before it has its name. Many ask for that at once, so that the disk answers them
    /// together, and while others are still made.
    fn put_piece(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.write(name, bytes)?;
        let (written, name) = (self.written.clone(), name.to_owned());
        let threads = self.threads()?;
        written.pieces().waiting += 1;
        threads.spawn(move || written.sync(unfinished, name));
        Ok(())
    }

    fn settle(&self) -> io::Result<()> {
        let mut pieces = self.written.wait();
        if let Some(failure) = pieces.failure.take() {
            return Err(failure);
        }
        let synced = std::mem::take(&mut pieces.synced);
        drop(pieces);
        let mut folders = BTreeSet::new();
        for Synced { unfinished, name } in synced {
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
