//! The shaders as a GPU loads them: light transport, traversal and passes in one text.
//!
//! Scene tables lie end to end in pages of rows of 16 bytes; a uniform buffer at group 1, binding 1 holds, as one `u32`
//! each, the first row of every table of [`TABLES`] in that order.

use crate::pages::page_section;

include!(concat!(env!("OUT_DIR"), "/paged.rs"));

/// Bytes of a row.
pub const ROW_BYTES: u64 = 16;

/// Binding, in group 1, of the first page; the others follow.
pub const FIRST_PAGE_BINDING: u32 = 2;

/// WGSL for a scene in `pages` pages (at least 1) of 2^`page_rows_log2` rows each.
#[must_use]
pub fn source(pages: u32, page_rows_log2: u32) -> String {
    let section = page_section(pages, page_rows_log2);
    format!("{}\n{section}", TEXT)
}
