//! A frame whose devices fail.

use super::backend::{Crew, Rendered};
use super::keeper::Keeper;
use super::memory::Budget;
use super::*;
use crate::film::Film;
use crate::image::exr;
use crate::integrator::gpu::{self, Fault};
use crate::integrator::{self, DeviceKind, Pass, Progress, Work, Worker, cpu};
use crate::kernel::Simd;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

/// A crew of the CPU which, after so many tiles, gives up as a GPU does that fails for good.
struct Failing(Option<u64>);

/// The CPU, which counts.
struct Counting<'a> {
    cpu: cpu::Cpu<'a>,
    left: Option<u64>,
}

impl Worker for Counting<'_> {
    fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), integrator::Error> {
        if let Some(left) = &mut self.left {
            if *left == 0 {
                return Err(gpu::Error::GivenUp {
                    adapter: "a GPU".to_owned(),
                    fault: Fault::Lost("reset".to_owned()),
                }
                .into());
            }
            *left -= 1;
        }
        self.cpu.work(pass, samples)
    }
}

impl Crew for Failing {
    fn kind(&self) -> DeviceKind {
        DeviceKind::Cpu
    }

    fn render(
        self,
        compiled: &Compiled,
        film: &mut Film,
        work: &mut Work,
        _memory: &Budget,
        keeper: &mut Keeper<'_>,
        observer: &dyn Observer,
    ) -> Result<Rendered, Error> {
        let cpu = cpu::Cpu::new(compiled, Simd::detect(), film.has_variance());
        let mut workers: [Box<dyn Worker + '_>; 1] = [Box::new(Counting { cpu, left: self.0 })];
        keeper.resume(DeviceKind::Cpu, film, work);
        let between = &mut |_: &Film, _: &Work| {};
        let stats = integrator::render(&mut workers, work, film, observer, between)?;
        Ok(Rendered {
            stats,
            kind: DeviceKind::Cpu,
            simd: "",
            devices: Vec::new(),
        })
    }
}

/// Remembers what is said.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>);

impl RenderControl for Listener {
    fn report(&self, _progress: Progress) {}

    fn should_stop(&self) -> bool {
        false
    }
}

impl Observer for Listener {
    fn enter(&self, _stage: Stage) {}

    fn note(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    fn warn(&self, line: &str) {
        self.note(line);
    }
}

fn plan(directory: &Path, name: &str) -> FramePlan {
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/scenes/room.glb");
    let precision = exr::Precision::Float;
    let output = OutputPlan {
        path: directory.join(name),
        format: OutputFormat::Exr { precision },
    };
    FramePlan {
        size: Some((100, 80)),
        spp: 2,
        max_depth: 2,
        ..FramePlan::new(scene, output)
    }
}

#[test]
fn a_device_that_fails_for_good_leaves_what_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let frame = plan(directory.path(), "frame.exr");
    let listener = Listener::default();
    let failure = make_frame(&frame, Failing(Some(2)), &listener).unwrap_err();
    assert!(failure.is_temporary(), "{failure}");
    assert!(failure.to_string().contains("a GPU failed twice"));
    assert!(!frame.output.path.exists(), "half a picture");
    let said = listener.0.lock().unwrap().join("\n");
    let kept = frame.checkpoint_path();
    assert!(said.contains(&format!("kept in {}", kept.display())));
    assert!(kept.exists());

    // the same command goes on, and what was done is not done again
    let listener = Listener::default();
    let report = make_frame(&frame, Failing(None), &listener).unwrap();
    assert_eq!(report.ending, Ending::Finished);
    assert!(report.stats.paths < 100 * 80 * 2);
    let said = listener.0.lock().unwrap().join("\n");
    assert!(said.contains("Going on from"), "{said}");
    assert!(!kept.exists());
    let whole = plan(directory.path(), "whole.exr");
    make_frame(&whole, Failing(None), &Listener::default()).unwrap();
    let [found, expected] = [frame, whole].map(|p| std::fs::read(p.output.path).unwrap());
    assert!(found == expected, "the picture knows of the failure");
}

#[test]
fn a_device_that_fails_at_once_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let frame = plan(directory.path(), "frame.exr");
    make_frame(&frame, Failing(Some(0)), &Listener::default()).unwrap_err();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// Whether a finished picture is that of a scene is asked without reading geometry and images.
#[test]
fn a_scene_is_known_by_its_bytes_as_it_is_when_loaded() {
    let scenes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/scenes");
    for name in ["room.glb", "lamps.glb", "textures.glb"] {
        let mut frame = plan(Path::new("nowhere"), "frame.exr");
        frame.scene = scenes.join(name);
        let loaded = load::load(&frame, &Listener::default()).unwrap().provenance;
        let known = load::identify(&frame).unwrap();
        let hashes = |p: &crate::output::Provenance| (p.scene_hash, p.settings_hash);
        assert_eq!(hashes(&known), hashes(&loaded), "{name}");
        assert_eq!(known.settings, loaded.settings, "{name}");
        assert_eq!(known.xmp, loaded.xmp, "{name}");
    }
}
