//! Morph targets: weighted displacements of any vertex attribute.

use super::super::error::Fault;
use super::{PrimitiveReader, Source};
use bytemuck::Pod;

/// Calls `add` with each displacement of attribute `name`: the accessor that holds it, where it is,
/// and its weight.
///
/// # Errors
/// Those of `add`.
pub(super) fn for_each(
    source: &Source<'_>,
    name: &str,
    mut add: impl FnMut(usize, &str, f32) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for (i, (target, &weight)) in source.targets.iter().zip(&source.weights).enumerate() {
        if let Some(&accessor) = target.get(name).filter(|_| weight != 0.0) {
            let path = format!("{}/targets/{i}/{name}", source.path);
            add(accessor, &path, weight)?;
        }
    }
    Ok(())
}

/// Adds the weighted displacements of attribute `name` to `values`; none when there are no values.
///
/// # Errors
/// When a displacement is broken.
pub(super) fn displace<T, D: Pod>(
    reader: &PrimitiveReader<'_, '_>,
    name: &str,
    values: &mut [T],
    add: impl Fn(&mut T, D, f32),
) -> Result<(), Fault> {
    if values.is_empty() {
        return Ok(());
    }
    for_each(reader.source, name, |accessor, path, weight| {
        // Few bytes may be named by many targets: what they come to is counted for the work.
        let bytes = values.len() as u64 * size_of::<D>() as u64;
        reader.accessors.buffers().budget().take(bytes, path)?;
        let displacements = reader.counted::<D>(accessor, path)?;
        for (value, by) in values.iter_mut().zip(displacements) {
            add(value, by, weight);
        }
        Ok(())
    })
}
