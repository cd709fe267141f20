//! Animation samplers: keyframes and what lies between them.
//!
//! Source: glTF 2.0 §3.11 and appendix C.

use super::super::accessor::Accessors;
use super::super::error::Fault;
use super::super::properties::Properties;
use crate::math::portable::{acos, sin_cos};
use glam::{DQuat, DVec4};

/// Rotations closer than this, radians, are interpolated linearly.
const SMALL_ANGLE: f64 = 1e-8;

/// How values between keyframes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interpolation {
    /// The value of the keyframe before.
    Step,
    /// On the line (for rotations, on the shorter arc) between the two keyframes.
    Linear,
    /// On the cubic of both keyframes' values and tangents; three elements a keyframe.
    CubicSpline,
}

impl Interpolation {
    /// Elements a keyframe: in-tangent, value, out-tangent; or the value alone.
    fn elements(self) -> usize {
        match self {
            Self::Step | Self::Linear => 1,
            Self::CubicSpline => 3,
        }
    }
}

/// What a sampler holds.
#[derive(Debug)]
pub(super) struct Keyframes {
    /// Seconds, never falling, at least one.
    times: Vec<f32>,
    /// `[keyframe][element][number]`.
    values: Vec<f32>,
    /// Numbers an element.
    width: usize,
    interpolation: Interpolation,
}

/// The times of a sampler's keyframes, seconds.
///
/// # Errors
/// When there are none, or they fall.
pub(super) fn read_times(
    sampler: &Properties<'_>,
    accessors: Accessors<'_, '_>,
) -> Result<Vec<f32>, Fault> {
    let path = sampler.path("input");
    let times: Vec<f32> = accessors.floats(sampler.index("input")?, &path)?;
    if times.is_empty() {
        return Err(Fault::invalid(path, "has no keyframes"));
    }
    if times.iter().any(|time| !time.is_finite()) {
        return Err(Fault::invalid(path, "holds times that are not finite"));
    }
    match times
        .iter()
        .zip(times.iter().skip(1))
        .position(|(a, b)| a > b)
    {
        Some(at) => Err(Fault::invalid(
            path,
            format!("keyframe {} is earlier than the one before it", at + 1),
        )),
        None => Ok(times),
    }
}

impl Keyframes {
    /// The time of the last one, seconds.
    pub(super) fn end(&self) -> Option<f32> {
        self.times.last().copied()
    }

    /// Reads the keyframes of `sampler`. An element is `count` times `components` numbers;
    /// the accessor's elements have `components`.
    ///
    /// # Errors
    /// When times or values are broken.
    pub(super) fn read(
        sampler: &Properties<'_>,
        accessors: Accessors<'_, '_>,
        components: usize,
        count: usize,
    ) -> Result<Self, Fault> {
        let times = read_times(sampler, accessors)?;
        let interpolation = match sampler.text("interpolation")? {
            None | Some("LINEAR") => Interpolation::Linear,
            Some("STEP") => Interpolation::Step,
            Some("CUBICSPLINE") => Interpolation::CubicSpline,
            Some(other) => {
                return Err(Fault::invalid(
                    sampler.path("interpolation"),
                    format!("\"{other}\" is neither STEP, LINEAR nor CUBICSPLINE"),
                ));
            }
        };
        let path = sampler.path("output");
        let index = sampler.index("output")?;
        let values: Vec<f32> = match components {
            1 => accessors.floats(index, &path)?,
            2 => accessors.floats::<[f32; 2]>(index, &path)?.concat(),
            3 => accessors.floats::<[f32; 3]>(index, &path)?.concat(),
            _ => accessors.floats::<[f32; 4]>(index, &path)?.concat(),
        };
        // Many channels may name one sampler: what it comes to is counted for the work.
        let bytes = (times.len() + values.len()) * size_of::<f32>();
        accessors.buffers().budget().take(bytes as u64, &path)?;
        let width = components * count;
        let wanted = times.len() * interpolation.elements() * width;
        if values.len() != wanted {
            return Err(Fault::invalid(
                path,
                format!(
                    "has {} numbers where {} keyframes want {wanted}",
                    values.len(),
                    times.len()
                ),
            ));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Fault::invalid(path, "holds values that are not finite"));
        }
        Ok(Self {
            times,
            values,
            width,
            interpolation,
        })
    }

    /// The value at `time`, seconds; before the first keyframe and after the last, theirs.
    /// Rotations, quaternions of unit length, stay so.
    pub(super) fn at(&self, time: f64, is_rotation: bool) -> Vec<f64> {
        let after = self.times.partition_point(|&key| f64::from(key) <= time);
        let before = after.saturating_sub(1);
        let (Some(&start), Some(&end)) = (self.times.get(before), self.times.get(after)) else {
            return self.value(before);
        };
        if after == 0 || self.interpolation == Interpolation::Step {
            return self.value(before);
        }
        let (start, end) = (f64::from(start), f64::from(end));
        let duration = end - start;
        let t = (time - start) / duration;
        if self.interpolation == Interpolation::CubicSpline {
            return self.spline(before, duration, t);
        }
        let (a, b) = (self.value(before), self.value(after));
        if is_rotation {
            return slerp(&a, &b, t);
        }
        let mix = |(a, b): (f64, f64)| (1.0 - t) * a + t * b;
        a.into_iter().zip(b).map(mix).collect()
    }

    /// Between keyframes `before` and the next, `duration` seconds apart, at `t` in [0, 1).
    fn spline(&self, before: usize, duration: f64, t: f64) -> Vec<f64> {
        let (square, cube) = (t * t, t * t * t);
        let weights = [
            2.0 * cube - 3.0 * square + 1.0,
            duration * (cube - 2.0 * square + t),
            -2.0 * cube + 3.0 * square,
            duration * (cube - square),
        ];
        let points = [
            self.value(before),
            self.element(before, 2),
            self.value(before + 1),
            self.element(before + 1, 0),
        ];
        let mut sum = vec![0.0; self.width];
        for (weight, point) in weights.into_iter().zip(points) {
            for (sum, number) in sum.iter_mut().zip(point) {
                *sum += weight * number;
            }
        }
        sum
    }

    fn value(&self, keyframe: usize) -> Vec<f64> {
        self.element(keyframe, self.interpolation.elements() / 2)
    }

    fn element(&self, keyframe: usize, element: usize) -> Vec<f64> {
        let start = (keyframe * self.interpolation.elements() + element) * self.width;
        let numbers = self.values.get(start..start + self.width);
        numbers
            .unwrap_or_default()
            .iter()
            .map(|&number| number.into())
            .collect()
    }
}

/// Quaternion `t` of the shorter way from `a` to `b`.
fn slerp(a: &[f64], b: &[f64], t: f64) -> Vec<f64> {
    let unit = |numbers: &[f64]| {
        let mut quaternion = [0.0; 4];
        for (to, from) in quaternion.iter_mut().zip(numbers) {
            *to = *from;
        }
        DVec4::from_array(quaternion).normalize_or_zero()
    };
    let (a, b) = (unit(a), unit(b));
    let cosine = a.dot(b);
    let b = if cosine < 0.0 { -b } else { b };
    let angle = acos(cosine.abs().min(1.0));
    let mixed = if angle < SMALL_ANGLE {
        a * (1.0 - t) + b * t
    } else {
        let sine = |angle| sin_cos(angle).0;
        a * (sine(angle * (1.0 - t)) / sine(angle)) + b * (sine(angle * t) / sine(angle))
    };
    DQuat::from_vec4(mixed).to_array().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_3};

    fn keyframes(interpolation: Interpolation, width: usize, values: &[f32]) -> Keyframes {
        let n = values.len() / width / interpolation.elements();
        Keyframes {
            times: (0..n).map(|i| 1.0 + 2.0 * i as f32).collect(),
            values: values.to_vec(),
            width,
            interpolation,
        }
    }

    #[test]
    fn the_ends_hold() {
        let all = [
            (Interpolation::Step, vec![5.0, 7.0]),
            (Interpolation::Linear, vec![5.0, 7.0]),
            (
                Interpolation::CubicSpline,
                vec![9.0, 5.0, 9.0, 9.0, 7.0, 9.0],
            ),
        ];
        for (interpolation, values) in all {
            let keyframes = keyframes(interpolation, 1, &values);
            for (time, expected) in [(-1.0, 5.0), (0.0, 5.0), (1.0, 5.0), (3.0, 7.0), (9.0, 7.0)] {
                assert_eq!(
                    keyframes.at(time, false),
                    [expected],
                    "{interpolation:?} {time}"
                );
            }
        }
    }

    #[test]
    fn steps_hold_until_the_next() {
        let keyframes = keyframes(Interpolation::Step, 1, &[5.0, 7.0, 1.0]);
        assert_eq!(keyframes.at(2.999, false), [5.0]);
        assert_eq!(keyframes.at(3.0, false), [7.0]);
        assert_eq!(keyframes.at(4.999, false), [7.0]);
    }

    #[test]
    fn lines_are_straight() {
        let keyframes = keyframes(Interpolation::Linear, 2, &[0.0, 8.0, 4.0, 0.0]);
        assert_eq!(keyframes.at(1.5, false), [1.0, 6.0]);
    }

    #[test]
    fn a_spline_follows_the_cubic_its_tangents_come_from() {
        // x(t) = t³ − 2t² + 3 at t = 1 and 3, with its derivative 3t² − 4t.
        let x = |t: f64| t * t * t - 2.0 * t * t + 3.0;
        let keyframes = keyframes(
            Interpolation::CubicSpline,
            1,
            &[100.0, 2.0, -1.0, 15.0, 12.0, 100.0],
        );
        for i in 0..20 {
            let time = 1.0 + 0.1 * f64::from(i);
            let value = keyframes.at(time, false)[0];
            assert!((value - x(time)).abs() < 1e-12, "{time}: {value}");
        }
    }

    #[test]
    fn rotations_take_the_shorter_arc_at_even_speed() {
        // About z by 0 and by 2π/3 − 2π: the shorter way is 2π/3 forward.
        let half = FRAC_PI_3;
        let (sin, cos) = (half.sin() as f32, half.cos() as f32);
        let values = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -sin, -cos];
        let keyframes = keyframes(Interpolation::Linear, 4, &values);
        for i in 0..=8 {
            let share = f64::from(i) / 8.0;
            let turned = keyframes.at(1.0 + 2.0 * share, true);
            // At the last keyframe its own value, which is the same rotation negated.
            let sign = if i == 8 { -1.0 } else { 1.0 };
            assert!((turned[2] - sign * (half * share).sin()).abs() < 1e-7);
            assert!((turned[3] - sign * (half * share).cos()).abs() < 1e-7);
        }
    }

    #[test]
    fn equal_and_opposite_rotations_stay_put() {
        for second in [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, -1.0]] {
            let turned = slerp(&[0.0, 0.0, 0.0, 1.0], &second, 0.5);
            assert_eq!(turned, [0.0, 0.0, 0.0, 1.0]);
        }
        let quarter = slerp(&[0.0, 0.0, 0.0, 1.0], &[1.0, 0.0, 0.0, 0.0], 0.5);
        assert!((quarter[0] - FRAC_1_SQRT_2).abs() < 1e-15);
    }
}
