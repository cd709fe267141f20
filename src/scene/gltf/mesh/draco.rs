//! KHR_draco_mesh_compression: a primitive's triangles and attributes held in compressed form.
//!
//! What the primitive's accessors say of the data bounds what decoding may produce. Where the two
//! disagree about counts, the compressed data are right: they are whole in themselves.

use super::super::accessor::{Accessors, Unpacked};
use super::super::error::Fault;
use super::super::properties::Properties;
use super::super::warning::Warnings;
use super::Source;
use draco_core::{
    DataType, DecodeLimits, DecoderBuffer, Mesh, MeshDecoder, PointAttribute, PointIndex,
};
use gltf::json::accessor::ComponentType;
use gltf::json::mesh::{Primitive, Semantic};
use serde_json::{Map, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

const NAME: &str = "KHR_draco_mesh_compression";

/// The most that decoding may exceed what the accessors say, as a factor: encoders differ in how
/// they count vertices along seams.
const SLACK: u64 = 2;
/// Bytes at most that a vertex takes while it is decoded, beside its attributes: entries of the
/// tables that tell which triangles meet.
const CONNECTIVITY_BYTES: u64 = 128;

/// A primitive's compressed part, decoded.
pub(super) struct Compressed {
    /// JSON pointer of the extension object.
    path: String,
    mesh: Mesh,
    /// Name of each attribute, and the number by which the compressed data know it.
    attributes: Vec<(String, u32)>,
}

/// The buffer view that holds the primitive in compressed form, if one does.
pub(in super::super) fn compressed_view(primitive: &Primitive) -> Option<u64> {
    extensions(primitive)?
        .get(NAME)?
        .get("bufferView")?
        .as_u64()
}

fn extensions(primitive: &Primitive) -> Option<&Map<String, Value>> {
    primitive.extensions.as_ref().map(|e| &e.others)
}

/// Decodes the primitive's compressed part; `None` when it has none.
///
/// # Errors
/// When the extension or its data are broken.
pub(super) fn decode(
    accessors: Accessors<'_, '_>,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Option<Compressed>, Fault> {
    let Source {
        primitive,
        ref path,
        ..
    } = *source;
    let Some(properties) = Properties::extension(extensions(primitive), path, NAME)? else {
        return Ok(None);
    };
    let view = properties.unsigned("bufferView")?;
    let view = usize::try_from(view).unwrap_or(usize::MAX);
    let attributes = attributes(&properties)?;
    let Stated {
        vertices,
        corners,
        vertex_bytes,
    } = Stated::of(accessors, source)?;

    let limits = DecodeLimits::default()
        .with_max_points(vertices.saturating_mul(SLACK))
        .with_max_faces((corners / 3).saturating_mul(SLACK))
        .with_max_decoded_bytes(vertices.saturating_mul(SLACK * vertex_bytes));
    let bytes = vertices.saturating_mul(vertex_bytes + CONNECTIVITY_BYTES);
    let buffers = accessors.buffers();
    buffers
        .budget()
        .take(bytes.saturating_add(corners.saturating_mul(4)), path)?;
    let data = buffers.view(view, &properties.path("bufferView"))?.bytes;
    let fault = |what: String| {
        Fault::invalid(properties.own_path(), what)
            .cure("the data is cut off or damaged: copy it or export the file again")
    };
    let mut mesh = Mesh::new();
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        // A young decoder: it checks its input, but nothing proves that it checks all of it.
        MeshDecoder::new().decode(&mut DecoderBuffer::new(data).with_limits(limits), &mut mesh)
    }));
    match decoded {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(fault(format!("cannot be decoded: {error}"))),
        Err(_) => return Err(fault("cannot be decoded: it contradicts itself".to_owned())),
    }
    let (n_points, n_faces) = (mesh.num_points(), mesh.num_faces());
    let stray = mesh
        .faces()
        .iter()
        .flatten()
        .find(|p| p.0 as usize >= n_points);
    if let Some(stray) = stray {
        return Err(fault(format!(
            "names vertex {}, but there are {n_points}",
            stray.0
        )));
    }
    if n_points as u64 != vertices || n_faces as u64 * 3 != corners {
        warnings.note(
            properties.own_path(),
            "does not hold as many vertices or triangles as its accessors say; what it holds is used",
        );
    }
    Ok(Some(Compressed {
        path: properties.own_path().to_owned(),
        mesh,
        attributes,
    }))
}

/// What the primitive's accessors say that there is.
struct Stated {
    vertices: u64,
    corners: u64,
    vertex_bytes: u64,
}

impl Stated {
    fn of(accessors: Accessors<'_, '_>, source: &Source<'_>) -> Result<Self, Fault> {
        let primitive = source.primitive;
        let position = super::attribute(primitive, Semantic::Positions);
        let path = format!("{}/attributes/POSITION", source.path);
        let vertices = match position {
            Some(index) => accessors.count(index, &path)?,
            None => 0,
        };
        let corners = match primitive.indices {
            Some(index) => accessors.count(index.value(), &format!("{}/indices", source.path))?,
            None => vertices,
        };
        // Decoded attributes take four components of 4 bytes at most.
        let vertex_bytes = 16 * (primitive.attributes.len() as u64 + 1);
        Ok(Self {
            vertices,
            corners,
            vertex_bytes,
        })
    }
}

fn attributes(properties: &Properties<'_>) -> Result<Vec<(String, u32)>, Fault> {
    let Some(attributes) = properties.object("attributes")? else {
        return Err(Fault::invalid(properties.path("attributes"), "missing"));
    };
    let entry = |name: &String| {
        let id = attributes.integer(name)?.unwrap_or_default();
        Ok((name.clone(), id))
    };
    attributes.names().map(entry).collect()
}

impl Compressed {
    /// The triangles, for `n_vertices` positions.
    ///
    /// # Errors
    /// When there are more vertices than positions.
    pub(super) fn triangles(&self, n_vertices: usize) -> Result<Vec<[u32; 3]>, Fault> {
        let n_points = self.mesh.num_points();
        if n_points > n_vertices {
            let what = format!("has {n_points} vertices for {n_vertices} positions");
            return Err(Fault::invalid(&self.path, what));
        }
        let faces = self.mesh.faces().iter();
        Ok(faces.map(|face| face.map(|point| point.0)).collect())
    }

    /// The attribute `name`, an element for each vertex; `None` when it is not compressed. `path`
    /// is its JSON pointer.
    ///
    /// # Errors
    /// When the compressed data lack it, or hold what no accessor can.
    pub(super) fn attribute(&self, name: &str, path: &str) -> Result<Option<Unpacked>, Fault> {
        let Some(&(_, id)) = self.attributes.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let fault = |what: String| Err(Fault::invalid(path, what));
        let Some(attribute) = self.mesh.attribute_by_unique_id(id) else {
            return fault(format!("the compressed data have no attribute {id}"));
        };
        let component = match attribute.data_type() {
            DataType::Int8 => ComponentType::I8,
            DataType::Uint8 => ComponentType::U8,
            DataType::Int16 => ComponentType::I16,
            DataType::Uint16 => ComponentType::U16,
            DataType::Uint32 => ComponentType::U32,
            DataType::Float32 => ComponentType::F32,
            other => {
                return fault(format!(
                    "is compressed as {other:?}, which no accessor holds"
                ));
            }
        };
        let components = usize::from(attribute.num_components());
        match unpack(
            attribute,
            self.mesh.num_points(),
            components * component.size(),
        ) {
            Some(bytes) => Ok(Some(Unpacked {
                component,
                components,
                bytes,
            })),
            None => fault("the compressed data lack it for some vertices".to_owned()),
        }
    }
}

/// The value of each point, `size` bytes each, one after the other.
fn unpack(attribute: &PointAttribute, n_points: usize, size: usize) -> Option<Vec<u8>> {
    let stride = usize::try_from(attribute.byte_stride()).ok()?;
    let data = attribute.buffer().data();
    let mut bytes = Vec::with_capacity(n_points * size);
    for point in 0..n_points as u32 {
        let value = attribute.mapped_index(PointIndex(point)).0 as usize;
        let start = value.checked_mul(stride)?;
        bytes.extend_from_slice(data.get(start..start.checked_add(size)?)?);
    }
    (size > 0).then_some(bytes)
}
