//! What becomes of each property of a material.

use super::super::extension::{self, Treatment};
use super::super::warning::Warnings;
use serde::Serialize;
use serde_json::{Map, Value};

/// What becomes of one property of a material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PropertyTreatment {
    /// Where it is within the material: `pbrMetallicRoughness/roughnessFactor`.
    pub property: String,
    /// What becomes of it.
    pub treatment: Treatment,
    /// Why, or what is shown instead; empty where there is nothing to say.
    pub note: &'static str,
}

/// By the object that holds it, each property that is read, and what is worth knowing of it.
const READ: &[(&str, &[(&str, &str)])] = &[
    (
        "",
        &[
            ("alphaCutoff", ""),
            ("alphaMode", ""),
            (
                "doubleSided",
                "decides emission; surfaces are seen from both sides",
            ),
            ("emissiveFactor", ""),
            ("emissiveTexture", ""),
            ("normalTexture", ""),
            ("occlusionTexture", TRACED),
        ],
    ),
    (
        "pbrMetallicRoughness",
        &[
            ("baseColorFactor", ""),
            ("baseColorTexture", ""),
            ("metallicFactor", ""),
            ("metallicRoughnessTexture", ""),
            ("roughnessFactor", ""),
        ],
    ),
    (
        "KHR_materials_anisotropy",
        &[
            ("anisotropyRotation", ""),
            ("anisotropyStrength", ""),
            ("anisotropyTexture", ""),
        ],
    ),
    (
        "KHR_materials_clearcoat",
        &[
            ("clearcoatFactor", ""),
            ("clearcoatNormalTexture", ""),
            ("clearcoatRoughnessFactor", ""),
            ("clearcoatRoughnessTexture", ""),
            ("clearcoatTexture", ""),
        ],
    ),
    (
        "KHR_materials_diffuse_roughness",
        &[
            ("diffuseRoughnessFactor", ""),
            ("diffuseRoughnessTexture", ""),
        ],
    ),
    (
        "KHR_materials_diffuse_transmission",
        &[
            ("diffuseTransmissionColorFactor", ""),
            ("diffuseTransmissionColorTexture", ""),
            ("diffuseTransmissionFactor", ""),
            ("diffuseTransmissionTexture", ""),
        ],
    ),
    ("KHR_materials_dispersion", &[("dispersion", "")]),
    (
        "KHR_materials_emissive_strength",
        &[("emissiveStrength", "")],
    ),
    ("KHR_materials_ior", &[("ior", "")]),
    (
        "KHR_materials_iridescence",
        &[
            ("iridescenceFactor", ""),
            ("iridescenceIor", ""),
            ("iridescenceTexture", ""),
            ("iridescenceThicknessMaximum", ""),
            ("iridescenceThicknessMinimum", ""),
            ("iridescenceThicknessTexture", ""),
        ],
    ),
    (
        "KHR_materials_pbrSpecularGlossiness",
        &[
            ("diffuseFactor", ""),
            ("diffuseTexture", ""),
            ("glossinessFactor", ""),
            ("specularFactor", ""),
            ("specularGlossinessTexture", ""),
        ],
    ),
    (
        "KHR_materials_sheen",
        &[
            ("sheenColorFactor", ""),
            ("sheenColorTexture", ""),
            ("sheenRoughnessFactor", ""),
            ("sheenRoughnessTexture", ""),
        ],
    ),
    (
        "KHR_materials_specular",
        &[
            ("specularColorFactor", ""),
            ("specularColorTexture", ""),
            ("specularFactor", ""),
            ("specularTexture", ""),
        ],
    ),
    (
        "KHR_materials_transmission",
        &[("transmissionFactor", ""), ("transmissionTexture", "")],
    ),
    ("KHR_materials_unlit", &[]),
    (
        "KHR_materials_volume",
        &[
            ("attenuationColor", ""),
            ("attenuationDistance", ""),
            (
                "thicknessFactor",
                "any but 0 makes a solid; paths through it are measured",
            ),
            ("thicknessTexture", "paths through the solid are measured"),
        ],
    ),
    (
        "KHR_materials_volume_scatter",
        &[
            (
                "multiscatterColor",
                "the older name of multiscatterColorFactor",
            ),
            ("multiscatterColorFactor", ""),
            ("multiscatterColorTexture", MEAN_COLOR),
            ("scatterAnisotropy", ""),
        ],
    ),
];

const TRACED: &str = "what surfaces hide from each other is traced";
/// The note of what is approximated.
const MEAN_COLOR: &str = "its mean colour fills the volume: by the colour where a path enters, as the draft has it, light would depend on the end it is traced from";
const UNKNOWN: &str = "no such property is known";

/// What becomes of every property of `material`, in the order of its JSON; names and extras are
/// none.
pub(in super::super) fn list(material: &Map<String, Value>) -> Vec<PropertyTreatment> {
    let mut properties = Vec::new();
    list_object(material, "", "", &mut properties);
    properties
}

/// Remarks on the properties of the materials of `document` that are unknown or approximated;
/// extensions that are not honoured are remarked as such.
pub(in super::super) fn check(document: &Value, warnings: &mut Warnings) {
    let materials = document.get("materials").and_then(Value::as_array);
    for (i, material) in materials.into_iter().flatten().enumerate() {
        for property in material.as_object().map(list).unwrap_or_default() {
            let path = format!("/materials/{i}/{}", property.property);
            match property {
                PropertyTreatment { note: UNKNOWN, .. } => {
                    warnings.note(path, "is not read; no such property is known");
                }
                PropertyTreatment {
                    treatment: Treatment::Approximated,
                    note,
                    ..
                } => warnings.note(path, format!("is approximated: {note}")),
                _ => {}
            }
        }
    }
}

/// Adds the properties of `object`, called `owner` in [`READ`] and at `path` in the material.
fn list_object(
    object: &Map<String, Value>,
    owner: &str,
    path: &str,
    properties: &mut Vec<PropertyTreatment>,
) {
    let read = READ.iter().find(|(name, _)| *name == owner);
    let read = read.map_or(&[][..], |&(_, read)| read);
    for (name, value) in object {
        let path = match path {
            "" => name.clone(),
            path => format!("{path}/{name}"),
        };
        match (name.as_str(), value) {
            ("name" | "extras", _) => {}
            ("extensions", Value::Object(extensions)) => {
                list_extensions(extensions, &path, properties);
            }
            ("pbrMetallicRoughness", Value::Object(inner)) if owner.is_empty() => {
                list_object(inner, name, &path, properties);
            }
            _ => {
                let known = read.iter().find(|(read, _)| read == name);
                let (treatment, note) = match known {
                    Some(&(_, MEAN_COLOR)) => (Treatment::Approximated, MEAN_COLOR),
                    Some(&(_, note)) => (Treatment::Honoured, note),
                    None => (Treatment::Ignored, UNKNOWN),
                };
                if let Some(extensions) = value.get("extensions").and_then(Value::as_object) {
                    list_extensions(extensions, &format!("{path}/extensions"), properties);
                }
                properties.push(PropertyTreatment {
                    property: path,
                    treatment,
                    note,
                });
            }
        }
    }
}

/// Adds the properties of extensions that have rows in [`READ`], and others as a whole.
fn list_extensions(
    extensions: &Map<String, Value>,
    path: &str,
    properties: &mut Vec<PropertyTreatment>,
) {
    for (name, value) in extensions {
        let path = format!("{path}/{name}");
        let has_rows = READ
            .iter()
            .any(|(owner, rows)| owner == name && !rows.is_empty());
        match value {
            Value::Object(extension) if has_rows => {
                list_object(extension, name, &path, properties);
            }
            _ => {
                let row = extension::find(name);
                properties.push(PropertyTreatment {
                    property: path,
                    treatment: row.treatment,
                    note: row.note,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_property_is_accounted_for() {
        let material = json!({
            "name": "a", "extras": {"b": 1}, "doubleSided": true, "glow": 3,
            "pbrMetallicRoughness": {"metallicFactor": 1, "baseColorTexture":
                {"index": 0, "extensions": {"KHR_texture_transform": {}, "ACME_warp": {}}}},
            "extensions": {"KHR_materials_ior": {"ior": 2, "iro": 2}, "ACME_fur": {"length": 1}, "KHR_materials_unlit": {}},
        });
        let mut listed: Vec<_> = list(material.as_object().unwrap())
            .into_iter()
            .map(|row| (row.property, row.treatment))
            .collect();
        listed.sort_unstable();
        let color = "pbrMetallicRoughness/baseColorTexture";
        let expected = [
            ("doubleSided", Treatment::Honoured),
            ("extensions/ACME_fur", Treatment::Ignored),
            ("extensions/KHR_materials_ior/ior", Treatment::Honoured),
            ("extensions/KHR_materials_ior/iro", Treatment::Ignored),
            ("extensions/KHR_materials_unlit", Treatment::Honoured),
            ("glow", Treatment::Ignored),
            (color, Treatment::Honoured),
            (&format!("{color}/extensions/ACME_warp"), Treatment::Ignored),
            (
                &format!("{color}/extensions/KHR_texture_transform"),
                Treatment::Honoured,
            ),
            ("pbrMetallicRoughness/metallicFactor", Treatment::Honoured),
        ];
        let expected = expected.map(|(name, treatment)| (name.to_owned(), treatment));
        assert_eq!(listed, expected);
    }

    #[test]
    fn what_is_unknown_or_approximated_is_said() {
        let scatter =
            json!({"multiscatterColorFactor": [1, 1, 1], "multiscatterColorTexture": {"index": 0}});
        let material = json!({"glow": 3, "extensions": {"KHR_materials_volume_scatter": scatter}});
        let mut warnings = Warnings::default();
        check(&json!({"materials": [material]}), &mut warnings);
        let mut lines = warnings.into_lines("a.glb");
        lines.sort_unstable();
        let texture =
            "a.glb: /materials/0/extensions/KHR_materials_volume_scatter/multiscatterColorTexture";
        let [approximated, unknown] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert!(approximated.starts_with(&format!("{texture}: is approximated: its mean")));
        assert!(unknown.starts_with("a.glb: /materials/0/glow: is not read"));
    }

    #[test]
    fn extensions_with_rows_are_honoured() {
        for (owner, _) in READ.iter().filter(|(owner, _)| owner.starts_with("KHR_")) {
            assert_eq!(
                extension::find(owner).treatment,
                Treatment::Honoured,
                "{owner}"
            );
        }
    }
}
