//! The window in which people say which column of a table says what.

use crate::genome::Genome;
use crate::genome::locus::grouped;
use crate::genome::read::Input;
use crate::genome::read::anchors::{AnchorOptions, read_with};
use crate::genome::read::mapping::{ColumnMapping, Field};
use crate::genome::read::preview::TablePreview;
use crate::genome::read::table::names;
use crate::gui::command::Command;
use crate::gui::preferences::Preferences;
use crate::job::open::file_name;
use crate::progress::{Cancel, Progress};
use crate::sites::read::{SiteOptions, sites_with};
use egui::{ComboBox, Grid, RichText, ScrollArea, Ui};
use std::path::Path;

/// The question about one table.
#[derive(Debug)]
pub struct ColumnsWindow {
    table: TablePreview,
    names: Vec<String>,
    mapping: ColumnMapping,
    /// What the present mapping reads, as a sentence; and whether it reads anything.
    found: (String, bool),
}

impl ColumnsWindow {
    /// Asks about `table`; begins with what is remembered, else with what the names suggest.
    #[must_use]
    pub fn new(table: TablePreview, remembered: Option<ColumnMapping>, genome: &Genome) -> Self {
        let mapping = remembered.unwrap_or_else(|| suggested(&table));
        let mut window = Self {
            names: table.column_names(),
            table,
            mapping,
            found: (String::new(), false),
        };
        window.found = window.tried(genome);
        window
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.table.path
    }

    /// What the present mapping reads of the rows at hand.
    fn tried(&self, genome: &Genome) -> (String, bool) {
        let mapping = &self.mapping;
        if !mapping.is_for_sites() && !mapping.is_for_anchors() {
            let text = "Choose transcription factor, left and right end; or start site and strand.";
            return (text.to_owned(), false);
        }
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let name = file_name(&self.table.path);
        let input = Input::from_bytes(&name, self.table.text.as_bytes(), &progress, &cancel);
        let counted = input.and_then(|mut input| {
            if mapping.is_for_sites() {
                let options = SiteOptions {
                    columns: Some(mapping.clone()),
                    ..SiteOptions::default()
                };
                let (_, report) = sites_with(&mut input, genome, &options)?;
                let (records, check) = (report.read.records, report.check);
                Ok((records, "sites", format!(" {check}")))
            } else {
                let options = AnchorOptions {
                    columns: Some(mapping),
                    ..AnchorOptions::default()
                };
                let (_, report) = read_with(&mut input, genome, options)?;
                Ok((report.records, "start sites", String::new()))
            }
        });
        match counted {
            Ok((records, what, check)) => {
                let first = if self.table.whole { "" } else { "first " };
                let (read, all) = (grouped(records), grouped(self.table.row_count));
                (
                    format!("{read} of the {first}{all} rows read as {what}.{check}"),
                    true,
                )
            }
            Err(error) => (error.to_string(), false),
        }
    }

    /// Draws the window; returns whether it was answered.
    pub fn show(
        &mut self,
        ctx: &egui::Context,
        genome: &Genome,
        preferences: &mut Preferences,
        commands: &mut Vec<Command>,
    ) -> bool {
        let (mut done, mut open) = (false, true);
        egui::Window::new("Which column says what?")
            .id(egui::Id::unique("columns of a table"))
            .anchor(egui::Align2::CENTER_CENTER, [0.0, -40.0])
            .collapsible(false)
            .resizable(false)
            .open(&mut open)
            .show(ctx, |ui| {
                ui.set_width(640.0);
                ui.label(format!(
                    "{} is a table. Its first rows:",
                    file_name(&self.table.path)
                ));
                self.preview_ui(ui);
                ui.add_space(8.0);
                if self.fields_ui(ui) {
                    self.found = self.tried(genome);
                }
                ui.add_space(8.0);
                let (text, reads) = &self.found;
                ui.label(text);
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    let read = egui::Button::new("Read it so");
                    if ui.add_enabled(*reads, read).clicked() {
                        let header = self.table.columns().listed();
                        preferences.remember_columns(header, self.mapping.clone());
                        commands.push(Command::OpenWith(
                            self.table.path.clone(),
                            Box::new(SiteOptions {
                                columns: Some(self.mapping.clone()),
                                ..SiteOptions::default()
                            }),
                        ));
                        done = true;
                    }
                    done |= ui.button("Leave it closed").clicked();
                });
            });
        done || !open
    }

    fn preview_ui(&self, ui: &mut Ui) {
        let by_number = self
            .names
            .iter()
            .zip(&self.table.first)
            .all(|(a, b)| a != b);
        ScrollArea::horizontal().id_salt("rows").show(ui, |ui| {
            Grid::new("first rows")
                .striped(true)
                .spacing([12.0, 2.0])
                .show(ui, |ui| {
                    for name in &self.names {
                        ui.label(RichText::new(name).strong());
                    }
                    ui.end_row();
                    let first = by_number.then_some(&self.table.first);
                    for row in first.into_iter().chain(&self.table.rows) {
                        for cell in row {
                            ui.label(RichText::new(cell).small());
                        }
                        ui.end_row();
                    }
                });
        });
    }

    /// Draws a choice for every field; returns whether one was changed.
    fn fields_ui(&mut self, ui: &mut Ui) -> bool {
        let before = self.mapping.clone();
        Grid::new("fields")
            .num_columns(4)
            .spacing([12.0, 4.0])
            .show(ui, |ui| {
                for (index, field) in Field::ALL.into_iter().enumerate() {
                    let label = ui.label(field.label());
                    self.field_ui(ui, field, label.id);
                    if index % 2 == 1 {
                        ui.end_row();
                    }
                }
            });
        ui.checkbox(
            &mut self.mapping.zero_based,
            "Positions count from 0, ends are exclusive (as in BED)",
        );
        self.mapping != before
    }

    fn field_ui(&mut self, ui: &mut Ui, field: Field, label: egui::Id) {
        const NONE: &str = "(none)";
        let chosen = self.mapping.columns.get(&field).cloned();
        let combo = ComboBox::from_id_salt(field.name())
            .selected_text(chosen.as_deref().unwrap_or(NONE))
            .width(180.0);
        let shown = combo.show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), NONE).clicked() {
                self.mapping.columns.remove(&field);
            }
            for name in &self.names {
                let selected = chosen.as_ref() == Some(name);
                if ui.selectable_label(selected, name).clicked() {
                    self.mapping.columns.insert(field, name.clone());
                }
            }
        });
        shown.response.labelled_by(label);
    }
}

/// What the names of the columns suggest.
fn suggested(table: &TablePreview) -> ColumnMapping {
    let (columns, shown) = (table.columns(), table.column_names());
    let known = [
        (Field::Contig, names::CONTIG),
        (Field::Tf, names::TF),
        (Field::Left, names::LEFT),
        (Field::Right, names::RIGHT),
        (Field::Position, names::POSITION),
        (Field::Strand, names::STRAND),
        (Field::Sequence, names::SEQUENCE),
    ];
    let found = known.into_iter().filter_map(|(field, any_of)| {
        let name = shown.get(columns.index(any_of)?)?;
        Some((field, name.clone()))
    });
    ColumnMapping {
        columns: found.collect(),
        zero_based: false,
    }
}
