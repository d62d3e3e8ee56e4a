//! All heads as a list that can be sorted and filtered, and the filter that cards share with it.

use super::compare::is_named;
use crate::analysis::association::Comparison;
use crate::analysis::heads::HeadReport;
use crate::attention::HeadId;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::{Command, Picture};
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::job::analyse::Analysis;
use crate::job::findings::Heads;
use crate::job::name::NamedHeads;
use egui::Ui;

/// A factor with a q below this is one that a head is found by.
const SIGNIFICANT: f64 = 0.05;

/// What is chosen in the pane of heads.
#[allow(
    clippy::struct_excessive_bools,
    reason = "a record of independent switches"
)]
#[derive(Debug)]
pub struct HeadsPane {
    /// Whether the heads are a list rather than cards.
    pub list: bool,
    /// The head beside the selected one, where two are looked at.
    pub beside: Option<HeadId>,
    /// Whether two heads are shown beside one another instead of all.
    pub pair: bool,
    words: String,
    passing: bool,
    named: bool,
    sorting: Sorting,
}

impl Default for HeadsPane {
    fn default() -> Self {
        Self {
            list: false,
            beside: None,
            pair: false,
            words: String::new(),
            passing: false,
            named: false,
            sorting: Sorting {
                column: 0,
                descending: false,
            },
        }
    }
}

const HEADS: [Column; 11] = [
    column("head", "The head", 52.0),
    column(
        "best match",
        "The known motif that its own resembles most",
        120.0,
    ),
    column(
        "q",
        "Benjamini and Hochberg's q of that match over all heads and motifs",
        70.0,
    ),
    column(
        "named",
        "Whether it has earned the name: q, and both tests on held-out start sites",
        58.0,
    ),
    column(
        "control",
        "Whether the logo passes the positional control",
        62.0,
    ),
    column("consensus", "The trimmed motif in IUPAC codes", 120.0),
    column("bits", "Information content of the trimmed motif", 56.0),
    column(
        "held out",
        "Information on start sites that were not used to cut the logo, in bits",
        66.0,
    ),
    column(
        "p",
        "Share of permutations that reach the held-out information, one added to both counts",
        64.0,
    ),
    column(
        "peak",
        "Position of the highest mean weight; +1 is the start site",
        54.0,
    ),
    column("entropy", "Mean entropy of a query's weights in bits", 64.0),
];

impl HeadsPane {
    /// Whether a head passes the filter. What is looked for may be a part of its name, of its consensus, of what it
    /// shows, of its best match, or of a factor that it stands out at.
    #[must_use]
    pub fn shows(
        &self,
        report: &HeadReport,
        names: Option<&NamedHeads>,
        comparison: Option<&Comparison>,
    ) -> bool {
        let named = names.and_then(|names| names.named(report.head));
        (!self.passing || report.summary.exceeds == Some(true))
            && (!self.named || named.is_some_and(|named| named.named))
            && (self.words.trim().is_empty() || {
                let summary = &report.summary;
                let mut texts = vec![&summary.name, &summary.consensus, &summary.shows];
                texts.extend(named.and_then(|named| Some(&named.matches.first()?.target)));
                let found = |text: &&String| is_named(&self.words, text);
                let own = (report.head.layer + 1, report.head.head + 1);
                let cells = comparison.iter().flat_map(|table| &table.cells);
                let mut factors = cells.filter(|cell| {
                    (cell.layer, cell.head) == own && cell.significance.q < SIGNIFICANT
                });
                texts.iter().any(found) || factors.any(|cell| found(&&cell.tf))
            })
    }
}

/// The best match of a head with its q; empty where no library was compared.
#[must_use]
pub fn match_words(report: &HeadReport, names: Option<&NamedHeads>) -> Option<String> {
    let named = names?.named(report.head)?;
    let best = named.matches.first()?;
    let like = if named.named { "" } else { "like " };
    Some(format!("{like}{} (q {:.0e})", best.target, best.q))
}

/// Draws the controls over cards and list.
pub fn top_ui(app: &mut App, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let pane = &mut app.heads_pane;
        for (list, words) in [(false, "Cards"), (true, "List")] {
            let chosen = !pane.pair && pane.list == list;
            if ui.selectable_label(chosen, words).clicked() {
                pane.list = list;
                pane.pair = false;
            }
        }
        let pair = ui.selectable_label(pane.pair, "Side by side");
        if pair.on_hover_text("The selected head beside another one").clicked() {
            pane.pair = true;
        }
        let label = ui.label("Filter");
        let edit = egui::TextEdit::singleline(&mut pane.words)
            .hint_text("L4H5, −10, CRP")
            .desired_width(90.0);
        ui.add(edit).labelled_by(label.id).on_hover_text(
            "Heads whose name, consensus, best match, or a factor with q < 0.05 holds these letters; several with commas",
        );
        ui.checkbox(&mut pane.passing, "passes the control")
            .on_hover_text("Only heads whose logo passes the positional control");
        ui.checkbox(&mut pane.named, "named")
            .on_hover_text("Only heads that have earned the name of a known motif");
        if ui.button("Heads against known motifs…").clicked() {
            let command = Analyse::Dialog(Analysis::Names);
            app.commands.push(Command::Analysis(command));
        }
        if app.workspace.names().is_some() && ui.button("Save table…").clicked() {
            let command = Analyse::Export(Picture::NamesTable);
            app.commands.push(Command::Analysis(command));
        }
    });
}

/// Draws the list.
pub fn list_ui(app: &mut App, ui: &mut Ui, result: &Heads) {
    let finding = app.workspace.names().cloned();
    let names = finding.as_ref().map(|finding| &finding.table);
    let reports = result.reports().iter();
    let comparison = app.workspace.comparison().cloned();
    let comparison = comparison.as_ref().map(|found| &found.table.comparison);
    let reports: Vec<&HeadReport> = reports
        .filter(|report| app.heads_pane.shows(report, names, comparison))
        .collect();
    let none = || Value::number(f64::NAN, "");
    let value = |row: usize, column: usize| {
        let report = reports[row];
        let summary = &report.summary;
        let named = names.and_then(|names| names.named(report.head));
        let best = named.and_then(|named| named.matches.first());
        let real = |value: f64| Value::number(value, format!("{value:.2}"));
        match column {
            0 => Value::Text(report.head.to_string()),
            1 => Value::Text(best.map_or_else(String::new, |best| best.target.clone())),
            2 => best.map_or_else(none, |best| {
                Value::number(best.q, format!("{:.1e}", best.q))
            }),
            3 => Value::Text(
                named
                    .map_or("", |named| if named.named { "yes" } else { "no" })
                    .to_owned(),
            ),
            4 => Value::Text(match summary.exceeds {
                Some(true) => "passes".to_owned(),
                Some(false) => "no".to_owned(),
                None => String::new(),
            }),
            5 => Value::Text(summary.consensus.clone()),
            6 => real(summary.information_content),
            7 => summary.held_out_information.map_or_else(none, real),
            8 => summary
                .p
                .map_or_else(none, |p| Value::number(p, format!("{p:.4}"))),
            9 => Value::number(
                summary.peak_position as f64,
                format!("{:+}", summary.peak_position),
            ),
            _ => real(summary.entropy),
        }
    };
    let selected = app.view.head_id();
    let listing = Listing {
        name: "heads",
        columns: &HEADS,
        rows: reports.len(),
        value: &value,
        hover: &|row| result.explain(reports[row]),
        is_weak: &|row| reports[row].summary.exceeds == Some(false),
        chosen: reports.iter().position(|report| report.head == selected),
    };
    let mut sorting = app.heads_pane.sorting;
    let clicked = listing.show(ui, &mut sorting);
    app.heads_pane.sorting = sorting;
    if let Some(row) = clicked {
        app.commands.push(Command::SelectHead(reports[row].head));
    }
}
