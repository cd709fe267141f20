//! The pages that hold the scene on a GPU, as WGSL.
//!
//! Written for a number of pages at run time: a scene that fits one page pays for no choice between pages, and a device
//! that allows many storage buffers or large ones gets them. The build script includes this file too, to validate what
//! it writes.

use std::fmt::Write;

/// Bindings `2 …` of group 1; `load_row`, which reads row `row` of 16 bytes out of `pages` pages of 2^`page_rows_log2` rows
/// each; and `load_word`, which reads one of its words: four times as much would be loaded for one word of a row.
pub fn page_section(pages: u32, page_rows_log2: u32) -> String {
    let mut text = String::new();
    for page in 0..pages {
        let binding = page + 2;
        let _ = writeln!(
            text,
            "@group(1) @binding({binding}) var<storage, read> page_{page}: array<vec4<u32>>;"
        );
    }
    text.push_str("/// Row `row` of the scene.\nfn load_row(row: u32) -> vec4<u32> {\n");
    push_choice(&mut text, pages, page_rows_log2, "");
    text.push_str("/// Word `word` of row `row`.\nfn load_word(row: u32, word: u32) -> u32 {\n");
    push_choice(&mut text, pages, page_rows_log2, "[word]");
    text
}

/// Appends the body of a function that returns row `row`, or what `part` takes of it.
fn push_choice(text: &mut String, pages: u32, page_rows_log2: u32, part: &str) {
    if pages <= 1 {
        let _ = writeln!(text, "    return page_0[row]{part};\n}}");
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
            "        case {page}u: {{\n            return page_{page}[place]{part};\n        }}"
        );
    }
    let _ = writeln!(
        text,
        "        default: {{\n            return page_0[place]{part};\n        }}\n    }}\n}}"
    );
}
