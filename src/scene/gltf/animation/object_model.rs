//! Which properties may be animated, and what they hold: the glTF 2.0 Asset Object Model's mutable
//! properties that a picture can show.

use super::super::range::{FINITE, NON_NEGATIVE, ONE_OR_MORE, POSITIVE, Range, UNIT};

/// What an animated property holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// So many numbers within a range; a single one is no array.
    Numbers(usize, Range),
    /// A unit quaternion.
    Rotation,
    /// One number for each morph target.
    Weights,
    /// One element of the weights.
    Weight,
    /// True or false.
    Truth,
}

/// Pointers, `{}` standing for an index, and what they hold.
const PROPERTIES: &[(&str, Kind)] = &[
    ("/nodes/{}/translation", Kind::Numbers(3, FINITE)),
    ("/nodes/{}/rotation", Kind::Rotation),
    ("/nodes/{}/scale", Kind::Numbers(3, FINITE)),
    ("/nodes/{}/weights", Kind::Weights),
    ("/nodes/{}/weights/{}", Kind::Weight),
    ("/meshes/{}/weights", Kind::Weights),
    ("/meshes/{}/weights/{}", Kind::Weight),
    (
        "/nodes/{}/extensions/KHR_node_visibility/visible",
        Kind::Truth,
    ),
    ("/cameras/{}/orthographic/xmag", Kind::Numbers(1, FINITE)),
    ("/cameras/{}/orthographic/ymag", Kind::Numbers(1, FINITE)),
    (
        "/cameras/{}/orthographic/zfar",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/cameras/{}/orthographic/znear",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/cameras/{}/perspective/aspectRatio",
        Kind::Numbers(1, POSITIVE),
    ),
    ("/cameras/{}/perspective/yfov", Kind::Numbers(1, POSITIVE)),
    (
        "/cameras/{}/perspective/zfar",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/cameras/{}/perspective/znear",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    ("/materials/{}/alphaCutoff", Kind::Numbers(1, NON_NEGATIVE)),
    ("/materials/{}/emissiveFactor", Kind::Numbers(3, UNIT)),
    (
        "/materials/{}/normalTexture/scale",
        Kind::Numbers(1, FINITE),
    ),
    (
        "/materials/{}/occlusionTexture/strength",
        Kind::Numbers(1, UNIT),
    ),
    (
        "/materials/{}/pbrMetallicRoughness/baseColorFactor",
        Kind::Numbers(4, UNIT),
    ),
    (
        "/materials/{}/pbrMetallicRoughness/metallicFactor",
        Kind::Numbers(1, UNIT),
    ),
    (
        "/materials/{}/pbrMetallicRoughness/roughnessFactor",
        Kind::Numbers(1, UNIT),
    ),
    (
        "/extensions/KHR_lights_punctual/lights/{}/color",
        Kind::Numbers(3, UNIT),
    ),
    (
        "/extensions/KHR_lights_punctual/lights/{}/intensity",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/KHR_lights_punctual/lights/{}/range",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/KHR_lights_punctual/lights/{}/spot/innerConeAngle",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/KHR_lights_punctual/lights/{}/spot/outerConeAngle",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/nodes/{}/extensions/EXT_lights_ies/color",
        Kind::Numbers(3, UNIT),
    ),
    (
        "/nodes/{}/extensions/EXT_lights_ies/multiplier",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/EXT_lights_area/lights/{}/color",
        Kind::Numbers(3, UNIT),
    ),
    (
        "/extensions/EXT_lights_area/lights/{}/intensity",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/EXT_lights_area/lights/{}/size",
        Kind::Numbers(1, POSITIVE),
    ),
    (
        "/extensions/EXT_lights_image_based/lights/{}/intensity",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "/extensions/EXT_lights_image_based/lights/{}/rotation",
        Kind::Rotation,
    ),
];

/// Properties of the `KHR_materials_` extensions, by the rest of the extension's name.
const MATERIAL_EXTENSIONS: &[(&str, &str, Kind)] = &[
    ("anisotropy", "anisotropyStrength", Kind::Numbers(1, UNIT)),
    ("anisotropy", "anisotropyRotation", Kind::Numbers(1, FINITE)),
    ("clearcoat", "clearcoatFactor", Kind::Numbers(1, UNIT)),
    (
        "clearcoat",
        "clearcoatRoughnessFactor",
        Kind::Numbers(1, UNIT),
    ),
    (
        "clearcoat",
        "clearcoatNormalTexture/scale",
        Kind::Numbers(1, FINITE),
    ),
    (
        "diffuse_transmission",
        "diffuseTransmissionFactor",
        Kind::Numbers(1, UNIT),
    ),
    (
        "diffuse_transmission",
        "diffuseTransmissionColorFactor",
        Kind::Numbers(3, UNIT),
    ),
    ("dispersion", "dispersion", Kind::Numbers(1, NON_NEGATIVE)),
    (
        "emissive_strength",
        "emissiveStrength",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    ("ior", "ior", Kind::Numbers(1, NON_NEGATIVE)),
    ("iridescence", "iridescenceFactor", Kind::Numbers(1, UNIT)),
    (
        "iridescence",
        "iridescenceIor",
        Kind::Numbers(1, ONE_OR_MORE),
    ),
    (
        "iridescence",
        "iridescenceThicknessMinimum",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    (
        "iridescence",
        "iridescenceThicknessMaximum",
        Kind::Numbers(1, NON_NEGATIVE),
    ),
    ("sheen", "sheenColorFactor", Kind::Numbers(3, UNIT)),
    ("sheen", "sheenRoughnessFactor", Kind::Numbers(1, UNIT)),
    ("specular", "specularFactor", Kind::Numbers(1, UNIT)),
    (
        "specular",
        "specularColorFactor",
        Kind::Numbers(3, NON_NEGATIVE),
    ),
    ("transmission", "transmissionFactor", Kind::Numbers(1, UNIT)),
    ("volume", "thicknessFactor", Kind::Numbers(1, NON_NEGATIVE)),
    ("volume", "attenuationDistance", Kind::Numbers(1, POSITIVE)),
    ("volume", "attenuationColor", Kind::Numbers(3, UNIT)),
];

/// What the property at `pointer` holds; `None` when it cannot be animated.
pub(super) fn find(pointer: &str) -> Option<Kind> {
    let fixed = PROPERTIES
        .iter()
        .find(|(pattern, _)| matches(pattern, pointer));
    fixed
        .map(|&(_, kind)| kind)
        .or_else(|| in_material(pointer))
}

fn in_material(pointer: &str) -> Option<Kind> {
    let (index, rest) = pointer.strip_prefix("/materials/")?.split_once('/')?;
    if !is_index(index) {
        return None;
    }
    if let Some((_, property)) = rest.split_once("Texture/extensions/KHR_texture_transform/") {
        return match property {
            "offset" | "scale" => Some(Kind::Numbers(2, FINITE)),
            "rotation" => Some(Kind::Numbers(1, FINITE)),
            _ => None,
        };
    }
    let (extension, property) = rest
        .strip_prefix("extensions/KHR_materials_")?
        .split_once('/')?;
    let known = MATERIAL_EXTENSIONS
        .iter()
        .find(|row| (row.0, row.1) == (extension, property));
    known.map(|&(_, _, kind)| kind)
}

fn matches(pattern: &str, pointer: &str) -> bool {
    let (mut pattern, mut pointer) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (pattern.next(), pointer.next()) {
            (None, None) => return true,
            (Some("{}"), Some(index)) if is_index(index) => {}
            (Some(wanted), Some(name)) if wanted == name => {}
            _ => return false,
        }
    }
}

fn is_index(text: &str) -> bool {
    text.parse::<u32>()
        .is_ok_and(|index| index.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_find_their_properties() {
        let numbers = |pointer: &str| match find(pointer) {
            Some(Kind::Numbers(n, _)) => n,
            _ => 0,
        };
        assert_eq!(numbers("/nodes/12/scale"), 3);
        assert_eq!(numbers("/materials/0/extensions/KHR_materials_ior/ior"), 1);
        let transform = "extensions/KHR_texture_transform";
        for owner in [
            "pbrMetallicRoughness/baseColorTexture",
            "extensions/KHR_materials_sheen/sheenColorTexture",
        ] {
            assert_eq!(
                numbers(&format!("/materials/3/{owner}/{transform}/offset")),
                2
            );
            assert_eq!(
                numbers(&format!("/materials/3/{owner}/{transform}/rotation")),
                1
            );
        }
        assert!(matches!(find("/nodes/0/weights/7"), Some(Kind::Weight)));
        for nothing in [
            "",
            "/",
            "/nodes/0",
            "/nodes/-1/scale",
            "/nodes/01/scale",
            "/nodes/0/scale/0",
            "/nodes/0/matrix",
            "/materials/x/extensions/KHR_materials_ior/ior",
            "/materials/0/extensions/KHR_materials_ior/iro",
        ] {
            assert!(find(nothing).is_none(), "{nothing}");
        }
    }
}
