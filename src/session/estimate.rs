//! Sampling a frame to know what all of it will take.

use std::time::Instant;

use super::backend::{self, Crew};
use super::keeper::Keeper;
use super::memory::Budget;
use super::piece::Piece;
use super::{Error, FramePlan, Observer, ShardPlan, Stage, energy::Meter};
use super::{enter, load, picture, process, timed};
use crate::compiled::Compiled;
use crate::farm::estimate::FrameCost;
use crate::farm::{self, CutBy};
use crate::film::Film;
use crate::integrator::DeviceKind;
use crate::output::{self, Provenance};
use crate::settings::Region;
use std::path::{Path, PathBuf};

/// Paths of the first look, by which the size of the sample is chosen.
const FIRST_LOOK: u64 = 1 << 17;
/// A sample is no less than this part of a frame.
const SMALLEST_PART: u64 = 2000;
/// Writing and reading shards is tried on one of this many.
const SHARDS_TRIED: u64 = 8;
/// Copies of the smallest shard that are read to know what one of them takes.
const COPIES: u32 = 16;
/// Pixels that stand for all others when the sample's film is made as full as the frame's.
const PIXELS_REPEATED: usize = 1 << 14;

/// What a frame will take.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// On this machine.
    pub cost: FrameCost,
    /// Frame width, pixels.
    pub width: u32,
    /// Frame height, pixels.
    pub height: u32,
    /// Samples a pixel.
    pub spp: u32,
    /// Threads it was sampled with.
    pub threads: usize,
    /// One part of this many was rendered.
    pub parts: u32,
    /// Power drawn meanwhile, watts; `None` if the machine does not tell.
    pub watts: Option<f64>,
}

/// Renders pieces strewn over the frame of `plan` for about `seconds`, and predicts the rest.
/// Nothing is left behind: what is written goes into a folder of the system's for passing files.
///
/// # Errors
/// As [`super::render_frame`].
pub fn estimate_frame(
    plan: &FramePlan,
    seconds: f64,
    observer: &dyn Observer,
) -> Result<Estimate, Error> {
    process::forget_peak_memory();
    let threads = plan.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    let began = (Meter::read(), Instant::now());
    let mut estimate = pool.install(|| sample(plan, seconds, observer))?;
    estimate.watts = (began.0.zip(Meter::read()))
        .map(|(before, after)| after.since_j(&before) / began.1.elapsed().as_secs_f64());
    Ok(estimate)
}

/// What something took: by the clock, and of CPU time in user mode if the system tells.
#[derive(Clone, Copy)]
struct Took {
    wall_s: f64,
    user_cpu_s: Option<f64>,
}

/// Does `work`, and says what it took.
fn metered<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let before = process::user_cpu_s();
    let (result, wall_s) = timed(work);
    let user_cpu_s = before.zip(process::user_cpu_s());
    let user_cpu_s = user_cpu_s.map(|(before, after)| after - before);
    (result, Took { wall_s, user_cpu_s })
}

/// What tracing a piece of the frame took.
struct Traced {
    paths: f64,
    took: Took,
    /// Time on a machine that does nothing else.
    alone_s: f64,
}

fn sample(plan: &FramePlan, seconds: f64, observer: &dyn Observer) -> Result<Estimate, Error> {
    let folder =
        tempfile::tempdir().map_err(|source| passing_error(&std::env::temp_dir(), source))?;
    let mut plan = plan.clone();
    plan.output.path = folder.path().join("sample.exr");
    let (started, start) = metered(|| start(&plan, observer));
    let (compiled, memory, mut provenance) = started?;
    let settings = provenance.settings.clone();

    enter(observer, Stage::Render)?;
    let paths = settings.region.n_pixels() * settings.samples.len() as u64;
    let most = (settings.region.n_pixels() / 64).clamp(1, SMALLEST_PART);
    let one_of = |parts: u64| {
        let (index, count, by) = (0, parts.clamp(1, most) as u32, Some(CutBy::Tiles));
        Some(ShardPlan { index, count, by })
    };
    plan.shard = one_of(paths / FIRST_LOOK);
    let mut trace = |plan: &FramePlan| trace(plan, &compiled, &memory, &mut provenance, observer);
    // Its film is let go: a frame has one alone.
    let (look, _) = trace(&plan)?;
    let looks = paths as f64 / look.paths;
    plan.shard = one_of((look.took.wall_s * looks / seconds).ceil() as u64);
    let (part, mut film) = trace(&plan)?;
    let parts = plan.shard.map_or(1, |shard| shard.count);
    let whole = |of: fn(&Traced) -> f64| {
        let (look, part) = ((look.paths, of(&look)), (part.paths, of(&part)));
        extrapolated(look, part, paths as f64)
    };
    let render_s = whole(|traced| traced.alone_s);
    let render_cpu_s = whole(|traced| traced.took.user_cpu_s.unwrap_or(0.0));

    drop(compiled);
    observer.enter(Stage::Write);
    fill(&mut film)?;
    let (written, write) =
        metered(|| picture::write(&plan.output, &film.develop(), &provenance, observer));
    written?;
    let memory_bytes = process::peak_memory_bytes();
    let user_cpu_s =
        (start.user_cpu_s.zip(write.user_cpu_s)).map(|(start, write)| start + render_cpu_s + write);
    let mut cost = FrameCost {
        start_s: start.wall_s,
        render_s,
        write_s: write.wall_s,
        threads: rayon::current_num_threads() as u32,
        user_cpu_s,
        memory_bytes,
        ..FrameCost::default()
    };
    try_shards(
        [one_of(SHARDS_TRIED), one_of(most)],
        &mut plan,
        &film,
        &provenance,
        &mut cost,
    )?;
    Ok(Estimate {
        cost,
        width: settings.width,
        height: settings.height,
        spp: settings.samples.len() as u32,
        threads: rayon::current_num_threads(),
        parts,
        watts: None,
    })
}

/// All that is done before tracing.
fn start(
    plan: &FramePlan,
    observer: &dyn Observer,
) -> Result<(Compiled, Budget, Provenance), Error> {
    enter(observer, Stage::Load)?;
    let load::Loaded {
        scene,
        camera,
        settings,
        provenance,
    } = load::load(plan, observer)?;
    enter(observer, Stage::Build)?;
    let memory = Budget::new(plan.max_memory, settings.region, settings.variance);
    let compiled = Compiled::build_within(memory.for_tables(), scene, &camera, &settings)?;
    Ok((compiled, memory, provenance))
}

/// Traces the piece of `plan`.
fn trace(
    plan: &FramePlan,
    compiled: &Compiled,
    memory: &Budget,
    provenance: &mut Provenance,
    observer: &dyn Observer,
) -> Result<(Traced, Film), Error> {
    let chosen = backend::choose(plan.backend, &plan.devices, observer)?;
    provenance.device_kinds = [chosen.kind()].into();
    let piece = Piece::of(plan, provenance)?;
    let mut keeper = Keeper::new(plan, piece.checkpoint(chosen.kind()), observer);
    let mut film = Film::new(piece.bounds, provenance.settings.variance)?;
    let mut work = piece.work();
    let (rendered, took) = metered(|| {
        chosen.render(
            compiled,
            &mut film,
            &mut work,
            memory,
            &mut keeper,
            observer,
        )
    });
    let rendered = rendered?;
    if !work.is_finished() {
        return Err(Error::Interrupted);
    }
    keeper.finish();
    // Where only the CPU works, what it did tells more than the clock: others may have had it meanwhile.
    let alone_s = match (rendered.kind, took.user_cpu_s) {
        (DeviceKind::Cpu, Some(cpu_s)) => cpu_s / rayon::current_num_threads() as f64,
        _ => took.wall_s,
    };
    let traced = Traced {
        paths: piece.work().paths_total() as f64,
        took,
        alone_s,
    };
    Ok((traced, film))
}

/// Seconds for `paths` paths, by a small and a larger piece, each paths and seconds. What both paid alike, devices that
/// get ready, say, is not paid again for the rest.
fn extrapolated(small: (f64, f64), large: (f64, f64), paths: f64) -> f64 {
    let path_s = match large.0 > 2.0 * small.0 && large.1 > small.1 {
        true => (large.1 - small.1) / (large.0 - small.0),
        false => large.1 / large.0,
    };
    large.1 + path_s * (paths - large.0)
}

/// Gives every pixel without samples those of another: the film then takes as much memory as that of the frame, and its
/// picture as long to write.
fn fill(film: &mut Film) -> Result<(), Error> {
    let region = film.region();
    let sampled: Vec<(u32, u32)> = (region.pixels())
        .filter(|(x, y)| film.count(*x, *y) > 0)
        .take(PIXELS_REPEATED)
        .collect();
    let mut sampled = sampled.into_iter().cycle();
    let mut words = Vec::new();
    for (x, y) in region.pixels() {
        if film.count(x, y) == 0
            && let Some((from_x, from_y)) = sampled.next()
        {
            words.clear();
            film.write_words(from_x, from_y, &mut words);
            film.add_words(x, y, &words)?;
        }
    }
    Ok(())
}

/// Finds out what writing and reading shards takes, by a large and a small one whose pixels are taken from `film`.
fn try_shards(
    tried: [Option<ShardPlan>; 2],
    plan: &mut FramePlan,
    film: &Film,
    provenance: &Provenance,
    cost: &mut FrameCost,
) -> Result<(), Error> {
    let mut written = Vec::with_capacity(2);
    for shard in tried {
        plan.shard = shard;
        let piece = Piece::of(plan, provenance)?;
        let mut part = Film::new(provenance.settings.region, film.has_variance())?;
        let mut words = Vec::new();
        let pixels = piece.part.tiles.iter().copied().flat_map(Region::pixels);
        for (x, y) in pixels.filter(|(x, y)| holds(film, *x, *y)) {
            words.clear();
            film.write_words(x, y, &mut words);
            part.add_words(x, y, &words)?;
        }
        let (result, write_s) = timed(|| piece.write_shard(plan, &part, provenance));
        result?;
        let parts = f64::from(shard.map_or(1, |shard| shard.count));
        written.push((plan.target(), parts, write_s));
    }
    let [(large, parts, large_s), (small, _, small_s)] = written.as_slice() else {
        return Ok(());
    };
    cost.write_shard_s = *small_s;
    cost.write_shards_s = (large_s - small_s).max(0.0) * parts;

    let mut copies = vec![small.clone()];
    for number in 0..COPIES {
        let copy = small.with_file_name(format!("{number}.exr"));
        std::fs::copy(small, &copy).map_err(|source| passing_error(&copy, source))?;
        copies.push(copy);
    }
    // Some shards are not the frame; what counts is that they were read and checked.
    let read_s = |paths: &[PathBuf]| timed(|| drop(farm::merge(paths, false, &|_, _| {}))).1;
    let (small_s, copies_s) = (read_s(&copies[..1]), read_s(&copies));
    cost.read_shard_s = (copies_s - small_s).max(0.0) / f64::from(COPIES);
    cost.ready_to_merge_s = (small_s - cost.read_shard_s).max(0.0);
    cost.read_shards_s = (read_s(std::slice::from_ref(large)) - small_s).max(0.0) * parts;
    Ok(())
}

fn holds(film: &Film, x: u32, y: u32) -> bool {
    let Region { x0, y0, x1, y1 } = film.region();
    (x0..x1).contains(&x) && (y0..y1).contains(&y)
}

/// What to say of a file of the sample that cannot be written.
fn passing_error(path: &Path, source: std::io::Error) -> Error {
    let path = path.to_owned();
    output::Error::Io { path, source }.into()
}
