#define_import_path skywell::light::choose

#import skywell::tables::{frame, load_light_bin}

/// The index of a light drawn with its `Light::pmf`, from uniform `uc` in [0, 1). There must be a light.
/// Source: Walker 1974; pbrt 4e, §A.1.
fn choose_light(uc: f32) -> u32 {
    let scaled = uc * f32(i32(frame.light_count));
    let bin = min(u32(i32(scaled)), frame.light_count - 1u);
    let entry = load_light_bin(bin);
    return select(entry.alias_index, bin, scaled - f32(i32(bin)) < entry.q);
}
