//! Lane structs: one field per member, and reading and writing them in rows of words.

use super::super::error::Result;
use super::names::identifier;
use super::program::Program;
use super::types::{self, COMPONENTS, Shape};
use naga::{ArraySize, Handle, ScalarKind, StructMember, Type, TypeInner};
use std::fmt::Write;

/// Writes every struct of the module that values can have.
pub fn write(program: &Program<'_>, out: &mut String) -> Result<()> {
    for (handle, ty) in program.module().types.iter() {
        if let (TypeInner::Struct { members, span }, Some(name)) = (&ty.inner, &ty.name) {
            lane_struct(program, handle, &identifier(name), members, *span, out)?;
        }
    }
    Ok(())
}

fn lane_struct(
    program: &Program<'_>,
    handle: Handle<Type>,
    name: &str,
    members: &[StructMember],
    span: u32,
    out: &mut String,
) -> Result<()> {
    let mut fields = Vec::new();
    for member in members {
        let field = identifier(member.name.as_deref().unwrap_or("member"));
        let Some(ty) = types::value(program.module(), member.ty, Shape::Lanes) else {
            let message = format!("`{name}.{field}` has a type that values on the CPU cannot have");
            return Err(program.error(program.module().types.get_span(handle), message));
        };
        fields.push((field, ty));
    }
    let _ = writeln!(out, "#[derive(Clone, Copy)]\npub struct {name} {{");
    for (field, ty) in &fields {
        let _ = writeln!(out, "    pub {field}: {ty},");
    }
    let each = |f: &dyn Fn(&str) -> String| {
        fields
            .iter()
            .map(|(n, _)| format!("{n}: {}", f(n)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let selected = each(&|n| format!("Select::select(mask, yes.{n}, no.{n})"));
    let zero = each(&|_| "Zero::zero()".into());
    let _ = writeln!(
        out,
        "}}\nimpl Select<M> for {name} {{\n    #[inline(always)]\n    fn select(mask: M, yes: Self, no: Self) -> Self {{\n        {name} {{ {selected} }}\n    }}\n}}"
    );
    let _ = writeln!(
        out,
        "impl Zero for {name} {{\n    #[inline(always)]\n    fn zero() -> Self {{\n        {name} {{ {zero} }}\n    }}\n}}"
    );
    if span.is_multiple_of(16) && members.iter().all(|m| words(program, m.ty).is_some()) {
        rows(program, name, members, span, out);
    }
    Ok(())
}

/// Size of a type in words if it is nothing but words, without gaps.
fn words(program: &Program<'_>, ty: Handle<Type>) -> Option<u32> {
    match program.module().types[ty].inner {
        TypeInner::Scalar(s) => (s.kind != ScalarKind::Bool && s.width == 4).then_some(1),
        TypeInner::Vector { size, scalar: s } => {
            (s.kind != ScalarKind::Bool && s.width == 4).then_some(size as u32)
        }
        TypeInner::Matrix { columns, rows, .. } => {
            (rows as u8 != 3).then_some(columns as u32 * rows as u32)
        }
        TypeInner::Array {
            base,
            size: ArraySize::Constant(n),
            stride,
        } => words(program, base)
            .filter(|w| w * 4 == stride)
            .map(|w| w * n.get()),
        _ => None,
    }
}

/// Writes `load` and `store` of a struct by rows of four words.
fn rows(program: &Program<'_>, name: &str, members: &[StructMember], span: u32, out: &mut String) {
    let quads = span / 16;
    let _ = writeln!(
        out,
        "impl {name} {{\n    pub const WORDS: u32 = {};",
        span / 4
    );
    let _ = writeln!(
        out,
        "    #[inline(always)]\n    pub fn load(rows: &Rows, word: usize) -> Self {{"
    );
    for q in 0..quads {
        let _ = writeln!(out, "        let q{q} = rows.quad(word + {});", q * 4);
    }
    let _ = writeln!(out, "        {name} {{");
    let mut stored = vec!["U::zero()".to_owned(); quads as usize * 4];
    for member in members {
        let field = identifier(member.name.as_deref().unwrap_or("member"));
        let word = |w: u32| format!("q{}[{}]", w / 4, w % 4);
        let text = assemble(program, member.ty, member.offset / 4, &word);
        let _ = writeln!(out, "            {field}: {text},");
        take_apart(
            program,
            member.ty,
            &format!("self.{field}"),
            member.offset / 4,
            &mut stored,
        );
    }
    let _ = writeln!(out, "        }}\n    }}");
    let _ = writeln!(
        out,
        "    /// # Safety\n    /// The rows of lanes that are on are writable."
    );
    let _ = writeln!(
        out,
        "    #[inline(always)]\n    pub unsafe fn store(&self, base: *mut u32, group: &Group) {{"
    );
    for (q, words) in stored.chunks(4).enumerate() {
        let _ = writeln!(
            out,
            "        // SAFETY: as the function's\n        unsafe {{ group.store(base, Self::WORDS, {q}, [{}]) }};",
            words.join(", ")
        );
    }
    let _ = writeln!(out, "    }}\n}}");
}

/// A value made of words of type `U`, given how word `w` is written.
pub fn assemble(
    program: &Program<'_>,
    ty: Handle<Type>,
    w: u32,
    word: &dyn Fn(u32) -> String,
) -> String {
    assemble_inner(program, &program.module().types[ty].inner, w, word)
}

/// As [`assemble`], for a type that need not have a handle.
pub fn assemble_inner(
    program: &Program<'_>,
    inner: &TypeInner,
    w: u32,
    word: &dyn Fn(u32) -> String,
) -> String {
    let vector = |n: u32, at: u32, kind: ScalarKind| {
        let parts: Vec<_> = (0..n).map(|k| from_word(&word(at + k), kind)).collect();
        format!("vec{n}({})", parts.join(", "))
    };
    match *inner {
        TypeInner::Scalar(s) => from_word(&word(w), s.kind),
        TypeInner::Vector { size, scalar } => vector(size as u32, w, scalar.kind),
        TypeInner::Matrix {
            columns,
            rows,
            scalar,
        } => {
            let stride = if rows as u32 == 2 { 2 } else { 4 };
            let columns: Vec<_> = (0..columns as u32)
                .map(|c| vector(rows as u32, w + c * stride, scalar.kind))
                .collect();
            format!("Mat([{}])", columns.join(", "))
        }
        TypeInner::Array {
            base,
            size: ArraySize::Constant(n),
            stride,
        } => {
            let elements: Vec<_> = (0..n.get())
                .map(|i| assemble(program, base, w + i * stride / 4, word))
                .collect();
            format!("[{}]", elements.join(", "))
        }
        TypeInner::Struct { ref members, .. } => {
            let name = program
                .module()
                .types
                .iter()
                .find(|(_, t)| t.inner == *inner)
                .and_then(|(_, t)| t.name.as_deref())
                .map(identifier)
                .unwrap_or_default();
            let fields: Vec<_> = members
                .iter()
                .map(|m| {
                    let value = assemble(program, m.ty, w + m.offset / 4, word);
                    format!(
                        "{}: {value}",
                        identifier(m.name.as_deref().unwrap_or("member"))
                    )
                })
                .collect();
            format!("{name} {{ {} }}", fields.join(", "))
        }
        _ => String::new(),
    }
}

/// A number read from a word.
fn from_word(word: &str, kind: ScalarKind) -> String {
    match kind {
        ScalarKind::Float => format!("{word}.as_float()"),
        ScalarKind::Sint => format!("{word}.signed()"),
        _ => word.to_owned(),
    }
}

/// The words of a value, each as a `U`.
fn take_apart(program: &Program<'_>, ty: Handle<Type>, value: &str, w: u32, out: &mut [String]) {
    let word = |text: String, kind: ScalarKind| match kind {
        ScalarKind::Float => format!("{text}.bits()"),
        ScalarKind::Sint => format!("{text}.unsigned()"),
        _ => text,
    };
    match program.module().types[ty].inner {
        TypeInner::Scalar(s) => out[w as usize] = word(value.to_owned(), s.kind),
        TypeInner::Vector { size, scalar } => {
            for k in 0..size as usize {
                out[w as usize + k] = word(format!("{value}.{}", COMPONENTS[k]), scalar.kind);
            }
        }
        TypeInner::Matrix {
            columns,
            rows,
            scalar,
        } => {
            for c in 0..columns as usize {
                for k in 0..rows as usize {
                    out[w as usize + c * rows as usize + k] =
                        word(format!("{value}.0[{c}].{}", COMPONENTS[k]), scalar.kind);
                }
            }
        }
        TypeInner::Array {
            base,
            size: ArraySize::Constant(n),
            stride,
        } => {
            for i in 0..n.get() {
                take_apart(
                    program,
                    base,
                    &format!("{value}[{i}]"),
                    w + i * stride / 4,
                    out,
                );
            }
        }
        _ => {}
    }
}
