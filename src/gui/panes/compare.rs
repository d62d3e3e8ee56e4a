//! Heads against transcription factors: a matrix, a table beside it, and the sites behind a cell.

use super::analyse::null_words;
use super::compare_filters;
use super::compare_sites::{SiteFilter, cell_ui};
use crate::analysis::association::{Cell, Comparison, Null};
use crate::attention::HeadId;
use crate::figure::colormap::ColorScale;
use crate::figure::matrix::{Corners, Mark, Matrix, MatrixLayout, matrix_with};
use crate::figure::scene::{Point, Scene};
use crate::figure::theme::{Sheet, Theme};
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::{Command, Picture};
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::gui::theme;
use crate::job::analyse::{Analysis, Finding};
use crate::job::compare::{CHECKSUMS, CompareRule, Compared};
use crate::job::figure::diverging;
use crate::workspace::Workspace;
use egui::{ComboBox, DragValue, Panel, ScrollArea, Sense, Ui, Vec2};
use std::sync::Arc;

/// Cells with a q below this bear a dot.
const Q_BELOW: f64 = 0.05;

/// What is chosen in the pane.
#[derive(Debug)]
pub struct ComparePane {
    /// The comparison that is shown, where it is not the latest one, and the newest one when it was chosen: once
    /// another one arrives, that is shown.
    shown: Option<[Arc<Finding<Compared>>; 2]>,
    /// The filters that are chosen, and the comparison (its place in memory) that they were chosen over.
    pub(super) filters: Option<(usize, CompareRule)>,
    /// The factor of the open cell; its head is the selected one.
    tf: Option<String>,
    words: String,
    least_sites: usize,
    significant: bool,
    cells: Sorting,
    pub(super) sites: SiteFilter,
    drawn: Option<(DrawnOf, (Scene, MatrixLayout))>,
}

/// What a drawn matrix was made from: the places in memory of the comparison and of that under the second null, its
/// columns and whether it is dark.
type DrawnOf = ([usize; 2], Vec<String>, bool);

impl Default for ComparePane {
    fn default() -> Self {
        Self {
            shown: None,
            filters: None,
            tf: None,
            words: String::new(),
            least_sites: 1,
            significant: false,
            cells: Sorting {
                column: 6,
                descending: false,
            },
            sites: SiteFilter::default(),
            drawn: None,
        }
    }
}

impl ComparePane {
    /// Shows this comparison until another one arrives.
    pub(super) fn choose(&mut self, finding: &Arc<Finding<Compared>>, workspace: &Workspace) {
        let newest = workspace.findings.comparisons.all().last();
        let newest = newest.unwrap_or(finding);
        self.shown = Some([Arc::clone(finding), Arc::clone(newest)]);
    }

    /// Opens the cell of the selected head and this factor.
    pub fn open_cell(&mut self, tf: String) {
        self.tf = Some(tf);
    }

    /// Shows all cells again.
    pub fn close_cell(&mut self) {
        self.tf = None;
    }

    /// The factor of the open cell; its head is the selected one.
    #[must_use]
    pub fn open_tf(&self) -> Option<&str> {
        self.tf.as_deref()
    }

    /// Shows only cells whose head or factor is called so.
    pub fn filter(&mut self, words: String) {
        self.words = words;
        self.tf = None;
    }

    /// Lists the cells with the largest effect first.
    pub fn sort_by_effect(&mut self) {
        self.tf = None;
        self.cells = Sorting {
            column: EFFECT,
            descending: true,
        };
    }

    /// The comparison that is shown: the chosen one until another one arrives, else the latest of the open model,
    /// else the latest.
    #[must_use]
    pub fn chosen(&self, workspace: &Workspace) -> Option<Arc<Finding<Compared>>> {
        let all = workspace.findings.comparisons.all();
        let chosen = self.shown.as_ref().and_then(|[shown, newest]| {
            all.last().filter(|last| Arc::ptr_eq(last, newest))?;
            let mut same = all.iter();
            same.find(|other| Arc::ptr_eq(other, shown))
        });
        let latest = || workspace.comparison().or_else(|| all.last());
        chosen.or_else(latest).cloned()
    }
}

/// A comparison in a few words.
fn words_of(finding: &Finding<Compared>) -> String {
    let null = finding.table.comparison.null;
    let evidence = match finding.stated("least evidence") {
        "any" | "" => String::new(),
        least => format!(", {least} evidence"),
    };
    let part: String = ["part", "strand", "region"]
        .map(|name| match finding.stated(name) {
            "all" | "both" | "" => String::new(),
            part => format!(", {part}"),
        })
        .concat();
    format!(
        "{} × {}, {}{evidence}{part}",
        finding.basis.model_name,
        finding.stated("sites"),
        null_words(null)
    )
}

/// Draws the pane.
pub fn show(app: &mut App, ui: &mut Ui) {
    let Some(finding) = app.compare_pane.chosen(&app.workspace) else {
        waiting(app, ui, Analysis::Comparison);
        return;
    };
    top_ui(app, ui, &finding);
    compare_filters::show(app, ui, &finding);
    let table = &finding.table.comparison;
    let tfs = shown_tfs(&app.compare_pane, table);
    let half = (ui.available_width() * 0.46).max(200.0);
    Panel::left("comparison matrix")
        .resizable(true)
        .default_size(half)
        .size_range(160.0..=1_400.0)
        .show(ui, |ui| matrix_ui(app, ui, &finding, &tfs));
    let tf = app.compare_pane.tf.clone();
    let open = tf.filter(|tf| table.cell(app.view.head_id(), tf).is_some());
    match open {
        Some(tf) => cell_ui(app, ui, &finding, &tf),
        None => cells_ui(app, ui, table, &tfs),
    }
}

/// What stands in a tab until its analysis has been done.
pub fn waiting(app: &mut App, ui: &mut Ui, analysis: Analysis) {
    ui.vertical_centered(|ui| {
        ui.add_space(24.0);
        let running = app.jobs.running().iter();
        if let Some(job) = running.clone().find(|job| job.label == analysis.title()) {
            ui.label(format!("{}: being computed.", analysis.title()));
            let share = job.progress.share().unwrap_or(0.0);
            let bar = egui::ProgressBar::new(share).desired_width(320.0);
            ui.add(bar.show_percentage());
            if ui.button("Stop").clicked() {
                app.commands.push(Command::CancelJob(job.id));
            }
            return;
        }
        ui.label(analysis.explanation());
        ui.weak("It has not been done for this genome and model.");
        ui.add_space(4.0);
        if ui.button(format!("{}…", analysis.title())).clicked() {
            app.commands
                .push(Command::Analysis(Analyse::Dialog(analysis)));
        }
    });
}

fn top_ui(app: &mut App, ui: &mut Ui, finding: &Arc<Finding<Compared>>) {
    ui.horizontal_wrapped(|ui| {
        let all = app.workspace.findings.comparisons.all();
        if all.len() > 1 {
            ComboBox::from_id_salt("comparison")
                .selected_text(words_of(finding))
                .show_ui(ui, |ui| {
                    for other in all.iter().rev() {
                        let own = Arc::ptr_eq(other, finding);
                        if ui.selectable_label(own, words_of(other)).clicked() {
                            app.compare_pane.choose(other, &app.workspace);
                        }
                    }
                })
                .response
                .widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Comparison")
                });
        } else {
            ui.strong(words_of(finding));
        }
        if !app.workspace.is_open(finding) {
            ui.colored_label(ui.visuals().warn_fg_color, "of another model")
                .on_hover_text(format!(
                    "Computed with the model {}",
                    finding.basis.model_name
                ));
        }
        let pane = &mut app.compare_pane;
        let label = ui.label("Filter");
        let edit = egui::TextEdit::singleline(&mut pane.words)
            .hint_text("CRP, L4H5")
            .desired_width(90.0);
        ui.add(edit).labelled_by(label.id).on_hover_text(
            "Transcription factors and heads whose names hold these letters; several with commas",
        );
        let label = ui.label("Least sites");
        ui.add(DragValue::new(&mut pane.least_sites).range(1..=10_000))
            .labelled_by(label.id)
            .on_hover_text(
                "Hides factors with fewer counted sites; q and p_max stay those of the whole table",
            );
        ui.checkbox(&mut pane.significant, "q < 0.05")
            .on_hover_text("Only factors and cells with a q below 0.05");
        if ui.button("Compare again…").clicked() {
            let command = Analyse::Dialog(Analysis::Comparison);
            app.commands.push(Command::Analysis(command));
        }
        for (words, picture) in [
            ("Save table…", Picture::ComparisonTable),
            ("Save sites…", Picture::ComparedSites),
            ("Save picture…", Picture::Comparison),
        ] {
            if ui.button(words).clicked() {
                app.commands
                    .push(Command::Analysis(Analyse::Export(picture)));
            }
        }
        let table = &finding.table.comparison;
        // The filters below say which evidence; where there are none, this does.
        let evidence = match finding.table.rule {
            Some(_) => String::new(),
            None => format!("; evidence: {}", finding.stated("least evidence")),
        };
        ui.weak(format!(
            "{} promoters of {}{evidence}",
            table.promoters.len(),
            finding.table.anchors,
        ))
        .on_hover_ui(|ui| {
            for (name, value) in finding.provenance.entries() {
                ui.label(format!("{name}: {value}"));
            }
        });
    });
    ui.add_space(2.0);
}

/// Whether a name holds one of the words that are looked for.
pub(super) fn is_named(words: &str, name: &str) -> bool {
    // Keyboards have a hyphen where the program writes a minus.
    let plain = |text: &str| text.to_lowercase().replace('−', "-");
    let name = plain(name);
    let mut words = words
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words.any(|word| name.contains(&plain(word)))
}

/// The words of a filter that name factors, and those that name heads.
fn parted(words: &str) -> (String, String) {
    let words = words
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let is_head = |word: &&str| {
        let rest = word.trim_start_matches(['L', 'l', 'H', 'h']);
        rest.len() < word.len() && rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let (heads, tfs): (Vec<&str>, Vec<&str>) = words.partition(is_head);
    (tfs.join(","), heads.join(","))
}

fn shown_tfs(pane: &ComparePane, table: &Comparison) -> Vec<String> {
    let (named, _) = parted(&pane.words);
    let found = |tf: &str| {
        let mut cells = table.cells.iter().filter(|cell| cell.tf == tf);
        cells.any(|cell| cell.significance.q < Q_BELOW)
    };
    table
        .tfs
        .iter()
        .filter(|tf| tf.tested && tf.counted >= pane.least_sites)
        .filter(|tf| named.is_empty() || is_named(&named, &tf.tf))
        .filter(|tf| !pane.significant || found(&tf.tf))
        .map(|tf| tf.tf.clone())
        .collect()
}

/// A null in words that follow "where".
fn null_verb(null: Null) -> &'static str {
    match null {
        Null::Promoter => "promoters are permuted",
        Null::Shift => "all sites are shifted",
        Null::Matched => "windows are matched",
        Null::Shuffle => "genomes are shuffled",
    }
}

/// The latest comparison of the same model with the same sites under another null, the promoters' or the shift's.
fn second(workspace: &Workspace, finding: &Finding<Compared>) -> Option<Arc<Finding<Compared>>> {
    let own = finding.table.comparison.null;
    let same = |other: &&Arc<Finding<Compared>>| {
        let null = other.table.comparison.null;
        let stated = [
            "sites",
            "anchors",
            "least evidence",
            "part",
            "strand",
            "region",
            "conditional",
        ];
        null != own
            && matches!(null, Null::Promoter | Null::Shift)
            && other.basis == finding.basis
            && stated
                .iter()
                .chain(&CHECKSUMS)
                .all(|name| other.stated(name) == finding.stated(name))
    };
    let all = workspace.findings.comparisons.all();
    all.iter().rev().find(same).cloned()
}

/// The matrix of a comparison.
fn picture(
    table: &Comparison,
    second: Option<&Comparison>,
    tfs: &[String],
    theme: Theme,
    title: &str,
) -> (Scene, MatrixLayout) {
    let heads: Vec<String> = table.shape().all().map(|head| head.to_string()).collect();
    let shown: Vec<Option<&Cell>> = table
        .shape()
        .all()
        .flat_map(|head| tfs.iter().map(move |tf| table.cell(head, tf)))
        .collect();
    let value = |cell: Option<&Cell>| cell.map_or(f32::NAN, |cell| (cell.auroc - 0.5) as f32);
    let values: Vec<f32> = shown.iter().copied().map(value).collect();
    let mark = |cell: Option<&Cell>| match cell {
        Some(cell) if cell.significance.p_max < Q_BELOW => Mark::Strong,
        Some(cell) if cell.significance.q < Q_BELOW => Mark::Weak,
        _ => Mark::None,
    };
    let marks: Vec<Mark> = shown.iter().copied().map(mark).collect();
    let far = table.cells.iter().map(|cell| (cell.auroc - 0.5).abs());
    let far = far.fold(0.05, f64::max) as f32;
    let null = null_verb(table.null);
    let rules = [
        format!("q < 0.05 where {null}"),
        "p_max < 0.05: beyond the largest of the whole table by chance".to_owned(),
    ];
    let of = Matrix {
        title,
        rows: &heads,
        columns: tfs,
        values: &values,
        marks: &marks,
        numbers: false,
        scale: ColorScale::linear(diverging(theme == Theme::Dark), -far, far),
        rule: "AUROC − 0.5: 0 is chance, above it looks at the sites, below it away",
        mark_rules: [&rules[0], &rules[1]],
        caption: "",
    };
    let is_marked = |second: &Comparison, head: HeadId, tf: &String| {
        let cell = second.cell(head, tf);
        cell.is_some_and(|cell| cell.significance.q < Q_BELOW)
    };
    let mut corners = Vec::new();
    if let Some(second) = second {
        for head in table.shape().all() {
            corners.extend(tfs.iter().map(|tf| is_marked(second, head, tf)));
        }
    }
    let rule = second.map_or_else(String::new, |second| {
        format!("q < 0.05 where {}", null_verb(second.null))
    });
    let corners = Corners {
        cells: &corners,
        rule: &rule,
    };
    let sheet = Sheet::of_cells(heads.len(), tfs.len(), theme);
    matrix_with(&of, corners, &sheet)
}

fn matrix_ui(app: &mut App, ui: &mut Ui, finding: &Arc<Finding<Compared>>, tfs: &[String]) {
    let table = &finding.table.comparison;
    if tfs.is_empty() {
        ui.weak("No transcription factor passes the filter.");
        return;
    }
    let theme = theme::figure_theme(ui.ctx().theme());
    let second = second(&app.workspace, finding);
    let second_at = second.as_ref().map_or(0, |other| Arc::as_ptr(other).addr());
    let drawn_of = (
        [Arc::as_ptr(finding).addr(), second_at],
        tfs.to_vec(),
        theme == Theme::Dark,
    );
    let is_drawn = |(of, _): &(DrawnOf, (Scene, MatrixLayout))| *of == drawn_of;
    if !app.compare_pane.drawn.as_ref().is_some_and(is_drawn) {
        let second = second.as_ref().map(|other| &other.table.comparison);
        let drawn = picture(table, second, tfs, theme, "");
        app.compare_pane.drawn = Some((drawn_of, drawn));
    }
    let Some((drawn_of, (scene, layout))) = app.compare_pane.drawn.take() else {
        return;
    };
    ScrollArea::both()
        .id_salt("matrix")
        .auto_shrink(false)
        .show(ui, |ui| {
            let (rect, response) =
                ui.allocate_exact_size(Vec2::new(scene.width, scene.height), Sense::click());
            response.widget_info(|| {
                let words = "Heads and transcription factors: AUROC of every cell";
                egui::WidgetInfo::labeled(egui::Role::Image, true, words)
            });
            app.canvas.paint(&ui.painter().clone(), rect.min, &scene);
            let pointed = response.hover_pos().or(response.interact_pointer_pos());
            let head = app.view.head_id();
            let under = pointed.and_then(|at| {
                layout.cell_at(Point {
                    x: at.x - rect.min.x,
                    y: at.y - rect.min.y,
                })
            });
            let tf = app.compare_pane.tf.as_ref();
            let column = tf.and_then(|tf| tfs.iter().position(|other| other == tf));
            let own = column.map(|column| layout.cell(table.shape().row(head), column));
            if let Some(own) = own {
                let at = egui::Rect::from_min_size(
                    rect.min + Vec2::new(own.x, own.y),
                    Vec2::new(own.width, own.height),
                );
                let stroke = egui::Stroke::new(2.0, ui.visuals().text_color());
                ui.painter()
                    .rect_stroke(at, 1.0, stroke, egui::StrokeKind::Outside);
            }
            if let Some((row, column)) = under {
                let (head, tf) = (table.shape().head(row), &tfs[column]);
                if response.clicked() {
                    let command = Analyse::OpenCell(head, tf.clone());
                    app.commands.push(Command::Analysis(command));
                }
                if let Some(cell) = table.cell(head, tf) {
                    response.on_hover_text_at_pointer(format!(
                        "{}\nClick to see its sites.",
                        explained(cell)
                    ));
                }
            }
        });
    app.compare_pane.drawn = Some((drawn_of, (scene, layout)));
}

/// A cell in words.
pub fn explained(cell: &Cell) -> String {
    format!(
        "L{}H{} × {}: AUROC {:.2} ({:.2} to {:.2}), effect {:+.4}, over {} sites; q {:.2e}, p_max {:.2e}",
        cell.layer,
        cell.head,
        cell.tf,
        cell.auroc,
        cell.auroc_low,
        cell.auroc_high,
        cell.effect,
        cell.sites,
        cell.significance.q,
        cell.significance.p_max,
    )
}

/// The column of the effect.
const EFFECT: usize = 9;

const CELLS: [Column; 11] = [
    column("head", "The head", 52.0),
    column("TF", "The transcription factor", 68.0),
    column(
        "sites",
        "Sites that are counted: seen as a whole from their promoter's query",
        52.0,
    ),
    column(
        "AUROC",
        "Share of other promoters that get less attention at the same place, averaged over the sites: 0.5 is chance",
        64.0,
    ),
    column(
        "low",
        "Lower end of the 95 % interval of the AUROC, over blocks of 20 kb",
        58.0,
    ),
    column("high", "Upper end of that interval", 58.0),
    column("q", "Benjamini and Hochberg's q over the whole table", 80.0),
    column(
        "p_max",
        "Share of draws whose most extreme cell of the whole table reaches this one",
        80.0,
    ),
    column(
        "p",
        "Share of draws at least as far out, one added to both counts",
        80.0,
    ),
    column("effect", "AUROC less its mean under the null", 68.0),
    column(
        "z",
        "How many standard deviations of the null the statistic lies above its mean",
        64.0,
    ),
];

/// The cells that pass the filter.
fn shown_cells<'a>(pane: &ComparePane, table: &'a Comparison, tfs: &[String]) -> Vec<&'a Cell> {
    let (_, heads) = parted(&pane.words);
    table
        .cells
        .iter()
        .filter(|cell| tfs.contains(&cell.tf))
        .filter(|cell| !pane.significant || cell.significance.q < Q_BELOW)
        .filter(|cell| {
            heads.is_empty() || is_named(&heads, &format!("L{}H{}", cell.layer, cell.head))
        })
        .collect()
}

/// What stands in a column; the same digits as in the table that is saved.
fn value_of(cell: &Cell, column: usize) -> Value {
    let null = &cell.significance;
    let number = |value: f64, shown: String| Value::number(value, shown);
    match column {
        0 => Value::Text(format!("L{}H{}", cell.layer, cell.head)),
        1 => Value::Text(cell.tf.clone()),
        2 => Value::count(cell.sites),
        3 => number(cell.auroc, format!("{:.4}", cell.auroc)),
        4 => number(cell.auroc_low, format!("{:.4}", cell.auroc_low)),
        5 => number(cell.auroc_high, format!("{:.4}", cell.auroc_high)),
        6 => number(null.q, format!("{:.3e}", null.q)),
        7 => number(null.p_max, format!("{:.3e}", null.p_max)),
        8 => number(null.p, format!("{:.3e}", null.p)),
        EFFECT => number(cell.effect, format!("{:+.4}", cell.effect)),
        _ => number(null.z, format!("{:+.3}", null.z)),
    }
}

fn head_of(table: &Comparison, cell: &Cell) -> HeadId {
    let row = (cell.layer - 1) * table.heads + cell.head - 1;
    table.shape().head(row)
}

/// Head and factor of the first of the cells as they are filtered and sorted.
#[must_use]
pub fn first_cell(app: &App) -> Option<(HeadId, String)> {
    let finding = app.compare_pane.chosen(&app.workspace)?;
    let table = &finding.table.comparison;
    let tfs = shown_tfs(&app.compare_pane, table);
    let cells = shown_cells(&app.compare_pane, table, &tfs);
    let listing = Listing {
        name: "cells",
        columns: &CELLS,
        rows: cells.len(),
        value: &|row, column| value_of(cells[row], column),
        hover: &|_| String::new(),
        is_weak: &|_| false,
        chosen: None,
    };
    let first = *listing.order(app.compare_pane.cells).first()?;
    Some((head_of(table, cells[first]), cells[first].tf.clone()))
}

fn cells_ui(app: &mut App, ui: &mut Ui, table: &Comparison, tfs: &[String]) {
    let cells = shown_cells(&app.compare_pane, table, tfs);
    ui.horizontal(|ui| {
        ui.strong(format!("{} cells", cells.len()));
        ui.weak("Click one to see its sites; a column's name sorts.");
    });
    let listing = Listing {
        name: "cells",
        columns: &CELLS,
        rows: cells.len(),
        value: &|row, column| value_of(cells[row], column),
        hover: &|row| explained(cells[row]),
        is_weak: &|row| cells[row].significance.q >= Q_BELOW,
        chosen: None,
    };
    let mut sorting = app.compare_pane.cells;
    let clicked = listing.show(ui, &mut sorting);
    app.compare_pane.cells = sorting;
    if let Some(row) = clicked {
        let (head, tf) = (head_of(table, cells[row]), cells[row].tf.clone());
        let command = Analyse::OpenCell(head, tf);
        app.commands.push(Command::Analysis(command));
    }
}

/// The matrix as a picture of its own.
#[must_use]
pub fn export_scene(app: &App) -> Option<Scene> {
    let finding = app.compare_pane.chosen(&app.workspace)?;
    let table = &finding.table.comparison;
    let tfs = shown_tfs(&app.compare_pane, table);
    let theme = if app.dark { Theme::Dark } else { Theme::Light };
    let title = words_of(&finding);
    let second = second(&app.workspace, &finding);
    let second = second.as_ref().map(|other| &other.table.comparison);
    (!tfs.is_empty()).then(|| picture(table, second, &tfs, theme, &title).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_tells_heads_from_factors() {
        assert_eq!(
            parted("CRP, L4H5,h3, LacI , HNS"),
            ("CRP,LacI,HNS".to_owned(), "L4H5,h3".to_owned())
        );
        assert!(is_named("crp,lac", "LacI"));
        assert!(!is_named("", "LacI"));
        assert!(!is_named("CRP", "Fis"));
    }
}
