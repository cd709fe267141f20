#define_import_path skywell::passes::shade_shadows

#import skywell::passes::bindings::{hits, paths, queues, shadows, wavefront}
#import skywell::passes::lists::{list_next, list_shadow}
#import skywell::path::shadow::shade_shadow
#import skywell::records::path::INVALID
#import skywell::records::wavefront::{LIST_THIN, WORKGROUP}

/// Lets shadow rays through what alpha makes thin and open boundaries: they go on behind it in the next round. Those that
/// have reached their light give it to their paths.
@compute @workgroup_size(WORKGROUP)
fn shade_shadows(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= queues.counts.thin) {
        return;
    }
    let i = queues.indices[LIST_THIN * wavefront.capacity + id.x];
    let shadow = shade_shadow(shadows[i], hits[i]).shadow;
    if (hits[i].instance == INVALID) {
        paths[i].radiance += shadow.contribution;
        list_next(i);
        return;
    }
    if (shadow.t_max == 0.0) {
        list_next(i);
        return;
    }
    shadows[i] = shadow;
    list_shadow(i);
}
