//! A bar of a round number of bases under a picture with an axis along a contig.

use super::axis;
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Rect, Scene};
use super::theme::{SMALL_PT, Theme};
use super::viewport::Viewport;
use crate::genome::locus::grouped;

const HEIGHT_PT: f32 = 6.0;

/// Adds a bar below the picture, right-aligned with `plot`, about a fifth as long.
pub fn add_scale_bar(scene: &mut Scene, plot: Rect, viewport: &Viewport, theme: Theme) {
    let palette = theme.palette();
    let per_bp = f64::from(plot.width) / viewport.width_bp();
    let bases = axis::nice_step(viewport.width_bp() / 8.0).round().max(1.0);
    let length = (bases * per_bp) as f32;
    let words = if bases >= 1e6 {
        format!("{} Mb", axis::number(bases / 1e6))
    } else if bases >= 1e3 {
        format!("{} kb", axis::number(bases / 1e3))
    } else {
        format!("{} bp", grouped(bases as usize))
    };
    let mut pen = Pen::default();
    pen.part("scale-bar", None);
    let (right, y) = (plot.right(), scene.height + HEIGHT_PT - 8.0);
    let left = right - length;
    for x in [left, right] {
        pen.line((x, y - 3.0), (x, y + 3.0), palette.text, 1.0);
    }
    pen.line((left, y), (right, y), palette.text, 1.0);
    let ink = Ink::regular(SMALL_PT, palette.text);
    pen.text(
        left - 6.0,
        super::pen::baseline(y, SMALL_PT),
        Anchor::End,
        ink,
        words,
    );
    scene.height += HEIGHT_PT;
    scene.elements.extend(pen.elements);
}
