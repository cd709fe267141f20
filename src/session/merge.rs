//! Shards into the frame they are pieces of.

use super::{Error, Observer, OutputPlan, Stage, picture};
use crate::farm::{self, Incomplete, Merged};
use crate::output::{self, Provenance};
use std::path::PathBuf;

/// Shards to be merged.
#[derive(Clone, Debug, PartialEq)]
pub struct MergePlan {
    /// Their files, in any order.
    pub shards: Vec<PathBuf>,
    /// The picture to write; `None` only checks the shards.
    pub output: Option<OutputPlan>,
    /// Merge what different kinds of devices have rendered?
    pub allow_mixed_devices: bool,
}

/// What became of the shards.
#[derive(Debug)]
pub enum MergeReport {
    /// All were there and sound, so many.
    Whole(u32),
    /// Something is wrong; nothing was written.
    Incomplete(Incomplete),
}

/// Merges the shards of `plan` into the very picture that one machine would have made.
///
/// # Errors
/// When the picture cannot be written. What is wrong with shards is part of the report.
pub fn merge_shards(plan: &MergePlan, observer: &dyn Observer) -> Result<MergeReport, Error> {
    if let Some(output) = &plan.output {
        output::prove_writable(&output.path)?;
    }
    observer.enter(Stage::Load);
    let told = |shards, of| observer.merged(shards, of);
    let merged = match farm::merge(&plan.shards, plan.allow_mixed_devices, &told) {
        Ok(merged) => merged,
        Err(incomplete) => return Ok(MergeReport::Incomplete(incomplete)),
    };
    let Merged {
        frame,
        film,
        warnings,
        xmp,
        device_kinds,
        devices,
        count,
    } = merged;
    if let Some(output) = &plan.output {
        observer.enter(Stage::Write);
        // Merging takes only shards whose frame has both.
        let [scene_hash, settings_hash] = frame.hashes().unwrap_or_default();
        let provenance = Provenance {
            scene_hash,
            settings_hash,
            settings: frame.settings,
            warnings,
            xmp,
            device_kinds,
            devices,
            rejected: film.rejected().clone(),
        };
        if provenance.device_kinds.len() > 1 {
            observer
                .warn("rendered by devices of different kinds, whose pixels differ by rounding");
        }
        picture::warn_of_rejected(&provenance, observer);
        let developed = film.develop();
        drop(film);
        picture::write(output, &developed, &provenance, observer)?;
    }
    Ok(MergeReport::Whole(count))
}
