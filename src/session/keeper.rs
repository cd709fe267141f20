//! Keeps what is rendered safe from the process being killed.

use super::{Error, FramePlan, Observer};
use crate::farm::Checkpoint;
use crate::film::Film;
use crate::integrator::{DeviceKind, Work};
use crate::output::remove_abandoned;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Writes checkpoints of one render.
pub(super) struct Keeper<'a> {
    checkpoint: Checkpoint,
    path: PathBuf,
    interval: Duration,
    /// When what is rendered was last safe.
    safe: Instant,
    /// Is there a checkpoint of this render?
    exists: bool,
    said_failure: bool,
    observer: &'a dyn Observer,
}

impl<'a> Keeper<'a> {
    /// A keeper of what `plan` renders, which `checkpoint` tells from other pictures.
    pub fn new(plan: &FramePlan, checkpoint: Checkpoint, observer: &'a dyn Observer) -> Self {
        let path = plan.checkpoint_path();
        remove_abandoned(&plan.target());
        remove_abandoned(&path);
        Self {
            checkpoint,
            path,
            interval: plan.checkpoint,
            safe: Instant::now(),
            exists: false,
            said_failure: false,
            observer,
        }
    }

    /// Goes on from an earlier checkpoint, if there is one of this picture by devices of this kind.
    pub fn resume(&mut self, kind: DeviceKind, film: &mut Film, work: &mut Work) {
        self.checkpoint.device = kind;
        if !self.path.exists() {
            return;
        }
        let path = self.path.display();
        self.exists = self.checkpoint.resume(&self.path, film, work);
        if self.exists {
            let percent = work.paths_done() * 100 / work.paths_total().max(1);
            self.observer
                .note(&format!("Going on from {path}: {percent} % is done."));
        } else {
            self.observer.note(&format!(
                "{path} is damaged, or of another scene, settings or kind of device: starting anew."
            ));
        }
        self.safe = Instant::now();
    }

    /// Saves if it is time. A failure is no reason to end a render that may yet succeed; it is said once.
    pub fn save_if_due(&mut self, film: &Film, work: &Work) {
        if work.is_finished() || self.safe.elapsed() < self.interval {
            return;
        }
        if let Err(error) = self.save(film, work)
            && !self.said_failure
        {
            self.said_failure = true;
            self.observer
                .warn(&format!("no checkpoint: {error}; rendering on without"));
        }
        self.safe = Instant::now();
    }

    /// Saves now.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    pub fn save(&mut self, film: &Film, work: &Work) -> Result<(), Error> {
        self.checkpoint.save(&self.path, film, work)?;
        self.exists = true;
        Ok(())
    }

    /// Saves what a failure has left, if there is anything, and says so: the failure itself is somebody else's to tell.
    pub fn rescue(&mut self, film: &Film, work: &Work) {
        if work.paths_done() == 0 {
            return;
        }
        let path = self.path.display().to_string();
        match self.save(film, work) {
            Ok(()) => self.observer.note(&format!(
                "What is done is kept in {path}; the same command goes on from there."
            )),
            Err(error) => (self.observer).warn(&format!("what is done is lost: {error}")),
        }
    }

    /// Where the checkpoint lies, if there is one.
    pub fn saved(&self) -> Option<PathBuf> {
        self.exists.then(|| self.path.clone())
    }

    /// Removes the checkpoint: what it was for is written.
    pub fn finish(&self) {
        if self.path.exists() {
            // One that cannot be removed is in nobody's way: the finished file goes first.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
