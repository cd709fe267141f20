//! Accessors: typed elements out of bytes. Every component type, normalised or not, any stride,
//! sparse or not, with or without a buffer view. Nothing is allocated before the bytes are known
//! to be there.

use super::buffer::{Buffers, View};
use super::error::Fault;
use super::file::FileBytes;
use bytemuck::Pod;
use gltf::json::accessor::{ComponentType, Type, sparse};
use gltf::json::validation::Checked;
use gltf::json::{self, Root};
use rayon::prelude::*;

/// Elements at most in an accessor that has no bytes behind it (all zeros but for sparse ones).
const MAX_ELEMENTS_WITHOUT_BYTES: u64 = 1 << 22;

/// Elements decoded at a time.
const PART: usize = 1 << 22;

/// Reads accessors.
#[derive(Clone, Copy)]
pub(super) struct Accessors<'a, 'b> {
    root: &'a Root,
    buffers: &'a Buffers<'b>,
}

/// What an accessor says of itself, checked for sense.
struct Layout<'a> {
    accessor: &'a json::Accessor,
    path: String,
    component: ComponentType,
    components: usize,
    count: usize,
}

/// Evenly spaced elements within bytes; the last one fits.
struct Elements<'a> {
    bytes: &'a [u8],
    stride: usize,
    count: usize,
    /// Takes the memory of large parts back once they are decoded.
    owner: Option<&'a FileBytes>,
}

/// Elements of a vertex attribute that do not lie in a buffer: one after the other, nothing between.
pub(super) struct Unpacked {
    /// Type of each component.
    pub(super) component: ComponentType,
    /// Components of an element.
    pub(super) components: usize,
    /// All elements.
    pub(super) bytes: Vec<u8>,
}

impl<'a, 'b> Accessors<'a, 'b> {
    /// A reader of `buffers`.
    pub(super) fn new(root: &'a Root, buffers: &'a Buffers<'b>) -> Self {
        Self { root, buffers }
    }

    /// Reads vectors of floats: `T` is made of as many f32 as the accessor's type has components.
    /// Normalised integers become [0, 1] or [−1, 1], others keep their value. `user` is the JSON
    /// pointer of the property that holds the index.
    ///
    /// # Errors
    /// When the accessor does not hold such elements, or its bytes are not there.
    pub(super) fn floats<T: Pod>(&self, index: usize, user: &str) -> Result<Vec<T>, Fault> {
        self.floats_of(index, user, None)
    }

    /// As [`Accessors::floats`], of the elements `only`, whose numbers rise.
    ///
    /// # Errors
    /// Those of [`Accessors::floats`].
    pub(super) fn floats_of<T: Pod>(
        &self,
        index: usize,
        user: &str,
        only: Option<&[u32]>,
    ) -> Result<Vec<T>, Fault> {
        let layout = self.layout(index, user)?;
        let wanted = size_of::<T>() / size_of::<f32>();
        layout.check_floats(wanted, user)?;
        let normalized = layout.accessor.normalized;
        let base = self.elements(&layout)?;
        let mut values = vec![T::zeroed(); self.count_read(&layout, only)?];
        let floats: &mut [f32] = bytemuck::cast_slice_mut(&mut values);
        let convert = |out: &mut [f32], elements: &Elements<'_>| {
            decode(out, wanted, elements, layout.component, normalized);
        };
        if let Some(base) = base {
            base.convert(floats, &layout, only, convert);
        }
        self.replace(floats, &layout, only, convert)?;
        Ok(values)
    }

    /// Reads unsigned integers, such as vertex indices, into groups of as many as `T` has; what
    /// makes no whole group is left out.
    ///
    /// # Errors
    /// When the accessor does not hold unsigned scalars, or its bytes are not there.
    pub(super) fn integers<T: Pod>(&self, index: usize, user: &str) -> Result<Vec<T>, Fault> {
        self.integers_of(index, user, None)
    }

    /// As [`Accessors::integers`], of the elements `only`, whose numbers rise.
    ///
    /// # Errors
    /// Those of [`Accessors::integers`].
    pub(super) fn integers_of<T: Pod>(
        &self,
        index: usize,
        user: &str,
        only: Option<&[u32]>,
    ) -> Result<Vec<T>, Fault> {
        let layout = self.layout(index, user)?;
        let unsigned = is_unsigned(layout.component);
        let group = size_of::<T>() / size_of::<u32>();
        if !unsigned || (layout.components != 1 && layout.components != group) {
            return Err(Fault::invalid(
                layout.path,
                format!("does not hold unsigned integers as {user} does"),
            ));
        }
        let width = layout.components;
        let base = self.elements(&layout)?;
        let total = self.count_read(&layout, only)? * width;
        let mut values = vec![T::zeroed(); total / group];
        let integers: &mut [u32] = bytemuck::cast_slice_mut(&mut values);
        let convert = |out: &mut [u32], elements: &Elements<'_>| {
            decode_integers(out, width, elements, layout.component);
        };
        if let Some(base) = base {
            base.convert(integers, &layout, only, convert);
        }
        self.replace(integers, &layout, only, convert)?;
        Ok(values)
    }

    /// How many elements of `layout` are to be read; takes what that costs from the budget.
    fn count_read(&self, layout: &Layout<'_>, only: Option<&[u32]>) -> Result<usize, Fault> {
        let count = only.map_or(layout.count, <[u32]>::len);
        let replaced = (layout.accessor.sparse.as_ref()).map_or(0, |sparse| sparse.count.0);
        let element = (layout.components * layout.component.size()) as u64;
        let bytes = (count as u64).saturating_add(replaced) * element;
        self.buffers.budget().take_reading(bytes, &layout.path)?;
        Ok(count)
    }

    /// Replaces those of the elements `only` in `out` that `layout` says are others, by what `convert` makes of these.
    fn replace<T: Pod>(
        &self,
        out: &mut [T],
        layout: &Layout<'_>,
        only: Option<&[u32]>,
        convert: impl Fn(&mut [T], &Elements<'_>),
    ) -> Result<(), Fault> {
        let Some((targets, replacements)) = self.sparse(layout)? else {
            return Ok(());
        };
        let width = layout.components;
        let mut new = vec![T::zeroed(); targets.len() * width];
        convert(&mut new, &replacements);
        for (target, new) in targets.iter().zip(new.chunks_exact(width)) {
            let place = match only {
                Some(only) => only.binary_search(target).ok(),
                None => Some(*target as usize),
            };
            let old = place.and_then(|place| out.get_mut(place * width..(place + 1) * width));
            if let Some(old) = old {
                old.copy_from_slice(new);
            }
        }
        Ok(())
    }

    /// As [`Accessors::floats`], for elements of accessor `index` that have been unpacked.
    ///
    /// # Errors
    /// When accessor and elements do not hold such vectors.
    pub(super) fn floats_from<T: Pod>(
        &self,
        index: usize,
        user: &str,
        unpacked: &Unpacked,
    ) -> Result<Vec<T>, Fault> {
        let layout = self.layout(index, user)?;
        let wanted = size_of::<T>() / size_of::<f32>();
        layout.check_floats(wanted, user)?;
        let elements = unpacked.elements(wanted, user)?;
        let mut values = vec![T::zeroed(); elements.count];
        let floats: &mut [f32] = bytemuck::cast_slice_mut(&mut values);
        let normalized = layout.accessor.normalized;
        decode(floats, wanted, &elements, unpacked.component, normalized);
        Ok(values)
    }

    /// How many elements accessor `index` has.
    ///
    /// # Errors
    /// When there is no such accessor.
    pub(super) fn count(&self, index: usize, user: &str) -> Result<u64, Fault> {
        Ok(self.get(index, user)?.count.0)
    }

    /// What the accessors lie in.
    pub(super) fn buffers(&self) -> &'a Buffers<'b> {
        self.buffers
    }

    /// How many components an element of accessor `index` has, and whether they are integers that
    /// lack their `normalized`.
    ///
    /// # Errors
    /// When there is no such accessor, or it makes no sense.
    pub(super) fn shape(&self, index: usize, user: &str) -> Result<(usize, bool), Fault> {
        let layout = self.layout(index, user)?;
        let plain = layout.component != ComponentType::F32 && !layout.accessor.normalized;
        Ok((layout.components, plain))
    }

    fn get(&self, index: usize, user: &str) -> Result<&'a json::Accessor, Fault> {
        self.root
            .accessors
            .get(index)
            .ok_or_else(|| Fault::invalid(user, format!("there is no accessor {index}")))
    }

    fn layout(&self, index: usize, user: &str) -> Result<Layout<'a>, Fault> {
        let accessor = self.get(index, user)?;
        let path = format!("/accessors/{index}");
        let (Checked::Valid(component), Checked::Valid(kind)) =
            (&accessor.component_type, &accessor.type_)
        else {
            return Err(Fault::invalid(
                path,
                "its componentType or type is none of glTF's",
            ));
        };
        let components = match kind {
            Type::Scalar => 1,
            Type::Vec2 => 2,
            Type::Vec3 => 3,
            Type::Vec4 | Type::Mat2 => 4,
            Type::Mat3 => 9,
            Type::Mat4 => 16,
        };
        let limit = match accessor.buffer_view {
            Some(_) => u64::from(u32::MAX),
            None => MAX_ELEMENTS_WITHOUT_BYTES,
        };
        let count = accessor.count.0;
        if count > limit {
            return Err(Fault::invalid(
                format!("{path}/count"),
                format!("{count} elements, more than the {limit} that can be read"),
            ));
        }
        Ok(Layout {
            accessor,
            path,
            component: component.0,
            components,
            count: count as usize,
        })
    }

    /// The elements proper; `None` when they are all zero.
    fn elements(&self, layout: &Layout<'_>) -> Result<Option<Elements<'_>>, Fault> {
        let Some(view) = layout.accessor.buffer_view else {
            let bytes = layout.count as u64 * (layout.components * size_of::<f32>()) as u64;
            self.buffers.budget().take(bytes, &layout.path)?;
            return Ok(None);
        };
        let path = format!("{}/bufferView", layout.path);
        let offset = layout.accessor.byte_offset.map_or(0, |offset| offset.0);
        let element = layout.components * layout.component.size();
        self.span(view.value(), &path, offset, element, layout.count)
            .map(Some)
    }

    /// The elements a sparse accessor replaces, and by what.
    fn sparse(&self, layout: &Layout<'_>) -> Result<Option<(Vec<u32>, Elements<'_>)>, Fault> {
        let Some(sparse) = &layout.accessor.sparse else {
            return Ok(None);
        };
        let sparse::Sparse {
            count,
            indices,
            values,
            ..
        } = sparse;
        if count.0 > layout.count as u64 {
            return Err(Fault::invalid(
                format!("{}/sparse/count", layout.path),
                format!("replaces {} of {} elements", count.0, layout.count),
            ));
        }
        let n_replaced = count.0 as usize;
        let path = format!("{}/sparse/indices", layout.path);
        let Checked::Valid(index_type) = &indices.component_type else {
            return Err(Fault::invalid(
                path,
                "its componentType is no unsigned integer",
            ));
        };
        let view = indices.buffer_view.value();
        let spots = self.span(
            view,
            &path,
            indices.byte_offset.0,
            index_type.0.size(),
            n_replaced,
        )?;
        let mut targets = vec![0; n_replaced];
        decode_integers(&mut targets, 1, &spots, index_type.0);
        if let Some(bad) = targets
            .iter()
            .find(|&&target| target as usize >= layout.count)
        {
            return Err(Fault::invalid(
                path,
                format!("replaces element {bad} of {}", layout.count),
            ));
        }
        let path = format!("{}/sparse/values", layout.path);
        let element = layout.components * layout.component.size();
        let view = values.buffer_view.value();
        let replacements = self.span(view, &path, values.byte_offset.0, element, n_replaced)?;
        Ok(Some((targets, replacements)))
    }

    /// `count` elements of `element` bytes from `offset` in a buffer view.
    fn span(
        &self,
        view: usize,
        path: &str,
        offset: u64,
        element: usize,
        count: usize,
    ) -> Result<Elements<'_>, Fault> {
        let View {
            bytes,
            stride,
            owner,
        } = self.buffers.view(view, path)?;
        let stride = stride.unwrap_or(element);
        if stride < element {
            return Err(Fault::invalid(
                format!("/bufferViews/{view}/byteStride"),
                format!("{stride} bytes between elements of {element} bytes"),
            ));
        }
        let length = match count {
            0 => 0,
            _ => (count as u64 - 1)
                .saturating_mul(stride as u64)
                .saturating_add(element as u64),
        };
        let range = offset
            .checked_add(length)
            .and_then(|end| Some(usize::try_from(offset).ok()?..usize::try_from(end).ok()?));
        match range.and_then(|range| bytes.get(range)) {
            Some(bytes) => Ok(Elements {
                bytes,
                stride,
                count,
                owner,
            }),
            None => Err(Fault::invalid(
                path,
                format!(
                    "{count} elements end {length} bytes after byte {offset} of a buffer view of {} bytes",
                    bytes.len()
                ),
            )
            .cure("the data is cut off or miscounted: export the file again")),
        }
    }
}

impl Elements<'_> {
    /// Fills `out` by what `convert` makes of the elements `only` of `layout`.
    fn convert<T>(
        &self,
        out: &mut [T],
        layout: &Layout<'_>,
        only: Option<&[u32]>,
        convert: impl Fn(&mut [T], &Elements<'_>),
    ) {
        let Some(only) = only else {
            return convert(out, self);
        };
        let stride = layout.components * layout.component.size();
        let mut bytes = vec![0; only.len() * stride];
        for (&number, copy) in only.iter().zip(bytes.chunks_exact_mut(stride)) {
            let start = number as usize * self.stride;
            if let Some(found) = self.bytes.get(start..start + stride) {
                copy.copy_from_slice(found);
            }
        }
        let gathered = Elements {
            bytes: &bytes,
            stride,
            count: only.len(),
            owner: None,
        };
        convert(out, &gathered);
    }
}

impl Layout<'_> {
    /// Are the elements vectors of `wanted` numbers that can be floats?
    fn check_floats(&self, wanted: usize, user: &str) -> Result<(), Fault> {
        if self.components != wanted {
            return Err(Fault::invalid(
                format!("{}/type", self.path),
                format!(
                    "has {} components where {user} has {wanted}",
                    self.components
                ),
            ));
        }
        if self.component == ComponentType::U32 {
            return Err(Fault::invalid(
                format!("{}/componentType", self.path),
                format!("UNSIGNED_INT cannot be used for {user}"),
            ));
        }
        Ok(())
    }
}

impl Unpacked {
    /// How many elements there are.
    pub(super) fn count(&self) -> usize {
        self.bytes.len() / (self.components * self.component.size()).max(1)
    }

    /// The elements, if they have `wanted` components.
    fn elements(&self, wanted: usize, user: &str) -> Result<Elements<'_>, Fault> {
        if self.components != wanted {
            let what = format!(
                "is compressed with {} components, not {wanted}",
                self.components
            );
            return Err(Fault::invalid(user, what));
        }
        let stride = self.components * self.component.size();
        Ok(Elements {
            bytes: &self.bytes,
            stride,
            count: self.count(),
            owner: None,
        })
    }

    /// The elements as unsigned integers.
    ///
    /// # Errors
    /// When they are something else, or do not have as many components as `T`.
    pub(super) fn integers<T: Pod>(&self, user: &str) -> Result<Vec<T>, Fault> {
        let wanted = size_of::<T>() / size_of::<u32>();
        let elements = self.elements(wanted, user)?;
        if !is_unsigned(self.component) {
            return Err(Fault::invalid(
                user,
                "is compressed, but not as unsigned integers",
            ));
        }
        let mut values = vec![T::zeroed(); elements.count];
        decode_integers(
            bytemuck::cast_slice_mut(&mut values),
            wanted,
            &elements,
            self.component,
        );
        Ok(values)
    }
}

fn is_unsigned(component: ComponentType) -> bool {
    matches!(
        component,
        ComponentType::U8 | ComponentType::U16 | ComponentType::U32
    )
}

/// Fills `out` with `width` floats an element.
fn decode(
    out: &mut [f32],
    width: usize,
    elements: &Elements<'_>,
    component: ComponentType,
    normalized: bool,
) {
    // The equations of glTF 2.0 §3.6.2.2 and KHR_mesh_quantization.
    match (component, normalized) {
        (ComponentType::F32, _) => fill(out, width, elements, f32::from_le_bytes),
        (ComponentType::I8, false) => {
            fill(out, width, elements, |b| f32::from(i8::from_le_bytes(b)))
        }
        (ComponentType::I8, true) => {
            fill(out, width, elements, |b| {
                (f32::from(i8::from_le_bytes(b)) / 127.0).max(-1.0)
            });
        }
        (ComponentType::U8, false) => fill(out, width, elements, |[b]| f32::from(b)),
        (ComponentType::U8, true) => fill(out, width, elements, |[b]| f32::from(b) / 255.0),
        (ComponentType::I16, false) => {
            fill(out, width, elements, |b| f32::from(i16::from_le_bytes(b)));
        }
        (ComponentType::I16, true) => {
            fill(out, width, elements, |b| {
                (f32::from(i16::from_le_bytes(b)) / 32767.0).max(-1.0)
            });
        }
        (ComponentType::U16, false) => {
            fill(out, width, elements, |b| f32::from(u16::from_le_bytes(b)));
        }
        (ComponentType::U16, true) => {
            fill(out, width, elements, |b| {
                f32::from(u16::from_le_bytes(b)) / 65535.0
            });
        }
        (ComponentType::U32, _) => fill(out, width, elements, |b| u32::from_le_bytes(b) as f32),
    }
}

/// Fills `out` with `width` integers an element.
fn decode_integers(
    out: &mut [u32],
    width: usize,
    elements: &Elements<'_>,
    component: ComponentType,
) {
    match component {
        ComponentType::U8 => fill(out, width, elements, |[b]| u32::from(b)),
        ComponentType::U16 => fill(out, width, elements, |b| u32::from(u16::from_le_bytes(b))),
        _ => fill(out, width, elements, u32::from_le_bytes),
    }
}

fn fill<T: Pod + Send, const SIZE: usize>(
    out: &mut [T],
    width: usize,
    elements: &Elements<'_>,
    convert: impl Fn([u8; SIZE]) -> T + Sync,
) {
    // Parts are independent, and each gives its bytes back before the next are looked at.
    let parts = elements
        .bytes
        .par_chunks(elements.stride.saturating_mul(PART));
    out.par_chunks_mut(width * PART)
        .zip(parts)
        .for_each(|(out, bytes)| {
            fill_part(out, width, bytes, elements.stride, &convert);
            if let Some(owner) = elements.owner {
                owner.give_back_large(bytes);
            }
        });
}

fn fill_part<T: Pod, const SIZE: usize>(
    out: &mut [T],
    width: usize,
    bytes: &[u8],
    stride: usize,
    convert: &impl Fn([u8; SIZE]) -> T,
) {
    let write = |(out, component): (&mut T, &[u8])| {
        if let Ok(component) = component.try_into() {
            *out = convert(component);
        }
    };
    if stride == width * SIZE {
        // One flat run, which compiles to a copy where nothing is converted.
        out.iter_mut().zip(bytes.chunks_exact(SIZE)).for_each(write);
    } else {
        for (out, element) in out.chunks_mut(width).zip(bytes.chunks(stride)) {
            out.iter_mut()
                .zip(element.chunks_exact(SIZE))
                .for_each(write);
        }
    }
}
