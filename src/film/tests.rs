//! A film's bits depend on its samples only.

use super::*;
use proptest::prelude::*;

const REGION: Region = Region {
    x0: 3,
    y0: 5,
    x1: 7,
    y1: 8,
};

/// A sample for the film, values anywhere a float can be.
#[derive(Clone, Copy, Debug)]
struct Sample {
    x: u32,
    y: u32,
    index: u32,
    values: [f32; 4],
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let value = prop_oneof![
        8 => -2.0_f32..100.0,
        1 => any::<u32>().prop_map(f32::from_bits),
    ];
    let values = [value.clone(), value.clone(), value.clone(), value];
    (3_u32..7, 5_u32..8, any::<u32>(), values).prop_map(|(x, y, index, values)| Sample {
        x,
        y,
        index,
        values,
    })
}

fn add(film: &mut Film, sample: &Sample) {
    let [r, g, b, a] = sample.values;
    film.add_sample(sample.x, sample.y, sample.index, [r, g, b], a);
}

fn film_of(region: Region, samples: &[Sample]) -> Film {
    let mut film = Film::new(region, true).unwrap();
    samples.iter().for_each(|sample| add(&mut film, sample));
    film
}

proptest! {
    #[test]
    fn any_order_gives_the_same_film(
        samples in prop::collection::vec(any_sample(), 0..60),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let mut other = samples.clone();
        other.reverse();
        let middle = shuffled.index(samples.len() + 1);
        other.rotate_left(middle);
        prop_assert_eq!(film_of(REGION, &samples), film_of(REGION, &other));
    }

    #[test]
    fn any_partition_gives_the_same_film(
        samples in prop::collection::vec((any_sample(), 0_usize..3), 0..60),
        split in 4_u32..7,
        part_first: bool,
    ) {
        // The frame is cut into two columns of tiles, and each tile's samples into three passes.
        let all: Vec<Sample> = samples.iter().map(|(sample, _)| *sample).collect();
        let mut merged = Film::new(REGION, true).unwrap();
        let mut tiles = vec![Region { x1: split, ..REGION }, Region { x0: split, ..REGION }];
        if part_first { tiles.reverse(); }
        for pass in [2, 0, 1] {
            for &region in &tiles {
                let mut tile = merged.tile(region).unwrap();
                samples
                    .iter()
                    .filter(|(s, p)| *p == pass && (region.x0..region.x1).contains(&s.x))
                    .for_each(|(s, _)| add(&mut tile, s));
                merged.merge(&tile).unwrap();
            }
        }
        prop_assert_eq!(merged, film_of(REGION, &all));
    }

    #[test]
    fn mean_is_the_exact_mean_rounded(thousandths in prop::collection::vec(0_u32..(1 << 24), 1..200)) {
        // Multiples of 2⁻¹⁰ below 2¹⁴: any 200 of them add without rounding in f64.
        let values: Vec<f32> = thousandths.iter().map(|&t| t as f32 / 1024.0).collect();
        let mut film = Film::new(REGION, false).unwrap();
        for (index, &value) in values.iter().enumerate() {
            film.add_sample(6, 7, index as u32, [value, -value, 0.0], 1.0);
        }
        let expected = (values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64) as f32;
        let [r, g, b, a] = *film.develop().pixels.last().unwrap();
        prop_assert_eq!([r, g, b, a], [expected, -expected, 0.0, 1.0]);
    }
}

#[test]
fn small_values_are_not_lost_beside_large_ones() {
    let mut film = Film::new(REGION, false).unwrap();
    film.add_sample(3, 5, 0, [1e9, 0.0, 0.0], 0.0);
    for index in 1..1000 {
        film.add_sample(3, 5, index, [1e-6, 0.0, 0.0], 0.0);
    }
    film.add_sample(3, 5, 1000, [-1e9, 0.0, 0.0], 0.0);
    let expected = (999.0 * f64::from(1e-6_f32) / 1001.0) as f32;
    assert_eq!(film.develop().pixels[0][0], expected);
}

#[test]
fn rejected_samples_count_but_add_nothing() {
    let mut film = Film::new(REGION, true).unwrap();
    film.add_sample(4, 6, 0, [1.0, 2.0, 3.0], 1.0);
    film.add_sample(4, 6, 1, [1.0, f32::NAN, 1.0], 1.0);
    film.add_sample(4, 6, 2, [f32::INFINITY, 0.0, 0.0], 1.0);
    film.add_sample(4, 6, 3, [0.0, -SAMPLE_LIMIT, 0.0], 1.0);
    assert_eq!(film.rejected().count(), 3);
    assert_eq!(film.rejected().first()[0].sample, 1);
    assert_eq!(film.develop().pixels[5], [0.25, 0.5, 0.75, 0.25]);
    assert_eq!(film.sample_counts(), (0, 4));
}

#[test]
fn a_pixel_without_samples_is_clear_and_of_unknown_variance() {
    let developed = Film::new(REGION, true).unwrap().develop();
    assert_eq!(developed.pixels, vec![[0.0; 4]; 12]);
    assert_eq!(developed.variance, Some(vec![[f32::INFINITY; 4]; 12]));
    assert_eq!(Film::new(REGION, false).unwrap().develop().variance, None);
}

#[test]
fn variance_of_the_mean() {
    let mut film = Film::new(REGION, true).unwrap();
    for (index, value) in [0.0, 1.0, 2.0, 5.0].into_iter().enumerate() {
        film.add_sample(3, 5, index as u32, [value, 0.5, -value], 1.0);
    }
    // Mean 2, squared deviations 4 + 1 + 0 + 9 = 14, over n (n - 1) = 12.
    let variance = film.develop().variance.unwrap()[0];
    assert_eq!(variance, [14.0 / 12.0, 0.0, 14.0 / 12.0, 0.0]);
}

#[test]
fn unusable_regions_and_merges_are_errors() {
    let empty = Region { x1: 3, ..REGION };
    assert_eq!(Film::new(empty, false), Err(Error::EmptyRegion(empty)));
    let reversed = Region { y1: 0, ..REGION };
    assert_eq!(
        Film::new(reversed, false),
        Err(Error::EmptyRegion(reversed))
    );
    let mut film = Film::new(REGION, false).unwrap();
    let outside = Region { x1: 8, ..REGION };
    let too_large = Error::OutsideRegion {
        part: outside,
        whole: REGION,
    };
    assert_eq!(film.tile(outside), Err(too_large));
    let other = Film::new(REGION, true).unwrap();
    assert_eq!(film.merge(&other), Err(Error::VarianceDiffers));
    film.counts[4] = MAX_SAMPLES;
    let mut one = film.tile(REGION).unwrap();
    one.counts[4] = 1;
    let before = film.clone();
    assert_eq!(film.merge(&one), Err(Error::TooManySamples { x: 3, y: 6 }));
    assert_eq!(film, before);
}

#[test]
#[should_panic(expected = "lies outside region 3,5,7,8")]
fn a_pixel_outside_is_a_mistake_of_the_caller() {
    Film::new(REGION, false)
        .unwrap()
        .add_sample(7, 5, 0, [0.0; 3], 0.0);
}
