#define_import_path skywell::passes::generate_camera_rays

#import skywell::passes::bindings::{paths, queues, wavefront}
#import skywell::path::generate::generate_camera_ray
#import skywell::records::path::PixelSample
#import skywell::records::wavefront::{QueueCounts, WORKGROUP}

/// Starts every path of the tile, and the first list of those that are alive.
@compute @workgroup_size(WORKGROUP)
fn generate_camera_rays(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    let n = wavefront.pixels * wavefront.samples;
    if (i >= n) {
        return;
    }
    let k = i % wavefront.pixels;
    let x = wavefront.tile_x + k % wavefront.tile_width;
    let y = wavefront.tile_y + k / wavefront.tile_width;
    let sample_index = wavefront.first_sample + i / wavefront.pixels;
    paths[i] = generate_camera_ray(PixelSample(x | (y << 16u), sample_index, 0u, 0u)).path;
    queues.indices[i] = i;
}
