//! What compilers for GPUs make of the passes: registers, spills, scratch, workgroup memory, waves.
//!
//! `cargo test --test shader_statistics` prints it for every kernel and permutation and fails where a kernel spills more, or
//! takes more scratch memory, than `table.txt` says; with `-- --write` the table is written anew. Nothing runs, and no
//! GPU is needed: RADV compiles for a card that is not there, and `ptxas` (where `SKYWELL_PTX_TOOLS` names a place
//! with it) for any.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that prints a table"
)]

mod nvidia;
#[allow(
    unsafe_code,
    reason = "Vulkan is a C interface; what is called here is checked by its specification"
)]
mod radv;
mod spirv;

use skywell::kernel::gpu::{Features, Target, source};
use skywell::kernel::record::{INVALID, Material};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

/// The table, from the package's root.
const TABLE: &str = "tests/shader_statistics/table.txt";
/// Says that this process is one RADV runs in, before the number of a permutation.
const CHILD: &str = "--radv=";
/// Rows of a page, as a power of two: 128 MiB.
const PAGE_ROWS_LOG2: u32 = 23;
/// Waves of 32 that kernels must have in every permutation, on Navi 21; a SIMD has room for 16.
const WAVES_WANTED: [(&str, u64); 9] = [
    ("intersect_closest", 14),
    ("intersect_shadows", 14),
    ("meet_surfaces", 10),
    ("scatter_bare", 10),
    ("scatter_clear", 10),
    ("scatter_coated", 10),
    ("scatter_in_media", 10),
    ("scatter_layered", 10),
    ("shade_shadows", 12),
];
/// Registers that kernels may have at most, on sm_86.
const REGISTERS_WANTED: [(&str, u64); 2] = [("intersect_closest", 80), ("intersect_shadows", 80)];

/// `(compiler, kernel and permutation)` → `(what is said, [spills, scratch])`.
type Rows = BTreeMap<(String, String), (String, [u64; 2])>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(number) = arguments.iter().find_map(|a| a.strip_prefix(CHILD)) {
        return finish(print_radv(number));
    }
    // cargo gives names of tests to every program: do not answer to others'
    let filter = arguments.iter().find(|a| !a.starts_with('-'));
    if filter.is_some_and(|name| !"shader_statistics".contains(name.as_str())) {
        return ExitCode::SUCCESS;
    }
    finish(compare(arguments.iter().any(|a| a == "--write")))
}

fn finish(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

/// The shaders for scenes of several kinds, with what to call them: any scene that fits a page; any in four, which is as
/// many as there are where a device allows no more buffers than it must; a scene of bare materials without a layer.
fn permutations() -> [(&'static str, String); 3] {
    let bare = Material {
        base_color_texture: INVALID,
        metallic_roughness_texture: INVALID,
        specular_texture: INVALID,
        specular_color_texture: INVALID,
        normal_texture: INVALID,
        emissive_texture: INVALID,
        ..Material::default()
    };
    let bare = Features::of(&[("materials", bytemuck::bytes_of(&bare))]);
    let source = |pages, features| source(Target::Hardware, pages, PAGE_ROWS_LOG2, features);
    [
        ("", source(1, &Features::all())),
        (", 4 pages", source(4, &Features::all())),
        (", bare materials", source(1, &bare)),
    ]
}

/// In a process of its own: what RADV says of the kernels of a permutation, a line each.
fn print_radv(number: &str) -> Result<(), String> {
    let number: usize = number.parse().map_err(|e| format!("{number}: {e}"))?;
    let (permutation, text) = &permutations()[number];
    let radv = radv::Radv::open()?;
    if number == 0 {
        eprintln!("{}", radv.name);
    }
    for kernel in spirv::kernels(text)? {
        let s = radv.compile(&kernel)?;
        println!(
            "{}{permutation}\t{} VGPRs, {} waves, {} shared, {} code\t{}\t{}\t{}",
            kernel.name, s.vgprs, s.waves, s.shared, s.code, s.spills, s.scratch, s.waves
        );
    }
    Ok(())
}

fn radv_rows(rows: &mut Rows) -> Result<(), String> {
    if !Path::new(radv::DRIVER).exists() {
        let why = format!("{} is missing: install mesa-vulkan-drivers", radv::DRIVER);
        return if env::var_os("SKYWELL_REQUIRE_GPU").is_some() {
            Err(why)
        } else {
            eprintln!("skipped: {why}");
            Ok(())
        };
    }
    // Side by side, as it takes seconds.
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let spawn = |number| {
        let mut child = Command::new(&program);
        child
            .arg(format!("{CHILD}{number}"))
            .envs(radv::ENVIRONMENT);
        child.stdout(Stdio::piped()).spawn()
    };
    let children: Result<Vec<_>, _> = (0..permutations().len()).map(spawn).collect();
    for child in children.map_err(|e| e.to_string())? {
        let output = child.wait_with_output().map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err("RADV failed".to_owned());
        }
        read_radv(rows, &String::from_utf8_lossy(&output.stdout))?;
    }
    Ok(())
}

/// Adds what was printed of a permutation.
fn read_radv(rows: &mut Rows, printed: &str) -> Result<(), String> {
    for line in printed.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[kernel, said, spills, scratch, waves] = fields.as_slice() else {
            return Err(format!("not understood: {line}"));
        };
        let number = |text: &str| text.parse::<u64>().map_err(|e| format!("{line}: {e}"));
        want(&WAVES_WANTED, kernel, |wanted| {
            number(waves).is_ok_and(|n| n >= wanted)
        })?;
        let key = ("NAVI21".to_owned(), kernel.to_owned());
        rows.insert(key, (said.to_owned(), [number(spills)?, number(scratch)?]));
    }
    Ok(())
}

fn nvidia_rows(rows: &mut Rows, environment: &OsStr) -> Result<(), String> {
    let nvidia = nvidia::Nvidia::open(environment)?;
    for (permutation, text) in permutations() {
        for (kernel, s) in nvidia.compile(&text)? {
            let kernel = kernel + permutation;
            want(&REGISTERS_WANTED, &kernel, |wanted| s.registers <= wanted)?;
            let said = format!("{} registers, {} shared", s.registers, s.shared);
            rows.insert(("sm_86".to_owned(), kernel), (said, [s.spills, s.stack]));
        }
    }
    Ok(())
}

/// That what is wanted of a kernel (with the name of its permutation), if anything, is so.
fn want(table: &[(&str, u64)], kernel: &str, is_so: impl Fn(u64) -> bool) -> Result<(), String> {
    let (name, _) = kernel.split_once(',').unwrap_or((kernel, ""));
    let wanted = table.iter().find(|(other, _)| *other == name);
    match wanted {
        Some(&(_, wanted)) if !is_so(wanted) => Err(format!(
            "{kernel} misses its goal of {wanted} waves or registers"
        )),
        _ => Ok(()),
    }
}

fn compare(write: bool) -> Result<(), String> {
    let mut rows = Rows::new();
    radv_rows(&mut rows)?;
    match env::var_os("SKYWELL_PTX_TOOLS") {
        Some(environment) => nvidia_rows(&mut rows, &environment)?,
        None => eprintln!("sm_86 skipped: SKYWELL_PTX_TOOLS names no tools"),
    }
    let mut text = String::from("compiler\tkernel\tspills\tscratch bytes\tbesides\n");
    for ((compiler, kernel), (said, [spills, scratch])) in &rows {
        text += &format!("{compiler}\t{kernel}\t{spills}\t{scratch}\t{said}\n");
    }
    print!("{text}");
    let table = fs::read_to_string(TABLE).map_err(|e| format!("{TABLE}: {e}"))?;
    if write {
        // a compiler that is not here keeps its rows
        let is_here = |line: &&str| {
            rows.keys()
                .any(|(compiler, _)| line.starts_with(compiler.as_str()))
        };
        let others = table.lines().skip(1).filter(|line| !is_here(line));
        text.extend(others.map(|line| format!("{line}\n")));
        return fs::write(TABLE, text).map_err(|e| format!("{TABLE}: {e}"));
    }
    let mut allowed = BTreeMap::new();
    for line in table.lines().skip(1) {
        if let [compiler, kernel, spills, scratch, ..] = *line.split('\t').collect::<Vec<_>>() {
            allowed.insert(
                (compiler, kernel),
                [spills, scratch].map(|n| n.parse().unwrap_or(0)),
            );
        }
    }
    let mut worse = String::new();
    for ((compiler, kernel), (_, now)) in &rows {
        let before: [u64; 2] = allowed
            .get(&(compiler.as_str(), kernel.as_str()))
            .copied()
            .unwrap_or_default();
        if now[0] > before[0] || now[1] > before[1] {
            worse += &format!(
                "{compiler}, {kernel}: {} spills and {} bytes of scratch, where there were {} and {}\n",
                now[0], now[1], before[0], before[1]
            );
        }
    }
    if worse.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{worse}Mend that, or say why and write the table anew (-- --write)."
        ))
    }
}
