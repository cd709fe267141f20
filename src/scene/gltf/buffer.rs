//! Buffers and buffer views: bytes, each buffer read once and only when something in it is used.

use super::budget::Budget;
use super::error::Fault;
use super::file::FileBytes;
use super::lazy::Lazy;
use super::meshopt::{self, Compressed};
use super::{Files, uri};
use gltf::json::{self, Root};
use std::collections::HashMap;
use std::path::PathBuf;

/// What holds the bytes of a buffer. Buffers of one file are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Holder {
    /// A file beside the scene.
    File(PathBuf),
    /// Nothing but the buffer of this index.
    Own(usize),
}

impl Holder {
    /// That of buffer `index`.
    pub(super) fn of(root: &Root, index: usize) -> Self {
        let uri = root.buffers.get(index).and_then(|b| b.uri.as_deref());
        uri.and_then(uri::file).map_or(Self::Own(index), Self::File)
    }
}
use rayon::prelude::*;

/// Stands for the hash of a file that is not there.
const NO_FILE: blake3::Hash = blake3::Hash::from_bytes([0; 32]);

/// The bytes of a file's buffers.
pub(super) struct Buffers<'a> {
    root: &'a Root,
    files: &'a dyn Files,
    file: &'a FileBytes,
    bin: Option<&'a [u8]>,
    /// By buffer: the first that is the same, most often itself.
    same: Vec<usize>,
    /// By buffer: the files and data URIs read so far.
    loaded: Vec<Lazy<FileBytes>>,
    /// By buffer view: those that were compressed, decoded. In words, for alignment.
    decoded: Vec<Lazy<Vec<u64>>>,
    budget: Budget,
}

/// The bytes of a buffer view.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// All of them.
    pub(super) bytes: &'a [u8],
    /// From one element to the next, if the view states it.
    pub(super) stride: Option<usize>,
    /// What to give large parts back to once they are decoded.
    pub(super) owner: Option<&'a FileBytes>,
}

impl<'a> Buffers<'a> {
    /// Nothing is read yet. `bin` is the binary chunk of `file`, when that is a `.glb`.
    pub(super) fn new(
        root: &'a Root,
        files: &'a dyn Files,
        file: &'a FileBytes,
        bin: Option<&'a [u8]>,
    ) -> Self {
        let mut first = HashMap::new();
        let same = (0..root.buffers.len())
            .map(|index| *first.entry(Holder::of(root, index)).or_insert(index))
            .collect();
        let size = |holder: &Holder| match holder {
            Holder::File(file) => files.size(file),
            Holder::Own(_) => 0,
        };
        let external: u64 = first.keys().map(size).sum();
        Self {
            root,
            files,
            file,
            bin,
            same,
            loaded: root.buffers.iter().map(|_| Lazy::new()).collect(),
            decoded: root.buffer_views.iter().map(|_| Lazy::new()).collect(),
            budget: Budget::new(external.saturating_add(file.len() as u64)),
        }
    }

    /// What memory the scene may still ask for.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The bytes of buffer view `index`, decoded if they are compressed. `user` is the JSON
    /// pointer of the property that holds the index.
    ///
    /// # Errors
    /// When the view or its buffer is missing, reaches too far, or cannot be read or decoded.
    pub(super) fn view(&self, index: usize, user: &str) -> Result<View<'_>, Fault> {
        let (Some(view), Some(decoded)) =
            (self.root.buffer_views.get(index), self.decoded.get(index))
        else {
            return Err(Fault::invalid(
                user,
                format!("there is no buffer view {index}"),
            ));
        };
        let path = format!("/bufferViews/{index}");
        let Some(compressed) = Compressed::of(view, &path)? else {
            let range = Range {
                buffer: view.buffer.value(),
                start: view.byte_offset.map_or(0, |offset| offset.0),
                length: view.byte_length.0,
            };
            let (bytes, owner) = self.range(range, &path)?;
            let stride = view.byte_stride.map(|stride| stride.0);
            return Ok(View {
                bytes,
                stride,
                owner: Some(owner),
            });
        };
        let words = decoded.get_or_try(|| {
            self.budget.take(compressed.decoded_bytes(), &path)?;
            let (source, _) = self.range(compressed.source, &compressed.path)?;
            meshopt::decode(&compressed, source)
        })?;
        let bytes: &[u8] = bytemuck::cast_slice(words);
        Ok(View {
            bytes: bytes
                .get(..compressed.decoded_bytes() as usize)
                .unwrap_or(bytes),
            stride: compressed.stride_of_elements(),
            owner: None,
        })
    }

    /// Frees what was decoded of compressed views: the geometry has been read.
    pub(super) fn forget_decoded(&mut self) {
        self.decoded.fill_with(Lazy::new);
    }

    /// The hashes of the external buffers, in the file's order, be anything of them used or not: who does not read the
    /// geometry cannot tell. One that cannot be read, which then nothing uses, has a hash of zeros.
    pub(super) fn external_hashes(&self) -> Vec<blake3::Hash> {
        let buffers: Vec<_> = self.root.buffers.iter().zip(&self.loaded).collect();
        let hash = |(buffer, loaded): &(&json::Buffer, &Lazy<FileBytes>)| {
            let name = buffer.uri.as_deref().filter(|uri| uri::is_external(uri))?;
            let read = || uri::read(name, self.files, "").map(|file| file.hash());
            let hash = loaded.get().map(FileBytes::hash);
            Some(hash.or_else(|| read().ok()).unwrap_or(NO_FILE))
        };
        buffers.par_iter().filter_map(hash).collect()
    }

    /// Some bytes of a buffer, and what holds them. `path` is that of the object that names them.
    fn range(&self, range: Range, path: &str) -> Result<(&[u8], &FileBytes), Fault> {
        let Range {
            buffer,
            start,
            length,
        } = range;
        let (buffer, owner) = self.buffer(buffer, path)?;
        let bytes = start
            .checked_add(length)
            .and_then(|end| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
            .and_then(|range| buffer.get(range));
        match bytes {
            Some(bytes) => Ok((bytes, owner)),
            None => Err(Fault::invalid(
                path,
                format!(
                    "bytes {start} to {start} + {length} of a buffer of {} bytes",
                    buffer.len()
                ),
            )),
        }
    }

    fn buffer(&self, index: usize, user: &str) -> Result<(&[u8], &FileBytes), Fault> {
        let loaded = self.same.get(index).and_then(|&same| self.loaded.get(same));
        let (Some(loaded), Some(buffer)) = (loaded, self.root.buffers.get(index)) else {
            return Err(Fault::invalid(
                format!("{user}/buffer"),
                format!("there is no buffer {index}"),
            ));
        };
        let path = format!("/buffers/{index}");
        let (bytes, owner) = match (&buffer.uri, self.bin) {
            (Some(uri), _) => {
                let read = || uri::read(uri, self.files, &format!("{path}/uri"));
                let file = loaded.get_or_try(read)?;
                (&**file, file)
            }
            (None, Some(bin)) if index == 0 => (bin, self.file),
            (None, _) => return Err(without_bytes(buffer, user, &path)),
        };
        let stated = buffer.byte_length.0;
        if (bytes.len() as u64) < stated {
            return Err(Fault::invalid(
                format!("{path}/byteLength"),
                format!("states {stated} bytes, but there are {}", bytes.len()),
            )
            .cure("the data is cut off: copy or export the file again"));
        }
        Ok((bytes, owner))
    }
}

/// Bytes of a buffer.
#[derive(Clone, Copy)]
pub(super) struct Range {
    /// Index of the buffer.
    pub(super) buffer: usize,
    /// First byte.
    pub(super) start: u64,
    /// How many.
    pub(super) length: u64,
}

/// Why a buffer has neither URI nor binary chunk.
fn without_bytes(buffer: &json::Buffer, user: &str, path: &str) -> Fault {
    if meshopt::is_fallback(buffer) {
        let what = "is uncompressed, but its buffer is only the stand-in for compressed data";
        return Fault::invalid(user, what);
    }
    Fault::invalid(path, "has no URI, and is not the binary chunk of a .glb")
}
