//! Expressions: the same text for scalars and lanes wherever the runtime gives both the same functions.

use super::super::error::Result;
use super::constant::literal;
use super::function::Writer;
use super::names::{bare, identifier};
use super::types::{self, COMPONENTS, Shape};
use naga::{
    BinaryOperator, Expression, Handle, Literal, RelationalFunction, ScalarKind, TypeInner,
    UnaryOperator, VectorSize,
};

impl Writer<'_> {
    /// Scalar kind of a number, vector or matrix.
    pub fn kind(&self, e: Handle<Expression>) -> ScalarKind {
        match *self.inner(e) {
            TypeInner::Scalar(scalar)
            | TypeInner::Vector { scalar, .. }
            | TypeInner::Matrix { scalar, .. } => scalar.kind,
            _ => ScalarKind::Bool,
        }
    }

    /// Components of a vector, 1 for anything else.
    pub fn components(&self, e: Handle<Expression>) -> usize {
        match *self.inner(e) {
            TypeInner::Vector { size, .. } => size as usize,
            _ => 1,
        }
    }

    /// An expression as one value for all lanes; it must be uniform.
    pub fn uniform(&self, e: Handle<Expression>) -> Result<String> {
        match self.names.get(&e) {
            Some(name) => Ok(name.clone()),
            None => self.text(e, Shape::Uniform),
        }
    }

    /// An expression as one value per lane.
    pub fn lanes(&self, e: Handle<Expression>) -> Result<String> {
        if !self.flow.is_uniform(e) {
            return match self.names.get(&e) {
                Some(name) => Ok(name.clone()),
                None => self.text(e, Shape::Lanes),
            };
        }
        let text = match self.function.expressions[e] {
            Expression::Splat { size, value } if !self.names.contains_key(&e) => {
                return Ok(format!("Vec{}::splat({})", size as u8, self.lanes(value)?));
            }
            Expression::Compose { ref components, .. } if !self.names.contains_key(&e) => {
                return self.compose(e, components, Shape::Lanes);
            }
            Expression::Literal(Literal::F32(v)) if v.is_finite() => format!("{v:?}"),
            Expression::Literal(Literal::U32(v)) => {
                if v > 0xffff {
                    format!("{v:#x}")
                } else {
                    v.to_string()
                }
            }
            Expression::Literal(Literal::I32(v)) => v.to_string(),
            _ => self.uniform(e)?,
        };
        let text = bare(&text);
        Ok(match *self.inner(e) {
            TypeInner::Scalar(s) => match types::scalar(s, Shape::Lanes) {
                Some(lanes) => format!("{lanes}::splat({text})"),
                None => {
                    return Err(
                        self.error_at(e, "only 32-bit numbers and bools are known on the CPU")
                    );
                }
            },
            TypeInner::Vector { size, .. } => format!("lanes{}({text})", size as u8),
            _ => {
                return Err(self.error_at(
                    e,
                    "a constant composite cannot be used as a whole on the CPU: index it",
                ));
            }
        })
    }

    /// An expression in a shape.
    pub fn shaped(&self, e: Handle<Expression>, shape: Shape) -> Result<String> {
        match shape {
            Shape::Uniform => self.uniform(e),
            Shape::Lanes => self.lanes(e),
        }
    }

    fn text(&self, e: Handle<Expression>, shape: Shape) -> Result<String> {
        let unknown = |what: &str| Err(self.error_at(e, format!("{what} is not known on the CPU")));
        Ok(match self.function.expressions[e] {
            Expression::Literal(l) => match literal(l) {
                Some(text) => text,
                None => return unknown("a literal of this type"),
            },
            Expression::Constant(c) => identifier(
                self.program.module().constants[c]
                    .name
                    .as_deref()
                    .unwrap_or("constant"),
            ),
            Expression::ZeroValue(ty) => match types::value(self.program.module(), ty, shape) {
                Some(ty) if ty.starts_with('[') => format!("<{ty} as Zero>::zero()"),
                Some(ty) => format!("{}::zero()", ty.replacen('<', "::<", 1)),
                None => return unknown("a zero value of this type"),
            },
            Expression::Compose { ref components, .. } => self.compose(e, components, shape)?,
            Expression::Splat { size, value } => format!(
                "Vec{}::splat({})",
                size as u8,
                bare(&self.shaped(value, shape)?)
            ),
            Expression::Swizzle {
                size,
                vector,
                pattern,
            } => self.swizzle(size, vector, &pattern, shape)?,
            Expression::FunctionArgument(i) => {
                let name = self.arguments[i as usize].clone();
                if types::by_reference(self.inner(e)) {
                    format!("(*{name})")
                } else {
                    name
                }
            }
            Expression::Load { pointer } => self.load(e, pointer, shape)?,
            Expression::AccessIndex { base, index } => self.part(base, index, shape)?,
            Expression::Access { base, index } => self.element(e, base, index, shape)?,
            Expression::Unary { op, expr } => {
                let text = self.shaped(expr, shape)?;
                let uniform_int = shape == Shape::Uniform && self.kind(expr) == ScalarKind::Sint;
                match op {
                    UnaryOperator::Negate if uniform_int => format!("{text}.wrapping_neg()"),
                    UnaryOperator::Negate => format!("(-{text})"),
                    UnaryOperator::LogicalNot | UnaryOperator::BitwiseNot => format!("(!{text})"),
                }
            }
            Expression::Binary { op, left, right } => self.binary(op, left, right, shape)?,
            Expression::Select {
                condition,
                accept,
                reject,
            } => {
                let (yes, no) = (self.shaped(accept, shape)?, self.shaped(reject, shape)?);
                let (yes, no) = (bare(&yes), bare(&no));
                let n = self.components(condition);
                if n > 1 {
                    format!(
                        "Vec{n}::select_each({}, {yes}, {no})",
                        bare(&self.lanes(condition)?)
                    )
                } else if self.flow.is_uniform(condition) {
                    format!(
                        "(if {} {{ {yes} }} else {{ {no} }})",
                        bare(&self.uniform(condition)?)
                    )
                } else {
                    format!(
                        "Select::select({}, {yes}, {no})",
                        bare(&self.lanes(condition)?)
                    )
                }
            }
            Expression::Relational { fun, argument } => {
                let text = self.lanes(argument)?;
                match fun {
                    RelationalFunction::All if self.components(argument) > 1 => {
                        format!("{text}.all_components()")
                    }
                    RelationalFunction::Any if self.components(argument) > 1 => {
                        format!("{text}.any_component()")
                    }
                    RelationalFunction::All | RelationalFunction::Any => text,
                    RelationalFunction::IsNan | RelationalFunction::IsInf => {
                        return unknown("this test");
                    }
                }
            }
            Expression::As {
                expr,
                kind,
                convert,
            } => self.conversion(e, expr, kind, convert, shape)?,
            Expression::Math {
                fun,
                arg,
                arg1,
                arg2,
                arg3,
            } => {
                let arguments: Vec<_> = [Some(arg), arg1, arg2, arg3]
                    .into_iter()
                    .flatten()
                    .collect();
                self.builtin(e, fun, &arguments, shape)?
            }
            Expression::ArrayLength(pointer) => self.array_length(pointer)?,
            Expression::CallResult(_) => return unknown("a call in this place"),
            Expression::Override(_) => return unknown("an `override` constant"),
            Expression::ImageSample { .. }
            | Expression::ImageLoad { .. }
            | Expression::ImageQuery { .. } => {
                return unknown("a texture");
            }
            Expression::Derivative { .. } => return unknown("a derivative"),
            ref other => {
                let name: String = format!("{other:?}")
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .collect();
                return unknown(&format!("the expression `{name}`"));
            }
        })
    }

    fn compose(
        &self,
        e: Handle<Expression>,
        components: &[Handle<Expression>],
        shape: Shape,
    ) -> Result<String> {
        let Expression::Compose { ty, .. } = self.function.expressions[e] else {
            return Err(self.error_at(e, "not a composite"));
        };
        let inner = &self.program.module().types[ty].inner;
        let (mut parts, mut lets) = (Vec::new(), Vec::new());
        for &c in components {
            let text = self.shaped(c, shape)?;
            match (inner, self.inner(c)) {
                (TypeInner::Vector { .. }, TypeInner::Vector { size, .. }) => {
                    // vectors are taken apart; what is not a name is given one
                    let text = if is_simple(&text) {
                        text
                    } else {
                        let name = format!("part_{}", lets.len());
                        lets.push(format!("let {name} = {};", bare(&text)));
                        name
                    };
                    parts.extend(
                        COMPONENTS[..*size as usize]
                            .iter()
                            .map(|n| format!("{text}.{n}")),
                    );
                }
                _ => parts.push(bare(&text).to_owned()),
            }
        }
        let parts = parts.join(", ");
        Ok(match *inner {
            TypeInner::Vector { size, .. } if lets.is_empty() => {
                format!("vec{}({parts})", size as u8)
            }
            TypeInner::Vector { size, .. } => {
                format!("{{ {} vec{}({parts}) }}", lets.join(" "), size as u8)
            }
            TypeInner::Matrix { .. } => format!("Mat([{parts}])"),
            TypeInner::Array { .. } => format!("[{parts}]"),
            TypeInner::Struct { ref members, .. } => {
                let name = identifier(
                    self.program.module().types[ty]
                        .name
                        .as_deref()
                        .unwrap_or_default(),
                );
                let mut fields = Vec::new();
                for (member, &c) in members.iter().zip(components) {
                    let text = self.lanes(c)?;
                    let field = identifier(member.name.as_deref().unwrap_or("member"));
                    if text == field {
                        fields.push(field);
                    } else {
                        fields.push(format!("{field}: {}", bare(&text)));
                    }
                }
                format!("{name} {{ {} }}", fields.join(", "))
            }
            _ => return Err(self.error_at(e, "a composite of this type is not known on the CPU")),
        })
    }

    fn swizzle(
        &self,
        size: VectorSize,
        vector: Handle<Expression>,
        pattern: &[naga::SwizzleComponent; 4],
        shape: Shape,
    ) -> Result<String> {
        let text = self.shaped(vector, shape)?;
        let n = size as usize;
        let picked: Vec<_> = pattern[..n]
            .iter()
            .map(|c| COMPONENTS[*c as usize])
            .collect();
        if is_simple(&text) {
            let parts: Vec<_> = picked.iter().map(|c| format!("{text}.{c}")).collect();
            return Ok(format!("vec{n}({})", parts.join(", ")));
        }
        let parts: Vec<_> = picked.iter().map(|c| format!("v.{c}")).collect();
        Ok(format!(
            "{{ let v = {}; vec{n}({}) }}",
            bare(&text),
            parts.join(", ")
        ))
    }

    fn binary(
        &self,
        op: BinaryOperator,
        left: Handle<Expression>,
        right: Handle<Expression>,
        shape: Shape,
    ) -> Result<String> {
        use BinaryOperator as B;
        let (a, b) = (self.shaped(left, shape)?, self.shaped(right, shape)?);
        let is_matrix = |e: Handle<Expression>| matches!(self.inner(e), TypeInner::Matrix { .. });
        let (na, nb) = (self.components(left), self.components(right));
        if op == B::Multiply && (is_matrix(left) || is_matrix(right)) {
            return Ok(match (is_matrix(left), is_matrix(right)) {
                (true, true) => format!("({a} * {b})"),
                (true, false) if nb > 1 => format!("({a} * {b})"),
                (true, false) => format!("{a}.scaled({})", bare(&b)),
                (false, _) if na > 1 => format!("{b}.times_row({})", bare(&a)),
                _ => format!("{b}.scaled({})", bare(&a)),
            });
        }
        let method = match op {
            B::Equal => "equal",
            B::NotEqual => "not_equal",
            B::Less => "less",
            B::LessEqual => "less_equal",
            B::Greater => "above",
            B::GreaterEqual => "above_equal",
            _ => "",
        };
        let symbol = match op {
            B::Add => "+",
            B::Subtract => "-",
            B::Multiply => "*",
            B::Divide => "/",
            B::Modulo => "%",
            B::Equal => "==",
            B::NotEqual => "!=",
            B::Less => "<",
            B::LessEqual => "<=",
            B::Greater => ">",
            B::GreaterEqual => ">=",
            B::And | B::LogicalAnd => "&",
            B::InclusiveOr | B::LogicalOr => "|",
            B::ExclusiveOr => "^",
            B::ShiftLeft => "<<",
            B::ShiftRight => ">>",
        };
        let kind = self.kind(left);
        if shape == Shape::Uniform
            && matches!(kind, ScalarKind::Sint | ScalarKind::Uint)
            && method.is_empty()
        {
            let suffix = if kind == ScalarKind::Sint {
                "i32"
            } else {
                "u32"
            };
            let b = bare(&b);
            return Ok(match op {
                B::Add => format!("{a}.wrapping_add({b})"),
                B::Subtract => format!("{a}.wrapping_sub({b})"),
                B::Multiply => format!("{a}.wrapping_mul({b})"),
                B::Divide => format!("quotient_{suffix}({}, {b})", bare(&a)),
                B::Modulo => format!("remainder_{suffix}({}, {b})", bare(&a)),
                B::ShiftLeft => format!("{a}.wrapping_shl({b})"),
                B::ShiftRight => format!("{a}.wrapping_shr({b})"),
                _ => format!("({a} {symbol} {b})"),
            });
        }
        if op == B::Modulo && kind == ScalarKind::Float {
            return Ok(format!("Math::fmod({}, {})", bare(&a), bare(&b)));
        }
        if shape == Shape::Lanes && !method.is_empty() {
            return Ok(format!("{a}.{method}({})", bare(&b)));
        }
        // shifts by a constant have instructions of their own
        if shape == Shape::Lanes
            && na == 1
            && let (B::ShiftLeft | B::ShiftRight, Expression::Literal(Literal::U32(n))) =
                (op, &self.function.expressions[right])
        {
            let n = n & 31;
            return Ok(match (op, kind) {
                (B::ShiftLeft, ScalarKind::Sint) => {
                    format!("{a}.unsigned().shift_left::<{n}>().signed()")
                }
                (B::ShiftLeft, _) => format!("{a}.shift_left::<{n}>()"),
                _ => format!("{a}.shift_right::<{n}>()"),
            });
        }
        // vectors times scalars, in either order
        Ok(match (na > 1, nb > 1) {
            (false, true) if op == B::Multiply => format!("({b} * {a})"),
            _ => format!("({a} {symbol} {b})"),
        })
    }

    fn conversion(
        &self,
        e: Handle<Expression>,
        expr: Handle<Expression>,
        kind: ScalarKind,
        convert: Option<naga::Bytes>,
        shape: Shape,
    ) -> Result<String> {
        let text = self.shaped(expr, shape)?;
        if let TypeInner::Matrix { .. } = self.inner(expr) {
            return Ok(text);
        }
        if kind == self.kind(expr) && convert.is_none_or(|w| w == 4 || kind == ScalarKind::Bool) {
            return Ok(text);
        }
        let method = match (convert, kind) {
            (Some(4), ScalarKind::Float) => "to_f32",
            (Some(4), ScalarKind::Sint) => "to_i32",
            (Some(4), ScalarKind::Uint) => "to_u32",
            (Some(_), ScalarKind::Bool) => "to_bool",
            (None, ScalarKind::Float) => "cast_f32",
            (None, ScalarKind::Sint) => "cast_i32",
            (None, ScalarKind::Uint) => "cast_u32",
            _ => return Err(self.error_at(e, "a conversion to this type is not known on the CPU")),
        };
        Ok(format!("{text}.{method}()"))
    }
}

/// Whether a text is a name or a path of names, which may be repeated at no cost.
pub fn is_simple(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}
