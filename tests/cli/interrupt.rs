//! Ctrl-C. The signals of engines are tested with the farm.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use skywell::image::exr::Attribute;

use crate::place::Place;
use crate::scene;

/// A render of years, at work: its first progress line is read.
fn at_work(place: &Place) -> (Child, BufReader<std::process::ChildStderr>) {
    let words = "scene.gltf --size 64x32 --spp 1048576 --max-depth 1024 --progress plain";
    let words: Vec<&str> = words.split(' ').collect();
    let mut command = place.command(&words);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("Rendering: ") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "ended too soon");
    }
    (child, said)
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let status = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_saves_what_is_there() {
    let place = Place::with_scene(&scene::lit());
    let (mut child, mut said) = at_work(&place);
    send("-INT", &child);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("Stopping after this sample pass"), "{rest}");
    assert!(
        rest.contains("Interrupted: saved scene.exr with "),
        "{rest}"
    );
    assert!(rest.contains("of 1048576 asked for"), "{rest}");
    let exr = place.exr("scene.exr");
    let Some(Attribute::Text(samples)) = exr.attributes.get("skywell:samples") else {
        panic!("no sample range in {:?}", exr.attributes);
    };
    let taken: u32 = samples.strip_prefix("0..").unwrap().parse().unwrap();
    assert!((1..1_048_576).contains(&taken), "{samples}");
    assert!(exr.channel("R").unwrap().iter().all(|r| *r > 0.0));
    assert_eq!(place.names(), ["scene.exr", "scene.gltf"]);
}

#[test]
fn what_is_saved_is_what_fewer_samples_give() {
    let place = Place::with_scene(&scene::lit());
    let (mut child, mut said) = at_work(&place);
    send("-INT", &child);
    said.read_to_string(&mut String::new()).unwrap();
    child.wait().unwrap();
    let saved = place.exr("scene.exr");
    let Some(Attribute::Text(samples)) = saved.attributes.get("skywell:samples") else {
        panic!("no sample range");
    };
    let taken = samples.strip_prefix("0..").unwrap();
    place.render(&format!(
        "--size 64x32 --max-depth 1024 --spp {taken} -o again.exr"
    ));
    assert_eq!(saved.channels, place.exr("again.exr").channels);
}
