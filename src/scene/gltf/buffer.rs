//! Buffers and buffer views: bytes, each buffer read once and only when something in it is used.

use super::error::Fault;
use super::{extension, uri};
use gltf::json::{self, Root};
use std::borrow::Cow;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The bytes of a file's buffers.
pub(super) struct Buffers<'a> {
    root: &'a Root,
    folder: &'a Path,
    bin: Option<&'a [u8]>,
    loaded: Vec<OnceLock<Cow<'a, [u8]>>>,
    /// Held while a buffer is read, lest two threads read the same one.
    reading: Mutex<()>,
}

impl<'a> Buffers<'a> {
    /// Nothing is read yet. `bin` is the binary chunk of a `.glb`.
    pub(super) fn new(root: &'a Root, folder: &'a Path, bin: Option<&'a [u8]>) -> Self {
        let loaded = root.buffers.iter().map(|_| OnceLock::new()).collect();
        Self {
            root,
            folder,
            bin,
            loaded,
            reading: Mutex::new(()),
        }
    }

    /// The bytes of buffer view `index`, and its stride if it states one. `user` is the JSON
    /// pointer of the property that holds the index.
    ///
    /// # Errors
    /// When the view or its buffer is missing, reaches too far, or cannot be read.
    pub(super) fn view(&self, index: usize, user: &str) -> Result<(&[u8], Option<usize>), Fault> {
        let Some(view) = self.root.buffer_views.get(index) else {
            return Err(Fault::invalid(
                user,
                format!("there is no buffer view {index}"),
            ));
        };
        let path = format!("/bufferViews/{index}");
        let buffer = self.buffer(view, &path)?;
        let start = view.byte_offset.map_or(0, |offset| offset.0);
        let bytes = start
            .checked_add(view.byte_length.0)
            .and_then(|end| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?))
            .and_then(|range| buffer.get(range));
        let Some(bytes) = bytes else {
            return Err(Fault::invalid(
                path,
                format!(
                    "bytes {start} to {start} + {} of a buffer of {} bytes",
                    view.byte_length.0,
                    buffer.len()
                ),
            ));
        };
        Ok((bytes, view.byte_stride.map(|stride| stride.0)))
    }

    /// The hashes of the external buffers read so far, in the file's order.
    pub(super) fn external_hashes(&self) -> impl Iterator<Item = blake3::Hash> {
        let buffers = self.root.buffers.iter().zip(&self.loaded);
        let external =
            buffers.filter(|(buffer, _)| buffer.uri.as_deref().is_some_and(uri::is_external));
        external
            .filter_map(|(_, bytes)| bytes.get())
            .map(|bytes| blake3::hash(bytes))
    }

    fn buffer(&self, view: &json::buffer::View, view_path: &str) -> Result<&[u8], Fault> {
        let index = view.buffer.value();
        let (Some(cell), Some(buffer)) = (self.loaded.get(index), self.root.buffers.get(index))
        else {
            return Err(Fault::invalid(
                format!("{view_path}/buffer"),
                format!("there is no buffer {index}"),
            ));
        };
        if let Some(bytes) = cell.get() {
            return Ok(bytes);
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = cell.get() {
            return Ok(bytes);
        }
        let path = format!("/buffers/{index}");
        let bytes = match (&buffer.uri, self.bin) {
            (Some(uri), _) => Cow::Owned(uri::read(uri, self.folder, &format!("{path}/uri"))?),
            (None, Some(bin)) if index == 0 => Cow::Borrowed(bin),
            (None, _) => return Err(without_bytes(view, &path)),
        };
        let stated = buffer.byte_length.0;
        if (bytes.len() as u64) < stated {
            return Err(Fault::invalid(
                format!("{path}/byteLength"),
                format!("states {stated} bytes, but there are {}", bytes.len()),
            )
            .cure("the data is cut off: copy or export the file again"));
        }
        Ok(cell.get_or_init(|| bytes))
    }
}

/// Why a buffer has neither URI nor binary chunk.
fn without_bytes(view: &json::buffer::View, path: &str) -> Fault {
    let extensions = view
        .extensions
        .iter()
        .flat_map(|extensions| extensions.others.keys());
    match extensions
        .map(String::as_str)
        .find(|name| name.ends_with("_meshopt_compression"))
    {
        Some(name) => Fault::unsupported(
            path,
            format!("holds its data in {name} only, which is not read"),
            extension::cure(name),
        ),
        None => Fault::invalid(path, "has no URI, and is not the binary chunk of a .glb"),
    }
}
