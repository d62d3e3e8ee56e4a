//! Novel sites: peaks of attention where nothing is known, with their false discovery rates.

use super::compare::{is_named, waiting};
use crate::genome::{Interval, Strand};
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::{Command, Picture};
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::job::analyse::Analysis;
use crate::job::novel::NovelSite;
use egui::{DragValue, Ui};
use std::sync::Arc;

/// What is chosen in the pane.
#[derive(Debug)]
pub struct NovelPane {
    words: String,
    most_fdr: f64,
    sorting: Sorting,
}

impl Default for NovelPane {
    fn default() -> Self {
        Self {
            words: String::new(),
            most_fdr: 1.0,
            sorting: Sorting {
                column: 5,
                descending: false,
            },
        }
    }
}

const SITES: [Column; 11] = [
    column("head", "The head whose attention peaks here", 52.0),
    column("left", "First base, 1-based", 80.0),
    column("right", "Last base; the peak lies in the middle", 80.0),
    column("strand", "The strand that was read", 54.0),
    column("score", "Attention that the peak receives", 84.0),
    column(
        "FDR",
        "Estimated share of false sites among those of this head with at least this score, from shuffled genomes",
        84.0,
    ),
    column("gene", "The nearest gene", 76.0),
    column("distance", "Bases to it", 68.0),
    column(
        "start site",
        "The nearest start site that it may act on, or else the nearest",
        90.0,
    ),
    column(
        "from it",
        "Where the peak lies relative to that start site, which is +1",
        62.0,
    ),
    column(
        "known",
        "Whether that start site is annotated; else the model predicts it",
        60.0,
    ),
];

/// Draws the pane.
#[allow(
    clippy::too_many_lines,
    reason = "controls, columns and links of one list"
)]
pub fn show(app: &mut App, ui: &mut Ui) {
    let Some(finding) = app.workspace.novel().cloned() else {
        waiting(app, ui, Analysis::Novel);
        return;
    };
    let table = &finding.table;
    ui.horizontal_wrapped(|ui| {
        let pane = &mut app.novel_pane;
        let label = ui.label("Filter");
        let edit = egui::TextEdit::singleline(&mut pane.words)
            .hint_text("lacZ, L4H5")
            .desired_width(110.0);
        ui.add(edit)
            .labelled_by(label.id)
            .on_hover_text("Genes and heads whose names hold these letters; several with commas");
        let label = ui.label("Largest FDR");
        ui.add(
            DragValue::new(&mut pane.most_fdr)
                .speed(0.005)
                .range(0.0..=1.0),
        )
        .labelled_by(label.id);
        if ui.button("Look again…").clicked() {
            let command = Analyse::Dialog(Analysis::Novel);
            app.commands.push(Command::Analysis(command));
        }
        if ui
            .button("Save sites…")
            .on_hover_text("As TSV, BED or GFF3, by the ending of the name")
            .clicked()
        {
            let command = Analyse::Export(Picture::NovelSites);
            app.commands.push(Command::Analysis(command));
        }
    });
    ui.label(egui::RichText::new(table.caption()).small().weak());
    let (words, most) = (app.novel_pane.words.clone(), app.novel_pane.most_fdr);
    let is_shown = |site: &&NovelSite| {
        let gene = site.gene.as_deref().unwrap_or("");
        let named =
            words.trim().is_empty() || is_named(&words, &site.name) || is_named(&words, gene);
        named && site.fdr <= most
    };
    let sites: Vec<&NovelSite> = table.sites.iter().filter(is_shown).collect();
    ui.strong(format!("{} of {} sites", sites.len(), table.sites.len()));
    let genome = Arc::clone(&app.workspace.genome);
    let place = |site: &NovelSite| {
        let contig = genome.contig_index(&site.contig)?;
        Some((contig, Interval::new(site.left - 1, site.right)))
    };
    let value = |row: usize, column: usize| {
        let site = sites[row];
        let text = |text: Option<String>| Value::Text(text.unwrap_or_default());
        match column {
            0 => Value::Text(site.name.clone()),
            1 => Value::count(site.left),
            2 => Value::count(site.right),
            3 => Value::Text(site.strand.to_string()),
            4 => Value::number(f64::from(site.score), format!("{:.4}", site.score)),
            5 => Value::number(site.fdr, format!("{:.4}", site.fdr)),
            6 => text(site.gene.clone()),
            7 => site
                .gene_distance
                .map_or(Value::number(f64::NAN, ""), Value::count),
            8 => site
                .tss
                .zip(site.tss_strand)
                .map_or(Value::number(f64::NAN, ""), |(tss, strand)| {
                    Value::number(tss as f64, format!("{tss}{strand}"))
                }),
            9 => site
                .tss_position
                .map_or(Value::number(f64::NAN, ""), |position| {
                    Value::number(position as f64, format!("{position:+}"))
                }),
            _ => text(site.tss_is_known.map(|known| {
                let word = if known { "yes" } else { "predicted" };
                word.to_owned()
            })),
        }
    };
    let chosen = app.view.selection.and_then(|selection| {
        let at = Some((selection.contig, selection.interval));
        sites.iter().position(|site| place(site) == at)
    });
    let listing = Listing {
        name: "novel sites",
        columns: &SITES,
        rows: sites.len(),
        value: &value,
        hover: &|_| "Click to go there".to_owned(),
        is_weak: &|_| false,
        chosen,
    };
    let mut sorting = app.novel_pane.sorting;
    let clicked = listing.show(ui, &mut sorting);
    app.novel_pane.sorting = sorting;
    if let Some(site) = clicked.map(|row| sites[row])
        && let Some((contig, interval)) = place(site)
    {
        if let Ok(head) = site.name.parse() {
            app.commands.push(Command::SelectHead(head));
        }
        let strand = Strand::from_sign(&site.strand.to_string());
        app.commands.push(Command::Analysis(Analyse::ShowSite {
            contig,
            interval,
            strand,
            start: None,
        }));
    }
}
