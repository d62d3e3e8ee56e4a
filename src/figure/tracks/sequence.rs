//! The letters of both strands, or blocks of their colours where letters do not fit.

use super::GenomeView;
use super::frame::Frame;
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::scene::{Anchor, Rect};
use crate::genome::Strand;

/// Letters need this many points for each base.
const LETTER_PT: f32 = 7.0;
/// Below this not even blocks are drawn.
const BLOCK_PT: f32 = 2.0;
const ROW_PT: f32 = 14.0;
const BLOCK_ROW_PT: f32 = 6.0;

/// The height of the track; `None` where bases are too narrow.
pub(super) fn height(frame: &Frame) -> Option<f32> {
    let points = frame.points_per_bp();
    if points >= LETTER_PT {
        Some(2.0 * ROW_PT)
    } else if points >= BLOCK_PT {
        Some(2.0 * BLOCK_ROW_PT + 2.0)
    } else {
        None
    }
}

pub(super) fn draw(pen: &mut Pen, frame: &Frame, rect: Rect, view: &GenomeView<'_>) {
    let Some(contig) = view.contig else { return };
    let shown = frame.viewport.interval();
    let bases = contig.bases(shown, Strand::Forward);
    let points = frame.points_per_bp();
    let letters = points >= LETTER_PT;
    let row_height = if letters { ROW_PT } else { BLOCK_ROW_PT };
    let size = (points * 1.25).min(12.5);
    for strand in Strand::BOTH {
        let top = match strand {
            Strand::Forward => rect.y,
            Strand::Reverse => rect.bottom() - row_height,
        };
        let middle = top + row_height / 2.0;
        let strong = strand == view.strand;
        pen.part(
            match strand {
                Strand::Forward => "sequence-forward",
                Strand::Reverse => "sequence-reverse",
            },
            None,
        );
        let name = match (strand, letters) {
            (Strand::Forward, true) => "+ 5′→3′",
            (Strand::Reverse, true) => "− 3′←5′",
            (Strand::Forward, false) => "+",
            (Strand::Reverse, false) => "−",
        };
        frame.name(pen, middle, name, 1);
        pen.clip = Some(frame.clip(rect));
        for (index, base) in bases.iter().enumerate() {
            let base = match strand {
                Strand::Forward => *base,
                Strand::Reverse => base.complement(),
            };
            let at = (shown.start + index) as f64;
            let mut color = frame.palette.base(base, view.base_colors);
            if !strong {
                color = color.with_opacity(0.45);
            }
            if letters {
                pen.text(
                    frame.x(at + 0.5),
                    baseline(middle, size),
                    Anchor::Middle,
                    Ink::bold(size, color),
                    base.letter(),
                );
            } else {
                let (left, right) = (frame.x(at), frame.x(at + 1.0));
                pen.fill(Rect::new(left, top, right - left, row_height), color);
            }
        }
        pen.clip = None;
    }
}
