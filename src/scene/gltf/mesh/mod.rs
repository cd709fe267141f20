//! Meshes: one primitive becomes one [`Mesh`], with what its material needs and nothing more.

mod draco;
mod flat;
mod morph;
mod skinning;
mod tangent;
mod topology;

pub(super) use draco::compressed_view;
pub(super) use skinning::is_bound;

use super::accessor::{Accessors, Unpacked};
use super::document::MorphTarget;
use super::error::Fault;
use super::material::Needs;
use super::skin::JointMatrices;
use super::warning::Warnings;
use crate::scene::mesh::Mesh;
use glam::{Mat4, Vec2, Vec3, Vec4};
use gltf::json::mesh::{Mode, Primitive, Semantic};
use gltf::json::validation::Checked;

/// A primitive to be read.
pub(super) struct Source<'a> {
    /// The authored primitive.
    pub(super) primitive: &'a Primitive,
    /// How its triangles are made.
    pub(super) mode: Mode,
    /// Its JSON pointer.
    pub(super) path: String,
    /// Its mesh's name, for messages.
    pub(super) name: String,
    /// Its morph targets.
    pub(super) targets: &'a [MorphTarget],
    /// How far each of them is applied.
    pub(super) weights: Vec<f32>,
    /// What bends it, if anything does.
    pub(super) joints: Option<JointMatrices>,
}

/// A mesh in the making.
struct Draft {
    mesh: Mesh,
    /// What skinning does to each vertex; empty when no joint bends the mesh.
    bends: Vec<Mat4>,
}

/// How the triangles of `primitive` are made; `None`, with a warning, when it has none.
///
/// # Errors
/// When it is of no known mode.
pub(super) fn surface_mode(
    primitive: &Primitive,
    path: &str,
    warnings: &mut Warnings,
) -> Result<Option<Mode>, Fault> {
    let Checked::Valid(mode) = primitive.mode else {
        return Err(Fault::invalid(
            format!("{path}/mode"),
            "is no mode from 0 to 6",
        ));
    };
    if matches!(
        mode,
        Mode::Points | Mode::Lines | Mode::LineLoop | Mode::LineStrip
    ) {
        warnings.note(path, "points and lines have no surface; left out");
        return Ok(None);
    }
    if attribute(primitive, Semantic::Positions).is_none() {
        warnings.note(path, "has no POSITION; left out");
        return Ok(None);
    }
    Ok(Some(mode))
}

/// Reads a primitive; `None`, with a warning, when nothing of it can be seen.
///
/// # Errors
/// When its data are broken.
pub(super) fn read<'a>(
    accessors: Accessors<'a, '_>,
    source: &'a Source<'a>,
    needs: &Needs,
    warnings: &mut Warnings,
) -> Result<Option<Mesh>, Fault> {
    let compressed = draco::decode(accessors, source, warnings)?;
    let mut reader = PrimitiveReader {
        accessors,
        source,
        compressed,
        selection: Selection::default(),
    };
    let mut known_triangles = None;
    if let (None, Some(_)) = (&reader.compressed, source.primitive.indices) {
        let n_vertices = reader.count_positions()?;
        let mut triangles = topology::triangles(accessors, source, n_vertices, warnings)?;
        reader.selection = Selection {
            only: flat::select_few_vertices(&mut triangles, n_vertices),
            n_all: Some(n_vertices),
        };
        known_triangles = Some(triangles);
    }
    let Some(mut positions) = reader.vertices::<Vec3>(Semantic::Positions)? else {
        return Ok(None);
    };
    let n_vertices = positions.len();
    reader.selection.n_all.get_or_insert(n_vertices);
    let triangles = match (known_triangles, &reader.compressed) {
        (Some(triangles), _) => triangles,
        (None, Some(compressed)) => compressed.triangles(n_vertices)?,
        (None, None) => topology::triangles(accessors, source, n_vertices, warnings)?,
    };
    if triangles.is_empty() {
        warnings.note(&source.path, "has no triangles; left out");
        return Ok(None);
    }
    let mut normals = reader
        .vertices::<Vec3>(Semantic::Normals)?
        .unwrap_or_default();
    let mut tangents = match needs.tangents_from {
        // Without normals, authored tangents mean nothing.
        Some(_) if !normals.is_empty() => reader
            .vertices::<Vec4>(Semantic::Tangents)?
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    reader.displace("POSITION", &mut positions, |p, by: Vec3, w| *p += by * w)?;
    reader.displace("NORMAL", &mut normals, |n, by: Vec3, w| *n += by * w)?;
    reader.displace("TANGENT", &mut tangents, |t, by: Vec3, w| {
        *t += (by * w).extend(0.0);
    })?;
    check_positions(&positions, &reader.selection, &source.path)?;
    let mut texcoords = reader.texcoords(needs, warnings)?;
    let tangent_slot = match needs.tangents_from {
        Some(set) if tangents.is_empty() => {
            Some(reader.tangent_slot(set, needs, &mut texcoords, warnings)?)
        }
        _ => None,
    };
    let mut draft = Draft {
        bends: skinning::read_bends(&reader, n_vertices)?,
        mesh: Mesh {
            name: source.name.clone(),
            positions,
            normals,
            tangents,
            texcoords,
            colors: reader.colors(warnings)?,
            triangles,
        },
    };
    flat::note_without_area(&draft.mesh, &source.path, warnings);
    flat::drop_unused_vertices(&mut draft);
    let is_flat = draft.mesh.normals.is_empty();
    if is_flat {
        flat::unshare(&mut draft);
    } else {
        flat::mend_normals(&mut draft.mesh, &source.path, warnings);
    }
    match tangent_slot {
        Some(slot) => {
            tangent::generate(&mut draft, slot, &source.path, warnings);
            if let Some(unused) = draft.mesh.texcoords.get_mut(needs.texcoord_sets.len()..) {
                unused.fill(Vec::new());
            }
        }
        None => tangent::mend(&mut draft.mesh),
    }
    if !draft.bends.is_empty() {
        skinning::apply(&mut draft);
        check_positions(&draft.mesh.positions, &Selection::default(), &source.path)?;
        if is_flat {
            flat::set_face_normals(&mut draft.mesh);
        }
    }
    Ok(Some(draft.mesh))
}

/// The largest coordinate: products of two distances are still numbers then.
const MAX_COORDINATE: f32 = 1e18;

fn check_positions(positions: &[Vec3], read: &Selection, path: &str) -> Result<(), Fault> {
    let is_fine = |position: &Vec3| position.abs().cmple(Vec3::splat(MAX_COORDINATE)).all();
    match positions.iter().enumerate().find(|(_, p)| !is_fine(p)) {
        Some((bad, position)) => {
            let bad = read.number(bad);
            Err(Fault::invalid(
                format!("{path}/attributes/POSITION"),
                match position.is_finite() {
                    true => format!("vertex {bad} is at {position}, too far away to compute with"),
                    false => format!("the position of vertex {bad} is not finite"),
                },
            ))
        }
        None => Ok(()),
    }
}

/// Which vertices of a primitive to read.
#[derive(Default)]
struct Selection {
    /// How many there are, once that is known.
    n_all: Option<usize>,
    /// The numbers of those to read, which rise; `None` is all.
    only: Option<Vec<u32>>,
}

impl Selection {
    /// The number in the file of the vertex that is read as number `i`.
    fn number(&self, i: usize) -> usize {
        let number = self.only.as_ref().and_then(|only| only.get(i));
        number.map_or(i, |&number| number as usize)
    }
}

fn attribute(primitive: &Primitive, semantic: Semantic) -> Option<usize> {
    primitive
        .attributes
        .get(&Checked::Valid(semantic))
        .map(gltf::json::Index::value)
}

/// Reads the attributes of one primitive.
struct PrimitiveReader<'a, 'b> {
    accessors: Accessors<'a, 'b>,
    source: &'a Source<'a>,
    /// What of it is there in compressed form.
    compressed: Option<draco::Compressed>,
    /// What of the rest to read.
    selection: Selection,
}

impl PrimitiveReader<'_, '_> {
    /// How many vertices there are, by the accessor of their positions.
    fn count_positions(&self) -> Result<usize, Fault> {
        let Some(index) = attribute(self.source.primitive, Semantic::Positions) else {
            return Ok(0);
        };
        let path = format!("{}/attributes/POSITION", self.source.path);
        let count = self.accessors.count(index, &path)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Has accessor `index` as many elements as there are vertices?
    fn check_count(&self, index: usize, path: &str) -> Result<(), Fault> {
        self.check(self.accessors.count(index, path)?, path)
    }

    /// Has an unpacked attribute?
    fn check_unpacked(&self, unpacked: &Unpacked, path: &str) -> Result<(), Fault> {
        self.check(unpacked.count() as u64, path)
    }

    fn check(&self, count: u64, path: &str) -> Result<(), Fault> {
        match self.selection.n_all {
            Some(wanted) if count != wanted as u64 => Err(Fault::invalid(
                path,
                format!("has {count} elements for {wanted} positions"),
            )),
            _ => Ok(()),
        }
    }

    /// Reads accessor `index`, which must have as many elements as there are vertices.
    fn counted<T: bytemuck::Pod>(&self, index: usize, path: &str) -> Result<Vec<T>, Fault> {
        self.check_count(index, path)?;
        let only = self.selection.only.as_deref();
        self.accessors.floats_of(index, path, only)
    }

    /// Reads an attribute, if it is there.
    fn vertices<T: bytemuck::Pod>(&self, semantic: Semantic) -> Result<Option<Vec<T>>, Fault> {
        let Some(index) = attribute(self.source.primitive, semantic.clone()) else {
            return Ok(None);
        };
        let path = format!("{}/attributes/{}", self.source.path, semantic.to_string());
        match self.unpacked(&semantic, &path)? {
            Some(unpacked) => {
                self.check_unpacked(&unpacked, &path)?;
                self.accessors.floats_from(index, &path, &unpacked)
            }
            None => self.counted(index, &path),
        }
        .map(Some)
    }

    /// The attribute as it was compressed, if it was.
    fn unpacked(&self, semantic: &Semantic, path: &str) -> Result<Option<Unpacked>, Fault> {
        match &self.compressed {
            Some(compressed) => compressed.attribute(&semantic.to_string(), path),
            None => Ok(None),
        }
    }

    /// Adds what the morph targets say of attribute `name`.
    fn displace<T, D: bytemuck::Pod>(
        &self,
        name: &str,
        values: &mut [T],
        add: impl Fn(&mut T, D, f32),
    ) -> Result<(), Fault> {
        morph::displace(self, name, values, add)
    }

    /// Reads which joints each vertex hangs on, if the attribute is there.
    fn joints(&self, set: u32) -> Result<Option<Vec<[u32; 4]>>, Fault> {
        let semantic = Semantic::Joints(set);
        let Some(index) = attribute(self.source.primitive, semantic) else {
            return Ok(None);
        };
        let path = format!("{}/attributes/JOINTS_{set}", self.source.path);
        match self.unpacked(&Semantic::Joints(set), &path)? {
            Some(unpacked) => {
                self.check_unpacked(&unpacked, &path)?;
                unpacked.integers(&path)
            }
            None => {
                self.check_count(index, &path)?;
                let only = self.selection.only.as_deref();
                self.accessors.integers_of(index, &path, only)
            }
        }
        .map(Some)
    }

    fn texcoords(
        &self,
        needs: &Needs,
        warnings: &mut Warnings,
    ) -> Result<[Vec<Vec2>; crate::scene::mesh::MAX_TEXCOORD_SETS], Fault> {
        let mut texcoords: [Vec<Vec2>; crate::scene::mesh::MAX_TEXCOORD_SETS] = Default::default();
        for (texcoords, &set) in texcoords.iter_mut().zip(&needs.texcoord_sets) {
            match self.texcoord_set(set, warnings)? {
                Some(read) => *texcoords = read,
                None => warnings.note(
                    &self.source.path,
                    format!(
                        "its material's textures use TEXCOORD_{set}, which it lacks; (0, 0) is used"
                    ),
                ),
            }
        }
        Ok(texcoords)
    }

    fn texcoord_set(&self, set: u32, warnings: &mut Warnings) -> Result<Option<Vec<Vec2>>, Fault> {
        let read = self.vertices::<Vec2>(Semantic::TexCoords(set))?;
        let Some(mut texcoords) = read else {
            return Ok(None);
        };
        let name = format!("TEXCOORD_{set}");
        self.displace(&name, &mut texcoords, |uv, by: Vec2, w| *uv += by * w)?;
        let mut mended = false;
        for uv in texcoords.iter_mut().filter(|uv| !uv.is_finite()) {
            *uv = Vec2::ZERO;
            mended = true;
        }
        if mended {
            warnings.note(
                format!("{}/attributes/TEXCOORD_{set}", self.source.path),
                "texture coordinates that are not finite; (0, 0) is used for them",
            );
        }
        Ok(Some(texcoords))
    }

    /// Which of the `texcoords` tangents are to follow. When no texture uses glTF's `set`, it is
    /// put behind those that are used, for as long as the tangents are made.
    fn tangent_slot(
        &self,
        set: u32,
        needs: &Needs,
        texcoords: &mut [Vec<Vec2>],
        warnings: &mut Warnings,
    ) -> Result<usize, Fault> {
        if let Some(slot) = needs.texcoord_sets.iter().position(|&known| known == set) {
            return Ok(slot);
        }
        let Some(spare) = texcoords.get_mut(needs.texcoord_sets.len()) else {
            return Ok(0);
        };
        *spare = self.texcoord_set(set, warnings)?.unwrap_or_default();
        Ok(needs.texcoord_sets.len())
    }

    fn colors(&self, warnings: &mut Warnings) -> Result<Vec<Vec4>, Fault> {
        let Some(index) = attribute(self.source.primitive, Semantic::Colors(0)) else {
            return Ok(Vec::new());
        };
        let path = format!("{}/attributes/COLOR_0", self.source.path);
        let (components, plain_integers) = self.accessors.shape(index, &path)?;
        if plain_integers {
            return Err(Fault::invalid(
                path,
                "holds integers that are not normalized",
            ));
        }
        let semantic = Semantic::Colors(0);
        let mut colors = if components == 3 {
            let rgb = self.vertices::<Vec3>(semantic)?.unwrap_or_default();
            rgb.into_iter().map(|rgb| rgb.extend(1.0)).collect()
        } else {
            self.vertices::<Vec4>(semantic)?.unwrap_or_default()
        };
        self.displace_colors(&mut colors)?;
        let mut mended = false;
        for color in colors.iter_mut().filter(|color| !color.is_finite()) {
            *color = Vec4::ONE;
            mended = true;
        }
        if mended {
            warnings.note(
                path,
                "vertex colours that are not finite; white is used for them",
            );
        }
        Ok(colors)
    }

    /// Adds what the morph targets say of the colours, by three or four components.
    fn displace_colors(&self, colors: &mut [Vec4]) -> Result<(), Fault> {
        let mut moved = false;
        morph::for_each(self.source, "COLOR_0", |accessor, path, weight| {
            moved = true;
            let by: Vec<Vec4> = match self.accessors.shape(accessor, path)?.0 {
                3 => self
                    .counted::<Vec3>(accessor, path)?
                    .into_iter()
                    .map(|rgb| rgb.extend(0.0))
                    .collect(),
                _ => self.counted(accessor, path)?,
            };
            for (color, by) in colors.iter_mut().zip(by) {
                *color += by * weight;
            }
            Ok(())
        })?;
        if moved {
            for color in colors {
                *color = color.clamp(Vec4::ZERO, Vec4::ONE);
            }
        }
        Ok(())
    }
}
