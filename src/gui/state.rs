//! What the window remembers between runs: a plain record, apart from everything alive.

use crate::attention::Received;
use crate::attention::{HeadId, HeadShape};
use crate::genome::Strand;
use crate::genome::read::mapping::ColumnMapping;
use crate::model::Mode;

/// The tab below the genome view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    /// The attention map of the selected head.
    #[default]
    Map,
    /// All heads as cards.
    Heads,
    /// Running jobs.
    Jobs,
}

/// What the window remembers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a record of independent switches"
)]
pub struct ViewState {
    /// Dark or light.
    pub dark: bool,
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
    pub hidden_tfs: std::collections::BTreeSet<String>,
    /// Whether the panel on the left is shown.
    pub left_panel: bool,
    /// Whether the panel on the right is shown.
    pub right_panel: bool,
    /// The columns chosen for tables, by their headers, oldest first.
    pub columns: Vec<(String, ColumnMapping)>,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            dark: false,
            rule: Received::default(),
            strand: Strand::Forward,
            faithful: false,
            head: (3, 4),
            tab: Tab::default(),
            hidden_tfs: std::collections::BTreeSet::new(),
            left_panel: true,
            right_panel: true,
            columns: Vec::new(),
        }
    }
}

impl ViewState {
    /// Selects a head that a model of this shape has.
    pub fn keep_head_within(&mut self, shape: HeadShape) {
        let within = |index: usize, count: usize| index.min(count.saturating_sub(1));
        self.head = (
            within(self.head.0, shape.layers),
            within(self.head.1, shape.heads),
        );
    }

    /// The columns that were chosen for a table with this header.
    #[must_use]
    pub fn remembered_columns(&self, header: &str) -> Option<ColumnMapping> {
        let remembered = self.columns.iter().find(|(other, _)| other == header);
        remembered.map(|(_, mapping)| mapping.clone())
    }

    /// Remembers the columns that were chosen for a table with this header.
    pub fn remember_columns(&mut self, header: String, mapping: ColumnMapping) {
        const KEPT: usize = 30;
        self.columns.retain(|(other, _)| *other != header);
        self.columns.push((header, mapping));
        let surplus = self.columns.len().saturating_sub(KEPT);
        self.columns.drain(..surplus);
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
