//! What one run renders: all of a frame or a shard of it, and the file that comes of it.

use super::{Error, FramePlan, OutputFormat};
use crate::farm::{self, Checkpoint, Cut, Frame, Part, Shard};
use crate::film::Film;
use crate::integrator::{DeviceKind, Work};
use crate::output::{self, Provenance};
use crate::settings::Region;

/// All of a frame or a shard of it.
#[derive(Debug)]
pub(super) struct Piece {
    /// The pixels and samples.
    pub part: Part,
    /// The smallest region that holds the pixels.
    pub bounds: Region,
    frame: Frame,
    shard: Option<(Cut, u32)>,
}

impl Piece {
    /// What `plan` asks for of the frame `provenance` speaks of.
    ///
    /// # Errors
    /// When the frame cannot be cut as the plan asks.
    pub fn of(plan: &FramePlan, provenance: &Provenance) -> Result<Self, Error> {
        let settings = &provenance.settings;
        let (region, samples) = (settings.region, settings.samples.clone());
        let (part, shard) = match plan.shard {
            None => {
                let tiles = vec![region];
                (Part { tiles, samples }, None)
            }
            Some(wanted) => {
                let count = wanted.count;
                let cut = Cut::new(region, samples.len() as u32, count, wanted.by)?;
                let index = wanted.index;
                let no_such = farm::CutError::NoSuchShard { index, count };
                let part = cut.part(region, samples, index).ok_or(no_such)?;
                (part, Some((cut, index)))
            }
        };
        Ok(Self {
            bounds: part.bounds().unwrap_or(region),
            part,
            frame: Frame::of(provenance),
            shard,
        })
    }

    /// All that is to be done.
    pub fn work(&self) -> Work {
        Work::new(&self.part.tiles, self.part.samples.clone())
    }

    /// Is it a shard?
    pub fn is_shard(&self) -> bool {
        self.shard.is_some()
    }

    /// Does the file that `plan` would write already hold this piece, by its header and its checksum?
    pub fn is_finished(&self, plan: &FramePlan, provenance: &Provenance) -> bool {
        let path = plan.target();
        match (self.as_shard(provenance), plan.output.format) {
            (Some(shard), _) => farm::read_finished(&path, &shard),
            (None, OutputFormat::Exr { precision }) => {
                output::is_finished_exr(&path, provenance, precision)
            }
            (None, OutputFormat::Png(display)) => {
                output::is_finished_png(&path, provenance, &display)
            }
        }
    }

    /// Writes the shard's file.
    ///
    /// # Errors
    /// When it cannot be written; an earlier file is then still there.
    pub fn write_shard(
        &self,
        plan: &FramePlan,
        film: &Film,
        provenance: &Provenance,
    ) -> Result<(), Error> {
        if let Some(shard) = self.as_shard(provenance) {
            farm::write(&plan.target(), &shard, &self.part, film, provenance)?;
        }
        Ok(())
    }

    /// What a checkpoint of it says of itself.
    pub fn checkpoint(&self, device: DeviceKind) -> Checkpoint {
        Checkpoint {
            frame: self.frame.clone(),
            shard: self.shard.clone(),
            device,
        }
    }

    fn as_shard(&self, provenance: &Provenance) -> Option<Shard> {
        let (cut, index) = self.shard.clone()?;
        let device = *provenance.device_kinds.first()?;
        Some(Shard {
            frame: self.frame.clone(),
            cut,
            index,
            device,
            devices: provenance.devices.clone(),
            warnings: provenance.warnings.clone(),
            xmp: provenance.xmp.clone(),
            rejected: provenance.rejected.clone(),
        })
    }
}
