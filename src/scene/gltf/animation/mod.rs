//! Animation: a document at a moment.
//!
//! Whatever may be animated has a place in the JSON, so a pose is written there: what the channels
//! say at the time takes the place of what was authored, and the document is then read like any
//! other. Skins, morph targets, lights, cameras and materials know nothing of time.
//!
//! Source: glTF 2.0 §3.11, `KHR_animation_pointer`, glTF 2.0 Asset Object Model.

mod object_model;
mod sampler;

use super::accessor::Accessors;
use super::choice;
use super::error::Fault;
use super::properties::Properties;
use super::warning::Warnings;
use object_model::Kind;
use sampler::Keyframes;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The word that chooses all animations.
const ALL: &str = "all";

/// Which moment of which animations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'a> {
    /// Seconds from the animations' start.
    pub(super) time: f64,
    /// Name or index of an animation, or [`ALL`]; `None` is all of them unless two move the same
    /// property, and then the first.
    pub(super) animation: Option<&'a str>,
}

/// One animation of a file.
#[derive(Debug)]
pub(super) struct Animation<'a> {
    properties: Properties<'a>,
}

/// What moves one property.
struct Channel<'a> {
    /// JSON pointer of the channel.
    path: String,
    /// JSON pointer of what it moves.
    target: String,
    sampler: Properties<'a>,
}

impl<'a> Animation<'a> {
    /// The animations in `object`, a document's part that has them.
    ///
    /// # Errors
    /// When they are no array of objects.
    pub(super) fn list(object: &'a Map<String, Value>) -> Result<Vec<Self>, Fault> {
        let animations = Properties::new(object, "").objects("animations")?;
        let animation = |properties| Self { properties };
        Ok(animations.into_iter().map(animation).collect())
    }

    /// Its authored name, or nothing.
    ///
    /// # Errors
    /// When it is no text.
    pub(super) fn name(&self) -> Result<&'a str, Fault> {
        Ok(self.properties.text("name")?.unwrap_or_default())
    }

    /// Time of its last keyframe, seconds.
    ///
    /// # Errors
    /// When a sampler's times are broken.
    pub(super) fn duration(&self, accessors: Accessors<'_, '_>) -> Result<f32, Fault> {
        let mut last = 0.0_f32;
        for sampler in self.properties.objects("samplers")? {
            let times = sampler::read_times(&sampler, accessors)?;
            last = times.last().map_or(last, |&time| last.max(time));
        }
        Ok(last)
    }

    /// How many channels it has.
    ///
    /// # Errors
    /// When they are broken.
    pub(super) fn n_channels(&self) -> Result<usize, Fault> {
        Ok(self.properties.objects("channels")?.len())
    }

    /// The channels that move something; a remark on those whose targets are unknown.
    fn channels(&self, warnings: &mut Warnings) -> Result<Vec<Channel<'a>>, Fault> {
        let samplers = self.properties.objects("samplers")?;
        let mut channels = Vec::new();
        for channel in self.properties.objects("channels")? {
            let index = channel.index("sampler")?;
            let Some(sampler) = samplers.get(index) else {
                return Err(Fault::invalid(
                    channel.path("sampler"),
                    format!("there is no sampler {index}"),
                ));
            };
            let Some(target) = channel.object("target")? else {
                return Err(Fault::invalid(channel.path("target"), "missing"));
            };
            match pointer(&target)? {
                Some(pointer) => channels.push(Channel {
                    path: channel.own_path().to_owned(),
                    target: pointer,
                    sampler: sampler.clone(),
                }),
                None => warnings.note(
                    target.own_path(),
                    "names neither a node nor a pointer; the channel moves nothing",
                ),
            }
        }
        Ok(channels)
    }
}

/// Where `target` points; `None` when nowhere.
fn pointer(target: &Properties<'_>) -> Result<Option<String>, Fault> {
    let Some(path) = target.text("path")? else {
        return Err(Fault::invalid(target.path("path"), "missing"));
    };
    if path == "pointer" {
        let name = "KHR_animation_pointer";
        let extension = Properties::extension(target.extensions(), target.own_path(), name)?;
        let Some(extension) = extension else {
            return Ok(None);
        };
        return Ok(extension.text("pointer")?.map(str::to_owned));
    }
    let node = target.integer("node")?;
    Ok(node.map(|node| format!("/nodes/{node}/{path}")))
}

/// Writes into `document` where things are at `moment`. Returns the time of the last keyframe of
/// all that moves, seconds, if anything does.
///
/// # Errors
/// When there is no such animation, or one that is applied is broken.
pub(super) fn pose(
    document: &mut Value,
    animations: &[Animation<'_>],
    accessors: Accessors<'_, '_>,
    moment: Moment<'_>,
    warnings: &mut Warnings,
) -> Result<Option<f32>, Fault> {
    let mut movers: HashMap<String, String> = HashMap::new();
    let mut last: Option<f32> = None;
    for channel in chosen(animations, moment.animation, warnings)? {
        if let Some(earlier) = movers.insert(channel.target.clone(), channel.path.clone()) {
            warnings.note(
                &channel.path,
                format!(
                    "moves {}, as {earlier} does; the later one is shown",
                    channel.target
                ),
            );
        }
        let end = apply(document, &channel, accessors, moment.time, warnings)?;
        last = last.into_iter().chain(end).reduce(f32::max);
    }
    Ok(last)
}

/// The channels to apply, in the file's order.
fn chosen<'a>(
    animations: &[Animation<'a>],
    wanted: Option<&str>,
    warnings: &mut Warnings,
) -> Result<Vec<Channel<'a>>, Fault> {
    if let Some(wanted) = wanted.filter(|&wanted| wanted != ALL) {
        let names: Vec<&str> = animations
            .iter()
            .map(Animation::name)
            .collect::<Result<_, _>>()?;
        let index = choice::choose("animation", &names, wanted)?;
        let animation = animations.get(index).into_iter();
        return concat(animation, warnings);
    }
    if animations.is_empty() {
        warnings.note(
            "/animations",
            "the file has no animations; it is the same at all times",
        );
    }
    let all = concat(animations.iter(), warnings)?;
    let [first, _, ..] = animations else {
        return Ok(all);
    };
    let mut seen = HashMap::new();
    let clash = all.iter().find(|channel| {
        let animation = channel.path.split('/').nth(2).map(str::to_owned);
        let other = seen.insert(&channel.target, animation.clone());
        other.is_some_and(|other| other != animation)
    });
    match (wanted, clash) {
        (None, Some(channel)) => {
            warnings.note(
                "/animations",
                format!(
                    "several animations move {}; only the first is shown: choose with --animation",
                    channel.target
                ),
            );
            concat(std::iter::once(first), &mut Warnings::default())
        }
        _ => Ok(all),
    }
}

fn concat<'a, 'b>(
    animations: impl Iterator<Item = &'b Animation<'a>>,
    warnings: &mut Warnings,
) -> Result<Vec<Channel<'a>>, Fault>
where
    'a: 'b,
{
    let mut channels = Vec::new();
    for animation in animations {
        channels.extend(animation.channels(warnings)?);
    }
    Ok(channels)
}

/// Writes what `channel` says at `time`; the time of its last keyframe, if it moves anything.
fn apply(
    document: &mut Value,
    channel: &Channel<'_>,
    accessors: Accessors<'_, '_>,
    time: f64,
    warnings: &mut Warnings,
) -> Result<Option<f32>, Fault> {
    let Channel {
        path,
        target,
        sampler,
    } = channel;
    let Some(kind) = object_model::find(target) else {
        warnings.note(path, format!("{target} cannot be animated; it rests"));
        return Ok(None);
    };
    let (components, count) = match kind {
        Kind::Numbers(n, _) => (n, 1),
        Kind::Rotation => (4, 1),
        Kind::Weight | Kind::Truth => (1, 1),
        Kind::Weights => (1, n_targets(document, target)),
    };
    if count == 0 {
        warnings.note(
            path,
            format!("{target}: there are no morph targets to move"),
        );
        return Ok(None);
    }
    let Some((parent, property)) = target.rsplit_once('/') else {
        return Ok(None);
    };
    if matches!(kind, Kind::Weight) {
        ensure_weights(document, parent);
    }
    let Some(parent) = document.pointer_mut(parent) else {
        warnings.note(path, format!("{target} is not there; nothing is moved"));
        return Ok(None);
    };
    let is_transform = matches!(property, "translation" | "rotation" | "scale");
    if is_transform && parent.get("matrix").is_some() {
        warnings.note(
            path,
            format!("{target}: the node has a matrix, which cannot be animated; it rests"),
        );
        return Ok(None);
    }
    let keyframes = Keyframes::read(sampler, accessors, components, count)?;
    let mut numbers = keyframes.at(time, matches!(kind, Kind::Rotation));
    if let Kind::Numbers(_, range) = kind {
        for number in &mut numbers {
            let held = range.clamp(*number);
            if held != *number {
                warnings.note(
                    path,
                    format!("moves {target} out of {range}; it is held at the end of that"),
                );
                *number = held;
            }
        }
    }
    let value = match (kind, numbers.as_slice()) {
        (Kind::Truth, [number]) => json!(*number != 0.0),
        (Kind::Numbers(1, _) | Kind::Weight, [number]) => json!(number),
        _ => json!(numbers),
    };
    set(parent, property, value);
    Ok(keyframes.end())
}

/// Sets a property of an object, or an element of an array.
fn set(parent: &mut Value, property: &str, value: Value) {
    match parent {
        Value::Object(object) => {
            object.insert(property.to_owned(), value);
        }
        Value::Array(array) => {
            let index = property.parse::<usize>().ok();
            if let Some(element) = index.and_then(|index| array.get_mut(index)) {
                *element = value;
            }
        }
        _ => {}
    }
}

/// How many morph targets the mesh has whose weights (or whose node's) are at `pointer`.
fn n_targets(document: &Value, pointer: &str) -> usize {
    mesh_of(document, pointer)
        .and_then(|mesh| mesh.get("primitives")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|primitive| primitive.get("targets")?.as_array())
        .map(Vec::len)
        .max()
        .unwrap_or(0)
}

/// The mesh that `pointer` goes into, or whose node it goes into.
fn mesh_of<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut steps = pointer.split('/').skip(1);
    let (collection, index) = (steps.next()?, steps.next()?.parse::<usize>().ok()?);
    let owner = document.get(collection)?.get(index)?;
    match collection {
        "nodes" => {
            let mesh = usize::try_from(owner.get("mesh")?.as_u64()?).ok()?;
            document.get("meshes")?.get(mesh)
        }
        _ => Some(owner),
    }
}

/// Gives the weights at `pointer` the values they stand for where they are not written out.
fn ensure_weights(document: &mut Value, pointer: &str) {
    if document.pointer(pointer).is_some() {
        return;
    }
    let of_mesh = mesh_of(document, pointer).and_then(|mesh| mesh.get("weights").cloned());
    let weights = of_mesh.unwrap_or_else(|| json!(vec![0.0; n_targets(document, pointer)]));
    let owner = pointer.rsplit_once('/').map_or("", |(owner, _)| owner);
    if let Some(owner) = document.pointer_mut(owner) {
        set(owner, "weights", weights);
    }
}
