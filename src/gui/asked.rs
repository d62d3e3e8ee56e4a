//! Questions that a file asks before it is used: sites that do not match, columns that nobody named.

use super::command::Command;
use super::panes::{columns::ColumnsWindow, doubt};
use super::preferences::Preferences;
use crate::genome::Genome;
use crate::genome::read::preview::TablePreview;
use crate::job::open::SitesInDoubt;

/// The questions that wait for an answer, oldest first.
#[derive(Debug, Default)]
pub struct Asked {
    doubts: Vec<SitesInDoubt>,
    tables: Vec<ColumnsWindow>,
}

impl Asked {
    /// Asks what to do about sites that do not match.
    pub fn doubt(&mut self, doubt: SitesInDoubt) {
        self.doubts.retain(|other| other.path != doubt.path);
        self.doubts.push(doubt);
    }

    /// Asks which column of a table says what; `preferences` may remember it from a table like this one.
    pub fn table(&mut self, table: TablePreview, preferences: &Preferences, genome: &Genome) {
        self.tables.retain(|other| other.path() != table.path);
        let remembered = preferences.remembered_columns(&table.columns().listed());
        self.tables
            .push(ColumnsWindow::new(table, remembered, genome));
    }

    /// Whether a question waits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.doubts.is_empty() || !self.tables.is_empty()
    }

    /// Forgets questions about another genome.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Draws the oldest question of each kind; answers become commands.
    pub fn show(
        &mut self,
        ctx: &egui::Context,
        genome: &Genome,
        preferences: &mut Preferences,
        commands: &mut Vec<Command>,
    ) {
        if let Some(doubt) = self.doubts.first()
            && doubt::show(ctx, doubt, genome, commands)
        {
            self.doubts.remove(0);
        }
        if let Some(table) = self.tables.first_mut()
            && table.show(ctx, genome, preferences, commands)
        {
            self.tables.remove(0);
        }
    }
}
