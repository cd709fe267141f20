//! Reading OpenEXR files.

use super::{Attribute, Channel, Exr, Precision, Window, dwa};
use crate::color::Chromaticities;
use crate::image::{Error, is_plausible_size};
use ::exr::error::Error as ExrError;
use ::exr::image::{AnyChannel, AnyChannels, FlatSamples, Layer};
use ::exr::math::Vec2;
use ::exr::meta::MetaData;
use ::exr::meta::attribute::{AttributeValue, EnvironmentMap, IntegerBounds, Text};
use ::exr::meta::header::{Header, ImageAttributes};
use ::exr::prelude::{ReadChannels, ReadLayers};
use half::f16;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

/// Reads all parts of a file, at least one.
///
/// # Errors
/// Anything in [`Error`] but a lack of colour.
pub fn read(path: &Path) -> Result<Vec<Exr>, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    decode(&bytes, path)
}

/// Decodes the bytes of a file, which messages call `path`.
///
/// # Errors
/// Those of [`read`].
pub(in crate::image) fn decode(bytes: &[u8], path: &Path) -> Result<Vec<Exr>, Error> {
    let meta = MetaData::read_from_buffered(Cursor::new(bytes), false)
        .map_err(|error| explain(path, error))?;
    check_headers(&meta, bytes.len() as u64, path)?;
    dwa::check(bytes, &meta.headers).map_err(|error| explain(path, error))?;
    let image = ::exr::image::read::read()
        .no_deep_data()
        .largest_resolution_level()
        .all_channels()
        .all_layers()
        .all_attributes()
        .from_buffered(Cursor::new(bytes))
        .map_err(|error| explain(path, error))?;
    let shared = image.attributes;
    let parts = image.layer_data.into_iter();
    Ok(parts.map(|layer| part_from_layer(&shared, layer)).collect())
}

/// Refuses headers that lie about size, before memory is allocated for them.
pub(super) fn check_headers(meta: &MetaData, file_size: u64, path: &Path) -> Result<(), Error> {
    if meta.headers.is_empty() {
        return Err(Error::Empty(path.to_owned()));
    }
    for header in &meta.headers {
        let (width, height) = (
            header.layer_size.width() as u64,
            header.layer_size.height() as u64,
        );
        if width == 0 || height == 0 {
            return Err(Error::Empty(path.to_owned()));
        }
        let pixel_size = header.channels.bytes_per_pixel as u64;
        if !is_plausible_size(width.checked_mul(height), pixel_size, file_size) {
            return Err(Error::ImplausibleSize {
                path: path.to_owned(),
                width,
                height,
            });
        }
        if header
            .channels
            .list
            .iter()
            .any(|channel| channel.sampling != Vec2(1, 1))
        {
            return Err(Error::Unsupported {
                path: path.to_owned(),
                feature: "a channel of lower resolution (luminance and chroma)".to_owned(),
                cure: "write it as R, G and B",
            });
        }
    }
    Ok(())
}

/// Attributes of a part that are not the format's own.
pub(super) fn attributes_of(header: &Header) -> BTreeMap<String, Attribute> {
    let custom = header.shared_attributes.other.iter();
    custom
        .chain(&header.own_attributes.other)
        .filter_map(|(name, value)| Some((name.to_string(), attribute_from_value(value)?)))
        .collect()
}

pub(super) fn explain(path: &Path, error: ExrError) -> Error {
    match error {
        ExrError::Io(source) => Error::io(path, source),
        ExrError::NotSupported(feature) => Error::Unsupported {
            path: path.to_owned(),
            feature: feature.into_owned(),
            cure: "write it as a flat scanline image",
        },
        ExrError::Invalid(problem) => Error::malformed(path, problem),
        ExrError::Aborted => Error::malformed(path, "reading was aborted"),
    }
}

fn part_from_layer(shared: &ImageAttributes, layer: Layer<AnyChannels<FlatSamples>>) -> Exr {
    let position = layer.attributes.layer_position;
    let chromaticities = shared.chromaticities.map(|c| {
        let xy = |Vec2(x, y): Vec2<f32>| [x, y];
        Chromaticities {
            red: xy(c.red),
            green: xy(c.green),
            blue: xy(c.blue),
            white: xy(c.white),
        }
    });
    let custom = shared.other.iter().chain(&layer.attributes.other);
    let attributes = custom
        .filter_map(|(name, value)| Some((name.to_string(), attribute_from_value(value)?)))
        .collect();
    let name = layer.attributes.layer_name.as_ref();
    Exr {
        name: name.map(ToString::to_string).unwrap_or_default(),
        display: window(shared.display_window),
        data: window(IntegerBounds::new(position, layer.size)),
        chromaticities,
        is_cube: layer.attributes.environment_map == Some(EnvironmentMap::Cube),
        channels: layer
            .channel_data
            .list
            .into_iter()
            .map(channel_from_any)
            .collect(),
        attributes,
    }
}

fn window(bounds: IntegerBounds) -> Window {
    Window {
        x: bounds.position.x(),
        y: bounds.position.y(),
        width: bounds.size.width(),
        height: bounds.size.height(),
    }
}

fn channel_from_any(channel: AnyChannel<FlatSamples>) -> Channel {
    let (precision, samples) = match channel.sample_data {
        FlatSamples::F16(samples) => (
            Precision::Half,
            samples.into_iter().map(f16::to_f32).collect(),
        ),
        FlatSamples::F32(samples) => (Precision::Float, samples),
        FlatSamples::U32(samples) => (
            Precision::Float,
            samples.into_iter().map(|x| x as f32).collect(),
        ),
    };
    Channel {
        name: channel.name.to_string(),
        precision,
        samples,
    }
}

fn attribute_from_value(value: &AttributeValue) -> Option<Attribute> {
    let text = |text: &Text| String::from_utf8_lossy(text.as_slice()).into_owned();
    match value {
        AttributeValue::Text(value) => Some(Attribute::Text(text(value))),
        AttributeValue::TextVector(values) => {
            Some(Attribute::TextList(values.iter().map(text).collect()))
        }
        AttributeValue::I32(value) => Some(Attribute::Integer(*value)),
        AttributeValue::F32(value) => Some(Attribute::Float(*value)),
        _ => None,
    }
}
