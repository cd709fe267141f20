#define_import_path skywell::camera::camera

#import skywell::records::frame::FRAME_ORTHOGRAPHIC
#import skywell::tables::frame

/// A ray. World space.
struct Ray {
    /// Where it starts.
    origin: vec3<f32>,
    /// Unit.
    direction: vec3<f32>,
}

/// The camera ray through `film`, full-frame pixels from the top left corner.
fn camera_ray(film: vec2<f32>) -> Ray {
    let x = 2.0 * film.x / f32(i32(frame.width)) - 1.0;
    let y = 1.0 - 2.0 * film.y / f32(i32(frame.height));
    let aside = frame.camera_right * x + frame.camera_up * y;
    if ((frame.flags & FRAME_ORTHOGRAPHIC) != 0u) {
        return Ray(frame.camera_origin + aside, frame.camera_forward);
    }
    return Ray(frame.camera_origin, normalize(frame.camera_forward + aside));
}
