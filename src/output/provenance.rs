//! What a picture was made from, as EXR attributes.

use crate::film::RejectedSamples;
use crate::image::exr::Attribute;
use crate::integrator::DeviceKind;
use crate::settings::RenderSettings;
use std::collections::{BTreeMap, BTreeSet};

/// What a picture was made from. Two pictures of equal provenance are the same picture, so
/// nothing here tells when or how fast it was made, nor where, unless on a GPU, which rounds in its own way.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// Hash of everything that was authored.
    pub scene_hash: [u8; 32],
    /// Hash of the settings that decide the picture.
    pub settings_hash: [u8; 32],
    /// The settings; `samples` are those taken, fewer than asked for after an interruption.
    pub settings: RenderSettings,
    /// What its authors say of the scene: XMP packets, a JSON array.
    pub xmp: Option<String>,
    /// What was authored and not honoured, one line each.
    pub warnings: Vec<String>,
    /// What traced it; more than one if shards of several were merged.
    pub device_kinds: BTreeSet<DeviceKind>,
    /// Samples the film could not add.
    pub rejected: RejectedSamples,
    /// The GPUs that took part.
    pub devices: Vec<String>,
}

impl Provenance {
    /// The attributes that tell which picture it is; a file of the same picture has them all.
    pub(super) fn identity(&self) -> BTreeMap<String, Attribute> {
        // They follow from the rest, but for the names of GPUs: pictures of one kind are taken for the same.
        const LEFT_OUT: [&str; 4] = [
            "skywell:devices",
            "skywell:nonFiniteSamples",
            "skywell:nonFiniteFirst",
            "skywell:warnings",
        ];
        let mut attributes = self.attributes();
        attributes.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
        attributes
    }

    /// Attributes, names prefixed `skywell:`.
    pub(super) fn attributes(&self) -> BTreeMap<String, Attribute> {
        let samples = &self.settings.samples;
        // Plain numbers and names have no way to fail.
        let settings = serde_json::to_string(&self.settings).unwrap_or_default();
        let kinds: Vec<&str> = self.device_kinds.iter().map(|kind| kind.name()).collect();
        let mut attributes = BTreeMap::from([
            ("skywell:deviceKinds", Attribute::Text(kinds.join(", "))),
            (
                "skywell:version",
                Attribute::Text(env!("CARGO_PKG_VERSION").to_owned()),
            ),
            ("skywell:sceneHash", Attribute::Text(hex(&self.scene_hash))),
            (
                "skywell:settingsHash",
                Attribute::Text(hex(&self.settings_hash)),
            ),
            ("skywell:settings", Attribute::Text(settings)),
            (
                "skywell:samples",
                Attribute::Text(format!("{}..{}", samples.start, samples.end)),
            ),
            (
                "skywell:nonFiniteSamples",
                Attribute::Text(self.rejected.count().to_string()),
            ),
        ]);
        if self.rejected.count() > 0 {
            let first = self
                .rejected
                .first()
                .iter()
                .map(ToString::to_string)
                .collect();
            attributes.insert("skywell:nonFiniteFirst", Attribute::TextList(first));
        }
        if !self.devices.is_empty() {
            attributes.insert("skywell:devices", Attribute::TextList(self.devices.clone()));
        }
        if let Some(xmp) = &self.xmp {
            attributes.insert("skywell:xmp", Attribute::Text(xmp.clone()));
        }
        if !self.warnings.is_empty() {
            attributes.insert(
                "skywell:warnings",
                Attribute::TextList(self.warnings.clone()),
            );
        }
        attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
