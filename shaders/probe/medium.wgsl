#define_import_path skywell::probe::medium

#import skywell::medium::flight::sample_free_flight
#import skywell::medium::phase::{eval_phase, sample_phase}

// Stages that let tests ask what happens within media.

/// Arguments of `eval_phase` and `sample_phase`.
struct PhaseQuery {
    /// Unit, the way light travels.
    direction: vec3<f32>,
    /// Mean cosine.
    anisotropy: f32,
    /// Unit, the way it leaves.
    wi: vec3<f32>,
    padding_a: u32,
    /// Chooses a direction, [0, 1)².
    u: vec2<f32>,
    padding_b: u32,
    padding_c: u32,
}

/// A direction and its density.
struct PhaseAnswer {
    /// Unit.
    wi: vec3<f32>,
    /// Per solid angle.
    pdf: f32,
}

/// `eval_phase`.
fn probe_eval_phase(phase_query: PhaseQuery) -> PhaseAnswer {
    let q = phase_query;
    return PhaseAnswer(q.wi, eval_phase(q.anisotropy, q.direction, q.wi));
}

/// `sample_phase`, and `eval_phase` of what it draws.
fn probe_sample_phase(phase_query: PhaseQuery) -> PhaseAnswer {
    let q = phase_query;
    let wi = sample_phase(q.anisotropy, q.direction, q.u);
    return PhaseAnswer(wi, eval_phase(q.anisotropy, q.direction, wi));
}

/// Arguments of `sample_free_flight`.
struct FlightQuery {
    sigma_t: vec3<f32>,
    /// Metres.
    way: f32,
    sigma_s: vec3<f32>,
    padding_a: u32,
    throughput: vec3<f32>,
    padding_b: u32,
    u: vec2<f32>,
    padding_c: u32,
    padding_d: u32,
}

/// `FreeFlight`.
struct FlightAnswer {
    weight: vec3<f32>,
    distance: f32,
}

/// `sample_free_flight`.
fn probe_free_flight(flight_query: FlightQuery) -> FlightAnswer {
    let q = flight_query;
    let flight = sample_free_flight(q.sigma_t, q.sigma_s, q.throughput, q.way, q.u);
    return FlightAnswer(flight.weight, flight.distance);
}
