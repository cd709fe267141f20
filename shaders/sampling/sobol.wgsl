#define_import_path skywell::sampling::sobol

#import skywell::sampling::hash::{hash_bits, hash_pair}

// A sampler without state: sample `index` of a set is a function of the index, the pixel, the seed and the set's name.
// Every set is a scrambled Sobol' (0, 1)- or (0, 2)-sequence of its own, its index shuffled by a nested uniform
// permutation, so that sets ("padded" dimensions) are independent of each other while each stays stratified for
// every power-of-two block of samples.
// Source: Burley 2020, "Practical Hash-based Owen Scrambling", JCGT 9(4); Laine and Karras 2011, "Stratified
// Sampling for Stochastic Transparency", with the constants of Vegdahl 2021, "Building a Better LK Hash".

/// What all sets of one event of one path share.
struct Sampler {
    /// Hash of seed, pixel and event.
    key: u32,
    /// Sample index, bits reversed.
    reversed_index: u32,
}

/// The sampler of one event (`event` names it: any number, once per path) of one sample of a pixel.
fn start_sampler(seed: u32, pixel: u32, event: u32, sample_index: u32) -> Sampler {
    return Sampler(hash_pair(hash_pair(seed, pixel), event), reverseBits(sample_index));
}

/// Nested uniform (Owen) scrambling of a number whose bits are reversed: bit k of the result depends on bits 0..k
/// of `reversed` alone.
fn scramble_reversed(reversed: u32, seed: u32) -> u32 {
    var x = reversed;
    x ^= x * 0x3d20adeau;
    x += seed;
    x *= (seed >> 16u) | 1u;
    x ^= x * 0x05526c56u;
    x ^= x * 0x53a22864u;
    return x;
}

/// The second Sobol' dimension of `index`, bits reversed: the index times Pascal's triangle modulo 2, whose
/// self-similarity makes the product five butterflies.
/// Source: Ahmed 2024, "An Implementation Algorithm of 2D Sobol Sequence Fast, Elegant, and Compact".
fn sobol_y_reversed(index: u32) -> u32 {
    var v = index;
    v ^= v >> 16u;
    v ^= (v & 0xff00ff00u) >> 8u;
    v ^= (v & 0xf0f0f0f0u) >> 4u;
    v ^= (v & 0xccccccccu) >> 2u;
    v ^= (v & 0xaaaaaaaau) >> 1u;
    return v;
}

/// A number in [0, 1) from the 24 high bits of `bits`.
fn unit_float(bits: u32) -> f32 {
    return f32(i32(bits >> 8u)) * 5.9604644775390625e-8;
}

/// One number in [0, 1) of set `set_name`.
fn draw_sample(sampler_state: Sampler, set_name: u32) -> f32 {
    let seed = hash_bits(sampler_state.key + set_name * 0x9e3779b9u);
    let index = reverseBits(scramble_reversed(sampler_state.reversed_index, seed));
    return unit_float(reverseBits(scramble_reversed(index, hash_bits(seed ^ 0xa511e9b3u))));
}

/// A point in [0, 1)² of set `set_name`.
fn draw_sample_2d(sampler_state: Sampler, set_name: u32) -> vec2<f32> {
    let seed = hash_bits(sampler_state.key + set_name * 0x9e3779b9u);
    let index = reverseBits(scramble_reversed(sampler_state.reversed_index, seed));
    let x = scramble_reversed(index, hash_bits(seed ^ 0xa511e9b3u));
    let y = scramble_reversed(sobol_y_reversed(index), hash_bits(seed ^ 0x63d83595u));
    return vec2<f32>(unit_float(reverseBits(x)), unit_float(reverseBits(y)));
}
