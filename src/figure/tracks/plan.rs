//! Stacks the tracks of a genome view and draws them.

use super::frame::Frame;
use super::layout::{GenomeLayout, TrackKind};
use super::{GenomeView, arcs, genes, probability, ruler, sequence, sites, strip, tss};
use crate::figure::pen::Pen;
use crate::figure::scene::{Rect, Scene};
use crate::figure::{axis, legend};

/// How generously tracks are spaced.
struct Spacing {
    /// Points between two tracks.
    between: f32,
    /// Height of the probability track in points.
    probability: f32,
    /// Height of the arcs over the usual one.
    arcs: f32,
    /// Fewest and most lanes of a track of sites.
    site_lanes: (usize, usize),
}

impl Spacing {
    /// As high as its content, for figures.
    const FREE: Self = Self {
        between: 8.0,
        probability: 60.0,
        arcs: 1.0,
        site_lanes: (2, 5),
    };
    /// For a window: the same height whatever comes into view, so that nothing jumps.
    const ROOMY: Self = Self {
        site_lanes: (4, 4),
        ..Self::FREE
    };
    /// For a low window.
    const COMPACT: Self = Self {
        between: 4.0,
        probability: 44.0,
        arcs: 0.8,
        site_lanes: (3, 3),
    };
    /// For a window so low that the rows have no room for their names.
    const TIGHT: Self = Self {
        between: 3.0,
        probability: 32.0,
        arcs: 0.55,
        site_lanes: (2, 2),
    };
}

/// What will be drawn where.
pub(super) struct Plan<'a> {
    frame: Frame,
    pub layout: GenomeLayout,
    genes: Option<genes::Genes<'a>>,
    tss: Option<tss::Tss>,
    sites: Vec<sites::Sites<'a>>,
}

impl<'a> Plan<'a> {
    /// With the most generous spacing that leaves room to label the rows of the strip.
    pub fn new(view: &GenomeView<'a>) -> Self {
        if view.height.is_none() {
            return Self::spaced(view, &Spacing::FREE);
        }
        let rows_are_low = |plan: &Self, least: f32| {
            let first = plan.layout.rows.first();
            first.is_some_and(|(_, _, height)| *height < least)
        };
        let roomy = Self::spaced(view, &Spacing::ROOMY);
        if !rows_are_low(&roomy, strip::ROOMY_ROW_PT) {
            return roomy;
        }
        let compact = Self::spaced(view, &Spacing::COMPACT);
        if !rows_are_low(&compact, strip::NAMED_ROW_PT) {
            return compact;
        }
        Self::spaced(view, &Spacing::TIGHT)
    }

    fn spaced(view: &GenomeView<'a>, spacing: &Spacing) -> Self {
        let frame = Frame::new(view);
        let shown = |kind: TrackKind| view.shows(kind);
        let genes = view
            .features
            .filter(|_| shown(TrackKind::Genes))
            .map(|set| genes::Genes::place(&frame, set));
        let tss = view
            .tss
            .filter(|_| shown(TrackKind::Tss))
            .map(|set| tss::Tss::place(&frame, set));
        let sites: Vec<_> = view
            .sites
            .iter()
            .enumerate()
            .map(|(index, track)| {
                let stretch = view.stretch(TrackKind::Sites(index));
                let lanes = |lanes: usize| ((lanes as f32 * stretch).round() as usize).max(1);
                let (fewest, most) = spacing.site_lanes;
                sites::Sites::place(&frame, index, track, (lanes(fewest), lanes(most)))
            })
            .collect();

        let mut stack = Stack::new(&frame, spacing.between);
        if view.title.is_some() && shown(TrackKind::Title) {
            stack.add(TrackKind::Title, 16.0);
        }
        if shown(TrackKind::Ruler) {
            stack.add(TrackKind::Ruler, ruler::HEIGHT_PT);
        }
        let sequence = view.contig.and_then(|_| sequence::height(&frame));
        let probability = spacing.probability * view.stretch(TrackKind::Probability);
        let mut slots: Vec<(TrackKind, Option<f32>)> = vec![
            (TrackKind::Sequence, sequence),
            (TrackKind::Genes, genes.as_ref().map(genes::Genes::height)),
            (TrackKind::Tss, tss.as_ref().map(|_| tss::HEIGHT_PT)),
        ];
        let heights = sites.iter().map(sites::Sites::height).enumerate();
        slots.extend(heights.map(|(index, height)| (TrackKind::Sites(index), Some(height))));
        slots.extend([
            (
                TrackKind::Arcs,
                view.arcs
                    .map(|_| spacing.arcs * arcs::HEIGHT_PT * view.stretch(TrackKind::Arcs)),
            ),
            (
                TrackKind::Probability,
                view.probability.map(|_| probability),
            ),
            (TrackKind::Heads, view.strip.map(|_| 0.0)),
        ]);
        slots.retain(|(kind, height)| height.is_some() && shown(*kind));
        slots.sort_by_key(|(kind, _)| {
            let listed = view.order.iter().position(|other| other == kind);
            listed.unwrap_or(usize::MAX)
        });
        let strip = view.strip.as_ref().filter(|_| shown(TrackKind::Heads));
        // What the other tracks leave is for the rows.
        let others: f32 = slots
            .iter()
            .map(|(_, height)| height.unwrap_or(0.0) + spacing.between)
            .sum();
        let room = view
            .height
            .map(|height| height - stack.y - others - legend::LEGEND_PT - spacing.between);
        let strip_rows =
            strip.map(|strip| strip::rows(strip.heads, room, view.stretch(TrackKind::Heads)));
        let mut rows = Vec::new();
        for (kind, height) in slots {
            if let (TrackKind::Heads, Some(strip_rows)) = (kind, &strip_rows) {
                let y = stack.add(kind, strip_rows.height);
                let tops = strip_rows.tops.iter();
                rows = tops
                    .map(|(head, top)| (*head, y + top, strip_rows.each))
                    .collect();
            } else {
                stack.add(kind, height.unwrap_or(0.0));
            }
        }
        if strip.is_some() && shown(TrackKind::Legend) {
            stack.add(TrackKind::Legend, legend::LEGEND_PT);
        }
        let height = stack.y;
        let tracks = stack.tracks;
        let top = tracks.first().map_or(0.0, |(_, rect)| rect.y);
        Self {
            layout: GenomeLayout {
                viewport: view.viewport,
                plot: Rect::new(frame.left, top, frame.width, (height - top).max(0.0)),
                height,
                tracks,
                rows,
            },
            frame,
            genes,
            tss,
            sites,
        }
    }

    pub fn draw(&self, view: &GenomeView<'a>) -> Scene {
        let mut pen = Pen::default();
        let frame = &self.frame;
        let ticks = axis::ruler_ticks(&view.viewport, frame.width);
        ruler::grid(&mut pen, frame, &self.layout, &ticks);
        if let Some(selected) = view.selected {
            ruler::selection(&mut pen, frame, &self.layout, selected);
        }
        for (kind, rect) in &self.layout.tracks {
            match kind {
                TrackKind::Title => ruler::title(&mut pen, frame, *rect, view),
                TrackKind::Ruler => ruler::draw(&mut pen, frame, *rect, &ticks),
                TrackKind::Sequence => sequence::draw(&mut pen, frame, *rect, view),
                TrackKind::Genes => {
                    if let Some(genes) = &self.genes {
                        genes.draw(&mut pen, frame, *rect);
                    }
                }
                TrackKind::Tss => {
                    if let Some(tss) = &self.tss {
                        tss.draw(&mut pen, frame, *rect);
                    }
                }
                TrackKind::Sites(index) => self.sites[*index].draw(&mut pen, frame, *rect),
                TrackKind::Arcs => {
                    if let Some(arcs) = &view.arcs {
                        arcs::draw(&mut pen, frame, *rect, arcs);
                    }
                }
                TrackKind::Probability => {
                    if let Some(probability) = &view.probability {
                        probability::draw(&mut pen, frame, *rect, probability);
                    }
                }
                TrackKind::Heads => {
                    if let Some(strip) = &view.strip {
                        let legend = self.layout.track(TrackKind::Legend);
                        strip::draw(
                            &mut pen,
                            frame,
                            *rect,
                            legend,
                            strip,
                            view,
                            &self.layout.rows,
                        );
                    }
                }
                TrackKind::Legend => {}
            }
        }
        if let Some(query) = view.pinned {
            let legend = self.layout.track(TrackKind::Legend);
            let bottom = legend.map_or(self.layout.height, |legend| legend.y - 2.0);
            let ruler = self.layout.track(TrackKind::Ruler);
            let top = ruler.map_or(self.layout.plot.y, |ruler| ruler.bottom() - 6.0);
            arcs::mark(&mut pen, frame, top, bottom, query);
        }
        pen.scene(view.width, self.layout.height, Some(frame.palette.page))
    }
}

/// Tracks from top to bottom.
struct Stack {
    left: f32,
    width: f32,
    between: f32,
    y: f32,
    tracks: Vec<(TrackKind, Rect)>,
}

impl Stack {
    fn new(frame: &Frame, between: f32) -> Self {
        Self {
            between,
            left: frame.left,
            width: frame.width,
            y: 4.0,
            tracks: Vec::new(),
        }
    }

    /// Adds a track and gives its upper edge.
    fn add(&mut self, kind: TrackKind, height: f32) -> f32 {
        let y = self.y;
        self.tracks
            .push((kind, Rect::new(self.left, y, self.width, height)));
        self.y = y + height + self.between;
        y
    }
}
