//! Build script: compiles `shaders/` to Rust in `OUT_DIR`. See `mod.rs`.

#[path = "mod.rs"]
mod shader_compiler;

use shader_compiler::translate::Form;
use shader_compiler::{error, link, records, source, stage, translate};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The instruction sets that kernels are written for. Their features are those that `kernel::Simd` looks for.
const FORMS: [Form; 3] = [
    Form {
        name: "avx512",
        attribute: "#[target_feature(enable = \"avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi1,bmi2,lzcnt,popcnt\")]",
    },
    Form {
        name: "avx2",
        attribute: "#[target_feature(enable = \"avx2,bmi1,bmi2,lzcnt,popcnt\")]",
    },
    Form {
        name: "portable",
        attribute: "",
    },
];

#[expect(
    clippy::print_stdout,
    reason = "Cargo listens to a build script's output"
)]
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
    write("record.rs", &records::generate(&linked)?)?;
    let stages = stage::find(&linked, stage::STAGES)?;
    for form in FORMS {
        let text = translate::translate(&linked, &stages, form)?;
        write(&format!("{}.rs", form.name), &text)?;
    }
    write("stages.rs", &stage::fronts(&linked, &stages)?)
}

fn write(name: &str, text: &str) -> error::Result<()> {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(&path, text).map_err(|e| error::Error::at(&path.to_string_lossy(), 0, e.to_string()))
}
