//! Identifiers: WGSL's names, changed only where Rust or the generated text needs the name itself.

/// Rust keywords and names that generated functions use.
const TAKEN: &[&str] = &[
    "Self",
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "Bits",
    "Bound",
    "Compare",
    "Convert",
    "F",
    "Float",
    "Group",
    "I",
    "Int",
    "L",
    "M",
    "Mask",
    "Mat",
    "Math",
    "Order",
    "Rows",
    "Select",
    "Table",
    "U",
    "Uint",
    "Vec2",
    "Vec3",
    "Vec4",
    "Zero",
    "active",
    "array_get",
    "array_set",
    "extract_bits",
    "extract_bits_signed",
    "insert_bits",
    "lanes2",
    "lanes3",
    "lanes4",
    "packing",
    "record",
    "result",
    "tables",
    "vec2",
    "vec3",
    "vec4",
];

/// `name` as a Rust identifier.
pub fn identifier(name: &str) -> String {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        })
    };
    let own = [
        "active_",
        "case_",
        "continued_",
        "condition_",
        "element_",
        "elements_",
        "left_",
        "part_",
        "selector_",
    ];
    if TAKEN.contains(&name) || own.iter().any(|prefix| numbered(prefix)) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// Drops one pair of parentheses that encloses all of `text`.
pub fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0_i32;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => return text,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}
