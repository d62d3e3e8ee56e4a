//! Filters of the comparison that change its numbers: others than those that it was made with are compared anew.

use crate::genome::Strand;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::job::analyse::{Analysis, Asked, Finding, region_words};
use crate::job::compare::{CompareRule, Compared, Part, evidence_word};
use crate::sites::Evidence;
use egui::{ComboBox, Ui};
use std::sync::Arc;

/// Draws the filters. What is shown below is always of the filters that it was made with: others bring another
/// comparison that is kept, or a button that makes it.
pub fn show(app: &mut App, ui: &mut Ui, finding: &Arc<Finding<Compared>>) {
    let Some(own) = finding.table.rule else {
        return;
    };
    let place = Arc::as_ptr(finding).addr();
    let chosen = app.compare_pane.filters.filter(|(of, _)| *of == place);
    let mut rule = chosen.map_or(own, |(_, rule)| rule);
    ui.horizontal_wrapped(|ui| {
        ui.weak("Compared with").on_hover_text(
            "Which sites and promoters are compared. Every number depends on them, so that another choice is compared anew",
        );
        choices_ui(app, ui, &mut rule);
        app.compare_pane.filters = (rule != own).then_some((place, rule));
        let mut running = app.jobs.running().iter();
        let is_running = running.any(|job| job.label == Analysis::Comparison.title());
        if is_running {
            ui.weak("Another comparison is being made…");
        }
        if rule == own {
            return;
        }
        if let Some(kept) = kept(app, finding, rule) {
            app.compare_pane.choose(&kept);
            app.compare_pane.filters = None;
            return;
        }
        anew_ui(app, ui, finding, asked(app, finding, rule), is_running);
    });
    ui.add_space(2.0);
}

fn choices_ui(app: &App, ui: &mut Ui, rule: &mut CompareRule) {
    let evidence = |least: Evidence| match least {
        Evidence::Unknown => "any evidence".to_owned(),
        least => format!("{} or better", evidence_word(least)),
    };
    let all = [
        Evidence::Unknown,
        Evidence::Weak,
        Evidence::Strong,
        Evidence::Confirmed,
    ];
    choice(
        ui,
        "Least evidence compared",
        &mut rule.evidence,
        &all,
        evidence,
    );
    let part = |part: Option<Part>| match part {
        None => "all parts".to_owned(),
        Some(Part::HeldOut) => "held-out only".to_owned(),
        Some(part) => format!("{part} only"),
    };
    let all = [None, Some(Part::Training), Some(Part::HeldOut)];
    choice(ui, "Part compared", &mut rule.part, &all, part);
    let strand = |strand: Option<Strand>| match strand {
        None => "both strands".to_owned(),
        Some(Strand::Forward) => "strand +".to_owned(),
        Some(Strand::Reverse) => "strand −".to_owned(),
    };
    let all = [None, Some(Strand::Forward), Some(Strand::Reverse)];
    choice(ui, "Strand compared", &mut rule.strand, &all, strand);
    let (view, selected) = (app.view.viewport, app.view.selection);
    let view = Some((view.contig, app.shown()));
    let selected = selected.map(|selected| (selected.contig, selected.interval));
    let mut all = vec![None];
    for bases in [rule.region, view, selected] {
        if !all.contains(&bases) {
            all.push(bases);
        }
    }
    let region = |region| match region {
        None => "whole genome".to_owned(),
        bases if bases == view => {
            format!("in view: {}", region_words(&app.workspace.genome, bases))
        }
        bases if bases == selected => {
            format!("selected: {}", region_words(&app.workspace.genome, bases))
        }
        bases => region_words(&app.workspace.genome, bases),
    };
    choice(ui, "Region compared", &mut rule.region, &all, region);
}

/// One value of several.
fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &'static str,
    value: &mut T,
    all: &[T],
    words: impl Fn(T) -> String,
) {
    ComboBox::from_id_salt(name)
        .selected_text(words(*value))
        .show_ui(ui, |ui| {
            for other in all {
                ui.selectable_value(value, *other, words(*other));
            }
        })
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, name));
}

/// The latest comparison that was made with `rule`, else as `finding`.
fn kept(
    app: &App,
    finding: &Finding<Compared>,
    rule: CompareRule,
) -> Option<Arc<Finding<Compared>>> {
    let all = app.workspace.findings.comparisons.all();
    let same = |other: &&Arc<Finding<Compared>>| {
        other.table.rule == Some(rule)
            && other.basis == finding.basis
            && ["sites", "anchors"]
                .iter()
                .all(|name| other.stated(name) == finding.stated(name))
    };
    all.iter().rev().find(same).cloned()
}

/// The comparison `finding` once more, with `rule`.
fn asked(app: &App, finding: &Finding<Compared>, rule: CompareRule) -> Asked {
    let anchors = app.workspace.anchors.as_ref();
    Asked {
        rule,
        sites: Some(finding.stated("sites").to_owned()),
        predicted: anchors.is_some_and(|file| !finding.table.anchors.contains(file.name.as_str())),
        ..Asked::new(Analysis::Comparison)
    }
}

/// Says that the numbers are of other filters, and offers to compare with these.
fn anew_ui(
    app: &mut App,
    ui: &mut Ui,
    finding: &Finding<Compared>,
    asked: Asked,
    is_running: bool,
) {
    let lacking = app.workspace.analysis_request(asked.clone()).lacking();
    let is_open = app.workspace.is_open(finding);
    let button = egui::Button::new("Compare with these");
    let button = ui.add_enabled(lacking.is_none() && is_open && !is_running, button);
    if button
        .on_hover_text(
            "Runs the comparison with these filters; the one below stays and can be chosen again",
        )
        .on_disabled_hover_text(match lacking {
            _ if is_running => "A comparison is being made".to_owned(),
            Some(lacking) => lacking.to_string(),
            None => "The numbers below are of another model than the open one".to_owned(),
        })
        .clicked()
    {
        let command = Analyse::Start(Box::new(asked));
        app.commands.push(Command::Analysis(command));
    }
    if ui
        .button("As below")
        .on_hover_text("Takes the choice back")
        .clicked()
    {
        app.compare_pane.filters = None;
    }
    ui.colored_label(
        ui.visuals().warn_fg_color,
        "The numbers below are of other filters.",
    );
}
