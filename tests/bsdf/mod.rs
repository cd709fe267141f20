//! Asking the material model through the compiled shaders.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use glam::Vec3;
use skywell::compiled::albedo::albedo_pairs;
use skywell::compiled::materials::MaterialTable;
use skywell::compiled::record::{AlbedoPair, BsdfAnswer, BsdfQuery, FRAME_MULTISCATTER, Frame};
use skywell::compiled::textures::{TextureTable, Textures};
use skywell::kernel::Tables;
use skywell::scene::material::{
    Anisotropy, Clearcoat, DiffuseRoughness, DiffuseTransmission, Iridescence, Material, Sheen,
    Transmission, Volume,
};
use skywell::scene::texture::Image;
use std::f32::consts::PI;
use std::sync::{Arc, Mutex};

use crate::probe;
use crate::probes::ask;

/// Materials, compiled.
pub struct Bench {
    table: MaterialTable,
    textures: Textures,
    albedo: Vec<AlbedoPair>,
    frame: Frame,
}

impl Bench {
    /// A bench of `materials`, with or without energy compensation.
    pub fn new(materials: &[Material], multiscatter: bool) -> Self {
        Self::with_images(materials, Vec::new(), multiscatter)
    }

    /// A bench of `materials` that refer to `images`.
    pub fn with_images(materials: &[Material], images: Vec<Image>, multiscatter: bool) -> Self {
        let mut textures = TextureTable::new(images);
        Self {
            table: MaterialTable::build(materials, &mut textures),
            textures: textures.finish(u64::MAX).expect("few texels"),
            albedo: albedo_pairs(),
            frame: Frame {
                flags: if multiscatter { FRAME_MULTISCATTER } else { 0 },
                ..Frame::default()
            },
        }
    }

    fn tables(&self) -> Tables<'_> {
        Tables {
            materials: &self.table.materials,
            material_layers: &self.table.layers,
            albedo_pairs: &self.albedo,
            texture_slots: &self.textures.slots,
            texels: &self.textures.texels,
            ..Tables::empty(&self.frame)
        }
    }

    /// Values and densities.
    pub fn eval(&self, queries: &[BsdfQuery]) -> Vec<BsdfAnswer> {
        ask(&probe!(probe_eval_bsdf), &self.tables(), queries)
    }

    /// Drawn directions.
    pub fn sample(&self, queries: &[BsdfQuery]) -> Vec<BsdfAnswer> {
        ask(&probe!(probe_sample_bsdf), &self.tables(), queries)
    }
}

/// A query about material `material` seen from `wo`.
pub fn query(material: usize, wo: Vec3, wi: Vec3, eta: f32) -> BsdfQuery {
    BsdfQuery {
        wo: wo.to_array(),
        material: material as u32,
        wi: wi.to_array(),
        eta,
        n: [0.0, 0.0, 1.0],
        ..BsdfQuery::default()
    }
}

/// Direction at `cosine` from the normal and azimuth `phi`.
pub fn direction(cosine: f32, phi: f32) -> Vec3 {
    let sine = (1.0 - cosine * cosine).max(0.0).sqrt();
    Vec3::new(sine * phi.cos(), sine * phi.sin(), cosine)
}

/// Number `i` of a sequence that fills the unit cube evenly, moved by `shift`: multiples of the inverse powers of the
/// root of x⁴ = x + 1, modulo 1.
pub fn cube_point(i: u32, shift: u32) -> Vec3 {
    const ROOT: f64 = 1.220_744_084_605_759_5;
    let coordinate = |k: i32| {
        let offset = f64::from(shift) * 0.381_966_011_25 * f64::from(k);
        let x = 0.5 + offset + f64::from(i) * ROOT.powi(-k);
        ((x - x.floor()) as f32).min(0.999_999_94)
    };
    Vec3::new(coordinate(1), coordinate(2), coordinate(3))
}

/// `n` points by each of `shifts` shifts. Made once: tests ask for the same again and again.
fn cube_points(n: u32, shifts: u32) -> Arc<[Vec3]> {
    type Known = Mutex<Vec<((u32, u32), Arc<[Vec3]>)>>;
    static KNOWN: Known = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().expect("no test panics here");
    if let Some((_, points)) = known.iter().find(|(key, _)| *key == (n, shifts)) {
        return points.clone();
    }
    let points: Arc<[Vec3]> = (0..shifts)
        .flat_map(|shift| (0..n).map(move |i| cube_point(i, shift)))
        .collect();
    known.push(((n, shifts), points.clone()));
    points
}

/// `n` pairs of random directions above the surface, cosines from `least`.
pub fn direction_pairs(n: u32, least: f32) -> Vec<(Vec3, Vec3)> {
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    let mut number = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / 16_777_216.0
    };
    let mut one = || {
        let cosine = least + (1.0 - least) * number();
        direction(cosine, 2.0 * PI * number())
    };
    (0..n).map(|_| (one(), one())).collect()
}

/// The share of light from a uniform surrounding that goes along `wo`, by `n` samples in each of eight sets; with the
/// standard error of the mean. What was refracted counts in full (its radiance is compressed by the index squared).
pub fn albedo(bench: &Bench, material: usize, wo: Vec3, eta: f32, n: u32) -> (f32, f32) {
    const SETS: u32 = 8;
    let points = cube_points(n, SETS);
    let queries: Vec<BsdfQuery> = (points.iter())
        .map(|&point| query(material, wo, point, eta))
        .collect();
    let answers = bench.sample(&queries);
    let mean_of = |set: &[BsdfAnswer]| {
        let drawn = set.iter().filter(|a| a.pdf > 0.0);
        let sum: f64 = drawn.map(|a| f64::from(a.f[1] * a.eta_scale / a.pdf)).sum();
        sum / f64::from(n)
    };
    let means: Vec<f64> = answers.chunks(n as usize).map(mean_of).collect();
    let mean = means.iter().sum::<f64>() / f64::from(SETS);
    let spread = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / f64::from(SETS - 1);
    (mean as f32, (spread / f64::from(SETS)).sqrt() as f32)
}

/// Calls `add` with `material`'s answers for light from directions all over the sphere, `n` × 2`n`, which stand for equal
/// solid angles; gives that.
pub fn over_sphere(
    bench: &Bench,
    (material, wo, eta): (usize, Vec3, f32),
    n: u32,
    mut add: impl FnMut(Vec3, &BsdfAnswer),
) -> f32 {
    /// Rows asked about at once; more would be memory taken from the system and given back each time.
    const BAND: usize = 32;
    let rows: Vec<u32> = (0..n).collect();
    for band in rows.chunks(BAND) {
        let directions = band.iter().flat_map(|&i| {
            let cosine = 1.0 - 2.0 * (i as f32 + 0.5) / n as f32;
            (0..2 * n).map(move |j| direction(cosine, PI * (j as f32 + 0.5) / n as f32))
        });
        let queries: Vec<BsdfQuery> = directions.map(|wi| query(material, wo, wi, eta)).collect();
        for (query, answer) in queries.iter().zip(bench.eval(&queries)) {
            add(query.wi.into(), &answer);
        }
    }
    4.0 * PI / (2 * n * n) as f32
}

/// White paint, to be changed.
pub fn white(metallic: f32, roughness: f32) -> Material {
    Material {
        base_color: Vec3::ONE,
        metallic,
        roughness,
        ..Material::default()
    }
}

/// `material` with a coat.
pub fn coated(material: Material, factor: f32, roughness: f32) -> Material {
    let clearcoat = Some(Clearcoat {
        factor,
        texture: None,
        roughness,
        roughness_texture: None,
        normal: None,
    });
    Material {
        clearcoat,
        ..material
    }
}

/// `material` with sheen.
pub fn sheened(material: Material, color: Vec3, roughness: f32) -> Material {
    let sheen = Some(Sheen {
        color,
        color_texture: None,
        roughness,
        roughness_texture: None,
    });
    Material { sheen, ..material }
}

/// `material` with anisotropy.
pub fn brushed(material: Material, strength: f32, rotation: f32) -> Material {
    let anisotropy = Some(Anisotropy {
        strength,
        rotation,
        texture: None,
    });
    Material {
        anisotropy,
        ..material
    }
}

/// `material` with a thin film.
pub fn filmed(material: Material, thickness_nm: f32) -> Material {
    let iridescence = Some(Iridescence {
        factor: 1.0,
        texture: None,
        ior: 1.3,
        thickness_min_nm: 100.0,
        thickness_max_nm: thickness_nm,
        thickness_texture: None,
    });
    Material {
        iridescence,
        ..material
    }
}

/// `material` that lets `share` of what enters it through, white.
pub fn translucent(material: Material, share: f32) -> Material {
    let diffuse_transmission = Some(DiffuseTransmission {
        factor: share,
        texture: None,
        color: Vec3::ONE,
        color_texture: None,
    });
    Material {
        diffuse_transmission,
        ..material
    }
}

/// `material` with a diffuse base of roughness `factor`.
pub fn roughened(material: Material, factor: f32) -> Material {
    let diffuse_roughness = Some(DiffuseRoughness {
        factor,
        texture: None,
    });
    Material {
        diffuse_roughness,
        ..material
    }
}

/// Clear glass of transmission `factor`; a solid or a thin wall.
pub fn glass(roughness: f32, factor: f32, solid: bool) -> Material {
    let transmission = Some(Transmission {
        factor,
        texture: None,
    });
    let volume = solid.then_some(Volume {
        thickness_factor: 1.0,
        attenuation_distance: f32::INFINITY,
        attenuation_color: Vec3::ONE,
    });
    Material {
        transmission,
        volume,
        ..white(0.0, roughness)
    }
}
