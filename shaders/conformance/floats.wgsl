#define_import_path skywell::conformance::floats

#import skywell::conformance::records::{Answer, Query}

/// Functions of one float.
fn probe_unary(query: Query) -> Answer {
    let a = query.a;
    var r: vec4<f32>;
    switch query.op {
        case 0u: { r = abs(a); }
        case 1u: { r = sign(a); }
        case 2u: { r = floor(a); }
        case 3u: { r = ceil(a); }
        case 4u: { r = round(a); }
        case 5u: { r = trunc(a); }
        case 6u: { r = fract(a); }
        case 7u: { r = saturate(a); }
        case 8u: { r = sqrt(a); }
        case 9u: { r = inverseSqrt(a); }
        case 10u: { r = sin(a); }
        case 11u: { r = cos(a); }
        case 12u: { r = tan(a); }
        case 13u: { r = asin(a); }
        case 14u: { r = acos(a); }
        case 15u: { r = atan(a); }
        case 16u: { r = sinh(a); }
        case 17u: { r = cosh(a); }
        case 18u: { r = tanh(a); }
        case 19u: { r = asinh(a); }
        case 20u: { r = acosh(a); }
        case 21u: { r = atanh(a); }
        case 22u: { r = exp(a); }
        case 23u: { r = exp2(a); }
        case 24u: { r = log(a); }
        case 25u: { r = log2(a); }
        case 26u: { r = radians(a); }
        case 27u: { r = degrees(a); }
        case 28u: { r = quantizeToF16(a); }
        default: { r = -a; }
    }
    return Answer(bitcast<vec4<u32>>(r));
}

/// Functions of two and three floats.
fn probe_several(query: Query) -> Answer {
    let a = query.a;
    let b = query.b;
    let c = query.c;
    var r: vec4<f32>;
    switch query.op {
        case 0u: { r = a + b; }
        case 1u: { r = a - b; }
        case 2u: { r = a * b; }
        case 3u: { r = a / b; }
        case 4u: { r = a % b; }
        case 5u: { r = min(a, b); }
        case 6u: { r = max(a, b); }
        case 7u: { r = atan2(a, b); }
        case 8u: { r = pow(a, b); }
        case 9u: { r = step(a, b); }
        case 10u: { r = clamp(a, b, c); }
        case 11u: { r = mix(a, b, c); }
        case 12u: { r = smoothstep(a, b, c); }
        case 13u: { r = fma(a, b, c); }
        case 14u: { r = select(a, b, c < a); }
        case 15u: { r = select(a, b, c.x < a.x); }
        case 16u: { r = vec4<f32>(a < b) + 2.0 * vec4<f32>(a <= b) + 4.0 * vec4<f32>(a == b); }
        case 17u: { r = vec4<f32>(a > b) + 2.0 * vec4<f32>(a >= b) + 4.0 * vec4<f32>(a != b); }
        case 18u: { r = mix(a, b, c.x); }
        default: { r = ldexp(a, vec4<i32>(i32(query.i & 255u) - 128)); }
    }
    return Answer(bitcast<vec4<u32>>(r));
}

/// Vectors as geometry, and taking floats apart.
fn probe_geometry(query: Query) -> Answer {
    let a = query.a.xyz;
    let b = query.b.xyz;
    let c = query.c.xyz;
    var r: vec4<f32>;
    switch query.op {
        case 0u: { r = vec4<f32>(dot(a, b), dot(query.a, query.b), dot(a.xy, b.yx), distance(query.a.w, query.b.w)); }
        case 1u: { r = vec4<f32>(cross(a, b), 0.0); }
        case 2u: { r = vec4<f32>(length(a), length(query.a), distance(a, b), length(query.a.x)); }
        case 3u: { r = vec4<f32>(normalize(a), 1.0); }
        case 4u: { r = vec4<f32>(reflect(a, b), 1.0); }
        case 5u: { r = vec4<f32>(refract(normalize(a), normalize(b), 0.5 + abs(query.c.w)), 1.0); }
        case 6u: { r = vec4<f32>(faceForward(a, b, c), 1.0); }
        case 7u: { let p = modf(query.a); r = p.fract + 8.0 * p.whole; }
        case 8u: { let p = frexp(query.a); r = p.fract + 8.0 * vec4<f32>(p.exp); }
        case 9u: { let p = frexp(query.a.x); let q = modf(query.b.x); r = vec4<f32>(p.fract, f32(p.exp), q.fract, q.whole); }
        case 10u: { r = query.a.wzyx + vec4<f32>(query.b.yy, query.c.zx); }
        default: {
            let all_positive = all(a > vec3<f32>(0.0));
            let any_positive = any(a > vec3<f32>(0.0));
            r = vec4<f32>(f32(all_positive), f32(any_positive), f32(u32(all_positive)), f32(i32(any_positive)));
        }
    }
    return Answer(bitcast<vec4<u32>>(r));
}

/// Matrices of every shape the renderer could want.
fn probe_matrix(query: Query) -> Answer {
    let a = query.a;
    let b = query.b;
    let c = query.c;
    var r: vec4<f32>;
    let m2 = mat2x2<f32>(a.xy, b.zw);
    let m3 = mat3x3<f32>(a.xyz, b.xyz, c.xyz);
    let m4 = mat4x4<f32>(a, b, c, a.yzwx + b);
    let m34 = mat4x3<f32>(a.xyz, b.xyz, c.xyz, a.yzw);
    switch query.op {
        case 0u: { r = vec4<f32>(m2 * c.xy, c.zw * m2); }
        case 1u: { r = vec4<f32>(m3 * c.yzw, determinant(m3)); }
        case 2u: { r = m4 * c; }
        case 3u: { r = c * m4; }
        case 4u: { r = vec4<f32>(m34 * c, determinant(m2)); }
        case 5u: { let t = transpose(m34); r = t * c.yzw; }
        case 6u: { let p = m3 * transpose(m3); r = vec4<f32>(p[1], p[2].x); }
        case 7u: { let p = (m4 + m4) * 0.5 - transpose(m4); r = p[query.i & 3u]; }
        case 8u: { r = vec4<f32>(determinant(m4), m4[2].y, m4[1][query.i & 3u], m3[query.j % 3u].z); }
        default: { var m = m3; m[1] = c.zyx; m[query.i % 3u].y = 2.0; r = vec4<f32>(m * a.xyz, m[0].y); }
    }
    return Answer(bitcast<vec4<u32>>(r));
}
