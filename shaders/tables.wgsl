#define_import_path skywell::tables

#import skywell::records::frame::Frame
#import skywell::records::geometry::{Instance, Triangle, Vertex, VertexExtra}
#import skywell::records::light::{AliasBin, EnvironmentTexel, Light, LightNode}
#import skywell::records::material::{AlbedoPair, Material, MaterialLayers}
#import skywell::records::medium::Medium
#import skywell::records::texture::TextureSlot

// The scene as both back ends read it, and the only file with bindings. Everything else asks the functions
// below for one record by index, so that bindings can be merged where a device allows few of them.

@group(1) @binding(0) var<uniform> frame: Frame;
@group(1) @binding(1) var<storage, read> vertices: array<Vertex>;
@group(1) @binding(2) var<storage, read> vertex_extras: array<VertexExtra>;
@group(1) @binding(3) var<storage, read> triangles: array<Triangle>;
@group(1) @binding(4) var<storage, read> instances: array<Instance>;
@group(1) @binding(5) var<storage, read> media: array<Medium>;
@group(1) @binding(6) var<storage, read> lights: array<Light>;
@group(1) @binding(7) var<storage, read> light_bins: array<AliasBin>;
@group(1) @binding(8) var<storage, read> texture_slots: array<TextureSlot>;
@group(1) @binding(9) var<storage, read> texels: array<u32>;
@group(1) @binding(10) var<storage, read> environment_texels: array<EnvironmentTexel>;
@group(1) @binding(14) var<storage, read> light_nodes: array<LightNode>;
@group(1) @binding(11) var<storage, read> materials: array<Material>;
@group(1) @binding(12) var<storage, read> material_layers: array<MaterialLayers>;
@group(1) @binding(13) var<storage, read> albedo_pairs: array<AlbedoPair>;

/// Vertex `index` of the vertex table, object space.
fn load_vertex(index: u32) -> Vertex {
    return vertices[index];
}

/// Entry `index` of the table of vertex colours and further texture coordinates.
fn load_vertex_extra(index: u32) -> VertexExtra {
    return vertex_extras[index];
}

/// Triangle `index` of the triangle table.
fn load_triangle(index: u32) -> Triangle {
    return triangles[index];
}

/// Instance `index` of the instance table.
fn load_instance(index: u32) -> Instance {
    return instances[index];
}

/// Medium `index` of the medium table.
fn load_medium(index: u32) -> Medium {
    return media[index];
}

/// Light `index` of the light table.
fn load_light(index: u32) -> Light {
    return lights[index];
}

/// Bin `index` of the alias table over lights.
fn load_light_bin(index: u32) -> AliasBin {
    return light_bins[index];
}

/// Slot `index` of the texture-slot table.
fn load_texture_slot(index: u32) -> TextureSlot {
    return texture_slots[index];
}

/// Word `index` of the texel table.
fn load_texel(index: u32) -> u32 {
    return texels[index];
}

/// Texel `index` of the environment, row after row from the top.
fn load_environment_texel(index: u32) -> EnvironmentTexel {
    return environment_texels[index];
}

/// Material `index` of the material table.
fn load_material(index: u32) -> Material {
    return materials[index];
}

/// Entry `index` of the table of what few materials have.
fn load_material_layers(index: u32) -> MaterialLayers {
    return material_layers[index];
}

/// Pair `index` of the table of directional albedos.
fn load_albedo_pair(index: u32) -> AlbedoPair {
    return albedo_pairs[index];
}

/// Node `index` of the light tree.
fn load_light_node(index: u32) -> LightNode {
    return light_nodes[index];
}
