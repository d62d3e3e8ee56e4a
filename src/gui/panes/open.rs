//! The panel on the left: what is open, and which transcription factors are shown.

use super::{bookmarks, tfs, tracks};
use crate::genome::locus::grouped;
use crate::gui::app::App;
use crate::gui::command::Command;
use egui::{Panel, ScrollArea, Ui};

/// What was typed into the lists of the panel.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    tf_filter: String,
    renaming: Option<bookmarks::Renaming>,
}

/// Draws the panel.
pub fn show(app: &mut App, ui: &mut Ui) {
    Panel::left("open")
        .resizable(true)
        .default_size(216.0)
        .size_range(160.0..=400.0)
        .show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                section(ui, "Open", |ui| what_is_open(app, ui));
                let mut lists = std::mem::take(&mut app.lists);
                section(ui, "Transcription factors", |ui| {
                    tfs::show(app, ui, &mut lists.tf_filter);
                });
                section(ui, "Tracks", |ui| tracks::show(app, ui));
                section(ui, "Bookmarks", |ui| {
                    bookmarks::show(app, ui, &mut lists.renaming);
                });
                app.lists = lists;
            });
        });
}

/// A part of the panel that can be folded away.
fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    egui::CollapsingHeader::new(egui::RichText::new(title).heading())
        .id_salt(title)
        .default_open(true)
        .show_unindented(ui, content);
    ui.add_space(8.0);
}

/// One line: what it is, and its name; hovering tells more.
fn entry(ui: &mut Ui, what: &str, name: &str, detail: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add(egui::Label::new(egui::RichText::new(what).weak().small()))
            .on_hover_text(detail);
        ui.add(egui::Label::new(name).truncate())
            .on_hover_text(format!("{name}\n{detail}"));
    });
}

fn what_is_open(app: &mut App, ui: &mut Ui) {
    if ui
        .small_button("Open a file…")
        .on_hover_text("A genome, an annotation, sites, start sites, motifs or a model (Ctrl+O)")
        .clicked()
    {
        app.commands.push(Command::OpenDialog);
    }
    let workspace = &app.workspace;
    let genome = &workspace.genome;
    let contigs = if genome.contigs.len() == 1 {
        "1 contig".to_owned()
    } else {
        format!(
            "{} contigs",
            crate::genome::locus::grouped(genome.contigs.len())
        )
    };
    entry(
        ui,
        "Genome",
        &genome.name,
        &format!("{} bp, {contigs}", grouped(genome.len())),
    );
    let features = workspace.features.all().len();
    let detail = if features == 0 {
        "none open".to_owned()
    } else {
        format!("{} features", grouped(features))
    };
    let more = "Genes and other features; open a GFF3, GenBank or BED file for others.";
    entry(ui, "Annotation", &detail, more);
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
            &format!("{} sites", grouped(sites.sites.len())),
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
