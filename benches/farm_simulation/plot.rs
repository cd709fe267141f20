//! Efficiency over workers, as a drawing.

use std::fmt::Write;

use crate::simulation::Outcome;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Both curves of one heavy frame.
pub fn svg(in_place: &[(usize, Outcome)], requeued: &[(usize, Outcome)]) -> String {
    let x = |workers: f64| LEFT + workers.ln() / 1000_f64.ln() * (WIDTH - LEFT - RIGHT);
    let y = |efficiency: f64| TOP + (1.0 - efficiency) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">One heavy frame in as many shards as workers: \
         efficiency</text>\n"
    );
    let mut add = |line: String| {
        // Writing into memory has no way to fail.
        let _ = writeln!(svg, "{line}");
    };
    for tenth in (0..=10).step_by(2) {
        let (at, label) = (y(f64::from(tenth) / 10.0), tenth * 10);
        let (right, text_x, text_y) = (WIDTH - RIGHT, LEFT - 8.0, at + 4.0);
        add(format!(
            "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/>"
        ));
        add(format!(
            "<text x=\"{text_x}\" y=\"{text_y:.1}\" text-anchor=\"end\">{label} %</text>"
        ));
    }
    for workers in [1, 4, 16, 64, 256, 1000] {
        let (at, bottom) = (x(f64::from(workers)), HEIGHT - BOTTOM);
        add(format!(
            "<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#eee\"/>"
        ));
        let label_y = bottom + 20.0;
        add(format!(
            "<text x=\"{at:.1}\" y=\"{label_y}\" text-anchor=\"middle\">{workers}</text>"
        ));
    }
    let label_y = HEIGHT - 10.0;
    add(format!(
        "<text x=\"{}\" y=\"{label_y}\" text-anchor=\"middle\">workers</text>",
        WIDTH / 2.0
    ));
    let curves = [
        (
            in_place,
            "#0b6",
            "a failed task goes on from its checkpoint",
        ),
        (
            requeued,
            "#c40",
            "a failed task begins anew after the others",
        ),
    ];
    for (row, (curve, colour, label)) in curves.into_iter().enumerate() {
        let points: Vec<String> = (curve.iter())
            .map(|(n, outcome)| format!("{:.1},{:.1}", x(*n as f64), y(outcome.efficiency())))
            .collect();
        let points = points.join(" ");
        add(format!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
        ));
        let label_y = HEIGHT - BOTTOM - 40.0 + 20.0 * row as f64;
        let text_x = LEFT + 12.0;
        add(format!(
            "<text x=\"{text_x}\" y=\"{label_y}\" fill=\"{colour}\">{label}</text>"
        ));
    }
    svg + "</svg>\n"
}
