//! The walk: nearest box first, farther ones on a stack.

use std::marker::PhantomData;

use glam::Vec3A;

use super::machine::{Machine, Vector};
use super::query::Query;
use super::ray::SpaceRay;
use super::triangle::intersect_block;
use crate::compiled::bvh::{
    Accelerator, Child, ChildKind, MAX_DEPTH, NON_OPAQUE, Node, Placement, Tree, WIDTH,
};
use crate::compiled::record::Hit;

/// Entries that wait: a node puts at most seven of its children aside, on every level of two trees.
const STACK_SIZE: usize = 2 * (WIDTH - 1) * MAX_DEPTH;

/// A child to visit and where the ray enters its box: t's bits above, [`Child`] below. As t ≥ 0,
/// entries compare like their t.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry(u64);

impl Entry {
    #[inline(always)]
    fn new(t: f32, child: Child) -> Self {
        Self(u64::from(t.to_bits()) << 32 | u64::from(child.0))
    }

    #[inline(always)]
    fn t(self) -> f32 {
        f32::from_bits((self.0 >> 32) as u32)
    }

    #[inline(always)]
    fn child(self) -> Child {
        Child(self.0 as u32)
    }
}

/// Room for a walk, reused by the next.
pub struct Stack {
    entries: [Entry; STACK_SIZE],
    len: usize,
}

impl Stack {
    pub fn new() -> Self {
        Self {
            entries: [Entry(0); STACK_SIZE],
            len: 0,
        }
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry) {
        self.entries[self.len] = entry;
        self.len += 1;
    }

    /// The next entry above `base` that is entered no farther than `bound`.
    #[inline(always)]
    fn pop(&mut self, base: usize, bound: f32) -> Option<Entry> {
        while self.len > base {
            self.len -= 1;
            let entry = self.entries[self.len];
            if entry.t() <= bound {
                return Some(entry);
            }
        }
        None
    }
}

/// Where triangles stand while a tree is walked.
#[derive(Clone, Copy)]
struct Room<'a> {
    tree: &'a Tree,
    /// The placement the tree is walked for; none on the top level.
    placement: Option<&'a Placement>,
    /// No hit counts from nearer than this.
    floor: f32,
}

/// A way to trace rays through an accelerator.
pub struct Walk<'a, M> {
    accelerator: &'a Accelerator,
    machine: PhantomData<M>,
}

impl<'a, M: Machine> Walk<'a, M> {
    pub fn new(accelerator: &'a Accelerator) -> Self {
        Self {
            accelerator,
            machine: PhantomData,
        }
    }

    /// Offers `query` the hits of a ray, at least all that matter.
    #[inline(always)]
    pub fn trace<Q: Query>(
        &self,
        origin: Vec3A,
        direction: Vec3A,
        query: &mut Q,
        stack: &mut Stack,
    ) {
        let tree = self.accelerator.top();
        let Some(ray) = SpaceRay::new(origin, direction, tree.bounds) else {
            return;
        };
        stack.len = 0;
        let room = Room {
            tree,
            placement: None,
            floor: 0.0,
        };
        self.walk(
            room,
            &ray,
            query,
            stack,
            |entry, placement, query: &mut Q, stack: &mut Stack| {
                let placement = &self.accelerator.placements()[placement as usize];
                let tree = &self.accelerator.meshes()[placement.mesh as usize];
                let (origin, direction) = placement.object_ray(origin, direction);
                let Some(ray) = SpaceRay::new(origin, direction, tree.bounds) else {
                    return false;
                };
                let room = Room {
                    tree,
                    placement: Some(placement),
                    floor: entry.t(),
                };
                // Shared meshes hold no placements.
                self.walk(
                    room,
                    &ray,
                    query,
                    stack,
                    |_, _, _: &mut Q, _: &mut Stack| false,
                )
            },
        );
    }

    /// Walks one tree; `enter` walks a placement's. True: the query wants no more.
    #[inline(always)]
    fn walk<Q: Query>(
        &self,
        room: Room<'_>,
        ray: &SpaceRay,
        query: &mut Q,
        stack: &mut Stack,
        enter: impl Fn(Entry, u32, &mut Q, &mut Stack) -> bool,
    ) -> bool {
        let base = stack.len;
        let mut next = Some(Entry::new(0.0, Child::node(0)));
        while let Some(entry) = next {
            let stop = match entry.child().kind() {
                ChildKind::Node(node) => {
                    next = visit::<M>(ray, &room.tree.nodes[node as usize], query.bound(), stack);
                    if next.is_none() {
                        next = stack.pop(base, query.bound());
                    }
                    continue;
                }
                ChildKind::Triangles {
                    first_block,
                    n_blocks,
                } => offer_blocks::<M, Q>(room, ray, first_block, n_blocks, query),
                ChildKind::Placement(placement) => enter(entry, placement, query, stack),
                ChildKind::Nothing => false,
            };
            if stop {
                return true;
            }
            next = stack.pop(base, query.bound());
        }
        false
    }
}

/// Finds the children whose boxes the ray meets no farther than `bound`; returns the nearest and puts
/// the others on the stack, nearest on top.
#[inline(always)]
fn visit<M: Machine>(ray: &SpaceRay, node: &Node, bound: f32, stack: &mut Stack) -> Option<Entry> {
    let row = |axis: usize, flip: usize| M::Eight::load(&node.bounds[ray.near_rows[axis] ^ flip]);
    let near = |axis: usize| {
        row(axis, 0)
            .sub(M::Eight::splat(ray.near[axis]))
            .mul(M::Eight::splat(ray.inverse[axis]))
    };
    let far = |axis: usize| {
        row(axis, 1)
            .sub(M::Eight::splat(ray.far[axis]))
            .mul(M::Eight::splat(ray.inverse[axis]))
    };
    let entry = near(0).max(near(1)).max(near(2).max(M::Eight::splat(0.0)));
    let exit = far(0).min(far(1)).min(far(2).min(M::Eight::splat(bound)));
    let mut mask = entry.le(exit);
    if mask == 0 {
        return None;
    }
    let entry = entry.to_array();
    let mut take = || {
        let slot = mask.trailing_zeros() as usize;
        mask &= mask - 1;
        (
            Entry::new(entry[slot & 7], node.children[slot & 7]),
            mask != 0,
        )
    };
    let (first, more) = take();
    if !more {
        return Some(first);
    }
    let (second, mut more) = take();
    let (mut nearest, farther) = (first.min(second), first.max(second));
    let base = stack.len;
    stack.push(farther);
    while more {
        let (mut entry, left) = take();
        more = left;
        (nearest, entry) = (nearest.min(entry), nearest.max(entry));
        // Sink it to its place among those just pushed: nearest last.
        let mut place = stack.len;
        stack.push(entry);
        while place > base && stack.entries[place - 1] < entry {
            stack.entries[place] = stack.entries[place - 1];
            place -= 1;
        }
        stack.entries[place] = entry;
    }
    Some(nearest)
}

#[inline(always)]
fn offer_blocks<M: Machine, Q: Query>(
    room: Room<'_>,
    ray: &SpaceRay,
    first_block: u32,
    n_blocks: u32,
    query: &mut Q,
) -> bool {
    let first = first_block as usize;
    for block in &room.tree.blocks[first..first + n_blocks as usize] {
        let Some(hits) = intersect_block::<M>(ray, block, room.floor, query.bound()) else {
            continue;
        };
        let mut mask = hits.mask;
        while mask != 0 {
            let lane = mask.trailing_zeros() as usize & 3;
            mask &= mask - 1;
            let instance = match room.placement {
                None => block.instances[lane],
                Some(placement) if placement.non_opaque => placement.instance | NON_OPAQUE,
                Some(placement) => placement.instance,
            };
            let hit = Hit {
                barycentric_b: hits.b[lane],
                barycentric_c: hits.c[lane],
                instance,
                triangle: block.triangles[lane],
            };
            if query.offer(hits.t[lane], hit) {
                return true;
            }
        }
    }
    false
}
