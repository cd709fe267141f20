//! Module-scope constants and literals.

use super::super::error::Result;
use super::names::identifier;
use super::program::Program;
use super::types::{self, Shape};
use naga::{Expression, Handle, Literal, TypeInner};
use std::fmt::Write;

/// Writes the constants that functions may name.
pub fn write(program: &Program<'_>, out: &mut String) -> Result<()> {
    let module = program.module();
    for (handle, constant) in module.constants.iter() {
        // constants of abstract type are replaced by literals where they are used
        let (Some(name), Some(ty)) = (
            &constant.name,
            types::value(module, constant.ty, Shape::Uniform),
        ) else {
            continue;
        };
        let Some(value) = value(program, constant.init) else {
            let message =
                format!("the constant `{name}` is of a kind that is not known on the CPU");
            return Err(program.error(module.constants.get_span(handle), message));
        };
        let storage = if matches!(module.types[constant.ty].inner, TypeInner::Array { .. }) {
            "static"
        } else {
            "const"
        };
        let _ = writeln!(out, "{storage} {}: {ty} = {value};", identifier(name));
    }
    Ok(())
}

fn value(program: &Program<'_>, e: Handle<Expression>) -> Option<String> {
    let module = program.module();
    Some(match &module.global_expressions[e] {
        Expression::Literal(l) => literal(*l)?,
        Expression::Constant(c) => identifier(module.constants[*c].name.as_deref()?),
        Expression::ZeroValue(ty) => zero(program, &module.types[*ty].inner)?,
        Expression::Splat { size, value } => {
            let value = self::value(program, *value)?;
            vector(*size as usize, &vec![value; *size as usize])
        }
        Expression::Compose { ty, components } => {
            let parts = components
                .iter()
                .map(|&c| value(program, c))
                .collect::<Option<Vec<_>>>()?;
            match module.types[*ty].inner {
                TypeInner::Vector { size, .. } if parts.len() == size as usize => {
                    vector(size as usize, &parts)
                }
                TypeInner::Array { .. } => format!("[{}]", parts.join(", ")),
                TypeInner::Matrix { columns, .. } if parts.len() == columns as usize => {
                    format!("Mat([{}])", parts.join(", "))
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn vector(n: usize, parts: &[String]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .zip(types::COMPONENTS)
        .map(|(p, c)| format!("{c}: {p}"))
        .collect();
    format!("Vec{n} {{ {} }}", parts.join(", "))
}

fn zero(program: &Program<'_>, inner: &TypeInner) -> Option<String> {
    Some(match *inner {
        TypeInner::Scalar(s) => match s.kind {
            naga::ScalarKind::Float => "0.0".into(),
            naga::ScalarKind::Bool => "false".into(),
            _ => "0".into(),
        },
        TypeInner::Vector { size, scalar } => {
            let part = zero(program, &TypeInner::Scalar(scalar))?;
            vector(size as usize, &vec![part; size as usize])
        }
        TypeInner::Array {
            base,
            size: naga::ArraySize::Constant(n),
            ..
        } => {
            format!(
                "[{}; {n}]",
                zero(program, &program.module().types[base].inner)?
            )
        }
        _ => return None,
    })
}

/// A literal with its type's suffix; `None` for types that the CPU does not know.
pub fn literal(l: Literal) -> Option<String> {
    Some(match l {
        Literal::F32(v) if v.is_nan() => "f32::NAN".into(),
        Literal::F32(v) if v.is_infinite() => {
            if v > 0.0 {
                "f32::INFINITY".into()
            } else {
                "f32::NEG_INFINITY".into()
            }
        }
        Literal::F32(v) if v.is_sign_negative() => format!("({v:?}_f32)"),
        Literal::F32(v) => format!("{v:?}_f32"),
        Literal::U32(v) if v > 0xffff => format!("{v:#x}_u32"),
        Literal::U32(v) => format!("{v}_u32"),
        Literal::I32(i32::MIN) => "i32::MIN".into(),
        Literal::I32(v) if v < 0 => format!("({v}_i32)"),
        Literal::I32(v) => format!("{v}_i32"),
        Literal::Bool(v) => v.to_string(),
        _ => return None,
    })
}
