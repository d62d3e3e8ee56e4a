//! Where a pattern of bases was found.

use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::panes::map::empty;
use crate::gui::places::Place;
use egui::{ScrollArea, Ui};
use std::sync::Arc;

const ROW_PT: f32 = 20.0;

/// Draws the list.
pub fn show(app: &mut App, ui: &mut Ui) {
    let Some(hits) = app.workspace.hits.clone() else {
        empty(
            ui,
            "Type bases in IUPAC codes into the search box (Ctrl+L), such as TTGACA or TGTGANNNNNNTCACA: they are \
             looked for in the whole genome, on both strands.",
        );
        return;
    };
    ui.horizontal(|ui| {
        let listed = if hits.count > hits.hits.len() {
            format!(", the first {} listed", grouped(hits.hits.len()))
        } else {
            String::new()
        };
        let count = match hits.count {
            0 => "nowhere in this genome".to_owned(),
            1 => "1 hit".to_owned(),
            count => format!("{} hits{listed}", grouped(count)),
        };
        ui.strong(format!("{}: {count}", hits.pattern));
        ui.add_enabled_ui(!hits.hits.is_empty(), |ui| {
            for (words, forward, key) in [
                ("Previous hit", false, "Shift+F3"),
                ("Next hit", true, "F3"),
            ] {
                if ui.small_button(words).on_hover_text(key).clicked() {
                    app.commands.push(Command::Place(Place::StepHit(forward)));
                }
            }
            if ui
                .small_button("Copy as TSV")
                .on_hover_text(
                    "Copies contig, first and last base, strand and bases of every listed hit",
                )
                .clicked()
            {
                ui.ctx().copy_text(hits.to_tsv(&app.workspace.genome));
            }
        });
    });
    let genome = Arc::clone(&app.workspace.genome);
    let mut area = ScrollArea::vertical().id_salt("hits").auto_shrink(false);
    if let Some(hit) = app.hit.filter(|_| std::mem::take(&mut app.hit_moved)) {
        let seen = ui.available_height() / 2.0;
        area = area.vertical_scroll_offset((hit as f32 * ROW_PT - seen).max(0.0));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, ROW_PT, hits.hits.len(), |ui, rows| {
        for index in rows {
            let hit = &hits.hits[index];
            let contig = genome
                .contigs
                .get(hit.locus.contig)
                .map_or("", |contig| contig.name.as_str());
            let strand = hit
                .locus
                .strand
                .map_or("both strands".to_owned(), |strand| {
                    format!("strand {strand}")
                });
            let across = if hit.across_origin {
                "   across the origin"
            } else {
                ""
            };
            let interval = hit.locus.interval;
            let words = format!("{contig}:{interval}   {strand}   {}{across}", hit.bases);
            let chosen = app.hit == Some(index);
            let response = ui.selectable_label(chosen, words);
            if response.clicked() {
                app.commands.push(Command::Place(Place::ShowHit(index)));
            }
            if response.has_focus() {
                let down = ui.input(|input| input.key_pressed(egui::Key::ArrowDown));
                let up = ui.input(|input| input.key_pressed(egui::Key::ArrowUp));
                if down || up {
                    app.commands.push(Command::Place(Place::StepHit(down)));
                }
            }
        }
    });
}
