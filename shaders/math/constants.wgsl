#define_import_path skywell::math::constants

/// π.
const PI: f32 = 3.14159265358979;
/// 2π.
const TWO_PI: f32 = 6.28318530717959;
/// π / 2.
const HALF_PI: f32 = 1.57079632679490;
/// 1 / π.
const INV_PI: f32 = 0.318309886183791;
/// 1 / 2π.
const INV_TWO_PI: f32 = 0.159154943091895;
/// Half the distance from 1 to the next larger f32: the largest relative error of one rounding.
const MACHINE_EPSILON: f32 = 5.9604644775390625e-8;
/// The largest f32 below 1.
const ONE_MINUS_EPSILON: f32 = 0.99999994;
/// The largest finite f32: "as far as there is".
const FLOAT_MAX: f32 = 3.40282346638528859812e38;
