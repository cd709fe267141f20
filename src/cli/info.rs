//! `skywell info`.

use super::Failure;
use super::args::InfoArgs;
use crate::farm::pack::{self, Pack};
use crate::scene::gltf::{
    Inventory, MaterialEntry, SceneSizes, extension_table, inspect, inspect_from,
};
use crate::session;
use std::fmt::Write as _;
use std::io::Write as _;

/// Says what a scene holds.
///
/// # Errors
/// A scene that cannot be read or, if that was asked, is not honoured; a standard output that
/// cannot be written.
pub fn run(args: &InfoArgs) -> Result<(), Failure> {
    let Some(scene) = &args.scene else {
        return print(&extension_table());
    };
    let inventory = if pack::is_manifest(scene) {
        let pack = Pack::open(scene, None)?;
        inspect_from(&pack, pack.scene())
    } else {
        inspect(scene)
    }
    .map_err(session::Error::from)?;
    if args.json {
        // Plain numbers and strings have no way to fail.
        let json = serde_json::to_string_pretty(&inventory).unwrap_or_default();
        print(&format!("{json}\n"))?;
    } else {
        print(&describe(&inventory))?;
    }
    match args.strict && !inventory.is_honoured() {
        true => Err(Failure::NotHonoured(inventory.file)),
        false => Ok(()),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::Print)
}

fn describe(inventory: &Inventory) -> String {
    let mut text = format!("{}\n", inventory.file);
    if !inventory.generator.is_empty() {
        section(&mut text, "Written by", [inventory.generator.clone()]);
    }
    let kinds = [
        ("Scenes", &inventory.scenes),
        ("Cameras", &inventory.cameras),
        ("Lights", &inventory.lights),
    ];
    for (title, entries) in kinds {
        let lines = entries.iter().enumerate();
        section(
            &mut text,
            title,
            lines.map(|(i, entry)| format!("{i} {} {}", named(&entry.name), entry.kind)),
        );
    }
    let animations = inventory.animations.iter().enumerate();
    section(
        &mut text,
        "Animations",
        animations.map(|(i, animation)| {
            let name = named(&animation.name);
            let (duration, channels) = (animation.duration_s, animation.channels);
            format!("{i} {name} {duration} s, {channels} channels")
        }),
    );
    let variants = inventory.variants.iter().enumerate();
    section(
        &mut text,
        "Variants",
        variants.map(|(i, name)| format!("{i} {}", named(name))),
    );
    section(&mut text, "Default scene", sizes(&inventory.sizes));
    section(
        &mut text,
        "Extensions",
        inventory.extensions.iter().map(|extension| {
            let required = if extension.required {
                " (required)"
            } else {
                ""
            };
            let what = treated(extension.treatment.name(), extension.note);
            format!("{}{required}: {what}", extension.name)
        }),
    );
    section(
        &mut text,
        "Materials",
        inventory.materials.iter().enumerate().flat_map(material),
    );
    section(&mut text, "Warnings", inventory.warnings.iter().cloned());
    text
}

/// A title and indented lines; nothing when there are no lines.
fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{title}:");
    for line in lines {
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}

fn named(name: &str) -> String {
    match name {
        "" => "(unnamed)".to_owned(),
        name => format!("\"{name}\""),
    }
}

fn treated(treatment: &str, note: &str) -> String {
    match note {
        "" => treatment.to_owned(),
        note => format!("{treatment}; {note}"),
    }
}

fn material((index, material): (usize, &MaterialEntry)) -> Vec<String> {
    let properties = material.properties.iter().map(|property| {
        let what = treated(property.treatment.name(), property.note);
        format!("  {}: {what}", property.property)
    });
    std::iter::once(format!("{index} {}", named(&material.name)))
        .chain(properties)
        .collect()
}

fn sizes(sizes: &SceneSizes) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{} triangles in {} instances; {} stored in {} meshes",
            sizes.triangles, sizes.instances, sizes.unique_triangles, sizes.meshes
        ),
        format!(
            "{} images of {:.1} MiB",
            sizes.images,
            sizes.image_bytes as f64 / f64::from(1 << 20)
        ),
    ];
    if let Some([[x0, y0, z0], [x1, y1, z1]]) = sizes.bounds {
        lines.push(format!(
            "from ({x0}, {y0}, {z0}) to ({x1}, {y1}, {z1}) metres"
        ));
    }
    lines
}
