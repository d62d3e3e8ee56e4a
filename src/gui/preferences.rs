//! What a person prefers, whatever is open: it is remembered between runs and never undone.

use crate::figure::theme::BaseColors;
use crate::genome::read::mapping::ColumnMapping;
use std::path::{Path, PathBuf};

/// Dark, light, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ThemeChoice {
    /// As the system is set.
    #[default]
    System,
    /// Dark text on a light page.
    Light,
    /// Light text on a dark page.
    Dark,
}

impl ThemeChoice {
    /// All choices, in the order of the settings.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its words in the settings.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

impl From<ThemeChoice> for egui::ThemePreference {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::System => Self::System,
            ThemeChoice::Light => Self::Light,
            ThemeChoice::Dark => Self::Dark,
        }
    }
}

/// What a person prefers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Dark or light.
    pub theme: ThemeChoice,
    /// Size of everything on screen: 1 is what the system asks for.
    pub ui_scale: f32,
    /// Colours of the bases.
    pub base_colors: BaseColors,
    /// Threads of long computations; 0 is all cores but one.
    pub threads: usize,
    /// The columns chosen for tables, by their headers, oldest first.
    pub columns: Vec<(String, ColumnMapping)>,
    /// Workspace files that were opened or saved, latest first.
    pub recent: Vec<PathBuf>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            ui_scale: 1.0,
            base_colors: BaseColors::Safe,
            threads: 0,
            columns: Vec::new(),
            recent: Vec::new(),
        }
    }
}

impl Preferences {
    /// Smallest and largest size of everything on screen.
    pub const UI_SCALES: std::ops::RangeInclusive<f32> = 0.5..=4.0;

    /// The size of everything on screen, within what can be used.
    #[must_use]
    pub fn usable_scale(&self) -> f32 {
        if self.ui_scale.is_finite() {
            self.ui_scale
                .clamp(*Self::UI_SCALES.start(), *Self::UI_SCALES.end())
        } else {
            1.0
        }
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

    /// Remembers a workspace file as the latest one.
    pub fn remember_recent(&mut self, path: &Path) {
        const KEPT: usize = 10;
        self.recent.retain(|other| other != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(KEPT);
    }
}
