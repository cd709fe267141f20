#define_import_path skywell::probe::sampler

#import skywell::camera::filter::sample_filter
#import skywell::sampling::sobol::{draw_sample, draw_sample_2d, sobol_y_reversed, start_sampler}

// Stages for tests of the sampler and the pixel filters.

/// Asks for one sample of one set.
struct SamplerQuery {
    seed: u32,
    pixel: u32,
    event: u32,
    /// `SET_*`.
    set_name: u32,
    sample_index: u32,
    padding_a: u32,
    padding_b: u32,
    padding_c: u32,
}

/// The answer.
struct SamplerAnswer {
    /// `draw_sample_2d`.
    point: vec2<f32>,
    /// `draw_sample`.
    number: f32,
    /// `sobol_y_reversed` of the sample index.
    sobol_y: u32,
}

/// Stage: draws a sample.
fn probe_sampler(query: SamplerQuery) -> SamplerAnswer {
    let numbers = start_sampler(query.seed, query.pixel, query.event, query.sample_index);
    return SamplerAnswer(
        draw_sample_2d(numbers, query.set_name),
        draw_sample(numbers, query.set_name),
        sobol_y_reversed(query.sample_index),
    );
}

/// Asks for the filter offset at `u`.
struct FilterQuery {
    u: vec2<f32>,
    /// `FILTER_*`.
    kind: u32,
    padding_a: u32,
}

/// The answer.
struct FilterAnswer {
    /// `sample_filter`.
    offset: vec2<f32>,
    padding_a: u32,
    padding_b: u32,
}

/// Stage: draws a filter offset.
fn probe_filter(filter_query: FilterQuery) -> FilterAnswer {
    return FilterAnswer(sample_filter(filter_query.kind, filter_query.u), 0u, 0u);
}
