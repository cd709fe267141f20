//! What an integrator tells whoever waits for it, and what it is told.

/// How far a render has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Camera paths finished: pixels × samples.
    pub paths_done: u64,
    /// Camera paths asked for.
    pub paths_total: u64,
}

/// The one who waits for a render.
pub trait RenderControl: Sync {
    /// Told every now and then, at least after every tile of every pass, from any thread.
    fn report(&self, progress: Progress);

    /// Asked after every sample pass, and during the first: if true, the render ends with the pass. Every
    /// pixel then has the same number of samples.
    fn should_stop(&self) -> bool;

    /// Asked after every round, in the middle of a pass too: if true, the render ends there. Pixels may then differ
    /// in their number of samples: a film to go on with, not to look at.
    fn should_suspend(&self) -> bool {
        false
    }
}

/// Nobody waits: reports go nowhere and the render runs to its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unattended;

impl RenderControl for Unattended {
    fn report(&self, _progress: Progress) {}

    fn should_stop(&self) -> bool {
        false
    }
}

/// What a render did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderStats {
    /// Samples every pixel has taken; fewer than asked for if the control ended the render.
    pub samples: u32,
    /// Camera paths traced.
    pub paths: u64,
    /// Rays that looked for the nearest surface.
    pub rays: u64,
    /// Rays that looked for anything between a surface and a light.
    pub shadow_rays: u64,
    /// Where the time went.
    pub stages: StageTimes,
}

/// Time spent in each stage, summed over threads, nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Making camera rays.
    pub generate_ns: u64,
    /// Finding the nearest surface.
    pub intersect_ns: u64,
    /// Sorting by material.
    pub sort_ns: u64,
    /// Shading: as many calls as [`RenderStats::rays`].
    pub shade_ns: u64,
    /// Finding out which lights are seen.
    pub shadow_ns: u64,
    /// Adding samples to the film.
    pub film_ns: u64,
}

impl RenderStats {
    /// Adds what another part of the same render did; `samples` is left alone.
    pub fn add(&mut self, other: &Self) {
        self.paths += other.paths;
        self.rays += other.rays;
        self.shadow_rays += other.shadow_rays;
        self.stages.generate_ns += other.stages.generate_ns;
        self.stages.intersect_ns += other.stages.intersect_ns;
        self.stages.sort_ns += other.stages.sort_ns;
        self.stages.shade_ns += other.stages.shade_ns;
        self.stages.shadow_ns += other.stages.shadow_ns;
        self.stages.film_ns += other.stages.film_ns;
    }
}
