//! Stages: the shader functions that Rust calls, on batches of records.
//!
//! A stage takes records by value and gives a record, or a struct whose members are records. For each there is a driver
//! per instruction set (loads a group of rows, calls the function, stores the results) and one front that checks the
//! slices and picks the instruction set. Functions of `shaders/probe` whose names start with `probe_` are stages too, so
//! that tests can call what the integrator does not call directly.

use super::error::{Error, Result};
use super::link::Linked;
use super::records;
use super::translate::identifier;
use naga::{AddressSpace, ArraySize, Function, Handle, Type, TypeInner};
use std::fmt::Write;

/// The stages of the renderer, by the names of their functions. One that is missing is a fault.
pub const STAGES: &[&str] = &[
    "generate_camera_ray",
    "scatter_in_medium",
    "shade_surface",
    "shade_shadow",
];

/// One record that a stage reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slot {
    name: String,
    record: String,
}

/// A stage.
#[derive(Debug, Clone)]
pub struct Stage {
    name: String,
    docs: Vec<String>,
    function: Handle<Function>,
    /// Parameters, in order; `true` if a result goes back into the same rows.
    inputs: Vec<(Slot, bool)>,
    /// Results that are no parameters.
    outputs: Vec<Slot>,
    /// Members of the result with the slots they go to; one without a name if the result is itself a record.
    members: Vec<(Option<String>, String)>,
}

/// Finds the stages: `names`, then all probes.
///
/// # Errors
/// A stage that is missing, or whose parameters or result are not records.
pub fn find(linked: &Linked, names: &[&str]) -> Result<Vec<Stage>> {
    let mut stages = Vec::new();
    for &name in names {
        let mut functions = linked.module.functions.iter();
        let Some((handle, _)) = functions.find(|(_, f)| f.name.as_deref() == Some(name)) else {
            return Err(Error::at(
                "",
                0,
                format!("the shaders have no stage `{name}`"),
            ));
        };
        stages.push(stage(linked, handle)?);
    }
    for (handle, function) in linked.module.functions.iter() {
        let place = linked.module.functions.get_span(handle).to_range();
        let in_probe = place.is_some_and(|r| linked.text.file_at(r.start).has_probes());
        if in_probe
            && function
                .name
                .as_deref()
                .is_some_and(|n| n.starts_with("probe_"))
        {
            stages.push(stage(linked, handle)?);
        }
    }
    Ok(stages)
}

fn stage(linked: &Linked, handle: Handle<Function>) -> Result<Stage> {
    let function = &linked.module.functions[handle];
    let name = function.name.clone().unwrap_or_default();
    let fail = |message: String| {
        linked
            .text
            .error(linked.module.functions.get_span(handle), message)
    };
    let record_name = |ty: Handle<Type>| {
        let is_rows = matches!(linked.module.types[ty].inner, TypeInner::Struct { span, .. } if span % 16 == 0);
        (is_rows && records::is_record(linked, ty))
            .then(|| linked.module.types[ty].name.clone().unwrap_or_default())
    };
    let mut inputs = Vec::new();
    for argument in &function.arguments {
        let slot = argument.name.clone().unwrap_or_default();
        let Some(record) = record_name(argument.ty) else {
            let message = format!(
                "stage `{name}`: the parameter `{slot}` must be a record of a multiple of 16 bytes, declared in records or probe"
            );
            return Err(fail(message));
        };
        inputs.push((
            Slot {
                name: identifier(&slot),
                record,
            },
            false,
        ));
    }
    let Some(result) = &function.result else {
        return Err(fail(format!("stage `{name}` gives no result")));
    };
    let mut members = Vec::new();
    let mut outputs = Vec::new();
    let mut give = |member: Option<String>, slot: Slot| {
        members.push((member, slot.name.clone()));
        match inputs.iter_mut().find(|(input, _)| input.name == slot.name) {
            Some((input, written)) if *input == slot => *written = true,
            Some(_) => {
                return Err(fail(format!(
                    "stage `{name}`: `{}` is a parameter of another type",
                    slot.name
                )));
            }
            None => outputs.push(slot),
        }
        Ok(())
    };
    if let Some(record) = record_name(result.ty) {
        give(
            None,
            Slot {
                name: "out".to_owned(),
                record,
            },
        )?;
    } else if let TypeInner::Struct { members, .. } = &linked.module.types[result.ty].inner {
        for member in members {
            let field = member.name.clone().unwrap_or_default();
            let Some(record) = record_name(member.ty) else {
                return Err(fail(format!(
                    "stage `{name}`: the member `{field}` of its result must be a record of a multiple of 16 bytes"
                )));
            };
            let field = identifier(&field);
            give(
                Some(field.clone()),
                Slot {
                    name: field,
                    record,
                },
            )?;
        }
    } else {
        return Err(fail(format!(
            "stage `{name}` must give a record, or a struct of records"
        )));
    }
    let docs = linked
        .module
        .doc_comments
        .as_ref()
        .and_then(|d| d.functions.get(&handle))
        .cloned();
    Ok(Stage {
        name: identifier(&name),
        docs: docs.unwrap_or_default(),
        function: handle,
        inputs,
        outputs,
        members,
    })
}

impl Stage {
    /// Its function.
    pub fn function(&self) -> Handle<Function> {
        self.function
    }

    /// The driver of one instruction set; `attribute` enables it, `extra` are arguments besides the records.
    pub fn driver(&self, attribute: &str, needs_tables: bool, needs_mask: bool) -> String {
        let mut parameters = vec![
            "tables: &Bound<'_>".to_owned(),
            "indices: &[u32]".to_owned(),
        ];
        for (slot, written) in &self.inputs {
            let pointer = if *written { "mut" } else { "const" };
            parameters.push(format!("{}: *{pointer} record::{}", slot.name, slot.record));
        }
        parameters.extend(
            self.outputs
                .iter()
                .map(|s| format!("{}: *mut record::{}", s.name, s.record)),
        );
        let mut arguments = Vec::new();
        if needs_tables {
            arguments.push("tables".to_owned());
        }
        let mut loads = String::new();
        for (i, (slot, _)) in self.inputs.iter().enumerate() {
            let (name, record) = (&slot.name, &slot.record);
            let _ = writeln!(
                loads,
                "            let input_{i} = {record}::load(&Rows::of_records({name}.cast(), &group.indices, {record}::WORDS), 0);"
            );
            arguments.push(format!("&input_{i}"));
        }
        if needs_mask {
            arguments.push("group.active".to_owned());
        }
        let mut stores = String::new();
        for (member, slot) in &self.members {
            let value = member
                .as_ref()
                .map_or("output".to_owned(), |m| format!("output.{m}"));
            let _ = writeln!(stores, "            {value}.store({slot}.cast(), &group);");
        }
        let (name, parameters, arguments) =
            (&self.name, parameters.join(", "), arguments.join(", "));
        format!(
            "/// `{name}` on the rows `indices`.\n///\n/// # Safety\n/// The rows exist and the instruction set is available.\n\
             {attribute}\npub unsafe fn run_{name}({parameters}) {{\n    for rows in indices.chunks(L) {{\n        \
             let group = Group::new(rows);\n        // SAFETY: as the function's\n        unsafe {{\n{loads}            \
             let output = {name}({arguments});\n{stores}        }}\n    }}\n}}\n\n"
        )
    }

    /// The front that picks an instruction set.
    pub fn front(&self) -> String {
        let mut out = String::new();
        for line in &self.docs {
            let _ = writeln!(out, "{}", line.trim());
        }
        let _ = writeln!(
            out,
            "///\n/// Runs on the rows `indices`, which all slices must have."
        );
        let mut parameters = vec![
            "simd: Simd".to_owned(),
            "tables: &Tables<'_>".to_owned(),
            "indices: &[u32]".to_owned(),
        ];
        let (mut pointers, mut lengths) = (Vec::new(), Vec::new());
        for (slot, written) in &self.inputs {
            let (reference, pointer) = if *written {
                ("&mut ", "as_mut_ptr")
            } else {
                ("&", "as_ptr")
            };
            parameters.push(format!(
                "{}: {reference}[record::{}]",
                slot.name, slot.record
            ));
            pointers.push(format!("{}.{pointer}()", slot.name));
            lengths.push(format!("{}.len()", slot.name));
        }
        for slot in &self.outputs {
            parameters.push(format!("{}: &mut [record::{}]", slot.name, slot.record));
            pointers.push(format!("{}.as_mut_ptr()", slot.name));
            lengths.push(format!("{}.len()", slot.name));
        }
        let (name, parameters) = (&self.name, parameters.join(", "));
        let (pointers, lengths) = (pointers.join(", "), lengths.join(", "));
        let _ = writeln!(
            out,
            "pub fn {name}({parameters}) {{\n    check(simd, indices, &[{lengths}]);\n    let tables = tables.bind();\n    \
             // SAFETY: `check` has seen that all rows exist and that the machine has the instruction set\n    unsafe {{\n        \
             match simd {{\n            #[cfg(target_arch = \"x86_64\")]\n            \
             Simd::Avx512 => avx512::run_{name}(&tables, indices, {pointers}),\n            \
             #[cfg(target_arch = \"x86_64\")]\n            \
             Simd::Avx2 => avx2::run_{name}(&tables, indices, {pointers}),\n            \
             _ => portable::run_{name}(&tables, indices, {pointers}),\n        }}\n    }}\n}}\n"
        );
        out
    }
}

/// The text of `stages.rs`: the scene tables and the fronts.
///
/// # Errors
/// A binding that is neither a uniform record nor a storage array.
pub fn fronts(linked: &Linked, stages: &[Stage]) -> Result<String> {
    let module = &linked.module;
    let (mut tables, mut bound, mut bind) = (String::new(), String::new(), String::new());
    let (mut uniforms, mut empty) = (Vec::new(), String::new());
    let (mut bytes, mut n_tables) = (String::new(), 0);
    for (handle, global) in module.global_variables.iter() {
        let name = identifier(global.name.as_deref().unwrap_or("table"));
        let docs = module
            .doc_comments
            .as_ref()
            .and_then(|d| d.global_variables.get(&handle));
        match docs {
            Some(lines) => lines.iter().for_each(|l| {
                let _ = writeln!(tables, "    {}", l.trim());
            }),
            None => {
                let _ = writeln!(tables, "    /// `{name}` of the shaders.");
            }
        }
        let fail = |what: &str| {
            Err(linked
                .text
                .error(module.global_variables.get_span(handle), what))
        };
        let element = |ty: Handle<Type>| match module.types[ty].inner {
            TypeInner::Struct { .. } if records::is_record(linked, ty) => module.types[ty]
                .name
                .as_ref()
                .map(|n| format!("record::{n}")),
            TypeInner::Struct { .. } => None,
            _ => records::rust_type(linked, ty),
        };
        match (global.space, &module.types[global.ty].inner) {
            (AddressSpace::Uniform, _) => {
                let Some(ty) = element(global.ty) else {
                    return fail("a uniform buffer must be a record");
                };
                let _ = writeln!(tables, "    pub {name}: &'a {ty},");
                let _ = writeln!(bound, "    pub {name}: &'a {ty},");
                let _ = writeln!(bind, "            {name}: self.{name},");
                uniforms.push(format!("{name}: &'a {ty}"));
                let _ = writeln!(empty, "            {name},");
            }
            (
                AddressSpace::Storage { .. },
                &TypeInner::Array {
                    base,
                    size: ArraySize::Dynamic,
                    ..
                },
            ) => {
                let Some(ty) = element(base) else {
                    return fail("a storage buffer must be an array of records or numbers");
                };
                let _ = writeln!(tables, "    pub {name}: &'a [{ty}],");
                let _ = writeln!(bound, "    pub {name}: Table<'a>,");
                let _ = writeln!(bind, "            {name}: Table::new(self.{name}),");
                let _ = writeln!(empty, "            {name}: &[],");
                let _ = writeln!(
                    bytes,
                    "            (\"{name}\", bytemuck::cast_slice(self.{name})),"
                );
                n_tables += 1;
            }
            _ => return fail("only uniform and storage buffers can be bound"),
        }
    }
    let mut out = String::from("// Generated by src/shader_compiler from shaders/.\n");
    let lifetime = if bound.is_empty() {
        "    lifetime: std::marker::PhantomData<&'a ()>,\n"
    } else {
        ""
    };
    if !lifetime.is_empty() {
        tables.push_str(lifetime);
        bind.push_str("            lifetime: self.lifetime,\n");
        empty.push_str("            lifetime: std::marker::PhantomData,\n");
        bound.push_str(lifetime);
    }
    let _ = writeln!(
        out,
        "/// The scene as stages read it. Indices beyond a table read its last row, an empty table reads as zeros.\n\
         #[derive(Clone, Copy)]\npub struct Tables<'a> {{\n{tables}}}\n\n\
         /// [`Tables`] as kernels hold them.\n#[derive(Clone, Copy)]\nstruct Bound<'a> {{\n{bound}}}\n\n\
         impl<'a> Tables<'a> {{\n    /// No table has a row.\n    pub fn empty({}) -> Self {{\n        Tables {{\n{empty}        }}\n    }}\n\n    /// Every table: its name and its bytes.\n    pub fn bytes(&self) -> [(&'static str, &'a [u8]); {n_tables}] {{\n        [\n{bytes}        ]\n    }}\n\n    fn bind(&self) -> Bound<'a> {{\n        Bound {{\n{bind}        }}\n    }}\n}}\n",
        uniforms.join(", ")
    );
    for stage in stages {
        out.push_str(&stage.front());
    }
    Ok(out)
}
