//! The largest things of a scene, by name: what its author is told to make smaller.

use crate::scene::Scene;

/// Something that takes memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// What it is.
    kind: &'static str,
    /// Its name in the scene's file.
    name: String,
    /// What it takes, bytes.
    bytes: u64,
}

impl std::fmt::Display for Asset {
    /// `image "bricks", 1048576 bytes`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} \"{}\", {} bytes", self.kind, self.name, self.bytes)
    }
}

/// The largest of each kind, if there is any.
#[derive(Clone, Debug, Default)]
pub struct Largest {
    image: Option<Asset>,
    mesh: Option<Asset>,
    environment: Option<Asset>,
}

impl Largest {
    /// Those of `scene`.
    pub fn of(scene: &Scene) -> Self {
        let largest = |kind, assets: &mut dyn Iterator<Item = (&String, u64)>| {
            let (name, bytes) = assets.max_by_key(|(_, bytes)| *bytes)?;
            let name = name.clone();
            Some(Asset { kind, name, bytes })
        };
        let images = &mut (scene.images.iter()).map(|i| (&i.name, i.pixels.n_bytes() as u64));
        let meshes = &mut scene.meshes.iter().map(|m| (&m.name, m.bytes()));
        let environments = &mut (scene.environment.iter())
            .map(|e| (&e.name, size_of_val(e.texels.as_slice()) as u64));
        Self {
            image: largest("image", images),
            mesh: largest("mesh", meshes),
            environment: largest("environment", environments),
        }
    }

    /// What makes the table `table` large.
    #[must_use]
    pub fn behind(&self, table: &str) -> Option<&Asset> {
        match table {
            "texels" => self.image.as_ref(),
            "environment_texels" => self.environment.as_ref(),
            "vertices" | "vertex_extras" | "triangles" | "node_rows" | "primitive_rows"
            | "accelerator" => self.mesh.as_ref(),
            _ => None,
        }
    }

    /// `table` in words, and what makes it large.
    #[must_use]
    pub fn explain(&self, table: &str) -> String {
        let words = table.replace('_', " ");
        match self.behind(table) {
            Some(asset) => format!("{words} (of which {asset})"),
            None => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::texture::{Image, Pixels};

    #[test]
    fn the_largest_is_named() {
        let image = |name: &str, n| Image {
            name: name.to_owned(),
            width: n,
            height: 1,
            pixels: Pixels::Rgba8(vec![0; 4 * n as usize]),
        };
        let scene = Scene {
            images: vec![image("a", 3), image("b", 9), image("c", 4)],
            ..Scene::default()
        };
        let largest = Largest::of(&scene);
        assert_eq!(
            largest.explain("texels"),
            "texels (of which image \"b\", 36 bytes)"
        );
        assert_eq!(largest.explain("light_nodes"), "light nodes");
        assert_eq!(largest.explain("vertices"), "vertices");
    }
}
