//! Control flow against hand-written Rust that takes one query at a time.

use super::suite::record::{Query, Settings};
use super::suite::{STAGES, queries, settings};
use skywell_kernel::Simd;

fn find_product(x: u32) -> u32 {
    for i in 0..6 {
        for j in i..6 {
            if i * j == x % 31 {
                return i * 16 + j;
            }
            if j > x & 7 {
                break;
            }
        }
    }
    999
}

fn bump(n: &mut u32, by: u32) -> bool {
    if by == 3 {
        return false;
    }
    *n += by;
    *n & 1 == 0
}

fn classify(x: u32) -> u32 {
    match x {
        0..=4 => 1,
        5..=9 if x & 1 == 1 => 2,
        101.. => 3,
        _ => 4 + x,
    }
}

fn loops(q: &Query, _: &Settings) -> [u32; 4] {
    let x = q.i;
    let mut sum = 0;
    for i in (0..x & 15).step_by(2) {
        sum += i;
        if sum > 20 {
            break;
        }
        sum += 100;
    }
    let (mut k, mut steps) = (q.j & 0xffff, 0);
    while k != 0 {
        if k & 3 == 2 {
            steps += 100;
            k >>= 1;
        } else {
            steps += k & 1;
        }
        k >>= 1;
        steps += 1000;
    }
    let mut n = 2;
    while n <= q.k & 31 {
        n += 2;
    }
    let mut w = x & 7;
    while w < 20 {
        w = w * 2 + 1;
    }
    [sum, steps, n, w + find_product(x)]
}

fn switches(q: &Query, s: &Settings) -> [u32; 4] {
    let x = q.i;
    let a = match x & 7 {
        0 | 4 => 1,
        7 => 300,
        _ if q.a[0] > 0.0 => 0,
        _ => 20,
    };
    let mut b = 0;
    for i in 0..8 {
        match (x >> i) & 3 {
            0 => continue,
            1 => b += 1,
            2 if b > 3 => return [a, b, i, 77],
            2 => b += 10,
            _ => {}
        }
        b += 1000;
    }
    let c = match s.op {
        0 if x & 1 == 0 => 5,
        0 => 6,
        1 if x & 2 == 0 => 7,
        1 => 17,
        _ => 8,
    };
    let d: u32 = match x & 7 {
        0 | 3 => 3,
        6 => -2i32 as u32,
        _ => 9,
    };
    [a, b, c, d.wrapping_add(classify(x & 127))]
}

const PRIMES: [u32; 7] = [2, 3, 5, 7, 11, 13, 17];

fn leave_together(x: u32, s: &Settings) -> u32 {
    let mut r = 3;
    if x & 16 == 16 {
        for i in 0..10 {
            r += 1;
            if i == s.op {
                return r * 100;
            }
        }
        r += 50;
    }
    loop {
        r += 1;
        if s.op == 3 {
            return r;
        }
        if r > 9 {
            return r + 1000;
        }
    }
}

fn uniform(q: &Query, s: &Settings) -> [u32; 4] {
    let x = q.i;
    let mut total = 0;
    for i in 0..s.i {
        total += PRIMES[i as usize % 7] * (x & 3);
        if s.op == 2 && i == 3 {
            break;
        }
        if i != 1 {
            total ^= 5;
        }
    }
    let mut stopped = 0;
    for i in 0..s.i {
        stopped = i;
        if total <= 100 * i && x >> i & 1 == 1 {
            break;
        }
    }
    let mut found = 0;
    if x & 1 == 1 {
        for i in 0..4 {
            if i == s.op {
                found += 100;
                break;
            }
            found += i;
        }
    } else if s.op == 1 {
        found = 7;
    }
    let mut side = if x & 4 == 4 { 2 } else { 1 };
    if s.op == 0 {
        side += 8;
    }
    side += match s.op {
        1 => 200,
        2 => 400,
        _ => 100,
    };
    found += if x & 8 == 8 { 3 } else { s.i };
    [total, stopped, found, side + leave_together(x, s)]
}

fn variables(q: &Query, _: &Settings) -> [u32; 4] {
    let x = q.i;
    let mut n = x & 15;
    let even = bump(&mut n, x & 3);
    if even && bump(&mut n, 1) || x > 1000 {
        n += 50;
    }
    let (mut entry_n, mut y) = (0, q.a[1]);
    if x & 2 == 2 && x & 1 == 1 {
        entry_n += x & 7;
        y += (x & 7) as f32;
    }
    let second = if x & 4 == 4 { entry_n } else { x };
    let r = x.wrapping_add(1).wrapping_add(x);
    let sum = entry_n
        .wrapping_add(second.wrapping_mul(16))
        .wrapping_add(y.to_bits());
    [n, sum, r, x.max(q.j) - x.min(q.j)]
}

#[test]
fn control_flow_is_that_of_one_query_at_a_time() {
    type Reference = fn(&Query, &Settings) -> [u32; 4];
    let references: [(&str, Reference); 4] = [
        ("probe_loops", loops),
        ("probe_switches", switches),
        ("probe_uniform", uniform),
        ("probe_variables", variables),
    ];
    for (name, reference) in references {
        let (.., run, _) = STAGES.iter().find(|s| s.0 == name).unwrap();
        let mut queries = queries(23, 30_000, 1);
        // small numbers, whose branches are all taken
        for (k, q) in queries.iter_mut().enumerate().take(20_000) {
            q.i &= 0xff;
            q.j &= if k % 2 == 0 { 0xff } else { 0xffff };
        }
        for settings in settings() {
            for (query, answer) in queries.iter().zip(run(Simd::detect(), &settings, &queries)) {
                let expected = reference(query, &settings).map(super::canonical);
                assert_eq!(
                    answer.bits.map(super::canonical),
                    expected,
                    "{name}: {query:?} {settings:?}"
                );
            }
        }
    }
}

#[test]
fn arrays_are_read_and_written_by_index() {
    let (.., run, _) = STAGES.iter().find(|s| s.0 == "probe_arrays").unwrap();
    let queries = queries(29, 20_000, 1);
    for (q, answer) in queries
        .iter()
        .zip(run(Simd::detect(), &Settings::default(), &queries))
    {
        let x = q.i as usize;
        let mut stack: [u32; 12] = std::array::from_fn(|i| i as u32 * 3);
        if x & 1 == 1 {
            stack[(x >> 1) % 12] = q.i;
        }
        let sum = (0..5).fold(0u32, |sum, i| {
            sum.wrapping_mul(3).wrapping_add(stack[(x >> i) % 12])
        });
        let mut n = [0; 3];
        let mut v = [[0.0f32; 3]; 3];
        n[x % 3] = 5;
        v[x % 3][2] = 2.5;
        v[(x >> 2) % 3][x & 1] = 1.5;
        n[1] += 1;
        let e = (x >> 1) % 3;
        let offsets = [[0.5, 1.0], [-1.0, 2.0], [4.0, -8.0], [0.0, 0.25f32]];
        let weights = [0.5, -1.25, 2.0, 7.5, 0.125f32];
        let w = weights[x % 5] + offsets[x & 3][0] * offsets[x & 3][1] + PRIMES[x % 7] as f32;
        let third = v[e][0] + v[e][1] * 2.0 + v[e][2] * 4.0 + w;
        let mut u = [1.0, 2.0, 3.0, 4.0f32];
        u[x & 3] = -1.0;
        u[2] += u[(x >> 2) & 3];
        let mut grid = [[0.0f32; 3]; 2];
        grid[x & 1][(x >> 1) % 3] = 4.0;
        let cell = grid[1][x % 3] + grid[(x >> 3) & 1][2];
        let fourth = u[0] + u[1] * 10.0 + u[2] * 100.0 + u[3] * 1000.0 + cell;
        assert_eq!(
            answer.bits,
            [sum, n[e], third.to_bits(), fourth.to_bits()],
            "{q:?}"
        );
    }
}
