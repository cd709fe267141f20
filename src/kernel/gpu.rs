//! The shaders as a GPU loads them: light transport, traversal and passes in one text.
//!
//! Scene tables lie end to end in pages of rows of 16 bytes; a uniform buffer at group 1, binding 1 holds, as one `u32`
//! each, the first row of every table of [`TABLES`] in that order.

pub use crate::pages::{IMAGE_WIDTH_LOG2, Target, page_section};
use crate::record::{
    LAYERS, LAYERS_CLEAR, LAYERS_COATED, Material, MaterialLayers, SCATTER_BARE, SCATTER_CLEAR,
    SCATTER_COATED, SCATTER_LAYERED,
};
use std::fmt::Write;

include!(concat!(env!("OUT_DIR"), "/paged.rs"));

/// Bytes of a row.
pub const ROW_BYTES: u64 = 16;

/// Binding, in group 1, of the first page; the others follow.
pub const FIRST_PAGE_BINDING: u32 = 2;

/// A field that a scene narrows: flags to those that occur, indices of textures to none where there is none.
struct Narrowed {
    table: &'static str,
    /// Place of the field in a record, words.
    word: usize,
    record_words: usize,
    constant: &'static str,
    is_flags: bool,
}

/// Which flags and textures a scene has. Shaders made for few of them are shorter, compile sooner and need fewer
/// registers; they render scenes that have no others just as those for all do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// By place in [`NARROWED`].
    constants: Vec<u32>,
}

impl Features {
    /// Those of any scene.
    #[must_use]
    pub fn all() -> Self {
        let widest = |field: &Narrowed| if field.is_flags { u32::MAX } else { 0 };
        Self {
            constants: NARROWED.iter().map(widest).collect(),
        }
    }

    /// Those of the scene of these tables, given by name and bytes. A table that is not given is empty.
    #[must_use]
    pub fn of(tables: &[(&str, &[u8])]) -> Self {
        let constant = |field: &Narrowed| {
            let table = tables.iter().find(|(name, _)| *name == field.table);
            let bytes = table.map_or(&[][..], |(_, bytes)| bytes);
            let values = (bytes.chunks_exact(field.record_words * 4)).map(|record| {
                let at = field.word * 4;
                let word = [record[at], record[at + 1], record[at + 2], record[at + 3]];
                u32::from_ne_bytes(word)
            });
            if field.is_flags {
                values.fold(0, |all, flags| all | flags)
            } else if values.into_iter().all(|index| index == u32::MAX) {
                u32::MAX
            } else {
                0
            }
        };
        Self {
            constants: NARROWED.iter().map(constant).collect(),
        }
    }

    /// Those of the scene's materials of class `class` (`SCATTER_*`) alone; `None` if it has no such material.
    #[must_use]
    pub fn of_class(tables: &[(&str, &[u8])], class: u32) -> Option<Self> {
        let mut materials: Vec<Material> = records(tables, "materials");
        materials.retain(|material| scatter_class(material.flags) == class);
        if materials.is_empty() {
            return None;
        }
        let all: Vec<MaterialLayers> = records(tables, "material_layers");
        let layers: Vec<MaterialLayers> = (materials.iter())
            .filter_map(|material| all.get(material.layers as usize).copied())
            .collect();
        let narrowed: Vec<(&str, &[u8])> = (tables.iter())
            .map(|&(name, bytes)| match name {
                "materials" => (name, bytemuck::cast_slice(&materials)),
                "material_layers" => (name, bytemuck::cast_slice(&layers)),
                _ => (name, bytes),
            })
            .collect();
        Some(Self::of(&narrowed))
    }
}

/// The records of table `name`.
fn records<T: bytemuck::Pod>(tables: &[(&str, &[u8])], name: &str) -> Vec<T> {
    let table = tables.iter().find(|(other, _)| *other == name);
    (table
        .map_or(&[][..], |(_, bytes)| bytes)
        .chunks_exact(size_of::<T>()))
    .map(bytemuck::pod_read_unaligned)
    .collect()
}

/// The class of materials with flags `flags`, as `scatter_class` of `shaders/passes/meet_surfaces.wgsl` has it.
fn scatter_class(flags: u32) -> u32 {
    let layers = flags & LAYERS;
    if layers == 0 {
        SCATTER_BARE
    } else if layers & !LAYERS_COATED == 0 {
        SCATTER_COATED
    } else if layers & !LAYERS_CLEAR == 0 {
        SCATTER_CLEAR
    } else {
        SCATTER_LAYERED
    }
}

/// The line of `shaders/traverse/waiting.wgsl` that says that it is not software …
const IN_HARDWARE: &str = "const IN_SOFTWARE: bool = false;";
/// … and that it is.
const IN_SOFTWARE: &str = "const IN_SOFTWARE: bool = true;";

/// WGSL for `target` and a scene that has `features`, in `pages` pages (at least 1) of 2^`page_rows_log2` rows each.
#[must_use]
pub fn source(target: Target, pages: u32, page_rows_log2: u32, features: &Features) -> String {
    let mut text = match target {
        Target::Hardware => TEXT.to_owned(),
        Target::Software => TEXT.replace(IN_HARDWARE, IN_SOFTWARE),
    };
    for (field, value) in NARROWED.iter().zip(&features.constants) {
        // writing to a string cannot fail
        let _ = writeln!(text, "const {}: u32 = {value}u;", field.constant);
    }
    text.push_str(&page_section(target, pages, page_rows_log2));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{MATERIAL_CLEARCOAT, MATERIAL_SHEEN, Material};

    #[test]
    fn software_is_told_that_it_is() {
        let text = |target| source(target, 1, 0, &Features::all());
        let (hardware, software) = (text(Target::Hardware), text(Target::Software));
        assert_eq!(hardware.matches(IN_HARDWARE).count(), 1);
        assert_eq!(software.matches(IN_SOFTWARE).count(), 1);
    }

    #[test]
    fn features_are_those_that_occur() {
        let plain = Material {
            base_color_texture: u32::MAX,
            normal_texture: u32::MAX,
            flags: MATERIAL_CLEARCOAT,
            ..Material::default()
        };
        let textured = Material {
            base_color_texture: 3,
            flags: MATERIAL_SHEEN,
            ..plain
        };
        let materials = [plain, textured];
        let features = Features::of(&[("materials", bytemuck::cast_slice(&materials))]);
        let text = source(Target::Hardware, 1, 0, &features);
        let flags = MATERIAL_CLEARCOAT | MATERIAL_SHEEN;
        for line in [
            format!("const materials_flags: u32 = {flags}u;"),
            "const materials_base_color_texture: u32 = 0u;".to_owned(),
            "const materials_normal_texture: u32 = 4294967295u;".to_owned(),
            "const instances_flags: u32 = 0u;".to_owned(),
        ] {
            assert!(text.contains(&line), "{line}");
        }
        assert_ne!(features, Features::all());
    }
}
