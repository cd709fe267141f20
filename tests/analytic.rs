//! Scenes whose pictures can be written down.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod scene_kit;

use glam::{Affine3A, Vec3};
use scene_kit::judge::{assert_every, assert_mean};
use scene_kit::*;
use skywell::scene::camera::Camera;
use skywell::scene::light::{PunctualKind, PunctualLight};
use skywell::scene::material::{AlphaMode, Material};
use skywell::settings::RenderSettings;
use std::f64::consts::PI;

/// The mean of `f` (of world positions on the plane y = 0) over the pixels of a view from above.
fn over_pixel(camera: &Camera, side: u32, f: impl Fn(f64, f64) -> f64) -> impl Fn(u32, u32) -> f64 {
    const N: u32 = 8;
    let sub = |k: u32| (f64::from(k) + 0.5) / f64::from(N);
    move |x, y| {
        let places = (0..N * N).map(|k| {
            seen(
                camera,
                side,
                f64::from(x) + sub(k % N),
                f64::from(y) + sub(k / N),
            )
        });
        places
            .map(|p| f(f64::from(p.x), f64::from(p.z)))
            .sum::<f64>()
            / f64::from(N * N)
    }
}

fn ground(material: Material) -> Kit {
    Kit::default().with(
        parallelogram(
            Vec3::new(-50.0, 0.0, -50.0),
            Vec3::Z * 100.0,
            Vec3::X * 100.0,
        ),
        material,
    )
}

fn punctual(kind: PunctualKind, position: Vec3, direction: Vec3, intensity: f32) -> PunctualLight {
    PunctualLight {
        name: String::new(),
        position,
        direction: direction.normalize(),
        intensity: Vec3::splat(intensity),
        range: None,
        kind,
    }
}

/// A convex body sees only the environment: albedo × radiance, whatever its size, place and handedness.
#[test]
fn convex_body_in_a_constant_environment() {
    for (scale, place) in [
        (Vec3::ONE, Vec3::ZERO),
        (Vec3::splat(1e-3), Vec3::new(20.0, -30.0, 10.0)),
        (Vec3::new(-300.0, 200.0, 500.0), Vec3::new(1e4, -2e4, 3e4)),
    ] {
        let kit = Kit::default()
            .place(sphere(3), somewhere(scale, place), lambert(0.6))
            .in_constant_environment(2.5);
        let size = scale.abs().min_element();
        let camera = look(
            place + Vec3::new(1.0, 2.0, 3.0) * scale.abs().max_element() * 2.0,
            place,
            size,
        );
        let image = render(kit, &camera, &settings(32, 64, 8));
        assert_mean(&image, 0, |_, _| 0.6 * 2.5);
        assert_every(&image, 3, 1.0);
    }
}

/// Light on a plane from one point: albedo / π · I cos θ / d².
#[test]
fn point_light_over_a_plane() {
    let mut kit = ground(lambert(0.8));
    kit.scene.lights.push(punctual(
        PunctualKind::Point,
        Vec3::new(0.5, 2.0, -0.25),
        Vec3::Y,
        30.0,
    ));
    let camera = look(Vec3::Y * 5.0, Vec3::ZERO, 6.0);
    let image = render(kit, &camera, &settings(24, 64, 4));
    let radiance = |x: f64, z: f64| {
        let squared = (x - 0.5).powi(2) + 4.0 + (z + 0.25).powi(2);
        0.8 / PI * 30.0 * 2.0 / (squared * squared.sqrt())
    };
    assert_mean(&image, 1, over_pixel(&camera, 24, radiance));
}

/// Parallel light: albedo / π · E cos θ, without noise.
#[test]
fn directional_light_on_a_plane() {
    let mut kit = ground(lambert(0.5));
    let direction = Vec3::new(1.0, -2.0, 0.5);
    kit.scene.lights.push(punctual(
        PunctualKind::Directional,
        Vec3::ZERO,
        direction,
        3.0,
    ));
    let image = render(
        kit,
        &look(Vec3::Y * 5.0, Vec3::ZERO, 4.0),
        &settings(16, 4, 4),
    );
    let cosine = 2.0 / (1.0 + 4.0 + 0.25f64).sqrt();
    assert_every(&image, 2, 0.5 / PI * 3.0 * cosine);
}

/// Form factor from a horizontal patch to the rectangle [0, a] × [0, b] at height `h` that faces it, the patch
/// beneath the rectangle's corner. Source: Howell, "A Catalog of Radiation Heat Transfer Configuration Factors", B-3.
fn corner_form_factor(a: f64, b: f64, h: f64) -> f64 {
    let (a, b) = (a / h, b / h);
    let (ra, rb) = ((1.0 + a * a).sqrt(), (1.0 + b * b).sqrt());
    (a / ra * (b / ra).atan() + b / rb * (a / rb).atan()) / (2.0 * PI)
}

/// A glowing rectangle over a plane: albedo · radiance · form factor, through next-event estimation and through
/// scattered rays that meet the light, weighted against each other.
#[test]
fn emissive_rectangle_over_a_plane() {
    let corner = Vec3::new(-1.0, 1.5, -0.5);
    let lamp = parallelogram(corner, Vec3::X * 2.0, Vec3::Z * 1.0);
    let kit = ground(lambert(0.7)).with(lamp, emissive(0.0, 4.0));
    // Seen from below the lamp, so that it does not hide the plane.
    let camera = look(Vec3::Y * 1.0, Vec3::ZERO, 3.0);
    let image = render(kit, &camera, &settings(24, 64, 1));
    let radiance = |x: f64, z: f64| {
        // By additivity: the rectangle as a signed sum of four with a corner over the patch.
        let part =
            |dx: f64, dz: f64| (dx * dz).signum() * corner_form_factor(dx.abs(), dz.abs(), 1.5);
        let (x0, x1, z0, z1) = (-1.0 - x, 1.0 - x, -0.5 - z, 0.5 - z);
        0.7 * 4.0 * (part(x1, z1) - part(x0, z1) - part(x1, z0) + part(x0, z0))
    };
    assert_mean(&image, 0, over_pixel(&camera, 24, radiance));
}

/// Within a closed box whose walls glow and reflect, every event adds the same share again.
#[test]
fn furnace_box() {
    for (max_depth, albedo) in [(0, 0.5), (3, 0.5), (60, 0.8)] {
        let kit = Kit::default().with(
            cuboid(-Vec3::ONE, Vec3::new(2.0, 1.0, 1.0)),
            emissive(albedo, 1.0),
        );
        let camera = look(Vec3::new(0.1, 0.2, 0.3), Vec3::new(1.0, -0.2, -0.3), 0.5);
        let image = render(kit, &camera, &settings(16, 128, max_depth));
        let albedo = f64::from(albedo);
        assert_mean(&image, 0, |_, _| {
            (0..=max_depth as i32).map(|k| albedo.powi(k)).sum()
        });
    }
}

/// Transmittance e^(−σ d) along the slanted way through a slab that does not refract.
#[test]
fn absorption_in_a_slab() {
    let color = Vec3::new(0.2, 0.5, 0.9);
    for tilt in [0.0, 0.5, 1.2] {
        let slab = cuboid(Vec3::new(-4.0, -0.75, -4.0), Vec3::new(4.0, 0.75, 4.0));
        let kit = Kit::default()
            .with(slab, glass(1.0, color, 2.0))
            .in_constant_environment(1.5);
        let eye = Vec3::new(f32::sin(tilt), f32::cos(tilt), 0.0) * 10.0;
        let image = render(kit, &look(eye, Vec3::ZERO, 1.0), &settings(8, 4, 8));
        for channel in 0..3 {
            let way = 1.5 / f64::from(tilt).cos();
            assert_every(
                &image,
                channel,
                1.5 * f64::from(color[channel]).powf(way / 2.0),
            );
        }
    }
}

/// A refracting slab in white surroundings: what is reflected and what gets through after any number of bounces.
#[test]
fn refracting_slab_at_normal_incidence() {
    let slab = cuboid(Vec3::new(-40.0, -0.5, -40.0), Vec3::new(40.0, 0.5, 40.0));
    let kit = Kit::default()
        .with(slab, glass(1.8, Vec3::splat(0.3), 1.0))
        .in_constant_environment(1.0);
    let image = render(
        kit,
        &look(Vec3::Y * 5.0, Vec3::ZERO, 1.0),
        &settings(24, 256, 50),
    );
    let r = (0.8f64 / 2.8).powi(2);
    let t = 0.3;
    let inside = (1.0 - r) * (1.0 - r) * t / (1.0 - r * r * t * t);
    assert_mean(&image, 0, |_, _| r + inside + inside * r * t);
}

/// Where two solids overlap, the smaller fills the space, whichever is met first.
#[test]
fn smaller_solid_displaces_the_larger() {
    let (small, large) = (Vec3::new(0.5, 0.8, 0.9), Vec3::new(0.9, 0.3, 0.6));
    // Along y: the large one from 0 to 3, the small one from 2 to 4.
    let kit = || {
        Kit::default()
            .with(
                cuboid(Vec3::new(-9.0, 0.0, -9.0), Vec3::new(9.0, 3.0, 9.0)),
                glass(1.0, large, 1.0),
            )
            .with(
                cuboid(Vec3::new(-4.0, 2.0, -4.0), Vec3::new(4.0, 4.0, 4.0)),
                glass(1.0, small, 1.0),
            )
            .in_constant_environment(1.0)
    };
    for eye in [Vec3::Y * 10.0, Vec3::Y * -10.0] {
        // Three events, so that roulette makes noise.
        let image = render(kit(), &look(eye, Vec3::ZERO, 1.0), &settings(32, 64, 8));
        for channel in 0..3 {
            let truth = f64::from(small[channel]).powi(2) * f64::from(large[channel]).powi(2);
            assert_mean(&image, channel, |_, _| truth);
        }
    }
}

/// A camera within a solid starts in it.
#[test]
fn camera_inside_a_solid() {
    let color = Vec3::new(0.25, 0.5, 0.75);
    let kit = Kit::default()
        .with(
            cuboid(Vec3::splat(-2.0), Vec3::splat(2.0)),
            glass(1.0, color, 1.0),
        )
        .in_constant_environment(1.0);
    let image = render(
        kit,
        &look(Vec3::new(0.0, 0.5, 0.0), Vec3::ZERO, 0.5),
        &settings(8, 4, 8),
    );
    for channel in 0..3 {
        assert_every(&image, channel, f64::from(color[channel]).powf(2.5));
    }
}

/// A dispersive solid whose index is the same as that of its surroundings on average still conserves every channel.
#[test]
fn dispersion_keeps_the_mean_of_each_channel() {
    let mut material = glass(1.5, Vec3::ONE, f32::INFINITY);
    material.dispersion = 2.0;
    let kit = Kit::default()
        .place(sphere(3), Affine3A::IDENTITY, material)
        .in_constant_environment(1.0);
    let image = render(
        kit,
        &look(Vec3::Z * 5.0, Vec3::ZERO, 1.5),
        &settings(24, 256, 100),
    );
    for channel in 0..3 {
        assert_mean(&image, channel, |_, _| 1.0);
    }
}

/// Alpha covers by its amount: what lies behind shows through, for the camera and for shadows.
#[test]
fn alpha_covers_by_its_amount() {
    let screen = |material: Material, alpha: f32| Material {
        base_alpha: alpha,
        alpha_mode: AlphaMode::Blend,
        ..material
    };
    let quad = |height: f32| {
        parallelogram(
            Vec3::new(-50.0, height, -50.0),
            Vec3::Z * 100.0,
            Vec3::X * 100.0,
        )
    };
    // The camera looks through a black screen at the environment, and at nothing when that is hidden.
    for background_visible in [true, false] {
        let kit = Kit::default()
            .with(quad(0.0), screen(lambert(0.0), 0.25))
            .in_constant_environment(2.0);
        let settings = RenderSettings {
            background_visible,
            ..settings(24, 256, 4)
        };
        let image = render(kit, &look(Vec3::Y * 5.0, Vec3::ZERO, 1.0), &settings);
        if background_visible {
            assert_mean(&image, 0, |_, _| 0.75 * 2.0);
            assert_every(&image, 3, 1.0);
        } else {
            assert_every(&image, 0, 0.0);
            assert_mean(&image, 3, |_, _| 0.25);
        }
    }
    // The sun shines through two screens; no random number is involved.
    let mut kit = ground(lambert(1.0))
        .with(quad(1.0), screen(lambert(0.0), 0.4))
        .with(quad(2.0), screen(lambert(0.0), 0.5));
    kit.scene.lights.push(punctual(
        PunctualKind::Directional,
        Vec3::ZERO,
        -Vec3::Y,
        PI as f32,
    ));
    let image = render(
        kit,
        &look(Vec3::Y * 0.5, Vec3::ZERO, 1.0),
        &settings(8, 1, 1),
    );
    assert_every(&image, 0, 0.6 * 0.5);
}

/// A hidden background leaves light and takes the picture's backdrop away.
#[test]
fn hidden_background() {
    let kit = Kit::default()
        .with(cuboid(-Vec3::ONE, Vec3::ONE), lambert(0.5))
        .in_constant_environment(1.0);
    let mut settings = settings(16, 64, 4);
    settings.background_visible = false;
    let image = render(kit, &look(Vec3::Z * 5.0, Vec3::ZERO, 4.0), &settings);
    let pixel = |x: usize, y: usize| image.pixels[y * 16 + x];
    assert_eq!(pixel(0, 0), [0.0; 4]);
    assert!(
        (pixel(8, 8)[0] - 0.5).abs() < 0.05 && pixel(8, 8)[3] == 1.0,
        "{:?}",
        pixel(8, 8)
    );
}

/// Single-sided surfaces stop sight and light from behind as from the front.
#[test]
fn single_sided_surfaces_have_backs() {
    let single = Material {
        double_sided: false,
        ..lambert(0.5)
    };
    let room = || {
        Kit::default()
            .with(cuboid(-Vec3::ONE, Vec3::ONE), single.clone())
            .in_constant_environment(1.0)
    };
    // From inside, the camera sees the unlit backs of the walls, not the sky.
    let image = render(room(), &look(Vec3::ZERO, Vec3::Z, 0.5), &settings(8, 4, 4));
    assert_every(&image, 0, 0.0);
    // A plate within the closed box gets no light.
    let plate = parallelogram(Vec3::new(-0.5, 0.0, -0.5), Vec3::Z, Vec3::X);
    let image = render(
        room().with(plate, lambert(0.5)),
        &look(Vec3::Y * 0.5, Vec3::ZERO, 0.5),
        &settings(8, 16, 4),
    );
    assert_every(&image, 0, 0.0);
}

/// A closed room stays dark inside, whatever its size, place, proportions and handedness: no ray slips through where
/// walls meet, though a point that is rounded onto a wall's edge may lie beyond the next wall.
#[test]
fn closed_rooms_stay_dark() {
    for (scale, place) in [
        (Vec3::ONE, Vec3::ZERO),
        (Vec3::splat(1e-3), Vec3::new(20.0, -30.0, 10.0)),
        (Vec3::splat(0.1), Vec3::new(700.0, 500.0, -900.0)),
        (Vec3::new(-400.0, 700.0, 300.0), Vec3::new(1e4, -2e4, 3e4)),
    ] {
        let world_from_room = somewhere(scale, place);
        let kit = Kit::default()
            .place(cuboid(-Vec3::ONE, Vec3::ONE), world_from_room, lambert(0.9))
            .in_constant_environment(1.0);
        let target = world_from_room.transform_point3(Vec3::new(1.0, 1.0, 1.0) * 0.999);
        let size = scale.abs().min_element();
        let image = render(kit, &look(place, target, 0.5 * size), &settings(16, 64, 20));
        assert_every(&image, 0, 0.0);
    }
}

also_on_gpu!(
    convex_body_in_a_constant_environment,
    point_light_over_a_plane,
    directional_light_on_a_plane,
    furnace_box,
    absorption_in_a_slab,
    refracting_slab_at_normal_incidence,
    smaller_solid_displaces_the_larger,
    camera_inside_a_solid,
    alpha_covers_by_its_amount,
    hidden_background,
    single_sided_surfaces_have_backs,
    closed_rooms_stay_dark,
);
