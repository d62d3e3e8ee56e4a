//! Binding sites as boxes coloured by transcription factor.

use super::frame::{Frame, indexed};
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::scene::{Anchor, Face, Point, Rect, Tag};
use crate::figure::text;
use crate::figure::tf_looks::{Fill, TfLook, TfLooks};
use crate::figure::theme::{SMALL_PT, Theme};
use crate::genome::Interval;
use crate::genome::locus::grouped;
use crate::sites::{Evidence, Site, SiteSet};
use std::collections::BTreeSet;

const LANE_PT: f32 = 11.0;
const LANE_GAP_PT: f32 = 2.0;
/// Height of the band for sites that no lane had room for.
const REST_PT: f32 = 4.0;
/// Fewer points for each site than this give counts.
const CROWDED_PT: f32 = 3.0;
const BIN_PT: f32 = 2.0;

/// A set of sites and which of them are shown.
#[derive(Clone, Copy, Debug)]
pub struct SiteTrack<'a> {
    /// The sites.
    pub set: &'a SiteSet,
    /// Only these transcription factors; all where `None`.
    pub tfs: Option<&'a BTreeSet<String>>,
    /// Only sites that are supported at least this well.
    pub least_evidence: Evidence,
    /// Looks of the transcription factors; by name alone where `None`.
    pub looks: Option<&'a TfLooks>,
}

impl<'a> SiteTrack<'a> {
    /// All sites of `set`.
    #[must_use]
    pub fn all(set: &'a SiteSet) -> Self {
        Self {
            set,
            tfs: None,
            least_evidence: Evidence::Unknown,
            looks: None,
        }
    }

    /// How a site looks.
    #[must_use]
    pub fn look(&self, theme: Theme, site: &Site) -> TfLook {
        match self.looks {
            Some(looks) => looks.look(theme, site.tf()),
            None => TfLook {
                color: theme.tf(site.tf()),
                fill: Fill::Solid,
            },
        }
    }

    /// Whether a site is shown.
    #[must_use]
    pub fn shows(&self, site: &Site) -> bool {
        site.evidence >= self.least_evidence && self.tfs.is_none_or(|tfs| tfs.contains(site.tf()))
    }

    /// The shown sites that share a base with `interval`, with their indices in the set.
    pub(in crate::figure) fn within(
        &self,
        contig: usize,
        interval: Interval,
    ) -> impl Iterator<Item = (usize, &'a Site)> {
        let set = self.set;
        let track = *self;
        let mut found = set.overlapping(contig, interval).peekable();
        let first = found.peek().map_or(0, |site| {
            set.sites.partition_point(|other| {
                (other.contig(), other.interval) < (site.contig(), site.interval)
            })
        });
        indexed(&set.sites, first, found).filter(move |(_, site)| track.shows(site))
    }
}

struct Placed<'a> {
    index: usize,
    site: &'a Site,
    /// `None` where no lane had room.
    lane: Option<usize>,
    named: bool,
}

/// What one track of sites shows.
pub(super) struct Sites<'a> {
    set_index: usize,
    track: SiteTrack<'a>,
    name: &'a str,
    placed: Vec<Placed<'a>>,
    lanes: usize,
    counts: Option<Vec<u32>>,
    count: usize,
}

impl<'a> Sites<'a> {
    /// Places the sites in no fewer and no more lanes than asked.
    pub fn place(
        frame: &Frame,
        set_index: usize,
        track: &SiteTrack<'a>,
        (fewest, most): (usize, usize),
    ) -> Self {
        let view = frame.viewport.interval();
        // Lanes are handed out from a fixed place a page or two to the left, so that panning does not change them.
        let page = frame.viewport.width_bp();
        let from = ((frame.viewport.start / page).floor() - 1.0) * page;
        let from = Interval::new(from.max(0.0) as usize, view.end);
        let found: Vec<_> = track.within(frame.viewport.contig, from).collect();
        let count = found
            .iter()
            .filter(|(_, site)| site.interval.overlaps(view))
            .count();
        let mut sites = Vec::new();
        let mut counts = None;
        let mut lanes = fewest;
        if count as f32 * CROWDED_PT > frame.width {
            counts = Some(binned(frame, &found));
        } else {
            sites = in_lanes(frame, found, most);
            sites.retain(|placed| placed.site.interval.overlaps(view));
            lanes = sites
                .iter()
                .filter_map(|placed| placed.lane.map(|lane| lane + 1))
                .max()
                .unwrap_or(0)
                .max(fewest);
        }
        Self {
            set_index,
            track: *track,
            name: &track.set.name,
            placed: sites,
            lanes,
            counts,
            count,
        }
    }

    pub fn height(&self) -> f32 {
        self.lanes as f32 * (LANE_PT + LANE_GAP_PT) + REST_PT
    }

    pub fn draw(&self, pen: &mut Pen, frame: &Frame, rect: Rect) {
        pen.part("sites", None);
        let middle = rect.y + (rect.height - REST_PT) / 2.0;
        let name = if self.name.is_empty() {
            "sites"
        } else {
            self.name
        };
        let lines = (rect.height / 11.0) as usize;
        frame.name(pen, middle, name, lines.clamp(1, 3));
        if let Some(counts) = &self.counts {
            self.draw_counts(pen, frame, rect, counts);
            return;
        }
        let clip = frame.clip(rect);
        for placed in &self.placed {
            pen.tag = Some(Tag::Site(self.set_index, placed.index));
            pen.clip = Some(clip);
            let look = self.track.look(frame.theme, placed.site);
            let (left, width) = frame.span(placed.site.interval, 2.0);
            match placed.lane {
                Some(lane) => {
                    let top = rect.y + lane as f32 * (LANE_PT + LANE_GAP_PT);
                    let place = Rect::new(left, top, width, LANE_PT);
                    draw_site(pen, frame, placed, place, look);
                }
                None => pen.fill(
                    Rect::new(left, rect.bottom() - REST_PT, width, REST_PT),
                    look.color,
                ),
            }
        }
        pen.clip = None;
    }

    fn draw_counts(&self, pen: &mut Pen, frame: &Frame, rect: Rect, counts: &[u32]) {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let words_pt = 12.0;
        let height = rect.height - words_pt;
        let points = counts
            .iter()
            .enumerate()
            .flat_map(|(bin, count)| {
                let y = rect.bottom() - height * (*count as f32 / most as f32);
                let left = frame.left + bin as f32 * BIN_PT;
                [
                    Point { x: left, y },
                    Point {
                        x: left + BIN_PT,
                        y,
                    },
                ]
            })
            .collect();
        pen.clip = Some(frame.clip(rect));
        pen.area(
            points,
            rect.bottom(),
            frame.palette.faint.with_opacity(0.55),
        );
        pen.clip = None;
        let words = format!(
            "{} sites: number at each place, at most {most}; zoom in for names",
            grouped(self.count)
        );
        frame.remark(pen, rect.y + 5.0, &words);
    }
}

fn binned(frame: &Frame, found: &[(usize, &Site)]) -> Vec<u32> {
    let mut counts = vec![0; (frame.width / BIN_PT).ceil() as usize];
    for (_, site) in found {
        let x = frame.x(site.interval.middle() as f64 + 0.5) - frame.left;
        if x >= 0.0
            && let Some(slot) = counts.get_mut((x / BIN_PT) as usize)
        {
            *slot += 1;
        }
    }
    counts
}

/// Each site in the first lane that is free; names give way before sites do.
fn in_lanes<'a>(frame: &Frame, found: Vec<(usize, &'a Site)>, most: usize) -> Vec<Placed<'a>> {
    let mut lanes = vec![Used::default(); most];
    let mut all: Vec<Placed<'a>> = Vec::with_capacity(found.len());
    for (index, site) in found {
        let (left, width) = frame.span(site.interval, 2.0);
        let name_pt = text::width(site.tf(), SMALL_PT, Face::Regular);
        let inside = name_pt + 6.0 <= width;
        let free = lanes.iter().position(|lane| lane.name_end <= left);
        let lane = free.or_else(|| {
            let lane = lanes.iter().position(|lane| lane.box_end <= left)?;
            if let Some(last) = lanes[lane].last.and_then(|last| all.get_mut(last)) {
                last.named = false;
            }
            Some(lane)
        });
        if let Some(lane) = lane {
            lanes[lane] = Used {
                box_end: left + width + 1.0,
                name_end: left + width + if inside { 1.0 } else { name_pt + 7.0 },
                last: Some(all.len()),
            };
        }
        all.push(Placed {
            index,
            site,
            lane,
            named: lane.is_some(),
        });
    }
    all
}

/// How far a lane is used.
#[derive(Clone, Copy)]
struct Used {
    box_end: f32,
    name_end: f32,
    /// The site there, in the order in which sites are placed.
    last: Option<usize>,
}

impl Default for Used {
    fn default() -> Self {
        Self {
            box_end: f32::NEG_INFINITY,
            name_end: f32::NEG_INFINITY,
            last: None,
        }
    }
}

fn draw_site(pen: &mut Pen, frame: &Frame, placed: &Placed<'_>, rect: Rect, look: TfLook) {
    let name = placed.site.tf();
    look.draw(pen, frame.palette, rect);
    if !placed.named {
        return;
    }
    let needed = text::width(name, SMALL_PT, Face::Regular);
    let line = baseline(rect.y + rect.height / 2.0, SMALL_PT);
    if needed + 6.0 <= rect.width {
        let (from, to) = (rect.x.max(frame.left), rect.right().min(frame.right()));
        if to - from >= needed {
            let ink = Ink::regular(SMALL_PT, look.ink(frame.palette));
            pen.text(f32::midpoint(from, to), line, Anchor::Middle, ink, name);
        }
    } else {
        let ink = Ink::regular(SMALL_PT, frame.palette.text);
        pen.text(rect.right() + 3.0, line, Anchor::Start, ink, name);
    }
}
