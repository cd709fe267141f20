//! The outermost layer: telling `.glb` from `.gltf` by content, and splitting a `.glb` in chunks.

use super::error::Fault;
use gltf::binary::Glb;
use std::borrow::Cow;

const MAGIC: &[u8] = b"glTF";
const HEADER_LENGTH: usize = 12;
const TRUNCATED: &str = "copy or download the file again";

/// A glTF file's two parts.
#[derive(Debug)]
pub(super) struct Container<'a> {
    /// The JSON text.
    pub(super) json: &'a [u8],
    /// The binary chunk of a `.glb`, if it has one.
    pub(super) bin: Option<&'a [u8]>,
}

impl<'a> Container<'a> {
    /// Splits the bytes of a file.
    ///
    /// # Errors
    /// When a `.glb` is cut off, of another version, or made of unknown chunks.
    pub(super) fn split(bytes: &'a [u8]) -> Result<Self, Fault> {
        if !bytes.starts_with(MAGIC) {
            // A byte order mark is forbidden by the specification, but harmless.
            let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            return Ok(Self { json, bin: None });
        }
        let stated = bytes
            .get(8..HEADER_LENGTH)
            .and_then(|length| <[u8; 4]>::try_from(length).ok())
            .map(|length| u32::from_le_bytes(length) as usize);
        // `Glb::from_slice` trusts that the stated length includes the header.
        let whole = stated
            .and_then(|length| bytes.get(..length))
            .filter(|b| b.len() >= HEADER_LENGTH);
        let Some(whole) = whole else {
            let what = match stated {
                Some(length) => format!(
                    "this .glb states a length of {length} bytes, but has {}",
                    bytes.len()
                ),
                None => format!(
                    "this .glb ends after {} bytes, within its header",
                    bytes.len()
                ),
            };
            return Err(Fault::container(what, TRUNCATED));
        };
        let glb = Glb::from_slice(whole).map_err(|error| match error {
            gltf::Error::Binary(gltf::binary::Error::Version(version)) => Fault::container(
                format!("this .glb is of version {version}; only version 2 is read"),
                "convert the file to glTF 2.0",
            ),
            other => Fault::container(format!("this .glb is broken: {other}"), TRUNCATED),
        })?;
        match (glb.json, glb.bin) {
            (Cow::Borrowed(json), Some(Cow::Borrowed(bin))) => Ok(Self {
                json,
                bin: Some(bin),
            }),
            (Cow::Borrowed(json), _) => Ok(Self { json, bin: None }),
            (Cow::Owned(_), _) => Err(Fault::container(
                "this .glb cannot be split in place",
                TRUNCATED,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glb(json: &[u8], stated: u32) -> Vec<u8> {
        let mut bytes = b"glTF\x02\0\0\0".to_vec();
        bytes.extend(stated.to_le_bytes());
        bytes.extend((json.len() as u32).to_le_bytes());
        bytes.extend(b"JSON");
        bytes.extend(json);
        bytes
    }

    #[test]
    fn json_is_taken_as_it_is() {
        let container = Container::split(b"\xef\xbb\xbf{}").unwrap();
        assert_eq!(container.json, b"{}");
        assert!(container.bin.is_none());
        assert_eq!(Container::split(b"").unwrap().json, b"");
    }

    #[test]
    fn any_cut_of_a_glb_is_an_error() {
        let whole = glb(b"{}  ", 24);
        assert_eq!(Container::split(&whole).unwrap().json, b"{}  ");
        for length in 4..whole.len() {
            assert!(
                Container::split(&whole[..length]).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn lying_lengths_are_errors() {
        for stated in [0, 1, 11, 12, 13, 23, 25, u32::MAX] {
            assert!(Container::split(&glb(b"{}  ", stated)).is_err(), "{stated}");
        }
    }

    #[test]
    fn version_one_is_named() {
        let mut bytes = glb(b"{}  ", 24);
        bytes[4] = 1;
        let error = Container::split(&bytes)
            .unwrap_err()
            .in_file("old.glb")
            .to_string();
        assert!(error.contains("version 1"), "{error}");
    }
}
