//! A compiled scene as the stages read it.

use super::Compiled;
use crate::kernel::Tables;

impl<'a> From<&'a Compiled> for Tables<'a> {
    fn from(compiled: &'a Compiled) -> Self {
        Self {
            frame: &compiled.frame,
            vertices: &compiled.geometry.vertices,
            vertex_extras: &compiled.geometry.vertex_extras,
            triangles: &compiled.geometry.triangles,
            instances: &compiled.instances,
            media: &compiled.media.media,
            lights: &compiled.lights.lights,
            light_bins: &compiled.lights.bins,
            light_nodes: &compiled.lights.nodes,
            materials: &compiled.materials.materials,
            material_layers: &compiled.materials.layers,
            albedo_pairs: &compiled.albedo_pairs,
            texture_slots: &compiled.textures.slots,
            texels: &compiled.textures.texels,
            environment_texels: compiled.environment.as_ref().map_or(&[], |e| &e.texels),
        }
    }
}
