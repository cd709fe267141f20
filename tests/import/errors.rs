//! Broken files: an error or a warning, never a panic.

use crate::fixture::*;
use serde_json::{Value, json};
use skywell::scene::gltf::{LoadOptions, load};

/// A square whose `accessors` are 0 position, 1 normal, 2 texture coordinates, 3 indices.
fn broken(breakage: impl FnOnce(&mut Fixture)) -> String {
    let mut fixture = Fixture::square();
    fixture.textures(1);
    fixture.material(json!({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}));
    assert!(fixture.load().is_ok());
    breakage(&mut fixture);
    fixture.error()
}

/// Loads the square with the property at `pointer` set to `value`.
fn with(pointer: &str, value: Value) -> String {
    broken(|fixture| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match fixture.json.pointer_mut(pointer) {
            Some(known) => *known = value,
            None => fixture.json.pointer_mut(parent).unwrap()[name] = value,
        }
    })
}

#[test]
fn faults_in_json_are_located() {
    let cases = [
        (
            "/scene",
            json!(4),
            "/scene: there is no scene 4; the only scene has index 0",
        ),
        (
            "/scenes/0/nodes",
            json!([7]),
            "/scenes/0/nodes/0: there is no node 7",
        ),
        (
            "/nodes/0/children",
            json!([7]),
            "/nodes/0/children/0: there is no node 7",
        ),
        (
            "/nodes/0/children",
            json!([0]),
            "/nodes/0/children/0: node 0 is reached twice",
        ),
        (
            "/nodes/0/mesh",
            json!(9),
            "/nodes/0/mesh: there is no mesh 9",
        ),
        (
            "/nodes/0/mesh",
            json!(4_294_967_296_u64),
            "/nodes/0/mesh: an index above",
        ),
        (
            "/nodes/0/camera",
            json!(9),
            "/nodes/0/camera: there is no camera 9",
        ),
        (
            "/nodes/0/rotation",
            json!([0, 0, 0, 0]),
            "/nodes/0/rotation: is no unit quaternion",
        ),
        (
            "/nodes/0/scale",
            json!([1, 1e39, 1]),
            "/nodes/0/scale: holds a number too large",
        ),
        (
            "/nodes/0/scale",
            json!([1, 1]),
            "/nodes/0: invalid length 2",
        ),
        (
            "/nodes/0/matrix",
            json!([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
            "/nodes/0/matrix: is no affine",
        ),
        (
            "/nodes/0/extensions",
            json!({"KHR_lights_punctual": {"light": 0}}),
            "/nodes/0/extensions/KHR_lights_punctual/light: there is no light 0",
        ),
        ("/meshes/0/primitives", json!(5), "/meshes/0: invalid type"),
        (
            "/meshes/0/primitives/0/mode",
            json!(7),
            "/meshes/0/primitives/0/mode: is no mode",
        ),
        (
            "/meshes/0/primitives/0/material",
            json!(3),
            "/meshes/0/primitives/0/material: there is no material 3",
        ),
        (
            "/meshes/0/primitives/0/indices",
            json!(33),
            "/meshes/0/primitives/0/indices: there is no accessor 33",
        ),
        (
            "/meshes/0/primitives/0/indices",
            json!(0),
            "/accessors/0: does not hold unsigned integers",
        ),
        (
            "/meshes/0/primitives/0/attributes/NORMAL",
            json!(2),
            "/accessors/2/type: has 2 components where /meshes/0/primitives/0/attributes/NORMAL has 3",
        ),
        (
            "/meshes/0/primitives/0/attributes/NORMAL",
            json!(3),
            "/meshes/0/primitives/0/attributes/NORMAL: has 6 elements for 4 positions",
        ),
        (
            "/accessors/0/count",
            json!(4_000_000_000_u32),
            "/accessors/0/bufferView: 4000000000 elements end 48000000000 bytes after",
        ),
        (
            "/accessors/0/count",
            json!(5),
            "/accessors/0/bufferView: 5 elements end 60 bytes after byte 0 of a buffer view of 48 bytes",
        ),
        (
            "/accessors/0/byteOffset",
            json!(u64::MAX),
            "/accessors/0/bufferView: 4 elements",
        ),
        (
            "/accessors/0/componentType",
            json!(5125),
            "/accessors/0/componentType: UNSIGNED_INT cannot be used",
        ),
        (
            "/accessors/0/componentType",
            json!(5124),
            "/accessors/0: its componentType or type",
        ),
        (
            "/accessors/0/type",
            json!("VEC5"),
            "/accessors/0: its componentType or type",
        ),
        (
            "/accessors/0/bufferView",
            json!(99),
            "/accessors/0/bufferView: there is no buffer view 99",
        ),
        (
            "/accessors/3/type",
            json!("VEC2"),
            "/accessors/3: does not hold unsigned integers",
        ),
        (
            "/bufferViews/0/buffer",
            json!(1),
            "/bufferViews/0/buffer: there is no buffer 1",
        ),
        (
            "/bufferViews/0/byteStride",
            json!(8),
            "/bufferViews/0/byteStride: 8 bytes between elements of 12",
        ),
        (
            "/bufferViews/0/byteStride",
            json!(0),
            "/bufferViews/0/byteStride: 0 bytes between",
        ),
        (
            "/bufferViews/0/byteLength",
            json!(u64::MAX),
            "/bufferViews/0: bytes 0 to 0 + 18446744073709551615",
        ),
        (
            "/bufferViews/1/byteOffset",
            json!(9999),
            "/bufferViews/1: bytes 9999 to",
        ),
        (
            "/textures/0/source",
            json!(5),
            "/textures/0/source: there is no image 5",
        ),
        (
            "/textures/0/sampler",
            json!(0),
            "/textures/0/sampler: there is no sampler 0",
        ),
        ("/textures/0", json!({}), "/textures/0/source: missing"),
        (
            "/textures/0",
            json!({"extensions": {"EXT_texture_avif": {"source": 0}}}),
            "/textures/0: has an image by EXT_texture_avif only, which is not read; export with PNG",
        ),
        (
            "/textures/0",
            json!({"extensions": {"KHR_texture_basisu": {"source": 7}}}),
            "/textures/0/extensions/KHR_texture_basisu/source: there is no image 7",
        ),
        (
            "/textures/0",
            json!({"extensions": {"EXT_texture_webp": {"source": "a.webp"}}}),
            "/textures/0/extensions/EXT_texture_webp/source: is no unsigned integer",
        ),
        (
            "/materials/0/extensions",
            json!({"KHR_materials_sheen": 1}),
            "/materials/0/extensions/KHR_materials_sheen: is no object",
        ),
    ];
    for (pointer, value, message) in cases {
        let error = with(pointer, value);
        assert!(
            error.starts_with(&format!("scene.glb: {message}")),
            "{error}"
        );
        assert!(error.contains("; "), "no cure: {error}");
    }
}

#[test]
fn faults_in_sparse_accessors_are_located() {
    let sparse = |count: u64, component: u32| {
        with(
            "/accessors/0/sparse",
            json!({
                "count": count,
                "indices": {"bufferView": 3, "componentType": component},
                "values": {"bufferView": 0},
            }),
        )
    };
    // View 3 holds the vertex indices 0 1 2 0 2 3 as bytes.
    assert!(
        sparse(5, UNSIGNED_BYTE).contains("/accessors/0/sparse/count: replaces 5 of 4 elements")
    );
    assert!(
        sparse(4, UNSIGNED_SHORT).contains("/accessors/0/sparse/indices: 4 elements end 8 bytes")
    );
    assert!(
        sparse(3, UNSIGNED_SHORT)
            .contains("/accessors/0/sparse/indices: replaces element 256 of 4")
    );
    assert!(sparse(3, FLOAT).contains("/accessors/0/sparse/indices: its componentType"));
}

#[test]
fn faults_in_numbers_are_located() {
    let error = broken(|fixture| {
        fixture.attribute_floats(
            "POSITION",
            &[[0.0; 3], [0.0; 3], [0.0, f32::NAN, 0.0], [0.0; 3]],
        );
    });
    assert!(
        error.contains("/attributes/POSITION: the position of vertex 2 is not finite"),
        "{error}"
    );
    let error = broken(|fixture| {
        fixture.indices(UNSIGNED_SHORT, &[0, 1, 65535]);
    });
    assert!(
        error.contains("/indices: names vertex 65535, but there are 4"),
        "{error}"
    );
    let error = broken(|fixture| {
        fixture.attribute("COLOR_0", &[255; 12], UNSIGNED_BYTE, "VEC3", 4, false);
    });
    assert!(
        error.contains("/attributes/COLOR_0: holds integers that are not normalized"),
        "{error}"
    );
}

#[test]
fn cameras_and_lights_are_checked() {
    let camera = |camera: Value| {
        broken(|fixture| {
            fixture.json["cameras"] = json!([camera]);
            fixture.json["nodes"][0]["camera"] = json!(0);
        })
    };
    let error = camera(json!({"type": "perspective", "perspective": {"yfov": 0, "znear": 1}}));
    assert!(
        error.contains("/cameras/0/perspective/yfov: 0 is outside (0, ∞)"),
        "{error}"
    );
    let error = camera(json!({"type": "perspective", "perspective": {"yfov": 60, "znear": 1}}));
    assert!(
        error.contains("/cameras/0/perspective/yfov: 60 is no angle below π; give"),
        "{error}"
    );
    assert!(camera(json!({"type": "perspective"})).contains("/cameras/0/perspective: missing"));
    assert!(camera(json!({"type": "fisheye"})).contains("/cameras/0/type: neither"));

    let light = |light: Value| {
        broken(|fixture| {
            fixture.json["extensions"] = json!({"KHR_lights_punctual": {"lights": [light]}});
            fixture.json["nodes"][0]["extensions"] = json!({"KHR_lights_punctual": {"light": 0}});
        })
    };
    let at = "/extensions/KHR_lights_punctual/lights/0";
    assert!(light(json!({})).contains(&format!("{at}/type: missing")));
    assert!(light(json!({"type": "area"})).contains(&format!("{at}/type: \"area\" is neither")));
    assert!(
        light(json!({"type": "point", "intensity": -1})).contains(&format!("{at}/intensity: -1"))
    );
    let cone = |inner: f32, outer: f32| {
        light(json!({"type": "spot", "spot": {"innerConeAngle": inner, "outerConeAngle": outer}}))
    };
    assert!(cone(0.5, 2.0).contains("outerConeAngle: 2 is outside (0, π/2]"));
}

#[test]
fn what_is_required_and_not_read_is_named() {
    for (name, cure) in [
        ("EXT_texture_avif", "export with PNG or JPEG textures"),
        ("ACME_teapot", "export the file without it"),
    ] {
        assert_eq!(
            with("/extensionsRequired", json!(["KHR_materials_ior", name])),
            format!(
                "scene.glb: /extensionsRequired/1: the file cannot be shown without {name}, which is not read; {cure}"
            )
        );
    }
}

#[test]
fn missing_and_short_files_are_told() {
    let mut fixture = Fixture::triangle();
    let gone = fixture.folder.path().join("gone.glb");
    let error = fixture.message(load(&gone, &LoadOptions::default()).unwrap_err());
    assert!(
        error.starts_with("gone.glb: No such file") && error.contains("; check the path"),
        "{error}"
    );
    fixture.json["buffers"] = json!([{"byteLength": 36, "uri": "data.bin"}]);
    let error = fixture.message(fixture.load_json().unwrap_err());
    assert!(
        error.starts_with("scene.gltf: /buffers/0/uri: \"data.bin\" cannot be read"),
        "{error}"
    );
    fixture.write("data.bin", &fixture.bin[..35]);
    let error = fixture.message(fixture.load_json().unwrap_err());
    assert!(
        error.starts_with("scene.gltf: /buffers/0/byteLength: states 36 bytes, but there are 35"),
        "{error}"
    );
    fixture.json["buffers"] = json!([{"byteLength": 36}]);
    let error = fixture.message(fixture.load_json().unwrap_err());
    assert!(
        error.starts_with("scene.gltf: /buffers/0: has no URI"),
        "{error}"
    );
    let folder = load(fixture.folder.path(), &LoadOptions::default()).unwrap_err();
    assert!(folder.to_string().contains("; check the path"), "{folder}");
}

/// A file with a bit of everything.
fn rich() -> Fixture {
    let mut fixture = Fixture::square();
    fixture.attribute_floats("COLOR_0", &[[0.5, 0.5, 0.5, 1.0]; 4]);
    let up = fixture.floats(&[[0.0, 0.0, 1.0]; 4]);
    fixture.primitive()["targets"] = json!([{"POSITION": up, "NORMAL": up}]);
    fixture.json["meshes"][0]["weights"] = json!([0.5]);
    let spots = fixture.view(&[1]);
    fixture.json["accessors"][0]["sparse"] = json!({
        "count": 1,
        "indices": {"bufferView": spots, "componentType": UNSIGNED_BYTE},
        "values": {"bufferView": 0},
    });
    fixture.textures(2);
    fixture.json["samplers"] = json!([{"wrapS": 33071, "magFilter": 9728}]);
    fixture.json["textures"][0]["sampler"] = json!(0);
    fixture.material(json!({
        "normalTexture": {"index": 0, "extensions": {"KHR_texture_transform": {"rotation": 1, "scale": [2, 2], "texCoord": 0}}},
        "extensions": {
            "KHR_materials_anisotropy": {"anisotropyStrength": 1, "anisotropyTexture": {"index": 1}},
            "KHR_materials_volume": {"thicknessFactor": 1, "attenuationColor": [1, 1, 1]},
        },
    }));
    fixture.json["cameras"] =
        json!([{"type": "perspective", "perspective": {"yfov": 1, "znear": 1}}]);
    fixture.json["extensions"] =
        json!({"KHR_lights_punctual": {"lights": [{"type": "spot", "spot": {}}]}});
    fixture.json["nodes"] = json!([
        {"children": [1], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]},
        {"mesh": 0, "camera": 0, "extensions": {"KHR_lights_punctual": {"light": 0}}, "skin": 0},
    ]);
    let matrix = fixture.accessor(&[0; 64], FLOAT, "MAT4", 1);
    fixture.json["skins"] = json!([{"joints": [0], "inverseBindMatrices": matrix}]);
    fixture.attribute("JOINTS_0", &[0; 16], UNSIGNED_BYTE, "VEC4", 4, false);
    fixture.attribute("WEIGHTS_0", &[255; 16], UNSIGNED_BYTE, "VEC4", 4, true);
    fixture
}

/// Every JSON pointer below `value`.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(object) => {
            object
                .iter()
                .for_each(|(name, value)| pointers(value, &format!("{path}/{name}"), found));
        }
        Value::Array(array) => {
            array
                .iter()
                .enumerate()
                .for_each(|(i, value)| pointers(value, &format!("{path}/{i}"), found));
        }
        _ => {}
    }
}

#[test]
fn no_property_of_any_value_panics() {
    let fixture = rich();
    let bin = &fixture.bin;
    let whole = fixture.load().unwrap();
    // A sparse element puts one corner onto another.
    let [warning] = whole.warnings.as_slice() else {
        panic!("{:?}", whole.warnings);
    };
    assert!(
        warning
            .ends_with("/meshes/0/primitives/0: triangles without area, which no light meets: 1"),
        "{warning}"
    );
    let mut json = fixture.json.clone();
    json["buffers"] = json!([{"byteLength": bin.len()}]);
    let mut all = Vec::new();
    pointers(&json, "", &mut all);
    assert!(all.len() > 150);
    let hostile = [
        json!(null),
        json!(-1),
        json!(0),
        json!(1),
        json!(3),
        json!(0.5),
        json!(1e308),
        json!(u32::MAX),
        json!(1_u64 << 32),
        json!(u64::MAX),
        json!(""),
        json!("VEC4"),
        json!("../../x"),
        json!([]),
        json!([0]),
        json!({}),
        json!({"extensions": 1}),
        json!(true),
    ];
    let mut refused = 0;
    for pointer in &all {
        for value in &hostile {
            let mut json = json.clone();
            *json.pointer_mut(pointer).unwrap() = value.clone();
            let path = fixture.write("hostile.glb", &glb(&json, bin));
            if let Err(error) = load(&path, &LoadOptions::default()) {
                refused += 1;
                let message = error.to_string();
                assert!(
                    message.contains("hostile.glb: ") && message.contains("; "),
                    "{message}"
                );
            }
        }
    }
    assert!(
        refused > all.len(),
        "{refused} of {} hostile files were refused",
        all.len() * hostile.len()
    );
}

#[test]
fn no_damage_to_the_bytes_panics() {
    let fixture = rich();
    let whole = fixture.glb();
    for length in (0..whole.len()).step_by(7) {
        let path = fixture.write("cut.glb", &whole[..length]);
        assert!(
            load(&path, &LoadOptions::default()).is_err(),
            "cut to {length} bytes"
        );
    }
    // A fixed sequence of bytes overwritten (Lehmer's generator), one to eight at a time.
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state * 48271 % 0x7fff_ffff;
        state as usize % below
    };
    for _ in 0..4000 {
        let mut damaged = whole.clone();
        for _ in 0..=random(8) {
            let at = random(damaged.len());
            damaged[at] = random(256) as u8;
        }
        let path = fixture.write("damaged.glb", &damaged);
        if let Ok(scene) = load(&path, &LoadOptions::default()) {
            for mesh in &scene.meshes {
                assert!(mesh.positions.iter().all(|p| p.is_finite()));
                let n = mesh.positions.len();
                assert!(mesh.triangles.iter().flatten().all(|&i| (i as usize) < n));
                assert!(mesh.normals.iter().all(|n| (n.length() - 1.0).abs() < 1e-3));
            }
        }
    }
}
