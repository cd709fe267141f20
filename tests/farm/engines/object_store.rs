//! Packed scenes in an object store: a real server that speaks S3, on this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::shot::{Shot, is_there};

const FLAGS: &str = "--size 32x18 --spp 2 --backend cpu";

/// Bare requests are signed too, if by nobody: this server takes the signature's word for it.
const AUTHORIZATION: &str = "Authorization: AWS4-HMAC-SHA256 \
    Credential=someone/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// A server with one bucket, `films`, ended when dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        // A port that is free now will hardly be taken in the moment until the server has it.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port };
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "no server");
            std::thread::sleep(Duration::from_millis(50));
        }
        server.request("PUT", "", b"");
        server
    }

    /// A bare request about what is called `name` in the bucket; the body of the answer.
    fn request(&self, method: &str, name: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let head = format!(
            "{method} /films{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             {AUTHORIZATION}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(
            answer.starts_with(b"HTTP/1.1 20"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        answer.split_off(end + 4)
    }

    /// Names of the pieces in the bucket.
    fn pieces(&self) -> Vec<String> {
        let listing = String::from_utf8(self.request("GET", "", b"")).unwrap();
        let keys = listing.split("<Key>").skip(1);
        keys.map(|rest| format!("/{}", rest.split('<').next().unwrap()))
            .filter(|name| name.contains("/pieces/"))
            .collect()
    }

    /// `skywell` with these words, as someone who may use the bucket.
    fn skywell(&self, shot: &Shot, words: &str) -> Output {
        shot.skywell(words)
            .env("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port))
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "someone")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .output()
            .unwrap()
    }

    /// What it said; it must end with `code`.
    fn said(&self, shot: &Shot, words: &str, code: i32) -> String {
        let output = self.skywell(shot, words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_scene_in_an_object_store_renders_to_the_same_bytes() {
    if !is_there(Path::new("moto_server")) {
        return;
    }
    let server = Server::start();
    let shot = Shot::new();
    shot.run(&format!("render in/shot.gltf -o straight/b.exr {FLAGS}"));
    let pack = "pack in/shot.gltf -o s3://films/seq010/packs";
    let said = server.said(&shot, pack, 0);
    assert!(
        said.contains("2 files") && said.contains("2 pieces of"),
        "{said}"
    );
    let said = server.said(&shot, pack, 0);
    assert!(said.contains("; 0 pieces of"), "{said}");

    // Nothing but the store is needed.
    std::fs::remove_dir_all(shot.path("in")).unwrap();
    let scene = "s3://films/seq010/packs/shot.gltf.pack";
    let render = format!("render {scene} {FLAGS} -o out/b.exr");
    let read = |name: &str| std::fs::read(shot.path(name)).unwrap();
    server.said(&shot, &render, 0);
    assert!(read("out/b.exr") == read("straight/b.exr"));
    let cached = format!("{render} --cache kept");
    server.said(&shot, &cached, 0);

    let pieces = server.pieces();
    assert_eq!(pieces.len(), 2);
    for piece in &pieces {
        let whole = server.request("GET", piece, b"");
        let name = piece.rsplit('/').next().unwrap();
        let mut damaged = whole.clone();
        damaged[0] ^= 1;
        server.request("PUT", piece, &damaged);
        let said = server.said(&shot, &render, 1);
        assert!(said.contains(&format!("{name} is corrupt")), "{said}");
        server.request("DELETE", piece, b"");
        let said = server.said(&shot, &render, 1);
        assert!(said.contains(&format!("{name} is missing")), "{said}");
        // What was fetched before is not fetched again.
        server.said(&shot, &cached, 0);
        assert!(read("out/b.exr") == read("straight/b.exr"));
        server.request("PUT", piece, &whole);
    }
    // A damaged piece in the cache is fetched anew.
    let name = pieces[0].strip_prefix("/seq010/packs/").unwrap();
    std::fs::write(shot.path("kept").join(name), "none").unwrap();
    server.said(&shot, &cached, 0);
    assert_ne!(
        std::fs::read(shot.path("kept").join(name)).unwrap(),
        b"none"
    );
    // A cache that cannot be written is a pity, and said.
    std::fs::write(shot.path("full"), "a file, no folder").unwrap();
    let said = server.said(&shot, &format!("{render} --cache full"), 0);
    assert_eq!(
        said.matches("Warning: pieces of the scene are not cached")
            .count(),
        1
    );

    let said = server.said(&shot, &render.replace("shot.gltf", "none.gltf"), 1);
    assert!(
        said.contains("s3://films/seq010/packs/none.gltf.pack: "),
        "{said}"
    );
}

/// Another machine, or another time, may have better luck.
#[test]
fn a_store_that_does_not_answer_is_tried_elsewhere() {
    let shot = Shot::new();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let output = shot
        .skywell("render s3://films/shot.gltf.pack -o out/b.exr")
        .env("AWS_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "someone")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(
        said.contains("Error: s3://films/shot.gltf.pack: "),
        "{said}"
    );
}
