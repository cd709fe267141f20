//! Reading and writing variables, tables and parts of values.

use super::super::error::Result;
use super::expression::is_simple;
use super::flow::{Root, Step, root_of};
use super::function::Writer;
use super::names::{bare, identifier};
use super::structs;
use super::types::{self, COMPONENTS, Shape};
use naga::{
    AddressSpace, ArraySize, Expression, GlobalVariable, Handle, ScalarKind, StorageAccess, Type,
    TypeInner,
};

/// Rows of at least this many words are taken to be read by many lanes at once (materials, instances, lights), and to be
/// worth asking whether they are. Smaller ones (vertices) are each lane's own.
const OFTEN_SHARED_FROM: u32 = 12;

/// The type of a part, and what is appended to the whole's text to name it.
fn part_of<'t>(
    types: &'t naga::UniqueArena<Type>,
    inner: &'t TypeInner,
    index: u32,
) -> Option<(String, PartType<'t>)> {
    Some(match *inner {
        TypeInner::Struct { ref members, .. } => {
            let member = members.get(index as usize)?;
            let field = identifier(member.name.as_deref().unwrap_or("member"));
            (
                format!(".{field}"),
                PartType::Inner(&types[member.ty].inner),
            )
        }
        TypeInner::Vector { scalar, .. } => (
            format!(".{}", COMPONENTS.get(index as usize)?),
            PartType::Owned(TypeInner::Scalar(scalar)),
        ),
        TypeInner::Matrix { rows, scalar, .. } => (
            format!(".0[{index}]"),
            PartType::Owned(TypeInner::Vector { size: rows, scalar }),
        ),
        TypeInner::Array { base, .. } => {
            (format!("[{index}]"), PartType::Inner(&types[base].inner))
        }
        _ => return None,
    })
}

/// Type of a part: borrowed from the module, or made up for a component or column.
#[derive(Clone)]
enum PartType<'t> {
    Inner(&'t TypeInner),
    Owned(TypeInner),
}

impl<'t> PartType<'t> {
    fn get(&self) -> &TypeInner {
        match self {
            PartType::Inner(inner) => inner,
            PartType::Owned(inner) => inner,
        }
    }

    /// The part `index` of the part.
    fn part(
        &self,
        types: &'t naga::UniqueArena<Type>,
        index: u32,
    ) -> Option<(String, PartType<'t>)> {
        match self {
            PartType::Inner(inner) => part_of(types, inner, index),
            PartType::Owned(inner) => part_of(types, inner, index)
                .map(|(text, part)| (text, PartType::Owned(part.get().clone()))),
        }
    }
}

/// How an array, or what is like one, is indexed: how to name its elements, and how many there are.
fn elements(inner: &TypeInner) -> Option<(&'static str, u32)> {
    Some(match *inner {
        TypeInner::Array {
            size: ArraySize::Constant(n),
            ..
        } => ("", n.get()),
        TypeInner::Matrix { columns, .. } => (".0", columns as u32),
        TypeInner::Vector { size, .. } => (".to_array()", size as u32),
        _ => return None,
    })
}

impl<'a> Writer<'a> {
    /// A part of a value.
    pub fn part(&self, base: Handle<Expression>, index: u32, shape: Shape) -> Result<String> {
        let module = self.program.module();
        let Some((suffix, _)) = part_of(&module.types, self.inner(base), index) else {
            return Err(self.error_at(base, "a part of such a value is not known on the CPU"));
        };
        if let Expression::Constant(_) = self.function.expressions[base]
            && let TypeInner::Array { .. } | TypeInner::Matrix { .. } = self.inner(base)
        {
            let text = format!("{}{suffix}", self.uniform(base)?);
            return self.splat_part(base, index, text, shape);
        }
        let text = self.shaped(base, shape)?;
        let text = match text.strip_prefix("(*").and_then(|t| t.strip_suffix(')')) {
            Some(name) if is_simple(name) => name.to_owned(),
            _ => text,
        };
        Ok(format!("{text}{suffix}"))
    }

    /// An element of a constant table, known when compiling.
    fn splat_part(
        &self,
        base: Handle<Expression>,
        index: u32,
        text: String,
        shape: Shape,
    ) -> Result<String> {
        if shape == Shape::Uniform {
            return Ok(text);
        }
        let module = self.program.module();
        let part = part_of(&module.types, self.inner(base), index);
        self.splat_text(base, part.as_ref().map(|p| p.1.get()), &text)
    }

    fn splat_text(
        &self,
        e: Handle<Expression>,
        inner: Option<&TypeInner>,
        text: &str,
    ) -> Result<String> {
        Ok(match inner {
            Some(TypeInner::Scalar(s)) if types::scalar(*s, Shape::Lanes).is_some() => {
                format!(
                    "{}::splat({text})",
                    types::scalar(*s, Shape::Lanes).unwrap_or_default()
                )
            }
            Some(TypeInner::Vector { size, scalar }) if scalar.kind == ScalarKind::Float => {
                format!("lanes{}({text})", *size as u8)
            }
            Some(TypeInner::Vector { size, scalar }) => {
                let lanes = types::scalar(*scalar, Shape::Lanes).unwrap_or("U");
                let parts: Vec<_> = COMPONENTS[..*size as usize]
                    .iter()
                    .map(|c| format!("{lanes}::splat({text}.{c})"))
                    .collect();
                format!("vec{}({})", *size as u8, parts.join(", "))
            }
            _ => {
                return Err(self.error_at(
                    e,
                    "elements of this type are not known in constant arrays on the CPU",
                ));
            }
        })
    }

    /// An index as unsigned lanes.
    fn index(&self, index: Handle<Expression>) -> Result<String> {
        let text = self.lanes(index)?;
        Ok(match self.kind(index) {
            ScalarKind::Sint => format!("{text}.unsigned()"),
            _ => bare(&text).to_owned(),
        })
    }

    /// A uniform index, clamped to `n` elements.
    fn uniform_index(&self, index: Handle<Expression>, n: u32) -> Result<String> {
        let text = self.uniform(index)?;
        let text = if self.kind(index) == ScalarKind::Sint {
            format!("{text}.cast_u32()")
        } else {
            text
        };
        Ok(format!("{text}.min({}) as usize", n - 1))
    }

    /// An element of a value by a computed index.
    pub fn element(
        &self,
        e: Handle<Expression>,
        base: Handle<Expression>,
        index: Handle<Expression>,
        shape: Shape,
    ) -> Result<String> {
        let Some((suffix, n)) = elements(self.inner(base)) else {
            return Err(self.error_at(e, "an element of such a value is not known on the CPU"));
        };
        if let Expression::Constant(_) = self.function.expressions[base]
            && let TypeInner::Array { base: element, .. } = *self.inner(base)
        {
            let table = self.uniform(base)?;
            let inner = &self.program.module().types[element].inner;
            if self.flow.is_uniform(index) {
                let text = format!("{table}[{}]", self.uniform_index(index, n)?);
                return if shape == Shape::Uniform {
                    Ok(text)
                } else {
                    self.splat_text(e, Some(inner), &text)
                };
            }
            let words = match *inner {
                TypeInner::Scalar(s) if s.kind != ScalarKind::Bool => true,
                TypeInner::Vector { scalar, .. } => scalar.kind != ScalarKind::Bool,
                _ => false,
            };
            if !words {
                return Err(self.error_at(
                    e,
                    "a constant array indexed by lanes must hold numbers or vectors of numbers",
                ));
            }
            let rows = format!("Rows::of_constant(&{table}, {})", self.index(index)?);
            let value =
                structs::assemble_inner(self.program, inner, 0, &|w| format!("rows.word({w})"));
            return Ok(format!("{{ let rows = {rows}; {value} }}"));
        }
        let text = self.shaped(base, shape)?;
        if self.flow.is_uniform(index) {
            return Ok(format!("{text}{suffix}[{}]", self.uniform_index(index, n)?));
        }
        Ok(format!(
            "array_get(&{text}{suffix}, {})",
            self.index(index)?
        ))
    }

    /// Length of a storage buffer's array.
    pub fn array_length(&self, pointer: Handle<Expression>) -> Result<String> {
        match root_of(self.function, pointer) {
            Some((Root::Global(global), path)) if path.is_empty() => {
                Ok(format!("tables.{}.length()", self.table(global)))
            }
            _ => Err(self.error_at(pointer, "only a whole storage buffer has a length")),
        }
    }

    fn table(&self, global: Handle<GlobalVariable>) -> String {
        identifier(
            self.program.module().global_variables[global]
                .name
                .as_deref()
                .unwrap_or("table"),
        )
    }

    /// The value at a pointer.
    pub fn load(
        &self,
        e: Handle<Expression>,
        pointer: Handle<Expression>,
        shape: Shape,
    ) -> Result<String> {
        let Some((root, path)) = root_of(self.function, pointer) else {
            return Err(self.error_at(e, "a pointer of this kind is not known on the CPU"));
        };
        match root {
            Root::Global(global) => match self.program.module().global_variables[global].space {
                AddressSpace::Uniform => self.load_uniform(e, global, &path, shape),
                AddressSpace::Storage { access } if !access.contains(StorageAccess::STORE) => {
                    self.load_row(e, global, &path, shape)
                }
                _ => Err(self.error_at(
                    e,
                    "only uniform and read-only storage buffers exist on the CPU",
                )),
            },
            Root::Local(local) => {
                let name = self.locals[local.index()].clone();
                let ty = self.function.local_variables[local].ty;
                self.read(e, name, &self.program.module().types[ty].inner, &path)
            }
            Root::Argument(i) => {
                let name = &self.arguments[i as usize];
                let inner = self.pointee(i);
                let name = if path.is_empty() {
                    format!("(*{name})")
                } else {
                    name.clone()
                };
                self.read(e, name, inner, &path)
            }
        }
    }

    fn pointee(&self, argument: u32) -> &'a TypeInner {
        let types = &self.program.module().types;
        match types[self.function.arguments[argument as usize].ty].inner {
            TypeInner::Pointer { base, .. } => &types[base].inner,
            ref inner => inner,
        }
    }

    /// Reads along a path.
    fn read(
        &self,
        e: Handle<Expression>,
        mut text: String,
        inner: &'a TypeInner,
        path: &[Step],
    ) -> Result<String> {
        let types = &self.program.module().types;
        let mut part = PartType::Inner(inner);
        for step in path {
            match *step {
                Step::Constant(index) => {
                    let Some((suffix, next)) = part.part(types, index) else {
                        return Err(
                            self.error_at(e, "a part of such a variable is not known on the CPU")
                        );
                    };
                    text.push_str(&suffix);
                    part = next;
                }
                Step::Dynamic(index) => {
                    let Some((suffix, n)) = elements(part.get()) else {
                        return Err(self
                            .error_at(e, "an element of such a variable is not known on the CPU"));
                    };
                    text = if self.flow.is_uniform(index) {
                        format!("{text}{suffix}[{}]", self.uniform_index(index, n)?)
                    } else {
                        format!("array_get(&{text}{suffix}, {})", self.index(index)?)
                    };
                    match part.part(types, 0) {
                        Some((_, next)) => part = next,
                        None => {
                            return Err(self.error_at(
                                e,
                                "an element of such a variable is not known on the CPU",
                            ));
                        }
                    }
                }
            }
        }
        Ok(text)
    }

    fn load_uniform(
        &self,
        e: Handle<Expression>,
        global: Handle<GlobalVariable>,
        path: &[Step],
        shape: Shape,
    ) -> Result<String> {
        let module = self.program.module();
        let mut text = format!("tables.{}", self.table(global));
        let mut part = PartType::Inner(&module.types[module.global_variables[global].ty].inner);
        for step in path {
            let Step::Constant(index) = *step else {
                return Err(self.error_at(
                    e,
                    "a uniform buffer cannot be indexed by a computed value on the CPU",
                ));
            };
            let Some((suffix, next)) = part.part(&module.types, index) else {
                return Err(self.error_at(e, "a part of such a buffer is not known on the CPU"));
            };
            match part.get() {
                // on the host vectors and matrices are arrays
                TypeInner::Vector { .. } | TypeInner::Matrix { .. } => {
                    text.push_str(&format!("[{index}]"))
                }
                _ => text.push_str(&suffix),
            }
            part = next;
        }
        match *part.get() {
            TypeInner::Scalar(s) if shape == Shape::Lanes => {
                Ok(format!("{}::splat({text})", types::scalar(s, Shape::Lanes).unwrap_or("U")))
            }
            TypeInner::Scalar(_) => Ok(text),
            TypeInner::Vector { size, scalar } if scalar.kind == ScalarKind::Float => {
                let text = format!("Vec{}::from_array({text})", size as u8);
                Ok(if shape == Shape::Lanes { format!("lanes{}({text})", size as u8) } else { text })
            }
            TypeInner::Vector { size, scalar } => {
                let lanes = types::scalar(scalar, Shape::Lanes).unwrap_or("U");
                let parts: Vec<_> = (0..size as usize).map(|i| format!("{lanes}::splat({text}[{i}])")).collect();
                Ok(format!("vec{}({})", size as u8, parts.join(", ")))
            }
            _ => Err(self.error_at(e, "only numbers and vectors are read from a uniform buffer: read its fields one by one")),
        }
    }

    /// Reads a row of a storage buffer, or a part of one.
    fn load_row(
        &self,
        e: Handle<Expression>,
        global: Handle<GlobalVariable>,
        path: &[Step],
        shape: Shape,
    ) -> Result<String> {
        let module = self.program.module();
        let TypeInner::Array { base, stride, .. } =
            module.types[module.global_variables[global].ty].inner
        else {
            return Err(self.error_at(e, "a storage buffer must be an array"));
        };
        let Some((first, rest)) = path.split_first() else {
            return Err(self.error_at(e, "a storage buffer cannot be read as a whole"));
        };
        let (mut inner, mut offset) = (PartType::Inner(&module.types[base].inner), 0);
        for step in rest {
            let Step::Constant(index) = *step else {
                return Err(self.error_at(e, "an array inside a row cannot be indexed by a computed value: load the row into a variable first"));
            };
            offset += match inner.get() {
                TypeInner::Struct { members, .. } => {
                    members.get(index as usize).map_or(0, |m| m.offset)
                }
                TypeInner::Array { stride, .. } => stride * index,
                TypeInner::Matrix { rows, .. } => {
                    if *rows as u32 == 2 {
                        8 * index
                    } else {
                        16 * index
                    }
                }
                _ => 4 * index,
            };
            match inner.part(&module.types, index) {
                Some((_, next)) => inner = next,
                None => {
                    return Err(self.error_at(e, "a part of such a row is not known on the CPU"));
                }
            }
        }
        let (table, stride, word) = (self.table(global), stride / 4, offset / 4);
        if shape == Shape::Uniform {
            let row = match *first {
                Step::Constant(i) => i.to_string(),
                Step::Dynamic(i) => {
                    let text = self.uniform(i)?;
                    if self.kind(i) == ScalarKind::Sint {
                        format!("{text}.cast_u32()")
                    } else {
                        bare(&text).to_owned()
                    }
                }
            };
            let word = |w: u32| format!("tables.{table}.word({row}, {stride}, {w})");
            return Ok(structs::assemble_inner(
                self.program,
                inner.get(),
                offset / 4,
                &word,
            ));
        }
        let row = match *first {
            Step::Constant(i) => format!("U::splat({i})"),
            Step::Dynamic(i) => self.index(i)?,
        };
        let shared = if stride >= OFTEN_SHARED_FROM {
            "_often_shared"
        } else {
            ""
        };
        let rows = format!(
            "Rows::of_table{shared}(tables.{table}, {row}, {}, {stride})",
            self.active
        );
        let quads = stride % 4 == 0 && word % 4 == 0;
        Ok(match inner.get() {
            TypeInner::Struct { span, .. } if quads && span % 16 == 0 => {
                let name = module.types[base]
                    .name
                    .as_deref()
                    .map(identifier)
                    .unwrap_or_default();
                if rest.is_empty() {
                    format!("{name}::load(&{rows}, 0)")
                } else {
                    return Err(self.error_at(
                        e,
                        "a struct inside a row is not known on the CPU: load the row",
                    ));
                }
            }
            TypeInner::Struct { .. } => {
                return Err(self.error_at(
                    e,
                    "the elements of a storage buffer must be a multiple of 16 bytes",
                ));
            }
            TypeInner::Vector { size, .. } if quads && *size as u8 > 2 => {
                let value =
                    structs::assemble_inner(self.program, inner.get(), 0, &|w| format!("q[{w}]"));
                format!("{{ let q = {rows}.quad({word}); {value} }}")
            }
            TypeInner::Scalar(_) => {
                structs::assemble_inner(self.program, inner.get(), word, &|w| {
                    format!("{rows}.word({w})")
                })
            }
            other => {
                let value = structs::assemble_inner(self.program, other, word, &|w| {
                    format!("rows.word({w})")
                });
                format!("{{ let rows = {rows}; {value} }}")
            }
        })
    }

    /// Writes a store.
    pub fn store(
        &mut self,
        pointer: Handle<Expression>,
        value: Handle<Expression>,
        masked: bool,
    ) -> Result<()> {
        let module = self.program.module();
        let (name, inner, path, uniform) = match root_of(self.function, pointer) {
            Some((Root::Local(local), path)) => {
                let ty = self.function.local_variables[local].ty;
                let name = self.locals[local.index()].clone();
                (
                    name,
                    &module.types[ty].inner,
                    path,
                    self.flow.is_uniform_local(local),
                )
            }
            Some((Root::Argument(i), path)) => {
                let name = self.arguments[i as usize].clone();
                let name = if path.is_empty() {
                    format!("*{name}")
                } else {
                    name
                };
                (name, self.pointee(i), path, false)
            }
            _ => {
                return Err(
                    self.error("a store to a buffer: functions for the CPU return their results")
                );
            }
        };
        let value = if uniform {
            self.uniform(value)?
        } else {
            self.lanes(value)?
        };
        let active = masked.then(|| self.active.clone());
        self.write(
            name,
            PartType::Inner(inner),
            &path,
            bare(&value),
            active.as_deref(),
        )
    }

    /// Assigns along a path, in lanes of the mask `active` if there is one.
    fn write(
        &mut self,
        mut place: String,
        mut part: PartType<'a>,
        path: &[Step],
        value: &str,
        active: Option<&str>,
    ) -> Result<()> {
        let types = &self.program.module().types;
        let fault = "a part of such a variable is not known on the CPU";
        for (i, step) in path.iter().enumerate() {
            match *step {
                Step::Constant(index) => {
                    let Some((suffix, next)) = part.part(types, index) else {
                        return Err(self.error(fault));
                    };
                    place.push_str(&suffix);
                    part = next;
                }
                Step::Dynamic(index) => {
                    let Some((suffix, n)) = elements(part.get()) else {
                        return Err(self.error(fault));
                    };
                    let Some((_, next)) = part.part(types, 0) else {
                        return Err(self.error(fault));
                    };
                    let vector = matches!(part.get(), TypeInner::Vector { .. });
                    if self.flow.is_uniform(index) && !vector {
                        place = format!("{place}{suffix}[{}]", self.uniform_index(index, n)?);
                        part = next;
                        continue;
                    }
                    // read, change, write back
                    let index = self.index(index)?;
                    let k = self.number();
                    let (array, element) = (format!("elements_{k}"), format!("element_{k}"));
                    let mask = active.unwrap_or(&self.active).to_owned();
                    if vector {
                        self.line(&format!("let mut {array} = {place}.to_array();"));
                    }
                    let target = if vector {
                        array.clone()
                    } else {
                        format!("{place}{suffix}")
                    };
                    if i + 1 == path.len() {
                        self.line(&format!(
                            "array_set(&mut {target}, {index}, {mask}, {value});"
                        ));
                    } else {
                        self.line(&format!(
                            "let mut {element} = array_get(&{target}, {index});"
                        ));
                        self.write(element.clone(), next, &path[i + 1..], value, None)?;
                        self.line(&format!(
                            "array_set(&mut {target}, {index}, {mask}, {element});"
                        ));
                    }
                    if vector {
                        self.line(&format!("{place} = Vec{n}::from_array({array});"));
                    }
                    return Ok(());
                }
            }
        }
        match active {
            Some(mask) => {
                let place = place.strip_prefix('*').unwrap_or(&place).to_owned();
                self.line(&format!("{place}.set({mask}, {value});"));
            }
            None => self.line(&format!("{place} = {value};")),
        }
        Ok(())
    }

    /// A pointer passed on to a function.
    pub fn pointer_argument(&self, e: Handle<Expression>) -> Result<String> {
        match root_of(self.function, e) {
            Some((Root::Local(local), path)) if path.is_empty() => {
                Ok(format!("&mut {}", self.locals[local.index()]))
            }
            Some((Root::Argument(i), path)) if path.is_empty() => {
                Ok(format!("&mut *{}", self.arguments[i as usize]))
            }
            _ => Err(self.error_at(
                e,
                "a pointer argument must be a whole variable: `&s.field` is not portable",
            )),
        }
    }
}
