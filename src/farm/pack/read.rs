//! Reading a packed scene: pieces back into files, each piece checked.

use super::manifest::{Environment, Manifest, PackedFile, Piece};
use super::place::Folder;
use super::{Error, MANIFEST_EXTENSION, Place};
use crate::scene::gltf::{FileBytes, Files};
use rayon::prelude::*;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A packed scene.
#[derive(Debug)]
pub struct Pack {
    place: Place,
    manifest: Manifest,
    cache: Option<Cache>,
    /// What kept a file of it from being read, of the first such file.
    failure: Mutex<Option<Error>>,
}

/// Where pieces are kept that were read.
#[derive(Debug)]
struct Cache {
    folder: Folder,
    /// Why a piece could not be kept.
    problem: Mutex<Option<io::Error>>,
}

/// Why a piece cannot be used.
enum Bad {
    /// It is not there or not what it was.
    Piece(String),
    /// The place did not hand it out.
    Place(Error),
}

/// Is this the name of a packed scene's manifest?
#[must_use]
pub fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == MANIFEST_EXTENSION)
}

impl Pack {
    /// Opens the packed scene of the manifest `path`. Its pieces are kept in the folder `cache`, if there is one, and
    /// looked for there first.
    ///
    /// # Errors
    /// When the manifest cannot be read, or is not as it was written.
    pub fn open(path: &Path, cache: Option<PathBuf>) -> Result<Self, Error> {
        let text = path.display().to_string();
        let (place, name) = text.rsplit_once(['/', '\\']).unwrap_or((".", &text));
        let place = Place::parse(place)?;
        let json = (place.get(name)).map_err(|source| place.error(name, source))?;
        let manifest = Manifest::from_json(&json).map_err(|what| Error::Manifest {
            manifest: text.clone(),
            what,
        })?;
        Ok(Self {
            place,
            manifest,
            cache: cache.map(|folder| Cache {
                folder: Folder::new(folder),
                problem: Mutex::default(),
            }),
            failure: Mutex::default(),
        })
    }

    /// What kept a file of it from being read since this was last asked.
    #[must_use]
    pub fn take_failure(&self) -> Option<Error> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }

    /// What kept pieces from being cached, one line.
    #[must_use]
    pub fn cache_problem(&self) -> Option<String> {
        let problem = &self.cache.as_ref()?.problem;
        let problem = problem.lock().unwrap_or_else(PoisonError::into_inner);
        let problem = problem.as_ref()?;
        Some(format!("pieces of the scene are not cached: {problem}"))
    }

    /// What it is made of.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The scene's name among its files.
    #[must_use]
    pub fn scene(&self) -> &Path {
        Path::new(&self.manifest.scene)
    }

    /// Light that goes with the scene.
    #[must_use]
    pub fn environment(&self) -> Option<&Environment> {
        self.manifest.environment.as_ref()
    }

    /// The bytes of one of its files, every piece checked.
    ///
    /// # Errors
    /// Names every piece of the file that is missing or corrupt.
    pub fn bytes(&self, file: &PackedFile) -> Result<Vec<u8>, Error> {
        let label = || self.label(Path::new(&file.name));
        let mut bytes = Vec::new();
        let length = usize::try_from(file.bytes()).unwrap_or(usize::MAX);
        (bytes.try_reserve_exact(length)).map_err(|_| Error::Manifest {
            manifest: label(),
            what: format!("its {length} bytes do not fit into memory"),
        })?;
        bytes.resize(length, 0);
        let mut rest = bytes.as_mut_slice();
        let mut parts = Vec::with_capacity(file.pieces.len());
        for piece in &file.pieces {
            let (part, tail) = rest.split_at_mut(piece.bytes as usize);
            parts.push((piece, part));
            rest = tail;
        }
        let bad: Vec<Bad> = self.place.install(|| {
            (parts.into_par_iter())
                .filter_map(|(piece, part)| self.fetch(piece, part).err())
                .collect()
        });
        let mut named = Vec::with_capacity(bad.len());
        for bad in bad {
            match bad {
                Bad::Piece(what) => named.push(what),
                Bad::Place(error) => return Err(error),
            }
        }
        if !named.is_empty() {
            return Err(Error::Pieces {
                file: label(),
                n_pieces: file.pieces.len(),
                bad: named,
            });
        }
        Ok(bytes)
    }

    /// Fills `part` with the bytes of `piece`, or says what is wrong with it.
    fn fetch(&self, piece: &Piece, part: &mut [u8]) -> Result<(), Bad> {
        let name = piece.name();
        if let Some(cache) = &self.cache
            && let Ok(bytes) = cache.folder.get(&name)
            && piece.is(&bytes)
        {
            part.copy_from_slice(&bytes);
            return Ok(());
        }
        match self.place.get(&name) {
            Ok(bytes) if piece.is(&bytes) => {
                part.copy_from_slice(&bytes);
                if let Some(cache) = &self.cache
                    && let Err(error) = cache.folder.keep(&name, &bytes)
                {
                    let problem = cache.problem.lock();
                    *problem.unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
                Ok(())
            }
            Ok(bytes) if bytes.len() as u64 != piece.bytes => Err(Bad::Piece(format!(
                "{name} is corrupt ({} bytes of {})",
                bytes.len(),
                piece.bytes
            ))),
            Ok(_) => Err(Bad::Piece(format!("{name} is corrupt"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Bad::Piece(format!("{name} is missing")))
            }
            Err(error) => Err(Bad::Place(self.place.error(&name, error))),
        }
    }
}

impl Files for Pack {
    fn open(&self, name: &Path) -> io::Result<FileBytes> {
        let Some(file) = self.manifest.file(name) else {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the scene was packed without it",
            ));
        };
        self.bytes(file).map(FileBytes::Read).map_err(|error| {
            let said = io::Error::other(error.to_string());
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(error);
            said
        })
    }

    fn size(&self, name: &Path) -> u64 {
        self.manifest.file(name).map_or(0, PackedFile::bytes)
    }

    fn label(&self, name: &Path) -> String {
        format!("{}/{}", self.place.label(), name.display())
    }
}
