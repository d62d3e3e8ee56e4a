//! The report on sites whose sequences are not what the genome has there, with what helps.

use crate::genome::Genome;
use crate::genome::Remedy;
use crate::genome::locus::grouped;
use crate::gui::command::Command;
use crate::job::open::{SitesInDoubt, file_name};
use crate::sites::AssemblyCheck;
use crate::sites::read::SiteOptions;
use egui::{Grid, RichText, Ui};

/// Draws the report; returns whether it was answered.
pub fn show(
    ctx: &egui::Context,
    doubt: &SitesInDoubt,
    genome: &Genome,
    commands: &mut Vec<Command>,
) -> bool {
    let (mut done, mut open) = (false, true);
    egui::Window::new("These sites do not match the genome")
        .id(egui::Id::unique("sites in doubt"))
        .anchor(egui::Align2::CENTER_CENTER, [0.0, -40.0])
        .collapsible(false)
        .resizable(false)
        .open(&mut open)
        .show(ctx, |ui| {
            ui.set_width(560.0);
            let check = &doubt.report.check;
            ui.label(format!("{}: {check}", file_name(&doubt.path)));
            ui.label("Nothing of it is drawn yet.");
            ui.add_space(8.0);
            rates(ui, check, genome);
            ui.add_space(8.0);
            examples(ui, check);
            ui.add_space(12.0);
            let mut answer = |options: SiteOptions| {
                commands.push(Command::OpenWith(doubt.path.clone(), Box::new(options)));
                done = true;
            };
            let mut helps = false;
            for trial in check.remedies() {
                helps = true;
                let words = trial.remedy.words(genome);
                let percent = 100.0 * trial.share();
                let button = ui.button(format!("{words} ({percent:.1} % match)"));
                if button.clicked() {
                    answer(SiteOptions {
                        remedy: trial.remedy,
                        ..doubt.options.clone()
                    });
                }
            }
            if !helps {
                ui.label(
                    "No known remedy helps. Open the genome that the file was made for, or a file \
                     for this genome.",
                );
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if ui.button("Leave it closed").clicked() {
                    done = true;
                }
                let anyway = ui.button("Draw it as it is").on_hover_text(
                    "Every site is drawn where the file says, although its sequence stands elsewhere",
                );
                if anyway.clicked() {
                    commands.push(Command::OpenWith(
                        doubt.path.clone(),
                        Box::new(SiteOptions {
                            accept_mismatches: true,
                            ..doubt.options.clone()
                        }),
                    ));
                    done = true;
                }
            });
        });
    done || !open
}

fn rates(ui: &mut Ui, check: &AssemblyCheck, genome: &Genome) {
    let percent = |part: usize| {
        let share = 100.0 * part as f64 / check.rate.compared.max(1) as f64;
        format!("{} ({share:.1} %)", grouped(part))
    };
    let compared = grouped(check.rate.compared);
    Grid::new("match rates")
        .num_columns(3)
        .striped(true)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            ui.label(RichText::new(format!("Of {compared} sequences equal")).strong());
            ui.label(RichText::new("on their strand").strong());
            ui.label(RichText::new("on either strand").strong());
            ui.end_row();
            ui.label(if check.applied.is_none() {
                "as the file says".to_owned()
            } else {
                format!("after: {}", check.applied.words(genome).to_lowercase())
            });
            ui.label(percent(check.rate.matching));
            ui.label(percent(check.rate.matching_any_strand));
            ui.end_row();
            for trial in &check.trials {
                let moved = Remedy {
                    ignore_strand: check.applied.ignore_strand,
                    ..trial.remedy
                };
                if moved == check.applied {
                    continue;
                }
                ui.label(moved.words(genome));
                ui.label(percent(trial.rate.matching));
                ui.label(percent(trial.rate.matching_any_strand));
                ui.end_row();
            }
        });
}

fn examples(ui: &mut Ui, check: &AssemblyCheck) {
    ui.label(RichText::new("Examples").strong());
    Grid::new("mismatches")
        .num_columns(5)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for heading in ["line", "TF", "place", "the file prints", "the genome has"] {
                ui.weak(heading);
            }
            ui.end_row();
            for site in &check.mismatches {
                ui.label(site.line.to_string());
                ui.label(&site.tf);
                ui.label(format!("{} ({})", site.place, site.strand));
                ui.label(cut(&site.printed));
                ui.label(cut(&site.genome));
                ui.end_row();
            }
        });
}

fn cut(letters: &str) -> String {
    const SHOWN: usize = 16;
    match letters.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &letters[..end]),
        None => letters.to_owned(),
    }
}
