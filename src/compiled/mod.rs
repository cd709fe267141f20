//! What is rendered: flat tables of records that both back ends read.

pub mod albedo;
pub mod bvh;
pub mod environment;
mod geometry;
mod huge_pages;
pub mod lights;
pub mod materials;
mod media;
pub mod record;
pub mod textures;
