//! The panel on the left: what is open, and which transcription factors are shown.

use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::canvas::color32;
use crate::gui::command::Command;
use crate::gui::theme;
use egui::{Panel, ScrollArea, Ui};

/// Draws the panel.
pub fn show(app: &mut App, ui: &mut Ui) {
    Panel::left("open")
        .resizable(true)
        .default_size(196.0)
        .size_range(140.0..=400.0)
        .show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                what_is_open(app, ui);
                ui.add_space(12.0);
                transcription_factors(app, ui);
            });
        });
}

fn entry(ui: &mut Ui, what: &str, name: &str, detail: &str) {
    ui.add_space(8.0);
    ui.weak(what);
    ui.add(egui::Label::new(name).truncate());
    ui.add(egui::Label::new(egui::RichText::new(detail).small().weak()).wrap());
}

fn what_is_open(app: &mut App, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.heading("Open");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.small_button("Open a file…").clicked() {
                app.commands.push(Command::OpenDialog);
            }
        });
    });
    let workspace = &app.workspace;
    let genome = &workspace.genome;
    let contigs = if genome.contigs.len() == 1 {
        "1 contig".to_owned()
    } else {
        format!("{} contigs", genome.contigs.len())
    };
    entry(
        ui,
        "Genome",
        &genome.name,
        &format!("{} bp, {contigs}", grouped(genome.len())),
    );
    let features = workspace.features.all().len();
    let detail = if features == 0 {
        "None. Open a GFF3 or BED file of this genome.".to_owned()
    } else {
        format!("{} features", grouped(features))
    };
    entry(ui, "Annotation", "Genes", &detail);
    let config = workspace.model.config();
    entry(
        ui,
        "Model",
        workspace.model.name(),
        &format!(
            "{} layers × {} heads, context {}",
            config.layers, config.heads, config.context
        ),
    );
    match &workspace.anchors {
        Some(anchors) => entry(
            ui,
            "Start sites",
            &anchors.name,
            &format!("{} TSSs", grouped(anchors.anchors.len())),
        ),
        None => entry(
            ui,
            "Start sites",
            "None open",
            "Logos use the model's own top predictions instead.",
        ),
    }
    for sites in &workspace.sites {
        entry(
            ui,
            "Known sites",
            &sites.name,
            &format!(
                "{} sites of {} TFs",
                grouped(sites.sites.len()),
                sites.tfs().len()
            ),
        );
    }
    if workspace.sites.is_empty() {
        entry(
            ui,
            "Known sites",
            "None open",
            "Open RegulonDB's TF-RISet.tsv, a BED or a GFF3 file.",
        );
    }
    for library in &workspace.motifs {
        let detail = format!("{}: {}", library.format, grouped(library.len()));
        entry(ui, "Motifs", &library.name, &detail);
    }
}

fn transcription_factors(app: &mut App, ui: &mut Ui) {
    let mut tfs: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for sites in &app.workspace.sites {
        for (tf, count) in sites.tfs() {
            *tfs.entry(tf).or_default() += count;
        }
    }
    if tfs.is_empty() {
        return;
    }
    let mut tfs: Vec<(String, usize)> = tfs.into_iter().collect();
    tfs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ui.horizontal(|ui| {
        ui.heading("TFs");
        if tfs.len() > 1 {
            if ui.small_button("All").clicked() {
                app.view.hidden_tfs.clear();
            }
            if ui.small_button("None").clicked() {
                app.view.hidden_tfs = tfs.iter().map(|(tf, _)| tf.clone()).collect();
            }
        }
    });
    let figure_theme = theme::figure_theme(ui.ctx().theme());
    for (tf, count) in &tfs {
        ui.horizontal(|ui| {
            let (mark, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), egui::Sense::hover());
            ui.painter()
                .rect_filled(mark, 2.0, color32(figure_theme.tf(tf)));
            let mut shown = !app.view.hidden_tfs.contains(tf);
            if ui.checkbox(&mut shown, tf).changed() {
                if shown {
                    app.view.hidden_tfs.remove(tf);
                } else {
                    app.view.hidden_tfs.insert(tf.clone());
                }
            }
            ui.weak(count.to_string());
        });
    }
}
