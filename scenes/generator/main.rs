//! Makes the scenes that ship with Skywell, from nothing but this code.
//!
//! `cargo run --release --example generate_scenes` writes `scenes/skywell.glb`: the court of a
//! southern Chinese house, open to the sky, with daylight falling on water, glazed tiles, bronze,
//! paper lanterns and glowing coals; and the small scenes of the image tests. The output is a pure function of the source: running it again
//! gives the same bytes.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

mod courtyard;
mod document;
mod garden;
mod house;
mod materials;
mod shapes;
mod suite;
mod textures;

use document::Document;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    save(&root.join("scenes/skywell.glb"), courtyard::build()?)?;
    for (name, scene) in suite::build()? {
        save(&root.join(format!("tests/images/scenes/{name}.glb")), scene)?;
    }
    Ok(())
}

fn save(path: &Path, scene: Document) -> anyhow::Result<()> {
    let glb = scene.into_glb()?;
    std::fs::write(path, &glb)?;
    println!("{}: {} bytes", path.display(), glb.len());
    Ok(())
}
