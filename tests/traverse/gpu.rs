//! Rays on a GPU: uploads the tables, runs the walk, reads the answers.

use super::shader_compiler::{link::link, source::read_tree};
use bytemuck::{Pod, Zeroable};
use skywell::compiled::bvh::compressed::CompressedAccelerator;
use skywell::compiled::record::Hit;
use std::sync::mpsc;
use wgpu::util::DeviceExt;

/// A ray as the kernels read it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Ray {
    pub origin: [f32; 3],
    pub t_max: f32,
    pub direction: [f32; 3],
    pub padding: u32,
}

/// What a ray met.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Answer {
    pub hit: Hit,
    pub occluded: u32,
    /// Rows of nodes, primitives and spaces that were read, where those are counted.
    pub rows: [u32; 3],
}

const KERNELS: &str = "
struct TestRay { origin: vec3<f32>, t_max: f32, direction: vec3<f32>, padding: u32 }
struct TestAnswer { hit: Hit, occluded: u32, node_rows: u32, primitive_rows: u32, space_rows: u32 }
@group(1) @binding(0) var<storage, read> test_rays: array<TestRay>;
@group(1) @binding(1) var<storage, read_write> test_answers: array<TestAnswer>;
@compute @workgroup_size(64)
fn test_closest(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let i = id.x + id.y * n.x * 64u;
    if (i < arrayLength(&test_rays)) {
        let ray = test_rays[i];
        let hit = traverse_closest(ray.origin, ray.direction, lane);
        test_answers[i] = TestAnswer(hit, 0u, ROWS_READ);
    }
}
@compute @workgroup_size(64)
fn test_shadow(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let i = id.x + id.y * n.x * 64u;
    if (i < arrayLength(&test_rays)) {
        let ray = test_rays[i];
        let answer = traverse_shadow(ray.origin, ray.direction, ray.t_max, lane);
        test_answers[i] = TestAnswer(answer.hit, u32(answer.occluded), ROWS_READ);
    }
}";

/// The tables, in the order of [`Answer::rows`].
const TABLES: [&str; 3] = ["node_rows", "primitive_rows", "space_rows"];

/// What is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// The walk of GPUs.
    Hardware,
    /// The same, which counts the rows that it reads.
    Counting,
    /// The walk of software that plays a GPU.
    Software,
}

/// The walk and what it imports, with the kernels above.
fn source(walk: Walk) -> String {
    let rooms = ["records", "math", "traverse"];
    let mut files = read_tree("shaders", &["shaders/passes"]).unwrap();
    files.retain(|file| rooms.iter().any(|room| file.is_in(room)));
    let mut text = link(files).unwrap().text.text + KERNELS;
    if walk == Walk::Software {
        let hardware = "const IN_SOFTWARE: bool = false;";
        assert_eq!(text.matches(hardware).count(), 1);
        text = text.replace(hardware, "const IN_SOFTWARE: bool = true;");
    }
    if walk != Walk::Counting {
        return text.replace("ROWS_READ", "0u, 0u, 0u");
    }
    for (i, table) in TABLES.iter().enumerate() {
        let read = format!("return {table}[index];");
        assert_eq!(text.matches(&read).count(), 1);
        text = text.replace(&read, &format!("rows_read[{i}] += 1u; {read}"));
    }
    text.replace("ROWS_READ", "rows_read.x, rows_read.y, rows_read.z")
        + "\nvar<private> rows_read: vec3<u32>;"
}

/// A device with the kernels.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    closest: wgpu::ComputePipeline,
    shadow: wgpu::ComputePipeline,
}

impl Gpu {
    /// `None`, said aloud, where there is no adapter and none is demanded.
    pub fn new(walk: Walk) -> Option<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter =
            pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
        let adapter = match adapter {
            Ok(adapter) => adapter,
            Err(e) => {
                assert!(
                    std::env::var_os("SKYWELL_REQUIRE_GPU").is_none(),
                    "no adapter: {e}"
                );
                eprintln!("skipped: no adapter ({e})");
                return None;
            }
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source(walk).into()),
        });
        let pipeline = |name| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: None,
                module: &module,
                entry_point: Some(name),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        Some(Self {
            closest: pipeline("test_closest"),
            shadow: pipeline("test_shadow"),
            device,
            queue,
        })
    }

    /// What the rays meet first.
    pub fn closest(&self, tables: &CompressedAccelerator, rays: &[Ray]) -> Vec<Answer> {
        self.run(&self.closest, tables, rays)
    }

    /// What lies on the rays up to their `t_max`.
    pub fn shadow(&self, tables: &CompressedAccelerator, rays: &[Ray]) -> Vec<Answer> {
        self.run(&self.shadow, tables, rays)
    }

    fn run(
        &self,
        pipeline: &wgpu::ComputePipeline,
        tables: &CompressedAccelerator,
        rays: &[Ray],
    ) -> Vec<Answer> {
        let buffer = |contents: &[u8]| {
            self.device
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: None,
                    // a binding cannot be empty
                    contents: if contents.is_empty() {
                        &[0; 16]
                    } else {
                        contents
                    },
                    usage: wgpu::BufferUsages::STORAGE,
                })
        };
        let size = size_of_val(rays) as u64 / size_of::<Ray>() as u64 * size_of::<Answer>() as u64;
        let plain = |usage| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let answers = plain(wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
        let staging = plain(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let [nodes, primitives, spaces] = [&tables.nodes, &tables.primitives, &tables.spaces]
            .map(|rows| buffer(bytemuck::cast_slice(rows)));
        let rays_buffer = buffer(bytemuck::cast_slice(rays));
        let group = |index, buffers: &[(u32, &wgpu::Buffer)]| {
            let entries: Vec<_> = buffers
                .iter()
                .map(|&(binding, buffer)| wgpu::BindGroupEntry {
                    binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(index),
                entries: &entries,
            })
        };
        let groups = [
            group(0, &[(15, &nodes), (16, &primitives), (17, &spaces)]),
            group(1, &[(0, &rays_buffer), (1, &answers)]),
        ];
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(pipeline);
            for (i, group) in groups.iter().enumerate() {
                pass.set_bind_group(i as u32, group, &[]);
            }
            let n_groups = (rays.len() as u32).div_ceil(64);
            pass.dispatch_workgroups(n_groups.min(1024), n_groups.div_ceil(1024), 1);
        }
        encoder.copy_buffer_to_buffer(&answers, 0, &staging, 0, size);
        self.queue.submit([encoder.finish()]);
        let (send, receive) = mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |r| send.send(r).unwrap());
        let wait = wgpu::PollType::Wait {
            submission_index: None,
            timeout: None,
        };
        self.device.poll(wait).unwrap();
        receive.recv().unwrap().unwrap();
        bytemuck::pod_collect_to_vec(&staging.get_mapped_range(..).unwrap())
    }
}
