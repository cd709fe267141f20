//! Packing and reading back.

use super::*;
use crate::scene::gltf::Files;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes without pattern, another for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut reader = blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof();
    let mut bytes = vec![0; length];
    reader.fill(&mut bytes);
    bytes
}

/// A folder with a scene of two external files and an environment.
struct Shot {
    folder: tempfile::TempDir,
}

impl Shot {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("maps")).unwrap();
        fs::write(path.join("shot.gltf"), scene("shot.bin")).unwrap();
        fs::write(path.join("shot.bin"), noise(1, 6 << 20)).unwrap();
        fs::write(path.join("maps/a b.png"), noise(2, 100_000)).unwrap();
        fs::write(path.join("sky.hdr"), noise(3, 300_000)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn place(&self) -> Place {
        Place::parse(self.path("pack").to_str().unwrap()).unwrap()
    }

    fn pack(&self, scene: &str) -> Report {
        let source = Source {
            scene: self.path(scene),
            environment: Some(EnvironmentSource {
                path: self.path("sky.hdr"),
                rotation_deg: 90.0,
                strength: 2.0,
            }),
        };
        pack(&source, &self.place(), &|_, _| {}).unwrap()
    }

    fn open(&self) -> Pack {
        Pack::open(&self.path("pack/shot.gltf.pack"), None).unwrap()
    }
}

fn scene(buffer: &str) -> String {
    format!(
        r#"{{"asset":{{"version":"2.0"}},"buffers":[{{"uri":"{buffer}","byteLength":9}}],
            "images":[{{"uri":"maps/a%20b.png"}},{{"uri":"gone.png"}}]}}"#
    )
}

#[test]
fn files_come_back_as_they_were() {
    let shot = Shot::new();
    let report = shot.pack("shot.gltf");
    assert_eq!(report.n_files, 4);
    assert_eq!(report.n_pieces, report.n_new_pieces);
    assert_eq!(report.warnings.len(), 1);
    assert!(report.warnings[0].contains("/images/1/uri"));
    let pack = shot.open();
    for name in ["shot.gltf", "shot.bin", "maps/a b.png"] {
        let bytes = pack.open(Path::new(name)).unwrap();
        assert!(*bytes == fs::read(shot.path(name)).unwrap(), "{name}");
    }
    let environment = pack.environment().unwrap();
    assert_eq!(
        (environment.rotation_deg, environment.strength),
        (90.0, 2.0)
    );
    let sky = pack.bytes(&environment.file).unwrap();
    assert!(sky == fs::read(shot.path("sky.hdr")).unwrap());
    assert!(pack.open(Path::new("gone.png")).is_err());
}

#[test]
fn ten_frames_ship_shared_bytes_once() {
    let shot = Shot::new();
    let first = shot.pack("shot.gltf");
    let mut shipped = 0;
    for frame in 1..10 {
        let name = format!("frame{frame}.gltf");
        let buffer = format!("frame{frame}.bin");
        fs::write(shot.path(&name), scene(&buffer)).unwrap();
        // The shared mesh, behind a pose of another length in each frame.
        let mut bytes = noise(100 + frame, 1000 + frame as usize);
        bytes.extend(noise(1, 6 << 20));
        fs::write(shot.path(&buffer), bytes).unwrap();
        shipped += shot.pack(&name).new_bytes;
    }
    // The first piece of the buffer, and the scene's own text.
    assert!(shipped < 9 * 4_300_000, "{shipped} bytes");
    assert!(shipped < first.bytes * 9 / 2, "{shipped} bytes");
    assert_eq!(shot.pack("frame9.gltf").n_new_pieces, 0);
}

#[test]
fn every_bad_piece_is_named() {
    let shot = Shot::new();
    shot.pack("shot.gltf");
    let pack = shot.open();
    let buffer = pack.manifest().file(Path::new("shot.bin")).unwrap();
    let names: Vec<String> = buffer.pieces.iter().map(Piece::name).collect();
    assert!(names.len() >= 3, "{names:?}");
    let path = |i: usize| shot.path("pack").join(&names[i]);
    fs::remove_file(path(0)).unwrap();
    let mut bytes = fs::read(path(1)).unwrap();
    bytes[1000] ^= 1;
    fs::write(path(1), &bytes).unwrap();
    fs::write(path(2), &bytes[..10]).unwrap();
    let message = pack.open(Path::new("shot.bin")).unwrap_err().to_string();
    assert!(
        message.contains(&format!("{} is missing", names[0])),
        "{message}"
    );
    assert!(
        message.contains(&format!("{} is corrupt,", names[1])),
        "{message}"
    );
    assert!(
        message.contains(&format!("{} is corrupt (10 bytes", names[2])),
        "{message}"
    );
    assert!(!message.contains(names.get(3).map_or("none", String::as_str)));
    // What is missing or has another length is written again; what only looks right is not.
    fs::remove_file(path(1)).unwrap();
    assert_eq!(shot.pack("shot.gltf").n_new_pieces, 3);
    assert!(shot.open().open(Path::new("shot.bin")).is_ok());
}

#[test]
fn a_changed_manifest_is_refused() {
    let shot = Shot::new();
    shot.pack("shot.gltf");
    let path = shot.path("pack/shot.gltf.pack");
    let text = fs::read_to_string(&path).unwrap();
    for changed in [
        text.replace("\"strength\": 2.0", "\"strength\": 3.0"),
        text.replace("skywell pack 1", "skywell pack 9"),
        text[..text.len() / 2].to_owned(),
        String::new(),
    ] {
        assert_ne!(changed, text);
        fs::write(&path, &changed).unwrap();
        let message = Pack::open(&path, None).unwrap_err().to_string();
        assert!(message.contains("shot.gltf.pack: "), "{message}");
    }
}

#[test]
fn a_long_file_is_cut_like_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let bytes = noise(5, 70 << 20);
    fs::write(path("long.bin"), &bytes).unwrap();
    fs::write(path("shot.gltf"), scene("long.bin")).unwrap();
    let place = Place::parse(path("pack").to_str().unwrap()).unwrap();
    let source = Source {
        scene: path("shot.gltf"),
        environment: None,
    };
    let last = std::sync::Mutex::new((0, 0));
    let told = |done, of| {
        let mut last = last.lock().unwrap();
        *last = (*last).max((done, of));
    };
    let report = pack(&source, &place, &told).unwrap();
    assert_eq!(*last.lock().unwrap(), (report.bytes, report.bytes));
    let pack = Pack::open(&path("pack/shot.gltf.pack"), None).unwrap();
    let file = pack.manifest().file(Path::new("long.bin")).unwrap();
    let lengths = file.pieces.iter().map(|piece| piece.bytes as usize);
    let expected = chunk::cut(&bytes, true)
        .into_iter()
        .map(|range| range.len());
    assert!(lengths.eq(expected));
    assert!(pack.bytes(file).unwrap() == bytes);
}

#[test]
fn addresses_are_not_taken_for_folders() {
    assert!(Place::parse("gopher://there").is_err());
}
