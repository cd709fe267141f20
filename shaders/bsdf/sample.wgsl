#define_import_path skywell::bsdf::sample

#import skywell::bsdf::bsdf::{BSDF_DELTA, BSDF_SOLID, Bsdf, BsdfSample, SAMPLE_SPECULAR, SAMPLE_TRANSMISSION}
#import skywell::bsdf::eval::{eval_bsdf, microfacet_fresnel}
#import skywell::bsdf::fresnel::refract_about
#import skywell::bsdf::material_point::View
#import skywell::bsdf::microfacet::sample_ggx_normal
#import skywell::math::basis::{basis_from_z, to_local, to_world}
#import skywell::math::constants::TWO_PI
#import skywell::math::scalar::safe_sqrt
#import skywell::sampling::warp::sample_cosine_hemisphere

/// A direction that scatters towards `view`, by lobe (`uc`, in [0, 1)) and within the lobe (`u`, in [0, 1)²). Every
/// value of the BSDF can be drawn; value and density are those of all lobes together.
fn sample_bsdf(bsdf: Bsdf, view: View, uc: f32, u: vec2<f32>) -> BsdfSample {
    let wo = view.wo;
    var drawn: BsdfSample;
    drawn.wi = vec3<f32>(0.0, 0.0, 1.0);
    drawn.pdf = 0.0;
    drawn.f = vec3<f32>(0.0);
    drawn.flags = 0u;
    drawn.eta_scale = 1.0;

    let delta = (bsdf.flags & BSDF_DELTA) != 0u;
    let above_cosine = bsdf.pick_specular + bsdf.pick_cosine;
    let above_diffuse = above_cosine + bsdf.pick_diffuse_transmission;
    let above_clearcoat = above_diffuse + bsdf.pick_clearcoat;
    var below = false;
    if (uc < bsdf.pick_specular) {
        let microfacet = sample_ggx_normal(wo, bsdf.alpha_x, bsdf.alpha_y, u);
        let h = select(microfacet, vec3<f32>(0.0, 0.0, 1.0), delta);
        let cosine = dot(wo, h);
        let fresnel = microfacet_fresnel(bsdf, saturate(cosine));
        below = uc >= bsdf.pick_specular * fresnel.pick_reflection;
        drawn.wi = h * (2.0 * cosine) - wo;
        if (below) {
            if ((bsdf.flags & BSDF_SOLID) != 0u) {
                drawn.wi = refract_about(wo, h, bsdf.eta);
                drawn.eta_scale = bsdf.eta * bsdf.eta;
            } else {
                drawn.wi.z = -drawn.wi.z;
            }
        }
        if (delta) {
            let pick = select(fresnel.pick_reflection, 1.0 - fresnel.pick_reflection, below);
            drawn.f = select(fresnel.reflection, fresnel.transmission / drawn.eta_scale, below);
            drawn.pdf = bsdf.pick_specular * pick;
            drawn.flags = SAMPLE_SPECULAR;
        }
    } else if (uc < above_diffuse) {
        drawn.wi = sample_cosine_hemisphere(u);
        below = uc >= above_cosine;
        drawn.wi.z = select(drawn.wi.z, -drawn.wi.z, below);
    } else if (uc < above_clearcoat) {
        let frame_of_coat = basis_from_z(bsdf.clearcoat_normal);
        let wo_coat = to_local(frame_of_coat, wo);
        let h = sample_ggx_normal(wo_coat, bsdf.clearcoat_alpha, bsdf.clearcoat_alpha, u);
        drawn.wi = to_world(frame_of_coat, h * (2.0 * dot(wo_coat, h)) - wo_coat);
    } else {
        let radius = safe_sqrt(1.0 - u.x * u.x);
        let phi = TWO_PI * u.y;
        drawn.wi = vec3<f32>(radius * cos(phi), radius * sin(phi), u.x);
    }
    drawn.flags |= select(0u, SAMPLE_TRANSMISSION, below);

    let side = dot(view.geometric_normal, drawn.wi);
    let consistent = select(side > 0.0, side < 0.0 && drawn.wi.z < 0.0, below);
    if (!consistent) {
        drawn.pdf = 0.0;
    } else if ((drawn.flags & SAMPLE_SPECULAR) == 0u) {
        let value = eval_bsdf(bsdf, view, drawn.wi);
        drawn.f = value.f;
        drawn.pdf = value.pdf;
    }
    return drawn;
}
