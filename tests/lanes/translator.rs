//! What the shader compiler refuses, and that it says where.

#[path = "../../src/shader_compiler/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the tests do not use all of the compiler"
)]
mod shader_compiler;

use shader_compiler::source::SourceFile;
use shader_compiler::translate::{Form, translate};
use shader_compiler::{link, records, stage};

const FORM: Form = Form {
    name: "portable",
    attribute: "",
};

/// Compiles one file `shaders/math/x.wgsl` with the given lines after its head, which is line 1.
fn compile(lines: &str) -> Result<String, String> {
    compile_files(&[(
        "shaders/math/x.wgsl",
        &format!("#define_import_path skywell::math::x\n{lines}"),
    )])
}

fn compile_files(files: &[(&str, &str)]) -> Result<String, String> {
    let files = files
        .iter()
        .map(|(path, text)| SourceFile::new(path, *text))
        .collect();
    let linked = link::link(files).map_err(|e| e.to_string())?;
    records::generate(&linked).map_err(|e| e.to_string())?;
    let stages = stage::find(&linked, &[]).map_err(|e| e.to_string())?;
    translate(&linked, &stages, FORM).map_err(|e| e.to_string())
}

/// Asserts that the error begins with file and line and holds a word.
fn refused(result: Result<String, String>, place: &str, word: &str) {
    let error = result.expect_err("it was accepted");
    assert!(error.starts_with(place) && error.contains(word), "{error}");
}

#[test]
fn what_has_no_translation_is_named_with_its_place() {
    refused(
        compile("var<private> p: f32;\nfn f() -> f32 {\n    return p;\n}"),
        "shaders/math/x.wgsl:2: ",
        "buffers",
    );
    refused(
        compile(
            "@group(0) @binding(0) var<storage, read_write> b: array<f32>;\nfn f() {\n    b[0] = 1.0;\n}",
        ),
        "shaders/math/x.wgsl:2: ",
        "read-only",
    );
    refused(
        compile("fn f(x: f32) -> f32 {\n    let y = x + 1.0;\n    return dpdx(y);\n}"),
        "shaders/math/x.wgsl:4: ",
        "derivative",
    );
    refused(
        compile(
            "struct S {\n    a: f32,\n    b: f32,\n}\nfn g(p: ptr<function, f32>) {\n    *p = 1.0;\n}\nfn f() -> f32 {\n    var s: S;\n    g(&s.a);\n    return s.a;\n}",
        ),
        "shaders/math/x.wgsl:11: ",
        "whole variable",
    );
    refused(
        compile("override size: f32 = 1.0;\nfn f() -> f32 {\n    return size;\n}"),
        "shaders/math/x.wgsl:2: ",
        "override",
    );
    refused(
        compile(
            "@group(0) @binding(0) var<storage, read> b: array<vec3<u32>>;\nstruct R {\n    a: f32,\n}\n@group(0) @binding(1) var<storage, read> r: array<R>;\nfn f(i: u32) -> f32 {\n    let x = r[i];\n    return x.a;\n}",
        ),
        "shaders/math/x.wgsl:8: ",
        "16 bytes",
    );
    refused(
        compile(
            "@group(0) @binding(0) var t: texture_2d<f32>;\nfn f() -> vec4<f32> {\n    return textureLoad(t, vec2<u32>(0u), 0);\n}",
        ),
        "shaders/math/x.wgsl:2: ",
        "buffers",
    );
}

#[test]
fn faults_of_wgsl_are_named_with_their_place() {
    refused(
        compile("fn f(x: f32) -> f32 {\n    return x + y;\n}"),
        "shaders/math/x.wgsl:3: ",
        "y",
    );
    refused(
        compile("fn f(x: f32) -> u32 {\n    return x;\n}"),
        "shaders/math/x.wgsl:2: ",
        "return",
    );
    refused(
        compile("fn f( -> u32 {}"),
        "shaders/math/x.wgsl:2: ",
        "expected",
    );
    refused(
        compile_files(&[("shaders/math/x.wgsl", "// no head\nfn f() {}\n")]),
        "shaders/math/x.wgsl:1: ",
        "#define_import_path skywell::math::x",
    );
    refused(
        compile("#import skywell::math::nowhere::g\nfn f() -> f32 {\n    return g();\n}"),
        "shaders/math/x.wgsl:2: ",
        "skywell::math::nowhere",
    );
    refused(
        compile("#ifdef A\nfn f() {}\n#endif"),
        "shaders/math/x.wgsl:2: ",
        "conditional",
    );
}

#[test]
fn imports_must_be_complete_and_without_rings() {
    let a = "#define_import_path skywell::math::a\nfn one() -> f32 {\n    return 1.0;\n}";
    let b = "#define_import_path skywell::math::b\nfn two() -> f32 {\n    return one() + one();\n}";
    refused(
        compile_files(&[("shaders/math/a.wgsl", a), ("shaders/math/b.wgsl", b)]),
        "shaders/math/b.wgsl:3: ",
        "one",
    );
    let imported = b.replace("\nfn two", "\n#import skywell::math::a::one\nfn two");
    assert!(
        compile_files(&[
            ("shaders/math/b.wgsl", &imported),
            ("shaders/math/a.wgsl", a)
        ])
        .is_ok()
    );
    let ring = a.replace(
        "\nfn one() -> f32 {\n    return 1.0",
        "\n#import skywell::math::b::two\nfn one() -> f32 {\n    return two()",
    );
    let error = compile_files(&[
        ("shaders/math/a.wgsl", &ring),
        ("shaders/math/b.wgsl", &imported),
    ])
    .unwrap_err();
    assert!(error.contains("ring"), "{error}");
}

#[test]
fn records_must_not_hide_padding() {
    let record = |fields: &str| {
        compile_files(&[(
            "shaders/records/x.wgsl",
            &format!("#define_import_path skywell::records::x\n\nstruct R {{\n{fields}\n}}"),
        )])
    };
    refused(
        record("a: f32,\nb: vec3<f32>,"),
        "shaders/records/x.wgsl:3: ",
        "12 hidden bytes before `b`",
    );
    refused(
        record("a: vec3<f32>,"),
        "shaders/records/x.wgsl:3: ",
        "4 hidden bytes at its end",
    );
    refused(
        record("a: mat3x3<f32>,"),
        "shaders/records/x.wgsl:3: ",
        "`a`",
    );
    assert!(record("a: vec3<f32>,\nb: u32,\nc: array<vec4<f32>, 2>,").is_ok());
}

#[test]
fn stages_take_and_give_records() {
    let probe = |body: &str| {
        compile_files(&[(
            "shaders/probe/x.wgsl",
            &format!(
                "#define_import_path skywell::probe::x\nstruct R {{\n    a: vec4<f32>,\n}}\n{body}"
            ),
        )])
    };
    refused(
        probe("fn probe_x(a: f32) -> R {\n    return R(vec4<f32>(a));\n}"),
        "shaders/probe/x.wgsl:5: ",
        "`a`",
    );
    refused(
        probe("fn probe_x(r: R) -> f32 {\n    return r.a.x;\n}"),
        "shaders/probe/x.wgsl:5: ",
        "must give",
    );
    assert!(
        probe("fn probe_x(r: R) -> R {\n    return R(r.a * 2.0);\n}")
            .unwrap()
            .contains("fn run_probe_x")
    );
    let files = vec![SourceFile::new(
        "shaders/math/x.wgsl",
        "#define_import_path skywell::math::x\nfn f() {}",
    )];
    let missing = stage::find(&link::link(files).unwrap(), &["shade_surface"]).unwrap_err();
    assert!(missing.to_string().contains("no stage `shade_surface`"));
}

#[test]
fn written_code_keeps_names_and_comments() {
    let text = compile("/// Twice `width`, metres.\nfn double_width(width: f32) -> f32 {\n    let doubled = width + width;\n    return doubled;\n}").unwrap();
    assert!(text.contains("/// Twice `width`, metres."), "{text}");
    assert!(text.contains("fn double_width(width: F) -> F"), "{text}");
    assert!(text.contains("let doubled = width + width;"), "{text}");
}

#[test]
fn the_same_text_gives_the_same_code() {
    let lines = "fn f(x: f32, n: u32) -> f32 {\n    var s = 0.0;\n    for (var i = 0u; i < n; i++) {\n        s += x;\n    }\n    return s;\n}";
    assert_eq!(compile(lines), compile(lines));
}
