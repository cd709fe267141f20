//! `skywell submit`: checks the flags as `skywell render` would, writes the engine's files, and has
//! the engine take them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;

use super::args::{
    Cli, Command as Subcommand, JobArgs, OpenjdArgs, PictureArgs, RenderArgs, SlurmArgs,
    SubmitCommand,
};
use super::progress::say;
use super::{Failure, plan};
use crate::farm::pack;
use crate::farm::submit::{Bundle, EXPRESSION, Job, NumberedName, Slurm, max_array_size};
use crate::output;
use crate::scene::gltf::references;

/// Starts of a shard, unless asked otherwise.
const ATTEMPTS: u32 = 5;

/// Why nothing was submitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The flags after `--` are not those of `skywell render`.
    #[error("flags after -- go to `skywell render`, which says: {0}")]
    RenderFlags(String),
    /// A folder cannot be made or removed.
    #[error("{}: {source}; check permissions, or write elsewhere", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A word that Open Job Description would take for an expression.
    #[error(
        "\"{0}\" holds {EXPRESSION}, which begins an expression in Open Job Description: name it otherwise"
    )]
    Expression(String),
    /// A name is not text that scripts can hold.
    #[error("{}: not a name that a script can hold: name it otherwise", .0.display())]
    Name(PathBuf),
    /// submit.sh did not run to its end.
    #[error("{}: {what}; what it submitted before is under way: `scancel` ends it", script.display())]
    Slurm {
        /// The script.
        script: PathBuf,
        /// How it ended.
        what: String,
    },
}

impl Error {
    /// Would other flags mend it?
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::RenderFlags(_) | Self::Expression(_) | Self::Name(_)
        )
    }
}

/// Submits.
///
/// # Errors
/// Wrong usage, or whatever kept the work from being submitted.
pub fn run(command: &SubmitCommand) -> Result<(), Failure> {
    match command {
        SubmitCommand::Slurm(args) => slurm(args),
        SubmitCommand::Openjd(args) => openjd(args),
    }
}

fn slurm(args: &SlurmArgs) -> Result<(), Failure> {
    let here = current_folder()?;
    let (job, _) = resolve(&args.job)?;
    let folder = here.join(folder_of(&job, "slurm"));
    let slurm = Slurm {
        folder: text(&folder)?,
        working_folder: text(&here)?,
        attempts: args.attempts.unwrap_or(ATTEMPTS),
        options: args.sbatch.clone(),
        max_array_size: max_array_size(&slurm_config()),
        workers: args.workers,
        job,
    };
    let scripts = slurm.scripts();
    if args.job.dry_run {
        print_files(&folder, &scripts);
        return Ok(());
    }
    write_files(&folder, &scripts)?;
    // The scene may be another by now: nothing counts as merged.
    remove(&folder.join("merged"))?;
    let script = folder.join("submit.sh");
    let failed = |what| Error::Slurm {
        script: script.clone(),
        what,
    };
    let status = Command::new("bash").arg(&script).status();
    match status.map_err(|error| failed(format!("cannot be run: {error}")))? {
        status if status.success() => Ok(()),
        status => Err(failed(format!("ended with {status}")).into()),
    }
}

fn openjd(args: &OpenjdArgs) -> Result<(), Failure> {
    let here = current_folder()?;
    let (mut job, render) = resolve(&args.job)?;
    let folder = here.join(folder_of(&job, "openjd"));
    // These go by way of parameters, so that they can be mapped to where a worker finds them.
    let scene = &args.job.scene;
    let is_remote = pack::is_remote(scene);
    let scene = match is_remote {
        true => scene.clone(),
        false => here.join(scene),
    };
    job.scene = text(&scene)?;
    let environment = match &render.environment {
        Some(path) => Some(text(&here.join(path))?),
        None => None,
    };
    without_environment(&mut job.render_flags);
    let output_folder = text(&here.join(&job.output.folder))?;
    let mut inputs = match is_remote {
        true => Vec::new(),
        false => inputs(&scene)?,
    };
    inputs.extend(environment.clone());
    let words = job.render_flags.iter().chain(&job.merge_flags);
    let words = words.chain([
        &job.output.before,
        &job.output.after,
        &job.scene,
        &output_folder,
    ]);
    if let Some(word) = words
        .chain(&environment)
        .find(|word| word.contains(EXPRESSION))
    {
        return Err(Error::Expression(word.clone()).into());
    }
    let bundle = Bundle {
        job,
        scene_is_remote: is_remote,
        environment,
        inputs,
        output_folder,
    };
    let files = bundle.files();
    if args.job.dry_run {
        print_files(&folder, &files);
        return Ok(());
    }
    write_files(&folder, &files)?;
    let folder = folder.display();
    say(&format!(
        "Wrote the job bundle {folder}: `deadline bundle submit {folder}` sends it, `openjd run \
         {folder}/template.json -p file://{folder}/openjd_parameters.json` runs it here."
    ));
    Ok(())
}

/// The job, and its flags as `skywell render` understands them.
fn resolve(args: &JobArgs) -> Result<(Job, Box<RenderArgs>), Failure> {
    let name = NumberedName::parse(&text(&args.output)?).ok_or(plan::Error::NoNumber {
        path: args.output.clone(),
        flag: "--output",
    })?;
    let shards = args.shards.unwrap_or(1);
    let mut flags = args.render_flags.clone();
    let names_backend = |flag: &String| flag == "--backend" || flag.starts_with("--backend=");
    if args.gpus_per_task.is_some() && !flags.iter().any(names_backend) {
        flags.extend(["--backend".to_owned(), "gpu".to_owned()]);
    }
    let frames = args.frames.first.to_string();
    let shard = format!("0/{shards}");
    let (scene, output) = (text(&args.scene)?, text(&args.output)?);
    let own = [
        "--frames",
        &frames,
        "--shard",
        &shard,
        "-o",
        &output,
        "--progress",
        "plain",
    ];
    let words = ["skywell", "render", &scene].into_iter().chain(own);
    let render = match Cli::try_parse_from(words.chain(flags.iter().map(String::as_str))) {
        Ok(Cli {
            command: Subcommand::Render(render),
            ..
        }) => render,
        Ok(_) => return Err(Error::RenderFlags("another subcommand".to_owned()).into()),
        Err(error) => return Err(Error::RenderFlags(error.to_string()).into()),
    };
    plan::resolve(&render)?;
    let job = Job {
        name: name.stem().to_owned(),
        skywell: text(&std::env::current_exe().unwrap_or_else(|_| PathBuf::from("skywell")))?,
        scene,
        frames: args.frames,
        fps: args.fps,
        shards,
        output: name,
        merge_flags: merge_flags(&render.picture),
        render_flags: flags,
        cpus: args.cpus_per_task,
        gpus: args.gpus_per_task.clone(),
    };
    Ok((job, render))
}

/// The flags of the picture's file, which merging decides.
fn merge_flags(picture: &PictureArgs) -> Vec<String> {
    let mut flags = Vec::new();
    if picture.half {
        flags.push("--half".to_owned());
    }
    if let Some(bits) = picture.png_bits {
        flags.extend(["--png-bits".to_owned(), value_name(bits)]);
    }
    if let Some(exposure) = picture.exposure {
        flags.extend(["--exposure".to_owned(), exposure.to_string()]);
    }
    if let Some(view) = picture.view {
        flags.extend(["--view".to_owned(), value_name(view)]);
    }
    flags
}

/// As it is typed.
fn value_name(value: impl clap::ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or(String::new(), |value| value.get_name().to_owned())
}

/// Takes `--environment FILE` out.
fn without_environment(flags: &mut Vec<String>) {
    if let Some(at) = flags.iter().position(|flag| flag == "--environment") {
        flags.drain(at..(at + 2).min(flags.len()));
    }
    flags.retain(|flag| !flag.starts_with("--environment="));
}

/// The files a scene is read from, absolute.
fn inputs(scene: &Path) -> Result<Vec<String>, Failure> {
    if pack::is_manifest(scene) {
        return Ok(vec![text(scene)?]);
    }
    let unread = |source| pack::Error::Read {
        path: scene.to_owned(),
        source,
    };
    let bytes = fs::read(scene).map_err(unread)?;
    let found = references(&bytes, &scene.display().to_string()).map_err(pack::Error::Scene)?;
    let folder = scene.parent().unwrap_or(Path::new(""));
    let files = found.iter().map(|reference| folder.join(&reference.file));
    let files = std::iter::once(scene.to_owned()).chain(files.filter(|file| file.is_file()));
    files.map(|file| text(&file)).collect()
}

/// Where an engine's files go, relative to the current folder.
fn folder_of(job: &Job, engine: &str) -> PathBuf {
    Path::new(&job.output.folder).join(format!("{}.{engine}", job.output.stem()))
}

fn current_folder() -> Result<PathBuf, Failure> {
    let folder = std::env::current_dir().map_err(|source| Error::Folder {
        path: ".".into(),
        source,
    })?;
    Ok(folder)
}

/// The name as text; a line break in it would end a script's line.
fn text(path: &Path) -> Result<String, Failure> {
    let text = path
        .to_str()
        .filter(|text| !text.contains(char::is_control));
    Ok(text.ok_or(Error::Name(path.to_owned()))?.to_owned())
}

/// What Slurm says of itself; empty where it is not.
fn slurm_config() -> String {
    let output = Command::new("scontrol").args(["show", "config"]).output();
    output.map_or(String::new(), |output| {
        String::from_utf8_lossy(&output.stdout).into_owned()
    })
}

fn print_files(folder: &Path, files: &[(&str, String)]) {
    let mut out = std::io::stdout().lock();
    for (name, content) in files {
        // A closed standard output is nobody's to tell.
        let _ = writeln!(out, "==> {} <==\n{content}", folder.join(name).display());
    }
}

fn write_files(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|source| Error::Folder {
        path: folder.to_owned(),
        source,
    })?;
    for (name, content) in files {
        let path = folder.join(name);
        output::write_bytes(&path, content.as_bytes()).map_err(crate::session::Error::from)?;
        #[cfg(unix)]
        if name.ends_with(".sh") {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(&path, mode).map_err(|source| Error::Folder { path, source })?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::Folder {
            path: folder.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}
