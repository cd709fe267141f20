#define_import_path skywell::sampling::hash

/// A bijection of 32 bits in which every output bit depends on every input bit.
/// Source: Wellons 2018, "Prospecting for Hash Functions" (lowbias32).
fn hash_bits(value: u32) -> u32 {
    var x = value;
    x ^= x >> 16u;
    x *= 0x7feb352du;
    x ^= x >> 15u;
    x *= 0x846ca68bu;
    x ^= x >> 16u;
    return x;
}

/// A hash of `a` and `b`, not symmetric.
fn hash_pair(a: u32, b: u32) -> u32 {
    return hash_bits(hash_bits(a) + b * 0x9e3779b9u);
}
