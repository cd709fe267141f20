//! What is rendered: flat tables of records that both back ends read.

pub mod albedo;
pub mod bvh;
pub mod environment;
mod geometry;
pub mod lights;
pub mod materials;
mod media;
pub mod record;
pub mod textures;
