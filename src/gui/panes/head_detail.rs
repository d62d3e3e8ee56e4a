//! More about the selected head: its null, known motifs, known sites, and what the model loses without it.

use crate::analysis::association::Cell;
use crate::analysis::causal::ablation::{AblationRow, Difference};
use crate::analysis::control::NullTest;
use crate::analysis::naming::HeadMatch;
use crate::attention::HeadId;
use crate::figure::logo::logo;
use crate::figure::theme::{BaseColors, Sheet};
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::theme;
use crate::job::analyse::Analysis;
use egui::{Sense, Stroke, Ui, Vec2};

/// Cells of the comparison that are listed.
const CELLS: usize = 5;

/// Where the head's held-out information lies in its null.
pub fn null_ui(ui: &mut Ui, test: &NullTest) {
    if !test.null_p99.is_finite() {
        return;
    }
    let size = Vec2::new(ui.available_width(), 34.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let words = format!(
        "Held-out information {:.2} bits, 99 % of the null {:.2} bits",
        test.observed, test.null_p99
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, words.as_str()));
    let top = 1.08 * test.observed.max(test.null_p99).max(0.1);
    let x = |bits: f64| rect.min.x + rect.width() * (bits / top).clamp(0.0, 1.0) as f32;
    let (middle, below) = (rect.min.y + 9.0, rect.max.y - 2.0);
    let visuals = ui.visuals();
    let weak = visuals.weak_text_color();
    let painter = ui.painter();
    painter.hline(
        rect.x_range(),
        middle,
        Stroke::new(1.0, visuals.widgets.noninteractive.bg_stroke.color),
    );
    let (low, high) = (
        test.null_mean - test.null_deviation,
        test.null_mean + test.null_deviation,
    );
    let band = egui::Rect::from_min_max(
        egui::pos2(x(low), middle - 4.0),
        egui::pos2(x(high), middle + 4.0),
    );
    painter.rect_filled(band, 2.0, weak.gamma_multiply(0.5));
    let p99 = x(test.null_p99);
    painter.vline(p99, middle - 8.0..=middle + 8.0, Stroke::new(1.5, weak));
    let color = if test.exceeds {
        visuals.hyperlink_color
    } else {
        weak
    };
    painter.circle_filled(egui::pos2(x(test.observed), middle), 4.0, color);
    let font = egui::FontId::proportional(egui::TextStyle::Small.resolve(ui.style()).size);
    let anchor = egui::Align2::RIGHT_BOTTOM;
    let at = egui::pos2(rect.max.x, below);
    painter.text(
        at,
        anchor,
        "dot: this head; band: null; line: its 99 %",
        font,
        weak,
    );
    response.on_hover_text(format!(
        "{words}. The band is the null's mean ± 1 standard deviation: {:.2} ± {:.2} bits.",
        test.null_mean, test.null_deviation
    ));
}

/// A button that leads to an analysis which has not been done.
fn missing(app: &mut App, ui: &mut Ui, analysis: Analysis) {
    let words = format!("{}…", analysis.title());
    let link = ui.link(words).on_hover_text(analysis.explanation());
    if link.clicked() {
        app.commands
            .push(Command::Analysis(Analyse::Dialog(analysis)));
    }
}

/// Known motifs that the head's resembles, drawn at the tested offset.
pub fn matches_ui(app: &mut App, ui: &mut Ui, head: HeadId) {
    ui.add_space(8.0);
    ui.strong("Known motifs");
    let Some(finding) = app.workspace.names().cloned() else {
        missing(app, ui, Analysis::Names);
        return;
    };
    let Some(named) = finding.table.named(head) else {
        return;
    };
    let (words, color) = match named.name() {
        Some(name) => (format!("named {name}"), ui.visuals().hyperlink_color),
        None => ("not named".to_owned(), ui.visuals().weak_text_color()),
    };
    ui.colored_label(color, words).on_hover_text(
        "A head is named where its best match has q below 0.05 over all heads and motifs, and where on start sites that \
         were not used both its information and its score against the match exceed the 99th percentile of the positional \
         control.",
    );
    for (index, found) in named.matches.iter().enumerate() {
        let title = format!("{}  q {:.1e}", found.target, found.q);
        egui::CollapsingHeader::new(title)
            .id_salt(("match", index))
            .default_open(index == 0)
            .show(ui, |ui| {
                match_ui(app, ui, finding.table.aligned(named, found), found);
            });
    }
}

fn match_ui(
    app: &mut App,
    ui: &mut Ui,
    (own, known): (crate::figure::logo::LogoData, crate::figure::logo::LogoData),
    found: &HeadMatch,
) {
    let sheet = Sheet {
        width: ui.available_width(),
        height: 104.0,
        theme: theme::figure_theme(ui.ctx().theme()),
        base_colors: BaseColors::Safe,
    };
    for (data, name) in [
        (&own, "The head's motif"),
        (&known, "The known motif, aligned"),
    ] {
        let scene = logo(data, &sheet);
        let size = Vec2::new(scene.width, scene.height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
        app.canvas.paint(&ui.painter_at(rect), rect.min, &scene);
    }
    ui.weak(format!(
        "{} of {}: offset {}, {} columns, strand {}; p {:.1e}, E {:.1e}",
        found.target, found.library, found.offset, found.overlap, found.orientation, found.p, found.e
    ))
    .on_hover_text(
        "Offset: the column of the known motif that lies at the head's first. p: how often a motif of the background does as \
         well at one motif of this length; E: at how many motifs of the libraries by chance; q: Benjamini and Hochberg over \
         all heads and motifs.",
    );
}

/// The cells of the comparison in which the head stands out most.
pub fn association_ui(app: &mut App, ui: &mut Ui, head: HeadId) {
    ui.add_space(8.0);
    ui.strong("Known sites");
    // The one that the Compare tab shows, so that a link opens the cell with the same numbers.
    let chosen = app.compare_pane.chosen(&app.workspace);
    let Some(finding) = chosen.filter(|finding| app.workspace.is_open(finding)) else {
        missing(app, ui, Analysis::Comparison);
        return;
    };
    let own = (head.layer + 1, head.head + 1);
    let cells = finding.table.comparison.cells.iter();
    let mut cells: Vec<&Cell> = cells
        .filter(|cell| (cell.layer, cell.head) == own)
        .collect();
    cells.sort_by(|a, b| {
        let far = |cell: &Cell| (cell.auroc - 0.5).abs();
        let q = a.significance.q.total_cmp(&b.significance.q);
        q.then(far(b).total_cmp(&far(a)))
    });
    for cell in cells.into_iter().take(CELLS) {
        let q = cell.significance.q;
        let words = format!(
            "{}  AUROC {:.2}  q {q:.1e}  ({} sites)",
            cell.tf, cell.auroc, cell.sites
        );
        let text = egui::RichText::new(words);
        let text = if q < 0.05 { text } else { text.weak() };
        let link = ui.link(text).on_hover_text(
            "AUROC: share of other promoters that get less attention at the same place, 0.5 is chance. Grey: q is 0.05 or more. \
             Click to see the sites.",
        );
        if link.clicked() {
            let command = Analyse::OpenCell(head, cell.tf.clone());
            app.commands.push(Command::Analysis(command));
        }
    }
}

/// What the model loses without the head.
pub fn removal_ui(app: &mut App, ui: &mut Ui, head: HeadId) {
    ui.add_space(8.0);
    ui.strong("Without this head");
    let Some(finding) = app.workspace.ablation().cloned() else {
        missing(app, ui, Analysis::Ablation);
        return;
    };
    let name = head.to_string();
    let rows = finding.table.rows.iter().filter(|row| row.heads == name);
    for (index, row) in rows.enumerate() {
        egui::Grid::new(("removal", index))
            .num_columns(2)
            .spacing([12.0, 3.0])
            .show(ui, |ui| {
                for (name, value, meaning) in removal(row) {
                    ui.weak(name).on_hover_text(meaning);
                    ui.label(value).on_hover_text(meaning);
                    ui.end_row();
                }
            });
    }
}

fn removal(row: &AblationRow) -> Vec<(&'static str, String, &'static str)> {
    let effects = &row.effects;
    let change = |difference: &Difference, digits: usize| {
        let Difference { change, low, high } = difference;
        format!("{change:+.digits$} ({low:+.digits$} to {high:+.digits$})")
    };
    let rank = |rank: Option<usize>| {
        rank.map_or(String::new(), |rank| {
            format!(", {rank} of {} in its layer", row.ranked)
        })
    };
    let loss = change(&effects.loss_change, 6);
    let precision = change(&effects.average_precision_change, 5);
    vec![
        (
            "removed",
            row.how.clone(),
            "What was done to the head: zero drops its share of the output",
        ),
        (
            "loss",
            format!("{loss}{}", rank(row.rank_by_loss)),
            "Change of the mean focal loss on a sample of the validation part, with its 95 % interval over blocks of \
             20 kb; more is worse. Rank 1 is the head of its layer that is missed most",
        ),
        (
            "average precision",
            format!("{precision}{}", rank(row.rank_by_precision)),
            "Change of the average precision on the same outputs; less is worse",
        ),
        (
            "score at start sites",
            change(&effects.score_at_start_sites, 3),
            "Mean change of logit 1 less logit 0 at known start sites",
        ),
        (
            "score elsewhere",
            format!("{:+.3}", effects.score_elsewhere),
            "The same at all other outputs",
        ),
    ]
}
