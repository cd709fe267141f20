//! An adapter at work: the device and its queue, and what they complain about.

use super::adapter::Adapter;
use super::fault::Fault;
use super::page;
use crate::kernel::gpu::{ROW_BYTES, Target};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest wait for a device to finish what it was given. Work is cut to take a tenth of a second, so this is no
/// matter of speed.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open device.
#[derive(Debug)]
pub struct Device {
    pub wgpu: wgpu::Device,
    pub queue: wgpu::Queue,
    /// What its shaders are written for.
    pub target: Target,
    /// The first complaint since it was last asked for.
    complaint: Arc<Mutex<Option<Fault>>>,
}

impl Device {
    /// Opens `adapter`.
    pub fn open(adapter: &Adapter) -> Result<Self, Fault> {
        let features = adapter.wgpu.features() & wgpu::Features::PIPELINE_CACHE;
        let request = adapter.wgpu.request_device(&wgpu::DeviceDescriptor {
            label: Some("skywell"),
            required_features: features,
            required_limits: adapter.limits_to_ask(),
            experimental_features: wgpu::ExperimentalFeatures::disabled(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            trace: wgpu::Trace::Off,
        });
        let (device, queue) =
            pollster::block_on(request).map_err(|e| Fault::Refused(e.to_string()))?;
        let complaint = Arc::new(Mutex::new(None));
        let complain = |complaint: &Mutex<Option<Fault>>, fault: Fault| {
            let mut first = complaint.lock().unwrap_or_else(PoisonError::into_inner);
            let gone = first.as_ref().is_some_and(Fault::is_fatal);
            if first.is_none() || (fault.is_fatal() && !gone) {
                *first = Some(fault);
            }
        };
        let listener = Arc::clone(&complaint);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let fault = match error {
                wgpu::Error::OutOfMemory { source } => Fault::OutOfMemory(source.to_string()),
                other => Fault::Refused(other.to_string()),
            };
            complain(&listener, fault);
        }));
        let listener = Arc::clone(&complaint);
        device.set_device_lost_callback(move |reason, message| {
            // closing a device ends here too
            if reason != wgpu::DeviceLostReason::Destroyed {
                complain(&listener, Fault::Lost(message));
            }
        });
        Ok(Self {
            wgpu: device,
            queue,
            target: adapter.description().target(),
            complaint,
        })
    }

    /// Takes the device away, as a driver does that resets it.
    #[cfg(test)]
    pub fn lose(&self) {
        let mut complaint = self
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *complaint = Some(Fault::Lost("by a test".to_owned()));
        drop(complaint);
        self.wgpu.destroy();
    }

    /// What went wrong since this was last asked, if anything.
    pub fn check(&self) -> Result<(), Fault> {
        let mut complaint = self
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        complaint.take().map_or(Ok(()), Err)
    }

    /// Waits until all that was submitted is done.
    pub fn wait(&self) -> Result<(), Fault> {
        let polled = self.wgpu.poll(wgpu::PollType::Wait {
            submission_index: None,
            timeout: Some(PATIENCE),
        });
        self.check()?;
        match polled {
            Ok(_) => Ok(()),
            Err(wgpu::PollError::Timeout) => Err(Fault::TimedOut(PATIENCE.as_secs())),
            Err(error) => Err(Fault::Refused(error.to_string())),
        }
    }

    /// A buffer of `bytes`.
    pub fn buffer(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, Fault> {
        let buffer = self.wgpu.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes,
            usage,
            mapped_at_creation: false,
        });
        self.check_room(label, bytes).map(|()| buffer)
    }

    /// An image of texels of 16 bytes that passes read.
    pub fn image(&self, label: &str, width: u32, height: u32) -> Result<wgpu::Texture, Fault> {
        let texture = self.wgpu.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: page::IMAGE_FORMAT,
            usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let bytes = u64::from(width) * u64::from(height) * ROW_BYTES;
        self.check_room(label, bytes).map(|()| texture)
    }

    /// Was there room for the `bytes` of `label`?
    fn check_room(&self, label: &str, bytes: u64) -> Result<(), Fault> {
        match self.check() {
            Err(Fault::OutOfMemory(why)) => {
                Err(Fault::OutOfMemory(format!("{label}, {bytes} bytes: {why}")))
            }
            other => other,
        }
    }

    /// A group of `layout` that binds `bound` to bindings `first` and on.
    pub fn group(
        &self,
        layout: &wgpu::BindGroupLayout,
        first: u32,
        bound: &[wgpu::BindingResource<'_>],
    ) -> wgpu::BindGroup {
        let entries: Vec<_> = (first..)
            .zip(bound)
            .map(|(binding, resource)| wgpu::BindGroupEntry {
                binding,
                resource: resource.clone(),
            })
            .collect();
        self.wgpu.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout,
            entries: &entries,
        })
    }

    /// Reads back the first `bytes` of `staging`, once everything submitted is done.
    pub fn read<T>(
        &self,
        staging: &wgpu::Buffer,
        bytes: u64,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Fault> {
        let (send, receive) = std::sync::mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |mapped| {
            // nobody listens any more only if the wait below has failed
            let _ = send.send(mapped);
        });
        self.wait()?;
        match receive.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Fault::Refused(error.to_string())),
            Err(_) => return Err(Fault::TimedOut(PATIENCE.as_secs())),
        }
        let view = staging
            .get_mapped_range(0..bytes)
            .map_err(|e| Fault::Refused(e.to_string()))?;
        let value = take(&view);
        drop(view);
        staging.unmap();
        Ok(value)
    }
}

/// Each of `buffers` from end to end, to bind.
pub fn whole<'a>(buffers: &[&'a wgpu::Buffer]) -> Vec<wgpu::BindingResource<'a>> {
    (buffers.iter())
        .map(|buffer| buffer.as_entire_binding())
        .collect()
}
