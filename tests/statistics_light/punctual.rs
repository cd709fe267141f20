//! Punctual lights against the letter of KHR_lights_punctual.

use glam::Vec3;
use skywell::scene::light::{LightProfile, PunctualKind, PunctualLight};
use skywell::scene::{ProfileId, Scene};

use crate::common::Random;
use crate::{compile, samples_at};

pub fn punctual(
    kind: PunctualKind,
    position: Vec3,
    direction: Vec3,
    range: Option<f32>,
) -> PunctualLight {
    let intensity = Vec3::new(7.0, 5.0, 3.0);
    PunctualLight {
        name: String::new(),
        position,
        direction,
        intensity,
        range,
        kind,
    }
}

#[test]
fn punctual_lights_follow_the_extension() {
    let spot = PunctualKind::Spot {
        inner_cone_angle: 0.3,
        outer_cone_angle: 0.8,
    };
    let sharp = PunctualKind::Spot {
        inner_cone_angle: 0.5,
        outer_cone_angle: 0.5,
    };
    let axis = Vec3::new(0.3, -0.9, 0.2).normalize();
    let mut random = Random(31);
    for (kind, range) in [
        (PunctualKind::Point, None),
        (PunctualKind::Point, Some(3.0)),
        (spot, None),
        (spot, Some(2.5)),
        (sharp, None),
        (PunctualKind::Directional, None),
    ] {
        let light = punctual(kind, Vec3::new(1.0, 2.0, 3.0), axis, range);
        let compiled = compile(Scene {
            lights: vec![light.clone()],
            ..Scene::default()
        });
        for _ in 0..300 {
            let p =
                light.position + Vec3::from_array(random.direction()) * random.between(0.01, 4.0);
            let sample = samples_at(&compiled, p, Vec3::ZERO, 1, random.bits())[0];
            let offset = light.position.as_dvec3() - p.as_dvec3();
            let distance = offset.length();
            // KHR_lights_punctual, "Range Property" and "Inner and Outer Cone Angles", word for word.
            let attenuation = range.map_or(1.0, |range| {
                (1.0 - (distance / f64::from(range)).powi(4)).clamp(0.0, 1.0)
            });
            let cone = match kind {
                PunctualKind::Spot {
                    inner_cone_angle,
                    outer_cone_angle,
                } => {
                    let (inner, outer) = (f64::from(inner_cone_angle), f64::from(outer_cone_angle));
                    let scale = 1.0 / f64::max(0.001, inner.cos() - outer.cos());
                    let offset_term = -outer.cos() * scale;
                    let cd = axis.as_dvec3().dot(-offset / distance);
                    (cd * scale + offset_term).clamp(0.0, 1.0).powi(2)
                }
                _ => 1.0,
            };
            let (want, direction) = if kind == PunctualKind::Directional {
                (7.0, -axis.as_dvec3())
            } else {
                (
                    7.0 * attenuation * cone / (distance * distance),
                    offset / distance,
                )
            };
            if sample.pdf == 0.0 {
                assert!(
                    want <= 1e-6 * 7.0 / (distance * distance),
                    "left out at {p}: {want}"
                );
                continue;
            }
            assert_eq!((sample.pdf, sample.is_delta), (1.0, 1));
            let got = f64::from(sample.radiance[0]);
            let slack = if kind == sharp { 2e-3 } else { 2e-5 } * 7.0 / (distance * distance);
            assert!(
                (got - want).abs() < slack + 1e-5 * want,
                "{kind:?} {range:?} at {distance}: {got}, not {want}"
            );
            assert!(Vec3::from_array(sample.direction).as_dvec3().dot(direction) > 1.0 - 1e-6);
            if kind != PunctualKind::Directional {
                assert!((f64::from(sample.distance) - distance).abs() < 1e-5 * distance);
            }
        }
    }
}

/// Linear interpolation between the two `angles` around `x`: the index of the first, and the way to the second.
fn cell(angles: &[f32], x: f64) -> Option<(usize, f64)> {
    let at = angles
        .windows(2)
        .position(|pair| (f64::from(pair[0])..=f64::from(pair[1])).contains(&x))?;
    let [a, b] = [at, at + 1].map(|i| f64::from(angles[i]));
    Some((at, (x - a) / (b - a)))
}

#[test]
fn measured_lights_follow_their_profile() {
    let mut random = Random(77);
    let radians = |degrees: &[f32]| degrees.iter().map(|d| d.to_radians()).collect::<Vec<f32>>();
    for (polar, azimuths) in [
        (&[0.0, 20.0, 50.0, 90.0][..], &[0.0, 90.0, 200.0, 360.0][..]),
        (&[0.0, 180.0], &[90.0, 450.0]),
        (&[60.0, 90.0, 95.0, 120.0], &[-90.0, -10.0, 10.0, 45.0]),
    ] {
        let (polar, azimuths) = (radians(polar), radians(azimuths));
        let n = polar.len() * azimuths.len();
        let intensities: Vec<f32> = (0..n).map(|_| random.between(0.0, 9.0)).collect();
        let axis = Vec3::from_array(random.direction());
        let azimuth_zero = axis.cross(Vec3::from_array(random.direction())).normalize();
        let profile = LightProfile {
            axis: Vec3::NEG_Z,
            azimuth_zero: Vec3::X,
            polar,
            azimuths,
            intensities,
        };
        // Another light and profile come first.
        let other = LightProfile {
            polar: vec![0.0, 1.0, 2.0],
            azimuths: vec![0.0, 6.0],
            intensities: vec![0.0; 6],
            ..profile.clone()
        };
        let kind = |profile| PunctualKind::Measured {
            profile: ProfileId(profile),
            azimuth_zero,
        };
        let light = punctual(kind(1), Vec3::new(1.0, 2.0, 3.0), axis, None);
        let dark = punctual(kind(0), Vec3::new(1.0, 0.0, 3.0), axis, None);
        let compiled = compile(Scene {
            lights: vec![dark, light.clone()],
            light_profiles: vec![other, profile.clone()],
            ..Scene::default()
        });
        let mut lit = 0;
        for _ in 0..1000 {
            let p =
                light.position + Vec3::from_array(random.direction()) * random.between(0.1, 4.0);
            let sample = samples_at(&compiled, p, Vec3::ZERO, 1, random.bits())[0];
            let out = p.as_dvec3() - light.position.as_dvec3();
            let (axis, zero) = (axis.as_dvec3(), azimuth_zero.as_dvec3());
            let angle = out.normalize().dot(axis).clamp(-1.0, 1.0).acos();
            let turn = out.dot(zero.cross(axis)).atan2(out.dot(zero));
            let turns = [turn, turn + std::f64::consts::TAU];
            let found = turns.iter().find_map(|&turn| cell(&profile.azimuths, turn));
            let n_polar = profile.polar.len();
            let want = match (cell(&profile.polar, angle), found) {
                (Some((column, x)), Some((row, y))) => {
                    let value = |r: usize, c: usize| {
                        f64::from(profile.intensities[(row + r) * n_polar + column + c])
                    };
                    lit += 1;
                    (value(0, 0) * (1.0 - x) + value(0, 1) * x) * (1.0 - y)
                        + (value(1, 0) * (1.0 - x) + value(1, 1) * x) * y
                }
                _ => 0.0,
            };
            let want = 7.0 * want / out.length_squared();
            assert_eq!((sample.pdf, sample.is_delta), (1.0, 1));
            let got = f64::from(sample.radiance[0]);
            let slack = 1e-4 * (want + 7.0 / out.length_squared());
            assert!(
                (got - want).abs() < slack,
                "{angle} {turn}: {got}, not {want}"
            );
        }
        assert!(lit > 50, "{lit}");
    }
}

crate::also_asks_gpu!(
    punctual_lights_follow_the_extension,
    measured_lights_follow_their_profile,
);
