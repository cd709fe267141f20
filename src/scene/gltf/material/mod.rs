//! Materials: the core's metallic-roughness model here, its extensions one family a file.

mod coat;
mod reflection;
mod texture;
mod transmission;
mod treatment;

pub(super) use texture::TextureUses;
pub use treatment::PropertyTreatment;
pub(super) use treatment::{check as check_properties, list as list_properties};

use super::error::Fault;
use super::properties::Properties;
use super::range::{FINITE, NON_NEGATIVE, UNIT};
use crate::scene::MaterialId;
use crate::scene::material::{AlphaMode, Material, NormalMap};
use glam::Vec3;
use gltf::json::validation::Checked;
use gltf::json::{self, Root};
use std::collections::HashMap;
use texture::{TextureInfo, TextureReader};

/// What a material asks of the meshes that wear it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Needs {
    /// glTF's texture coordinate sets, in the order of the mesh's.
    pub(super) texcoord_sets: Vec<u32>,
    /// Tangents are needed; where none are authored they follow this glTF set.
    pub(super) tangents_from: Option<u32>,
}

/// Reads materials as they are met; each only once.
pub(super) struct MaterialReader<'a> {
    root: &'a Root,
    /// Read so far.
    pub(super) materials: Vec<Material>,
    needs: Vec<Needs>,
    /// Which images they use.
    pub(super) textures: TextureUses,
    known: HashMap<Option<usize>, MaterialId>,
}

impl<'a> MaterialReader<'a> {
    /// Nothing is read yet.
    pub(super) fn new(root: &'a Root) -> Self {
        Self {
            root,
            materials: Vec::new(),
            needs: Vec::new(),
            textures: TextureUses::default(),
            known: HashMap::new(),
        }
    }

    /// What material `id` asks of its meshes.
    pub(super) fn needs(&self, id: MaterialId) -> Needs {
        self.needs.get(id.0 as usize).cloned().unwrap_or_default()
    }

    /// Reads material `index`, or the default one. `user` is the JSON pointer of the property that
    /// holds the index.
    ///
    /// # Errors
    /// When there is no such material, or a property of it is impossible.
    pub(super) fn get(&mut self, index: Option<usize>, user: &str) -> Result<MaterialId, Fault> {
        if let Some(&id) = self.known.get(&index) {
            return Ok(id);
        }
        let (material, needs) = match index {
            None => (Material::default(), Needs::default()),
            Some(index) => {
                let Some(authored) = self.root.materials.get(index) else {
                    return Err(Fault::invalid(
                        user,
                        format!("there is no material {index}"),
                    ));
                };
                let path = format!("/materials/{index}");
                read(
                    authored,
                    &path,
                    TextureReader::new(self.root, &mut self.textures),
                )?
            }
        };
        let id = MaterialId(self.materials.len() as u32);
        self.materials.push(material);
        self.needs.push(needs);
        self.known.insert(index, id);
        Ok(id)
    }
}

fn read(
    authored: &json::Material,
    path: &str,
    mut textures: TextureReader<'_>,
) -> Result<(Material, Needs), Fault> {
    let extensions = authored
        .extensions
        .as_ref()
        .map(|extensions| &extensions.others);
    let extension = |name: &str| Properties::extension(extensions, path, name);

    let mut material = Material {
        name: authored.name.clone().unwrap_or_default(),
        double_sided: authored.double_sided,
        alpha_mode: alpha_mode(authored, path)?,
        ..Material::default()
    };
    let glossy = extension("KHR_materials_pbrSpecularGlossiness")?;
    match &glossy {
        Some(properties) => reflection::read_glossy(properties, &mut textures, &mut material)?,
        None => read_base_color(authored, path, &mut textures, &mut material)?,
    }
    if extension("KHR_materials_unlit")?.is_some() {
        // What else the material has is for readers without the extension.
        material.unlit = true;
        return Ok((material, textures.into_needs(None)));
    }
    if glossy.is_none() {
        read_metallic_roughness(authored, path, &mut textures, &mut material)?;
    }
    read_additional(authored, path, &mut textures, &mut material)?;

    if let Some(properties) = extension("KHR_materials_emissive_strength")? {
        material.emissive *= properties.number("emissiveStrength", 1.0, NON_NEGATIVE)?;
    }
    if let Some(properties) = extension("KHR_materials_ior")? {
        reflection::read_ior(&properties, &mut material)?;
    }
    if let Some(properties) = extension("KHR_materials_specular")? {
        reflection::read_specular(&properties, &mut textures, &mut material)?;
    }
    if let Some(properties) = extension("KHR_materials_anisotropy")? {
        material.anisotropy = reflection::read_anisotropy(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_iridescence")? {
        material.iridescence = reflection::read_iridescence(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_clearcoat")? {
        material.clearcoat = coat::read_clearcoat(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_sheen")? {
        material.sheen = coat::read_sheen(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_transmission")? {
        material.transmission = transmission::read_transmission(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_diffuse_roughness")? {
        material.diffuse_roughness =
            reflection::read_diffuse_roughness(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_diffuse_transmission")? {
        material.diffuse_transmission = transmission::read_diffuse(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_volume")? {
        material.volume = Some(transmission::read_volume(&properties)?);
    }
    if let Some(properties) = extension("KHR_materials_volume_scatter")? {
        material.volume_scatter = transmission::read_volume_scatter(&properties, &mut textures)?;
    }
    if let Some(properties) = extension("KHR_materials_dispersion")? {
        material.dispersion = properties.number("dispersion", 0.0, NON_NEGATIVE)?;
    }
    let needs = textures.into_needs(tangent_slot(&material));
    Ok((material, needs))
}

fn alpha_mode(authored: &json::Material, path: &str) -> Result<AlphaMode, Fault> {
    use json::material::AlphaMode as Authored;
    match authored.alpha_mode {
        Checked::Valid(Authored::Opaque) => Ok(AlphaMode::Opaque),
        Checked::Valid(Authored::Blend) => Ok(AlphaMode::Blend),
        Checked::Valid(Authored::Mask) => {
            let cutoff = authored.alpha_cutoff.unwrap_or_default().0;
            let cutoff = NON_NEGATIVE.check(cutoff, || format!("{path}/alphaCutoff"))?;
            Ok(AlphaMode::Mask { cutoff })
        }
        Checked::Invalid => Err(Fault::invalid(
            format!("{path}/alphaMode"),
            "is neither OPAQUE, MASK nor BLEND",
        )),
    }
}

fn read_base_color(
    authored: &json::Material,
    path: &str,
    textures: &mut TextureReader<'_>,
    material: &mut Material,
) -> Result<(), Fault> {
    let pbr = &authored.pbr_metallic_roughness;
    let path = format!("{path}/pbrMetallicRoughness");
    let [red, green, blue, alpha] = unit_array(pbr.base_color_factor.0, &path, "baseColorFactor")?;
    material.base_color = Vec3::new(red, green, blue);
    material.base_alpha = alpha;
    material.base_color_texture = textures.core(pbr.base_color_texture.as_ref(), || {
        format!("{path}/baseColorTexture")
    })?;
    Ok(())
}

fn read_metallic_roughness(
    authored: &json::Material,
    path: &str,
    textures: &mut TextureReader<'_>,
    material: &mut Material,
) -> Result<(), Fault> {
    let pbr = &authored.pbr_metallic_roughness;
    let pbr_path = |name: &str| format!("{path}/pbrMetallicRoughness/{name}");
    material.metallic = UNIT.check(pbr.metallic_factor.0, || pbr_path("metallicFactor"))?;
    material.roughness = UNIT.check(pbr.roughness_factor.0, || pbr_path("roughnessFactor"))?;
    material.metallic_roughness_texture = textures
        .core(pbr.metallic_roughness_texture.as_ref(), || {
            pbr_path("metallicRoughnessTexture")
        })?;
    Ok(())
}

fn read_additional(
    authored: &json::Material,
    path: &str,
    textures: &mut TextureReader<'_>,
    material: &mut Material,
) -> Result<(), Fault> {
    if let Some(normal) = &authored.normal_texture {
        let path = format!("{path}/normalTexture");
        let scale = FINITE.check(normal.scale, || format!("{path}/scale"))?;
        let info = TextureInfo {
            index: normal.index.value(),
            tex_coord: normal.tex_coord,
            extensions: normal
                .extensions
                .as_ref()
                .map(|extensions| &extensions.others),
            path,
        };
        material.normal = Some(NormalMap {
            texture: textures.read(&info)?,
            scale,
        });
    }
    // The occlusion texture stands for what a path tracer finds out by itself.
    material.emissive = Vec3::from_array(
        unit_array(authored.emissive_factor.0, path, "emissiveFactor").map_err(|fault| {
            fault.cure("say how much brighter by KHR_materials_emissive_strength")
        })?,
    );
    if material.emissive != Vec3::ZERO {
        material.emissive_texture = textures.core(authored.emissive_texture.as_ref(), || {
            format!("{path}/emissiveTexture")
        })?;
    }
    Ok(())
}

fn unit_array<const N: usize>(values: [f32; N], path: &str, name: &str) -> Result<[f32; N], Fault> {
    for (i, &value) in values.iter().enumerate() {
        UNIT.check(value, || format!("{path}/{name}/{i}"))?;
    }
    Ok(values)
}

/// The texture coordinate set (of the mesh) that tangents follow, when the material needs any.
/// The specification names the normal texture's; the rest is for materials without one.
fn tangent_slot(material: &Material) -> Option<Option<u32>> {
    let slot = |texture: &crate::scene::texture::TextureRef| texture.texcoord_set;
    let normal = material.normal.as_ref().map(|normal| slot(&normal.texture));
    let coat = material
        .clearcoat
        .as_ref()
        .and_then(|coat| coat.normal.as_ref());
    let coat = coat.map(|normal| slot(&normal.texture));
    let grain = material.anisotropy.as_ref();
    let needed = normal.is_some() || coat.is_some() || grain.is_some();
    let grain = grain.and_then(|grain| grain.texture.as_ref()).map(slot);
    needed.then_some(normal.or(grain).or(coat))
}
