//! The pages that hold the scene on a GPU, as WGSL.
//!
//! Written for a number of pages at run time: a scene that fits one page pays for no choice between pages, and a device
//! that allows many storage buffers or large ones gets them. The build script includes this file too, to validate what
//! it writes.

use std::fmt::Write;

/// What shaders are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// GPUs: pages are storage buffers, and what a lane puts aside while it walks the accelerator lies in workgroup memory.
    Hardware,
    /// Software that plays a GPU, such as Mesa's llvmpipe. Its lanes are those of vector registers, but what they read from
    /// storage buffers or from memory that they index, they read one after the other; from images, they read in vectors. So
    /// pages are images, and what a lane puts aside lies in registers first: together, half as many samples again on the hero
    /// scene.
    Software,
}

/// Rows of 16 bytes of a page side by side, where pages are images, as a power of two.
pub const IMAGE_WIDTH_LOG2: u32 = 13;

/// Bindings `2 …` of group 1; `load_row`, which reads row `row` of 16 bytes out of `pages` pages of 2^`page_rows_log2` rows
/// each; and `load_word`, which reads one of its words: from a buffer, four times as much would be loaded for one word of a
/// row.
pub fn page_section(target: Target, pages: u32, page_rows_log2: u32) -> String {
    let mut text = String::new();
    for page in 0..pages {
        let binding = page + 2;
        let declaration = match target {
            Target::Hardware => format!("var<storage, read> page_{page}: array<vec4<u32>>;"),
            Target::Software => {
                format!("var page_{page}: texture_storage_2d<rgba32uint, read>;")
            }
        };
        let _ = writeln!(text, "@group(1) @binding({binding}) {declaration}");
    }
    text.push_str("/// Row `row` of the scene.\nfn load_row(row: u32) -> vec4<u32> {\n");
    push_choice(&mut text, target, pages, page_rows_log2, "");
    text.push_str("/// Word `word` of row `row`.\nfn load_word(row: u32, word: u32) -> u32 {\n");
    push_choice(&mut text, target, pages, page_rows_log2, "[word]");
    text
}

/// Row `row` (a variable) of page `page`.
fn row_of(target: Target, page: u32, row: &str) -> String {
    match target {
        Target::Hardware => format!("page_{page}[{row}]"),
        Target::Software => {
            let mask = (1_u32 << IMAGE_WIDTH_LOG2) - 1;
            format!(
                "textureLoad(page_{page}, vec2<u32>({row} & {mask}u, {row} >> {IMAGE_WIDTH_LOG2}u))"
            )
        }
    }
}

/// Appends the body of a function that returns row `row`, or what `part` takes of it.
fn push_choice(text: &mut String, target: Target, pages: u32, page_rows_log2: u32, part: &str) {
    if pages <= 1 {
        let _ = writeln!(text, "    return {}{part};\n}}", row_of(target, 0, "row"));
        return;
    }
    let mask = (1_u32 << page_rows_log2) - 1;
    let _ = writeln!(
        text,
        "    let place = row & {mask}u;\n    switch (row >> {page_rows_log2}u) {{"
    );
    for page in 1..pages {
        let _ = writeln!(
            text,
            "        case {page}u: {{\n            return {}{part};\n        }}",
            row_of(target, page, "place")
        );
    }
    let _ = writeln!(
        text,
        "        default: {{\n            return {}{part};\n        }}\n    }}\n}}",
        row_of(target, 0, "place")
    );
}
