//! The sky well: house, garden, light and camera put together.

use crate::document::Document;
use crate::materials::Materials;
use crate::shapes::Shape;
use crate::{garden, house};
use anyhow::Result;
use glam::{Affine3A, Vec3, vec3};
use serde_json::json;

/// The whole scene.
pub fn build() -> Result<Document> {
    let mut doc = Document::default();
    let materials = Materials::new(&mut doc)?;
    house::build(&mut doc, &materials);
    garden::build(&mut doc, &materials);
    daylight(&mut doc, &materials);
    let view = look(vec3(-0.75, 1.52, 6.15), vec3(0.12, 1.38, -2.4));
    doc.camera("court", 46f32.to_radians(), 16.0 / 9.0, view);
    Ok(doc)
}

/// Placement of something that looks along −Z from `eye` to `target`.
fn look(eye: Vec3, target: Vec3) -> Affine3A {
    glam::camera::rh::view::look_at_affine3(eye, target, Vec3::Y)
        .inverse()
        .into()
}

/// A patch of bright sky above the well, and the sun as a lamp below it (so that the patch does not shade it).
fn daylight(doc: &mut Document, m: &Materials) {
    let mut sky = Shape::default();
    let (x, z, y) = (9.0, 10.5, 14.0);
    sky.surface(1, 1, |s, t| {
        vec3((2.0 * s - 1.0) * x, y, (2.0 * t - 1.0) * z)
    });
    doc.add("sky", &sky, m.sky);
    let sun = json!({"name": "sun", "type": "spot", "color": [1.0, 0.86, 0.66], "intensity": 2600.0,
        "spot": {"innerConeAngle": 0.2, "outerConeAngle": 0.42}});
    doc.light(sun, look(vec3(-6.2, 13.2, 2.6), vec3(0.7, 0.2, -1.5)));
}
