//! The linked text as a GPU loads it: scene tables read out of a few large storage buffers.
//!
//! A device need not allow more than eight storage buffers a stage, nor more than 128 MiB in one, so the tables lie end
//! to end, in rows of 16 bytes, in as many *pages* as they need. A table that WGSL declares as
//! `var<storage, read> NAME: array<T>` loses its binding, and the one function that reads it (`return NAME[index];`)
//! takes the record apart from rows. How, follows from the layout that naga gives `T`.

use super::error::{Error, Result};
use super::link::Linked;
use naga::{AddressSpace, Handle, Scalar, ScalarKind, StorageAccess, Type, TypeInner};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The text without the pages themselves (`pages.rs` of the kernel writes those for a number of pages).
#[derive(Debug)]
pub struct Paged {
    /// WGSL, as long in lines as the linked text up to its end.
    pub text: String,
    /// Names of the tables, in the order of the fields of `FirstRows`.
    pub tables: Vec<String>,
    /// Fields that a constant narrows to what a scene has.
    pub narrowed: Vec<Narrowed>,
}

/// A field of a table's records that is known, in part, before a scene is rendered. Code for what the scene has not is
/// then dead, and compilers drop it.
#[derive(Debug)]
pub struct Narrowed {
    /// The table.
    pub table: String,
    /// Where the field lies in a record, words.
    pub word: u32,
    /// Words of a record.
    pub record_words: u32,
    /// The constant's name. Of a field `flags` it is the bits that occur, of a field `*_texture` all bits if none
    /// occurs.
    pub constant: String,
}

impl Narrowed {
    /// Is the field a set of flags (else the index of a texture slot)?
    pub fn is_flags(&self) -> bool {
        self.constant.ends_with("_flags")
    }
}

/// The constants of scenes that may have everything, as `Features` of the kernel writes them.
pub fn all_features(narrowed: &[Narrowed]) -> String {
    let mut text = String::new();
    for field in narrowed {
        let value = if field.is_flags() { u32::MAX } else { 0 };
        let _ = writeln!(text, "const {}: u32 = {value}u;", field.constant);
    }
    text
}

impl Paged {
    /// What the kernel knows about the text, as Rust.
    pub fn constants(&self) -> String {
        let mut narrowed = String::new();
        for field in &self.narrowed {
            let _ = writeln!(
                narrowed,
                "    Narrowed {{ table: {:?}, word: {}, record_words: {}, constant: {:?}, is_flags: {} }},",
                field.table,
                field.word,
                field.record_words,
                field.constant,
                field.is_flags()
            );
        }
        format!(
            "/// The shaders without pages and features.\nconst TEXT: &str = include_str!(\"paged.wgsl\");\n\n\
             /// The tables of a scene, in the order of their first rows.\npub const TABLES: [&str; {}] = {:?};\n\n\
             /// Fields that a scene narrows.\nconst NARROWED: [Narrowed; {}] = [\n{narrowed}];\n",
            self.tables.len(),
            self.tables,
            self.narrowed.len()
        )
    }
}

/// Takes the tables' bindings out of `linked`.
///
/// # Errors
/// A table of something that cannot be read from rows, or one that is not read by exactly one function.
pub fn paged(linked: &Linked) -> Result<Paged> {
    let module = &linked.module;
    let mut lines: Vec<String> = linked.text.text.lines().map(str::to_owned).collect();
    let (mut tables, mut fields, mut unpackers) = (Vec::new(), String::new(), String::new());
    let (mut unpacked, mut narrowed) = (BTreeSet::new(), Vec::new());
    for (handle, global) in module.global_variables.iter() {
        let AddressSpace::Storage { access } = global.space else {
            continue;
        };
        if access != StorageAccess::LOAD {
            continue;
        }
        let fail = |what: &str| {
            linked
                .text
                .error(module.global_variables.get_span(handle), what)
        };
        let name = global.name.clone().unwrap_or_default();
        let TypeInner::Array { base, .. } = module.types[global.ty].inner else {
            return Err(fail("a table must be an array"));
        };
        let value = element(linked, base, &name).map_err(|what| fail(&what))?;
        if let TypeInner::Struct { .. } = module.types[base].inner {
            if !unpacked.insert(base) {
                return Err(fail("a record must belong to one table"));
            }
            unpackers +=
                &unpacker(linked, base, &name, &mut narrowed).map_err(|what| fail(&what))?;
        }
        let declaration = format!("var<storage, read> {name}:");
        replace_line(&mut lines, |line| line.contains(&declaration), "")
            .ok_or_else(|| fail("a table must be declared in one line"))?;
        let access = format!("return {name}[index];");
        replace_line(
            &mut lines,
            |line| line.trim() == access,
            &format!("    return {value};"),
        )
        .ok_or_else(|| fail("a table must be read by one function, as `return NAME[index];`"))?;
        let _ = writeln!(fields, "    {name}: u32,");
        tables.push(name);
    }
    let mut text = lines.join("\n");
    let _ = write!(
        text,
        "\n/// First row of every table.\nstruct FirstRows {{\n{fields}}}\n\
         @group(1) @binding(1) var<uniform> first_row: FirstRows;\n\n{unpackers}"
    );
    Ok(Paged {
        text,
        tables,
        narrowed,
    })
}

/// Replaces the only line that `is_it`; `None` if there is not exactly one.
fn replace_line(lines: &mut [String], is_it: impl Fn(&str) -> bool, with: &str) -> Option<()> {
    let mut found = lines.iter_mut().filter(|line| is_it(line));
    let line = found.next()?;
    if found.next().is_some() {
        return None;
    }
    with.clone_into(line);
    Some(())
}

/// Element `index` of table `table`, as an expression.
fn element(
    linked: &Linked,
    base: Handle<Type>,
    table: &str,
) -> std::result::Result<String, String> {
    let ty = &linked.module.types[base];
    match ty.inner {
        TypeInner::Struct { span, .. } => {
            let name = ty.name.as_deref().unwrap_or_default();
            Ok(format!(
                "unpack_{name}(first_row.{table} + index * {}u)",
                span / 16
            ))
        }
        TypeInner::Scalar(Scalar {
            kind: ScalarKind::Uint,
            width: 4,
        }) => Ok(format!(
            "load_word(first_row.{table} + (index >> 2u), index & 3u)"
        )),
        TypeInner::Vector {
            size: naga::VectorSize::Quad,
            scalar:
                Scalar {
                    kind: ScalarKind::Uint,
                    width: 4,
                },
        } => Ok(format!("load_row(first_row.{table} + index)")),
        _ => Err("a table must be an array of records, u32 or vec4<u32>".to_owned()),
    }
}

/// The function that makes a record of `table` of rows.
fn unpacker(
    linked: &Linked,
    record: Handle<Type>,
    table: &str,
    narrowed: &mut Vec<Narrowed>,
) -> std::result::Result<String, String> {
    let ty = &linked.module.types[record];
    let name = ty.name.as_deref().unwrap_or_default();
    let TypeInner::Struct { ref members, span } = ty.inner else {
        return Err(format!("`{name}` is no record"));
    };
    if span % 16 != 0 {
        return Err(format!("`{name}` does not fill rows of 16 bytes"));
    }
    let mut out = format!("fn unpack_{name}(row: u32) -> {name} {{\n");
    for row in 0..span / 16 {
        let _ = writeln!(out, "    let row_{row} = load_row(row + {row}u);");
    }
    let mut values = Vec::new();
    for member in members {
        let field = member.name.as_deref().unwrap_or_default();
        let (scalar, size) = match linked.module.types[member.ty].inner {
            TypeInner::Scalar(scalar) => (scalar, 1),
            TypeInner::Vector { size, scalar } => (scalar, size as usize),
            _ => return Err(format!("`{name}::{field}` is neither number nor vector")),
        };
        let kind = match (scalar.kind, scalar.width) {
            (ScalarKind::Float, 4) => "f32",
            (ScalarKind::Sint, 4) => "i32",
            (ScalarKind::Uint, 4) => "u32",
            _ => return Err(format!("`{name}::{field}` is not of 32 bits")),
        };
        let first = (member.offset / 4 % 4) as usize;
        let Some(components) = "xyzw".get(first..first + size) else {
            return Err(format!("`{name}::{field}` lies across two rows"));
        };
        let mut words = format!("row_{}.{components}", member.offset / 16);
        let operator = match field {
            "flags" => Some('&'),
            _ if field.ends_with("_texture") => Some('|'),
            _ => None,
        };
        if let (Some(operator), "u32", 1) = (operator, kind, size) {
            let constant = format!("{table}_{field}");
            let _ = write!(words, " {operator} {constant}");
            narrowed.push(Narrowed {
                table: table.to_owned(),
                word: member.offset / 4,
                record_words: span / 4,
                constant,
            });
        }
        values.push(match (kind, size) {
            ("u32", _) => words,
            (_, 1) => format!("bitcast<{kind}>({words})"),
            _ => format!("bitcast<vec{size}<{kind}>>({words})"),
        });
    }
    let _ = writeln!(out, "    return {name}({});\n}}\n", values.join(", "));
    Ok(out)
}

/// Checks that `text` is a valid module, as it is for a number of pages.
///
/// # Errors
/// naga's first complaint.
pub fn validate(text: &str) -> Result<()> {
    let fail = |what: String| Error::at("the paged form of shaders/", 0, what);
    let module = naga::front::wgsl::parse_str(text).map_err(|e| fail(e.emit_to_string(text)))?;
    naga::valid::Validator::new(
        naga::valid::ValidationFlags::all(),
        naga::valid::Capabilities::default(),
    )
    .validate(&module)
    .map_err(|e| fail(e.emit_to_string(text)))?;
    Ok(())
}
