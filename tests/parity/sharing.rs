//! Frames in parts, and frames shared by several devices.

use super::*;
use crate::scene_kit::everything::everything;

fn on_gpu(adapter: &Adapter, compiled: &Compiled, samples: Range<u32>, film: &mut Film) {
    gpu::render(adapter, compiled, samples, film);
}

#[test]
fn regions_and_sample_ranges_make_up_the_frame() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = frame();
    let compiled = everything(&settings);
    let mut whole = Film::new(settings.region, true).unwrap();
    on_gpu(&adapter, &compiled, 3..9, &mut whole);
    let mut merged = Film::new(settings.region, true).unwrap();
    let Region { x0, y0, x1, y1 } = settings.region;
    for (x0, x1) in [(20, x1), (x0, 20)] {
        for samples in [7..9, 3..7] {
            let mut part = Film::new(Region { x0, y0, x1, y1 }, true).unwrap();
            on_gpu(&adapter, &compiled, samples, &mut part);
            merged.merge(&part).unwrap();
        }
    }
    assert!(merged == whole, "a frame depends on how it was cut");
}

/// Two devices of one adapter stand for two adapters: nothing is shared between them but the scene on the host.
#[test]
fn several_devices_share_a_frame_to_the_same_sums() {
    let Some(adapter) = gpu::adapter() else {
        return;
    };
    let settings = frame();
    let compiled = everything(&settings);
    let mut alone = Film::new(settings.region, true).unwrap();
    on_gpu(&adapter, &compiled, 0..8, &mut alone);

    let scene = GpuScene::new(&compiled).unwrap();
    let warm = [(); 2].map(|()| Warm::start(adapter.clone()));
    let mut crew: Vec<Box<dyn Worker + '_>> = Vec::new();
    for warm in warm {
        crew.push(Box::new(Gpu::new(warm, &scene, true, None).unwrap()));
    }
    let mut shared = Film::new(settings.region, true).unwrap();
    render_all(&mut crew, 0..8, &mut shared);
    assert!(shared == alone, "sums depend on who made them");

    // and with the CPU, whose sums are its own
    crew.push(Box::new(cpu::Cpu::new(&compiled, Simd::detect(), true)));
    let mut with_cpu = Film::new(settings.region, true).unwrap();
    render_all(&mut crew, 0..8, &mut with_cpu);
    assert_eq!(with_cpu.sample_counts(), (8, 8));
    let (shared, with_cpu) = (shared.develop(), with_cpu.develop());
    assert_no_significant_difference("CPU and GPUs", &shared, &with_cpu, 8);
    let part = agreeing(&shared, &with_cpu);
    assert!(part > 0.95, "only {part} of the pixels agree");
}
