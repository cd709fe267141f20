#define_import_path skywell::passes::accumulate_film

#import skywell::film::fixed::{add_fixed, add_square_fixed, is_representable}
#import skywell::passes::bindings::{paths, wavefront}
#import skywell::records::path::PATH_COVERED
#import skywell::records::wavefront::{FILM_ROWS, FILM_ROWS_WITH_SQUARES, REJECTED_CAPACITY, RejectedPath, WORKGROUP}

/// The samples that could not be added, in no order.
struct RejectedPaths {
    /// How many; may exceed the room there is.
    count: atomic<u32>,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
    entries: array<RejectedPath>,
}

/// Pixels of the tile, `FILM_ROWS` or `FILM_ROWS_WITH_SQUARES` each.
@group(2) @binding(0) var<storage, read_write> film: array<vec4<u32>>;
@group(2) @binding(1) var<storage, read_write> rejected: RejectedPaths;

/// Adds what the paths of the tile have gathered to its film. A pixel belongs to one invocation.
@compute @workgroup_size(WORKGROUP)
fn accumulate_film(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= wavefront.pixels) {
        return;
    }
    let keeps_squares = wavefront.keeps_squares != 0u;
    let first = id.x * select(FILM_ROWS, FILM_ROWS_WITH_SQUARES, keeps_squares);
    for (var s = 0u; s < wavefront.samples; s += 1u) {
        let i = id.x + s * wavefront.pixels;
        let alpha = select(0.0, 1.0, (paths[i].flags & PATH_COVERED) != 0u);
        let values = bitcast<vec4<u32>>(vec4<f32>(paths[i].radiance, alpha));
        film[first + 4u].x += 1u;
        if (!(is_representable(values.x) && is_representable(values.y) && is_representable(values.z))) {
            film[first + 4u].y += 1u;
            let place = atomicAdd(&rejected.count, 1u);
            if (place < REJECTED_CAPACITY) {
                rejected.entries[place] = RejectedPath(paths[i].pixel, paths[i].sample_index, 0u, 0u, values);
            }
            continue;
        }
        for (var channel = 0u; channel < 4u; channel += 1u) {
            film[first + channel] = add_fixed(film[first + channel], values[channel]);
            if (keeps_squares) {
                let row = first + FILM_ROWS + channel;
                film[row] = add_square_fixed(film[row], values[channel]);
            }
        }
    }
}
