//! Which planes belong together, and which hold the variance of which.

use super::picture::Picture;

/// Layer whose planes hold variances; also the last part of such a layer's name.
const VARIANCE: &str = "variance";

/// Planes of a picture that are looked at together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What comes before the last dot of the planes' names; empty for the picture itself.
    pub name: String,
    /// The planes' names: red, green and blue first if it is a colour.
    pub planes: Vec<String>,
    /// Are the first three planes a colour?
    pub is_color: bool,
}

impl Layer {
    /// What to call it.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.name.is_empty() {
            "picture"
        } else {
            &self.name
        }
    }
}

/// `("depth", "Z")` for `depth.Z`.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// Does the plane hold a variance, not a picture?
#[must_use]
pub fn is_variance(name: &str) -> bool {
    let (layer, _) = split(name);
    layer.split('.').any(|part| part == VARIANCE)
}

/// Names under which the variance of plane `name` may be: `variance.R` for `R`, and
/// `variance.albedo.R` or `albedo.variance.R` for `albedo.R`.
#[must_use]
pub fn variance_names(name: &str) -> [String; 2] {
    let (layer, channel) = split(name);
    let within = if layer.is_empty() {
        String::new()
    } else {
        format!("{layer}.")
    };
    [
        format!("{VARIANCE}.{name}"),
        format!("{within}{VARIANCE}.{channel}"),
    ]
}

/// The layers of what both pictures have, variances left out: the picture itself first, then by
/// name.
#[must_use]
pub fn common_layers(reference: &Picture, test: &Picture) -> Vec<Layer> {
    let names = reference.planes.iter().map(|plane| plane.name.as_str());
    let common = names.filter(|name| test.plane(name).is_some() && !is_variance(name));
    let mut layers: Vec<Layer> = Vec::new();
    for name in common {
        let (layer, _) = split(name);
        match layers.iter_mut().find(|known| known.name == layer) {
            Some(known) => known.planes.push(name.to_owned()),
            None => layers.push(Layer {
                name: layer.to_owned(),
                planes: vec![name.to_owned()],
                is_color: false,
            }),
        }
    }
    for layer in &mut layers {
        layer.is_color = put_colors_first(&mut layer.planes);
    }
    layers.sort_by(|a, b| a.name.cmp(&b.name));
    layers
}

/// Moves red, green and blue to the front, if all are there.
fn put_colors_first(planes: &mut [String]) -> bool {
    for (place, letter) in ["R", "G", "B"].iter().enumerate() {
        let found = planes
            .iter()
            .position(|name| split(name).1.eq_ignore_ascii_case(letter));
        match found {
            Some(index) if index >= place => planes[place..=index].rotate_right(1),
            _ => return false,
        }
    }
    true
}

/// Which layer stands for the picture: the unnamed one, else a `Combined` or `beauty` one, else
/// the first colour, else the first.
#[must_use]
pub fn main_layer(layers: &[Layer]) -> usize {
    let find = |wanted: &dyn Fn(&Layer) -> bool| layers.iter().position(wanted);
    let is_beauty = |layer: &Layer| {
        let last = split(&layer.name).1.to_ascii_lowercase();
        layer.is_color && ["combined", "beauty", "rgba", "color"].contains(&last.as_str())
    };
    find(&|layer| layer.is_color && layer.name.is_empty())
        .or_else(|| find(&is_beauty))
        .or_else(|| find(&|layer| layer.is_color))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::testing::picture;

    #[test]
    fn layers_of_a_frame() {
        let names = [
            "A",
            "B",
            "G",
            "R",
            "albedo.B",
            "albedo.G",
            "albedo.R",
            "depth.Z",
            "variance.R",
        ];
        let frame = picture(4, 4, &names);
        let layers = common_layers(&frame, &frame);
        let found: Vec<_> = layers
            .iter()
            .map(|l| (l.title(), l.planes.len(), l.is_color))
            .collect();
        assert_eq!(
            found,
            [
                ("picture", 4, true),
                ("albedo", 3, true),
                ("depth", 1, false)
            ]
        );
        assert_eq!(layers[0].planes, ["R", "G", "B", "A"]);
        assert_eq!(main_layer(&layers), 0);
    }

    #[test]
    fn beauty_by_other_names() {
        let names = [
            "View.Combined.R",
            "View.Combined.G",
            "View.Combined.B",
            "View.AO.R",
            "View.AO.G",
            "View.AO.B",
        ];
        let frame = picture(4, 4, &names);
        let layers = common_layers(&frame, &frame);
        assert_eq!(layers[main_layer(&layers)].name, "View.Combined");
    }

    #[test]
    fn variances() {
        assert!(is_variance("variance.R") && is_variance("albedo.variance.R"));
        assert!(!is_variance("variance") && !is_variance("R"));
        assert_eq!(variance_names("R"), ["variance.R", "variance.R"]);
        assert_eq!(variance_names("a.R"), ["variance.a.R", "a.variance.R"]);
    }
}
