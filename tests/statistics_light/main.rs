//! Lights and textures as the shaders see them: every `sample_*` against its `pdf_*`, and all against closed forms and
//! plain sums in f64.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../probes/mod.rs"]
mod probes;

mod choice;
mod environment;
mod punctual;
mod textures;
mod triangle;

use common::Random;
use glam::{Affine3A, DVec3, Vec3};
use probes::ask;
use skywell::compiled::Compiled;
use skywell::compiled::record::{EmitterAnswer, EmitterQuery, LightAnswer, LightQuery};
use skywell::kernel::Tables;
use skywell::scene::Scene;
use skywell::scene::camera::{Camera, Projection};
use skywell::settings::RenderSettings;

fn compile(scene: Scene) -> Compiled {
    let camera = Camera {
        name: String::new(),
        world_from_camera: Affine3A::IDENTITY,
        projection: Projection::Perspective {
            yfov: 1.0,
            aspect_ratio: None,
        },
    };
    Compiled::build(scene, &camera, &RenderSettings::new(16, 16)).expect("a small scene")
}

fn sample_light(compiled: &Compiled, queries: &[LightQuery]) -> Vec<LightAnswer> {
    ask(
        &probe!(probe_sample_light),
        &Tables::from(compiled),
        queries,
    )
}

fn environment(compiled: &Compiled, queries: &[EmitterQuery]) -> Vec<EmitterAnswer> {
    ask(&probe!(probe_environment), &Tables::from(compiled), queries)
}

fn light_triangle(compiled: &Compiled, queries: &[EmitterQuery]) -> Vec<EmitterAnswer> {
    ask(
        &probe!(probe_light_triangle),
        &Tables::from(compiled),
        queries,
    )
}

/// `n` samples of the light at `p`, for a surface with normal `n_surface` (or zero).
fn samples_at(
    compiled: &Compiled,
    p: Vec3,
    n_surface: Vec3,
    n: usize,
    seed: u64,
) -> Vec<LightAnswer> {
    let mut random = Random(seed);
    let queries: Vec<_> = (0..n)
        .map(|_| LightQuery {
            p: p.to_array(),
            n: n_surface.to_array(),
            uc: random.uniform(),
            u: [random.uniform(), random.uniform()],
            ..LightQuery::default()
        })
        .collect();
    sample_light(compiled, &queries)
}

fn directions(list: impl Iterator<Item = DVec3>) -> Vec<EmitterQuery> {
    list.map(|d| EmitterQuery {
        direction: d.as_vec3().to_array(),
        ..EmitterQuery::default()
    })
    .collect()
}
