//! How what two pictures were made from differs.

use super::picture::Picture;
use crate::image::exr::Attribute;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Follows from the pixels, which are compared themselves.
const OF_PIXELS: [&str; 1] = ["skywell:pixelHash"];

/// Something two files say differently of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Name of the attribute; of a JSON object in one, with the key after a dot.
    pub name: String,
    /// The reference's value; null if it has none.
    pub reference: Option<String>,
    /// The test's.
    pub test: Option<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        write!(
            f,
            "{}: {} -> {}",
            self.name,
            show(&self.reference),
            show(&self.test)
        )
    }
}

/// All changes, by name.
#[must_use]
pub fn changes(reference: &Picture, test: &Picture) -> Vec<Change> {
    let (a, b) = (statements(reference), statements(test));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name))
        .map(|name| Change {
            name: name.clone(),
            reference: a.get(name).cloned(),
            test: b.get(name).cloned(),
        })
        .collect()
}

fn statements(picture: &Picture) -> BTreeMap<String, String> {
    let mut all = BTreeMap::from([("format".to_owned(), picture.format.to_owned())]);
    for (name, value) in &picture.attributes {
        if OF_PIXELS.contains(&name.as_str()) {
            continue;
        }
        let text = match value {
            Attribute::Text(text) => text.clone(),
            Attribute::TextList(texts) => texts.join("; "),
            Attribute::Integer(number) => number.to_string(),
            Attribute::Float(number) => number.to_string(),
        };
        match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(&text) {
            Ok(object) => {
                let keys = object.into_iter();
                all.extend(keys.map(|(key, value)| (format!("{name}.{key}"), value.to_string())));
            }
            Err(_) => {
                all.insert(name.clone(), text);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::testing::picture;

    #[test]
    fn what_changed_is_said_key_by_key() {
        let mut a = picture(2, 2, &["R"]);
        let text = |text: &str| Attribute::Text(text.to_owned());
        a.attributes.insert(
            "skywell:settings".into(),
            text(r#"{"seed":1,"filter":"box"}"#),
        );
        a.attributes.insert("skywell:pixelHash".into(), text("00"));
        let mut b = a.clone();
        assert_eq!(changes(&a, &b), []);
        b.attributes.insert(
            "skywell:settings".into(),
            text(r#"{"seed":2,"filter":"box"}"#),
        );
        b.attributes.insert("skywell:pixelHash".into(), text("01"));
        b.attributes.insert("owner".into(), Attribute::Integer(3));
        let found: Vec<String> = changes(&a, &b).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["owner: (none) -> 3", "skywell:settings.seed: 1 -> 2"]
        );
    }
}
