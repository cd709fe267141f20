//! Types of values: in lanes, and as uniform scalars.

use super::names::identifier;
use naga::{ArraySize, Handle, Module, Scalar, ScalarKind, Type, TypeInner};

/// Lanes or uniform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One value per lane.
    Lanes,
    /// One value for all lanes.
    Uniform,
}

/// `F`, `I`, `U`, `M` or `f32`, `i32`, `u32`, `bool`; `None` for scalars that are not 32 bits wide.
pub fn scalar(scalar: Scalar, shape: Shape) -> Option<&'static str> {
    let uniform = shape == Shape::Uniform;
    Some(match (scalar.kind, scalar.width) {
        (ScalarKind::Float, 4) => {
            if uniform {
                "f32"
            } else {
                "F"
            }
        }
        (ScalarKind::Sint, 4) => {
            if uniform {
                "i32"
            } else {
                "I"
            }
        }
        (ScalarKind::Uint, 4) => {
            if uniform {
                "u32"
            } else {
                "U"
            }
        }
        (ScalarKind::Bool, _) => {
            if uniform {
                "bool"
            } else {
                "M"
            }
        }
        _ => return None,
    })
}

/// The Rust type of a value, `None` if values of the type do not exist on the CPU.
pub fn value(module: &Module, ty: Handle<Type>, shape: Shape) -> Option<String> {
    match &module.types[ty].inner {
        TypeInner::Struct { .. } => module.types[ty].name.as_deref().map(identifier),
        inner => self::inner(module, inner, shape),
    }
}

/// As [`value`], for a type that need not have a handle.
pub fn inner(module: &Module, inner: &TypeInner, shape: Shape) -> Option<String> {
    Some(match *inner {
        TypeInner::Scalar(s) => scalar(s, shape)?.to_owned(),
        TypeInner::Vector { size, scalar: s } => {
            format!("Vec{}<{}>", size as u8, scalar(s, shape)?)
        }
        TypeInner::Matrix {
            columns,
            rows,
            scalar: s,
        } => {
            format!(
                "Mat<Vec{}<{}>, {}>",
                rows as u8,
                scalar(s, shape)?,
                columns as u8
            )
        }
        TypeInner::Array {
            base,
            size: ArraySize::Constant(n),
            ..
        } => format!("[{}; {n}]", value(module, base, shape)?),
        TypeInner::Pointer {
            base,
            space: naga::AddressSpace::Function,
        } => {
            format!("&mut {}", value(module, base, shape)?)
        }
        _ => return None,
    })
}

/// Whether parameters of the type are passed by reference.
pub fn by_reference(inner: &TypeInner) -> bool {
    matches!(
        inner,
        TypeInner::Struct { .. } | TypeInner::Array { .. } | TypeInner::Matrix { .. }
    )
}

/// Names of a vector's components.
pub const COMPONENTS: [&str; 4] = ["x", "y", "z", "w"];
