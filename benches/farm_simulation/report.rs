//! The page of tables.

use crate::Costs;
use crate::simulation::Outcome;

/// All of it, Markdown.
pub fn page(
    costs: &Costs,
    in_place: &[(usize, Outcome)],
    requeued: &[(usize, Outcome)],
    shots: &[(usize, Outcome)],
    tapered: &(Outcome, f64),
    film: &Outcome,
) -> String {
    let mut page = String::from(
        "# Many machines\n\n\
         Written by `cargo run --example farm_simulation` from the costs of `costs.toml`, measured or assumed: \
         where the\ntime of all workers goes until the last picture is written. A worker is a \
         machine of two cores, as\nthe costs were measured on one.\n\n\
         ![Efficiency over workers](efficiency.svg)\n\n",
    );
    page += &format!(
        "## One heavy frame\n\n\
         {:.1} hours on one worker, in as many shards as there are workers; one task in {:.0} \
         fails. Mean of\n{} runs.\n\n",
        costs.heavy_frame_s / 3600.0,
        1.0 / costs.failures,
        crate::RUNS
    );
    page += &table("workers", in_place);
    page += "\nThe same, if a failed task begins anew once all others have ended:\n\n";
    page += &table("workers", requeued);
    page += "\n## A shot of 100 such frames on 1,000 workers, by shards a frame\n\n";
    page += &table("shards", shots);
    let first: Vec<u32> = skywell::farm::tapered(100, 1000, 1).collect();
    page += &format!(
        "\nFew shards leave workers idle at the end, many pay for starting. So `skywell submit slurm \
         --workers 1000`\ncuts the first frame into {} shards, the fiftieth into {}, the ninetieth \
         into {} and the last into {}:\n\n",
        first[0], first[49], first[89], first[99]
    );
    page += &table("frames", &[(100, tapered.0)]);
    page += &format!(
        "\nThe worst of {} runs: {:.1} %.\n\n## A film of 1,900 shots of 100 frames on 1,000 workers\n\n\
         {:.1} hours a frame on one worker, in 4 shards; shots differ by a factor of e^{} either \
         way.\n\n",
        crate::SHOT_RUNS,
        tapered.1 * 100.0,
        costs.ordinary_frame_s / 3600.0,
        costs.shot_spread
    );
    page += &table("shots", &[(1900, *film)]);
    page += "\n`skywell estimate` tells a scene's own costs; `estimate.sh` compares them with what is taken then.\n";
    page
}

fn table(what: &str, rows: &[(usize, Outcome)]) -> String {
    let mut table = format!(
        "| {what} | time, min | efficiency | start | transfer | write, merge | failures | idle |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for (n, outcome) in rows {
        let percent = |part: f64| format!("{:.1} %", part / outcome.total_s() * 100.0);
        table += &format!(
            "| {n} | {:.1} | **{}** | {} | {} | {} | {} | {} |\n",
            outcome.wall_s / 60.0,
            percent(outcome.useful_s),
            percent(outcome.start_s),
            percent(outcome.transfer_s),
            percent(outcome.merge_s),
            percent(outcome.failure_s),
            percent(outcome.idle_s),
        );
    }
    table
}
