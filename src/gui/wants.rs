//! What the view needs from the model: pages around what is shown, visible first.

use super::app::App;
use super::state::{Pin, Tab};
use crate::attention::Overview;
use crate::attention::block::AttentionBlock;
use crate::figure::viewport::Viewport;
use crate::genome::{Interval, Strand};
use crate::job::live::{MapKey, PAGE_BP, Page, PageKey, PageKind, Wanted};
use std::sync::Arc;

/// The widest view that is computed live, in bases.
pub const LIVE_BP: f64 = 200_000.0;
/// The widest view whose attention map is kept whole, in bases, whatever the model.
const MAP_BP: f64 = 8_000.0;
/// Bytes that the attention of one layer may take.
const MAP_BYTES: f64 = 64.0 * 1024.0 * 1024.0;
/// What the attention map and that of the pinned query may take together: the widest map reaches into the
/// grid on either side.
pub const MAP_BUDGET_BYTES: usize = 80 << 20;
/// Attention maps start and end at multiples of this, so that small moves need no new one.
const MAP_GRID_BP: usize = 256;
/// The same for models whose context allows only short maps.
const FINE_MAP_GRID_BP: usize = 16;

impl App {
    /// Tells the model thread what is shown and not yet there.
    pub(super) fn want_what_is_shown(&mut self) {
        let pages = self.missing_pages();
        let map = self
            .wanted_map()
            .filter(|key| self.map.as_ref().is_none_or(|(have, _)| have != key));
        let pin = self
            .wanted_pin()
            .filter(|key| self.pin.as_ref().is_none_or(|(have, _)| have != key));
        let failed = self.failed_view == Some((self.view_generation(), self.view.viewport));
        self.missing = if failed {
            0
        } else {
            pages.len() + usize::from(map.is_some()) + usize::from(pin.is_some())
        };
        if self.missing == 0 {
            self.live.want(None);
            return;
        }
        let generation = self.view_generation();
        self.live.want(Some(Wanted {
            genome: Arc::clone(&self.workspace.genome),
            model: Arc::clone(&self.workspace.model),
            mode: self.view.mode(),
            pages,
            pin,
            map,
            expected: self
                .expected
                .as_ref()
                .filter(|(of, _)| *of == generation)
                .map(|(_, expected)| Arc::clone(expected)),
        }));
    }

    /// The coarse tracks of the whole genome, if a run with these borders is open.
    pub(super) fn overview(&self) -> Option<&Overview> {
        let mode = self.view.mode().to_string();
        let open = self.workspace.overview.as_deref();
        open.filter(|overview| overview.manifest.mode == mode)
    }

    /// Whether the view is narrow enough for live inference.
    pub(super) fn is_live(&self) -> bool {
        self.view.viewport.width_bp() <= LIVE_BP
    }

    /// The widest view whose attention map is kept whole, in bases.
    pub(super) fn map_limit_bp(&self) -> f64 {
        let config = self.workspace.model.config();
        (MAP_BYTES / (size_of::<f32>() * config.heads * config.context) as f64).min(MAP_BP)
    }

    /// The bases that are shown.
    pub(super) fn shown(&self) -> Interval {
        let start = self.view.viewport.start.max(0.0).floor() as usize;
        Interval::new(
            start,
            (self.view.viewport.end.ceil() as usize).min(self.contig_length()),
        )
    }

    /// The key of a page that the view may draw.
    pub(super) fn page_key(&self, strand: Strand, page: usize) -> PageKey {
        let kind = if strand == self.view.strand {
            PageKind::Tracks
        } else {
            PageKind::Probability
        };
        PageKey {
            generation: self.view_generation(),
            contig: self.view.viewport.contig,
            strand,
            page,
            kind,
        }
    }

    fn missing_pages(&self) -> Vec<PageKey> {
        if !self.is_live() || self.contig_length() == 0 {
            return Vec::new();
        }
        let shown = self.shown();
        let last_page = (self.contig_length() - 1) / PAGE_BP;
        let pages = shown.start / PAGE_BP..=(shown.end.saturating_sub(1) / PAGE_BP).min(last_page);
        let middle = shown.middle() / PAGE_BP;
        let mut missing = Vec::new();
        for strand in [self.view.strand, self.view.strand.opposite()] {
            let mut of_strand: Vec<PageKey> = pages
                .clone()
                .map(|page| self.page_key(strand, page))
                .filter(|key| !self.pages.contains(key))
                .collect();
            of_strand.sort_by_key(|key| key.page.abs_diff(middle));
            missing.extend(of_strand);
        }
        missing
    }

    /// The attention map that the map tab shows, if the view is narrow enough for one.
    pub(super) fn wanted_map(&self) -> Option<MapKey> {
        let viewport = self.map_viewport();
        if self.view.tab != Tab::Map
            || viewport.width_bp() > self.map_limit_bp()
            || viewport.contig_bp == 0
        {
            return None;
        }
        let shown = viewport.interval();
        let coarse = self.map_limit_bp() >= 8.0 * MAP_GRID_BP as f64;
        let grid = if coarse {
            MAP_GRID_BP
        } else {
            FINE_MAP_GRID_BP
        };
        let start = shown.start / grid * grid;
        let end = shown.end.div_ceil(grid) * grid;
        Some(MapKey {
            generation: self.view_generation(),
            contig: viewport.contig,
            strand: self.view.strand,
            interval: Interval::new(start, end.min(viewport.contig_bp)),
            layer: self.view.head.0,
        })
    }

    /// The queries that the attention map shows: those of the genome view, or its own.
    pub(super) fn map_viewport(&self) -> Viewport {
        let free = self.view.map.free;
        free.filter(|free| free.contig == self.view.viewport.contig)
            .unwrap_or(self.view.viewport)
    }

    /// The attention of the pinned query in the layer of the selected head.
    fn wanted_pin(&self) -> Option<MapKey> {
        let pin = self.view.pinned?;
        let length = self.workspace.genome.contigs.get(pin.contig)?.len();
        (pin.query < length && pin.contig == self.view.viewport.contig).then_some(MapKey {
            generation: self.view_generation(),
            contig: pin.contig,
            strand: pin.strand,
            interval: Interval::new(pin.query, pin.query + 1),
            layer: self.view.head.0,
        })
    }

    /// Whether a computed block is that of the pinned query.
    pub(super) fn is_pin(&self, key: &MapKey) -> bool {
        self.wanted_pin().as_ref() == Some(key)
    }

    /// The computed attention of the pinned query, if it is that of the selected head's layer.
    pub(super) fn pinned_block(&self) -> Option<&AttentionBlock> {
        let wanted = self.wanted_pin()?;
        let (key, block) = self.pin.as_ref()?;
        (*key == wanted).then_some(block.as_ref())
    }

    /// The pinned query and what the selected head gives to each distance; `None` where it is not
    /// computed, or touches an N.
    pub(super) fn pinned_weights(&self) -> Option<(Pin, &[f32])> {
        let block = self.pinned_block()?;
        let head = self.view.head.1;
        if head >= block.heads || block.queries == 0 {
            return None;
        }
        let weights = block.row(head, 0);
        (!weights.iter().any(|weight| weight.is_nan())).then_some((self.view.pinned?, weights))
    }

    /// The model's probability at an output, where it is computed.
    pub(super) fn probability_at(&self, strand: Strand, bp: usize) -> Option<f32> {
        let page = self.pages.peek(&self.page_key(strand, bp / PAGE_BP))?;
        let values = match &*page {
            Page::Tracks(tracks) => &tracks.tracks().probability,
            Page::Probability(values) => values,
        };
        values.get(bp % PAGE_BP).copied()
    }
}
