//! Files that appear whole or not at all.

use super::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Characters of a file's name repeated in that of its unfinished form: keeps the latter below
/// any file system's limit.
const NAME_CHARACTERS: usize = 40;

/// What names of unfinished files end with.
const UNFINISHED: &str = ".unfinished";

/// Finds out now what would keep `path` from being written later: a missing directory, a
/// read-only file or file system, a directory in its place. Changes nothing.
///
/// # Errors
/// Any [`Error`].
pub fn prove_writable(path: &Path) -> Result<(), Error> {
    let place = Place::of(path)?;
    let unfinished = place
        .create_unfinished()
        .map_err(|source| Error::io(path, source))?;
    unfinished.close().map_err(|source| Error::io(path, source))
}

/// Writes `bytes` as the file `path`, replacing what was there.
///
/// # Errors
/// Any [`Error`]; an earlier file is then still there.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_whole(path, |file| file.write_all(bytes))
}

/// Has `write` fill a new file, then puts it in the place of `path`.
///
/// # Errors
/// Any [`Error`], one of `write` included; an earlier file is then still there.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Error> {
    let place = Place::of(path)?;
    let finish = || {
        let mut unfinished = place.create_unfinished()?;
        write(unfinished.as_file_mut())?;
        unfinished.as_file().sync_all()?;
        unfinished
            .persist(&place.path)
            .map_err(|error| error.error)?;
        sync_directory(&place.directory)
    };
    finish().map_err(|source| Error::io(path, source))
}

/// Unfinished files that nobody has touched for this long are abandoned, if their process is gone too.
const ABANDONED: Duration = Duration::from_secs(300);

/// Removes what processes of this machine that were killed while writing `path` have left beside it. What cannot be
/// removed stays; it is in nobody's way.
pub fn remove_abandoned(path: &Path) {
    let Ok(place) = Place::of(path) else { return };
    let Ok(entries) = fs::read_dir(&place.directory) else {
        return;
    };
    let prefix = place.unfinished_prefix();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| {
            let rest = name.strip_prefix(&prefix)?.strip_suffix(UNFINISHED)?;
            rest.split('.').next()?.parse::<u32>().ok()
        }) else {
            continue;
        };
        let age = entry.metadata().and_then(|m| m.modified());
        let age = age.ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) && is_gone(process) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Is there no process of this number? False where the system does not tell by `/proc`.
fn is_gone(process: u32) -> bool {
    Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{process}")).exists()
}

/// Where a file goes.
struct Place {
    /// The file itself, symbolic links followed.
    path: PathBuf,
    directory: PathBuf,
    /// Permissions of the file to be replaced.
    permissions: Option<fs::Permissions>,
}

impl Place {
    fn of(path: &Path) -> Result<Place, Error> {
        // A link stays a link; what it leads to is replaced.
        let followed = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if followed.file_name().is_none() {
            return Err(Error::NoName(path.to_owned()));
        }
        let directory = match followed.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        if !directory.is_dir() {
            let path = path.to_owned();
            return Err(Error::NoDirectory { path, directory });
        }
        let permissions = match fs::metadata(&followed) {
            Ok(metadata) if !metadata.is_file() => return Err(Error::NotAFile(path.to_owned())),
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(Error::ReadOnly(path.to_owned()));
            }
            Ok(metadata) => Some(metadata.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::io(path, source)),
        };
        Ok(Place {
            path: followed,
            directory,
            permissions,
        })
    }

    /// What names of unfinished files begin with on this machine; the process's number follows.
    fn unfinished_prefix(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name: String = name.chars().take(NAME_CHARACTERS).collect();
        format!(".{name}.{}.", host())
    }

    /// A new file beside the place, gone when dropped. Its name tells whose it is, should a
    /// machine die and leave it behind.
    fn create_unfinished(&self) -> io::Result<NamedTempFile> {
        let prefix = format!("{}{}.", self.unfinished_prefix(), std::process::id());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(UNFINISHED);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(&self.directory).map_err(without_path)?;
        if let Some(permissions) = &self.permissions {
            file.as_file().set_permissions(permissions.clone())?;
        }
        Ok(file)
    }
}

/// The same error without the unfinished file's name, which says nothing to the user.
fn without_path(error: io::Error) -> io::Error {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.kind() {
        kind @ (PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull) => kind.into(),
        _ => error,
    }
}

/// This machine's name, as far as it fits into a file name.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let name: String = name.chars().filter(fits).take(NAME_CHARACTERS).collect();
    if name.is_empty() {
        "host".to_owned()
    } else {
        name
    }
}

/// Makes a rename last through a power cut.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Elsewhere directories cannot be synced.
#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names_in(directory: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn writes_and_replaces() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.json");
        write_bytes(&path, b"one").unwrap();
        write_bytes(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(
            names_in(directory.path()),
            BTreeSet::from(["frame.json".to_owned()])
        );
    }

    #[test]
    fn a_failure_in_the_middle_leaves_the_old_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr");
        fs::write(&path, b"old").unwrap();
        let error = write_whole(&path, |file| {
            file.write_all(b"half of the new")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        let message = error.unwrap_err().to_string();
        assert!(
            message.contains("frame.exr: cannot be written: no storage space"),
            "{message}"
        );
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(
            names_in(directory.path()),
            BTreeSet::from(["frame.exr".to_owned()])
        );
    }

    #[test]
    fn the_unfinished_file_lies_beside_and_names_its_process() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr");
        write_whole(&path, |_| {
            let names = names_in(directory.path());
            let name = names.first().unwrap();
            assert_eq!(names.len(), 1);
            assert!(name.starts_with(".frame.exr."), "{name}");
            assert!(
                name.contains(&format!(".{}.", std::process::id())),
                "{name}"
            );
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn what_a_dead_process_left_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr");
        let old = std::time::SystemTime::now() - 2 * ABANDONED;
        let leave = |process: &str, age| {
            let prefix = Place::of(&path).unwrap().unfinished_prefix();
            let left = directory
                .path()
                .join(format!("{prefix}{process}.x{UNFINISHED}"));
            let file = File::create(&left).unwrap();
            file.set_modified(age).unwrap();
            left
        };
        let dead = leave("4294967294", old);
        let fresh = leave("4294967293", std::time::SystemTime::now());
        let alive = leave(&std::process::id().to_string(), old);
        remove_abandoned(&path);
        let linux = Path::new("/proc/self").exists();
        assert_eq!(dead.exists(), !linux);
        assert!(fresh.exists() && alive.exists());
    }

    #[test]
    fn proof_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr");
        prove_writable(&path).unwrap();
        assert!(names_in(directory.path()).is_empty());
        fs::write(&path, b"old").unwrap();
        prove_writable(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names_in(directory.path()).len(), 1);
    }

    #[test]
    fn impossible_places_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let inside = |name: &str| directory.path().join(name);
        assert!(matches!(
            prove_writable(&inside("no/frame.exr")),
            Err(Error::NoDirectory { .. })
        ));
        assert!(matches!(
            prove_writable(directory.path()),
            Err(Error::NotAFile(_))
        ));
        assert!(matches!(
            prove_writable(Path::new("")),
            Err(Error::NoName(_))
        ));
        assert!(matches!(
            prove_writable(Path::new("/")),
            Err(Error::NoName(_))
        ));
        let read_only = inside("frame.exr");
        fs::write(&read_only, b"kept").unwrap();
        let mut permissions = fs::metadata(&read_only).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&read_only, permissions).unwrap();
        assert!(matches!(
            write_bytes(&read_only, b"new"),
            Err(Error::ReadOnly(_))
        ));
        assert_eq!(fs::read(&read_only).unwrap(), b"kept");
        let within_a_file = inside("frame.exr/other.exr");
        assert!(matches!(
            prove_writable(&within_a_file),
            Err(Error::NoDirectory { .. })
        ));
    }

    #[test]
    fn long_names_are_written_too() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(format!("{}.exr", "天".repeat(80)));
        write_bytes(&path, b"pixels").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"pixels");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frame.exr");
        write_bytes(&path, b"one").unwrap();
        let plain = directory.path().join("plain");
        fs::write(&plain, b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), mode(&plain));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = directory.path().join("latest.exr");
        symlink(&path, &link).unwrap();
        write_bytes(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(mode(&path), 0o640);
    }
}
