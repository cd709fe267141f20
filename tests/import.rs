//! Smoke.
use skywell::scene::gltf::{LoadOptions, load};
use std::path::{Path, PathBuf};

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|e| e == "gltf" || e == "glb") {
            out.push(path);
        }
    }
}

#[test]
fn every_sample_loads_or_says_why() {
    let Some(root) = std::env::var_os("SKYWELL_TEST_DATA") else {
        println!("SKIPPED: SKYWELL_TEST_DATA is not set");
        return;
    };
    let mut files = Vec::new();
    collect(&Path::new(&root).join("assets/khronos"), &mut files);
    collect(&Path::new(&root).join("references"), &mut files);
    files.sort();
    for file in files {
        let start = std::time::Instant::now();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        match load(&file, &LoadOptions::default()) {
            Ok(scene) => {
                let triangles: usize = scene
                    .instances
                    .iter()
                    .map(|i| scene.meshes[i.mesh.0 as usize].triangles.len())
                    .sum();
                println!(
                    "{name}: {:.3}s tris {triangles} meshes {} inst {} mats {} imgs {} lights {} cams {}",
                    start.elapsed().as_secs_f32(),
                    scene.meshes.len(),
                    scene.instances.len(),
                    scene.materials.len(),
                    scene.images.len(),
                    scene.lights.len(),
                    scene.cameras.len()
                );
                for w in &scene.warnings {
                    println!("    W {}", w.replace(root.to_str().unwrap(), ""));
                }
            }
            Err(error) => println!("{name}: ERROR {error}"),
        }
    }
}
