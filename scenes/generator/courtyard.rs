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
    let view = look(vec3(-0.65, 1.56, 5.9), vec3(0.12, 1.36, -2.4));
    doc.camera("court", 47f32.to_radians(), 16.0 / 9.0, view);
    Ok(doc)
}

/// Placement of something that looks along −Z from `eye` to `target`.
fn look(eye: Vec3, target: Vec3) -> Affine3A {
    glam::camera::rh::view::look_at_affine3(eye, target, Vec3::Y)
        .inverse()
        .into()
}

/// Bright sky close above the roofs, where light sampling finds it from every corner of the court, with an opening
/// through which the sun shines: the light of one gap in the clouds.
fn daylight(doc: &mut Document, m: &Materials) {
    let (x, y, z) = ((-9.0, 9.0), 8.2, (-6.0, 9.0));
    let (gap_x, gap_z) = ((-5.6, 1.2), (-3.6, 5.4));
    let mut sky = Shape::default();
    for (x, z) in [
        ((x.0, gap_x.0), z),
        ((gap_x.1, x.1), z),
        (gap_x, (z.0, gap_z.0)),
        (gap_x, (gap_z.1, z.1)),
    ] {
        sky.quad(
            vec3(x.0, y, z.0),
            vec3(x.1 - x.0, 0.0, 0.0),
            vec3(0.0, 0.0, z.1 - z.0),
        );
    }
    sky.scale_uv(0.06);
    doc.add("sky", &sky, m.sky);
    let sun = json!({"name": "sun", "type": "directional", "color": [1.0, 0.86, 0.66], "intensity": 13.0});
    doc.light(sun, look(vec3(-5.8, 13.0, 3.4), Vec3::ZERO));
}
