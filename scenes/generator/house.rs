//! The house around the court: walls, columns, beams, roofs, windows, paving.

use crate::document::Document;
use crate::materials::Materials;
use crate::shapes::{Random, Shape};
use glam::{Affine3A, Quat, Vec3, vec2, vec3};
use std::f32::consts::{FRAC_PI_2, PI};

/// Half extents of the opening in the roof, metres: x, z.
pub const WELL: (f32, f32) = (2.5, 3.3);
/// Inner faces of the house's walls: ±x, back z.
const WALL_X: f32 = 4.6;
const WALL_BACK: f32 = -5.6;
const WALL_FRONT: f32 = 8.2;
const EAVE_Y: f32 = 3.55;
const ROOF_PITCH: f32 = 0.58;

/// Builds it all.
pub fn build(doc: &mut Document, m: &Materials) {
    paving(doc, m);
    walls(doc, m);
    frame(doc, m);
    roofs(doc, m);
    back_hall(doc, m);
}

/// Granite slabs, each a little different, with joints between; the court lies a step lower.
fn paving(doc: &mut Document, m: &Materials) {
    let mut random = Random::new(1);
    let mut slabs = Shape::default();
    let mut lay = |x0: f32,
                   x1: f32,
                   z0: f32,
                   z1: f32,
                   top: f32,
                   size: f32,
                   skip: &dyn Fn(f32, f32) -> bool| {
        let (nx, nz) = (
            ((x1 - x0) / size).round().max(1.0),
            ((z1 - z0) / (size * 0.7)).round().max(1.0),
        );
        let (dx, dz) = ((x1 - x0) / nx, (z1 - z0) / nz);
        for j in 0..nz as usize {
            for i in 0..nx as usize {
                let (x, z) = (x0 + dx * i as f32, z0 + dz * j as f32);
                if skip(x + dx * 0.5, z + dz * 0.5) {
                    continue;
                }
                let joint = 0.006;
                let drop = random.range(0.0, 0.008);
                let tone = Vec3::splat(random.range(0.62, 0.98))
                    * vec3(1.0, random.range(0.96, 1.0), random.range(0.92, 1.0));
                slabs
                    .cuboid(
                        vec3(x + joint, top - 0.08, z + joint),
                        vec3(x + dx - joint, top - drop, z + dz - joint),
                    )
                    .paint(tone);
            }
        }
    };
    let (wx, wz) = WELL;
    lay(-wx, wx, -wz, wz, -0.14, 0.62, &|x, z| {
        x.abs() < 1.45 && (-2.0..1.9).contains(&z)
    });
    lay(-WALL_X, WALL_X, WALL_BACK, -wz - 0.2, 0.0, 0.9, &|_, _| {
        false
    });
    lay(-WALL_X, WALL_X, wz + 0.2, WALL_FRONT, 0.0, 0.9, &|_, _| {
        false
    });
    lay(
        -WALL_X,
        -wx - 0.2,
        -wz - 0.2,
        wz + 0.2,
        0.0,
        0.9,
        &|_, _| false,
    );
    lay(wx + 0.2, WALL_X, -wz - 0.2, wz + 0.2, 0.0, 0.9, &|_, _| {
        false
    });
    // Kerb of the court.
    for side in [-1.0, 1.0] {
        slabs
            .block(
                vec3(side * (wx + 0.1), -0.09, 0.0),
                vec3(0.19, 0.19, 2.0 * wz + 0.4),
            )
            .paint(Vec3::splat(0.8));
        slabs
            .block(
                vec3(0.0, -0.09, side * (wz + 0.1)),
                vec3(2.0 * wx, 0.19, 0.19),
            )
            .paint(Vec3::splat(0.8));
    }
    // Bed below the joints.
    slabs
        .block(vec3(0.0, -0.3, 5.9), vec3(9.6, 0.4, 4.9))
        .paint(Vec3::splat(0.12));
    slabs
        .block(vec3(0.0, -0.3, -4.6), vec3(9.6, 0.4, 2.4))
        .paint(Vec3::splat(0.12));
    for side in [-1.0, 1.0] {
        slabs
            .block(vec3(side * 3.7, -0.3, 0.05), vec3(2.2, 0.4, 6.9))
            .paint(Vec3::splat(0.12));
        slabs
            .block(vec3(side * 2.03, -0.45, 0.05), vec3(1.14, 0.5, 6.9))
            .paint(Vec3::splat(0.12));
    }
    slabs
        .block(vec3(0.0, -0.45, -2.7), vec3(2.92, 0.5, 1.4))
        .paint(Vec3::splat(0.12));
    slabs
        .block(vec3(0.0, -0.45, 2.65), vec3(2.92, 0.5, 1.5))
        .paint(Vec3::splat(0.12));
    doc.add("paving", &slabs, m.stone);
}

fn walls(doc: &mut Document, m: &Materials) {
    let mut plaster = Shape::default();
    for side in [-1.0, 1.0] {
        plaster.block(vec3(side * (WALL_X + 0.15), 3.0, 1.2), vec3(0.3, 6.0, 14.0));
    }
    plaster.block(vec3(0.0, 3.0, WALL_FRONT + 0.15), vec3(9.8, 6.0, 0.3));
    plaster.scale_uv(0.4);
    doc.add("walls", &plaster, m.plaster);
}

/// Columns on stone drums, beams, rafters.
fn frame(doc: &mut Document, m: &Materials) {
    let mut column = Shape::default();
    column.lathe(
        &[vec2(0.135, 0.16), vec2(0.13, 1.6), vec2(0.12, 3.2)],
        24,
        0.5,
    );
    column.scale_uv(0.9);
    let column = doc.mesh("column", &column, m.timber);
    let mut drum = Shape::default();
    let profile = [
        (0.0, 0.0),
        (0.2, 0.0),
        (0.2, 0.03),
        (0.235, 0.08),
        (0.22, 0.14),
        (0.16, 0.17),
        (0.0, 0.17),
    ]
    .map(|(r, y)| vec2(r, y));
    drum.lathe(&profile, 24, 0.9)
        .scale_uv(1.5)
        .paint(Vec3::splat(0.75));
    let drum = doc.mesh("drum", &drum, m.stone);
    let (cx, cz) = (WELL.0 + 0.42, WELL.1 + 0.42);
    for (x, z) in [
        (-cx, -cz),
        (cx, -cz),
        (-cx, cz),
        (cx, cz),
        (-cx, 0.0),
        (cx, 0.0),
        (-1.15, -cz),
        (1.15, -cz),
    ] {
        let at = Affine3A::from_translation(vec3(x, 0.0, z));
        doc.place("column", column, at);
        doc.place("drum", drum, at);
    }
    let mut beams = Shape::default();
    for side in [-1.0, 1.0] {
        beams.block(vec3(side * cx, 3.22, 0.0), vec3(0.2, 0.3, 2.0 * cz + 0.5));
        beams.block(vec3(0.0, 3.22, side * cz), vec3(2.0 * cx + 0.5, 0.3, 0.2));
        beams.block(vec3(0.0, 2.78, side * cz), vec3(2.0 * cx, 0.14, 0.1));
        beams.block(vec3(side * cx, 2.78, 0.0), vec3(0.1, 0.14, 2.0 * cz));
    }
    beams.scale_uv(0.7);
    doc.add("beams", &beams, m.timber);
    // Short struts between the two rails, lacquered.
    let mut struts = Shape::default();
    for k in -13..=13 {
        let t = k as f32 / 13.0;
        for side in [-1.0, 1.0] {
            struts.block(
                vec3(t * cx * 0.97, 2.96, side * cz),
                vec3(0.035, 0.24, 0.05),
            );
            struts.block(
                vec3(side * cx, 2.96, t * cz * 0.97),
                vec3(0.05, 0.24, 0.035),
            );
        }
    }
    doc.add("struts", &struts, m.vermilion);
}

/// One course of roof from ridge to eave: covers over pans, glazed, with round end tiles.
fn roofs(doc: &mut Document, m: &Materials) {
    let pitch = 0.19;
    let run = 2.6;
    let slope = (run * run + (run * ROOF_PITCH).powi(2)).sqrt();
    // Along −z of the local frame the roof climbs away from the eave at the origin.
    let tile = 0.3;
    let mut cover = Shape::default();
    let mut pan = Shape::default();
    let courses = (slope / tile).ceil() as usize;
    for k in 0..courses {
        let (z0, z1) = (-(k as f32) * tile, -((k + 1) as f32) * tile - 0.03);
        let half = |radius: f32, lift: f32, up: f32| {
            move |s: f32, t: f32| {
                let a = PI * s;
                let narrow = radius * (1.0 - 0.1 * t);
                vec3(
                    -narrow * a.cos(),
                    lift + up * narrow * a.sin() + 0.014 * (1.0 - t),
                    z0 + (z1 - z0) * t,
                )
            }
        };
        cover.surface(8, 1, half(0.062, 0.035, 1.0));
        pan.surface(6, 1, half(0.075, 0.03, -0.45));
    }
    let mut end = Shape::default();
    end.lathe(
        &[
            vec2(0.0, -0.01),
            vec2(0.066, -0.01),
            vec2(0.066, 0.014),
            vec2(0.05, 0.02),
            vec2(0.046, 0.012),
            vec2(0.02, 0.016),
            vec2(0.0, 0.024),
        ],
        20,
        0.6,
    );
    let mut end_tile = Shape::default();
    end_tile.append(
        &end,
        Affine3A::from_rotation_translation(
            Quat::from_rotation_x(FRAC_PI_2),
            vec3(0.0, 0.06, 0.012),
        ),
    );
    let cover = doc.mesh("cover tiles", &cover, m.roof_glaze);
    let pan = doc.mesh("pan tiles", &pan, m.roof_glaze);
    let end_tile = doc.mesh("end tile", &end_tile, m.amber_glaze);
    let mut rafter = Shape::default();
    rafter.block(
        vec3(0.0, -0.09, -slope * 0.5 + 0.03),
        vec3(0.07, 0.09, slope),
    );
    let rafter = doc.mesh("rafter", &rafter, m.timber);
    let climb = Quat::from_rotation_x(ROOF_PITCH.atan());
    for (turn, half, reach) in [
        (0.0, WELL.0, WELL.1),
        (FRAC_PI_2, WELL.1, WELL.0),
        (PI, WELL.0, WELL.1),
        (-FRAC_PI_2, WELL.1, WELL.0),
    ] {
        let face = Quat::from_rotation_y(turn);
        let put = |x: f32| {
            Affine3A::from_rotation_translation(face * climb, face * vec3(x, EAVE_Y, -reach + 0.28))
        };
        let wide = half + run;
        let n = (wide / pitch) as i32;
        for k in -n..=n {
            let x = k as f32 * pitch;
            // In the corners (valleys) a course starts where the neighbouring roof lets it.
            let back = (x.abs() - half + 0.28).max(0.0);
            let shift = Affine3A::from_translation(face * vec3(0.0, back * ROOF_PITCH, -back));
            doc.place("cover", cover, shift * put(x));
            doc.place("pan", pan, shift * put(x + pitch * 0.5));
            if back == 0.0 {
                doc.place("end", end_tile, put(x));
            }
            if k % 2 == 0 {
                doc.place("rafter", rafter, shift * put(x));
            }
        }
        let mut boards = Shape::default();
        let (lo, hi) = (half + 0.02, wide);
        let y = |d: f32| EAVE_Y - 0.03 + d * ROOF_PITCH;
        let corner = |x: f32, d: f32| face * vec3(x, y(d), -reach + 0.28 - d);
        let (a, b, c, d) = (
            corner(-lo + 0.28, 0.0),
            corner(lo - 0.28, 0.0),
            corner(hi - 0.28, run),
            corner(-hi + 0.28, run),
        );
        boards.surface(1, 1, |s, t| a.lerp(d, s).lerp(b.lerp(c, s), t));
        boards.scale_uv(6.0);
        doc.add("roof boards", &boards, m.timber);
    }
}

/// A lattice of bars over lit paper, `w × h`, facing +z, with its lower left corner at the origin.
fn lattice(w: f32, h: f32, cell: f32) -> Shape {
    let mut bars = Shape::default();
    let (nx, ny) = ((w / cell).round() as i32, (h / cell).round() as i32);
    for i in 0..=nx {
        let x = w * i as f32 / nx as f32;
        let thick = if i == 0 || i == nx { 0.07 } else { 0.018 };
        bars.block(vec3(x, h * 0.5, 0.0), vec3(thick, h, 0.05));
    }
    for j in 0..=ny {
        let y = h * j as f32 / ny as f32;
        let thick = if j == 0 || j == ny { 0.07 } else { 0.018 };
        bars.block(vec3(w * 0.5, y, 0.0), vec3(w, thick, 0.045));
    }
    // Every other crossing carries a small square.
    for j in 0..ny {
        for i in (j % 2..nx).step_by(2) {
            let center = vec3(
                w * (i as f32 + 0.5) / nx as f32,
                h * (j as f32 + 0.5) / ny as f32,
                0.0,
            );
            bars.block(center, vec3(cell * 0.34, cell * 0.34, 0.035));
        }
    }
    bars
}

/// The hall across the court: lattice doors below, lit windows above.
fn back_hall(doc: &mut Document, m: &Materials) {
    let z = WALL_BACK + 0.5;
    let mut plaster = Shape::default();
    plaster.block(vec3(0.0, 7.2, WALL_BACK - 0.4), vec3(9.8, 4.4, 0.3));
    for side in [-1.0, 1.0] {
        plaster.block(vec3(side * 3.85, 2.5, z - 0.1), vec3(1.8, 5.0, 0.16));
    }
    plaster.block(vec3(0.0, 4.0, z - 0.1), vec3(6.0, 2.2, 0.16));
    plaster.scale_uv(0.4);
    doc.add("hall walls", &plaster, m.plaster);

    let door = doc.mesh("lattice door", &lattice(0.94, 1.75, 0.156), m.vermilion);
    let mut panel = Shape::default();
    panel
        .block(vec3(0.47, -0.42, 0.0), vec3(0.94, 0.78, 0.05))
        .block(vec3(0.47, -0.42, 0.03), vec3(0.66, 0.5, 0.04));
    let panel = doc.mesh("door panel", &panel, m.vermilion);
    let mut paper = Shape::default();
    for k in 0..6 {
        // The two middle leaves stand open.
        let x = -2.91 + 0.97 * k as f32;
        let placement = match k {
            2 => Affine3A::from_rotation_translation(Quat::from_rotation_y(1.15), vec3(x, 0.86, z)),
            3 => {
                Affine3A::from_rotation_translation(
                    Quat::from_rotation_y(-1.15),
                    vec3(x + 0.97, 0.86, z),
                ) * Affine3A::from_translation(vec3(-0.94, 0.0, 0.0))
            }
            _ => {
                paper.quad(
                    vec3(x, 0.86, z - 0.035),
                    vec3(0.94, 0.0, 0.0),
                    vec3(0.0, 1.75, 0.0),
                );
                Affine3A::from_translation(vec3(x, 0.86, z))
            }
        };
        doc.place("door", door, placement);
        doc.place("panel", panel, placement);
    }
    let window = doc.mesh("lattice window", &lattice(1.5, 1.3, 0.16), m.vermilion);
    for k in 0..4 {
        let x = -3.9 + 2.1 * k as f32;
        doc.place(
            "window",
            window,
            Affine3A::from_translation(vec3(x, 6.0, WALL_BACK - 0.2)),
        );
        paper.quad(
            vec3(x, 6.0, WALL_BACK - 0.23),
            vec3(1.5, 0.0, 0.0),
            vec3(0.0, 1.3, 0.0),
        );
    }
    doc.add("window paper", &paper, m.window);
    // A dim room behind the open doors.
    let mut room = Shape::default();
    room.quad(
        vec3(-3.0, 0.0, z - 3.0),
        vec3(6.0, 0.0, 0.0),
        vec3(0.0, 3.0, 0.0),
    );
    room.quad(
        vec3(-3.0, 0.0, z - 3.0),
        vec3(0.0, 3.0, 0.0),
        vec3(0.0, 0.0, 3.0),
    )
    .quad(vec3(3.0, 0.0, z), vec3(0.0, 3.0, 0.0), vec3(0.0, 0.0, -3.0));
    room.quad(
        vec3(-3.0, 0.0, z),
        vec3(6.0, 0.0, 0.0),
        vec3(0.0, 0.0, -3.0),
    )
    .quad(
        vec3(-3.0, 3.0, z - 3.0),
        vec3(6.0, 0.0, 0.0),
        vec3(0.0, 0.0, 3.0),
    );
    doc.add("hall room", &room, m.plaster);
    let mut sill = Shape::default();
    sill.block(vec3(0.0, 0.04, z + 0.02), vec3(6.0, 0.1, 0.22))
        .block(vec3(0.0, 2.68, z), vec3(6.0, 0.16, 0.18));
    doc.add("door frame", &sill, m.timber);
}
