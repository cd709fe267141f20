//! The tree through which lights that are somewhere are chosen: binary, one light a leaf, each node a sphere around its
//! lights, a cone around the directions they shine in, and their summed intensity.
//!
//! Source: Conty Estevez and Kulla 2018, "Importance Sampling of Many Lights with Adaptive Tree Splitting" (splits by
//! intensity × size × solid angle); pbrt 4e, §12.6.3. Departs: the size is the squared diagonal, which tells splits
//! apart for lights in a row or a plane as well, and cones are joined around a bisector by adding angles through their
//! sines and cosines, which is a little wider than the least cone but needs no arc functions.

use glam::Vec3;

use crate::compiled::record::{LIGHT_NODE_LEAF, LIGHT_NODE_ONE_SIDED, LightNode};
use crate::math::Bounds;

/// Candidate planes along an axis, plus one.
const BINS: usize = 12;
/// Steps from the root a trail can hold.
const MAX_DEPTH: u32 = 31;
/// Added to the opening of joined cones: more than rounding can take from it.
const CONE_MARGIN: f32 = 1e-6;

/// Where lights are, where they shine to and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LightBounds {
    /// Around the lights, world.
    pub(super) bounds: Bounds,
    /// Axis of a cone around all directions of greatest intensity, unit.
    pub(super) axis: Vec3,
    /// Cosine of the cone's half angle.
    pub(super) cos_cone: f32,
    /// Cosine of the angle beyond the cone at which there is no light any more, [0, 1].
    pub(super) cos_falloff: f32,
    /// Shines to one side of the axis only (else alike to both).
    pub(super) one_sided: bool,
    /// Largest intensity, W/sr, mean of the channels.
    pub(super) intensity: f32,
}

/// A light to be put into the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TreeLight {
    /// Index in the light table.
    pub(super) index: u32,
    /// The light.
    pub(super) light: LightBounds,
}

/// A built tree.
#[derive(Clone, Debug, Default)]
pub(super) struct LightTree {
    /// The root is first; children follow each other. Empty without lights.
    pub(super) nodes: Vec<LightNode>,
    /// Light index and trail of every leaf.
    pub(super) trails: Vec<(u32, u32)>,
}

impl LightTree {
    /// Builds the tree over `lights`.
    pub(super) fn build(mut lights: Vec<TreeLight>) -> Self {
        let mut tree = Self::default();
        if !lights.is_empty() {
            tree.nodes.reserve_exact(2 * lights.len() - 1);
            tree.nodes.push(LightNode::default());
            tree.build_node(0, &mut lights, 0, 0);
        }
        tree
    }

    /// Fills `node`, reached by `depth` steps along `trail`, with `lights`, of which there is at least one.
    fn build_node(
        &mut self,
        node: usize,
        lights: &mut [TreeLight],
        trail: u32,
        depth: u32,
    ) -> LightBounds {
        if let [only] = lights {
            self.trails.push((only.index, trail));
            self.nodes[node] = pack(&only.light, LIGHT_NODE_LEAF | only.index);
            return only.light;
        }
        let middle = split(lights, 1 << (MAX_DEPTH - depth - 1));
        let (low, high) = lights.split_at_mut(middle);
        let child = self.nodes.len();
        self.nodes.extend([LightNode::default(); 2]);
        let first = self.build_node(child, low, trail, depth + 1);
        let second = self.build_node(child + 1, high, trail | 1 << depth, depth + 1);
        let joined = first.join(&second);
        self.nodes[node] = pack(&joined, child as u32);
        joined
    }
}

impl LightBounds {
    /// What bounds both.
    fn join(&self, other: &Self) -> Self {
        let one_sided = self.one_sided || other.one_sided;
        let turned = if !one_sided && self.axis.dot(other.axis) < 0.0 {
            -other.axis
        } else {
            other.axis
        };
        let sum = self.axis * self.intensity + turned * other.intensity;
        let axis = sum.normalize_or(self.axis);
        let cos_cone = if self.one_sided == other.one_sided {
            let reach = |of: Vec3, cos_cone: f32| {
                let (axis, of) = (axis.as_dvec3(), of.as_dvec3());
                let (cos, cos_cone) = (axis.dot(of), f64::from(cos_cone));
                // cos(angle to the axis + half angle), or −1 where the sum is beyond π. The sine of a small angle is
                // lost in a rounded cosine, and so is not taken from it.
                if cos <= -cos_cone {
                    -1.0
                } else {
                    cos * cos_cone - axis.cross(of).length() * sine(cos_cone)
                }
            };
            let least = reach(self.axis, self.cos_cone).min(reach(turned, other.cos_cone));
            (least as f32 - CONE_MARGIN).max(-1.0)
        } else {
            -1.0
        };
        Self {
            bounds: self.bounds.union(other.bounds),
            axis,
            cos_cone,
            cos_falloff: self.cos_falloff.min(other.cos_falloff),
            one_sided,
            intensity: self.intensity + other.intensity,
        }
    }

    /// Cost of a node with these lights: what it may wrongly be thought to contribute.
    fn cost(&self) -> f32 {
        // From π for a flat light to 4π for one that shines everywhere.
        let solid_angle = 1.0 + 1.5 * (1.0 - self.cos_cone);
        self.intensity * solid_angle * self.bounds.size().length_squared()
    }
}

/// Sine of an angle in [0, π] from its cosine.
fn sine(cos: f64) -> f64 {
    (1.0 - cos * cos).max(0.0).sqrt()
}

/// The node record of `light`.
fn pack(light: &LightBounds, child: u32) -> LightNode {
    LightNode {
        center: light.bounds.center().to_array(),
        radius: 0.5 * light.bounds.size().length(),
        axis: light.axis.to_array(),
        intensity: light.intensity,
        cos_cone: light.cos_cone,
        sin_cone: sine(light.cos_cone.into()) as f32,
        cos_falloff: light.cos_falloff,
        child: child
            | if light.one_sided {
                LIGHT_NODE_ONE_SIDED
            } else {
                0
            },
    }
}

/// Puts the lights of the first child before those of the second and returns how many they are; neither has none, nor
/// more than `most`.
fn split(lights: &mut [TreeLight], most: usize) -> usize {
    let centers = lights
        .iter()
        .map(|l| l.light.bounds.center())
        .collect::<Vec<_>>();
    let around = Bounds::of_points(&centers);
    let extent = around.size();
    let bin_of = |light: &TreeLight, axis: usize| {
        let t = (light.light.bounds.center()[axis] - around.min[axis]) / extent[axis];
        ((t * BINS as f32) as usize).min(BINS - 1)
    };
    let mut best: Option<(f32, usize, usize)> = None;
    for axis in 0..3 {
        if extent[axis] <= 0.0 || !extent[axis].is_finite() {
            continue;
        }
        let mut bins: [Option<LightBounds>; BINS] = [None; BINS];
        for light in lights.iter() {
            let bin = &mut bins[bin_of(light, axis)];
            *bin = Some(bin.map_or(light.light, |b| b.join(&light.light)));
        }
        for plane in 1..BINS {
            let side = |bins: &[Option<LightBounds>]| {
                bins.iter().flatten().copied().reduce(|a, b| a.join(&b))
            };
            let (Some(low), Some(high)) = (side(&bins[..plane]), side(&bins[plane..])) else {
                continue;
            };
            let cost = low.cost() + high.cost();
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, axis, plane));
            }
        }
    }
    if let Some((_, axis, plane)) = best {
        // A stable order, so that the tree depends on nothing but the lights.
        lights.sort_by_key(|light| bin_of(light, axis) >= plane);
        let middle = lights.partition_point(|light| bin_of(light, axis) < plane);
        if middle <= most && lights.len() - middle <= most {
            return middle;
        }
    }
    lights.len() / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(index: u32, center: Vec3, axis: Vec3, intensity: f32) -> TreeLight {
        let bounds = Bounds {
            min: center - 0.1,
            max: center + 0.1,
        };
        let light = LightBounds {
            bounds,
            axis,
            cos_cone: 1.0,
            cos_falloff: 0.0,
            one_sided: false,
            intensity,
        };
        TreeLight { index, light }
    }

    /// Follows `trail` from the root to a leaf and checks that every node on the way holds the light.
    fn follow(tree: &LightTree, trail: u32, light: &TreeLight) -> u32 {
        let mut node = tree.nodes[0];
        for depth in 0.. {
            let center = Vec3::from_array(node.center);
            let corner = light.light.bounds.max;
            assert!(
                center.distance(corner) <= node.radius * 1.0001 + 1e-5,
                "outside the sphere"
            );
            let cos = Vec3::from_array(node.axis).dot(light.light.axis);
            let cos = if light.light.one_sided {
                cos
            } else {
                cos.abs()
            };
            assert!(
                cos >= node.cos_cone - 1e-6,
                "outside the cone: {cos} < {}",
                node.cos_cone
            );
            if node.child & LIGHT_NODE_LEAF != 0 {
                break;
            }
            node = tree.nodes
                [(node.child & !LIGHT_NODE_ONE_SIDED) as usize + (trail >> depth & 1) as usize];
        }
        node.child & !(LIGHT_NODE_LEAF | LIGHT_NODE_ONE_SIDED)
    }

    #[test]
    fn a_cone_turned_a_little_holds_what_it_held() {
        let wide = LightBounds {
            cos_cone: 0.77,
            one_sided: true,
            ..flat(0, Vec3::ZERO, Vec3::Y, 1.0).light
        };
        // 3.5e-4 × sin 0.6 turns the axis by 2e-4, whose cosine is 1 in f32.
        let faint = LightBounds {
            one_sided: true,
            ..flat(
                0,
                Vec3::ZERO,
                Vec3::new(0.6f32.sin(), 0.6f32.cos(), 0.0),
                3.5e-4,
            )
            .light
        };
        let edge = Vec3::new(-sine(0.77) as f32, 0.77, 0.0);
        let joined = wide.join(&faint);
        let cos = joined.axis.dot(edge);
        assert!(cos < 0.7699 && joined.cos_cone <= cos, "{joined:?}, {cos}");
        assert!(joined.cos_cone > cos - 1e-5, "{joined:?}, {cos}");
    }

    #[test]
    fn no_lights_make_no_tree() {
        assert!(LightTree::build(Vec::new()).nodes.is_empty());
    }

    #[test]
    fn lights_in_one_place_still_part() {
        let lights: Vec<_> = (0..1000)
            .map(|i| flat(i, Vec3::ONE, Vec3::Y, 1.0))
            .collect();
        let tree = LightTree::build(lights.clone());
        assert_eq!(tree.nodes.len(), 1999);
        for (index, trail) in &tree.trails {
            assert_eq!(follow(&tree, *trail, &lights[*index as usize]), *index);
        }
    }

    #[test]
    fn trails_stay_short_where_bins_part_badly() {
        // Each light is a tenth as far as the one before: bins would part one light from all others at a time.
        let lights: Vec<_> = (0..60)
            .map(|i| flat(i, Vec3::X * 0.1f32.powi(i as i32 % 30), Vec3::Y, 1.0))
            .collect();
        let tree = LightTree::build(lights.clone());
        assert_eq!(tree.trails.len(), 60);
        for (index, trail) in &tree.trails {
            assert_eq!(follow(&tree, *trail, &lights[*index as usize]), *index);
        }
    }

    proptest! {
        #[test]
        fn every_node_bounds_its_lights(
            seeds in prop::collection::vec((prop::array::uniform3(-9.0f32..9.0), prop::array::uniform3(-1.0f32..1.0), 0.01f32..9.0, any::<bool>()), 1..80)
        ) {
            let lights: Vec<_> = seeds.iter().enumerate().map(|(i, (center, axis, intensity, one_sided))| {
                let axis = Vec3::from_array(*axis).normalize_or(Vec3::Y);
                let mut light = flat(i as u32, Vec3::from_array(*center), axis, *intensity);
                light.light.one_sided = *one_sided;
                light
            }).collect();
            let tree = LightTree::build(lights.clone());
            prop_assert_eq!(tree.trails.len(), lights.len());
            for (index, trail) in &tree.trails {
                prop_assert_eq!(follow(&tree, *trail, &lights[*index as usize]), *index);
            }
            let total: f32 = lights.iter().map(|l| l.light.intensity).sum();
            prop_assert!((tree.nodes[0].intensity - total).abs() <= 1e-4 * total);
        }
    }
}
