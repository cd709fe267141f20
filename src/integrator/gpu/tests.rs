//! The film on a device against the film on the host, and devices that are lost.

use super::adapter::{Adapter, adapters, choose};
use super::device::{Device, whole};
use super::page::Page;
use super::pages::{Layout, Pages, Table};
use super::persist::{self, Engine};
use super::pipelines::{Compiler, FILM, Variant, WORK, layout};
use super::readback;
use super::wavefront::film_bytes;
use super::{Fault, Gpu, GpuScene, Warm};
use crate::compiled::Compiled;
use crate::compiled::record::{
    Frame, PATH_COVERED, PathState, REJECTED_CAPACITY, RejectedPath, WORKGROUP, Wavefront,
};
use crate::film::{Film, SAMPLE_LIMIT};
use crate::integrator::{self, Error, Pass, RenderStats, Unattended, Work, Worker};
use crate::kernel::gpu::{FIRST_PAGE_BINDING, TABLES, page_section};
use crate::scene::gltf;
use crate::settings::{Region, RenderSettings};
use std::ops::Range;
use std::path::Path;
use wgpu::BufferUsages as Usage;

/// An adapter, unless there is none and none is required.
fn adapter() -> Option<Adapter> {
    match choose(&adapters(), &[]) {
        Ok(mut chosen) => chosen.pop(),
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

/// Radiance of all sizes and signs, down to what is cut off, and some that no film takes.
fn value(seed: u32) -> f32 {
    let mut bits = seed.wrapping_mul(0x9e37_79b9);
    bits = (bits ^ bits >> 15).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ bits >> 13).wrapping_mul(0xc2b2_ae35);
    bits ^= bits >> 16;
    match seed % 16 {
        0 => SAMPLE_LIMIT.next_down(),
        1 => -SAMPLE_LIMIT.next_down(),
        2 if seed % 64 == 2 => f32::NAN,
        3 if seed % 64 == 3 => SAMPLE_LIMIT,
        4 if seed % 64 == 4 => f32::NEG_INFINITY,
        // exponents from 2^-67, of which squares and values are cut off, to 2^39
        _ => f32::from_bits((bits & 0x807f_ffff) | (60 + seed % 107) << 23),
    }
}

#[test]
fn sums_on_a_device_are_those_of_the_host() {
    let Some(adapter) = adapter() else {
        return;
    };
    let device = Device::open(&adapter).unwrap();
    for variance in [false, true] {
        let tile = Region {
            x0: 3,
            y0: 5,
            x1: 20,
            y1: 18,
        };
        let pixels = tile.n_pixels() as u32;
        let work = Wavefront {
            tile_x: tile.x0,
            tile_y: tile.y0,
            tile_width: tile.width(),
            pixels,
            first_sample: 2,
            samples: 9,
            capacity: pixels * 9,
            keeps_squares: u32::from(variance),
        };
        let mut expected = Film::new(tile, variance).unwrap();
        let paths: Vec<PathState> = (0..pixels * work.samples)
            .map(|i| {
                let (k, s) = (i % pixels, work.first_sample + i / pixels);
                let (x, y) = (tile.x0 + k % tile.width(), tile.y0 + k / tile.width());
                let radiance = [0, 1, 2].map(|channel| value(3 * i + channel));
                let covered = i % 3 != 0;
                expected.add_sample(x, y, s, radiance, f32::from(u8::from(covered)));
                PathState {
                    pixel: x | y << 16,
                    sample_index: s,
                    radiance,
                    flags: if covered { PATH_COVERED } else { 0 },
                    ..PathState::default()
                }
            })
            .collect();
        assert!(expected.rejected().count() > 10);
        let found = accumulate(&device, tile, &work, &paths);
        assert!(found == expected, "variance {variance}");
    }
}

/// Copies rows of the scene, and a word of each.
const COPY_ROWS: &str = "
@group(0) @binding(0) var<storage, read_write> copied: array<vec4<u32>>;
@compute @workgroup_size(64)
fn copy_rows(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < arrayLength(&copied) / 2u) {
        copied[2u * id.x] = load_row(id.x);
        copied[2u * id.x + 1u] = vec4<u32>(load_word(id.x, id.x & 3u));
    }
}";

/// In one page and in several, which begin within tables and within lines of an image.
#[test]
fn rows_on_a_device_are_those_of_the_tables() {
    let Some(adapter) = adapter() else {
        return;
    };
    let bytes = |n: u32, seed: u32| -> Vec<u8> {
        (0..n)
            .map(|i| (i.wrapping_mul(0x9e37_79b9) ^ seed) as u8)
            .collect()
    };
    // one that ends within a row, one of several lines of an image, and others on both sides
    let contents = [
        ("vertices", bytes(64 * 100, 1)),
        ("texels", bytes(4 * 20_001, 2)),
        ("materials", bytes(16 * 30_000, 3)),
        ("space_rows", bytes(16 * 9, 4)),
    ];
    let tables = contents
        .each_ref()
        .map(|(name, bytes)| (*name, bytes.as_slice()));
    for adapter in [adapter.clone(), adapter.at_baseline()] {
        let device = Device::open(&adapter).unwrap();
        for page_bytes in [1 << 20, 16 << 14] {
            let layout = Layout::new(&tables, 4, page_bytes).unwrap();
            assert_eq!(layout.pages == 1, page_bytes == 1 << 20);
            let mut expected = vec![0; layout.bytes() as usize];
            for (name, bytes) in tables {
                let place = TABLES.iter().position(|table| *table == name).unwrap();
                let at = layout.first_rows[place] as usize * 16;
                expected[at..at + bytes.len()].copy_from_slice(bytes);
            }
            let found = rows_on(&device, &layout, &tables);
            let words = |bytes: &[u8]| -> Vec<[u32; 4]> { bytemuck::pod_collect_to_vec(bytes) };
            for (i, (row, copied)) in words(&expected)
                .into_iter()
                .zip(found.chunks(2))
                .enumerate()
            {
                assert_eq!(copied, [row, [row[i % 4]; 4]], "row {i} of {layout:?}");
            }
        }
    }
}

/// What `copy_rows` finds where `tables` were uploaded.
fn rows_on(device: &Device, layout: &Layout, tables: &[Table<'_>]) -> Vec<[u32; 4]> {
    let pages = Pages::upload(device, layout, tables, &Frame::default()).unwrap();
    let section = page_section(device.target, layout.pages, layout.page_rows_log2);
    let module = (device.wgpu).create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl((section + COPY_ROWS).into()),
    });
    let pipeline = (device.wgpu).create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("copy_rows"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let size = 2 * layout.bytes();
    let copied = (device.buffer("copied", size, Usage::STORAGE | Usage::COPY_SRC)).unwrap();
    let staging = (device.buffer("staging", size, Usage::MAP_READ | Usage::COPY_DST)).unwrap();
    let layout_of = |index| pipeline.get_bind_group_layout(index);
    let output = device.group(&layout_of(0), 0, &whole(&[&copied]));
    let bound: Vec<_> = pages.pages.iter().map(Page::binding).collect();
    let scene = device.group(&layout_of(1), FIRST_PAGE_BINDING, &bound);
    let mut encoder = device.wgpu.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &output, &[]);
        pass.set_bind_group(1, &scene, &[]);
        pass.dispatch_workgroups((layout.rows as u32).div_ceil(64), 1, 1);
    }
    encoder.copy_buffer_to_buffer(&copied, 0, &staging, 0, size);
    device.queue.submit([encoder.finish()]);
    (device.read(&staging, size, bytemuck::pod_collect_to_vec)).unwrap()
}

/// What `accumulate_film` makes of `paths`.
fn accumulate(device: &Device, tile: Region, work: &Wavefront, paths: &[PathState]) -> Film {
    let variance = work.keeps_squares != 0;
    let readable = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
    let filled = |contents: &[u8], usage| {
        let buffer = device.buffer("test", contents.len() as u64, usage).unwrap();
        device.queue.write_buffer(&buffer, 0, contents);
        buffer
    };
    let uniform = Usage::UNIFORM | Usage::COPY_DST;
    let film_size = tile.n_pixels() * film_bytes(variance);
    let rejected_size = 16 + u64::from(REJECTED_CAPACITY) * size_of::<RejectedPath>() as u64;
    let buffers = [
        filled(bytemuck::bytes_of(work), uniform),
        filled(bytemuck::cast_slice(paths), readable),
        filled(&[0; 64], readable),
        filled(&[0; 64], readable),
        filled(&[0; 64], readable),
    ];
    let film = device.buffer("film", film_size, readable).unwrap();
    let rejected = device.buffer("rejected", rejected_size, readable).unwrap();
    let staging = Usage::MAP_READ | Usage::COPY_DST;
    let film_staging = device.buffer("staging", film_size, staging).unwrap();
    let rejected_staging = device.buffer("staging", rejected_size, staging).unwrap();

    let layouts = [layout(device, "work", &WORK), layout(device, "film", &FILM)];
    let work_group = device.group(&layouts[0], 0, &whole(&buffers.each_ref()));
    let film_group = device.group(&layouts[1], 0, &whole(&[&film, &rejected]));
    let usual = Variant::usual();
    let compiler = Compiler::new(device, None, &usual, &usual.features).unwrap();
    let groups = [Some(&layouts[0]), None, Some(&layouts[1])];
    let pipeline = compiler.pass("accumulate_film", &groups).unwrap();

    let mut encoder = device.wgpu.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &work_group, &[]);
        pass.set_bind_group(2, &film_group, &[]);
        pass.dispatch_workgroups(work.pixels.div_ceil(WORKGROUP), 1, 1);
    }
    encoder.copy_buffer_to_buffer(&film, 0, &film_staging, 0, film_size);
    encoder.copy_buffer_to_buffer(&rejected, 0, &rejected_staging, 0, rejected_size);
    device.queue.submit([encoder.finish()]);
    let mut found = device
        .read(&film_staging, film_size, |rows| {
            readback::film(tile, variance, bytemuck::cast_slice(rows)).unwrap()
        })
        .unwrap();
    device
        .read(&rejected_staging, rejected_size, |bytes| {
            readback::add_rejected(&mut found, bytes);
        })
        .unwrap();
    found
}

/// A small scene.
fn room(settings: &RenderSettings) -> Compiled {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images/scenes/room.glb");
    let scene = gltf::load(&file, &gltf::LoadOptions::default()).unwrap();
    let camera = scene.cameras[0].clone();
    Compiled::build(scene, &camera, settings).unwrap()
}

/// A GPU whose device is taken away before every tile that is listed.
struct Sabotaged<'a> {
    gpu: Gpu<'a>,
    tile: u32,
    lost_at: &'a [u32],
}

impl Engine for Sabotaged<'_> {
    fn pixels_at_once(&self) -> u64 {
        500
    }

    fn trace(&mut self, tile: Region, samples: Range<u32>) -> Result<(Film, RenderStats), Fault> {
        if self.lost_at.contains(&self.tile) {
            self.gpu.open.device.lose();
        }
        self.tile += 1;
        self.gpu.trace(tile, samples)
    }

    fn reopen(&mut self) -> Result<(), Fault> {
        self.gpu.reopen()
    }
}

impl Worker for Sabotaged<'_> {
    fn work(&mut self, pass: &Pass<'_>, samples: Range<u32>) -> Result<(), Error> {
        let adapter = String::new();
        let given_up = |fault| super::Error::GivenUp { adapter, fault }.into();
        persist::work(self, pass, samples)?.map_err(given_up)
    }
}

#[test]
fn a_device_that_is_lost_costs_time_and_no_tile() {
    let Some(adapter) = adapter() else {
        return;
    };
    let settings = RenderSettings {
        max_depth: 2,
        ..RenderSettings::new(64, 48)
    };
    let compiled = room(&settings);
    let gpu_scene = GpuScene::new(&compiled).unwrap();
    let render = |lost_at: &[u32], work: &mut Work, film: &mut Film| {
        let warm = Warm::start(adapter.clone());
        let gpu = Gpu::new(warm, &gpu_scene, false, None).unwrap();
        let tile = 0;
        let crew = Sabotaged { gpu, tile, lost_at };
        let mut crew: [Box<dyn Worker + '_>; 1] = [Box::new(crew)];
        integrator::render(&mut crew, work, film, &Unattended, &mut |_, _| {})
    };
    let begin = || {
        let film = Film::new(settings.region, false).unwrap();
        (Work::new(&[settings.region], 0..2), film)
    };
    let (mut work, mut whole) = begin();
    render(&[], &mut work, &mut whole).unwrap();
    // once, and the tile is done on a fresh device
    let (mut work, mut film) = begin();
    render(&[1], &mut work, &mut film).unwrap();
    assert!(film == whole);
    // and again before the tile is done: what is done is kept, and is gone on from
    let (mut work, mut film) = begin();
    let failure = render(&[1, 3], &mut work, &mut film).unwrap_err();
    let Error::Gpu(failure) = failure else {
        panic!("{failure}");
    };
    assert!(failure.is_temporary(), "{failure}");
    assert!(work.paths_done() > 0 && !work.is_finished());
    render(&[], &mut work, &mut film).unwrap();
    assert!(film == whole);
}

#[test]
fn a_limit_on_memory_holds_on_the_device() {
    let Some(adapter) = adapter() else {
        return;
    };
    let settings = RenderSettings::new(64, 48);
    let compiled = room(&settings);
    let scene = GpuScene::new(&compiled).unwrap();
    let limit = 16 << 20;
    for variance in [false, true] {
        let open = |limit| Gpu::new(Warm::start(adapter.clone()), &scene, variance, Some(limit));
        let gpu = open(limit).unwrap();
        let held = gpu.open.device.wgpu.generate_allocator_report();
        let held = held.map_or(0, |report| report.total_allocated_bytes);
        assert!(held <= limit, "{held} bytes of {limit}");
        assert!(held == 0 || held > limit / 2, "{held} bytes of {limit}");
        let refused = open(1 << 20).unwrap_err();
        assert!(matches!(refused, super::Error::SceneTooLarge { .. }));
    }
}
