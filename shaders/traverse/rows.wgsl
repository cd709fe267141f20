#define_import_path skywell::traverse::rows

// Where the walk reads the compressed acceleration structure. `CompressedAccelerator` (src/compiled/bvh/compressed)
// says what the rows hold. A back end that keeps all tables in a few large buffers has functions of these names of
// its own in place of this file.

@group(0) @binding(15) var<storage, read> node_rows: array<vec4<u32>>;
@group(0) @binding(16) var<storage, read> primitive_rows: array<vec4<u32>>;
@group(0) @binding(17) var<storage, read> space_rows: array<vec4<u32>>;

/// Row `index` of the node table, five rows a node.
fn load_node_row(index: u32) -> vec4<u32> {
    return node_rows[index];
}

/// Row `index` of the table of triangles and placements in the order of the leaves, three rows each.
fn load_primitive_row(index: u32) -> vec4<u32> {
    return primitive_rows[index];
}

/// Row `index` of the table of spaces, five rows each: the world, then every placement's.
fn load_space_row(index: u32) -> vec4<u32> {
    return space_rows[index];
}
