//! The compiled passes, and which buffers they see.

use super::device::Device;
use super::fault::Fault;
use super::page;
use super::pages::{Layout, Table};
use crate::compiled::record::SCATTER_CLASSES;
use crate::kernel::gpu::{FIRST_PAGE_BINDING, Features, Target, source};
use std::sync::atomic::{AtomicU64, Ordering};

/// What decides which pipelines a scene needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Pages the scene lies in.
    pub pages: u32,
    /// Every page but the last has 2^this rows.
    pub page_rows_log2: u32,
    /// Alpha, or the open boundary of a medium, lets rays pass somewhere.
    pub has_alpha: bool,
    /// Some medium scatters light.
    pub scatters: bool,
    /// Flags and textures that occur.
    pub features: Features,
    /// Those of each class of materials (`SCATTER_*`), if it occurs.
    pub classes: Vec<Option<Features>>,
}

impl Variant {
    /// What the scene of `tables` needs, which lies as `layout` says.
    pub fn new(layout: &Layout, has_alpha: bool, scatters: bool, tables: &[Table<'_>]) -> Self {
        Self {
            pages: layout.pages,
            // a single page is as large as it must be
            page_rows_log2: if layout.pages == 1 {
                0
            } else {
                layout.page_rows_log2
            },
            has_alpha,
            scatters,
            features: Features::of(tables),
            classes: (0..SCATTER_CLASSES)
                .map(|class| Features::of_class(tables, class))
                .collect(),
        }
    }

    /// What serves every scene that fits one page and lets no ray pass.
    pub fn usual() -> Self {
        Self {
            pages: 1,
            page_rows_log2: 0,
            has_alpha: false,
            scatters: false,
            features: Features::all(),
            classes: vec![Some(Features::all()); SCATTER_CLASSES as usize],
        }
    }

    /// Do shaders made for `self` render what `other` asks for?
    pub fn serves(&self, other: &Self) -> bool {
        let widened = Self {
            features: self.features.clone(),
            classes: self.classes.clone(),
            ..other.clone()
        };
        *self == widened && (self.features == Features::all() || self == other)
    }
}

/// Passes of [`Variant::usual`].
pub const STEPS: u64 = 12;

/// Passes that scatter, by class.
const SCATTER: [&str; SCATTER_CLASSES as usize] = [
    "scatter_bare",
    "scatter_coated",
    "scatter_clear",
    "scatter_layered",
];

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
    /// For scenes with media that scatter.
    pub media: Option<wgpu::ComputePipeline>,
    pub meet: wgpu::ComputePipeline,
    /// By class of materials, where it occurs.
    pub scatter: Vec<Option<wgpu::ComputePipeline>>,
    pub shadow: wgpu::ComputePipeline,
    /// Where alpha lets rays pass.
    pub thin: Option<Thin>,
    pub prepare_round: wgpu::ComputePipeline,
    pub prepare_scatter: wgpu::ComputePipeline,
    pub prepare_shadows: wgpu::ComputePipeline,
    pub accumulate: wgpu::ComputePipeline,
}

/// Passes over shadow rays at thin surfaces.
#[derive(Debug)]
pub struct Thin {
    pub prepare: wgpu::ComputePipeline,
    pub shade: wgpu::ComputePipeline,
}

/// What a pass does with a buffer.
#[derive(Clone, Copy)]
pub(super) enum Binding {
    Uniform,
    Read,
    Write,
    /// Reads an image.
    Image,
}

/// What the group that all passes share holds.
pub(super) const WORK: [Binding; 5] = [
    Binding::Uniform,
    Binding::Write,
    Binding::Write,
    Binding::Write,
    Binding::Write,
];
/// What the group of `accumulate_film` holds.
pub(super) const FILM: [Binding; 2] = [Binding::Write, Binding::Write];

/// The layout of a group.
pub(super) fn layout(device: &Device, label: &str, bindings: &[Binding]) -> wgpu::BindGroupLayout {
    let buffer = |ty| wgpu::BindingType::Buffer {
        ty,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let entries: Vec<_> = bindings
        .iter()
        .enumerate()
        .map(|(binding, kind)| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: match kind {
                Binding::Uniform => buffer(wgpu::BufferBindingType::Uniform),
                Binding::Read => buffer(wgpu::BufferBindingType::Storage { read_only: true }),
                Binding::Write => buffer(wgpu::BufferBindingType::Storage { read_only: false }),
                Binding::Image => wgpu::BindingType::StorageTexture {
                    access: wgpu::StorageTextureAccess::ReadOnly,
                    format: page::IMAGE_FORMAT,
                    view_dimension: wgpu::TextureViewDimension::D2,
                },
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

/// The shaders of a variant, parsed and validated.
pub(super) struct Compiler<'a> {
    device: &'a Device,
    cache: Option<&'a wgpu::PipelineCache>,
    module: wgpu::ShaderModule,
}

impl<'a> Compiler<'a> {
    pub fn new(
        device: &'a Device,
        cache: Option<&'a wgpu::PipelineCache>,
        variant: &Variant,
        features: &Features,
    ) -> Result<Self, Fault> {
        let text = source(
            device.target,
            variant.pages,
            variant.page_rows_log2,
            features,
        );
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some("shaders"),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        };
        let checks = wgpu::ShaderRuntimeChecks {
            force_loop_bounding: false,
            ..wgpu::ShaderRuntimeChecks::checked()
        };
        #[expect(
            unsafe_code,
            reason = "wgpu counts the turns of every loop unless the caller vouches that all end"
        )]
        // SAFETY: the only check left out is that loops end; those of `shaders/` all have a bound in their
        // head, which tests/passes.rs holds
        let module = unsafe { device.wgpu.create_shader_module_trusted(descriptor, checks) };
        device.check()?;
        Ok(Self {
            device,
            cache,
            module,
        })
    }

    /// Compiles the pass `entry`, which sees `groups`.
    pub fn pass(
        &self,
        entry: &str,
        groups: &[Option<&wgpu::BindGroupLayout>],
    ) -> Result<wgpu::ComputePipeline, Fault> {
        let device = &self.device.wgpu;
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(entry),
            bind_group_layouts: groups,
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: Some(&layout),
            module: &self.module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &[],
                zero_initialize_workgroup_memory: false,
            },
            cache: self.cache,
        });
        self.device.check().map(|()| pipeline)
    }

    /// Compiles passes side by side, as drivers do on as many cores as they are asked from: of each its entry, the
    /// features it is made for and the groups it sees. `step` is told how many are done.
    fn passes(
        &self,
        variant: &Variant,
        passes: &[Pass<'_>],
        step: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<wgpu::ComputePipeline>, Fault> {
        let done = AtomicU64::new(0);
        let compile = |&(entry, features, groups): &Pass<'_>| {
            let pipeline = if *features == variant.features {
                self.pass(entry, groups)
            } else {
                Compiler::new(self.device, self.cache, variant, features)
                    .and_then(|compiler| compiler.pass(entry, groups))
            };
            step(done.fetch_add(1, Ordering::Relaxed) + 1);
            pipeline
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (passes.iter())
                .map(|pass| scope.spawn(|| compile(pass)))
                .collect();
            (threads.into_iter())
                .map(|thread| {
                    let pipeline = thread.join();
                    pipeline.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        })
    }
}

/// A pass to compile: its entry, what it is made for and the groups it sees.
type Pass<'a> = (
    &'a str,
    &'a Features,
    &'a [Option<&'a wgpu::BindGroupLayout>],
);

impl Pipelines {
    /// Compiles the passes of `variant`. `step` is told the number of passes compiled so far.
    pub fn compile(
        device: &Device,
        cache: Option<&wgpu::PipelineCache>,
        variant: Variant,
        step: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, Fault> {
        let compiler = Compiler::new(device, cache, &variant, &variant.features)?;
        let mut scene_bindings = vec![Binding::Uniform; FIRST_PAGE_BINDING as usize];
        let page = match device.target {
            Target::Hardware => Binding::Read,
            Target::Software => Binding::Image,
        };
        scene_bindings.extend(vec![page; variant.pages as usize]);
        let scene_layout = layout(device, "scene", &scene_bindings);
        let work_layout = layout(device, "work", &WORK);
        let dispatch_layout = layout(device, "dispatches", &[Binding::Write]);
        let film_layout = layout(device, "film", &FILM);
        // What all passes share comes first: a group stays bound only as long as those before it do.
        let scene = [Some(&work_layout), Some(&scene_layout)];
        let dispatch = [Some(&work_layout), None, Some(&dispatch_layout)];
        let film = [Some(&work_layout), None, Some(&film_layout)];
        let all = &variant.features;
        let mut passes = vec![
            ("generate_camera_rays", all, &scene[..]),
            ("intersect_closest", all, &scene),
            ("meet_surfaces", all, &scene),
            ("intersect_shadows", all, &scene),
            ("prepare_round", all, &dispatch),
            ("prepare_scatter", all, &dispatch),
            ("prepare_shadows", all, &dispatch),
            ("accumulate_film", all, &film),
        ];
        for (entry, class) in SCATTER.into_iter().zip(&variant.classes) {
            passes.extend(class.as_ref().map(|features| (entry, features, &scene[..])));
        }
        if variant.scatters {
            passes.push(("scatter_in_media", all, &scene));
        }
        if variant.has_alpha {
            passes.push(("prepare_thin", all, &dispatch));
            passes.push(("shade_shadows", all, &scene));
        }
        let mut compiled = compiler.passes(&variant, &passes, step)?.into_iter();
        let mut next = || {
            let missing = || Fault::Refused("a pass was not compiled".to_owned());
            compiled.next().ok_or_else(missing)
        };
        Ok(Self {
            generate: next()?,
            intersect: next()?,
            meet: next()?,
            shadow: next()?,
            prepare_round: next()?,
            prepare_scatter: next()?,
            prepare_shadows: next()?,
            accumulate: next()?,
            scatter: (variant.classes.iter())
                .map(|class| class.as_ref().map(|_| next()).transpose())
                .collect::<Result<_, _>>()?,
            media: variant.scatters.then(&mut next).transpose()?,
            thin: match variant.has_alpha {
                true => Some(Thin {
                    prepare: next()?,
                    shade: next()?,
                }),
                false => None,
            },
            variant,
            scene_layout,
            work_layout,
            dispatch_layout,
            film_layout,
        })
    }
}
