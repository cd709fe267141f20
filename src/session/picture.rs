//! A developed film into the file that was asked for, saying what was lost.

use super::{Error, Observer, OutputFormat, OutputPlan};
use crate::film::Developed;
use crate::output::{self, Provenance};

/// Writes `developed` as `plan` says.
pub(super) fn write(
    plan: &OutputPlan,
    developed: &Developed,
    provenance: &Provenance,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let path = &plan.path;
    match plan.format {
        OutputFormat::Exr { precision } => {
            for warning in output::write_exr(path, developed, provenance, precision)? {
                observer.warn(&warning);
            }
        }
        OutputFormat::Png(display) => output::write_png(path, developed, provenance, &display)?,
    }
    Ok(())
}

/// Says how many samples were left out, if any.
pub(super) fn warn_of_rejected(provenance: &Provenance, observer: &dyn Observer) {
    let rejected = &provenance.rejected;
    if rejected.count() > 0 {
        let first: Vec<String> = rejected.first().iter().map(ToString::to_string).collect();
        observer.warn(&format!(
            "{} samples were not finite and are left out; the first: {}",
            rejected.count(),
            first.join("; ")
        ));
    }
}
