//! Which extensions are read, and what to say of the others.

use super::error::Fault;
use super::warning::Warnings;
use gltf::json::Root;

/// Extensions that are read whole.
const READ: [&str; 15] = [
    "KHR_lights_punctual",
    "KHR_materials_anisotropy",
    "KHR_materials_clearcoat",
    "KHR_materials_diffuse_transmission",
    "KHR_materials_dispersion",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_iridescence",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_materials_volume",
    "KHR_mesh_quantization",
    "KHR_texture_transform",
];

/// Extensions that change no picture.
const INVISIBLE: [&str; 2] = ["KHR_xmp", "KHR_xmp_json_ld"];

/// Refuses what the file requires and is not read; notes what it merely uses.
///
/// # Errors
/// When a required extension is not read.
pub(super) fn check(root: &Root, warnings: &mut Warnings) -> Result<(), Fault> {
    let known = |name: &str| READ.contains(&name) || INVISIBLE.contains(&name);
    for (i, name) in root.extensions_required.iter().enumerate() {
        if !known(name) {
            return Err(Fault::unsupported(
                format!("/extensionsRequired/{i}"),
                format!("the file cannot be shown without {name}, which is not read"),
                cure(name),
            ));
        }
    }
    for (i, name) in root.extensions_used.iter().enumerate() {
        if !known(name) {
            warnings.note(
                format!("/extensionsUsed/{i}"),
                format!("{name} is not read; {}", effect(name)),
            );
        }
    }
    Ok(())
}

/// How to get a file that does not need the extension `name`.
pub(super) fn cure(name: &str) -> &'static str {
    match name {
        "KHR_draco_mesh_compression" | "EXT_meshopt_compression" | "KHR_meshopt_compression" => {
            "export without mesh compression"
        }
        "KHR_texture_basisu" | "EXT_texture_webp" | "EXT_texture_avif" | "MSFT_texture_dds" => {
            "export with PNG or JPEG textures"
        }
        "EXT_mesh_gpu_instancing" => "export the instances as nodes",
        "KHR_materials_pbrSpecularGlossiness" => "convert the materials to metallic-roughness",
        _ => "export the file without it",
    }
}

/// What the picture shows instead of the extension `name`.
fn effect(name: &str) -> &'static str {
    match name {
        "KHR_materials_variants" => "the default materials are shown",
        "KHR_draco_mesh_compression" | "EXT_meshopt_compression" | "KHR_meshopt_compression" => {
            "the uncompressed data beside it is used"
        }
        "KHR_texture_basisu" | "EXT_texture_webp" | "EXT_texture_avif" | "MSFT_texture_dds" => {
            "the PNG or JPEG beside it is used"
        }
        "KHR_animation_pointer" => "everything rests as authored",
        "EXT_mesh_gpu_instancing" => "one copy of each instanced mesh is shown",
        "KHR_materials_pbrSpecularGlossiness" => {
            "the metallic-roughness material beside it is used"
        }
        _ => "what it adds is left out",
    }
}
