//! The table of extensions: what becomes of each, and what to say of those that are not read.

use super::error::Fault;
use super::warning::Warnings;
use gltf::json::Root;
use serde::Serialize;

/// What becomes of something that was authored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// The picture shows it as specified.
    Honoured,
    /// The picture shows something close to it.
    Approximated,
    /// The picture is what it would be without it.
    Ignored,
}

impl Treatment {
    /// `honoured`, `approximated` or `ignored`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Approximated => "approximated",
            Self::Ignored => "ignored",
        }
    }
}

/// One row of [`EXTENSIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Its name in `extensionsUsed`.
    pub name: &'static str,
    /// What becomes of it.
    pub treatment: Treatment,
    /// Why, or what is shown instead; never empty for what is not honoured.
    pub note: &'static str,
    /// How to get a file that does not need it; empty for what is honoured.
    #[serde(skip)]
    cure: &'static str,
}

const fn honoured(name: &'static str, note: &'static str) -> Extension {
    Extension {
        name,
        treatment: Treatment::Honoured,
        note,
        cure: "",
    }
}

const fn ignored(name: &'static str, note: &'static str, cure: &'static str) -> Extension {
    Extension {
        name,
        treatment: Treatment::Ignored,
        note,
        cure,
    }
}

const PLAIN_TEXTURES: &str = "export with PNG or JPEG textures";
const WITHOUT_IT: &str = "export the file without it";
// Of the crates, `rav1d` is the C decoder put into unsafe Rust, `rav1d-safe` and `zenavif` are under the AGPL, and
// `libavif`, `dav1d` and `aom-decode` need libraries in C.
const PLAIN_INSTEAD: &str =
    "the PNG or JPEG beside it is used: no decoder of AV1 is at once in Rust, safe and free";
const LEFT_OUT: &str = "what it adds is left out";

/// Every extension this program knows of, by name.
pub const EXTENSIONS: &[Extension] = &[
    honoured(
        "EXT_lights_area",
        "as glowing surfaces, which are black from behind",
    ),
    honoured("EXT_lights_ies", "without tilt, as it allows"),
    honoured(
        "EXT_lights_image_based",
        "by the largest images alone: what the others and the coefficients stand for is traced",
    ),
    honoured("EXT_mesh_gpu_instancing", ""),
    honoured("EXT_meshopt_compression", ""),
    ignored("EXT_texture_avif", PLAIN_INSTEAD, PLAIN_TEXTURES),
    honoured("EXT_texture_webp", ""),
    honoured("KHR_animation_pointer", ""),
    honoured("KHR_draco_mesh_compression", ""),
    honoured("KHR_lights_punctual", ""),
    honoured("KHR_materials_anisotropy", ""),
    honoured("KHR_materials_clearcoat", ""),
    ignored(
        "KHR_materials_coat",
        "a draft; its text contradicts itself on what a coat of weight 0 does",
        "export the coat by KHR_materials_clearcoat",
    ),
    honoured(
        "KHR_materials_diffuse_roughness",
        "the draft of 15 September 2025, by the energy-preserving model that it names",
    ),
    honoured("KHR_materials_diffuse_transmission", ""),
    honoured("KHR_materials_dispersion", ""),
    honoured("KHR_materials_emissive_strength", ""),
    ignored(
        "KHR_materials_fuzz",
        "a draft; its text and its schema disagree on the roughness",
        "export the fuzz by KHR_materials_sheen",
    ),
    honoured("KHR_materials_ior", ""),
    honoured(
        "KHR_materials_iridescence",
        "the film reflects as seen from the viewer's angle",
    ),
    honoured(
        "KHR_materials_pbrSpecularGlossiness",
        "in place of the metallic-roughness material beside it",
    ),
    ignored(
        "KHR_materials_scatter",
        "a draft; its text and its schema name its properties differently",
        "export it by KHR_materials_volume_scatter",
    ),
    honoured("KHR_materials_sheen", ""),
    honoured("KHR_materials_specular", ""),
    honoured("KHR_materials_transmission", ""),
    honoured("KHR_materials_unlit", ""),
    honoured("KHR_materials_variants", "by --variant"),
    honoured("KHR_materials_volume", ""),
    honoured(
        "KHR_materials_volume_scatter",
        "the draft of 9 February 2026; of a texture, the mean colour fills the volume",
    ),
    honoured("KHR_mesh_quantization", ""),
    honoured("KHR_meshopt_compression", ""),
    honoured("KHR_node_visibility", ""),
    honoured("KHR_texture_basisu", ""),
    honoured("KHR_texture_transform", ""),
    honoured("KHR_xmp", "changes no picture"),
    honoured("KHR_xmp_json_ld", "carried into the EXR file"),
    honoured("MSFT_texture_dds", ""),
];

/// The row of the extension `name`; one that is not in the table is ignored.
#[must_use]
pub fn find(name: &str) -> Extension {
    let row = EXTENSIONS.iter().find(|row| row.name == name);
    row.copied().unwrap_or(ignored("", LEFT_OUT, WITHOUT_IT))
}

/// [`EXTENSIONS`] as a table in Markdown.
#[must_use]
pub fn table() -> String {
    let row = |row: &Extension| {
        let Extension {
            name,
            treatment,
            note,
            ..
        } = row;
        format!("| {name} | {} | {note} |\n", treatment.name())
    };
    let head =
        "| extension | what becomes of it | why, or what is shown instead |\n|---|---|---|\n";
    head.to_owned() + &EXTENSIONS.iter().map(row).collect::<String>()
}

/// Refuses what the file requires and is not read; notes what it merely uses and is not honoured.
///
/// # Errors
/// When a required extension is not read.
pub(super) fn check(root: &Root, warnings: &mut Warnings) -> Result<(), Fault> {
    for (i, name) in root.extensions_required.iter().enumerate() {
        if find(name).treatment == Treatment::Ignored {
            return Err(Fault::unsupported(
                format!("/extensionsRequired/{i}"),
                format!("the file cannot be shown without {name}, which is not read"),
                cure(name),
            ));
        }
    }
    for (i, name) in root.extensions_used.iter().enumerate() {
        let Extension {
            treatment, note, ..
        } = find(name);
        let what = match treatment {
            Treatment::Honoured => continue,
            Treatment::Approximated => "is approximated",
            Treatment::Ignored => "is not read",
        };
        warnings.note(
            format!("/extensionsUsed/{i}"),
            format!("{name} {what}; {note}"),
        );
    }
    Ok(())
}

/// How to get a file that does not need the extension `name`.
pub(super) fn cure(name: &str) -> &'static str {
    match find(name).cure {
        "" => WITHOUT_IT,
        cure => cure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_this_very_table() {
        assert!(
            include_str!("extensions.md") == table(),
            "put what `skywell info --extensions` prints into src/scene/gltf/extensions.md"
        );
    }

    #[test]
    fn rows_are_in_order_and_say_why() {
        assert!(EXTENSIONS.is_sorted_by(|a, b| a.name < b.name));
        for row in EXTENSIONS {
            let honoured = row.treatment == Treatment::Honoured;
            assert!(honoured || !row.note.is_empty(), "{}", row.name);
        }
    }
}
