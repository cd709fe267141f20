//! Measurements of one run, as `--stats` writes them.

use serde::Serialize;

use super::FramePlan;
use crate::compiled::Sizes;
use crate::integrator::RenderStats;
use crate::settings::RenderSettings;

/// What a run took and did. Field names are the keys of the JSON file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FrameStats {
    /// Version of this program.
    pub version: &'static str,
    /// The scene file as it was named.
    pub scene: String,
    /// The picture written.
    pub output: String,
    /// Full frame width, pixels.
    pub width: u32,
    /// Full frame height, pixels.
    pub height: u32,
    /// Pixels rendered.
    pub pixels: u64,
    /// Samples taken of every pixel.
    pub samples_per_pixel: u32,
    /// Was the render ended before all samples were taken?
    pub interrupted: bool,
    /// Reading and decoding the scene and the environment, seconds.
    pub load_s: f64,
    /// Compiling: acceleration structure, lights, materials, textures, seconds.
    pub build_s: f64,
    /// Tracing, seconds.
    pub render_s: f64,
    /// Developing and writing the picture, seconds.
    pub write_s: f64,
    /// From start to the picture written, seconds.
    pub total_s: f64,
    /// CPU time of all threads in user mode, seconds.
    pub user_cpu_s: Option<f64>,
    /// Energy the processors spent meanwhile, all that ran on them, joules; left out where the
    /// machine does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_j: Option<f64>,
    /// Camera paths traced.
    pub paths: u64,
    /// Rays that looked for the nearest surface.
    pub rays: u64,
    /// Rays that looked for anything between a surface and a light.
    pub shadow_rays: u64,
    /// Camera paths per second of `render_s`.
    pub samples_per_s: f64,
    /// Rays of both kinds per second of `render_s`.
    pub rays_per_s: f64,
    /// Most memory resident at once, bytes.
    pub peak_memory_bytes: Option<u64>,
    /// Triangles, counting every instance.
    pub triangles: u64,
    /// Triangles stored.
    pub unique_triangles: u64,
    /// Instances.
    pub instances: u64,
    /// Lights: punctual ones, emissive triangles counting every instance, the environment.
    pub lights: u64,
    /// Texels, bytes.
    pub texture_bytes: u64,
    /// Acceleration structure, bytes.
    pub bvh_bytes: u64,
    /// Samples that were not finite; left out of the picture, never hidden.
    pub non_finite_samples: u64,
    /// What rendered: `cpu`, `gpu` or `cpu+gpu`.
    pub backend: &'static str,
    /// The GPUs that did.
    pub devices: Vec<String>,
    /// Instruction set; empty if the CPU took no part.
    pub simd: &'static str,
    /// Threads.
    pub threads: usize,
}

impl FrameStats {
    /// What is known before anything is done.
    pub(super) fn of_plan(plan: &FramePlan, settings: &RenderSettings) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            scene: plan.scene.display().to_string(),
            output: plan.target().display().to_string(),
            width: settings.width,
            height: settings.height,
            ..Self::default()
        }
    }

    /// Takes over what compilation counted.
    pub(super) fn count_compiled(&mut self, sizes: &Sizes) {
        self.triangles = sizes.triangles;
        self.unique_triangles = sizes.unique_triangles;
        self.instances = sizes.instances;
        self.lights = sizes.lights;
        self.texture_bytes = sizes.texture_bytes;
        self.bvh_bytes = sizes.bvh_bytes;
    }

    /// Takes over what the integrator counted, in `render_s` seconds.
    pub(super) fn count_render(&mut self, rendered: &RenderStats, render_s: f64) {
        self.render_s = render_s;
        self.samples_per_pixel = rendered.samples;
        self.paths = rendered.paths;
        self.rays = rendered.rays;
        self.shadow_rays = rendered.shadow_rays;
        self.samples_per_s = rate(rendered.paths, render_s);
        self.rays_per_s = rate(rendered.rays + rendered.shadow_rays, render_s);
    }

    /// JSON, one key a line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Plain numbers and strings have no way to fail.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

/// `count / seconds`; 0 when no time passed.
fn rate(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_finite() {
        assert_eq!(rate(10, 2.0), 5.0);
        assert_eq!(rate(10, 0.0), 0.0);
    }

    #[test]
    fn json_ends_with_a_line_break() {
        let text = String::from_utf8(FrameStats::default().to_json()).unwrap();
        assert!(text.ends_with("}\n"));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(json["user_cpu_s"].is_null());
    }
}
