//! Damages scenes, in their JSON and in their bytes, and panoramas.

use serde_json::{Value, json};

/// A scene that holds everything in itself, or a panorama.
pub struct Seed {
    /// Of its file: `glb`, or that of a panorama.
    pub extension: &'static str,
    /// `null` in a panorama.
    pub json: Value,
    pub bin: Vec<u8>,
}

/// A fixed sequence of numbers for each run and input (SplitMix64, Steele et al. 2014).
pub struct Random(u64);

impl Random {
    pub fn new(run: u64, input: u64) -> Self {
        let mut random = Self(run.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ input.rotate_left(32));
        random.next();
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A damaged file.
pub fn damage(seed: &Seed, seeds: &[Seed], random: &mut Random) -> Vec<u8> {
    let mut bytes = match seed.extension {
        "glb" => damage_scene(seed, seeds, random),
        _ => damage_panorama(&seed.bin, random),
    };
    if random.chance(3) {
        bytes.truncate(random.below(bytes.len()));
    }
    if random.chance(3) {
        let at = random.below(bytes.len().min(64));
        if let Some(byte) = bytes.get_mut(at) {
            *byte = random.next() as u8;
        }
    }
    bytes
}

fn damage_panorama(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    // Attributes take some hundred bytes.
    let header = 0..bytes.len().min(512);
    for _ in 0..=random.below(6) {
        damage_bytes(&mut bytes, std::slice::from_ref(&header), random);
    }
    bytes
}

fn damage_scene(seed: &Seed, seeds: &[Seed], random: &mut Random) -> Vec<u8> {
    let mut json = seed.json.clone();
    let mut bin = seed.bin.clone();
    let kind = random.below(10);
    if kind < 5 {
        let ranges = ranges(&json);
        for _ in 0..=random.below(4) {
            damage_bytes(&mut bin, &ranges, random);
        }
    }
    if kind >= 4 {
        for _ in 0..=random.below(3) {
            damage_json(&mut json, &seeds[random.below(seeds.len())].json, random);
        }
    }
    glb(&json, &bin)
}

/// Where things lie in the bytes.
fn ranges(json: &Value) -> Vec<std::ops::Range<usize>> {
    let number =
        |object: &Value, name: &str| object.get(name).and_then(Value::as_u64).map(|n| n as usize);
    let range = |object: &Value| {
        let start = number(object, "byteOffset").unwrap_or(0);
        Some(start..start + number(object, "byteLength")?)
    };
    let views = json
        .get("bufferViews")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    views
        .flat_map(|view| {
            let compressed = view
                .get("extensions")
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            let compressed = compressed
                .map(|(_, object)| object)
                .find(|o| o.get("byteLength").is_some());
            range(compressed.unwrap_or(view))
        })
        .collect()
}

fn damage_bytes(bin: &mut [u8], ranges: &[std::ops::Range<usize>], random: &mut Random) {
    if bin.is_empty() {
        return;
    }
    // Headers are short and decide most.
    let at = match ranges.get(random.below(ranges.len() + 1)) {
        Some(range) if random.chance(50) => range.start + random.below(range.len().min(96)),
        Some(range) => range.start + random.below(range.len()),
        None => random.below(bin.len()),
    }
    .min(bin.len() - 1);
    let length = 1 + random.below(8);
    let end = (at + length).min(bin.len());
    match random.below(6) {
        0 => bin[at] ^= 1 << random.below(8),
        1 => bin[at..end].fill([0, 255, 127, 128][random.below(4)]),
        2 => bin[at..end]
            .iter_mut()
            .for_each(|byte| *byte = random.next() as u8),
        3 => {
            let from = random.below(bin.len() - (end - at) + 1);
            bin.copy_within(from..from + (end - at), at);
        }
        4 => bin[at..end].rotate_left(1),
        _ => bin[at] = bin[at].wrapping_add(if random.chance(50) { 1 } else { 255 }),
    }
}

fn damage_json(json: &mut Value, donor: &Value, random: &mut Random) {
    let mut all = Vec::new();
    pointers(json, "", &mut all);
    let pointer = &all[random.below(all.len())];
    let copied = {
        let mut others = Vec::new();
        pointers(donor, "", &mut others);
        donor.pointer(&others[random.below(others.len())]).cloned()
    };
    let Some(value) = json.pointer_mut(pointer) else {
        return;
    };
    *value = match (value.as_f64(), random.below(8)) {
        (Some(number), 0) => json!(number + 1.0),
        (Some(number), 1) => json!(-number),
        (Some(number), 2) => json!((number * 2.0) as u64),
        (Some(number), 3) => json!(number as u64 ^ (1 << random.below(34))),
        (Some(_), 4) => json!(random.next() as u32),
        (Some(_), 5) => json!(random.below(16)),
        (None, 0..=3) => copied.unwrap_or(Value::Null),
        _ => {
            let hostile = [
                json!(null),
                json!(-1),
                json!(0),
                json!(1e308),
                json!(1e-308),
                json!(u32::MAX),
                json!(1_u64 << 40),
                json!(u64::MAX),
                json!(""),
                json!("VEC3"),
                json!("MAT4"),
                json!("SCALAR"),
                json!("../x"),
                json!([]),
                json!([0, 0, 0]),
                json!({}),
                json!(true),
                json!(5121),
                json!(5123),
                json!(5125),
                json!(5126),
                json!("ATTRIBUTES"),
                json!("TRIANGLES"),
                json!("EXPONENTIAL"),
                json!("QUATERNION"),
                json!(65536),
                json!(16_777_216),
                json!(4_000_000_000_u32),
            ];
            hostile[random.below(hostile.len())].clone()
        }
    };
}

/// Every JSON pointer below `value`.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(array) => array
            .iter()
            .enumerate()
            .map(|(i, value)| (i.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, value) in children {
        pointers(value, &format!("{path}/{name}"), found);
    }
}

fn glb(json: &Value, bin: &[u8]) -> Vec<u8> {
    let mut text = serde_json::to_vec(json).unwrap_or_default();
    text.resize(text.len().next_multiple_of(4), b' ');
    let padded = bin.len().next_multiple_of(4);
    let mut bytes = b"glTF\x02\0\0\0".to_vec();
    bytes.extend(((28 + text.len() + padded) as u32).to_le_bytes());
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(b"JSON");
    bytes.extend(text);
    bytes.extend((padded as u32).to_le_bytes());
    bytes.extend(b"BIN\0");
    bytes.extend(bin);
    bytes.resize(bytes.len() + padded - bin.len(), 0);
    bytes
}
