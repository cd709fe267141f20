//! The glTF importer against files made here, one feature or fault at a time; and, where
//! `SKYWELL_TEST_DATA` names them, against the Khronos sample models and the reference scenes.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod animation;
mod compressed;
mod compressed_images;
mod errors;
mod fixture;
mod geometry;
mod images;
mod instancing;
mod lights;
mod materials;
mod pointer;
mod samples;
mod scenes;
mod twins;
mod variants;
