//! Reading IES LM-63 files: how much light a lamp sends where, as it was measured.
//!
//! Keywords, tilt and the lamp's size are passed over, as EXT_lights_ies allows.
//!
//! Source: ANSI/IES LM-63-19 and its forerunners of 1995 and 2002; EXT_lights_ies, "Coordinate
//! System Mapping". Its sentence about clockwise horizontal angles (types A and B) is read as the
//! sense of a turn about the axis that is +X (B) or +Y (A) at the node.

use crate::scene::light::LightProfile;
use glam::Vec3;
use std::f32::consts::TAU;

/// Nothing that was ever measured has more angles.
const MAX_ANGLES: usize = 4096;
/// Angles that should be equal differ at most by this, degrees.
const SLACK: f32 = 0.05;

/// Values over two lists of angles.
struct Web {
    /// Degrees, rising.
    vertical: Vec<f32>,
    /// Degrees, rising.
    horizontal: Vec<f32>,
    /// Candela, a row for each horizontal angle.
    rows: Vec<Vec<f32>>,
}

/// Reads the text of a file.
///
/// # Errors
/// Says in words what is wrong with it.
pub(super) fn parse(text: &[u8]) -> Result<LightProfile, String> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    let tilt = lines.find_map(|line| line.trim().strip_prefix("TILT="));
    let Some(tilt) = tilt else {
        return Err("it has no line that begins with TILT=".to_owned());
    };
    let mut words = lines
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || c == ','))
        .filter(|word| !word.is_empty());
    let mut number = |what: &str| -> Result<f32, String> {
        let word = words.next().ok_or(format!("it ends before {what}"))?;
        let number = word.parse().ok().filter(|number: &f32| number.is_finite());
        number.ok_or_else(|| format!("{word} is no number, but {what} should be there"))
    };
    if tilt.trim() == "INCLUDE" {
        number("the lamp's position")?;
        for _ in 0..2 * count(number("the number of tilts")?)? {
            number("a tilt")?;
        }
    }
    number("the number of lamps")?;
    number("the lumens per lamp")?;
    let mut factor = number("the candela multiplier")?;
    let n_vertical = count(number("the number of vertical angles")?)?;
    let n_horizontal = count(number("the number of horizontal angles")?)?;
    let kind = number("the photometric type")?;
    for what in ["the unit", "the width", "the length", "the height"] {
        number(what)?;
    }
    factor *= number("the ballast factor")?;
    factor *= number("the ballast-lamp photometric factor")?;
    number("the input watts")?;
    let mut numbers = |n: usize, what: &str| -> Result<Vec<f32>, String> {
        (0..n).map(|_| number(what)).collect()
    };
    let vertical = numbers(n_vertical, "a vertical angle")?;
    let horizontal = numbers(n_horizontal, "a horizontal angle")?;
    for angles in [&vertical, &horizontal] {
        if angles.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err("its angles do not rise".to_owned());
        }
    }
    let mut rows = Vec::new();
    for _ in 0..n_horizontal {
        let mut row = numbers(n_vertical, "a candela value")?;
        for value in &mut row {
            *value *= factor;
            if !(value.is_finite() && *value >= 0.0) {
                return Err(format!("{value} candela cannot be"));
            }
        }
        rows.push(row);
    }
    let web = Web {
        vertical,
        horizontal,
        rows,
    };
    match kind {
        1.0 => web.type_c(),
        2.0 => Ok(web.type_b()?.into_profile(Vec3::Y, Vec3::NEG_Z)),
        3.0 => Ok(web.type_a()?.into_profile(Vec3::X, Vec3::NEG_Z)),
        other => Err(format!(
            "{other} is no photometric type; there are 1, 2 and 3"
        )),
    }
}

/// `number` as a count of angles.
fn count(number: f32) -> Result<usize, String> {
    match number.fract() == 0.0 && (0.0..=MAX_ANGLES as f32).contains(&number) {
        true => Ok(number as usize),
        false => Err(format!(
            "{number} is no number of angles up to {MAX_ANGLES}"
        )),
    }
}

impl Web {
    /// Vertical angles from straight ahead, horizontal ones around that.
    fn type_c(mut self) -> Result<LightProfile, String> {
        self.check_vertical(0.0, 180.0)?;
        let (Some(&first), Some(&last)) = (self.horizontal.first(), self.horizontal.last()) else {
            return Err("it has no horizontal angles".to_owned());
        };
        let is = |angle: f32, value: f32| (angle - value).abs() < SLACK;
        if is(first, 90.0) && is(last, 270.0) {
            // The other half, of 270° to 450°, mirrors it.
            self.mirror(last);
        } else if !is(first, 0.0) {
            return Err(format!("its horizontal angles begin at {first}"));
        } else if self.horizontal.len() == 1 {
            self.push(360.0, 0);
        } else if is(last, 90.0) || is(last, 180.0) {
            self.mirror(last);
            if is(last, 90.0) {
                self.mirror(180.0);
            }
        } else if !(180.0..=360.0 + SLACK).contains(&last) {
            return Err(format!("its horizontal angles end at {last}"));
        } else if !is(last, 360.0) {
            self.push(360.0, 0);
        }
        Ok(self.into_profile(Vec3::NEG_Z, Vec3::X))
    }

    /// Vertical angles about an axis that the horizontal ones lean towards.
    fn type_b(mut self) -> Result<Self, String> {
        self.check_both()?;
        // Horizontal angle H is 90° + H from the axis, the vertical angle runs around that.
        let polar = self.horizontal.iter().map(|h| 90.0 + h).collect();
        let column = |v: usize| self.rows.iter().map(|row| row[v]).collect();
        let rows = (0..self.vertical.len()).map(column).collect();
        Ok(Self {
            vertical: polar,
            horizontal: std::mem::take(&mut self.vertical),
            rows,
        })
    }

    /// Horizontal angles about an axis that the vertical ones lean towards.
    fn type_a(mut self) -> Result<Self, String> {
        self.check_both()?;
        // Vertical angle V is 90° − V from the axis.
        for angle in &mut self.vertical {
            *angle = 90.0 - *angle;
        }
        self.vertical.reverse();
        self.rows.iter_mut().for_each(|row| row.reverse());
        Ok(self)
    }

    /// Angles of types A and B, from −90° on both ways.
    fn check_both(&mut self) -> Result<(), String> {
        if self.horizontal.first() == Some(&0.0) {
            let others: Vec<_> = (1..self.horizontal.len()).rev().collect();
            let mirrored = others
                .iter()
                .map(|&i| (-self.horizontal[i], self.rows[i].clone()));
            let (angles, rows): (Vec<_>, Vec<_>) = mirrored.unzip();
            self.horizontal.splice(..0, angles);
            self.rows.splice(..0, rows);
        }
        if self.vertical.first() == Some(&0.0) {
            let others: Vec<_> = (1..self.vertical.len()).rev().collect();
            for row in &mut self.rows {
                let mirrored: Vec<_> = others.iter().map(|&i| row[i]).collect();
                row.splice(..0, mirrored);
            }
            let mirrored: Vec<_> = others.iter().map(|&i| -self.vertical[i]).collect();
            self.vertical.splice(..0, mirrored);
        }
        self.check_vertical(-90.0, 90.0)?;
        match (self.horizontal.first(), self.horizontal.last()) {
            (Some(&low), Some(&high)) if low >= -90.0 - SLACK && high <= 90.0 + SLACK => Ok(()),
            _ => Err("its horizontal angles are not within −90 to 90".to_owned()),
        }
    }

    fn check_vertical(&self, low: f32, high: f32) -> Result<(), String> {
        match self.vertical.as_slice() {
            [first, .., last] if *first >= low - SLACK && *last <= high + SLACK => Ok(()),
            _ => Err(format!(
                "its vertical angles are not two or more within {low} to {high}"
            )),
        }
    }

    /// Goes on beyond the last horizontal angle, which is about `at`, as it came there.
    fn mirror(&mut self, at: f32) {
        for i in (0..self.horizontal.len().saturating_sub(1)).rev() {
            self.push(2.0 * at - self.horizontal[i], i);
        }
    }

    /// Adds the values of row `of` at one more horizontal angle.
    fn push(&mut self, angle: f32, of: usize) {
        self.horizontal.push(angle);
        self.rows.push(self.rows[of].clone());
    }

    /// The profile whose polar angles these vertical ones are.
    fn into_profile(self, axis: Vec3, azimuth_zero: Vec3) -> LightProfile {
        let radians = |angles: Vec<f32>| angles.into_iter().map(f32::to_radians).collect();
        let mut azimuths: Vec<f32> = radians(self.horizontal);
        let (first, end) = (azimuths.first().copied(), azimuths.last_mut());
        if let (Some(first), Some(end)) = (first, end)
            && (*end - first - TAU).abs() < SLACK.to_radians()
        {
            // Closed without a gap.
            *end = first + TAU;
        }
        LightProfile {
            axis,
            azimuth_zero,
            polar: radians(self.vertical),
            azimuths,
            intensities: self.rows.concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of these angles whose values count from 1, row after row.
    fn file(kind: u32, vertical: &[f32], horizontal: &[f32]) -> String {
        let list = |numbers: &[f32]| {
            numbers
                .iter()
                .map(f32::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let n = vertical.len() * horizontal.len();
        let values: Vec<f32> = (1..=n).map(|i| i as f32).collect();
        format!(
            "IESNA:LM-63-2002\n[TEST] 1\nTILT=NONE\n1 1000 2 {} {} {kind} 1 0 0 0\n0.5 1 30\n{}\n{}\n{}\n",
            vertical.len(),
            horizontal.len(),
            list(vertical),
            list(horizontal),
            list(&values)
        )
    }

    fn degrees(angles: &[f32]) -> Vec<f32> {
        angles
            .iter()
            .map(|angle| angle.to_degrees().round())
            .collect()
    }

    #[test]
    fn symmetry_is_written_out() {
        let read = |horizontal: &[f32]| {
            let profile = parse(file(1, &[0.0, 90.0], horizontal).as_bytes()).unwrap();
            let firsts: Vec<f32> = profile.intensities.iter().step_by(2).copied().collect();
            (degrees(&profile.azimuths), firsts)
        };
        assert_eq!(read(&[0.0]), (vec![0.0, 360.0], vec![1.0, 1.0]));
        let quarters = vec![0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0, 360.0];
        let (angles, values) = read(&[0.0, 45.0, 90.0]);
        assert_eq!(
            (angles, values),
            (quarters, vec![1.0, 3.0, 5.0, 3.0, 1.0, 3.0, 5.0, 3.0, 1.0])
        );
        let halves = (
            vec![0.0, 90.0, 180.0, 270.0, 360.0],
            vec![1.0, 3.0, 5.0, 3.0, 1.0],
        );
        assert_eq!(read(&[0.0, 90.0, 180.0]), halves);
        let sides = (
            vec![90.0, 180.0, 270.0, 360.0, 450.0],
            vec![1.0, 3.0, 5.0, 3.0, 1.0],
        );
        assert_eq!(read(&[90.0, 180.0, 270.0]), sides);
        let open = (vec![0.0, 120.0, 240.0, 360.0], vec![1.0, 3.0, 5.0, 1.0]);
        assert_eq!(read(&[0.0, 120.0, 240.0]), open);
        assert_eq!(read(&[0.0, 120.0, 240.0, 360.0]).1, [1.0, 3.0, 5.0, 7.0]);
    }

    #[test]
    fn the_other_types_lean_towards_their_axis() {
        let b = parse(file(2, &[-90.0, 0.0], &[0.0, 30.0]).as_bytes()).unwrap();
        assert_eq!((b.axis, b.azimuth_zero), (Vec3::Y, Vec3::NEG_Z));
        assert_eq!(degrees(&b.polar), [60.0, 90.0, 120.0]);
        assert_eq!(degrees(&b.azimuths), [-90.0, 0.0]);
        assert_eq!(b.intensities, [3.0, 1.0, 3.0, 4.0, 2.0, 4.0]);
        let a = parse(file(3, &[0.0, 30.0], &[-10.0, 10.0]).as_bytes()).unwrap();
        assert_eq!((a.axis, a.azimuth_zero), (Vec3::X, Vec3::NEG_Z));
        assert_eq!(degrees(&a.polar), [60.0, 90.0, 120.0]);
        assert_eq!(degrees(&a.azimuths), [-10.0, 10.0]);
        assert_eq!(a.intensities, [2.0, 1.0, 2.0, 4.0, 3.0, 4.0]);
    }

    #[test]
    fn tilts_and_commas_are_passed_over() {
        let text = file(1, &[0.0, 45.0], &[0.0]);
        let tilted = text.replace("TILT=NONE", "TILT=INCLUDE\n1\n2\n0 90\n1.0, 0.5");
        assert_eq!(parse(tilted.as_bytes()), parse(text.as_bytes()));
        let commas = text.replace(' ', ",");
        assert_eq!(parse(commas.as_bytes()), parse(text.as_bytes()));
    }

    #[test]
    fn what_is_broken_is_told() {
        let good = file(1, &[0.0, 90.0], &[0.0]);
        for (from, to, message) in [
            ("TILT=", "TOLT=", "TILT="),
            (
                "1 1000 2 2 1 1",
                "1 1000 2 2 9999999 1",
                "no number of angles",
            ),
            (
                "1 1000 2 2 1 1",
                "1 1000 2 2 1 7",
                "7 is no photometric type",
            ),
            ("1 1000 2 2 1 1", "1 1000 -2 2 1 1", "-1 candela cannot be"),
            ("\n0 90\n", "\n90 0\n", "do not rise"),
            ("\n0 90\n", "\n0 270\n", "not two or more within 0 to 180"),
            ("\n0 90\n0\n", "\n0 90\n5\n", "begin at 5"),
            ("0.5 1 30", "0.5 one 30", "one is no number"),
            ("0.5 1 30", "0.5 nan 30", "nan is no number"),
            ("\n1 2\n", "\n1\n", "it ends before a candela value"),
        ] {
            let error = parse(good.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        for length in 0..good.len() - 1 {
            assert!(parse(&good.as_bytes()[..length]).is_err() || length > good.len() - 3);
        }
    }
}
