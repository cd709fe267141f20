//! `skywell devices`.

use super::Failure;
use crate::session::{Device, devices};
use std::io::Write;

/// Lists the devices that could render.
///
/// # Errors
/// A standard output that cannot be written.
pub fn run() -> Result<(), Failure> {
    let devices = devices();
    let text = if devices.is_empty() {
        "No GPU: --backend cpu renders without.\n".to_owned()
    } else {
        devices.iter().map(describe).collect()
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::Print)
}

/// Some lines on one device.
fn describe(device: &Device) -> String {
    let mut text = format!("{}: {device}\n", device.index);
    if !device.driver.is_empty() {
        text += &format!("   driver: {}\n", device.driver);
    }
    if device.lacks.is_empty() {
        let gib = device.scene_bytes() as f64 / f64::from(1 << 30);
        text += &format!("   renders scenes of up to {gib:.1} GiB, memory permitting\n");
    }
    for lack in &device.lacks {
        text += &format!("   cannot render: {lack}\n");
    }
    text
}
