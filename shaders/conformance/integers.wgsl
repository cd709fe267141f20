#define_import_path skywell::conformance::integers

#import skywell::conformance::records::{Answer, Query}

/// Functions of unsigned integers.
fn probe_unsigned(query: Query) -> Answer {
    let a = bitcast<vec4<u32>>(query.a);
    let b = bitcast<vec4<u32>>(query.b);
    var r: vec4<u32>;
    switch query.op {
        case 0u: { r = a + b; }
        case 1u: { r = a - b; }
        case 2u: { r = a * b; }
        case 3u: { r = a / b; }
        case 4u: { r = a % b; }
        case 5u: { r = (a & b) | (a ^ b); }
        case 6u: { r = ~a; }
        case 7u: { r = a << (b & vec4<u32>(31u)); }
        case 8u: { r = a >> (b & vec4<u32>(31u)); }
        case 9u: { r = min(a, b) ^ max(a, b) ^ clamp(a, vec4<u32>(100u), vec4<u32>(1000u)); }
        case 10u: { r = countOneBits(a); }
        case 11u: { r = countLeadingZeros(a); }
        case 12u: { r = countTrailingZeros(a); }
        case 13u: { r = firstLeadingBit(a); }
        case 14u: { r = firstTrailingBit(a); }
        case 15u: { r = reverseBits(a); }
        case 16u: { r = extractBits(a, query.i & 31u, query.j & 31u); }
        case 17u: { r = insertBits(a, b, query.i & 31u, query.j & 31u); }
        case 18u: { r = vec4<u32>(a < b) + 2u * vec4<u32>(a <= b) + 4u * vec4<u32>(a == b); }
        case 19u: { r = vec4<u32>(a > b) + 2u * vec4<u32>(a >= b) + 4u * vec4<u32>(a != b); }
        case 20u: { r = vec4<u32>(dot(a, b), dot4U8Packed(a.x, b.x), u32(dot4I8Packed(a.y, b.y)), abs(a.z)); }
        case 21u: { r = vec4<u32>(a.x << 7u, a.y >> 9u, a.z << 0u, a.w >> 31u); }
        default: { r = select(a, b, a < b); }
    }
    return Answer(r);
}

/// Functions of signed integers.
fn probe_signed(query: Query) -> Answer {
    let a = bitcast<vec4<i32>>(query.a);
    let b = bitcast<vec4<i32>>(query.b);
    var r: vec4<i32>;
    switch query.op {
        case 0u: { r = a + b; }
        case 1u: { r = a - b; }
        case 2u: { r = a * b; }
        case 3u: { r = a / b; }
        case 4u: { r = a % b; }
        case 5u: { r = abs(a); }
        case 6u: { r = -a; }
        case 7u: { r = a << (vec4<u32>(b) & vec4<u32>(31u)); }
        case 8u: { r = a >> (vec4<u32>(b) & vec4<u32>(31u)); }
        case 9u: { r = min(a, b) ^ max(a, b) ^ clamp(a, vec4<i32>(-100), vec4<i32>(1000)); }
        case 10u: { r = countOneBits(a); }
        case 11u: { r = countLeadingZeros(a); }
        case 12u: { r = countTrailingZeros(a); }
        case 13u: { r = firstLeadingBit(a); }
        case 14u: { r = firstTrailingBit(a); }
        case 15u: { r = reverseBits(a); }
        case 16u: { r = extractBits(a, query.i & 31u, query.j & 31u); }
        case 17u: { r = insertBits(a, b, query.i & 31u, query.j & 31u); }
        case 18u: { r = vec4<i32>(a < b) + 2 * vec4<i32>(a <= b) + 4 * vec4<i32>(a == b); }
        case 19u: { r = sign(a); }
        case 20u: { r = vec4<i32>(a.x << 7u, a.y >> 9u, a.z << 0u, a.w >> 31u); }
        default: { r = select(a, b, a > b); }
    }
    return Answer(bitcast<vec4<u32>>(r));
}

/// Conversions and packing.
fn probe_packing(query: Query) -> Answer {
    let a = query.a;
    let u = bitcast<vec4<u32>>(query.b);
    var r: vec4<u32>;
    switch query.op {
        case 0u: { r = bitcast<vec4<u32>>(vec4<i32>(a)); }
        case 1u: { r = vec4<u32>(a); }
        case 2u: { r = bitcast<vec4<u32>>(vec4<f32>(u)); }
        case 3u: { r = bitcast<vec4<u32>>(vec4<f32>(vec4<i32>(u))); }
        case 4u: { r = vec4<u32>(vec4<bool>(a)) + 2u * vec4<u32>(vec4<bool>(u)); }
        case 5u: { r = vec4<u32>(pack4x8snorm(a), pack4x8unorm(a), pack2x16snorm(a.xy), pack2x16unorm(a.xy)); }
        case 6u: { r = vec4<u32>(pack2x16float(a.xy), pack2x16float(a.zw), 0u, 0u); }
        case 7u: { r = vec4<u32>(pack4xU8(u), pack4xI8(vec4<i32>(u)), pack4xU8Clamp(u), pack4xI8Clamp(vec4<i32>(u))); }
        case 8u: { r = bitcast<vec4<u32>>(unpack4x8snorm(u.x)); }
        case 9u: { r = bitcast<vec4<u32>>(unpack4x8unorm(u.x)); }
        case 10u: { r = bitcast<vec4<u32>>(vec4<f32>(unpack2x16snorm(u.x), unpack2x16unorm(u.y))); }
        case 11u: { r = bitcast<vec4<u32>>(vec4<f32>(unpack2x16float(u.x), unpack2x16float(u.y))); }
        case 12u: { r = unpack4xU8(u.x); }
        default: { r = bitcast<vec4<u32>>(unpack4xI8(u.x)); }
    }
    return Answer(r);
}
