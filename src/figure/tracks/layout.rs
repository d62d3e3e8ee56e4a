//! Where the tracks of a genome view are, and what lies under a point.

use crate::attention::HeadId;
use crate::figure::scene::{Point, Rect};
use crate::figure::viewport::Viewport;
use crate::genome::Strand;

/// What a track shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// The line above everything.
    Title,
    /// Coordinates.
    Ruler,
    /// Letters of the sequence.
    Sequence,
    /// Genes.
    Genes,
    /// Transcription start sites.
    Tss,
    /// A set of binding sites, by index.
    Sites(usize),
    /// What a pinned query looks at.
    Arcs,
    /// The model's probability.
    Probability,
    /// The head strip.
    Heads,
    /// The legend of the head strip.
    Legend,
}

/// Where everything in a genome view is, in points of its scene.
#[derive(Clone, Debug, PartialEq)]
pub struct GenomeLayout {
    /// The view that it belongs to.
    pub viewport: Viewport,
    /// The area of the shared x axis, over all tracks.
    pub plot: Rect,
    /// Height of the scene.
    pub height: f32,
    /// The tracks from top to bottom; each spans the plot in x.
    pub tracks: Vec<(TrackKind, Rect)>,
    /// The rows of the head strip: head, upper edge, height.
    pub rows: Vec<(HeadId, f32, f32)>,
}

/// What lies under a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The track.
    pub track: TrackKind,
    /// The base, 0-based; `None` in the column of names.
    pub bp: Option<usize>,
    /// The head, in the strip.
    pub head: Option<HeadId>,
    /// The strand, where the track tells strands apart by height.
    pub strand: Option<Strand>,
}

impl GenomeLayout {
    /// The place of a track.
    #[must_use]
    pub fn track(&self, kind: TrackKind) -> Option<Rect> {
        self.tracks
            .iter()
            .find(|(track, _)| *track == kind)
            .map(|(_, rect)| *rect)
    }

    /// x of a base coordinate.
    #[must_use]
    pub fn x_from_bp(&self, bp: f64) -> f32 {
        self.viewport.x_from_bp(bp, self.plot.x, self.plot.width)
    }

    /// The base coordinate at `x`.
    #[must_use]
    pub fn bp_from_x(&self, x: f32) -> f64 {
        self.viewport.bp_from_x(x, self.plot.x, self.plot.width)
    }

    /// What lies under `point`: track, base, head, strand. Genes and sites carry tags: see [`crate::figure::Scene::tag_at`].
    #[must_use]
    pub fn hit(&self, point: Point) -> Option<Hit> {
        let (track, rect) = *self.tracks.iter().find(|(_, rect)| {
            rect.y <= point.y && point.y < rect.bottom() && point.x < rect.right()
        })?;
        let bp = (point.x >= rect.x)
            .then(|| self.bp_from_x(point.x).floor())
            .filter(|bp| *bp >= 0.0)
            .map(|bp| bp as usize)
            .filter(|bp| *bp < self.viewport.contig_bp);
        let head = (track == TrackKind::Heads)
            .then(|| {
                self.rows
                    .iter()
                    .find(|(_, y, height)| *y <= point.y && point.y < y + height)
            })
            .flatten()
            .map(|(head, _, _)| *head);
        let two_strands = matches!(track, TrackKind::Sequence | TrackKind::Probability);
        let strand = two_strands.then(|| {
            if point.y < rect.y + rect.height / 2.0 {
                Strand::Forward
            } else {
                Strand::Reverse
            }
        });
        Some(Hit {
            track,
            bp,
            head,
            strand,
        })
    }
}
