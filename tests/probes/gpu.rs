//! Probes on a GPU.

use bytemuck::Pod;
use skywell::kernel::Tables;
use skywell::kernel::gpu::{Features, TABLES, Target, source};
use std::sync::{Mutex, mpsc};
use wgpu::util::DeviceExt;

/// Bytes of the rows that tables are made of.
const ROW_BYTES: usize = 16;
/// Invocations of a workgroup.
const WORKGROUP: u32 = 64;

/// A device and the shaders to ask.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// What `shaders/probe` adds to the renderer's text.
    probes: String,
    layouts: [wgpu::BindGroupLayout; 2],
    compiled: Mutex<Vec<Compiled>>,
    /// The tables asked about last: most tests ask about the same many times.
    tables: Mutex<Option<(Vec<u8>, wgpu::Buffer)>>,
}

/// A probe, for tables that have some features.
struct Compiled {
    name: &'static str,
    features: Features,
    pipeline: wgpu::ComputePipeline,
}

/// The files of `shaders/probe`; what they import is there already.
fn probes() -> String {
    let files = std::fs::read_dir("shaders/probe").unwrap();
    let mut text = String::new();
    for file in files {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // an import may go on over lines
        let mut open = 0;
        for line in file.lines() {
            if open > 0 || line.starts_with('#') {
                open += line.matches('{').count();
                open -= line.matches('}').count();
            } else {
                text += &format!("{line}\n");
            }
        }
    }
    text
}

impl Gpu {
    /// The first adapter there is.
    pub fn open() -> Result<Self, String> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter =
            pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
                .map_err(|e| e.to_string())?;
        let (device, queue) =
            pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))
                .map_err(|e| e.to_string())?;
        let layout = |kinds: &[wgpu::BufferBindingType]| {
            let entries: Vec<_> = (0..)
                .zip(kinds)
                .map(|(binding, &ty)| wgpu::BindGroupLayoutEntry {
                    binding,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: wgpu::BindingType::Buffer {
                        ty,
                        has_dynamic_offset: false,
                        min_binding_size: None,
                    },
                    count: None,
                })
                .collect();
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries: &entries,
            })
        };
        let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
        let uniform = wgpu::BufferBindingType::Uniform;
        let layouts = [
            layout(&[storage(true), storage(false)]),
            layout(&[uniform, uniform, storage(true)]),
        ];
        Ok(Self {
            device,
            queue,
            probes: probes(),
            layouts,
            compiled: Mutex::default(),
            tables: Mutex::default(),
        })
    }

    /// What the probe `name` answers to each of `queries`.
    pub fn ask<Q: Pod, A: Pod>(
        &self,
        name: &'static str,
        tables: &Tables<'_>,
        queries: &[Q],
    ) -> Vec<A> {
        let pipeline = self.pipeline(name, &Features::of(&tables.bytes()));
        let (rows, first_rows) = rows(tables);
        let buffer = |contents: &[u8], usage| {
            self.device
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: None,
                    contents,
                    usage,
                })
        };
        let size = std::mem::size_of::<A>() as u64 * queries.len() as u64;
        let plain = |usage| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        use wgpu::BufferUsages as Usage;
        let answers = plain(Usage::STORAGE | Usage::COPY_SRC);
        let staging = plain(Usage::MAP_READ | Usage::COPY_DST);
        let groups = [
            vec![
                buffer(bytemuck::cast_slice(queries), Usage::STORAGE),
                answers.clone(),
            ],
            vec![
                buffer(bytemuck::bytes_of(tables.frame), Usage::UNIFORM),
                buffer(bytemuck::cast_slice(&first_rows), Usage::UNIFORM),
                self.upload(rows),
            ],
        ];
        let mut encoder = self.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            for (index, (buffers, layout)) in (0..).zip(groups.iter().zip(&self.layouts)) {
                let entries: Vec<_> = (0..)
                    .zip(buffers)
                    .map(|(binding, buffer)| wgpu::BindGroupEntry {
                        binding,
                        resource: buffer.as_entire_binding(),
                    })
                    .collect();
                let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: None,
                    layout,
                    entries: &entries,
                });
                pass.set_bind_group(index, &group, &[]);
            }
            pass.dispatch_workgroups((queries.len() as u32).div_ceil(WORKGROUP), 1, 1);
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

    /// A buffer of `rows`.
    fn upload(&self, rows: Vec<u8>) -> wgpu::Buffer {
        let mut tables = self.tables.lock().unwrap();
        if let Some((known, buffer)) = &*tables
            && *known == rows
        {
            return buffer.clone();
        }
        let buffer = (self.device).create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: None,
            contents: &rows,
            usage: wgpu::BufferUsages::STORAGE,
        });
        *tables = Some((rows, buffer.clone()));
        buffer
    }

    /// The probe `name` for tables that have `features`.
    fn pipeline(&self, name: &'static str, features: &Features) -> wgpu::ComputePipeline {
        let mut compiled = self.compiled.lock().unwrap();
        let known = (compiled.iter()).find(|c| c.name == name && c.features == *features);
        if let Some(known) = known {
            return known.pipeline.clone();
        }
        let pipeline = self.compile(name, features);
        compiled.push(Compiled {
            name,
            features: features.clone(),
            pipeline: pipeline.clone(),
        });
        pipeline
    }

    fn compile(&self, name: &str, features: &Features) -> wgpu::ComputePipeline {
        // `fn NAME(argument: QUERY) -> ANSWER {`
        let (_, signature) = (self.probes.split_once(&format!("fn {name}("))).unwrap();
        let (signature, _) = signature.split_once(" {").unwrap();
        let (argument, answer) = signature.split_once(") -> ").unwrap();
        let (_, query) = argument.split_once(": ").unwrap();
        let text = format!(
            "{}{}
@group(0) @binding(0) var<storage, read> asked_queries: array<{query}>;
@group(0) @binding(1) var<storage, read_write> given_answers: array<{answer}>;
@compute @workgroup_size({WORKGROUP})
fn ask(@builtin(global_invocation_id) id: vec3<u32>) {{
    if (id.x < arrayLength(&asked_queries)) {{
        given_answers[id.x] = {name}(asked_queries[id.x]);
    }}
}}",
            source(Target::Hardware, 1, 0, features),
            self.probes,
        );
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        };
        let checks = wgpu::ShaderRuntimeChecks {
            force_loop_bounding: false,
            ..wgpu::ShaderRuntimeChecks::checked()
        };
        #[expect(unsafe_code, reason = "as the renderer does")]
        // SAFETY: all loops of `shaders/` have a bound in their head, which tests/passes.rs holds
        let module = unsafe { self.device.create_shader_module_trusted(descriptor, checks) };
        let layouts = self.layouts.each_ref().map(Some);
        let layout = (self.device).create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(name),
            bind_group_layouts: &layouts,
            immediate_size: 0,
        });
        (self.device).create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: Some(&layout),
            module: &module,
            entry_point: Some("ask"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        })
    }
}

/// All tables end to end in rows, and the first row of each.
fn rows(tables: &Tables<'_>) -> (Vec<u8>, Vec<u32>) {
    let (mut rows, mut first_rows) = (Vec::new(), Vec::new());
    let tables = tables.bytes();
    for name in TABLES {
        first_rows.push((rows.len() / ROW_BYTES) as u32);
        // the accelerator's tables are no probe's business
        if let Some((_, bytes)) = tables.iter().find(|(table, _)| *table == name) {
            rows.extend_from_slice(bytes);
            rows.resize(rows.len().next_multiple_of(ROW_BYTES), 0);
        }
    }
    rows.resize(rows.len().max(ROW_BYTES), 0);
    first_rows.resize(first_rows.len().next_multiple_of(4), 0);
    (rows, first_rows)
}
