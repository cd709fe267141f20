//! Reading a packed scene: pieces back into files, each piece checked.

use super::manifest::{Environment, Manifest, PackedFile, Piece};
use super::{Error, MANIFEST_EXTENSION, Place};
use crate::scene::gltf::{FileBytes, Files};
use rayon::prelude::*;
use std::io;
use std::path::Path;

/// A packed scene.
#[derive(Debug)]
pub struct Pack {
    place: Place,
    manifest: Manifest,
}

/// Is this the name of a packed scene's manifest?
#[must_use]
pub fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == MANIFEST_EXTENSION)
}

impl Pack {
    /// Opens the packed scene of the manifest `path`.
    ///
    /// # Errors
    /// When the manifest cannot be read, or is not as it was written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let text = path.display().to_string();
        let (place, name) = text.rsplit_once(['/', '\\']).unwrap_or((".", &text));
        let place = Place::parse(place)?;
        let json = place.get(name).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        let manifest = Manifest::from_json(&json).map_err(|what| Error::Manifest {
            manifest: text.clone(),
            what,
        })?;
        Ok(Self { place, manifest })
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
        let bad: Vec<String> = (parts.into_par_iter())
            .filter_map(|(piece, part)| self.fetch(piece, part).err())
            .collect();
        if !bad.is_empty() {
            return Err(Error::Pieces {
                file: label(),
                n_pieces: file.pieces.len(),
                bad,
            });
        }
        Ok(bytes)
    }

    /// Fills `part` with the bytes of `piece`, or says what is wrong with it.
    fn fetch(&self, piece: &Piece, part: &mut [u8]) -> Result<(), String> {
        let name = piece.name();
        match self.place.get(&name) {
            Ok(bytes) if piece.is(&bytes) => {
                part.copy_from_slice(&bytes);
                Ok(())
            }
            Ok(bytes) if bytes.len() as u64 != piece.bytes => Err(format!(
                "{name} is corrupt ({} bytes of {})",
                bytes.len(),
                piece.bytes
            )),
            Ok(_) => Err(format!("{name} is corrupt")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(format!("{name} is missing"))
            }
            Err(error) => Err(format!("{name} cannot be read ({error})")),
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
        let bytes = self.bytes(file).map_err(io::Error::other)?;
        Ok(FileBytes::Read(bytes))
    }

    fn size(&self, name: &Path) -> u64 {
        self.manifest.file(name).map_or(0, PackedFile::bytes)
    }

    fn label(&self, name: &Path) -> String {
        format!("{}/{}", self.place.label(), name.display())
    }
}
