//! The page: one HTML file that needs no other.

use super::{Checked, Error, Outcome, Status};
use crate::diff::{Encoding, Picture, heat_colors};
use crate::output::{View, rgb_png_bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use std::path::Path;

const TEMPLATE: &str = include_str!("page.html");
/// Differences are shown this many times as large.
const DIFFERENCE_SCALE: f32 = 4.0;

/// Pictures of a run, as `data:` addresses.
#[derive(Default, Serialize)]
struct Views {
    width: usize,
    height: usize,
    reference: Option<String>,
    test: Option<String>,
    difference: Option<String>,
    heat: Option<String>,
}

/// A run as the template sees it.
#[derive(Serialize)]
struct Entry<'a> {
    outcome: &'a Outcome,
    views: Views,
    /// The report for people.
    text: String,
    is_open: bool,
}

/// All the template sees.
#[derive(Serialize)]
struct Content<'a> {
    checked: &'a Checked,
    n_passed: usize,
    n_failed: usize,
    n_new: usize,
    n_errors: usize,
    entries: Vec<Entry<'a>>,
}

/// The page's text.
pub fn page(checked: &Checked) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    environment.add_template("page", TEMPLATE)?;
    let entries: Vec<Entry> = checked
        .outcomes
        .iter()
        .map(|outcome| Entry {
            outcome,
            views: views(outcome),
            text: outcome
                .report
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            is_open: outcome.status != Status::Passed,
        })
        .collect();
    let page = environment.get_template("page")?.render(Serde(Content {
        checked,
        n_passed: checked.count(Status::Passed),
        n_failed: checked.count(Status::Failed),
        n_new: checked.count(Status::New),
        n_errors: checked.count(Status::Error),
        entries,
    }))?;
    Ok(page)
}

fn views(outcome: &Outcome) -> Views {
    let test = outcome.picture.as_deref().and_then(displayed);
    let reference = if outcome.golden.exists() {
        displayed(&outcome.golden)
    } else {
        None
    };
    let Some(shown) = test.as_ref().or(reference.as_ref()) else {
        return Views::default();
    };
    let difference = match (&reference, &test) {
        (Some(a), Some(b)) if a.codes.len() == b.codes.len() => Some(a.difference(b)),
        _ => None,
    };
    let address = |image: &Displayed| image.address();
    Views {
        width: shown.width,
        height: shown.height,
        heat: outcome.map.as_ref().and_then(|map| {
            let codes = heat_colors(&map.values);
            Displayed {
                width: map.width,
                height: map.height,
                codes,
            }
            .address()
        }),
        difference: difference.as_ref().and_then(address),
        reference: reference.as_ref().and_then(address),
        test: test.as_ref().and_then(address),
    }
}

/// 8-bit RGB.
struct Displayed {
    width: usize,
    height: usize,
    codes: Vec<u8>,
}

impl Displayed {
    fn address(&self) -> Option<String> {
        let png = rgb_png_bytes(self.width as u32, self.height as u32, &self.codes).ok()?;
        Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
    }

    /// Mid-grey where equal, lighter where the test is, each channel by itself.
    fn difference(&self, test: &Self) -> Self {
        let code = |(&a, &b): (&u8, &u8)| {
            let difference = (f32::from(b) - f32::from(a)) * DIFFERENCE_SCALE;
            (127.5 + 0.5 * difference).clamp(0.0, 255.0) as u8
        };
        Self {
            width: self.width,
            height: self.height,
            codes: self.codes.iter().zip(&test.codes).map(code).collect(),
        }
    }
}

/// The picture as a display would show it; `None` if it has no colours or cannot be read.
fn displayed(path: &Path) -> Option<Displayed> {
    let picture = Picture::read(path).ok()?;
    let view = match picture.encoding {
        Encoding::Linear => View::PbrNeutral,
        Encoding::Display => View::None,
    };
    let plane = |name: &str| picture.plane(name).map(|plane| plane.samples.as_slice());
    let (r, g, b) = (plane("R")?, plane("G")?, plane("B")?);
    let codes = (r.iter().zip(g).zip(b))
        .flat_map(|((&r, &g), &b)| {
            view.encode([r, g, b])
                .map(|code| (code * 255.0 + 0.5) as u8)
        })
        .collect();
    let (width, height) = (picture.data.width, picture.data.height);
    Some(Displayed {
        width,
        height,
        codes,
    })
}
