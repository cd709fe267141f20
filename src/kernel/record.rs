//! Records: the structs that shaders and Rust share, generated from `shaders/records` (and `shaders/probe` for tests).
//!
//! Names, order and layout are WGSL's; vectors are arrays. What each field means is written there and carried over.

include!(concat!(env!("OUT_DIR"), "/record.rs"));
