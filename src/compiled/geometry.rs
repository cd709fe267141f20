//! Vertex, triangle and instance tables.
//!
//! Meshes are packed one after the other and freed on the way: only positions and indices outlive packing, until the
//! acceleration structure is built.

use super::record::{self, Vertex, VertexExtra};
use super::scattering::has_open_boundary;
use crate::math::{Bounds, encode_normal, encode_tangent};
use crate::scene::material::{AlphaMode, Material};
use crate::scene::mesh::Mesh;
use crate::scene::texture::{Image, Texels};
use crate::scene::{Instance, Scene};
use glam::{Vec2, Vec4};
use rayon::prelude::*;

/// Vertices a task packs at least.
const MIN_CHUNK: usize = 4096;

/// Where a mesh lies in the tables.
#[derive(Clone, Copy, Debug)]
pub struct MeshRange {
    /// First entry in the triangle table.
    pub first_triangle: u32,
    /// Entries in the triangle table.
    pub n_triangles: u32,
    /// Add to a vertex index to get its `VertexExtra`, if the mesh has any.
    extra_offset: u32,
    has_extra: bool,
    has_tangents: bool,
    /// Object space.
    pub bounds: Bounds,
}

/// Geometry of all meshes as the shaders read it.
#[derive(Debug, Default)]
pub struct GeometryTables {
    /// Vertices of all meshes.
    pub vertices: Vec<Vertex>,
    /// What few vertices have.
    pub vertex_extras: Vec<VertexExtra>,
    /// Triangles of all meshes.
    pub triangles: Vec<record::Triangle>,
    /// By mesh.
    pub meshes: Vec<MeshRange>,
}

/// Each mesh's first entry in the triangle table that [`GeometryTables::pack`] makes of `meshes`.
pub fn first_triangles(meshes: &[Mesh]) -> Vec<u32> {
    meshes
        .iter()
        .scan(0, |next, mesh| {
            let first = *next;
            *next += mesh.triangles.len() as u32;
            Some(first)
        })
        .collect()
}

impl GeometryTables {
    /// Packs `meshes`, taking everything but positions and indices from them.
    pub fn pack(meshes: &mut [Mesh]) -> Self {
        let n_vertices = meshes.iter().map(|m| m.positions.len()).sum();
        let n_triangles = meshes.iter().map(|m| m.triangles.len()).sum();
        let mut tables = Self {
            vertices: Vec::with_capacity(n_vertices),
            triangles: Vec::with_capacity(n_triangles),
            meshes: Vec::with_capacity(meshes.len()),
            vertex_extras: Vec::new(),
        };
        for mesh in meshes {
            tables.push(mesh);
            *mesh = Mesh {
                name: std::mem::take(&mut mesh.name),
                positions: std::mem::take(&mut mesh.positions),
                triangles: std::mem::take(&mut mesh.triangles),
                ..Mesh::default()
            };
        }
        tables
    }

    fn push(&mut self, mesh: &Mesh) {
        let first_vertex = self.vertices.len() as u32;
        let first_triangle = self.triangles.len() as u32;
        let first_extra = self.vertex_extras.len() as u32;
        let n = mesh.positions.len();
        let uv = |set: usize, i: usize| mesh.texcoords[set].get(i).copied().unwrap_or(Vec2::ZERO);

        self.vertices.par_extend(
            (0..n)
                .into_par_iter()
                .with_min_len(MIN_CHUNK)
                .map(|i| Vertex {
                    position: mesh.positions[i].to_array(),
                    normal: encode_normal(mesh.normals[i]),
                    uv: uv(0, i).to_array(),
                    tangent: mesh.tangents.get(i).map_or(0, |t| encode_tangent(*t)),
                    padding_a: 0,
                }),
        );
        let has_extra = !(mesh.colors.is_empty()
            && mesh.texcoords[1].is_empty()
            && mesh.texcoords[2].is_empty());
        if has_extra {
            self.vertex_extras
                .par_extend(
                    (0..n)
                        .into_par_iter()
                        .with_min_len(MIN_CHUNK)
                        .map(|i| VertexExtra {
                            color: mesh.colors.get(i).copied().unwrap_or(Vec4::ONE).to_array(),
                            uv_b: uv(1, i).to_array(),
                            uv_c: uv(2, i).to_array(),
                        }),
                );
        }
        self.triangles
            .par_extend(mesh.triangles.par_iter().with_min_len(MIN_CHUNK).map(|t| {
                record::Triangle {
                    a: first_vertex + t[0],
                    b: first_vertex + t[1],
                    c: first_vertex + t[2],
                    padding_a: 0,
                }
            }));
        self.meshes.push(MeshRange {
            first_triangle,
            n_triangles: mesh.triangles.len() as u32,
            extra_offset: first_extra.wrapping_sub(first_vertex),
            has_extra,
            has_tangents: !mesh.tangents.is_empty(),
            bounds: Bounds::of_points(&mesh.positions),
        });
    }

    /// Bytes the tables take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.vertices.as_slice())
            + size_of_val(self.vertex_extras.as_slice())
            + size_of_val(self.triangles.as_slice())
    }

    /// The first broken invariant of these tables and of `instances`, in words.
    ///
    /// # Errors
    /// An index outside its table, or a number that is not finite.
    pub fn validate(&self, instances: &[record::Instance]) -> Result<(), String> {
        let finite = |numbers: &[f32]| numbers.iter().all(|x| x.is_finite());
        for (i, v) in self.vertices.iter().enumerate() {
            if !(finite(&v.position) && finite(&v.uv)) {
                return Err(format!("vertex {i} is not finite"));
            }
        }
        for (i, v) in self.vertex_extras.iter().enumerate() {
            if !(finite(&v.color) && finite(&v.uv_b) && finite(&v.uv_c)) {
                return Err(format!("vertex extra {i} is not finite"));
            }
        }
        for (i, t) in self.triangles.iter().enumerate() {
            if t.a.max(t.b).max(t.c) as usize >= self.vertices.len() {
                return Err(format!("triangle {i} names a vertex that is not there"));
            }
        }
        for (i, mesh) in self.meshes.iter().enumerate() {
            let (first, n) = (mesh.first_triangle as usize, mesh.n_triangles as usize);
            let Some(triangles) = self.triangles.get(first..first + n) else {
                return Err(format!("mesh {i} lies outside the triangle table"));
            };
            let lacks_extra = |vertex: u32| {
                vertex.wrapping_add(mesh.extra_offset) as usize >= self.vertex_extras.len()
            };
            let mut corners = triangles.iter().flat_map(|t| [t.a, t.b, t.c]);
            if mesh.has_extra && corners.any(lacks_extra) {
                return Err(format!("mesh {i} names a vertex extra that is not there"));
            }
        }
        for (i, instance) in instances.iter().enumerate() {
            let rows = [
                instance.world_from_object_x,
                instance.world_from_object_y,
                instance.world_from_object_z,
            ];
            if !finite(rows.as_flattened()) {
                return Err(format!("instance {i} is not placed by finite numbers"));
            }
            if instance.first_triangle as usize > self.triangles.len() {
                return Err(format!("instance {i} lies outside the triangle table"));
            }
        }
        Ok(())
    }

    /// World bounds of every instance.
    pub fn instance_bounds(&self, instances: &[Instance]) -> Vec<Bounds> {
        instances
            .iter()
            .map(|i| {
                self.meshes[i.mesh.0 as usize]
                    .bounds
                    .transformed(&i.world_from_object)
            })
            .collect()
    }

    /// The instance table, without its lights. `media` holds the medium index of every instance or `INVALID`.
    pub fn instances(
        &self,
        scene: &Scene,
        non_opaque: &[bool],
        media: &[u32],
    ) -> Vec<record::Instance> {
        let pack = |(index, instance): (usize, &Instance)| {
            let mesh = &self.meshes[instance.mesh.0 as usize];
            let m = &instance.world_from_object;
            let row = |axis: usize| {
                [
                    m.x_axis[axis],
                    m.y_axis[axis],
                    m.z_axis[axis],
                    m.translation[axis],
                ]
            };
            let mut flags = 0;
            let mut set = |flag: u32, holds: bool| flags |= if holds { flag } else { 0 };
            set(record::INSTANCE_MIRRORED, m.matrix3.determinant() < 0.0);
            set(record::INSTANCE_NON_OPAQUE, non_opaque[index]);
            set(record::INSTANCE_HAS_EXTRA, mesh.has_extra);
            set(record::INSTANCE_HAS_TANGENTS, mesh.has_tangents);
            record::Instance {
                world_from_object_x: row(0),
                world_from_object_y: row(1),
                world_from_object_z: row(2),
                material: instance.material.0,
                medium: media[index],
                first_light: record::INVALID,
                flags,
                first_triangle: mesh.first_triangle,
                extra_offset: mesh.extra_offset,
                padding_a: 0,
                padding_b: 0,
            }
        };
        scene.instances.iter().enumerate().map(pack).collect()
    }
}

/// By instance: may shadow rays pass, by alpha or because it is the open boundary of a medium? Looks at the texels and
/// vertex colours, as much is authored "blend" that is opaque everywhere.
pub(super) fn find_non_opaque(scene: &Scene) -> Vec<bool> {
    let images: Vec<bool> = scene.images.par_iter().map(has_alpha).collect();
    let meshes: Vec<f32> = scene
        .meshes
        .par_iter()
        .map(|m| m.colors.iter().fold(1.0, |least: f32, c| least.min(c.w)))
        .collect();
    let least_alpha = |material: &Material, mesh: usize| {
        let image = material
            .base_color_texture
            .as_ref()
            .is_some_and(|t| images[t.image.0 as usize]);
        if image {
            0.0
        } else {
            material.base_alpha * meshes[mesh]
        }
    };
    let passes = |instance: &Instance| {
        let material = &scene.materials[instance.material.0 as usize];
        let alpha = least_alpha(material, instance.mesh.0 as usize);
        match material.alpha_mode {
            _ if has_open_boundary(material) => true,
            AlphaMode::Opaque => false,
            AlphaMode::Mask { cutoff } => alpha < cutoff,
            AlphaMode::Blend => alpha < 1.0,
        }
    };
    scene.instances.iter().map(passes).collect()
}

/// Is any texel less than opaque?
fn has_alpha(image: &Image) -> bool {
    match image.pixels.texels() {
        Texels::Narrow(p) => p.chunks_exact(4).any(|t| t[3] < u8::MAX),
        Texels::Wide(p) => p.chunks_exact(4).any(|t| t[3] < u16::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::texture::{Pixels, TexelFilter, TextureRef, Wrap};
    use crate::scene::{ImageId, MaterialId, MeshId};
    use glam::{Affine2, Affine3A, Vec3};

    fn triangle(colors: Vec<Vec4>) -> Mesh {
        Mesh {
            positions: vec![Vec3::ZERO, Vec3::X, Vec3::Y],
            normals: vec![Vec3::Z; 3],
            triangles: vec![[0, 1, 2]],
            colors,
            ..Mesh::default()
        }
    }

    #[test]
    fn tables_point_at_their_own_mesh() {
        let mut meshes = [
            triangle(vec![]),
            triangle(vec![Vec4::splat(0.5); 3]),
            triangle(vec![]),
            triangle(vec![Vec4::splat(0.25); 3]),
        ];
        let tables = GeometryTables::pack(&mut meshes);
        assert_eq!((tables.vertices.len(), tables.vertex_extras.len()), (12, 6));
        for (k, mesh) in tables.meshes.iter().enumerate() {
            assert_eq!(mesh.first_triangle, k as u32);
            assert_eq!(tables.triangles[k].a, 3 * k as u32);
        }
        let extra = |mesh: usize, vertex: u32| {
            tables.vertex_extras[vertex.wrapping_add(tables.meshes[mesh].extra_offset) as usize]
        };
        assert_eq!(extra(1, 3).color, [0.5; 4]);
        assert_eq!(extra(3, 11).color, [0.25; 4]);
        assert!(
            meshes
                .iter()
                .all(|m| m.normals.is_empty() && m.positions.len() == 3)
        );
    }

    #[test]
    fn damage_is_found() {
        let packed = || GeometryTables::pack(&mut [triangle(vec![Vec4::ONE; 3])]);
        let mut instance = record::Instance::default();
        assert_eq!(packed().validate(&[instance]), Ok(()));
        let damages: [fn(&mut GeometryTables); 6] = [
            |t| t.vertices[1].position[2] = f32::NAN,
            |t| t.vertex_extras[2].uv_b[0] = f32::INFINITY,
            |t| t.triangles[0].c = 3,
            |t| t.meshes[0].n_triangles = 2,
            |t| t.meshes[0].extra_offset = 1,
            |t| t.vertices.clear(),
        ];
        for (i, damage) in damages.iter().enumerate() {
            let mut tables = packed();
            damage(&mut tables);
            assert!(tables.validate(&[instance]).is_err(), "damage {i}");
        }
        instance.world_from_object_y[3] = f32::NAN;
        assert!(packed().validate(&[instance]).is_err());
        let elsewhere = record::Instance {
            first_triangle: 2,
            ..record::Instance::default()
        };
        assert!(packed().validate(&[elsewhere]).is_err());
    }

    #[test]
    fn alpha_counts_only_where_something_is_thin() {
        let image = |alpha| Image {
            name: String::new(),
            width: 1,
            height: 1,
            pixels: Pixels::Rgba8(vec![0, 0, 0, alpha]),
        };
        let texture = |index| {
            Some(TextureRef {
                image: ImageId(index),
                texcoord_set: 0,
                uv_transform: Affine2::IDENTITY,
                wrap: [Wrap::Repeat; 2],
                filter: TexelFilter::Nearest,
            })
        };
        let material = |alpha_mode, base_alpha, base_color_texture| Material {
            alpha_mode,
            base_alpha,
            base_color_texture,
            ..Material::default()
        };
        let mask = AlphaMode::Mask { cutoff: 0.5 };
        let cases = [
            (material(AlphaMode::Opaque, 0.1, texture(1)), false),
            (material(AlphaMode::Blend, 1.0, None), false),
            (material(AlphaMode::Blend, 0.9, None), true),
            (material(AlphaMode::Blend, 1.0, texture(0)), false),
            (material(AlphaMode::Blend, 1.0, texture(1)), true),
            (material(mask, 0.6, None), false),
            (material(mask, 0.4, None), true),
        ];
        let scene = Scene {
            meshes: vec![triangle(vec![])],
            images: vec![image(255), image(254)],
            instances: (0..cases.len() as u32)
                .map(|k| Instance {
                    mesh: MeshId(0),
                    material: MaterialId(k),
                    node: 0,
                    world_from_object: Affine3A::IDENTITY,
                })
                .collect(),
            materials: cases.iter().map(|(material, _)| material.clone()).collect(),
            ..Scene::default()
        };
        let expected: Vec<bool> = cases.iter().map(|(_, thin)| *thin).collect();
        assert_eq!(find_non_opaque(&scene), expected);
    }
}
