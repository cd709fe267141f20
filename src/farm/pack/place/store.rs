//! A bucket of an object store that speaks S3.
//!
//! The rest of the program does not wait in the way this library's calls do: each is run to its end on the thread that
//! made it. Round trips are long and pieces small, so many threads call at once.

use super::super::Error;
use super::{Holder, STORE};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ObjectStoreExt, RetryConfig, path};
use std::io;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Calls under way at once.
const CALLS: usize = 32;
/// A request that fails for want of an answer is made again so often …
const RETRIES: usize = 6;
/// … within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Part of a bucket.
#[derive(Debug)]
pub struct Store {
    /// How messages call it.
    label: String,
    /// What names begin with; empty or with `/` at its end.
    prefix: String,
    client: AmazonS3,
    runtime: Runtime,
    threads: rayon::ThreadPool,
}

impl Store {
    /// `BUCKET/PREFIX`, reached as the environment says.
    ///
    /// # Errors
    /// What is wrong with the address or the environment.
    pub fn new(address: &str) -> Result<Self, String> {
        let address = address.trim_end_matches('/');
        let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
        if bucket.is_empty() {
            return Err(format!("names no bucket: give {STORE}BUCKET/PREFIX"));
        }
        // Fails if it was done before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retries = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: PATIENCE,
            ..RetryConfig::default()
        };
        let client = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retries)
            .build()
            .map_err(|error| format!("{error}; see to the variables AWS_…"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let threads = rayon::ThreadPoolBuilder::new().num_threads(CALLS).build();
        Ok(Self {
            label: format!("{STORE}{address}"),
            prefix: match prefix {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            },
            client,
            runtime: runtime.map_err(|error| error.to_string())?,
            threads: threads.map_err(|error| error.to_string())?,
        })
    }

    fn path(&self, name: &str) -> path::Path {
        path::Path::from(format!("{}{name}", self.prefix))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let call = self.client.put(&path, bytes.to_vec().into());
        self.runtime.block_on(call).map(|_| ()).map_err(io_error)
    }
}

/// The error as the system would say it. What is neither missing nor forbidden may pass.
fn io_error(error: object_store::Error) -> io::Error {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    let kind = match &error {
        // What the store says of it is a page of XML.
        NotFound { .. } => return io::ErrorKind::NotFound.into(),
        PermissionDenied { .. } | Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::HostUnreachable,
    };
    io::Error::new(kind, error)
}

impl Holder for Store {
    fn length(&self, name: &str) -> io::Result<Option<u64>> {
        let path = self.path(name);
        let found = self.runtime.block_on(self.client.head(&path));
        match found.map_err(io_error) {
            Ok(meta) => Ok(Some(meta.size)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.path(name);
        let call = async { self.client.get(&path).await?.bytes().await };
        let bytes = self.runtime.block_on(call).map_err(io_error)?;
        Ok(bytes.into())
    }

    fn put_piece(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(name, bytes)
    }

    fn settle(&self) -> io::Result<()> {
        Ok(())
    }

    fn put_manifest(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.put(name, bytes).map_err(|source| Error::Place {
            place: self.label.clone(),
            name: name.to_owned(),
            source,
        })
    }

    fn threads(&self) -> Option<&rayon::ThreadPool> {
        Some(&self.threads)
    }
}
