//! Lights, one extension a file.

mod area;
mod ies;
mod image_based;
mod photometry;
mod punctual;

pub(super) use area::read as read_area;
pub(super) use ies::{IesLights, read as read_ies};
pub(super) use image_based::{Cube, read as read_image_based};
pub(super) use punctual::read as read_punctual;

use super::error::Fault;
use super::node::PlacedNode;
use super::properties::Properties;
use gltf::json::{self, Root};

/// A light that a visible node carries.
struct Carried<'a> {
    /// Where the node stands.
    placed: &'a PlacedNode,
    /// The node.
    node: &'a json::Node,
    /// Its JSON pointer.
    path: String,
    /// What the node says of the light.
    carrier: Properties<'a>,
    /// What the document says of the light.
    light: Properties<'a>,
}

impl Carried<'_> {
    /// The light's own name, else its node's.
    fn name(&self) -> Result<String, Fault> {
        let own = self.light.text("name")?.filter(|name| !name.is_empty());
        let name = own.or(self.node.name.as_deref());
        Ok(name.unwrap_or_default().to_owned())
    }
}

/// The lights that extension `name` defines for the whole document.
///
/// # Errors
/// When they are no array of objects.
fn authored<'a>(root: &'a Root, name: &str) -> Result<Vec<Properties<'a>>, Fault> {
    let extensions = root.extensions.as_ref().map(|e| &e.others);
    match Properties::extension(extensions, "", name)? {
        Some(extension) => extension.objects("lights"),
        None => Ok(Vec::new()),
    }
}

/// The one of `lights` that `carrier` names.
///
/// # Errors
/// When it names none.
fn named<'a>(lights: &[Properties<'a>], carrier: &Properties<'_>) -> Result<Properties<'a>, Fault> {
    let index = carrier.index("light")?;
    lights
        .get(index)
        .cloned()
        .ok_or_else(|| Fault::invalid(carrier.path("light"), format!("there is no light {index}")))
}

/// The lights that the visible ones of `nodes` carry by extension `name`.
///
/// # Errors
/// When one is missing.
fn carried<'a>(
    root: &'a Root,
    nodes: &'a [PlacedNode],
    name: &str,
) -> Result<Vec<Carried<'a>>, Fault> {
    let lights = authored(root, name)?;
    let mut found = Vec::new();
    for placed in nodes.iter().filter(|placed| placed.visible) {
        let Some(node) = root.nodes.get(placed.index) else {
            continue;
        };
        let path = format!("/nodes/{}", placed.index);
        let extensions = node.extensions.as_ref().map(|e| &e.others);
        if let Some(carrier) = Properties::extension(extensions, &path, name)? {
            found.push(Carried {
                placed,
                node,
                path,
                light: named(&lights, &carrier)?,
                carrier,
            });
        }
    }
    Ok(found)
}
