//! SPIR-V of the passes, as wgpu would hand it to a Vulkan driver.

use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};

/// A binding that a kernel uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub group: u32,
    pub binding: u32,
    pub is_uniform: bool,
}

/// One entry point, compiled.
#[derive(Debug)]
pub struct Kernel {
    pub name: String,
    pub words: Vec<u32>,
    pub bindings: Vec<Binding>,
}

/// Parses and validates WGSL, allowing it nothing optional.
pub fn module(text: &str) -> Result<(naga::Module, ModuleInfo), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|e| e.emit_to_string(text))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::default())
        .validate(&module)
        .map_err(|e| e.emit_to_string(text))?;
    Ok((module, info))
}

/// All entry points of `text`.
pub fn kernels(text: &str) -> Result<Vec<Kernel>, String> {
    let (module, info) = module(text)?;
    let kernel = |index: usize| {
        let entry = &module.entry_points[index];
        let used = info.get_entry_point(index);
        let bindings: Vec<Binding> = (module.global_variables.iter())
            .filter(|(handle, _)| !used[*handle].is_empty())
            .filter_map(|(_, global)| {
                let at = global.binding?;
                Some(Binding {
                    group: at.group,
                    binding: at.binding,
                    is_uniform: global.space == naga::AddressSpace::Uniform,
                })
            })
            .collect();
        let pipeline = spv::PipelineOptions {
            shader_stage: entry.stage,
            entry_point: entry.name.clone(),
        };
        let words = spv::write_vec(&module, &info, &options(&bindings), Some(&pipeline))
            .map_err(|e| format!("{}: {e}", entry.name))?;
        Ok(Kernel {
            name: entry.name.clone(),
            words,
            bindings,
        })
    };
    (0..module.entry_points.len()).map(kernel).collect()
}

/// Options as wgpu-hal 30 sets them for a device of Vulkan 1.3 with robust buffer access 2.
fn options<'a>(bindings: &[Binding]) -> spv::Options<'a> {
    spv::Options {
        lang_version: (1, 6),
        flags: spv::WriterFlags::LABEL_VARYINGS | spv::WriterFlags::FORCE_POINT_SIZE,
        bounds_check_policies: BoundsCheckPolicies {
            index: BoundsCheckPolicy::Restrict,
            buffer: BoundsCheckPolicy::Unchecked,
            image_load: BoundsCheckPolicy::Unchecked,
            binding_array: BoundsCheckPolicy::Unchecked,
        },
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: true,
        binding_map: bindings
            .iter()
            .map(|b| {
                let at = naga::ResourceBinding {
                    group: b.group,
                    binding: b.binding,
                };
                let info = spv::BindingInfo {
                    descriptor_set: b.group,
                    binding: b.binding,
                    binding_array_size: None,
                };
                (at, info)
            })
            .collect(),
        ..spv::Options::default()
    }
}
