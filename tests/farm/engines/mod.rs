//! Work submitted to real engines: Slurm and Open Job Description's own runner. Tests of an engine
//! that is not installed say so and pass, unless `SKYWELL_REQUIRE_ENGINES` is set.

#[cfg(target_os = "linux")]
mod cluster;
mod dry_run;
#[cfg(feature = "s3")]
mod object_store;
mod openjd;
mod shot;
#[cfg(target_os = "linux")]
mod slurm;
