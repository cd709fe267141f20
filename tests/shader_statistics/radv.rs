//! Mesa's RADV on a card that is not there: what its compiler makes of a kernel.
//!
//! Nothing runs; `RADV_FORCE_FAMILY` makes the driver pretend. The process must have been started with [`ENVIRONMENT`].

use super::spirv::{Binding, Kernel};
use ash::{khr, vk};
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};

/// Where Debian and its like say where the driver is.
pub const DRIVER: &str = "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json";

/// The environment that makes RADV the only driver, with a card of the family Navi 21 (RX 6800 to 6950).
pub const ENVIRONMENT: [(&str, &str); 4] = [
    ("VK_DRIVER_FILES", DRIVER),
    ("VK_ICD_FILENAMES", DRIVER),
    ("RADV_FORCE_FAMILY", "NAVI21"),
    ("MESA_SHADER_CACHE_DISABLE", "true"),
];

/// What the compiler says of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Vector registers a lane.
    pub vgprs: u64,
    /// Registers that were put into memory, vector and scalar.
    pub spills: u64,
    /// Bytes of private memory a wave.
    pub scratch: u64,
    /// Bytes of workgroup memory.
    pub shared: u64,
    /// Waves at once on a SIMD, of 16.
    pub waves: u64,
    /// Bytes of code.
    pub code: u64,
}

/// An opened driver.
pub struct Radv {
    // dropped last
    _entry: ash::Entry,
    _instance: ash::Instance,
    device: ash::Device,
    statistics: khr::pipeline_executable_properties::Device,
    /// The driver's name and version.
    pub name: String,
}

impl Radv {
    /// Opens the driver.
    pub fn open() -> Result<Self, String> {
        let fail = |what: &str, e: vk::Result| format!("{what}: {e}");
        // SAFETY: the Vulkan loader is called as its specification demands, for this whole function.
        unsafe {
            let entry = ash::Entry::load().map_err(|e| e.to_string())?;
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
            let info = vk::InstanceCreateInfo::default().application_info(&application);
            let instance = entry
                .create_instance(&info, None)
                .map_err(|e| fail("vkCreateInstance", e))?;
            let card = (instance.enumerate_physical_devices())
                .map_err(|e| fail("vkEnumeratePhysicalDevices", e))?
                .into_iter()
                .next()
                .ok_or("RADV shows no card")?;
            let mut driver = vk::PhysicalDeviceDriverProperties::default();
            let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
            instance.get_physical_device_properties2(card, &mut properties);
            let text = |chars: &[std::ffi::c_char]| {
                CStr::from_ptr(chars.as_ptr())
                    .to_string_lossy()
                    .into_owned()
            };
            let card_name = text(&properties.properties.device_name);
            let name = format!("{card_name}, {}", text(&driver.driver_info));
            let extensions = [
                khr::pipeline_executable_properties::NAME.as_ptr(),
                ash::ext::robustness2::NAME.as_ptr(),
            ];
            let mut executable =
                vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
                    .pipeline_executable_info(true);
            let mut robust =
                vk::PhysicalDeviceRobustness2FeaturesEXT::default().robust_buffer_access2(true);
            let mut vulkan13 = vk::PhysicalDeviceVulkan13Features::default()
                .maintenance4(true)
                .subgroup_size_control(true);
            let features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true);
            let priorities = [1.0];
            let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&priorities)];
            let info = vk::DeviceCreateInfo::default()
                .queue_create_infos(&queues)
                .enabled_extension_names(&extensions)
                .enabled_features(&features)
                .push_next(&mut executable)
                .push_next(&mut robust)
                .push_next(&mut vulkan13);
            let device = instance
                .create_device(card, &info, None)
                .map_err(|e| fail("vkCreateDevice", e))?;
            let statistics = khr::pipeline_executable_properties::Device::new(&instance, &device);
            Ok(Self {
                _entry: entry,
                _instance: instance,
                device,
                statistics,
                name,
            })
        }
    }

    /// Compiles a kernel for waves of 32.
    pub fn compile(&self, kernel: &Kernel) -> Result<Statistics, String> {
        let fail = |e: vk::Result| format!("{}: {e}", kernel.name);
        let device = &self.device;
        let name = CString::new(kernel.name.as_str()).map_err(|e| e.to_string())?;
        // SAFETY: as above. Objects are left to the end of the process, which is near.
        unsafe {
            let mut layouts = Vec::new();
            for bindings in by_group(&kernel.bindings) {
                let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
                layouts.push(
                    device
                        .create_descriptor_set_layout(&info, None)
                        .map_err(fail)?,
                );
            }
            let info = vk::PipelineLayoutCreateInfo::default().set_layouts(&layouts);
            let layout = device.create_pipeline_layout(&info, None).map_err(fail)?;
            let info = vk::ShaderModuleCreateInfo::default().code(&kernel.words);
            let module = device.create_shader_module(&info, None).map_err(fail)?;
            let mut size = vk::PipelineShaderStageRequiredSubgroupSizeCreateInfo::default()
                .required_subgroup_size(32);
            let stage = vk::PipelineShaderStageCreateInfo::default()
                .stage(vk::ShaderStageFlags::COMPUTE)
                .module(module)
                .name(&name)
                .push_next(&mut size);
            let info = vk::ComputePipelineCreateInfo::default()
                .stage(stage)
                .layout(layout)
                .flags(vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR);
            let pipelines = device
                .create_compute_pipelines(vk::PipelineCache::null(), &[info], None)
                .map_err(|(_, e)| fail(e))?;
            let info = vk::PipelineExecutableInfoKHR::default().pipeline(pipelines[0]);
            let found = self
                .statistics
                .get_pipeline_executable_statistics(&info)
                .map_err(fail)?;
            let mut statistics = Statistics::default();
            for one in found {
                let value = one.value.u64;
                match CStr::from_ptr(one.name.as_ptr()).to_str() {
                    Ok("VGPRs") => statistics.vgprs = value,
                    Ok("Spilled SGPRs" | "Spilled VGPRs") => statistics.spills += value,
                    Ok("Scratch size") => statistics.scratch = value,
                    Ok("LDS size") => statistics.shared = value,
                    Ok("Code size") => statistics.code = value,
                    Ok("Subgroups per SIMD") => statistics.waves = value,
                    _ => {}
                }
            }
            Ok(statistics)
        }
    }
}

fn by_group(bindings: &[Binding]) -> Vec<Vec<vk::DescriptorSetLayoutBinding<'static>>> {
    let mut groups: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for b in bindings {
        let kind = if b.is_uniform {
            vk::DescriptorType::UNIFORM_BUFFER
        } else {
            vk::DescriptorType::STORAGE_BUFFER
        };
        groups.entry(b.group).or_default().push(
            vk::DescriptorSetLayoutBinding::default()
                .binding(b.binding)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(vk::ShaderStageFlags::COMPUTE),
        );
    }
    let last = groups.keys().max().copied();
    (0..last.map_or(0, |last| last + 1))
        .map(|group| groups.remove(&group).unwrap_or_default())
        .collect()
}
