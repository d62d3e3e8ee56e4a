//! Asks what a run over the whole genome is to keep, and where.

use crate::attention::store::{MANIFEST, Statistic};
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::job::genome_run::free_bytes;
use std::path::{Path, PathBuf};

/// The dialog, and what was chosen in it.
#[derive(Debug)]
pub struct RunDialog {
    shown: bool,
    kept: Vec<Statistic>,
    folder: String,
    /// For which folder the free bytes were asked, and the answer.
    free: Option<(String, Option<u64>)>,
}

impl Default for RunDialog {
    fn default() -> Self {
        Self {
            shown: false,
            kept: vec![Statistic::ReceivedWeighted],
            folder: String::new(),
            free: None,
        }
    }
}

impl RunDialog {
    /// Shows the dialog.
    pub fn open(&mut self) {
        self.shown = true;
        self.free = None;
    }
}

/// A folder of the user's that says what it is for.
fn suggested(app: &App) -> String {
    let plain = |name: &str| -> String {
        let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        name.chars().take(40).map(keep).collect()
    };
    let name = format!("headlight-run-{}", plain(&app.workspace.genome.name));
    std::env::home_dir()
        .unwrap_or_default()
        .join(name)
        .display()
        .to_string()
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", grouped(bytes.div_ceil(1_000_000) as usize))
}

/// Draws the dialog while it is open.
pub fn show(app: &mut App, ctx: &egui::Context) {
    if !app.run_dialog.shown {
        return;
    }
    if app.run_dialog.folder.is_empty() {
        app.run_dialog.folder = suggested(app);
    }
    let manifest = app.genome_run(app.run_dialog.kept.clone()).manifest();
    let (least, all) = (manifest.bytes_with(&[]), manifest.bytes());
    let each: Vec<(Statistic, u64)> = Statistic::ALL
        .into_iter()
        .filter(|statistic| *statistic != Statistic::Probability)
        .map(|statistic| (statistic, manifest.bytes_with(&[statistic]) - least))
        .collect();
    let bases = grouped(2 * app.workspace.genome.len());
    let dialog = &mut app.run_dialog;
    if dialog
        .free
        .as_ref()
        .is_none_or(|(folder, _)| *folder != dialog.folder)
    {
        let free = free_bytes(Path::new(dialog.folder.trim()));
        dialog.free = Some((dialog.folder.clone(), free));
    }
    let free = dialog.free.as_ref().and_then(|(_, free)| *free);
    let (mut start, mut close) = (false, false);
    let modal = egui::Modal::new(egui::Id::unique("run over the genome")).show(ctx, |ui| {
        ui.set_width(560.0);
        ui.heading("Run over the whole genome");
        ui.label(format!(
            "The model reads all {bases} positions of both strands once. The probability is always kept; \
             of the heads, keep what you need. Views wider than 200 kb are drawn from \u{201c}received\u{201d}."
        ));
        ui.add_space(8.0);
        for (statistic, bytes) in &each {
            let mut kept = dialog.kept.contains(statistic);
            let words = format!("{} ({})", statistic.words(), megabytes(*bytes));
            if ui.checkbox(&mut kept, words).changed() {
                dialog.kept.retain(|other| other != statistic);
                if kept {
                    dialog.kept.push(*statistic);
                }
            }
        }
        ui.add_space(8.0);
        let label = ui.label("Folder; an unfinished run in it goes on where it was stopped:");
        let edit = egui::TextEdit::singleline(&mut dialog.folder).desired_width(f32::INFINITY);
        ui.add(edit).labelled_by(label.id);
        let room = free.map_or_else(String::new, |free| format!(", {} are free", megabytes(free)));
        // A run that was begun there has taken its room.
        let begun = Path::new(dialog.folder.trim()).join(MANIFEST).exists();
        let fits = begun || free.is_none_or(|free| free >= all);
        let line = format!("{} in all{room}.", megabytes(all));
        if fits {
            ui.label(line);
        } else {
            ui.colored_label(
                ui.visuals().error_fg_color,
                format!("{line} Keep less, or name a folder on another disk."),
            );
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let named = !dialog.folder.trim().is_empty();
            start = ui.add_enabled(fits && named, egui::Button::new("Start")).clicked();
            close = ui.button("Cancel").clicked();
        });
    });
    if start {
        let folder = PathBuf::from(dialog.folder.trim());
        let command = Command::RunGenome(dialog.kept.clone(), folder);
        app.commands.push(command);
    }
    if start || close || modal.should_close() {
        app.run_dialog.shown = false;
    }
}
