#define_import_path skywell::traverse::waiting

// What a lane puts aside while it walks: groups that wait, and its ray in the world, which is needed again only between one
// space and another.
//
// There are two ways, as `Target` of src/kernel/pages.rs says. Registers are what GPUs have least of, so there most of it
// lies in workgroup memory. In software registers are memory like any other, and what is indexed is slow.

/// These shaders run in software (src/kernel/gpu.rs writes so).
const IN_SOFTWARE: bool = false;
/// Lanes of a workgroup that walks.
const WALK_LANES: u32 = 64u;
/// Groups that wait in workgroup memory. Every level of a tree but the last leaves one to wait, and a placement three, so 32
/// may wait in all: trees have `MAX_DEPTH` (src/compiled/bvh/compressed) levels, 16. On GPUs few walks need more than 5; in
/// software these are those that registers have no room for.
const WAITING_SHARED: u32 = select(5u, 24u, IN_SOFTWARE);
/// Groups that can wait in a GPU lane's own memory besides. Drivers (RADV) keep an array of up to 256 bytes in registers, which
/// is the last place for what is hardly ever used.
const WAITING_FAR: u32 = 33u;
/// Groups that wait in registers in software.
const WAITING_NEAR: u32 = 8u;

/// Groups that wait, by place and lane.
var<workgroup> waiting: array<vec2<u32>, WAITING_SHARED * WALK_LANES>;
/// On GPUs, those from place `WAITING_SHARED` on.
var<private> waiting_far: array<vec2<u32>, WAITING_FAR>;
/// In software, the first word of those at places 0–3, …
var<private> near_a: vec4<u32>;
/// … of those at 4–7, …
var<private> near_b: vec4<u32>;
/// … and the second word of both.
var<private> near_c: vec4<u32>;
var<private> near_d: vec4<u32>;

/// On GPUs, rays in the world by axis and lane, origin and direction.
var<workgroup> world_rays: array<vec2<f32>, 3u * WALK_LANES>;
/// In software, the lane's, by axis.
var<private> world_ray_x: vec2<f32>;
var<private> world_ray_y: vec2<f32>;
var<private> world_ray_z: vec2<f32>;

/// Puts `group` at place `place` of the stack of `lane`.
fn put_waiting(lane: u32, place: u32, group: vec2<u32>) {
    if (IN_SOFTWARE) {
        let is_low = vec4<u32>(place) == vec4<u32>(0u, 1u, 2u, 3u);
        let is_high = vec4<u32>(place) == vec4<u32>(4u, 5u, 6u, 7u);
        near_a = select(near_a, vec4<u32>(group.x), is_low);
        near_b = select(near_b, vec4<u32>(group.x), is_high);
        near_c = select(near_c, vec4<u32>(group.y), is_low);
        near_d = select(near_d, vec4<u32>(group.y), is_high);
        if (place >= WAITING_NEAR) {
            waiting[(place - WAITING_NEAR) * WALK_LANES + lane] = group;
        }
    } else if (place < WAITING_SHARED) {
        waiting[place * WALK_LANES + lane] = group;
    } else {
        waiting_far[place - WAITING_SHARED] = group;
    }
}

/// The group at place `place` of the stack of `lane`.
fn get_waiting(lane: u32, place: u32) -> vec2<u32> {
    var group: vec2<u32>;
    if (IN_SOFTWARE) {
        let is_low = vec4<u32>(place) == vec4<u32>(0u, 1u, 2u, 3u);
        let is_high = vec4<u32>(place) == vec4<u32>(4u, 5u, 6u, 7u);
        let none = vec4<u32>(0u);
        let first = select(none, near_a, is_low) | select(none, near_b, is_high);
        let second = select(none, near_c, is_low) | select(none, near_d, is_high);
        let halves = vec4<u32>(first.xy | first.zw, second.xy | second.zw);
        group = halves.xz | halves.yw;
        if (place >= WAITING_NEAR) {
            group = waiting[(place - WAITING_NEAR) * WALK_LANES + lane];
        }
    } else if (place < WAITING_SHARED) {
        group = waiting[place * WALK_LANES + lane];
    } else {
        group = waiting_far[place - WAITING_SHARED];
    }
    return group;
}

/// Keeps the ray of `lane` in the world.
fn put_world_ray(lane: u32, origin: vec3<f32>, direction: vec3<f32>) {
    if (IN_SOFTWARE) {
        world_ray_x = vec2<f32>(origin.x, direction.x);
        world_ray_y = vec2<f32>(origin.y, direction.y);
        world_ray_z = vec2<f32>(origin.z, direction.z);
    } else {
        world_rays[lane] = vec2<f32>(origin.x, direction.x);
        world_rays[lane + WALK_LANES] = vec2<f32>(origin.y, direction.y);
        world_rays[lane + 2u * WALK_LANES] = vec2<f32>(origin.z, direction.z);
    }
}

/// Origin and direction of the ray of `lane` along `axis`, 0–2.
fn world_ray(lane: u32, axis: u32) -> vec2<f32> {
    var ray: vec2<f32>;
    if (IN_SOFTWARE) {
        ray = select(select(world_ray_z, world_ray_y, axis == 1u), world_ray_x, axis == 0u);
    } else {
        ray = world_rays[lane + axis * WALK_LANES];
    }
    return ray;
}
