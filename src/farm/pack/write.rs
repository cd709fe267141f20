//! Packing: files into pieces, the new ones into the place.

use super::manifest::{Environment, Manifest, PackedFile, Piece};
use super::{Error, MANIFEST_EXTENSION, Place, chunk};
use crate::scene::gltf::references;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files up to this long are packed side by side, each by one thread; a longer one alone, a window
/// of this length at a time by all threads, while the next is read. Bounds memory, bytes.
const WINDOW: usize = 32 << 20;

/// A scene to pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The .gltf or .glb file.
    pub scene: PathBuf,
    /// Light to go with it.
    pub environment: Option<EnvironmentSource>,
}

/// An environment to go with a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentSource {
    /// The .hdr or .exr file.
    pub path: PathBuf,
    /// Rotation about +Y, degrees, counter-clockwise seen from above.
    pub rotation_deg: f32,
    /// Radiance multiplier, at least 0.
    pub strength: f32,
}

/// What packing a scene did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Where to find the manifest.
    pub manifest: String,
    /// Files packed.
    pub n_files: usize,
    /// Their length.
    pub bytes: u64,
    /// Pieces they are made of.
    pub n_pieces: usize,
    /// Pieces the place did not hold yet.
    pub n_new_pieces: usize,
    /// Their length.
    pub new_bytes: u64,
    /// Files that the scene refers to and that are not there, one line each.
    pub warnings: Vec<String>,
}

/// Packs a scene with the files it refers to into `place`, in the current rayon pool. `told` is told how many bytes are
/// in their place, and of how many.
///
/// # Errors
/// When a file cannot be read, the scene is no glTF, or the place cannot be written. The manifest
/// is written last, so that an older one stays usable.
pub fn pack(
    source: &Source,
    place: &Place,
    told: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, Error> {
    let scene_path = &source.scene;
    let (Some(scene), folder) = (scene_path.file_name(), scene_path.parent()) else {
        return Err(Error::NoName(scene_path.clone()));
    };
    let scene = scene.to_string_lossy().into_owned();
    let label = scene_path.display().to_string();
    let bytes = std::fs::read(scene_path).map_err(|error| unread(scene_path, error))?;
    let folder = folder.unwrap_or(Path::new(""));

    let mut report = Report::default();
    let mut paths = BTreeMap::from([(scene.clone(), scene_path.clone())]);
    for reference in references(&bytes, &label)? {
        let path = folder.join(&reference.file);
        if path.is_file() {
            paths.insert(slashed(&reference.file), path);
        } else {
            report.warnings.push(format!(
                "{label}: {}: there is no file {}: packed without it",
                reference.pointer,
                path.display()
            ));
        }
    }
    drop(bytes);

    let environment = source.environment.as_ref();
    let all = paths.values().chain(environment.map(|light| &light.path));
    let total = all.map(|path| path.metadata().map_or(0, |metadata| metadata.len()));
    let packer = Packer::new(place, total.sum(), told);
    let (files, environment) = place.install(|| {
        let files = packer.files(&paths)?;
        let environment = environment.map(|environment| packer.environment(environment));
        Ok::<_, Error>((files, environment.transpose()?))
    })?;
    place.settle()?;
    let manifest = Manifest {
        scene,
        files,
        environment,
    };
    let name = format!("{}.{MANIFEST_EXTENSION}", manifest.scene);
    place.put_manifest(&name, &manifest.to_json())?;
    packer.count(&manifest, &mut report);
    report.manifest = format!("{}/{name}", place.label());
    Ok(report)
}

fn unread(path: &Path, source: io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

/// A relative path with its parts divided by `/` on every system.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// One call of [`pack`].
struct Packer<'a> {
    place: &'a Place,
    /// Bytes that were packed, …
    done: AtomicU64,
    /// … of how many, …
    total: u64,
    /// … for whoever wants to know.
    told: &'a (dyn Fn(u64, u64) + Sync),
    /// Names of the pieces seen so far.
    seen: Mutex<HashSet<String>>,
    /// The pieces that the place did not hold.
    new: Mutex<Vec<u64>>,
}

impl<'a> Packer<'a> {
    fn new(place: &'a Place, total: u64, told: &'a (dyn Fn(u64, u64) + Sync)) -> Self {
        Self {
            place,
            done: AtomicU64::new(0),
            total,
            told,
            seen: Mutex::default(),
            new: Mutex::default(),
        }
    }

    /// Packs files of these names and paths, in the order of the names.
    fn files(&self, paths: &BTreeMap<String, PathBuf>) -> Result<Vec<PackedFile>, Error> {
        let is_long = |path: &Path| {
            let metadata = path.metadata().map_err(|error| unread(path, error))?;
            Ok::<bool, Error>(metadata.len() > WINDOW as u64)
        };
        let short = paths.par_iter().map(|(name, path)| {
            if is_long(path)? {
                return Ok(None);
            }
            let bytes = std::fs::read(path).map_err(|error| unread(path, error))?;
            let ranges = chunk::cut(&bytes, true).into_iter();
            let pieces = ranges.map(|range| self.piece(&bytes[range]));
            let pieces = pieces.collect::<Result<_, Error>>()?;
            let name = name.clone();
            Ok(Some(PackedFile { name, pieces }))
        });
        let short: Vec<Option<PackedFile>> = short.collect::<Result<_, Error>>()?;
        let all = paths.iter().zip(short);
        all.map(|((name, path), file)| match file {
            Some(file) => Ok(file),
            None => self.long_file(name, path),
        })
        .collect()
    }

    fn environment(&self, source: &EnvironmentSource) -> Result<Environment, Error> {
        let name = source.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let path = &source.path;
        path.metadata().map_err(|error| unread(path, error))?;
        Ok(Environment {
            file: self.long_file(&name, path)?,
            rotation_deg: source.rotation_deg,
            strength: source.strength,
        })
    }

    /// Packs a file of any length.
    fn long_file(&self, name: &str, path: &Path) -> Result<PackedFile, Error> {
        let mut file = File::open(path).map_err(|error| unread(path, error))?;
        // Fills a window; true at the end of the file.
        let mut fill = |window: &mut Vec<u8>| {
            let wanted = (WINDOW - window.len()) as u64;
            let n_read = (&mut file).take(wanted).read_to_end(window);
            Ok::<_, Error>((n_read.map_err(|error| unread(path, error))? as u64) < wanted)
        };
        let mut pieces = Vec::new();
        let (mut window, mut next) = (Vec::with_capacity(WINDOW), Vec::new());
        let mut at_end = fill(&mut window)?;
        loop {
            let ranges = chunk::cut(&window, at_end);
            let cut = ranges.last().map_or(0, |range| range.end);
            next.clear();
            next.extend_from_slice(&window[cut..]);
            let (new, read) = rayon::join(
                || {
                    let new = (ranges.into_par_iter()).map(|range| self.piece(&window[range]));
                    new.collect::<Result<Vec<_>, Error>>()
                },
                || match at_end {
                    true => Ok(true),
                    false => fill(&mut next),
                },
            );
            pieces.append(&mut new?);
            if at_end {
                let name = name.to_owned();
                return Ok(PackedFile { name, pieces });
            }
            at_end = read?;
            std::mem::swap(&mut window, &mut next);
        }
    }

    /// Puts a piece into the place unless it is there.
    fn piece(&self, bytes: &[u8]) -> Result<Piece, Error> {
        let piece = Piece {
            blake3: blake3::hash(bytes).to_hex().to_string(),
            bytes: bytes.len() as u64,
        };
        let name = piece.name();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = seen.insert(name.clone());
        drop(seen);
        if is_first && !self.place.holds(&name, piece.bytes)? {
            self.place.put_piece(&name, bytes)?;
            let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
            new.push(piece.bytes);
        }
        let done = self.done.fetch_add(piece.bytes, Ordering::Relaxed) + piece.bytes;
        (self.told)(done.min(self.total), self.total);
        Ok(piece)
    }

    fn count(self, manifest: &Manifest, report: &mut Report) {
        let environment = manifest.environment.iter().map(|e| &e.file);
        for file in manifest.files.iter().chain(environment) {
            report.n_files += 1;
            report.bytes += file.bytes();
        }
        report.n_pieces = (self.seen.into_inner())
            .unwrap_or_else(PoisonError::into_inner)
            .len();
        let new = self
            .new
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        report.n_new_pieces = new.len();
        report.new_bytes = new.iter().sum();
    }
}
