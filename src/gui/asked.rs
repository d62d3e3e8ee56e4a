//! Questions that a file asks before it is used: sites that do not match, columns that nobody named.

use super::command::Command;
use super::panes::{columns::ColumnsWindow, doubt, relocate};
use super::preferences::Preferences;
use crate::genome::Genome;
use crate::genome::read::preview::TablePreview;
use crate::job::open::SitesInDoubt;
use crate::job::saved::Found;

/// The questions that wait for an answer, oldest first.
#[derive(Debug, Default)]
pub struct Asked {
    doubts: Vec<SitesInDoubt>,
    tables: Vec<ColumnsWindow>,
    relocation: Option<Found>,
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

    /// Asks where the files of a workspace are.
    pub fn relocate(&mut self, found: Found) {
        self.relocation = Some(found);
    }

    /// The workspace whose files are asked for.
    #[must_use]
    pub fn relocated(&self) -> Option<Found> {
        self.relocation.clone()
    }

    /// Asks for files of a workspace no longer.
    pub fn forget_relocation(&mut self) {
        self.relocation = None;
    }

    /// Whether a question waits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.doubts.is_empty() || !self.tables.is_empty() || self.relocation.is_some()
    }

    /// Leaves a question unanswered, that about columns before that about sites: its file stays closed. The one about
    /// files of a workspace is a modal window, which leaves by itself.
    pub fn leave(&mut self) {
        if !self.tables.is_empty() {
            self.tables.remove(0);
        } else if !self.doubts.is_empty() {
            self.doubts.remove(0);
        }
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
        if let Some(found) = &self.relocation
            && relocate::show(ctx, found, commands)
        {
            self.relocation = None;
        }
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
