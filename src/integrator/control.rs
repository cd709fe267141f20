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

    /// Asked after every sample pass: if true, the render ends there. Every pixel then has the
    /// same number of samples.
    fn should_stop(&self) -> bool;
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
}
