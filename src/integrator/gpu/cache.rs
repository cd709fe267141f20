//! Compiled pipelines, kept between runs where the driver hands them out.
//!
//! One file for each adapter, below the user's cache directory. A cache that cannot be read or written costs time and
//! nothing else, so neither is an error.

use super::adapter::Adapter;
use super::device::Device;
use super::fault::Fault;
use super::pipelines::{Pipelines, Variant};
use std::io::Write;
use std::path::PathBuf;

/// Bytes of the hash that begins a file.
const HASH_BYTES: usize = 32;

/// A driver's cache, and the file it is kept in.
#[derive(Debug)]
struct Cache {
    wgpu: wgpu::PipelineCache,
    file: PathBuf,
    /// Hash of what the file holds.
    hash: Option<[u8; HASH_BYTES]>,
}

impl Cache {
    /// The cache of `adapter`, with what earlier runs kept; `None` where there is none.
    fn open(device: &Device, adapter: &Adapter) -> Option<Self> {
        let features = device.wgpu.features();
        if !features.contains(wgpu::Features::PIPELINE_CACHE) {
            return None;
        }
        let key = wgpu::util::pipeline_cache_key(&adapter.wgpu.get_info())?;
        let file = directory()?.join(key);
        let kept = std::fs::read(&file).ok().and_then(|bytes| verified(&bytes));
        #[expect(unsafe_code, reason = "a driver trusts what its cache holds")]
        // SAFETY: the data are what `get_data` gave for an adapter of this key: their hash says that nothing else wrote
        // or cut them
        let wgpu = unsafe {
            device
                .wgpu
                .create_pipeline_cache(&wgpu::PipelineCacheDescriptor {
                    label: Some("skywell"),
                    data: kept.as_ref().map(|(_, data)| data.as_slice()),
                    fallback: true,
                })
        };
        Some(Self {
            wgpu,
            file,
            hash: kept.map(|(hash, _)| hash),
        })
    }

    /// Keeps what the driver has compiled, if that is new.
    fn keep(&self) {
        let Some(data) = self.wgpu.get_data() else {
            return;
        };
        let hash = *blake3::hash(&data).as_bytes();
        let Some(directory) = self.file.parent() else {
            return;
        };
        if self.hash == Some(hash) || std::fs::create_dir_all(directory).is_err() {
            return;
        }
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(&hash)?;
            file.write_all(&data)?;
            file.persist(&self.file)?;
            Ok(())
        };
        // the next run compiles again
        let _ = write();
    }
}

/// Compiles the passes of `variant` with what earlier runs kept, and keeps what is new.
pub fn compile(
    device: &Device,
    adapter: &Adapter,
    variant: Variant,
    step: &(dyn Fn(u64) + Sync),
) -> Result<Pipelines, Fault> {
    let cache = Cache::open(device, adapter);
    let compiler_cache = cache.as_ref().map(|cache| &cache.wgpu);
    let pipelines = Pipelines::compile(device, compiler_cache, variant, step)?;
    if let Some(cache) = cache {
        cache.keep();
    }
    Ok(pipelines)
}

/// Hash and data of a file, if they belong together.
fn verified(bytes: &[u8]) -> Option<([u8; HASH_BYTES], Vec<u8>)> {
    let (hash, data) = bytes.split_first_chunk::<HASH_BYTES>()?;
    (blake3::hash(data).as_bytes() == hash).then(|| (*hash, data.to_vec()))
}

/// Where this user's programs keep what they can make again.
fn directory() -> Option<PathBuf> {
    let named = |variable| std::env::var_os(variable).filter(|value| !value.is_empty());
    let base = named("XDG_CACHE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(named("HOME")?).join(".cache")))?;
    Some(base.join("skywell").join("pipelines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_or_changed_is_not_used() {
        let data = b"compiled";
        let mut file = blake3::hash(data).as_bytes().to_vec();
        file.extend(data);
        assert_eq!(verified(&file).unwrap().1, data);
        assert!(verified(&file[..file.len() - 1]).is_none());
        assert!(verified(&file[..7]).is_none());
        file[3] ^= 1;
        assert!(verified(&file).is_none());
    }
}
