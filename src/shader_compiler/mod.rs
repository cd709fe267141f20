//! The shader compiler: links, validates and translates `shaders/` for the CPU.
//!
//! It is the build script (`main.rs`) and knows nothing of the renderer; tests include it as a module.
//! [`source`] reads the tree of WGSL files, [`link`] makes one validated naga module of it, [`records`] writes the Rust
//! twins of the record structs, [`translate`] the functions as lane-wide Rust, [`stage`] what Rust calls them by,
//! [`paged`] the text that a GPU loads.

pub mod error;
pub mod link;
pub mod paged;
/// WGSL of the pages, which the kernel writes at run time.
#[path = "../kernel/pages.rs"]
pub mod pages;
pub mod records;
pub mod source;
pub mod stage;
pub mod translate;
