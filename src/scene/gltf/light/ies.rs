//! `EXT_lights_ies`: points that shine as a lamp was measured to.

use super::super::buffer::Buffers;
use super::super::error::Fault;
use super::super::node::{PlacedNode, orientation};
use super::super::properties::Properties;
use super::super::range::{NON_NEGATIVE, UNIT};
use super::super::warning::Warnings;
use super::super::{Files, uri};
use super::{carried, photometry};
use crate::scene::ProfileId;
use crate::scene::light::{LightProfile, PunctualKind, PunctualLight};
use gltf::json::Root;
use std::collections::HashMap;

/// What the lights of a scene are and need.
#[derive(Debug, Default)]
pub(in super::super) struct IesLights {
    /// The lights.
    pub(in super::super) lights: Vec<PunctualLight>,
    /// What they are measured to shine, each once.
    pub(in super::super) profiles: Vec<LightProfile>,
    /// Hashes of the files these are in, if they are in files of their own.
    pub(in super::super) hashes: Vec<blake3::Hash>,
}

/// Reads the lights of the placed nodes.
///
/// # Errors
/// When a light is missing or has impossible properties, or its profile cannot be read.
pub(in super::super) fn read(
    root: &Root,
    nodes: &[PlacedNode],
    buffers: &Buffers<'_>,
    files: &dyn Files,
    warnings: &mut Warnings,
) -> Result<IesLights, Fault> {
    let mut found = IesLights::default();
    let mut known: HashMap<String, ProfileId> = HashMap::new();
    for carried in carried(root, nodes, "EXT_lights_ies")? {
        let color = carried.carrier.vector3("color", 1.0, UNIT)?;
        let multiplier = carried.carrier.number("multiplier", 1.0, NON_NEGATIVE)?;
        let path = carried.light.own_path();
        let profile = match known.get(path) {
            Some(&known) => known,
            None => {
                let id = ProfileId(found.profiles.len() as u32);
                let (profile, hash) = read_profile(&carried.light, buffers, files)?;
                found.profiles.push(profile);
                found.hashes.extend(hash);
                known.insert(path.to_owned(), id);
                id
            }
        };
        let world_from_node = &carried.placed.world_from_node;
        let Some(rotation) = orientation(world_from_node) else {
            warnings.note(
                carried.path,
                "its light is scaled to nothing and shines nowhere; left out",
            );
            continue;
        };
        let Some(measured) = found.profiles.get(profile.0 as usize) else {
            continue;
        };
        let turned = |axis: glam::Vec3| (rotation * axis.as_dvec3()).as_vec3();
        found.lights.push(PunctualLight {
            name: carried.name()?,
            position: world_from_node.translation.as_vec3(),
            direction: turned(measured.axis),
            intensity: color * multiplier,
            range: None,
            kind: PunctualKind::Measured {
                profile,
                azimuth_zero: turned(measured.azimuth_zero),
            },
        });
    }
    Ok(found)
}

/// Reads the profile that `light` names, and the hash of its file if that is one of its own.
fn read_profile(
    light: &Properties<'_>,
    buffers: &Buffers<'_>,
    files: &dyn Files,
) -> Result<(LightProfile, Option<blake3::Hash>), Fault> {
    let file;
    let (bytes, path, is_external): (&[u8], String, bool) =
        match (light.text("uri")?, light.has("bufferView")) {
            (Some(name), _) => {
                let path = light.path("uri");
                file = uri::read(name, files, &path)?;
                (&file, path, uri::is_external(name))
            }
            (None, true) => {
                let path = light.path("bufferView");
                let view = buffers.view(light.index("bufferView")?, &path)?;
                (view.bytes, path, false)
            }
            (None, false) => {
                let what = "has neither uri nor bufferView";
                return Err(Fault::invalid(light.own_path(), what));
            }
        };
    let profile = photometry::parse(bytes).map_err(|what| {
        Fault::invalid(&path, format!("is no IES profile: {what}"))
            .cure("take the file as the lamp's maker gives it away")
    })?;
    buffers.budget().take(profile.bytes(), &path)?;
    Ok((profile, is_external.then(|| blake3::hash(bytes))))
}
