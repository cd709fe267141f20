//! The compiled passes, and which buffers they see.

use super::device::Device;
use super::fault::Fault;
use super::pages::Layout;
use crate::kernel::gpu::{FIRST_PAGE_BINDING, source};

/// What decides which pipelines a scene needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Pages the scene lies in.
    pub pages: u32,
    /// Every page but the last has 2^this rows.
    pub page_rows_log2: u32,
    /// Alpha lets rays pass somewhere.
    pub has_alpha: bool,
}

impl Variant {
    /// What a scene that lies as `layout` says needs.
    pub fn new(layout: &Layout, has_alpha: bool) -> Self {
        if layout.pages == 1 {
            return Self {
                has_alpha,
                ..Self::usual()
            };
        }
        Self {
            pages: layout.pages,
            page_rows_log2: layout.page_rows_log2,
            has_alpha,
        }
    }

    /// What most scenes need.
    pub fn usual() -> Self {
        Self {
            pages: 1,
            page_rows_log2: 0,
            has_alpha: false,
        }
    }
}

/// The passes of `shaders/passes`, in the order in which a path meets them.
pub const STEPS: u64 = 6;

/// Compiled passes.
#[derive(Debug)]
pub struct Pipelines {
    pub variant: Variant,
    pub scene_layout: wgpu::BindGroupLayout,
    pub work_layout: wgpu::BindGroupLayout,
    pub dispatch_layout: wgpu::BindGroupLayout,
    pub film_layout: wgpu::BindGroupLayout,
    pub generate: wgpu::ComputePipeline,
    pub intersect: wgpu::ComputePipeline,
    pub shade: wgpu::ComputePipeline,
    pub prepare: wgpu::ComputePipeline,
    pub shadow: wgpu::ComputePipeline,
    pub accumulate: wgpu::ComputePipeline,
}

#[derive(Clone, Copy)]
enum Binding {
    Uniform,
    Read,
    Write,
}

fn layout(device: &Device, label: &str, bindings: &[Binding]) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = bindings
        .iter()
        .enumerate()
        .map(|(binding, kind)| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match kind {
                    Binding::Uniform => wgpu::BufferBindingType::Uniform,
                    Binding::Read => wgpu::BufferBindingType::Storage { read_only: true },
                    Binding::Write => wgpu::BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device
        .wgpu
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(label),
            entries: &entries,
        })
}

impl Pipelines {
    /// Compiles the passes of `variant`. `step` is told the number of passes compiled so far.
    pub fn compile(
        device: &Device,
        cache: Option<&wgpu::PipelineCache>,
        variant: Variant,
        step: &dyn Fn(u64),
    ) -> Result<Self, Fault> {
        use Binding::{Read, Uniform, Write};
        let text = source(variant.pages, variant.page_rows_log2);
        let module = device
            .wgpu
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("shaders"),
                source: wgpu::ShaderSource::Wgsl(text.into()),
            });
        device.check()?;
        let mut scene_bindings = vec![Uniform; FIRST_PAGE_BINDING as usize];
        scene_bindings.extend(vec![Read; variant.pages as usize]);
        let scene_layout = layout(device, "scene", &scene_bindings);
        let work_layout = layout(device, "work", &[Uniform, Write, Write, Write, Write]);
        let dispatch_layout = layout(device, "dispatches", &[Write]);
        let film_layout = layout(device, "film", &[Write, Write]);
        let pass = |entry: &str, groups: &[Option<&wgpu::BindGroupLayout>], n: u64| {
            let layout = device
                .wgpu
                .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                    label: Some(entry),
                    bind_group_layouts: groups,
                    immediate_size: 0,
                });
            let pipeline = device
                .wgpu
                .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(entry),
                    layout: Some(&layout),
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        constants: &[],
                        zero_initialize_workgroup_memory: false,
                    },
                    cache,
                });
            step(n);
            device.check().map(|()| pipeline)
        };
        // What all passes share comes first: a group stays bound only as long as those before it do.
        let scene = [Some(&work_layout), Some(&scene_layout)];
        let shadow = if variant.has_alpha {
            "intersect_shadow_alpha"
        } else {
            "intersect_shadow"
        };
        Ok(Self {
            variant,
            generate: pass("generate_camera_rays", &scene, 1)?,
            intersect: pass("intersect_closest", &scene, 2)?,
            shade: pass("shade_surfaces", &scene, 3)?,
            shadow: pass(shadow, &scene, 4)?,
            prepare: pass(
                "prepare_queues",
                &[Some(&work_layout), None, Some(&dispatch_layout)],
                5,
            )?,
            accumulate: pass(
                "accumulate_film",
                &[Some(&work_layout), None, Some(&film_layout)],
                STEPS,
            )?,
            scene_layout,
            work_layout,
            dispatch_layout,
            film_layout,
        })
    }
}
