//! What KHR_materials_volume_scatter says of solids: how much they scatter, and whether shadow rays get into them.
//!
//! The extension's text (the draft of 9 February 2026) splits the attenuation of KHR_materials_volume, σt = −ln c / d,
//! by the albedo of single scattering: σs = σt ρ. Authored is the colour that a deep volume shows, the albedo of multiple
//! scattering, from which ρ follows.

use crate::math::portable::decode_srgb;
use crate::scene::Scene;
use crate::scene::material::Material;
use crate::scene::texture::{Image, Texels};
use glam::Vec3;
use rayon::prelude::*;

/// The extension's range is (−1, 1); what is beyond this is taken for this.
pub(super) const ANISOTROPY_MAX: f32 = 0.999;

/// By material: the linear colour that a deep volume of it shows; black where nothing is scattered.
///
/// Departs: of a texture, which would give each path the colour of the point where it enters, the mean counts. The text
/// calls its own rule nonsense physically: what is seen then depends on the end that light is traced from.
pub(super) fn multiscatter_colors(scene: &Scene) -> Vec<Vec3> {
    let color = |material: &Material| {
        let Some(scatter) = &material.volume_scatter else {
            return Vec3::ZERO;
        };
        let texture = scatter.multiscatter_color_texture.as_ref();
        let mean = texture.map_or(Vec3::ONE, |t| mean_color(&scene.images[t.image.0 as usize]));
        scatter.multiscatter_color * mean
    };
    scene.materials.par_iter().map(color).collect()
}

/// The mean of the linear colours of an image that is encoded by sRGB's curve.
fn mean_color(image: &Image) -> Vec3 {
    // Sums of whole numbers, so that they depend on no order.
    let sums = match image.pixels.texels() {
        Texels::Narrow(values) => sum_linear(values.as_chunks().0, 256),
        Texels::Wide(values) => sum_linear(values.as_chunks().0, 65536),
    };
    let texels = f64::from(image.width) * f64::from(image.height);
    Vec3::from(sums.map(|sum| (sum as f64 / (LEVELS * texels)) as f32))
}

/// Levels that linear values are rounded to before they are summed.
const LEVELS: f64 = 1e9;

/// Sums of the red, green and blue of `texels`, linear, in units of 1 / [`LEVELS`]; values of which there are `levels`.
fn sum_linear<T: Copy + Into<u32> + Sync>(texels: &[[T; 4]], levels: u32) -> [u128; 3] {
    let encoded = (0..levels).map(|v| f64::from(v) / f64::from(levels - 1));
    let linear: Vec<u64> = encoded
        .map(|v| (decode_srgb(v) * LEVELS).round() as u64)
        .collect();
    let value = |v: T| u128::from(linear[v.into() as usize]);
    let add = |a: [u128; 3], b: [u128; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
    texels
        .par_iter()
        .map(|&[r, g, b, _]| [value(r), value(g), value(b)])
        .reduce(|| [0; 3], add)
}

/// The albedo of single scattering of a volume whose albedo of multiple scattering is `multiscatter`, both in [0, 1].
///
/// Source: KHR_materials_volume_scatter, "Multi-Scatter Albedo", after Kulla and Conty 2017, "Revisiting Physically
/// Based Shading at Imageworks".
pub(super) fn single_scatter_albedo(multiscatter: f64) -> f64 {
    let m = multiscatter;
    let root = (9.59217 + 41.6808 * m + 17.7126 * m * m).sqrt();
    let s = 4.09712 + 4.20863 * m - root;
    (1.0 - s * s).clamp(0.0, 1.0)
}

/// Is the surface of `material` nothing but where a scattering medium begins, which shadow rays may pass?
/// It must not refract, reflect, emit or hold anything back; it may tint.
pub(super) fn has_open_boundary(material: &Material) -> bool {
    let transmission = material.transmission.as_ref();
    let transmits = transmission.is_some_and(|t| t.factor == 1.0 && t.texture.is_none());
    let is_solid = material
        .volume
        .as_ref()
        .is_some_and(|v| v.thickness_factor > 0.0);
    is_solid
        && transmits
        && material.volume_scatter.is_some()
        && material.ior == 1.0
        && material.metallic == 0.0
        && material.glossiness.is_none()
        && material.emissive == Vec3::ZERO
        && material.clearcoat.is_none()
        && material.sheen.is_none()
        && material.iridescence.is_none()
        && !material.unlit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::ImageId;
    use crate::scene::material::{Sheen, Transmission, Volume, VolumeScatter};
    use crate::scene::texture::{Pixels, TexelFilter, TextureRef, Wrap};

    fn fog() -> Material {
        Material {
            metallic: 0.0,
            ior: 1.0,
            transmission: Some(Transmission {
                factor: 1.0,
                texture: None,
            }),
            volume: Some(Volume {
                thickness_factor: 1.0,
                attenuation_distance: 1.0,
                attenuation_color: Vec3::splat(0.5),
            }),
            volume_scatter: Some(VolumeScatter {
                multiscatter_color: Vec3::new(0.5, 1.0, 0.25),
                multiscatter_color_texture: None,
                anisotropy: 0.0,
            }),
            ..Material::default()
        }
    }

    #[test]
    fn the_albedo_of_one_event_is_the_extension_s() {
        assert!(single_scatter_albedo(0.0) < 1e-5);
        assert!((single_scatter_albedo(1.0) - 1.0).abs() < 1e-9);
        // Green and red of the text's own example.
        assert!((single_scatter_albedo(0.227) - 0.658_829).abs() < 1e-6);
        assert!((single_scatter_albedo(0.572) - 0.941_841).abs() < 1e-6);
        let albedos: Vec<f64> = (0..=100)
            .map(|i| single_scatter_albedo(f64::from(i) / 100.0))
            .collect();
        assert!(albedos.is_sorted());
    }

    #[test]
    fn textures_count_by_their_mean() {
        let texture = TextureRef {
            image: ImageId(0),
            texcoord_set: 0,
            uv_transform: glam::Affine2::IDENTITY,
            wrap: [Wrap::Repeat; 2],
            filter: TexelFilter::Linear,
        };
        let mut material = fog();
        let scatter = material.volume_scatter.as_mut().unwrap();
        scatter.multiscatter_color_texture = Some(texture);
        for pixels in [
            Pixels::Rgba8(vec![255, 0, 188, 9, 0, 0, 188, 9]),
            Pixels::Rgba16(vec![65535, 0, 48316, 9, 0, 0, 48316, 9]),
        ] {
            let image = Image {
                name: String::new(),
                width: 2,
                height: 1,
                pixels,
            };
            let scene = Scene {
                materials: vec![material.clone(), Material::default()],
                images: vec![image],
                ..Scene::default()
            };
            let colors = multiscatter_colors(&scene);
            let expected = Vec3::new(0.25, 0.0, 0.125);
            assert!(colors[0].abs_diff_eq(expected, 1e-3), "{}", colors[0]);
            assert_eq!(colors[1], Vec3::ZERO);
        }
    }

    #[test]
    fn only_what_does_nothing_is_open() {
        assert!(has_open_boundary(&fog()));
        let changes: [fn(&mut Material); 7] = [
            |m| m.ior = 1.1,
            |m| m.metallic = 0.1,
            |m| m.emissive = Vec3::X,
            |m| m.volume_scatter = None,
            |m| m.volume.as_mut().unwrap().thickness_factor = 0.0,
            |m| m.transmission.as_mut().unwrap().factor = 0.9,
            |m| {
                m.sheen = Some(Sheen {
                    color: Vec3::ONE,
                    color_texture: None,
                    roughness: 0.5,
                    roughness_texture: None,
                });
            },
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut material = fog();
            change(&mut material);
            assert!(!has_open_boundary(&material), "change {i}");
        }
    }
}
