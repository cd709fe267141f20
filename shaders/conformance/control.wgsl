#define_import_path skywell::conformance::control

#import skywell::conformance::records::{Answer, Query, rows, settings}

const PRIMES = array<u32, 7>(2u, 3u, 5u, 7u, 11u, 13u, 17u);
const WEIGHTS = array<f32, 5>(0.5, -1.25, 2.0, 7.5, 0.125);
const OFFSETS = array<vec2<f32>, 4>(vec2<f32>(0.5, 1.0), vec2<f32>(-1.0, 2.0), vec2<f32>(4.0, -8.0), vec2<f32>(0.0, 0.25));

struct Entry {
    n: u32,
    v: vec3<f32>,
}

struct Pair {
    first: Entry,
    second: Entry,
}

/// Leaves two loops at once by `return`, with `break` and `continue` besides.
fn find_product(x: u32) -> u32 {
    for (var i = 0u; i < 6u; i++) {
        for (var j = i; j < 6u; j++) {
            if (i * j == x % 31u) {
                return i * 16u + j;
            }
            if (j > (x & 7u)) {
                break;
            }
        }
        if (i > 4u) {
            continue;
        }
    }
    return 999u;
}

/// Changes a variable of the caller in some lanes.
fn bump(n: ptr<function, u32>, by: u32) -> bool {
    if (by == 3u) {
        return false;
    }
    *n += by;
    return (*n & 1u) == 0u;
}

fn grow(entry: ptr<function, Entry>, by: u32) {
    if ((by & 1u) == 0u) {
        return;
    }
    (*entry).n += by;
    (*entry).v.y += f32(by);
}

/// Returns from nested branches.
fn classify(x: u32) -> u32 {
    if (x < 10u) {
        if (x < 5u) {
            return 1u;
        } else if ((x & 1u) == 1u) {
            return 2u;
        }
    } else {
        if (x > 100u) {
            return 3u;
        }
    }
    return 4u + x;
}

/// Loops with `continue`, `break`, `continuing` and `break if`.
fn probe_loops(query: Query) -> Answer {
    let x = query.i;
    var sum = 0u;
    for (var i = 0u; i < (x & 15u); i++) {
        if ((i & 1u) == 1u) {
            continue;
        }
        sum += i;
        if (sum > 20u) {
            break;
        }
        sum += 100u;
    }
    var k = query.j & 0xffffu;
    var steps = 0u;
    loop {
        if (k == 0u) {
            break;
        }
        if ((k & 3u) == 2u) {
            k >>= 1u;
            steps += 100u;
            continue;
        }
        steps += k & 1u;
        continuing {
            k >>= 1u;
            steps += 1000u;
        }
    }
    var n = 0u;
    loop {
        n += 1u;
        continuing {
            n += 1u;
            break if n > (query.k & 31u);
        }
    }
    var w = x & 7u;
    while (w < 20u) {
        w = w * 2u + 1u;
    }
    return Answer(vec4<u32>(sum, steps, n, w + find_product(x)));
}

/// Selectors that share a body, `default` among them, `break` under a condition, `continue` and `return` in cases.
fn probe_switches(query: Query) -> Answer {
    let x = query.i;
    var a = 0u;
    switch (x & 7u) {
        case 0u, 4u: {
            a = 1u;
        }
        case 1u, default, 6u: {
            if (query.a.x > 0.0) {
                break;
            }
            a = 20u;
        }
        case 7u: {
            a = 300u;
        }
    }
    var b = 0u;
    for (var i = 0u; i < 8u; i++) {
        switch ((x >> i) & 3u) {
            case 0u: {
                continue;
            }
            case 1u: {
                b += 1u;
            }
            case 2u: {
                if (b > 3u) {
                    return Answer(vec4<u32>(a, b, i, 77u));
                }
                b += 10u;
            }
            default: {
            }
        }
        b += 1000u;
    }
    // the selector is the same in every lane, what ends the case is not
    var c = 5u;
    switch settings.op {
        default: {
            c = 8u;
        }
        case 0u: {
            if ((x & 1u) == 0u) {
                break;
            }
            c = 6u;
        }
        case 1u: {
            c = 7u;
            if ((x & 2u) == 0u) {
                break;
            }
            c += 10u;
        }
    }
    var d = 0;
    switch (i32(x & 7u) - 4) {
        case -4, -1: { d = 3; }
        case 2: { d = -2; }
        default: { d = 9; }
    }
    return Answer(vec4<u32>(a, b, c, bitcast<u32>(d) + classify(x & 127u)));
}

/// Loops and branches that all lanes take together, with lanes leaving them one by one.
fn probe_uniform(query: Query) -> Answer {
    let x = query.i;
    var total = 0u;
    for (var i = 0u; i < settings.i; i++) {
        total += PRIMES[i % 7u] * (x & 3u);
        if (settings.op == 2u && i == 3u) {
            break;
        }
        if (i == 1u) {
            continue;
        }
        total ^= 5u;
    }
    var stopped = 0u;
    for (var i = 0u; i < settings.i; i++) {
        stopped = i;
        if (total > 100u * i) {
            continue;
        }
        if ((x >> i & 1u) == 1u) {
            break;
        }
    }
    var found = 0u;
    if ((x & 1u) == 1u) {
        // uniform inside varying: the loop counter may stay a scalar, what it does must not leak out
        for (var i = 0u; i < 4u; i++) {
            if (i == settings.op) {
                found += 100u;
                break;
            }
            found += i;
        }
    } else if (settings.op == 1u) {
        found = 7u;
    }
    // a variable that is uniform in each branch, but not after them
    var side = 1u;
    if ((x & 4u) == 4u) {
        side = 2u;
    }
    if (settings.op == 0u) {
        side += 8u;
    }
    var kept = settings.i;
    if ((x & 8u) == 8u) {
        kept = 3u;
        found += kept;
    } else {
        found += kept;
    }
    switch settings.op {
        case default, 3u: {
            side += 100u;
        }
        case 1u: {
            side += 200u;
        }
        case 2u: {
            side += 400u;
            if (settings.i == 6u) {
                break;
            }
            side += 800u;
        }
    }
    return Answer(vec4<u32>(total, stopped, found, side + leave_together(x)));
}

/// A return that is uniform where it stands, inside a loop under a varying condition.
fn leave_together(x: u32) -> u32 {
    var r = 3u;
    if ((x & 16u) == 16u) {
        for (var i = 0u; i < 10u; i++) {
            r += 1u;
            if (i == settings.op) {
                return r * 100u;
            }
        }
        r += 50u;
    }
    loop {
        r += 1u;
        if (settings.op == 3u) {
            return r;
        }
        if (r > 9u) {
            break;
        }
    }
    return r + 1000u;
}

/// Arrays and vectors by computed indices, for reading and writing; structs in arrays; constant tables; out of bounds.
fn probe_arrays(query: Query) -> Answer {
    let x = query.i;
    var stack: array<u32, 12>;
    for (var i = 0u; i < 12u; i++) {
        stack[i] = i * 3u;
    }
    if ((x & 1u) == 1u) {
        stack[(x >> 1u) % 12u] = x;
    }
    var sum = 0u;
    for (var i = 0u; i < 5u; i++) {
        sum = sum * 3u + stack[(x >> i) % 12u];
    }
    var entries: array<Entry, 3>;
    entries[x % 3u].n = 5u;
    entries[x % 3u].v.z = 2.5;
    entries[(x >> 2u) % 3u].v[x & 1u] = 1.5;
    entries[1].n += 1u;
    let e = entries[(x >> 1u) % 3u];
    var v = vec4<f32>(1.0, 2.0, 3.0, 4.0);
    v[x & 3u] = -1.0;
    v[2] += v[(x >> 2u) & 3u];
    let offset = OFFSETS[x & 3u];
    let w = WEIGHTS[x % 5u] + offset.x * offset.y + f32(PRIMES[x % 7u]);
    var grid: array<array<f32, 3>, 2>;
    grid[x & 1u][(x >> 1u) % 3u] = 4.0;
    let cell = grid[1][x % 3u] + grid[(x >> 3u) & 1u][2];
    return Answer(vec4<u32>(sum, e.n, bitcast<u32>(e.v.x + e.v.y * 2.0 + e.v.z * 4.0 + w), bitcast<u32>(dot(v, vec4<f32>(1.0, 10.0, 100.0, 1000.0)) + cell)));
}

/// Structs in structs, pointers to variables, shadowed names, short circuits and stores under masks.
fn probe_variables(query: Query) -> Answer {
    let x = query.i;
    var n = x & 15u;
    let even = bump(&n, x & 3u);
    if (even && bump(&n, 1u) || x > 1000u) {
        n += 50u;
    }
    var entry: Entry;
    entry.v = query.a.xyz;
    if ((x & 2u) == 2u) {
        grow(&entry, x & 7u);
    }
    var pair = Pair(entry, Entry(x, vec3<f32>(1.0)));
    if ((x & 4u) == 4u) {
        pair.second = pair.first;
        pair.first.v.x = 9.0;
    }
    let x_shadow = x;
    var r = 0u;
    {
        let x = x_shadow + 1u;
        r += x;
    }
    r += x;
    var swap_a = x;
    var swap_b = query.j;
    if (swap_a > swap_b) {
        let t = swap_a;
        swap_a = swap_b;
        swap_b = t;
    }
    return Answer(vec4<u32>(n, pair.first.n + 16u * pair.second.n + bitcast<u32>(pair.first.v.y), r, swap_b - swap_a));
}

/// Rows of a table by uniform and by computed indices, in and out of bounds; scalars that are the same in every lane.
fn probe_tables(query: Query) -> Answer {
    let row = rows[query.i & 7u];
    let far = rows[0xfffffff0u + (query.i & 15u)].b.y;
    let fixed = rows[2].a;
    let shared_row = rows[settings.i & 3u].c.zw;
    let part = rows[query.j & 7u].c;
    let scaled = settings.v * sin(settings.a) + vec3<f32>(exp(settings.b), log(settings.c), pow(settings.c, settings.b));
    let whole = floor(settings.a) + round(settings.b) + atan2(settings.a, settings.b) + min(settings.a, settings.b);
    let number = u32(settings.c) * 3u + settings.i / 3u - (settings.i << 2u) % 7u + pack2x16float(settings.v.xy);
    let integer = bitcast<u32>(i32(settings.a) - i32(settings.i) / -3);
    let mixed = fixed.x + shared_row.y + part.w + far + scaled.x + scaled.y * scaled.z + whole;
    return Answer(vec4<u32>(bitcast<u32>(row.a.x + row.c.z), bitcast<u32>(mixed), number ^ row.k, integer + arrayLength(&rows)));
}
