//! Makes the scenes that ship with Skywell, from nothing but this code.
//!
//! `cargo run --release --example generate_scenes` writes `scenes/skywell.glb`: the court of a
//! southern Chinese house, open to the sky, with daylight falling on water, glazed tiles, bronze,
//! paper lanterns and glowing coals. The output is a pure function of the source: running it again
//! gives the same bytes.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

mod courtyard;
mod document;
mod garden;
mod house;
mod materials;
mod shapes;
mod textures;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/skywell.glb");
    let glb = courtyard::build()?.into_glb()?;
    std::fs::write(&path, &glb)?;
    println!("{}: {} bytes", path.display(), glb.len());
    Ok(())
}
