//! EXT_mesh_gpu_instancing: many copies of one node's mesh, placed by accessors.

use super::accessor::Accessors;
use super::error::Fault;
use super::properties::Properties;
use glam::{DAffine3, DQuat, DVec3, Vec3, Vec4};
use gltf::json;

const NAME: &str = "EXT_mesh_gpu_instancing";

/// Bytes at most that one copy of one primitive takes, from here until it is rendered.
pub(super) const COPY_BYTES: u64 = 512;

/// Where the copies of a node's mesh stand.
pub(super) struct Copies {
    count: usize,
    /// Empty where not authored, as are the others.
    translations: Vec<Vec3>,
    /// Quaternions, xyzw; not empty ones have a length.
    rotations: Vec<Vec4>,
    scales: Vec<Vec3>,
}

impl Copies {
    /// The copies of `node`, at the JSON pointer `path`, whose mesh has `n_primitives`; `None` when
    /// it stands for itself alone.
    ///
    /// # Errors
    /// When the extension or what it names is broken.
    pub(super) fn read(
        accessors: Accessors<'_, '_>,
        node: &json::Node,
        path: &str,
        n_primitives: usize,
    ) -> Result<Option<Self>, Fault> {
        let extensions = node.extensions.as_ref().map(|e| &e.others);
        let Some(properties) = Properties::extension(extensions, path, NAME)? else {
            return Ok(None);
        };
        let Some(attributes) = properties.object("attributes")? else {
            return Err(Fault::invalid(properties.path("attributes"), "missing"));
        };
        // Others, such as _ID, are the application's.
        let mut count = None;
        let mut index = |name: &str| {
            let Some(index) = attributes.integer(name)? else {
                return Ok(None);
            };
            let path = attributes.path(name);
            let n = accessors.count(index as usize, &path)?;
            match *count.get_or_insert(n) {
                known if known == n => Ok(Some((index as usize, path))),
                known => Err(Fault::invalid(
                    path,
                    format!("has {n} elements, another attribute {known}"),
                )),
            }
        };
        let (translation, rotation, scale) =
            (index("TRANSLATION")?, index("ROTATION")?, index("SCALE")?);
        let Some(count) = count else {
            return Err(Fault::invalid(
                attributes.own_path(),
                "has neither TRANSLATION, ROTATION nor SCALE",
            ));
        };
        let bytes = count
            .saturating_mul(COPY_BYTES)
            .saturating_mul(n_primitives as u64);
        accessors
            .buffers()
            .budget()
            .take(bytes, properties.own_path())?;
        let vectors = |source: Option<(usize, String)>| {
            let Some((index, path)) = source else {
                return Ok(Vec::new());
            };
            let vectors: Vec<Vec3> = accessors.floats(index, &path)?;
            match vectors.iter().position(|vector| !vector.is_finite()) {
                Some(bad) => Err(Fault::invalid(path, format!("element {bad} is not finite"))),
                None => Ok(vectors),
            }
        };
        let mut rotations = Vec::new();
        if let Some((index, path)) = rotation {
            rotations = accessors.floats::<Vec4>(index, &path)?;
            let is_none = |q: &Vec4| q.try_normalize().is_none();
            if let Some(bad) = rotations.iter().position(is_none) {
                let what = format!("element {bad} is no unit quaternion");
                return Err(Fault::invalid(path, what));
            }
        }
        Ok(Some(Self {
            count: count as usize,
            translations: vectors(translation)?,
            rotations,
            scales: vectors(scale)?,
        }))
    }

    /// Node from copy, for each.
    pub(super) fn transforms(&self) -> impl Iterator<Item = DAffine3> {
        (0..self.count).map(|i| {
            let translation = self
                .translations
                .get(i)
                .map_or(DVec3::ZERO, |t| t.as_dvec3());
            let rotation = self.rotations.get(i).map_or(DQuat::IDENTITY, |q| {
                DQuat::from_vec4(q.as_dvec4()).normalize()
            });
            let scale = self.scales.get(i).map_or(DVec3::ONE, |s| s.as_dvec3());
            DAffine3::from_scale_rotation_translation(scale, rotation, translation)
        })
    }
}
