//! An adapter at work: the device and its queue, and what they complain about.

use super::adapter::Adapter;
use super::fault::Fault;
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
    /// Rays wait in workgroup memory alone.
    pub has_deep_stack: bool,
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
            has_deep_stack: adapter.has_deep_stack(),
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
        match self.check() {
            Err(Fault::OutOfMemory(why)) => {
                Err(Fault::OutOfMemory(format!("{label}, {bytes} bytes: {why}")))
            }
            other => other.map(|()| buffer),
        }
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
