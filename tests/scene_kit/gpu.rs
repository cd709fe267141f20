//! Running test bodies on a GPU.
//!
//! Any adapter will do, a software one too. Without one such tests say that they are skipped, or fail if
//! `SKYWELL_REQUIRE_GPU` is set.

use skywell::compiled::Compiled;
use skywell::film::Film;
use skywell::integrator::gpu::{Adapter, Gpu, GpuScene, Warm, adapters, choose};
use skywell::integrator::{self, Unattended, Work, Worker};
use std::cell::RefCell;
use std::ops::Range;

thread_local! {
    /// What this thread renders on, if not on the CPU.
    static CHOSEN: RefCell<Option<Adapter>> = const { RefCell::new(None) };
}

/// The adapter of the body that this thread runs, if it runs on one.
pub fn chosen() -> Option<Adapter> {
    CHOSEN.with_borrow(Clone::clone)
}

/// An adapter that can render, if there is one.
pub fn adapter() -> Option<Adapter> {
    match choose(&adapters(), &[]) {
        Ok(mut found) => found.pop(),
        Err(error) => {
            assert!(
                std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
                "no GPU: {error}"
            );
            println!("skipped: no GPU: {error}");
            None
        }
    }
}

/// Runs a test's body with all its rendering done on a GPU.
pub fn on_gpu(body: fn()) {
    if let Some(adapter) = adapter() {
        CHOSEN.set(Some(adapter));
        body();
        CHOSEN.set(None);
    }
}

/// Adds samples to `film` on `adapter`.
pub fn render(adapter: &Adapter, compiled: &Compiled, samples: Range<u32>, film: &mut Film) {
    let scene = GpuScene::new(compiled).unwrap();
    let warm = Warm::start(adapter.clone());
    let gpu = Gpu::new(warm, &scene, film.has_variance(), None).unwrap();
    let mut workers: [Box<dyn Worker + '_>; 1] = [Box::new(gpu)];
    let mut work = Work::new(&[film.region()], samples);
    integrator::render(&mut workers, &mut work, film, &Unattended, &mut |_, _| {}).unwrap();
}

/// Runs tests of this file on a GPU too, by the same bodies.
#[macro_export]
macro_rules! also_on_gpu {
    ($($body:ident),+ $(,)?) => {
        mod on_gpu {
            $(#[test]
            fn $body() {
                $crate::scene_kit::gpu::on_gpu(super::$body);
            })+
        }
    };
}
