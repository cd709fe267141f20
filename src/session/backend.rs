//! What renders a frame: the CPU, GPUs, or both.

use super::keeper::Keeper;
use super::{Error, Observer};
use crate::compiled::Compiled;
use crate::film::Film;
use crate::integrator::gpu::{self, Adapter, Gpu, GpuScene, Warm};
use crate::integrator::{self, DeviceKind, RenderStats, Work, Worker, cpu};
use crate::kernel::Simd;
use std::time::Duration;

/// What is asked to render.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// The first piece of hardware that can, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// GPUs alone, be it software that is one; an error if there is none.
    Gpu,
    /// The CPU and GPUs share the frame.
    CpuAndGpu,
}

/// What renders a frame; tests have one that fails.
pub(super) trait Crew {
    /// What will render, unless a GPU turns out not to be able to and nobody insists on it.
    fn kind(&self) -> DeviceKind;

    /// Renders `work` into `film`, from a checkpoint of `keeper` if there is one, and keeps it safe. After a failure
    /// both hold what was finished before.
    fn render(
        self,
        compiled: &Compiled,
        film: &mut Film,
        work: &mut Work,
        max_memory: Option<u64>,
        keeper: &mut Keeper<'_>,
        observer: &dyn Observer,
    ) -> Result<Rendered, Error>;
}

/// What will render, devices being made ready.
pub(super) struct Chosen {
    backend: Backend,
    /// None: the CPU alone.
    devices: Vec<Warm>,
}

/// What has rendered.
pub(super) struct Rendered {
    pub stats: RenderStats,
    /// What took part.
    pub kind: DeviceKind,
    /// The instruction set, if the CPU took part.
    pub simd: &'static str,
    /// Names of the devices.
    pub devices: Vec<String>,
}

/// Chooses by `backend` and the names in `devices`, and lets the devices get ready.
pub(super) fn choose(
    backend: Backend,
    devices: &[String],
    observer: &dyn Observer,
) -> Result<Chosen, Error> {
    let adapters = match backend {
        Backend::Cpu => Vec::new(),
        Backend::Auto => {
            let all = if gpu::may_have_hardware() {
                gpu::adapters()
            } else {
                Vec::new()
            };
            let best = gpu::best_hardware(&all).cloned();
            observer.note(&why_auto(&all, best.as_ref()));
            best.into_iter().collect()
        }
        Backend::Gpu | Backend::CpuAndGpu => {
            let chosen = gpu::choose(&gpu::adapters(), devices).map_err(integrator::Error::from)?;
            for adapter in &chosen {
                observer.note(&format!("Rendering on {}.", adapter.description()));
            }
            chosen
        }
    };
    Ok(Chosen {
        backend,
        devices: adapters.into_iter().map(Warm::start).collect(),
    })
}

/// Why `auto` takes what it takes, one line.
fn why_auto(all: &[Adapter], best: Option<&Adapter>) -> String {
    if let Some(best) = best {
        return format!(
            "Rendering on {}, the first GPU that can; --backend cpu renders without.",
            best.description()
        );
    }
    match all.first().map(Adapter::description) {
        None => "Rendering on the CPU: this machine has no GPU.".to_owned(),
        Some(first) if !first.is_hardware => format!(
            "Rendering on the CPU: there is no GPU but {}, which is slower.",
            first.name
        ),
        Some(first) => format!(
            "Rendering on the CPU: {} cannot ({}).",
            first.name,
            first.lacks.join("; ")
        ),
    }
}

impl Crew for Chosen {
    fn kind(&self) -> DeviceKind {
        let has_cpu = self.devices.is_empty() || self.backend == Backend::CpuAndGpu;
        kind(has_cpu, self.devices.len())
    }

    fn render(
        self,
        compiled: &Compiled,
        film: &mut Film,
        work: &mut Work,
        max_memory: Option<u64>,
        keeper: &mut Keeper<'_>,
        observer: &dyn Observer,
    ) -> Result<Rendered, Error> {
        let simd = Simd::detect();
        let variance = film.has_variance();
        let names: Vec<String> = (self.devices.iter())
            .map(|device| device.adapter().description().to_string())
            .collect();
        let scene = if self.devices.is_empty() {
            None
        } else {
            Some(GpuScene::new(compiled).map_err(integrator::Error::from)?)
        };
        let mut workers: Vec<Box<dyn Worker + '_>> = Vec::new();
        if self.devices.is_empty() || self.backend == Backend::CpuAndGpu {
            workers.push(Box::new(cpu::Cpu::new(compiled, simd, variance)));
        }
        let mut n_devices = 0;
        for device in self.devices {
            let Some(scene) = &scene else {
                break;
            };
            wait_for(&device, observer)?;
            match Gpu::new(device, scene, variance, max_memory) {
                Ok(gpu) => {
                    workers.push(Box::new(gpu));
                    n_devices += 1;
                }
                Err(error) if self.backend == Backend::Auto => {
                    observer.note(&format!("Rendering on the CPU instead: {error}"));
                    workers.push(Box::new(cpu::Cpu::new(compiled, simd, variance)));
                }
                Err(error) => return Err(integrator::Error::from(error).into()),
            }
        }
        let has_cpu = workers.len() > n_devices;
        let kind = kind(has_cpu, n_devices);
        keeper.resume(kind, film, work);
        let mut between = |film: &Film, work: &Work| keeper.save_if_due(film, work);
        let stats = integrator::render(&mut workers, work, film, observer, &mut between)?;
        Ok(Rendered {
            stats,
            kind,
            simd: if has_cpu { simd.name() } else { "" },
            devices: if n_devices > 0 { names } else { Vec::new() },
        })
    }
}

fn kind(has_cpu: bool, n_devices: usize) -> DeviceKind {
    match (has_cpu, n_devices > 0) {
        (true, true) => DeviceKind::CpuAndGpu,
        (false, _) => DeviceKind::Gpu,
        (true, false) => DeviceKind::Cpu,
    }
}

/// How often a wait asks whether to end.
const PATIENCE: Duration = Duration::from_millis(20);

/// Waits for a device, saying so if it takes a while, until asked to end.
fn wait_for(device: &Warm, observer: &dyn Observer) -> Result<(), Error> {
    let description = device.adapter().description();
    if !description.is_hardware {
        observer.note(&format!("Compiling shaders for {}.", description.name));
    }
    let mut said = !description.is_hardware;
    while !device.is_ready() {
        if observer.should_stop() {
            return Err(Error::Interrupted);
        }
        if !said {
            let (done, all) = device.progress();
            observer.note(&format!(
                "Compiling shaders: {done} of {all} passes are done."
            ));
            said = true;
        }
        std::thread::sleep(PATIENCE);
    }
    Ok(())
}
