//! Build script: compiles `shaders/` to Rust in `OUT_DIR`. See `mod.rs`.

#[path = "mod.rs"]
mod shader_compiler;

use shader_compiler::{error, link, records, source};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=src/shader_compiler");
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            println!(
                "cargo::error={}",
                e.to_string().replace('\n', "\ncargo::error=")
            );
            ExitCode::FAILURE
        }
    }
}

fn build() -> error::Result<()> {
    let files = source::read_tree(Path::new("shaders"))?;
    let linked = link::link(files)?;
    write("record.rs", &records::generate(&linked)?)
}

fn write(name: &str, text: &str) -> error::Result<()> {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(&path, text).map_err(|e| error::Error::at(&path.to_string_lossy(), 0, e.to_string()))
}
