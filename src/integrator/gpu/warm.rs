//! A device made ready on a thread of its own, while the scene is read.

use super::adapter::Adapter;
use super::cache;
use super::device::Device;
use super::fault::Fault;
use super::pipelines::{Pipelines, Variant};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

/// How far the compilation of a device's passes is.
#[derive(Clone, Debug)]
pub struct Compiling(Arc<AtomicU64>);

impl Compiling {
    /// Passes compiled so far, and all.
    #[must_use]
    pub fn done_and_all(&self) -> (u64, u64) {
        let all = super::pipelines::STEPS;
        (self.0.load(Ordering::Relaxed), all)
    }

    /// So many are compiled.
    pub(super) fn step(&self, done: u64) {
        self.0.store(done, Ordering::Relaxed);
    }
}

/// A device that opens and compiles.
#[derive(Debug)]
pub struct Warm {
    adapter: Adapter,
    compiling: Compiling,
    thread: JoinHandle<Result<(Device, Option<Pipelines>), Fault>>,
}

impl Warm {
    /// Begins. Compiles for a scene that fits one page and lets no ray pass, as most do; but not for software, which
    /// takes so long to compile for everything that it is better to wait and see what the scene has.
    #[must_use]
    pub fn start(adapter: Adapter) -> Self {
        let compiling = Compiling(Arc::new(AtomicU64::new(0)));
        let (progress, opened) = (compiling.clone(), adapter.clone());
        let thread = std::thread::spawn(move || {
            let device = Device::open(&opened)?;
            if !opened.description().is_hardware {
                return Ok((device, None));
            }
            let step = |n| progress.step(n);
            let pipelines = cache::compile(&device, &opened, Variant::usual(), &step)?;
            Ok((device, Some(pipelines)))
        });
        Self {
            adapter,
            compiling,
            thread,
        }
    }

    /// What is being made ready.
    #[must_use]
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// What becomes of it, for whoever watches.
    #[must_use]
    pub fn progress(&self) -> Compiling {
        self.compiling.clone()
    }

    /// Would [`super::Gpu::new`] go on at once?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until it is ready.
    pub(super) fn finish(self) -> Result<(Device, Option<Pipelines>), Fault> {
        match self.thread.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
