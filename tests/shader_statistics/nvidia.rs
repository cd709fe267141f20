//! `ptxas` for sm_86 (RTX 30): what NVIDIA's assembler makes of a kernel.
//!
//! By WGSL → HLSL (naga) → PTX (Slang and NVRTC) → machine code. A stand-in, as the Vulkan driver has a front end of its own, but
//! registers are given out by the same back end. The tools are Python packages in the virtual environment that
//! `SKYWELL_PTX_TOOLS` names; the README says how to make one.

use super::spirv;
use naga::back::hlsl;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the assembler says of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Registers a lane.
    pub registers: u64,
    /// Bytes of registers that were put into memory.
    pub spills: u64,
    /// Bytes of private memory a lane.
    pub stack: u64,
    /// Bytes of workgroup memory.
    pub shared: u64,
}

/// The tools.
pub struct Nvidia {
    python: PathBuf,
    packages: PathBuf,
}

impl Nvidia {
    /// Looks into the virtual environment.
    pub fn open(environment: &OsStr) -> Result<Self, String> {
        let environment = Path::new(environment);
        let libraries = fs::read_dir(environment.join("lib"))
            .map_err(|e| format!("{}/lib: {e}", environment.display()))?;
        let packages = libraries
            .filter_map(|entry| Some(entry.ok()?.path().join("site-packages")))
            .find(|path| path.join("slangpy").is_dir())
            .ok_or_else(|| format!("{} has no package slangpy", environment.display()))?;
        Ok(Self {
            python: environment.join("bin/python"),
            packages,
        })
    }

    /// All entry points of `text`, by name.
    pub fn compile(&self, text: &str) -> Result<Vec<(String, Statistics)>, String> {
        let (module, info) = spirv::module(text)?;
        let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
        let mut all = Vec::new();
        for entry in &module.entry_points {
            let options = hlsl::Options {
                shader_model: hlsl::ShaderModel::V6_0,
                fake_missing_bindings: true,
                force_loop_bounding: false,
                zero_initialize_workgroup_memory: false,
                ..hlsl::Options::default()
            };
            let pipeline = hlsl::PipelineOptions {
                entry_point: Some((entry.stage, entry.name.clone())),
            };
            let mut source = String::new();
            hlsl::Writer::new(&mut source, &options, &pipeline)
                .write(&module, &info, None)
                .map_err(|e| format!("{}: {e}", entry.name))?;
            let file = directory.path().join(format!("{}.hlsl", entry.name));
            fs::write(&file, source).map_err(|e| e.to_string())?;
            all.push((entry.name.clone(), self.assemble(&file, &entry.name)?));
        }
        Ok(all)
    }

    fn assemble(&self, file: &Path, entry: &str) -> Result<Statistics, String> {
        let ptx = file.with_extension("ptx");
        let cuda = self.packages.join("nvidia/cu13");
        run(Command::new(&self.python)
            .arg("tests/shader_statistics/slang.py")
            .args([
                &self.packages.join("slangpy"),
                &cuda.join("lib"),
                file,
                &ptx,
            ])
            .arg(entry))?;
        let said = run(Command::new(cuda.join("bin/ptxas"))
            .args(["-v", "-arch=sm_86", "-o"])
            .args([&ptx.with_extension("cubin"), &ptx]))?;
        let before = |what: &str| number_before(&said, what);
        Ok(Statistics {
            registers: number_before(&said, " registers"),
            spills: before(" bytes spill stores") + before(" bytes spill loads"),
            stack: before(" bytes stack frame"),
            shared: before(" bytes smem"),
        })
    }
}

/// What the command says, on either stream.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(said)
    } else {
        Err(format!("{name}: {said}"))
    }
}

/// The number right before `what`; 0 where it is not said.
fn number_before(said: &str, what: &str) -> u64 {
    let digits = said.split_once(what).map_or("", |(before, _)| {
        before
            .rsplit(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap_or("")
    });
    digits.parse().unwrap_or(0)
}
