//! Writing OpenEXR files.

use super::{Attribute, Channel, Exr, IntegerPart, Precision, Window};
use ::exr::compression::Compression;
use ::exr::error::Error as ExrError;
use ::exr::image::{AnyChannel, AnyChannels, Blocks, Encoding, FlatSamples, Image, Layer};
use ::exr::math::Vec2;
use ::exr::meta::attribute::{AttributeValue, Chromaticities, IntegerBounds, LineOrder, Text};
use ::exr::meta::header::{ImageAttributes, LayerAttributes};
use ::exr::prelude::WritableImage;
use half::f16;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Writes a file of scanlines, ZIP-compressed by blocks of 16: lossless, read by everything, and
/// on rendered frames within 6 % of the size of PIZ, the best of the lossless methods.
/// Samples beyond the range of 16-bit floats become infinite in [`Precision::Half`].
///
/// # Errors
/// What the stream returns; `InvalidInput` if the content is not a valid file (a channel of the
/// wrong size, two of one name, an attribute with a name of the format's own).
pub fn write(exr: &Exr, stream: &mut (impl Read + Write + Seek)) -> io::Result<()> {
    let image = Image {
        attributes: shared_attributes(exr),
        layer_data: layer_from_exr(exr)?,
    };
    image
        .write()
        .to_buffered(BufWriter::new(&mut *stream))
        .map_err(explain)?;
    sort_attributes(stream, 1)
}

/// Writes a file of two parts: the picture, as [`write()`] does, and planes of whole numbers.
///
/// # Errors
/// As [`write()`].
pub fn write_with_integers(
    exr: &Exr,
    integers: IntegerPart,
    stream: &mut (impl Read + Write + Seek),
) -> io::Result<()> {
    let IntegerPart {
        name,
        width,
        height,
        channels,
        attributes,
    } = integers;
    let any = |(name, samples): (String, Vec<u32>)| {
        if samples.len() == width * height {
            Ok(AnyChannel::new(text(&name), FlatSamples::U32(samples)))
        } else {
            Err(wrong_size())
        }
    };
    let channels = channels
        .into_iter()
        .map(any)
        .collect::<io::Result<Vec<_>>>()?;
    let numbers = Layer::new(
        (width, height),
        layer_attributes(name, Vec2(0, 0), &attributes),
        ENCODING,
        AnyChannels::sort(channels.into_iter().collect()),
    );
    let picture = layer_from_exr(exr)?;
    Image::from_layers(shared_attributes(exr), vec![picture, numbers])
        .write()
        .to_buffered(BufWriter::new(&mut *stream))
        .map_err(explain)?;
    sort_attributes(stream, 2)
}

/// Scanlines, ZIP by blocks of 16.
const ENCODING: Encoding = Encoding {
    compression: Compression::ZIP16,
    blocks: Blocks::ScanLines,
    line_order: LineOrder::Increasing,
};

fn explain(error: ExrError) -> io::Error {
    match error {
        ExrError::Io(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidInput, other.to_string()),
    }
}

fn wrong_size() -> io::Error {
    let problem = "a channel has not the data window's size";
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}

fn layer_from_exr(exr: &Exr) -> io::Result<Layer<AnyChannels<FlatSamples>>> {
    let n_pixels = exr.data.width * exr.data.height;
    if exr
        .channels
        .iter()
        .any(|channel| channel.samples.len() != n_pixels)
    {
        return Err(wrong_size());
    }
    let channels = exr.channels.iter().map(any_from_channel).collect();
    let position = Vec2(exr.data.x, exr.data.y);
    Ok(Layer::new(
        (exr.data.width, exr.data.height),
        layer_attributes(&exr.name, position, &exr.attributes),
        ENCODING,
        AnyChannels::sort(channels),
    ))
}

fn layer_attributes(
    name: &str,
    layer_position: Vec2<i32>,
    attributes: &BTreeMap<String, Attribute>,
) -> LayerAttributes {
    let other = attributes.iter();
    LayerAttributes {
        layer_name: (!name.is_empty()).then(|| text(name)),
        layer_position,
        other: other
            .map(|(name, value)| (text(name), value_from_attribute(value)))
            .collect(),
        ..LayerAttributes::default()
    }
}

fn shared_attributes(exr: &Exr) -> ImageAttributes {
    let Window {
        x,
        y,
        width,
        height,
    } = exr.display;
    ImageAttributes {
        display_window: IntegerBounds::new((x, y), (width, height)),
        pixel_aspect: 1.0,
        chromaticities: exr.chromaticities.map(|c| {
            let xy = |[x, y]: [f32; 2]| Vec2(x, y);
            Chromaticities {
                red: xy(c.red),
                green: xy(c.green),
                blue: xy(c.blue),
                white: xy(c.white),
            }
        }),
        time_code: None,
        other: HashMap::new(),
    }
}

fn value_from_attribute(attribute: &Attribute) -> AttributeValue {
    match attribute {
        Attribute::Text(value) => AttributeValue::Text(text(value)),
        Attribute::TextList(values) => {
            AttributeValue::TextVector(values.iter().map(|value| text(value)).collect())
        }
        Attribute::Integer(value) => AttributeValue::I32(*value),
        Attribute::Float(value) => AttributeValue::F32(*value),
    }
}

/// UTF-8 bytes as they are (the crate's own conversion stops at Latin-1).
fn text(value: &str) -> Text {
    Text::from_slice_unchecked(value.as_bytes())
}

fn any_from_channel(channel: &Channel) -> AnyChannel<FlatSamples> {
    let samples = match channel.precision {
        Precision::Half => {
            FlatSamples::F16(channel.samples.iter().map(|&x| f16::from_f32(x)).collect())
        }
        Precision::Float => FlatSamples::F32(channel.samples.clone()),
    };
    AnyChannel::new(text(&channel.name), samples)
}

/// Sorts the attributes of each of the file's `n_parts` headers by their names. They lie one after the other, so this
/// moves nothing else.
///
/// Source: OpenEXR file layout, "Header": magic number and version (4 bytes each), then for each
/// attribute its name and type (null-terminated), size (i32) and value; a null byte ends the list. The list of the
/// next part follows at once.
fn sort_attributes(stream: &mut (impl Read + Write + Seek), n_parts: usize) -> io::Result<()> {
    const FIRST_ATTRIBUTE: u64 = 8;
    stream.seek(SeekFrom::Start(FIRST_ATTRIBUTE))?;
    let mut reader = BufReader::new(&mut *stream);
    let mut headers = Vec::new();
    for _ in 0..n_parts {
        let mut attributes: Vec<Vec<u8>> = Vec::new();
        loop {
            let mut attribute = Vec::new();
            if reader.read_until(0, &mut attribute)? <= 1 {
                break;
            }
            reader.read_until(0, &mut attribute)?;
            let mut size = [0; 4];
            reader.read_exact(&mut size)?;
            attribute.extend(size);
            let value_size = u64::from(u32::from_le_bytes(size));
            reader
                .by_ref()
                .take(value_size)
                .read_to_end(&mut attribute)?;
            attributes.push(attribute);
        }
        attributes.sort();
        headers.extend(attributes.concat());
        headers.push(0);
    }
    stream.seek(SeekFrom::Start(FIRST_ATTRIBUTE))?;
    stream.write_all(&headers)
}
