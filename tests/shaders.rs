//! The shaders as a whole: they link and validate, keep to what both back ends can run, and are documented.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on fails"
)]

#[path = "../src/shader_compiler/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the tests do not use all of the compiler"
)]
mod shader_compiler;

use naga::{AddressSpace, StorageAccess, TypeInner};
use shader_compiler::link::{Linked, link};
use shader_compiler::source::read_tree;
use shader_compiler::{records, stage};
use skywell::kernel::gpu::{Features, Target};

fn renderer() -> Linked {
    link(
        read_tree(
            "shaders",
            &["shaders/passes", "shaders/traverse", "shaders/conformance"],
        )
        .unwrap(),
    )
    .unwrap()
}

fn suite() -> Linked {
    link(read_tree("shaders/conformance", &[]).unwrap()).unwrap()
}

/// The file of a span, from the package's root.
fn file_of(linked: &Linked, span: naga::Span) -> String {
    linked.text.locate(span).0.to_owned()
}

#[test]
fn all_modules_link_and_validate_without_optional_features() {
    let linked = renderer();
    assert!(linked.text.files.len() > 30);
    // the linked text is what a GPU loads: it must stand alone
    let module = naga::front::wgsl::parse_str(&linked.text.text).unwrap();
    naga::valid::Validator::new(
        naga::valid::ValidationFlags::all(),
        naga::valid::Capabilities::default(),
    )
    .validate(&module)
    .unwrap();
    suite();
}

#[test]
fn shaders_are_pure_functions_of_values_and_tables() {
    let linked = renderer();
    let module = &linked.module;
    for (handle, global) in module.global_variables.iter() {
        let file = file_of(&linked, module.global_variables.get_span(handle));
        assert_eq!(
            file, "shaders/tables.wgsl",
            "bindings are declared in one file"
        );
        match global.space {
            AddressSpace::Uniform => {}
            AddressSpace::Storage { access } => assert_eq!(access, StorageAccess::LOAD),
            space => panic!("{file}: {space:?} outside of the GPU's passes"),
        }
    }
    assert_eq!(
        module.entry_points.len(),
        0,
        "entry points belong in shaders/passes"
    );
    for (handle, function) in module.functions.iter() {
        for (e, expression) in function.expressions.iter() {
            if let naga::Expression::Math {
                fun: naga::MathFunction::Fma,
                ..
            } = expression
            {
                let (file, line) = linked.text.locate(function.expressions.get_span(e));
                panic!("{file}:{line}: fma() rounds differently from device to device");
            }
        }
        for argument in &function.arguments {
            if let TypeInner::Pointer { space, .. } = module.types[argument.ty].inner {
                let (file, line) = linked.text.locate(module.functions.get_span(handle));
                assert_eq!(space, AddressSpace::Function, "{file}:{line}");
            }
        }
    }
}

#[test]
fn storage_buffers_are_read_in_rows_of_sixteen_bytes() {
    let linked = renderer();
    for (_, global) in linked.module.global_variables.iter() {
        if let TypeInner::Array { base, stride, .. } = linked.module.types[global.ty].inner {
            let words = matches!(linked.module.types[base].inner, TypeInner::Scalar(_));
            assert!(
                words || stride % 16 == 0,
                "{:?} has a stride of {stride}",
                global.name
            );
        }
    }
}

#[test]
fn records_are_rows_and_have_rust_twins() {
    let linked = renderer();
    let twins = records::generate(&linked).unwrap();
    let mut n = 0;
    for (handle, ty) in linked.module.types.iter() {
        let TypeInner::Struct { span, .. } = ty.inner else {
            continue;
        };
        let name = ty.name.as_deref().unwrap();
        if file_of(&linked, linked.module.types.get_span(handle)).starts_with("shaders/records/") {
            assert_eq!(span % 16, 0, "{name}");
            assert!(twins.contains(&format!("pub struct {name} {{")), "{name}");
            assert!(
                twins.contains(&format!("assert!(size_of::<{name}>() == {span});")),
                "{name}"
            );
            n += 1;
        }
    }
    assert!(n >= 10);
}

/// The layout that both sides rely on, once by hand.
#[test]
fn a_path_has_the_layout_of_its_comments() {
    use skywell::compiled::record::{Hit, PathState, ShadowRay};
    assert_eq!(
        (
            size_of::<PathState>(),
            size_of::<Hit>(),
            size_of::<ShadowRay>() % 16
        ),
        (80, 16, 0)
    );
    assert_eq!(std::mem::offset_of!(PathState, direction), 16);
    assert_eq!(align_of::<PathState>(), 16);
}

#[test]
fn every_function_is_documented() {
    let linked = renderer();
    let mut missing = Vec::new();
    for (handle, function) in linked.module.functions.iter() {
        let (path, line) = linked.text.locate(linked.module.functions.get_span(handle));
        let file = linked.text.files.iter().find(|f| f.path == path).unwrap();
        let above = file.text.lines().nth(line - 2).unwrap_or_default();
        if !above.starts_with("///") {
            let name = function.name.as_deref().unwrap_or_default();
            missing.push(format!("{path}:{line}: {name}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_stage_is_there() {
    let linked = renderer();
    let stages = stage::find(&linked, stage::STAGES).unwrap();
    let fronts = stage::fronts(&linked, &stages).unwrap();
    for name in stage::STAGES {
        assert!(
            fronts.contains(&format!("pub fn {name}(simd: Simd, tables: &Tables<'_>")),
            "{name}"
        );
    }
}

/// The passes as a device that allows no more than WebGPU promises sees them, and one that allows more.
#[test]
fn every_number_of_pages_is_valid_and_within_the_limits() {
    for pages in [1, 2, 4, 16] {
        let text = skywell::kernel::gpu::source(Target::Hardware, pages, 23, &Features::all());
        let module = naga::front::wgsl::parse_str(&text).unwrap();
        let info = naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::default(),
        )
        .validate(&module)
        .unwrap();
        assert_eq!(module.entry_points.len(), 15);
        for (i, entry) in module.entry_points.iter().enumerate() {
            let used = info.get_entry_point(i);
            let buffers = (module.global_variables.iter())
                .filter(|(_, global)| matches!(global.space, AddressSpace::Storage { .. }))
                .filter(|(handle, _)| !used[*handle].is_empty())
                .count();
            assert!(
                buffers <= 4 + pages.max(4) as usize,
                "{}: {buffers} storage buffers",
                entry.name
            );
            let [x, y, z] = entry.workgroup_size;
            assert!(x * y * z <= 256, "{}", entry.name);
        }
    }
}
