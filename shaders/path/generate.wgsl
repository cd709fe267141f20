#define_import_path skywell::path::generate

#import skywell::camera::camera::camera_ray
#import skywell::camera::filter::sample_filter
#import skywell::records::path::{PATH_ALIVE, PATH_SPECULAR, PathState, PixelSample}
#import skywell::records::sampling::SET_FILTER
#import skywell::sampling::sobol::{draw_sample_2d, start_sampler}
#import skywell::tables::frame

/// What `generate_camera_ray` makes.
struct GenerateCameraRayResult {
    /// The path before its first surface.
    path: PathState,
}

/// Stage: the path of one sample of one pixel, at the camera.
fn generate_camera_ray(pixel_sample: PixelSample) -> GenerateCameraRayResult {
    let pixel = pixel_sample.pixel;
    let sample_index = pixel_sample.sample_index;
    let numbers = start_sampler(frame.seed, pixel, 0u, sample_index);
    let offset = sample_filter(frame.filter_kind, draw_sample_2d(numbers, SET_FILTER));
    let center = vec2<f32>(f32(i32(pixel & 0xffffu)), f32(i32(pixel >> 16u))) + 0.5;
    let ray = camera_ray(center + offset);

    var path: PathState;
    path.origin = ray.origin;
    path.pixel = pixel;
    path.direction = ray.direction;
    path.flags = PATH_ALIVE | PATH_SPECULAR;
    path.throughput = vec3<f32>(1.0);
    path.sample_index = sample_index;
    path.media_a = frame.camera_media_a;
    path.media_b = frame.camera_media_b;
    return GenerateCameraRayResult(path);
}
