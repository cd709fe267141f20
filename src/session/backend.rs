//! What renders a frame: the CPU, GPUs, or both.

use super::keeper::Keeper;
use super::memory::Budget;
use super::{Error, Observer};
use crate::compiled::Compiled;
use crate::film::Film;
use crate::integrator::gpu::{self, Adapter, Compiling, Description, Gpu, GpuScene, Warm};
use crate::integrator::{self, DeviceKind, RenderStats, Work, Worker, cpu};
use crate::kernel::Simd;
use std::time::{Duration, Instant};

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
        memory: &Budget,
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
        memory: &Budget,
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
        let left = memory.check(compiled, scene.as_ref())?;
        let cpu = || Box::new(cpu::Cpu::new(compiled, simd, variance).within(left));
        let mut workers: Vec<Box<dyn Worker + '_>> = Vec::new();
        if self.devices.is_empty() || self.backend == Backend::CpuAndGpu {
            workers.push(cpu());
        }
        let mut n_devices = 0;
        for device in self.devices {
            let Some(scene) = &scene else {
                break;
            };
            match open(device, scene, variance, memory, observer)? {
                Ok(gpu) => {
                    workers.push(Box::new(gpu));
                    n_devices += 1;
                }
                Err(error) if self.backend == Backend::Auto => {
                    observer.note(&format!("Rendering on the CPU instead: {error}"));
                    workers.push(cpu());
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
/// A wait that takes this long is said, and said again as often, with how far it is.
const SAID_AFTER: Duration = Duration::from_secs(2);

/// Waits until `is_over`, and says how far the compilation of a device's passes is.
fn watch(
    device: &Description,
    compiling: &Compiling,
    observer: &dyn Observer,
    is_over: &dyn Fn() -> bool,
) {
    let mut said = Instant::now();
    while !is_over() {
        if said.elapsed() > SAID_AFTER {
            let (done, all) = compiling.done_and_all();
            observer.note(&format!(
                "Compiling shaders for {}: {done} of {all} passes are done.",
                device.name
            ));
            said = Instant::now();
        }
        std::thread::sleep(PATIENCE);
    }
}

/// Makes a device that gets ready render `scene`, and says so if that takes a while.
fn open<'a>(
    device: Warm,
    scene: &'a GpuScene<'_>,
    variance: bool,
    memory: &Budget,
    observer: &dyn Observer,
) -> Result<Result<Gpu<'a>, gpu::Error>, Error> {
    let (adapter, compiling) = (device.adapter().clone(), device.progress());
    let description = adapter.description();
    watch(description, &compiling, observer, &|| {
        device.is_ready() || observer.should_stop()
    });
    if observer.should_stop() {
        return Err(Error::Interrupted);
    }
    Ok(std::thread::scope(|threads| {
        let opening = threads.spawn(|| Gpu::new(device, scene, variance, memory.limit()));
        watch(description, &compiling, observer, &|| opening.is_finished());
        match opening.join() {
            Ok(opened) => opened,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }))
}
