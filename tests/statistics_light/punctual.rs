//! Punctual lights against the letter of KHR_lights_punctual.

use glam::Vec3;
use skywell::scene::Scene;
use skywell::scene::light::{PunctualKind, PunctualLight};

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
