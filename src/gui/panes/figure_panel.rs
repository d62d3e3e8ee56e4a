//! One panel of the figure page: its place, its heading, and what it shows.

use crate::attention::{HeadId, Received};
use crate::genome::Strand;
use crate::gui::app::App;
use crate::job::figure::rule_name;
use crate::job::figure_page::describe::{
    CurveAxes, GenomePanel, MapColorRule, MapPanel, PanelDescription, PanelKind, TrackName,
};
use crate::job::figure_page::live::{COMPARISON, MUTAGENESIS};
use egui::{Align, ComboBox, DragValue, Frame, Layout, RichText, TextEdit, Ui};
use std::path::PathBuf;

/// What is asked for a panel as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// One place towards the beginning.
    Up,
    /// One place towards the end.
    Down,
    /// Off the page.
    Remove,
}

/// Draws the settings of a panel, with what is wrong with it.
pub fn panel_ui(
    app: &App,
    ui: &mut Ui,
    panel: &mut PanelDescription,
    (index, count, columns): (usize, usize, usize),
    wrong: Option<&String>,
    name: &str,
) -> Option<Edit> {
    let mut edit = None;
    let mut frame = Frame::group(ui.style());
    if wrong.is_some() {
        frame.stroke.color = ui.visuals().error_fg_color;
    }
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.push_id(index, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(title_case(name)).strong());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    for (words, what, asks, enabled) in [
                        ("×", "Remove", Edit::Remove, true),
                        ("Down", "Move down", Edit::Down, index + 1 < count),
                        ("Up", "Move up", Edit::Up, index > 0),
                    ] {
                        let button = ui.add_enabled(enabled, egui::Button::new(words).small());
                        let label = format!("{what}: {name}");
                        button.widget_info(|| {
                            egui::WidgetInfo::labeled(egui::Role::Button, enabled, &label)
                        });
                        if button.on_hover_text(what).clicked() {
                            edit = Some(asks);
                        }
                    }
                });
            });
            if let Some(wrong) = wrong {
                ui.colored_label(ui.visuals().error_fg_color, wrong);
            }
            heading(ui, panel);
            place(ui, panel, columns);
            kind_ui(app, ui, &mut panel.kind);
        });
    });
    edit
}

fn title_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// A text with its name before it.
fn text(ui: &mut Ui, name: &str, meaning: &str, value: &mut String, hint: &str) -> bool {
    ui.horizontal(|ui| {
        let label = ui.label(name).on_hover_text(meaning);
        let edit = TextEdit::singleline(value)
            .hint_text(hint)
            .desired_width(f32::INFINITY);
        ui.add(edit).labelled_by(label.id).changed()
    })
    .inner
}

fn heading(ui: &mut Ui, panel: &mut PanelDescription) {
    let mut title = panel.title.clone().unwrap_or_default();
    let meaning = "Above the panel; as usual for what it shows where this is empty";
    if text(ui, "Title", meaning, &mut title, "as usual") {
        panel.title = (!title.is_empty()).then_some(title);
    }
}

fn place(ui: &mut Ui, panel: &mut PanelDescription, columns: usize) {
    ui.horizontal_wrapped(|ui| {
        if columns > 1 {
            let label = ui.label("Columns");
            ui.add(
                DragValue::new(&mut panel.span)
                    .range(1..=columns)
                    .speed(0.05),
            )
            .labelled_by(label.id);
        }
        let mut own = panel.height_mm.is_some();
        if ui
            .checkbox(&mut own, "Height")
            .on_hover_text("As usual for what it shows where this is off")
            .changed()
        {
            panel.height_mm = own.then_some(60.0);
        }
        if let Some(height) = &mut panel.height_mm {
            let value = DragValue::new(height)
                .range(10.0..=2_000.0)
                .max_decimals(1)
                .suffix(" mm");
            let response = ui.add(value);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Height of the panel")
            });
        }
    });
}

fn kind_ui(app: &App, ui: &mut Ui, kind: &mut PanelKind) {
    match kind {
        PanelKind::GenomeView(view) => genome_ui(app, ui, view),
        PanelKind::AttentionMap(map) => map_ui(ui, map),
        PanelKind::Arcs { locus, query, .. } => {
            place_text(ui, locus);
            head_text(ui, &mut query.head);
            ui.horizontal(|ui| {
                let label = ui.label("Query");
                ui.add(DragValue::new(&mut query.position).range(1..=usize::MAX))
                    .labelled_by(label.id);
            });
        }
        PanelKind::Logo { heads } => {
            let meaning = "One head, or several below one another, aligned by the start site";
            heads_text(ui, "Heads", meaning, heads, "L4H5, L3H6", false);
        }
        PanelKind::Profile { head } => head_text(ui, head),
        PanelKind::HeadsGrid => {}
        PanelKind::CompareMatrix { data, tfs, q } => {
            data_text(ui, data, COMPARISON, "the comparison that is open");
            let meaning = "The factors that are shown; all where this is empty, and one alone as layers by heads";
            listed(ui, "Factors", meaning, tfs, "all");
            ui.horizontal(|ui| {
                let label = ui.label("Marked where q is below");
                ui.add(DragValue::new(q).range(0.0..=1.0).speed(0.005))
                    .labelled_by(label.id);
            });
        }
        PanelKind::Curves { data, axes } => {
            data_text(ui, data, "", "");
            ui.horizontal(|ui| {
                ui.selectable_value(axes, CurveAxes::Roc, "ROC")
                    .on_hover_text("True over false positive rate");
                ui.selectable_value(axes, CurveAxes::PrecisionRecall, "precision-recall")
                    .on_hover_text("Precision over recall");
            });
        }
        PanelKind::Mutagenesis { data, .. } => {
            data_text(ui, data, MUTAGENESIS, "the mutagenesis that is open");
        }
    }
}

fn place_text(ui: &mut Ui, locus: &mut String) {
    let meaning = "A locus (1-based, closed) or a gene, which comes with its promoter";
    text(ui, "Place", meaning, locus, "lacZ");
}

/// A head that is typed: taken where it is one.
fn head_text(ui: &mut Ui, head: &mut HeadId) {
    let mut heads = vec![*head];
    heads_text(ui, "Head", "Such as L4H5", &mut heads, "L4H5", false);
    if let Some(first) = heads.first() {
        *head = *first;
    }
}

/// Names with commas between them, which stay as they were typed while they say nothing else.
fn listed_as<T: Clone + PartialEq>(
    ui: &mut Ui,
    (name, meaning, hint): (&str, &str, &str),
    values: &mut Vec<T>,
    show: impl Fn(&T) -> String,
    parse: impl Fn(&str) -> Option<T>,
    may_be_empty: bool,
) {
    let id = ui.scope_id().with(name);
    let parsed = |text: &str| -> Option<Vec<T>> {
        let words = text.split([',', ' ', ';']).map(str::trim);
        words.filter(|word| !word.is_empty()).map(&parse).collect()
    };
    let own: Vec<String> = values.iter().map(show).collect();
    let typed: Option<String> = ui.data(|data| data.get_temp(id));
    let typed = typed.filter(|typed| {
        // What is being typed is no name yet, or the same list.
        parsed(typed).is_none_or(|of| of == *values || of.is_empty() && !may_be_empty)
    });
    let mut words = typed.unwrap_or_else(|| own.join(", "));
    if text(ui, name, meaning, &mut words, hint) {
        if let Some(found) = parsed(&words)
            && (may_be_empty || !found.is_empty())
        {
            *values = found;
        }
        ui.data_mut(|data| data.insert_temp(id, words));
    }
}

fn heads_text(
    ui: &mut Ui,
    name: &str,
    meaning: &str,
    heads: &mut Vec<HeadId>,
    hint: &str,
    may_be_empty: bool,
) {
    let parse = |text: &str| text.parse().ok();
    let words = (name, meaning, hint);
    listed_as(ui, words, heads, HeadId::to_string, parse, may_be_empty);
}

fn listed(ui: &mut Ui, name: &str, meaning: &str, values: &mut Vec<String>, hint: &str) {
    let parse = |text: &str| Some(text.to_owned());
    listed_as(
        ui,
        (name, meaning, hint),
        values,
        String::clone,
        parse,
        true,
    );
}

/// The table that a panel is drawn from: what is open, or a file.
fn data_text(ui: &mut Ui, data: &mut PathBuf, open: &str, words: &str) {
    let mut is_open = !open.is_empty() && data.as_os_str() == open;
    if !open.is_empty() && ui.checkbox(&mut is_open, words).changed() {
        *data = PathBuf::from(if is_open { open } else { "table.tsv" });
    }
    if !is_open {
        let mut path = data.to_string_lossy().into_owned();
        let meaning = "The path of a tab-separated table";
        if text(ui, "Table", meaning, &mut path, "/path/of/a/table.tsv") {
            *data = PathBuf::from(path.trim());
        }
    }
}

fn strand_ui(ui: &mut Ui, strand: &mut Option<Strand>) {
    for (choice, words, meaning) in [
        (Some(Strand::Forward), "+", "Read the forward strand"),
        (Some(Strand::Reverse), "−", "Read the reverse strand"),
        (None, "gene's", "Read the strand of the gene, else +"),
    ] {
        ui.selectable_value(strand, choice, words)
            .on_hover_text(meaning);
    }
}

fn genome_ui(app: &App, ui: &mut Ui, view: &mut GenomePanel) {
    place_text(ui, &mut view.locus);
    ui.horizontal_wrapped(|ui| {
        strand_ui(ui, &mut view.strand);
        let combo = ComboBox::from_id_salt("rule").selected_text(rule_name(view.rule));
        let shown = combo.show_ui(ui, |ui| {
            for rule in Received::ALL {
                ui.selectable_value(&mut view.rule, rule, rule_name(rule));
            }
        });
        shown.response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Colour of the head rows")
        });
    });
    let meaning = "Head rows, from top to bottom; all where this is empty";
    heads_text(ui, "Rows", meaning, &mut view.heads, "all heads", true);
    ui.horizontal_wrapped(|ui| {
        for (track, words) in [
            (TrackName::Sequence, "sequence"),
            (TrackName::Genes, "genes"),
            (TrackName::Sites(None), "sites"),
            (TrackName::Probability, "P(TSS)"),
            (TrackName::Heads, "head rows"),
            (TrackName::Legend, "legend"),
        ] {
            let mut on = !view.looks.hidden.contains(&track);
            if ui.checkbox(&mut on, words).changed() {
                view.looks.hidden.retain(|hidden| *hidden != track);
                if !on {
                    view.looks.hidden.push(track);
                }
            }
        }
        ui.checkbox(&mut view.scale_bar, "scale bar");
        ui.checkbox(&mut view.looks.sites_over_heads, "sites over rows")
            .on_hover_text("Outlines the known sites over the rows of the heads");
    });
    ui.horizontal_wrapped(|ui| {
        let mut marks = view.marked_head.is_some() || view.query.is_some();
        marks |= view.selected.is_some();
        if marks
            && ui
                .small_button("Without marks")
                .on_hover_text(
                    "Takes the marked head, the pinned query and the selected bases away",
                )
                .clicked()
        {
            (view.marked_head, view.query, view.selected) = (None, None, None);
        }
        if ui
            .small_button("Take the present view")
            .on_hover_text("Shows what the genome view shows now, with its tracks")
            .clicked()
            && let Some(present) = app.genome_panel()
        {
            *view = GenomePanel {
                heads: std::mem::take(&mut view.heads),
                scale_bar: view.scale_bar,
                ..present
            };
        }
    });
}

fn map_ui(ui: &mut Ui, map: &mut MapPanel) {
    place_text(ui, &mut map.locus);
    head_text(ui, &mut map.head);
    ui.horizontal_wrapped(|ui| {
        strand_ui(ui, &mut map.strand);
        for (rule, words, meaning) in [
            (
                MapColorRule::Logarithmic,
                "log",
                "The weight, by its logarithm",
            ),
            (MapColorRule::Linear, "linear", "The weight"),
            (
                MapColorRule::OverExpected,
                "over expected",
                "The weight over its mean at that distance",
            ),
        ] {
            ui.selectable_value(&mut map.colors, rule, words)
                .on_hover_text(meaning);
        }
    });
}
