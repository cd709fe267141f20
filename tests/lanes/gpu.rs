//! The conformance suite on a GPU (or on lavapipe), as an oracle from outside.

use super::suite::WGSL;
use super::suite::record::{Answer, Query, Settings};
use std::sync::mpsc;
use wgpu::util::DeviceExt;

/// A device, or why there is none.
pub fn device() -> Result<(wgpu::Device, wgpu::Queue), String> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter =
        pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
    let adapter = adapter.map_err(|e| e.to_string())?;
    pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))
        .map_err(|e| e.to_string())
}

/// Runs kernel `name` of the suite on all queries.
pub fn run(
    device: &(wgpu::Device, wgpu::Queue),
    name: &str,
    settings: &Settings,
    queries: &[Query],
) -> Vec<Answer> {
    let (device, queue) = device;
    let source = format!(
        "{WGSL}
@group(1) @binding(0) var<storage, read> gpu_queries: array<Query>;
@group(1) @binding(1) var<storage, read_write> gpu_answers: array<Answer>;
@compute @workgroup_size(64)
fn gpu_main(@builtin(global_invocation_id) id: vec3<u32>) {{
    // keeps the bindings of the suite in every kernel's layout
    let keep = settings.op + rows[0].op;
    if (id.x < arrayLength(&gpu_queries) && keep != 0x12345678u) {{
        gpu_answers[id.x] = {name}(gpu_queries[id.x]);
    }}
}}"
    );
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: None,
        module: &module,
        entry_point: Some("gpu_main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let buffer = |contents: &[u8], usage| {
        device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: None,
            contents,
            usage,
        })
    };
    let size = (queries.len() * size_of::<Answer>()) as u64;
    let uniform = buffer(bytemuck::bytes_of(settings), wgpu::BufferUsages::UNIFORM);
    let input = buffer(bytemuck::cast_slice(queries), wgpu::BufferUsages::STORAGE);
    let plain = |usage| {
        device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage,
            mapped_at_creation: false,
        })
    };
    let output = plain(wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
    let staging = plain(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
    fn entry(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
        wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        }
    }
    let group = |index, first: &wgpu::Buffer, second: &wgpu::Buffer| {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(index),
            entries: &[entry(0, first), entry(1, second)],
        })
    };
    let groups = [group(0, &uniform, &input), group(1, &input, &output)];
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        for (i, group) in groups.iter().enumerate() {
            pass.set_bind_group(i as u32, group, &[]);
        }
        pass.dispatch_workgroups((queries.len() as u32).div_ceil(64), 1, 1);
    }
    encoder.copy_buffer_to_buffer(&output, 0, &staging, 0, size);
    queue.submit([encoder.finish()]);
    let (send, receive) = mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, .., move |r| send.send(r).unwrap());
    device
        .poll(wgpu::PollType::Wait {
            submission_index: None,
            timeout: None,
        })
        .unwrap();
    receive.recv().unwrap().unwrap();
    let view = staging.get_mapped_range(..).unwrap();
    bytemuck::pod_collect_to_vec(&view)
}
