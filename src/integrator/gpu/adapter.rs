//! The adapters of this machine: what each is, what it lacks, and which one to take.

use super::{Error, page};
use crate::kernel::gpu::Target;

/// Storage buffers that a pass uses beside the pages of the scene.
pub(super) const WORK_BUFFERS: u32 = 4;
/// Storage buffers a stage must have: what WebGPU promises.
const STORAGE_BUFFERS_MIN: u32 = 8;
/// Bytes of a storage buffer a device must allow: what WebGPU promises, 128 MiB.
const BINDING_BYTES_MIN: u64 = 128 << 20;
/// Invocations of a workgroup a device must allow.
const INVOCATIONS_MIN: u32 = 256;
/// Bytes of workgroup memory a device must have.
const WORKGROUP_BYTES_MIN: u32 = 16 << 10;

/// What an adapter is, as `skywell devices` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Place in the list, from 0.
    pub index: usize,
    /// As its driver calls it.
    pub name: String,
    /// `Vulkan`, `Metal`, …
    pub api: String,
    /// `discrete GPU`, `software`, …
    pub kind: &'static str,
    /// Name and version of the driver, if it says.
    pub driver: String,
    /// Is it more than a program that runs on the CPU?
    pub is_hardware: bool,
    /// Bytes of the largest storage buffer.
    pub binding_bytes: u64,
    /// Storage buffers a stage may use.
    pub storage_buffers: u32,
    /// Images a stage may use for pages of the scene; 0: pages are buffers.
    pub images: u32,
    /// Why it cannot render, one line each; empty if it can.
    pub lacks: Vec<String>,
}

impl Description {
    /// Bytes of scene that fit it at most, by its limits; its memory may be smaller.
    #[must_use]
    pub fn scene_bytes(&self) -> u64 {
        u64::from(self.pages_max()).saturating_mul(self.page_bytes())
    }

    /// What its shaders are written for.
    pub(super) fn target(&self) -> Target {
        if self.images > 0 {
            Target::Software
        } else {
            Target::Hardware
        }
    }

    /// Pages that a scene may lie in.
    pub(super) fn pages_max(&self) -> u32 {
        let pages = match self.target() {
            Target::Hardware => self.storage_buffers.saturating_sub(WORK_BUFFERS),
            Target::Software => self.images,
        };
        pages.min(super::pages::PAGES_MAX)
    }

    /// Bytes of a page at most.
    pub(super) fn page_bytes(&self) -> u64 {
        match self.target() {
            Target::Hardware => self.binding_bytes,
            Target::Software => page::IMAGE_BYTES_MAX,
        }
    }
}

impl std::fmt::Display for Description {
    /// `llvmpipe (LLVM 15.0.6, 256 bits) (software, Vulkan)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.kind, self.api)
    }
}

/// An adapter that can be opened.
#[derive(Clone, Debug)]
pub struct Adapter {
    pub(super) wgpu: wgpu::Adapter,
    description: Description,
}

impl Adapter {
    /// What it is.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The same adapter, of which no more is asked than `storage_buffers` a stage, of `binding_bytes` each: as if it
    /// were a piece of hardware that has no more.
    #[must_use]
    pub fn within(mut self, storage_buffers: u32, binding_bytes: u64) -> Self {
        let description = &mut self.description;
        description.storage_buffers = description.storage_buffers.min(storage_buffers);
        description.binding_bytes = description.binding_bytes.min(binding_bytes);
        description.images = 0;
        self
    }

    /// The same adapter, of which nothing is asked that not every device has.
    #[must_use]
    pub fn at_baseline(self) -> Self {
        self.within(STORAGE_BUFFERS_MIN, BINDING_BYTES_MIN)
    }

    /// The limits to ask a device for: what every device has, but for what makes scenes larger.
    pub(super) fn limits_to_ask(&self) -> wgpu::Limits {
        let asked = &self.description;
        let defaults = wgpu::Limits::downlevel_defaults();
        wgpu::Limits {
            max_storage_buffers_per_shader_stage: match asked.target() {
                Target::Hardware => WORK_BUFFERS + asked.pages_max(),
                Target::Software => STORAGE_BUFFERS_MIN,
            },
            max_storage_textures_per_shader_stage: asked.images.min(asked.pages_max()),
            max_texture_dimension_2d: match asked.target() {
                Target::Hardware => defaults.max_texture_dimension_2d,
                Target::Software => page::IMAGE_SIDE_MAX,
            },
            max_storage_buffer_binding_size: asked.binding_bytes,
            max_buffer_size: asked.binding_bytes,
            ..defaults.or_worse_values_from(&self.wgpu.limits())
        }
    }
}

/// All adapters, hardware first, else in the order of the drivers.
#[must_use]
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    found.sort_by_key(|adapter| rank(adapter.get_info().device_type));
    found
        .into_iter()
        .enumerate()
        .map(|(index, wgpu)| Adapter {
            description: describe(index, &wgpu),
            wgpu,
        })
        .collect()
}

/// Place of a kind of device in the list.
fn rank(kind: wgpu::DeviceType) -> u32 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::VirtualGpu => 1,
        wgpu::DeviceType::IntegratedGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

fn describe(index: usize, adapter: &wgpu::Adapter) -> Description {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let driver = [info.driver.as_str(), info.driver_info.as_str()];
    let driver: Vec<&str> = driver.into_iter().filter(|s| !s.is_empty()).collect();
    Description {
        index,
        name: info.name,
        api: format!("{:?}", info.backend),
        kind: match info.device_type {
            wgpu::DeviceType::DiscreteGpu => "discrete GPU",
            wgpu::DeviceType::VirtualGpu => "virtual GPU",
            wgpu::DeviceType::IntegratedGpu => "integrated GPU",
            wgpu::DeviceType::Cpu => "software",
            wgpu::DeviceType::Other => "of unknown kind",
        },
        driver: driver.join(" "),
        is_hardware: info.device_type != wgpu::DeviceType::Cpu,
        binding_bytes: binding_bytes(&limits),
        images: if info.device_type == wgpu::DeviceType::Cpu
            && limits.max_texture_dimension_2d >= page::IMAGE_SIDE_MAX
        {
            limits.max_storage_textures_per_shader_stage
        } else {
            0
        },
        storage_buffers: limits.max_storage_buffers_per_shader_stage,
        lacks: missing(&limits, adapter.get_downlevel_capabilities().flags),
    }
}

/// Bytes of the largest buffer that shaders can read.
fn binding_bytes(limits: &wgpu::Limits) -> u64 {
    limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size)
}

/// What a device of these limits lacks, by the names WebGPU gives its limits.
fn missing(limits: &wgpu::Limits, flags: wgpu::DownlevelFlags) -> Vec<String> {
    let mut lacks = Vec::new();
    for (flag, what) in [
        (wgpu::DownlevelFlags::COMPUTE_SHADERS, "compute shaders"),
        (
            wgpu::DownlevelFlags::INDIRECT_EXECUTION,
            "indirect dispatches",
        ),
    ] {
        if !flags.contains(flag) {
            lacks.push(format!("it has no {what}"));
        }
    }
    let needs = [
        (
            "maxStorageBuffersPerShaderStage",
            u64::from(limits.max_storage_buffers_per_shader_stage),
            u64::from(STORAGE_BUFFERS_MIN),
        ),
        (
            "maxStorageBufferBindingSize",
            binding_bytes(limits),
            BINDING_BYTES_MIN,
        ),
        (
            "maxComputeInvocationsPerWorkgroup",
            u64::from(limits.max_compute_invocations_per_workgroup),
            u64::from(INVOCATIONS_MIN),
        ),
        (
            "maxComputeWorkgroupStorageSize",
            u64::from(limits.max_compute_workgroup_storage_size),
            u64::from(WORKGROUP_BYTES_MIN),
        ),
    ];
    for (name, has, needs) in needs {
        if has < needs {
            lacks.push(format!("its {name} is {has}, and {needs} is needed"));
        }
    }
    lacks
}

/// May this machine have a GPU? Asking the drivers takes long, and some of them talk; on Linux the kernel knows.
#[must_use]
pub fn may_have_hardware() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let nodes = ["/dev/nvidiactl", "/dev/kfd", "/dev/dxg"];
    let renders =
        |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    nodes.iter().any(|node| std::path::Path::new(node).exists())
        || std::fs::read_dir("/dev/dri").is_ok_and(|entries| entries.flatten().any(renders))
}

/// The adapter that `auto` takes: the first piece of hardware that can render.
#[must_use]
pub fn best_hardware(adapters: &[Adapter]) -> Option<&Adapter> {
    adapters
        .iter()
        .find(|a| a.description.is_hardware && a.description.lacks.is_empty())
}

/// The adapters that `wanted` names (by index in the list, or by a part of the name), or the first that can render if
/// `wanted` is empty.
///
/// # Errors
/// No adapter at all, none of that name, or one that lacks something.
pub fn choose(adapters: &[Adapter], wanted: &[String]) -> Result<Vec<Adapter>, Error> {
    let first = adapters.first().ok_or(Error::NoAdapter)?;
    if wanted.is_empty() {
        let suitable = adapters.iter().find(|a| a.description.lacks.is_empty());
        return match suitable {
            Some(adapter) => Ok(vec![adapter.clone()]),
            None => Err(unsuitable(first)),
        };
    }
    let mut chosen: Vec<Adapter> = Vec::new();
    for name in wanted {
        let adapter = named(adapters, name).ok_or_else(|| Error::NoSuchAdapter {
            wanted: name.clone(),
            there_are: adapters
                .iter()
                .map(|a| format!("{} \"{}\"", a.description.index, a.description.name))
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        if !adapter.description.lacks.is_empty() {
            return Err(unsuitable(adapter));
        }
        if chosen
            .iter()
            .all(|c| c.description.index != adapter.description.index)
        {
            chosen.push(adapter.clone());
        }
    }
    Ok(chosen)
}

fn named<'a>(adapters: &'a [Adapter], name: &str) -> Option<&'a Adapter> {
    if let Ok(index) = name.parse::<usize>() {
        return adapters.get(index);
    }
    let name = name.to_lowercase();
    adapters
        .iter()
        .find(|a| a.description.name.to_lowercase().contains(&name))
}

fn unsuitable(adapter: &Adapter) -> Error {
    Error::Unsuitable {
        adapter: adapter.description.to_string(),
        lacks: adapter.description.lacks.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let all = wgpu::DownlevelFlags::all();
        assert_eq!(missing(&wgpu::Limits::default(), all), [""; 0]);
        let poor = wgpu::Limits {
            max_storage_buffers_per_shader_stage: 4,
            ..wgpu::Limits::default()
        };
        let lacks = missing(&poor, all - wgpu::DownlevelFlags::INDIRECT_EXECUTION);
        assert_eq!(lacks.len(), 2, "{lacks:?}");
        assert!(lacks[0].contains("indirect dispatches"));
        assert!(lacks[1].contains("maxStorageBuffersPerShaderStage is 4, and 8"));
    }

    #[test]
    fn no_adapter_is_an_error() {
        assert!(matches!(choose(&[], &[]), Err(Error::NoAdapter)));
        assert!(best_hardware(&[]).is_none());
    }
}
