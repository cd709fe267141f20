//! Build script: compiles `shaders/` to Rust in `OUT_DIR`. See `mod.rs`.

#![expect(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]

#[path = "mod.rs"]
mod shader_compiler;

use shader_compiler::translate::Form;
use shader_compiler::{error, link, paged, pages, records, source, stage, translate};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// 16 lanes. The features of forms are those that `kernel::Simd` looks for.
const AVX512: Form = Form {
    name: "avx512",
    attribute: "#[target_feature(enable = \"avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi1,bmi2,lzcnt,popcnt\")]",
};
/// 8 lanes.
const AVX2: Form = Form {
    name: "avx2",
    attribute: "#[target_feature(enable = \"avx2,bmi1,bmi2,lzcnt,popcnt\")]",
};
/// 4 lanes, of whatever every machine of the architecture has.
const PORTABLE: Form = Form {
    name: "portable",
    attribute: "",
};
/// 4 lanes as arrays: the portable form of machines other than x86-64, tested on every machine.
const ARRAY: Form = Form {
    name: "array",
    attribute: "",
};
/// The forms of the renderer.
const FORMS: [Form; 3] = [AVX512, AVX2, PORTABLE];

/// Entry points of the GPU.
const PASSES: &str = "shaders/passes";
/// The GPU's walk of the accelerator; the CPU has its own.
const TRAVERSAL: &str = "shaders/traverse";
/// The suite of tests/lanes.
const CONFORMANCE: &str = "shaders/conformance";
/// What tests call.
const PROBES: &str = "shaders/probe";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=../shader_compiler");
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

/// The renderer's shaders, and beside them the conformance suite of tests/lanes, which no program contains.
fn build() -> error::Result<()> {
    // file names in messages are the project's
    env::set_current_dir("../..").map_err(|e| error::Error::at("../..", 0, e.to_string()))?;
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // not the directory, where words about shaders lie too: a new file is seen as soon as one of these imports it
    for file in source::read_tree("shaders", &[])? {
        println!("cargo::rerun-if-changed=../../{}", file.path);
    }
    let not_here = [PASSES, TRAVERSAL, CONFORMANCE];
    compile(
        source::read_tree("shaders", &not_here)?,
        stage::STAGES,
        &FORMS,
        &out,
    )?;
    write_paged(&out)?;
    let suite = source::read_tree(CONFORMANCE, &[])?;
    compile(
        suite,
        &[],
        &[AVX512, AVX2, PORTABLE, ARRAY],
        &out.join("conformance"),
    )
}

/// Writes records, kernels and fronts of a tree of shaders into a directory.
fn compile(
    files: Vec<source::SourceFile>,
    stages: &[&str],
    forms: &[Form],
    out: &Path,
) -> error::Result<()> {
    let linked = link::link(files)?;
    let stages = stage::find(&linked, stages)?;
    write(&out.join("record.rs"), &records::generate(&linked)?)?;
    write(&out.join("stages.rs"), &stage::fronts(&linked, &stages)?)?;
    write(&out.join("linked.wgsl"), &linked.text.text)?;
    for form in forms {
        let text = translate::translate(&linked, &stages, *form)?;
        write(&out.join(format!("{}.rs", form.name)), &text)?;
    }
    Ok(())
}

/// Writes what a GPU loads: everything but what is for tests.
fn write_paged(out: &Path) -> error::Result<()> {
    let linked = link::link(source::read_tree("shaders", &[PROBES, CONFORMANCE])?)?;
    let paged = paged::paged(&linked)?;
    let features = paged::all_features(&paged.narrowed);
    for target in [pages::Target::Hardware, pages::Target::Software] {
        let section = pages::page_section(target, 4, 23);
        paged::validate(&format!("{}{features}{section}", paged.text))?;
    }
    write(&out.join("paged.wgsl"), &paged.text)?;
    write(&out.join("paged.rs"), &paged.constants())
}

fn write(path: &Path, text: &str) -> error::Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir)
        .and_then(|()| fs::write(path, text))
        .map_err(|e| error::Error::at(&path.to_string_lossy(), 0, e.to_string()))
}
