//! The environment as the shaders read it: texels with their sampling density, and cumulative distributions.

use std::f64::consts::PI;

use super::record::{EnvironmentTexel, Frame};
use crate::math::portable::sin_cos;
use crate::sampling::bilinear::BilinearDistribution;
use crate::scene::light::Environment;

/// Share of the mean radiance taken off before sampling: dim regions are found well enough by following the BSDF, so
/// that choosing lights does better to look at bright ones.
///
/// Source: Karlík et al. 2019, "MIS Compensation: Optimizing Sampling Techniques in Multiple Importance Sampling".
/// Departs: takes off half of what they do, which gains nearly as much and leaves even skies a density.
const COMPENSATION: f64 = 0.5;

/// A compiled environment: not black, or it would not have been compiled.
#[derive(Clone, Debug)]
pub struct CompiledEnvironment {
    /// Radiance and density, row after row from the top.
    pub texels: Vec<EnvironmentTexel>,
    /// The cumulative distributions of [`BilinearDistribution`]; they live in the texel table.
    pub cumulative: Vec<f32>,
    width: u32,
    height: u32,
    /// Radians about +Y.
    rotation: f32,
    strength: f32,
    /// Mean over the sphere of radiance, averaged over the channels, with strength.
    mean_radiance: f32,
}

impl CompiledEnvironment {
    /// The environment with its sampling tables, or `None` if it is black everywhere.
    ///
    /// Texels are sampled by the mean of their channels (each channel's noise counts alike), less half of its mean over
    /// the sphere, times the sine of their polar angle, for the area they cover. What is so dim that it is never
    /// sampled is left to paths that find it by themselves.
    pub fn build(environment: Environment) -> Option<Self> {
        let Environment {
            width,
            height,
            texels,
            strength,
            rotation,
            ..
        } = environment;
        let sines: Vec<f64> = (0..height)
            .map(|y| sin_cos(PI * (y as f64 + 0.5) / height as f64).0)
            .collect();
        let mean = |texel: &[f32; 3]| texel.iter().map(|&c| f64::from(c)).sum::<f64>() / 3.0;
        let solid_angle = width as f64 * sines.iter().sum::<f64>();
        let total: f64 = texels
            .iter()
            .enumerate()
            .map(|(i, texel)| mean(texel) * sines[i / width])
            .sum();
        let subtracted = COMPENSATION * total / solid_angle;
        let weights: Vec<f32> = texels
            .iter()
            .enumerate()
            .map(|(i, texel)| ((mean(texel) - subtracted).max(0.0) * sines[i / width]) as f32)
            .collect();
        if strength <= 0.0 {
            return None;
        }
        let distribution = BilinearDistribution::build(width, height, &weights)?;
        let texels = texels
            .iter()
            .zip(distribution.density())
            .map(|(&radiance, &density)| EnvironmentTexel { radiance, density })
            .collect();
        Some(Self {
            texels,
            cumulative: distribution.into_cumulative(),
            width: width as u32,
            height: height as u32,
            rotation,
            strength,
            mean_radiance: (total / solid_angle) as f32 * strength,
        })
    }

    /// Bytes its tables take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.texels.as_slice()) + size_of_val(self.cumulative.as_slice())
    }

    /// Mean radiance over the sphere and the channels, with strength.
    pub fn mean_radiance(&self) -> f32 {
        self.mean_radiance
    }

    /// Writes the environment's fields of `frame`: the cumulative distributions begin at `first_word` of the texel
    /// table.
    pub fn describe(&self, frame: &mut Frame, first_word: u32) {
        frame.environment_width = self.width;
        frame.environment_height = self.height;
        let (sin, cos) = sin_cos(f64::from(self.rotation));
        frame.environment_rotation = [cos as f32, sin as f32];
        frame.environment_strength = self.strength;
        frame.environment_first_word = first_word;
        frame.environment_row_step = 1 << (self.height + 1).ilog2();
        frame.environment_column_step = 1 << self.width.ilog2();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(texels: Vec<[f32; 3]>, strength: f32) -> Environment {
        Environment {
            name: String::new(),
            width: 8,
            height: 4,
            texels,
            strength,
            rotation: 0.0,
        }
    }

    #[test]
    fn a_black_environment_is_none() {
        assert!(CompiledEnvironment::build(environment(vec![[0.0; 3]; 32], 1.0)).is_none());
        assert!(CompiledEnvironment::build(environment(vec![[1.0; 3]; 32], 0.0)).is_none());
    }

    #[test]
    fn mean_radiance_is_over_the_sphere() {
        let compiled = CompiledEnvironment::build(environment(vec![[1.0, 2.0, 6.0]; 32], 2.0))
            .expect("bright");
        assert!((compiled.mean_radiance() - 6.0).abs() < 1e-5);
        let mut frame = Frame::default();
        compiled.describe(&mut frame, 77);
        assert_eq!(
            (frame.environment_row_step, frame.environment_column_step),
            (4, 8)
        );
        assert_eq!(frame.environment_first_word, 77);
    }
}
