//! Reading the properties of extension objects out of raw JSON, with their defaults and ranges.
//!
//! The `gltf` crate knows some extensions by type and leaves the others as JSON. All are read here
//! as JSON: one way for all, and an error names the very property.

use super::error::Fault;
use super::range::Range;
use glam::{Vec2, Vec3};
use serde_json::{Map, Value};

/// A JSON object and where it is.
#[derive(Clone, Debug)]
pub(super) struct Properties<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> Properties<'a> {
    /// The extension `name` among `extensions`, whose JSON pointer is `owner`'s.
    ///
    /// # Errors
    /// When it is there and no object.
    pub(super) fn extension(
        extensions: Option<&'a Map<String, Value>>,
        owner: &str,
        name: &str,
    ) -> Result<Option<Self>, Fault> {
        let path = || format!("{owner}/extensions/{name}");
        match extensions.and_then(|extensions| extensions.get(name)) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self {
                object,
                path: path(),
            })),
            Some(_) => Err(Fault::invalid(path(), "is no object")),
        }
    }

    /// `object`, which is at the JSON pointer `path`.
    pub(super) fn new(object: &'a Map<String, Value>, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { object, path }
    }

    /// JSON pointer of property `name`.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// The object `name`, if it is there.
    ///
    /// # Errors
    /// When it is no object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Fault> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self {
                object,
                path: self.path(name),
            })),
            Some(_) => Err(self.invalid(name, "is no object")),
        }
    }

    /// The objects in the array `name`; none when it is not there.
    ///
    /// # Errors
    /// When it is no array of objects.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Fault> {
        let array = match self.object.get(name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(array)) => array,
            Some(_) => return Err(self.invalid(name, "is no array")),
        };
        let object = |(i, value): (usize, &'a Value)| match value {
            Value::Object(object) => Ok(Self {
                object,
                path: format!("{}/{name}/{i}", self.path),
            }),
            _ => Err(self.invalid(&format!("{name}/{i}"), "is no object")),
        };
        array.iter().enumerate().map(object).collect()
    }

    /// The raw object behind this one's `extensions`.
    pub(super) fn extensions(&self) -> Option<&'a Map<String, Value>> {
        self.object.get("extensions").and_then(Value::as_object)
    }

    /// Where this object is.
    pub(super) fn own_path(&self) -> &str {
        &self.path
    }

    /// The number `name`, or `default`.
    ///
    /// # Errors
    /// When it is no number within `range`.
    pub(super) fn number(&self, name: &str, default: f32, range: Range) -> Result<f32, Fault> {
        Ok(self.optional_number(name, range)?.unwrap_or(default))
    }

    /// The number `name`, if it is there.
    ///
    /// # Errors
    /// When it is no number within `range`.
    pub(super) fn optional_number(&self, name: &str, range: Range) -> Result<Option<f32>, Fault> {
        let Some(value) = self.object.get(name) else {
            return Ok(None);
        };
        let Some(number) = value.as_f64() else {
            return Err(self.invalid(name, "is no number"));
        };
        range.check(number as f32, || self.path(name)).map(Some)
    }

    /// The three numbers `name`, or `default` for each.
    ///
    /// # Errors
    /// When it is no array of three numbers within `range`.
    pub(super) fn vector3(&self, name: &str, default: f32, range: Range) -> Result<Vec3, Fault> {
        Ok(self
            .array(name, range)?
            .map_or(Vec3::splat(default), Vec3::from_array))
    }

    /// The four numbers `name`, or `default` for each.
    ///
    /// # Errors
    /// When it is no array of four numbers within `range`.
    pub(super) fn vector4(
        &self,
        name: &str,
        default: f32,
        range: Range,
    ) -> Result<[f32; 4], Fault> {
        Ok(self.array(name, range)?.unwrap_or([default; 4]))
    }

    /// The two numbers `name`, or `default` for each.
    ///
    /// # Errors
    /// When it is no array of two numbers within `range`.
    pub(super) fn vector2(&self, name: &str, default: f32, range: Range) -> Result<Vec2, Fault> {
        Ok(self
            .array(name, range)?
            .map_or(Vec2::splat(default), Vec2::from_array))
    }

    /// The unsigned integer `name`, if it is there.
    ///
    /// # Errors
    /// When it is no unsigned integer of 32 bits.
    pub(super) fn integer(&self, name: &str) -> Result<Option<u32>, Fault> {
        let Some(value) = self.object.get(name) else {
            return Ok(None);
        };
        match value
            .as_u64()
            .and_then(|integer| u32::try_from(integer).ok())
        {
            Some(integer) => Ok(Some(integer)),
            None => Err(self.invalid(name, "is no unsigned 32-bit integer")),
        }
    }

    /// The unsigned integer `name`, which must be there.
    ///
    /// # Errors
    /// When it is missing or no unsigned integer.
    pub(super) fn unsigned(&self, name: &str) -> Result<u64, Fault> {
        match self.object.get(name) {
            None => Err(self.invalid(name, "missing")),
            Some(value) => value
                .as_u64()
                .ok_or_else(|| self.invalid(name, "is no unsigned integer")),
        }
    }

    /// The names of all properties.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a String> {
        self.object.keys()
    }

    /// Is property `name` there?
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The index `name`, which must be there.
    ///
    /// # Errors
    /// When it is missing or no index.
    pub(super) fn index(&self, name: &str) -> Result<usize, Fault> {
        match self.integer(name)? {
            Some(index) => Ok(index as usize),
            None => Err(self.invalid(name, "missing")),
        }
    }

    /// The unsigned integers in the array `name`; none when it is not there.
    ///
    /// # Errors
    /// When it is no array of unsigned integers of 32 bits.
    pub(super) fn integers(&self, name: &str) -> Result<Vec<u32>, Fault> {
        match self.object.get(name) {
            None => Ok(Vec::new()),
            Some(value) => self.integers_of(value, name),
        }
    }

    /// The arrays of unsigned integers in the array `name`; none when it is not there.
    ///
    /// # Errors
    /// When it is no array of arrays of unsigned integers of 32 bits.
    pub(super) fn arrays_of_integers(&self, name: &str) -> Result<Vec<Vec<u32>>, Fault> {
        let array = match self.object.get(name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(array)) => array,
            Some(_) => return Err(self.invalid(name, "is no array")),
        };
        let element = |(i, value)| self.integers_of(value, &format!("{name}/{i}"));
        array.iter().enumerate().map(element).collect()
    }

    /// `value`, which is property `name`, as unsigned integers.
    fn integers_of(&self, value: &Value, name: &str) -> Result<Vec<u32>, Fault> {
        let Value::Array(array) = value else {
            return Err(self.invalid(name, "is no array"));
        };
        let integer = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
        array
            .iter()
            .map(integer)
            .collect::<Option<_>>()
            .ok_or_else(|| self.invalid(name, "holds what is no unsigned 32-bit integer"))
    }

    /// The text `name`, if it is there.
    ///
    /// # Errors
    /// When it is no text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "is no text")),
        }
    }

    /// The truth value `name`, if it is there.
    ///
    /// # Errors
    /// When it is neither true nor false.
    pub(super) fn truth(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(_) => Err(self.invalid(name, "is neither true nor false")),
        }
    }

    fn array<const N: usize>(&self, name: &str, range: Range) -> Result<Option<[f32; N]>, Fault> {
        let Some(value) = self.object.get(name) else {
            return Ok(None);
        };
        let array = value.as_array().filter(|array| array.len() == N);
        let Some(array) = array else {
            return Err(self.invalid(name, &format!("is no array of {N} numbers")));
        };
        let mut numbers = [0.0; N];
        for (i, (number, value)) in numbers.iter_mut().zip(array).enumerate() {
            let element = format!("{name}/{i}");
            let Some(float) = value.as_f64() else {
                return Err(self.invalid(&element, "is no number"));
            };
            *number = range.check(float as f32, || self.path(&element))?;
        }
        Ok(Some(numbers))
    }

    fn invalid(&self, name: &str, what: &str) -> Fault {
        Fault::invalid(self.path(name), what)
    }
}
