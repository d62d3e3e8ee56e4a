//! The whole contig in one line, with a frame about what the view shows.

use super::axis;
use super::pen::{Ink, Pen};
use super::scene::{Anchor, Face, Rect, Scene};
use super::text;
use super::theme::{SMALL_PT, Theme};
use super::tracks::{GUTTER_PT, RIGHT_PT};
use super::viewport::Viewport;
use crate::genome::FeatureSet;

/// Height of the picture in points.
pub const MINIMAP_PT: f32 = 28.0;
const BAR_PT: f32 = 10.0;
/// The frame is at least this wide.
const LEAST_FRAME_PT: f32 = 3.0;

/// What a minimap shows.
#[derive(Clone, Copy, Debug)]
pub struct Minimap<'a> {
    /// The view that the frame stands for.
    pub viewport: Viewport,
    /// Width of the picture in points.
    pub width: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Features whose density is shown.
    pub features: Option<&'a FeatureSet>,
}

impl Minimap<'_> {
    /// The bar that stands for the whole contig.
    #[must_use]
    pub fn bar(&self) -> Rect {
        let width = (self.width - GUTTER_PT - RIGHT_PT).max(1.0);
        Rect::new(GUTTER_PT, 3.0, width, BAR_PT)
    }

    /// The frame about what the view shows.
    #[must_use]
    pub fn frame(&self) -> Rect {
        let bar = self.bar();
        let whole = Viewport::whole(self.viewport.contig, self.viewport.contig_bp);
        let left = whole.x_from_bp(self.viewport.start, bar.x, bar.width);
        let right = whole.x_from_bp(self.viewport.end, bar.x, bar.width);
        let width = (right - left).max(LEAST_FRAME_PT).min(bar.width);
        let left = (f32::midpoint(left, right) - width / 2.0).clamp(bar.x, bar.right() - width);
        Rect::new(left, bar.y - 2.0, width, bar.height + 4.0)
    }

    /// The base coordinate at `x`.
    #[must_use]
    pub fn bp_from_x(&self, x: f32) -> f64 {
        let bar = self.bar();
        Viewport::whole(self.viewport.contig, self.viewport.contig_bp)
            .bp_from_x(x, bar.x, bar.width)
            .clamp(0.0, self.viewport.contig_bp as f64)
    }
}

/// The picture of a minimap.
#[must_use]
pub fn minimap(map: &Minimap<'_>) -> Scene {
    let palette = map.theme.palette();
    let bar = map.bar();
    let whole = Viewport::whole(map.viewport.contig, map.viewport.contig_bp);
    let mut pen = Pen::default();
    pen.part("minimap", None);
    pen.rounded(bar, palette.panel, 2.0);
    if let Some(set) = map.features {
        density(&mut pen, map, set, bar);
    }
    let ink = Ink::regular(SMALL_PT, palette.faint);
    // Where the view shows the whole contig its own ruler has the same numbers.
    let is_whole = map.viewport.width_bp() > 0.98 * whole.width_bp();
    let ticks = axis::ruler_ticks(&whole, bar.width);
    for tick in ticks.into_iter().filter(|_| !is_whole) {
        let Some(label) = tick.label else { continue };
        let x = whole.x_from_bp(tick.at_bp, bar.x, bar.width);
        pen.text(x, bar.bottom() + 12.0, Anchor::Middle, ink, label);
    }
    let name = text::elide("contig", SMALL_PT, Face::Regular, GUTTER_PT - 14.0);
    pen.text(bar.x - 10.0, bar.y + 8.5, Anchor::End, ink, name);
    pen.part("frame", None);
    let frame = map.frame();
    pen.rounded(frame, palette.accent.with_opacity(0.18), 2.0);
    pen.frame(frame, palette.accent, 1.25, 2.0);
    pen.scene(map.width, MINIMAP_PT, Some(palette.page))
}

/// How many features begin in each stretch of two points, darker where more do.
fn density(pen: &mut Pen, map: &Minimap<'_>, set: &FeatureSet, bar: Rect) {
    const BIN_PT: f32 = 2.0;
    let mut counts = vec![0_u32; (bar.width / BIN_PT).ceil() as usize];
    let per_bp = f64::from(bar.width / BIN_PT) / map.viewport.contig_bp.max(1) as f64;
    let contig = map.viewport.contig;
    let all = set.all();
    let first = all.partition_point(|feature| feature.contig() < contig);
    for feature in all[first..].iter().take_while(|f| f.contig() == contig) {
        let bin = (feature.interval.start as f64 * per_bp) as usize;
        if let Some(count) = counts.get_mut(bin) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    pen.clip = Some(bar);
    let mut bin = 0;
    for run in counts.chunk_by(|a, b| a == b) {
        if run[0] > 0 {
            let rect = Rect::new(
                bar.x + bin as f32 * BIN_PT,
                bar.y,
                run.len() as f32 * BIN_PT,
                bar.height,
            );
            let share = run[0] as f32 / most as f32;
            pen.fill(rect, map.theme.palette().faint.with_opacity(0.6 * share));
        }
        bin += run.len();
    }
    pen.clip = None;
}
