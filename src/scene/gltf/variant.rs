//! `KHR_materials_variants`: one of several sets of materials takes the place of the default one.

use super::choice;
use super::error::Fault;
use super::properties::Properties;
use serde_json::{Map, Value, json};

const NAME: &str = "KHR_materials_variants";

/// The names of the variants that `document` has.
///
/// # Errors
/// When they are broken.
pub(super) fn names(document: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let Some(extension) = extension(document, "")? else {
        return Ok(Vec::new());
    };
    let variants = extension.objects("variants")?;
    let name = |variant: &Properties<'_>| Ok(variant.text("name")?.unwrap_or_default().to_owned());
    variants.iter().map(name).collect()
}

/// Gives each primitive the material it has in the variant `wanted`, a name or an index; those
/// that the variant says nothing of keep theirs.
///
/// # Errors
/// When there is no such variant, or a mapping is broken.
pub(super) fn select(document: &mut Value, wanted: &str) -> Result<(), Fault> {
    let names = document.as_object().map(names).transpose()?;
    let variant = choice::choose("variant", &names.unwrap_or_default(), wanted)?;
    let meshes = document.get_mut("meshes").and_then(Value::as_array_mut);
    for (m, mesh) in meshes.into_iter().flatten().enumerate() {
        let primitives = mesh.get_mut("primitives").and_then(Value::as_array_mut);
        for (p, primitive) in primitives.into_iter().flatten().enumerate() {
            let Some(primitive) = primitive.as_object_mut() else {
                continue;
            };
            let path = format!("/meshes/{m}/primitives/{p}");
            if let Some(material) = material(primitive, &path, variant)? {
                primitive.insert("material".to_owned(), json!(material));
            }
        }
    }
    Ok(())
}

fn extension<'a>(
    owner: &'a Map<String, Value>,
    path: &str,
) -> Result<Option<Properties<'a>>, Fault> {
    let extensions = owner.get("extensions").and_then(Value::as_object);
    Properties::extension(extensions, path, NAME)
}

/// What `primitive` wears in `variant`, if that says so.
fn material(
    primitive: &Map<String, Value>,
    path: &str,
    variant: usize,
) -> Result<Option<usize>, Fault> {
    let Some(extension) = extension(primitive, path)? else {
        return Ok(None);
    };
    for mapping in extension.objects("mappings")? {
        if mapping.integers("variants")?.contains(&(variant as u32)) {
            return mapping.index("material").map(Some);
        }
    }
    Ok(None)
}
