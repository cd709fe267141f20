//! From a tree of WGSL files to one validated naga module.
//!
//! naga_oil reads the imports and composes the modules, which proves that every file imports what it uses and nothing
//! that is missing. Because names are unique over the whole tree, the text that is translated (and that a GPU can load)
//! is the files laid end to end: comments, names and positions stay as they were written.

use super::error::{Error, Result};
use super::source::{LinkedText, SourceFile};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga_oil::compose::{
    ComposableModuleDescriptor, Composer, ImportDefinition, NagaModuleDescriptor,
    get_preprocessor_data,
};
use std::collections::HashMap;

/// What shaders may use beyond the core: packing as `f16`, which every adapter that the renderer runs on has.
const CAPABILITIES: Capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;

/// A linked and validated module with its text.
#[derive(Debug)]
pub struct Linked {
    /// The text, for places and for the GPU.
    pub text: LinkedText,
    /// naga's representation, doc comments included.
    pub module: naga::Module,
    /// What validation found out about types and uniformity of expressions.
    pub info: ModuleInfo,
}

/// Links and validates `files`.
///
/// # Errors
/// The first fault that naga_oil or naga finds, with file and line.
pub fn link(files: Vec<SourceFile>) -> Result<Linked> {
    let files = in_dependency_order(files)?;
    check_imports(&files)?;
    let mut text = LinkedText::default();
    for file in files {
        text.push(file);
    }
    let options = naga::front::wgsl::Options {
        parse_doc_comments: true,
        capabilities: CAPABILITIES,
    };
    let module = naga::front::wgsl::Frontend::new_with_options(options)
        .parse(&text.text)
        .map_err(|e| {
            let labels: Vec<_> = e.labels().collect();
            let span = labels.first().map_or(naga::Span::UNDEFINED, |l| l.0);
            let mut message = e.message().to_owned();
            for (span, label) in labels.iter().filter(|l| !l.1.is_empty()) {
                let (file, line) = text.locate(*span);
                message += &format!("\n  {file}:{line}: {label}");
            }
            for note in e.notes() {
                message += &format!("\n  {note}");
            }
            text.error(span, message)
        })?;
    let info = Validator::new(ValidationFlags::all(), CAPABILITIES)
        .validate(&module)
        .map_err(|e| {
            let span = e.spans().last().map_or(naga::Span::UNDEFINED, |s| s.0);
            let mut message = String::new();
            let mut cause: Option<&dyn std::error::Error> = Some(e.as_inner());
            while let Some(c) = cause {
                message += if message.is_empty() { "" } else { ": " };
                message += &c.to_string();
                cause = c.source();
            }
            text.error(span, message)
        })?;
    Ok(Linked { text, module, info })
}

/// Sorts files so that each comes after what it imports.
fn in_dependency_order(files: Vec<SourceFile>) -> Result<Vec<SourceFile>> {
    let mut imports = Vec::new();
    let mut by_name = HashMap::new();
    for (i, file) in files.iter().enumerate() {
        if let Some(line) = conditional_line(&file.text) {
            return Err(Error::at(
                &file.path,
                line,
                "conditional compilation is not supported",
            ));
        }
        let (name, used, _) = get_preprocessor_data(&file.text);
        if name.as_deref() != Some(&file.import_path) {
            let message = format!(
                "the file must begin with `#define_import_path {}`",
                file.import_path
            );
            return Err(Error::at(&file.path, 1, message));
        }
        by_name.insert(file.import_path.clone(), i);
        imports.push(used);
    }
    let mut order = Vec::new();
    let mut state = vec![Visit::No; files.len()];
    for i in 0..files.len() {
        visit(i, &files, &imports, &by_name, &mut state, &mut order)?;
    }
    let mut files: Vec<Option<SourceFile>> = files.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|i| files[i].take()).collect())
}

/// The first line that holds a preprocessor condition, from 1.
fn conditional_line(text: &str) -> Option<usize> {
    let conditional =
        |l: &str| l.starts_with("#if") || l.starts_with("#else") || l.starts_with("#endif");
    text.lines()
        .position(|l| conditional(l.trim_start()))
        .map(|l| l + 1)
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    No,
    Under,
    Done,
}

fn visit(
    i: usize,
    files: &[SourceFile],
    imports: &[Vec<ImportDefinition>],
    by_name: &HashMap<String, usize>,
    state: &mut [Visit],
    order: &mut Vec<usize>,
) -> Result<()> {
    if state[i] == Visit::Done {
        return Ok(());
    }
    state[i] = Visit::Under;
    for import in &imports[i] {
        let line = files[i]
            .text
            .lines()
            .position(|l| l.contains(&import.import))
            .map_or(0, |l| l + 1);
        let Some(&j) = by_name.get(&import.import) else {
            return Err(Error::at(
                &files[i].path,
                line,
                format!("there is no module `{}`", import.import),
            ));
        };
        if state[j] == Visit::Under {
            let message = format!(
                "`{}` imports this module in turn: imports must not form a ring",
                import.import
            );
            return Err(Error::at(&files[i].path, line, message));
        }
        visit(j, files, imports, by_name, state, order)?;
    }
    state[i] = Visit::Done;
    order.push(i);
    Ok(())
}

/// Composes all modules with naga_oil, which fails where a file uses what it does not import.
fn check_imports(files: &[SourceFile]) -> Result<()> {
    let mut composer = Composer::non_validating();
    let mut all = Vec::new();
    for file in files {
        let descriptor = ComposableModuleDescriptor {
            source: &file.text,
            file_path: &file.path,
            ..Default::default()
        };
        if let Err(e) = composer.add_composable_module(descriptor) {
            return Err(composer_error(&e, &composer));
        }
        all.push(ImportDefinition {
            import: file.import_path.clone(),
            items: Vec::new(),
        });
    }
    let descriptor = NagaModuleDescriptor {
        source: "",
        file_path: "all modules",
        additional_imports: &all,
        ..Default::default()
    };
    match composer.make_naga_module(descriptor) {
        Ok(_) => Ok(()),
        Err(e) => Err(composer_error(&e, &composer)),
    }
}

/// naga_oil's message, which holds file, line and the text concerned; file and line are taken out of it for the head.
fn composer_error(e: &naga_oil::compose::ComposerError, composer: &Composer) -> Error {
    let message = e.emit_to_string(composer);
    let file = e.source.path(composer).clone();
    let line = message
        .split_once(&format!("{file}:"))
        .and_then(|(_, rest)| rest.split(':').next()?.parse().ok())
        .unwrap_or(0);
    Error::at(&file, line, message.trim_end())
}
