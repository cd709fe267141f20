//! Where a scene's files are read from: a folder, or whatever else can hand out bytes by name.

use super::FileBytes;
use std::io;
use std::path::Path;

/// A place that holds a scene and the files it refers to.
pub trait Files: Sync {
    /// The bytes of the file `name`, a relative path that leads nowhere outside.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read whole.
    fn open(&self, name: &Path) -> io::Result<FileBytes>;

    /// How many there are; 0 when there is no such file.
    fn size(&self, name: &Path) -> u64;

    /// How messages call the file `name`.
    fn label(&self, name: &Path) -> String;
}

/// The files of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a>(pub &'a Path);

impl<'a> Folder<'a> {
    /// The folder that the file `path` is in, and its name there.
    #[must_use]
    pub fn of(path: &'a Path) -> (Self, &'a Path) {
        let folder = Self(path.parent().unwrap_or(Path::new("")));
        (folder, path.file_name().map_or(path, Path::new))
    }
}

impl Files for Folder<'_> {
    fn open(&self, name: &Path) -> io::Result<FileBytes> {
        let path = self.0.join(name);
        // From what is no file, such as a pipe, nothing may ever come.
        match std::fs::metadata(&path)?.is_file() {
            true => FileBytes::open(&path),
            false => Err(io::Error::other("not a file")),
        }
    }

    fn size(&self, name: &Path) -> u64 {
        std::fs::metadata(self.0.join(name)).map_or(0, |metadata| metadata.len())
    }

    fn label(&self, name: &Path) -> String {
        self.0.join(name).display().to_string()
    }
}
