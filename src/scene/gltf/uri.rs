//! The three kinds of URI a glTF file may hold: `data:`, a relative path, and those refused.

use super::error::Fault;
use super::file::FileBytes;
use super::files::Files;
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// Standard alphabet; padding may be left out, as some exporters do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads what `uri` names among the scene's `files`. `path` is its JSON pointer.
///
/// # Errors
/// When it is no relative path within the scene's folder, or the file cannot be read.
pub(super) fn read(uri: &str, files: &dyn Files, path: &str) -> Result<FileBytes, Fault> {
    if let Some(data) = strip_scheme(uri, "data") {
        return decode_data(data, path).map(FileBytes::Read);
    }
    let file = relative_path(uri, path)?;
    files.open(&file).map_err(|error| {
        Fault::invalid(
            path,
            format!("\"{}\" cannot be read: {error}", files.label(&file)),
        )
        .cure(match error.kind() {
            ErrorKind::NotFound => "put the file there, beside the scene, or mend the URI",
            _ => "see that it can be read whole",
        })
    })
}

/// The path within the scene's folder that `uri` names, if it names one.
pub(super) fn file(uri: &str) -> Option<PathBuf> {
    relative_path(uri, "").ok().filter(|_| is_external(uri))
}

/// Does `uri` name a file, rather than hold the data itself?
pub(super) fn is_external(uri: &str) -> bool {
    strip_scheme(uri, "data").is_none()
}

/// A short form of `uri` for messages.
pub(super) fn label(uri: &str) -> String {
    match strip_scheme(uri, "data") {
        Some(_) => "data URI".to_owned(),
        None => percent_decode(uri),
    }
}

fn strip_scheme<'a>(uri: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = uri.split_once(':')?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Decodes what follows `data:`.
fn decode_data(data: &str, path: &str) -> Result<Vec<u8>, Fault> {
    let Some((media_type, payload)) = data.split_once(',') else {
        return Err(Fault::invalid(path, "a data URI without a comma"));
    };
    if !media_type.ends_with(";base64") {
        return Ok(percent_decode_bytes(payload));
    }
    let decoded = if payload.contains('%') {
        BASE64.decode(percent_decode_bytes(payload))
    } else {
        BASE64.decode(payload)
    };
    decoded.map_err(|error| Fault::invalid(path, format!("a data URI with bad base64: {error}")))
}

/// The path within the scene's folder that `uri` names.
pub(super) fn relative_path(uri: &str, path: &str) -> Result<PathBuf, Fault> {
    let refuse = |what: &str| {
        Err(Fault::invalid(path, format!("\"{uri}\" {what}"))
            .cure("put the file into the scene's folder and name it by a relative path"))
    };
    // A scheme has two letters at least here, so that "C:" is told as the drive it is.
    match uri.split_once(':') {
        Some((scheme, _)) if scheme.len() == 1 => return refuse("is an absolute path"),
        Some((scheme, _)) if !scheme.contains(['/', '.', ' ', '%']) => {
            return refuse("is not a relative path; nothing is read from the network");
        }
        _ => {}
    }
    let decoded = percent_decode(uri);
    if decoded.contains('\0') {
        return refuse("holds a zero byte");
    }
    let mut inside = PathBuf::new();
    for component in Path::new(&decoded).components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir if inside.pop() => {}
            Component::ParentDir => return refuse("leads out of the scene's folder"),
            Component::RootDir | Component::Prefix(_) => return refuse("is an absolute path"),
        }
    }
    if inside.as_os_str().is_empty() {
        return refuse("names no file");
    }
    Ok(inside)
}

/// Replaces `%XX`; anything else, and what would be no UTF-8, stays as it is.
fn percent_decode(text: &str) -> String {
    String::from_utf8(percent_decode_bytes(text)).unwrap_or_else(|_| text.to_owned())
}

fn percent_decode_bytes(text: &str) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|&b| char::from(b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        let tail = rest.as_slice();
        match (byte, hex(tail.first()), hex(tail.get(1))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                rest.nth(1);
            }
            _ => decoded.push(byte),
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::gltf::Folder;

    #[test]
    fn percent_signs_are_decoded_where_they_mean_something() {
        assert_eq!(
            percent_decode("Box%20With%20Spaces.bin"),
            "Box With Spaces.bin"
        );
        assert_eq!(percent_decode("%E2%9D%A4.png"), "❤.png");
        assert_eq!(percent_decode("100% wool%"), "100% wool%");
        assert_eq!(percent_decode("%ff"), "%ff");
    }

    #[test]
    fn paths_stay_in_the_folder() {
        let ok = |uri: &str| relative_path(uri, "/images/0/uri").unwrap();
        assert_eq!(ok("a/../b.png"), PathBuf::from("b.png"));
        assert_eq!(ok("./Ünïcödé ❤.png"), PathBuf::from("Ünïcödé ❤.png"));
        for bad in [
            "../b.png",
            "a/../../b.png",
            "%2e%2e/b.png",
            "/etc/passwd",
            "%2Fetc/passwd",
            "http://host/a.png",
            "file:///a.png",
            "C:/a.png",
            "",
            ".",
            "a%00b",
        ] {
            assert!(relative_path(bad, "/images/0/uri").is_err(), "{bad}");
        }
    }

    #[test]
    fn data_uris_are_decoded() {
        let ok = |uri: &str| read(uri, &Folder(Path::new(".")), "").unwrap().to_vec();
        assert_eq!(ok("data:application/octet-stream;base64,AAEC"), [0, 1, 2]);
        assert_eq!(ok("DATA:;base64,AAE"), [0, 1]);
        assert_eq!(ok("data:;base64,AAE%3D"), [0, 1]);
        assert_eq!(ok("data:,a%20b"), b"a b");
        assert!(read("data:;base64,A*", &Folder(Path::new(".")), "").is_err());
        assert!(read("data:;base64", &Folder(Path::new(".")), "").is_err());
    }
}
