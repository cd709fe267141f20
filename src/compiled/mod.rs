//! What is rendered: flat tables of records that both back ends read.

pub mod bvh;
mod geometry;
mod media;
pub mod record;
