//! EXT_meshopt_compression and KHR_meshopt_compression: buffer views held in compressed form.
//!
//! Source: the two extensions' specifications; meshoptimizer's decoders (Kapoulkine), whose
//! preconditions are checked here: they state that no data can then make them go out of bounds.

use super::buffer::Range;
use super::error::Fault;
use super::properties::Properties;
use ::meshopt::ffi;
use gltf::json::{self, buffer};
use serde_json::{Map, Value};

/// The newer name first: where a view has both, that is the one read.
const NAMES: [&str; 2] = ["KHR_meshopt_compression", "EXT_meshopt_compression"];

/// What a compressed view says of itself, checked for sense.
pub(super) struct Compressed {
    /// The compressed bytes.
    pub(super) source: Range,
    /// JSON pointer of the extension object.
    pub(super) path: String,
    count: usize,
    stride: usize,
    mode: Mode,
    filter: Filter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Attributes,
    Triangles,
    Indices,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    None,
    Octahedral,
    Quaternion,
    Exponential,
    Color,
}

/// Is `buffer` the stand-in for data that is there in compressed form?
pub(super) fn is_fallback(buffer: &json::Buffer) -> bool {
    let extensions = buffer.extensions.as_ref().map(|e| &e.others);
    let object = |name: &&str| extensions.and_then(|e| e.get(*name));
    let is_true = |object: &Value| object.get("fallback") == Some(&Value::Bool(true));
    NAMES.iter().filter_map(object).any(is_true)
}

impl Compressed {
    /// What `view`, at the JSON pointer `path`, says; `None` when it is not compressed.
    ///
    /// # Errors
    /// When it contradicts itself or the extension.
    pub(super) fn of(view: &buffer::View, path: &str) -> Result<Option<Self>, Fault> {
        let extensions: Option<&Map<String, Value>> = view.extensions.as_ref().map(|e| &e.others);
        for name in NAMES {
            if let Some(properties) = Properties::extension(extensions, path, name)? {
                return Self::read(view, &properties).map(Some);
            }
        }
        Ok(None)
    }

    fn read(view: &buffer::View, properties: &Properties<'_>) -> Result<Self, Fault> {
        let word = |name: &str| properties.text(name);
        let mode = match word("mode")? {
            Some("ATTRIBUTES") => Mode::Attributes,
            Some("TRIANGLES") => Mode::Triangles,
            Some("INDICES") => Mode::Indices,
            _ => {
                let what = "is none of ATTRIBUTES, TRIANGLES and INDICES";
                return Err(Fault::invalid(properties.path("mode"), what));
            }
        };
        let filter = match word("filter")? {
            None | Some("NONE") => Filter::None,
            Some("OCTAHEDRAL") => Filter::Octahedral,
            Some("QUATERNION") => Filter::Quaternion,
            Some("EXPONENTIAL") => Filter::Exponential,
            Some("COLOR") => Filter::Color,
            Some(_) => {
                let what = "is none of NONE, OCTAHEDRAL, QUATERNION, EXPONENTIAL and COLOR";
                return Err(Fault::invalid(properties.path("filter"), what));
            }
        };
        let (count, stride) = (
            properties.unsigned("count")?,
            properties.unsigned("byteStride")?,
        );
        let stride_fits = match mode {
            Mode::Attributes => stride.is_multiple_of(4) && (4..=256).contains(&stride),
            Mode::Triangles | Mode::Indices => stride == 2 || stride == 4,
        };
        let filter_fits = match filter {
            Filter::None => true,
            Filter::Exponential => mode == Mode::Attributes,
            Filter::Quaternion => mode == Mode::Attributes && stride == 8,
            Filter::Octahedral | Filter::Color => {
                mode == Mode::Attributes && (stride == 4 || stride == 8)
            }
        };
        if !stride_fits || !filter_fits {
            let what = format!("{stride} bytes do not go with its mode and filter");
            return Err(Fault::invalid(properties.path("byteStride"), what));
        }
        if mode == Mode::Triangles && !count.is_multiple_of(3) {
            let what = format!("{count} corners make no whole triangles");
            return Err(Fault::invalid(properties.path("count"), what));
        }
        let decoded = view.byte_length.0;
        if count.checked_mul(stride) != Some(decoded) || usize::try_from(decoded).is_err() {
            let what = format!(
                "{count} elements of {stride} bytes, but the buffer view has {decoded} bytes"
            );
            return Err(Fault::invalid(properties.path("count"), what));
        }
        let stated = view.byte_stride.map(|stride| stride.0 as u64);
        if stated.is_some_and(|stated| mode == Mode::Attributes && stated != stride) {
            let what = "is not the byteStride of the buffer view";
            return Err(Fault::invalid(properties.path("byteStride"), what));
        }
        let start = match properties.has("byteOffset") {
            true => properties.unsigned("byteOffset")?,
            false => 0,
        };
        Ok(Self {
            source: Range {
                buffer: properties
                    .unsigned("buffer")?
                    .try_into()
                    .unwrap_or(usize::MAX),
                start,
                length: properties.unsigned("byteLength")?,
            },
            path: properties.own_path().to_owned(),
            count: count as usize,
            stride: stride as usize,
            mode,
            filter,
        })
    }

    /// Bytes after decoding.
    pub(super) fn decoded_bytes(&self) -> u64 {
        self.count as u64 * self.stride as u64
    }

    /// From one element to the next, where that may be more than their size.
    pub(super) fn stride_of_elements(&self) -> Option<usize> {
        (self.mode == Mode::Attributes).then_some(self.stride)
    }
}

/// Decodes `source`. The bytes are in words for alignment; the last word may be filled up.
///
/// # Errors
/// When they are not what the view says.
pub(super) fn decode(compressed: &Compressed, source: &[u8]) -> Result<Vec<u64>, Fault> {
    let Compressed {
        count,
        stride,
        mode,
        filter,
        ..
    } = *compressed;
    let n_bytes = count * stride;
    let mut words = vec![0_u64; n_bytes.div_ceil(size_of::<u64>())];
    let target = words.as_mut_ptr().cast::<std::ffi::c_void>();
    let (data, length) = (source.as_ptr(), source.len());
    #[expect(unsafe_code, reason = "meshoptimizer is a C++ library")]
    // SAFETY: `target` has room for `count` elements of `stride` bytes and is aligned for any of
    // them; `data` has `length` bytes. `Compressed::read` holds the decoders' preconditions: a
    // stride of 4, 8, … 256 for vertices, of 2 or 4 for indices, whole triangles. Given these they
    // are safe for any `data`.
    let code = unsafe {
        match mode {
            Mode::Attributes => {
                ffi::meshopt_decodeVertexBuffer(target, count, stride, data, length)
            }
            Mode::Triangles => ffi::meshopt_decodeIndexBuffer(target, count, stride, data, length),
            Mode::Indices => ffi::meshopt_decodeIndexSequence(target, count, stride, data, length),
        }
    };
    if code != 0 {
        let what = format!("does not decode to {count} elements of {stride} bytes (code {code})");
        return Err(Fault::invalid(&compressed.path, what)
            .cure("the data is cut off or damaged: copy or export the file again"));
    }
    #[expect(unsafe_code, reason = "meshoptimizer is a C++ library")]
    // SAFETY: as above; `Compressed::read` holds the filters' preconditions: strides of 4 or 8, of
    // 8, of a multiple of 4. They work in place on `count` elements of `stride` bytes.
    unsafe {
        match filter {
            Filter::None => {}
            Filter::Octahedral => ffi::meshopt_decodeFilterOct(target, count, stride),
            Filter::Quaternion => ffi::meshopt_decodeFilterQuat(target, count, stride),
            Filter::Exponential => ffi::meshopt_decodeFilterExp(target, count, stride),
            Filter::Color => ffi::meshopt_decodeFilterColor(target, count, stride),
        }
    }
    Ok(words)
}
