//! What a packed scene is made of.

use serde::{Deserialize, Serialize};
use std::path::Path;

/// First words of a manifest.
const FORMAT: &str = "skywell pack 1";

/// A run of bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// BLAKE3 of the bytes, 64 lower-case hexadecimal digits; also its name.
    pub blake3: String,
    /// How many.
    pub bytes: u64,
}

impl Piece {
    /// The name of the piece within its place.
    #[must_use]
    pub fn name(&self) -> String {
        // Folders of 256 names each keep listings short.
        let folder = self.blake3.get(..2).unwrap_or_default();
        format!("pieces/{folder}/{}", self.blake3)
    }

    /// Are these its bytes?
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.bytes && blake3::hash(bytes).to_hex().as_str() == self.blake3
    }
}

/// A file of the scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFile {
    /// Its path within the scene's folder, parts divided by `/`.
    pub name: String,
    /// Its bytes, in order.
    pub pieces: Vec<Piece>,
}

impl PackedFile {
    /// Its length.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}

/// Light from outside the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The panorama.
    pub file: PackedFile,
    /// Rotation about +Y, degrees, counter-clockwise seen from above.
    pub rotation_deg: f32,
    /// Radiance multiplier, at least 0.
    pub strength: f32,
}

/// What a packed scene is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the scene among `files`.
    pub scene: String,
    /// The scene and the files it refers to.
    pub files: Vec<PackedFile>,
    /// Light from outside.
    pub environment: Option<Environment>,
}

/// The manifest as a file: with what proves it whole.
#[derive(Serialize, Deserialize)]
struct Sealed {
    format: String,
    /// BLAKE3 of `content` as compact JSON.
    blake3: String,
    content: Manifest,
}

impl Manifest {
    /// The manifest's file, JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let sealed = Sealed {
            format: FORMAT.to_owned(),
            blake3: self.seal(),
            content: self.clone(),
        };
        // Plain numbers and strings have no way to fail.
        let mut json = serde_json::to_vec_pretty(&sealed).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Reads a manifest's file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let sealed: Sealed = serde_json::from_slice(json)
            .map_err(|error| format!("is no manifest of a pack ({error})"))?;
        if sealed.format != FORMAT {
            return Err(format!(
                "is of the format \"{}\", only \"{FORMAT}\" is read",
                sealed.format
            ));
        }
        if sealed.blake3 != sealed.content.seal() {
            return Err("was changed or damaged: its BLAKE3 is another".to_owned());
        }
        Ok(sealed.content)
    }

    /// The file called `name`, a path within the scene's folder.
    #[must_use]
    pub fn file(&self, name: &Path) -> Option<&PackedFile> {
        self.files.iter().find(|file| Path::new(&file.name) == name)
    }

    fn seal(&self) -> String {
        let compact = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&compact).to_hex().to_string()
    }
}
