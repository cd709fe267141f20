//! Where to cut a set of boxes in two: the binned surface area heuristic.
//!
//! Source: Wald 2007, "On fast construction of SAH-based bounding volume hierarchies". Departs:
//! counts blocks of triangles rather than triangles, since a block is what a ray pays for.

use glam::{BVec3A, Vec3A, Vec4};
use rayon::prelude::*;

use super::bounds::Bounds;
use super::node::{BLOCK, MAX_LEAF_TRIANGLES};

/// Bins an axis is divided into.
const BINS: usize = 16;
/// Sets larger than this are binned in parallel, in pieces of this size.
const PARALLEL_PIECE: usize = 1 << 15;

/// What leaves are made of, and what they cost.
#[derive(Clone, Copy, Debug)]
pub struct LeafShape {
    /// Triangles tested at once: the unit of cost.
    pub block: usize,
    /// Most triangles in a leaf.
    pub max_triangles: usize,
    /// What testing the eight boxes of a node costs, in tests of a block.
    pub node_cost: f32,
}

impl LeafShape {
    /// Leaves for vectors of four triangles.
    pub const BLOCKS: Self = Self {
        block: BLOCK,
        max_triangles: MAX_LEAF_TRIANGLES,
        node_cost: 1.0,
    };

    /// Tests that `count` triangles take.
    fn n_blocks(self, count: usize) -> f32 {
        count.div_ceil(self.block) as f32
    }
}

/// A box to be sorted into a tree, with what it is the box of. 32 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// Minima; `w` carries the bits of `primitive`.
    min: Vec4,
    /// Maxima; `w` carries the bits of `owner`.
    max: Vec4,
}

/// [`Reference::owner`] when the reference is a placement, not a triangle.
pub const PLACEMENT: u32 = u32::MAX;

impl Reference {
    /// `bounds` is finite and not empty.
    pub fn new(bounds: Bounds, primitive: u32, owner: u32) -> Self {
        Self {
            min: bounds.min.extend(f32::from_bits(primitive)),
            max: bounds.max.extend(f32::from_bits(owner)),
        }
    }

    /// The box.
    #[inline(always)]
    pub fn bounds(&self) -> Bounds {
        Bounds {
            min: Vec3A::from_vec4(self.min),
            max: Vec3A::from_vec4(self.max),
        }
    }

    /// Which triangle of the owner, or which placement.
    pub fn primitive(&self) -> u32 {
        self.min.w.to_bits()
    }

    /// Which instance the triangle belongs to, or [`PLACEMENT`].
    pub fn owner(&self) -> u32 {
        self.max.w.to_bits()
    }
}

/// A run of references that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// First reference.
    pub start: usize,
    /// Number of references.
    pub count: usize,
    /// How many of them are placements.
    pub n_placements: usize,
    /// Box of the boxes.
    pub bounds: Bounds,
    /// Box of the boxes' doubled centres.
    pub centers: Bounds,
}

impl Range {
    const NONE: Self = Self {
        start: 0,
        count: 0,
        n_placements: 0,
        bounds: Bounds::EMPTY,
        centers: Bounds::EMPTY,
    };

    /// Measures `references`, the first of which has index `start`.
    pub fn measure(references: &[Reference], start: usize) -> Self {
        let mut range = references
            .par_chunks(PARALLEL_PIECE)
            .map(|piece| {
                piece
                    .iter()
                    .fold(Self::NONE, |range, reference| range.with(reference))
            })
            .reduce(|| Self::NONE, Self::joined);
        range.start = start;
        range
    }

    #[inline(always)]
    fn with(self, reference: &Reference) -> Self {
        let bounds = reference.bounds();
        Self {
            start: self.start,
            count: self.count + 1,
            n_placements: self.n_placements + usize::from(reference.owner() == PLACEMENT),
            bounds: self.bounds.union(bounds),
            centers: self.centers.with_point(bounds.doubled_center()),
        }
    }

    fn joined(self, other: Self) -> Self {
        Self {
            start: self.start,
            count: self.count + other.count,
            n_placements: self.n_placements + other.n_placements,
            bounds: self.bounds.union(other.bounds),
            centers: self.centers.union(other.centers),
        }
    }

    /// What a ray that enters the box pays for its contents when they are a leaf: area × blocks.
    pub fn leaf_cost(&self, shape: LeafShape) -> f32 {
        self.bounds.half_area() * shape.n_blocks(self.count)
    }
}

/// How references map to bins. The same arithmetic bins and parts them, so both always agree.
#[derive(Clone, Copy, Debug)]
struct Binning {
    origin: Vec3A,
    /// Bins per doubled metre; 0 on an axis where all centres agree.
    scale: Vec3A,
}

impl Binning {
    fn new(centers: Bounds) -> Self {
        let extent = centers.max - centers.min;
        let scale = Vec3A::splat(BINS as f32 * 0.999_99) / extent;
        // Extents that are 0, denormal or infinite leave nothing to divide.
        let usable = scale.is_finite_mask() & extent.cmpgt(Vec3A::ZERO);
        Self {
            origin: centers.min,
            scale: Vec3A::select(usable, scale, Vec3A::ZERO),
        }
    }

    #[inline(always)]
    fn bins(&self, doubled_center: Vec3A) -> [usize; 3] {
        let position = (doubled_center - self.origin) * self.scale;
        position.to_array().map(bin)
    }
}

#[inline(always)]
fn bin(position: f32) -> usize {
    (position as u32 as usize).min(BINS - 1)
}

/// Boxes and counts by axis and bin.
#[derive(Clone)]
struct Bins([[(Bounds, u32); BINS]; 3]);

impl Bins {
    const EMPTY: Self = Self([[(Bounds::EMPTY, 0); BINS]; 3]);

    fn fill(mut self, binning: &Binning, references: &[Reference]) -> Self {
        for reference in references {
            let bounds = reference.bounds();
            let bins = binning.bins(bounds.doubled_center());
            for (axis, bin) in bins.into_iter().enumerate() {
                let (bin_bounds, count) = &mut self.0[axis][bin];
                *bin_bounds = bin_bounds.union(bounds);
                *count += 1;
            }
        }
        self
    }

    fn joined(mut self, other: Self) -> Self {
        for (axis, other_axis) in self.0.iter_mut().zip(other.0) {
            for ((bounds, count), (other_bounds, other_count)) in axis.iter_mut().zip(other_axis) {
                *bounds = bounds.union(other_bounds);
                *count += other_count;
            }
        }
        self
    }
}

/// A cut, and what it costs.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    binning: Binning,
    axis: usize,
    /// First bin of the right side.
    bin: usize,
    /// Boxes of the two sides.
    bounds: [Bounds; 2],
    /// Σ area × blocks of both sides.
    pub cost: f32,
}

impl Split {
    /// The cheapest cut between bins, or `None` when all centres fall into one bin on every axis.
    pub fn find(references: &[Reference], centers: Bounds, shape: LeafShape) -> Option<Self> {
        let binning = Binning::new(centers);
        let bins = if references.len() > PARALLEL_PIECE {
            references
                .par_chunks(PARALLEL_PIECE)
                .map(|piece| Bins::EMPTY.fill(&binning, piece))
                .reduce(|| Bins::EMPTY, Bins::joined)
        } else {
            Bins::EMPTY.fill(&binning, references)
        };
        let mut best: Option<Self> = None;
        for (axis, bins) in bins.0.iter().enumerate() {
            if binning.scale[axis] == 0.0 {
                continue;
            }
            let mut right_bounds = [Bounds::EMPTY; BINS];
            let mut right_costs = [0.0; BINS];
            let (mut bounds, mut count) = (Bounds::EMPTY, 0);
            for bin in (1..BINS).rev() {
                bounds = bounds.union(bins[bin].0);
                count += bins[bin].1;
                right_bounds[bin] = bounds;
                right_costs[bin] = bounds.half_area() * shape.n_blocks(count as usize);
            }
            let n_right_of_first = count;
            let (mut bounds, mut count) = (Bounds::EMPTY, 0);
            let total = n_right_of_first + bins[0].1;
            for bin in 1..BINS {
                bounds = bounds.union(bins[bin - 1].0);
                count += bins[bin - 1].1;
                let cost = bounds.half_area() * shape.n_blocks(count as usize) + right_costs[bin];
                if count != 0 && count != total && best.is_none_or(|best| cost < best.cost) {
                    best = Some(Self {
                        binning,
                        axis,
                        bin,
                        bounds: [bounds, right_bounds[bin]],
                        cost,
                    });
                }
            }
        }
        best
    }

    /// Reorders `references` so that the left side comes first; returns both sides, neither empty.
    ///
    /// No branch depends on a side: which one a reference takes is a coin toss to the machine.
    pub fn apply(&self, references: &mut [Reference], start: usize) -> (Range, Range) {
        let [mut left, mut right] = [Bounds::EMPTY; 2];
        let (mut n_left, mut n_placements, mut n_left_placements) = (0, 0, 0);
        let (origin, scale) = (
            self.binning.origin[self.axis],
            self.binning.scale[self.axis],
        );
        for i in 0..references.len() {
            let reference = references[i];
            let center = reference.bounds().doubled_center();
            let is_left = bin((center[self.axis] - origin) * scale) < self.bin;
            let goes_left = BVec3A::splat(is_left);
            left = left.union(Bounds {
                min: Vec3A::select(goes_left, center, Vec3A::INFINITY),
                max: Vec3A::select(goes_left, center, Vec3A::NEG_INFINITY),
            });
            right = right.union(Bounds {
                min: Vec3A::select(goes_left, Vec3A::INFINITY, center),
                max: Vec3A::select(goes_left, Vec3A::NEG_INFINITY, center),
            });
            let is_placement = reference.owner() == PLACEMENT;
            n_placements += usize::from(is_placement);
            n_left_placements += usize::from(is_placement & is_left);
            references[i] = references[n_left];
            references[n_left] = reference;
            n_left += usize::from(is_left);
        }
        let left = Range {
            start,
            count: n_left,
            n_placements: n_left_placements,
            bounds: self.bounds[0],
            centers: left,
        };
        let right = Range {
            start: start + n_left,
            count: references.len() - n_left,
            n_placements: n_placements - n_left_placements,
            bounds: self.bounds[1],
            centers: right,
        };
        (left, right)
    }
}

/// Cuts in the middle of the order, for sets that no plane divides.
pub fn halve(references: &[Reference], start: usize) -> (Range, Range) {
    let (left, right) = references.split_at(references.len() / 2);
    (
        Range::measure(left, start),
        Range::measure(right, start + left.len()),
    )
}
