//! What the window shows: one plain record, which undo, redo and workspace files work on.
//!
//! Panes change it directly while a gesture lasts (a drag, a wheel); what a click asks for is a
//! command. Either way a gesture is one step back.

use super::preferences::Preferences;
use crate::attention::Received;
use crate::attention::{HeadId, HeadShape};
use crate::figure::viewport::Viewport;
use crate::genome::{Genome, Interval, Strand};
use crate::job::whatif::list::Listed;
use crate::job::whatif::picture::Panels;
use crate::model::Mode;
use std::collections::BTreeSet;

/// The tab below the genome view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    /// The attention map of the selected head.
    #[default]
    Map,
    /// All heads as cards.
    Heads,
    /// Where a pattern of bases was found.
    Hits,
    /// Running jobs.
    Jobs,
    /// Heads against known sites.
    Compare,
    /// Peaks of attention where nothing is known.
    Novel,
    /// Heads against one another.
    Similar,
    /// Changes of bases and heads, and what they do.
    WhatIf,
    /// A training run: its plan and its curves.
    Training,
    /// How well models predict.
    Evaluation,
}

/// How one track of the genome view is shown; their order is that of the list.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct TrackSetting {
    /// Which track.
    pub track: String,
    /// Whether it is left out.
    pub hidden: bool,
    /// Its height over the usual one.
    pub height: f32,
    /// The upper end of its scale; found from the data where it is not set.
    pub top: Option<f32>,
    /// The name of its colour map, where it is not the usual one.
    pub color_map: Option<String>,
}

impl Default for TrackSetting {
    fn default() -> Self {
        Self {
            track: String::new(),
            hidden: false,
            height: 1.0,
            top: None,
            color_map: None,
        }
    }
}

/// A query whose attention is drawn as arcs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pin {
    /// Index of the contig.
    pub contig: usize,
    /// The output's base, 0-based on the + strand.
    pub query: usize,
    /// The strand that the model read.
    pub strand: Strand,
}

/// A stretch that was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Selection {
    /// Index of the contig.
    pub contig: usize,
    /// Its bases.
    pub interval: Interval,
}

/// A place with a name, in whichever genome has such a contig.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bookmark {
    /// What it is called; no two are called the same.
    pub name: String,
    /// Name of the contig.
    pub contig: String,
    /// Its bases.
    pub interval: Interval,
}

/// What the colours of the attention map show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MapColors {
    /// The weight, by its logarithm.
    #[default]
    Logarithmic,
    /// The weight.
    Linear,
    /// The weight over its mean at that distance.
    OverExpected,
}

impl MapColors {
    /// All, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Logarithmic, Self::Linear, Self::OverExpected];

    /// Its words in the menu.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Logarithmic => "weight, logarithmic",
            Self::Linear => "weight, linear",
            Self::OverExpected => "weight over expected",
        }
    }

    /// What it shows, in plain words.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Logarithmic => {
                "How much the query looks at the key. Each step of colour is a factor, so that weak weights show too."
            }
            Self::Linear => "How much the query looks at the key. Only heavy weights stand out.",
            Self::OverExpected => {
                "The weight over what this head gives to any key at that distance: what it sees in the sequence, apart \
                 from where it always looks. 0 is as expected, 1 is twice as much, −1 half."
            }
        }
    }
}

/// How the attention map is shown.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct MapSetting {
    /// The queries that it shows where they are not those of the genome view.
    pub free: Option<Viewport>,
    /// The longest distance that it shows, in bases; the whole context where it is not set.
    pub longest_bp: Option<usize>,
    /// What its colours show.
    pub colors: MapColors,
}

/// What the window shows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a record of independent switches"
)]
pub struct View {
    /// The place.
    pub viewport: Viewport,
    /// Rule of the head strip.
    pub rule: Received,
    /// The strand that the head rows read.
    pub strand: Strand,
    /// Whether segments are bordered as in the original evaluation, instead of seamlessly joined.
    pub faithful: bool,
    /// Selected head, 0-based layer and head.
    pub head: (usize, usize),
    /// Open tab.
    pub tab: Tab,
    /// Transcription factors that are hidden.
    pub hidden_tfs: BTreeSet<String>,
    /// Heads whose rows are left out, 0-based layer and head; never all of them.
    pub hidden_heads: BTreeSet<(usize, usize)>,
    /// Whether the panel on the left is shown.
    pub left_panel: bool,
    /// Whether the panel on the right is shown.
    pub right_panel: bool,
    /// Tracks whose order or looks were changed, in their order.
    pub tracks: Vec<TrackSetting>,
    /// The query whose attention is drawn as arcs.
    pub pinned: Option<Pin>,
    /// The selected stretch.
    pub selection: Option<Selection>,
    /// Places with names, oldest first.
    pub bookmarks: Vec<Bookmark>,
    /// The attention map.
    pub map: MapSetting,
    /// Whether sites are outlined over the head rows too.
    pub sites_over_heads: bool,
    /// Changes of bases and heads.
    pub what_if: Vec<Listed>,
    /// What the what-if tab draws.
    pub what_if_panels: Panels,
    /// Whether it shows what every substitution does instead.
    pub saturation: bool,
    /// The figure page, as a figure description says it (TOML); empty where there is none.
    pub figure: String,
    /// Folder of the training run that is shown.
    pub training_run: Option<std::path::PathBuf>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            viewport: Viewport::whole(0, 1),
            rule: Received::default(),
            strand: Strand::Forward,
            faithful: false,
            head: (3, 4),
            tab: Tab::default(),
            hidden_tfs: BTreeSet::new(),
            hidden_heads: BTreeSet::new(),
            left_panel: true,
            right_panel: true,
            tracks: Vec::new(),
            pinned: None,
            selection: None,
            bookmarks: Vec::new(),
            map: MapSetting::default(),
            sites_over_heads: true,
            what_if: Vec::new(),
            what_if_panels: Panels::default(),
            saturation: false,
            figure: String::new(),
            training_run: None,
        }
    }
}

impl View {
    /// Selects a head that a model of this shape has, and hides no others than it has, nor all of them.
    pub fn keep_head_within(&mut self, shape: HeadShape) {
        let within = |index: usize, count: usize| index.min(count.saturating_sub(1));
        self.head = (
            within(self.head.0, shape.layers),
            within(self.head.1, shape.heads),
        );
        let HeadShape { layers, heads } = shape;
        self.hidden_heads
            .retain(|(layer, head)| *layer < layers && *head < heads);
        if self.hidden_heads.len() >= shape.len() {
            self.hidden_heads.clear();
        }
    }

    /// The heads of a model of this shape whose rows are shown, layer by layer.
    #[must_use]
    pub fn shown_heads(&self, shape: HeadShape) -> Vec<HeadId> {
        let hides = |head: &HeadId| self.hidden_heads.contains(&(head.layer, head.head));
        shape.all().filter(|head| !hides(head)).collect()
    }

    /// Moves what lies outside of `genome` into it, and forgets what it cannot hold: a view that came
    /// from a file may say anything.
    pub fn keep_within(&mut self, genome: &Genome) {
        let length = |contig: usize| genome.contigs.get(contig).map(crate::genome::Contig::len);
        let within = |viewport: Viewport| {
            let length_bp = length(viewport.contig)?;
            Some(Viewport::new(
                viewport.contig,
                length_bp,
                viewport.start,
                viewport.end,
            ))
        };
        self.viewport =
            within(self.viewport).unwrap_or_else(|| Viewport::whole(0, length(0).unwrap_or(1)));
        self.map.free = self.map.free.and_then(within);
        self.pinned = self
            .pinned
            .filter(|pin| length(pin.contig).is_some_and(|bp| pin.query < bp));
        self.selection = self.selection.filter(|selection| {
            let interval = selection.interval;
            interval.start < interval.end
                && length(selection.contig).is_some_and(|bp| interval.end <= bp)
        });
        self.tracks.retain(|track| track.height.is_finite());
    }

    /// Gives a place a name; another place of that name is forgotten.
    pub fn add_bookmark(&mut self, bookmark: Bookmark) {
        self.bookmarks.retain(|other| other.name != bookmark.name);
        self.bookmarks.push(bookmark);
    }

    /// How the model treats the borders of segments.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.faithful {
            Mode::Faithful
        } else {
            Mode::Seamless
        }
    }

    /// The selected head.
    #[must_use]
    pub fn head_id(&self) -> HeadId {
        HeadId {
            layer: self.head.0,
            head: self.head.1,
        }
    }
}

/// What the window remembers between runs.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// What it showed.
    pub view: View,
    /// What its user prefers.
    pub preferences: Preferences,
}
