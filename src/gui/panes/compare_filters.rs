//! Filters of the comparison that change its numbers: others than those that it was made with are compared anew.

use crate::genome::Strand;
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::job::analyse::{Analysis, Asked, Finding, region_words};
use crate::job::compare::{CHECKSUMS, CompareRule, Compared, Part, checksums, evidence_word};
use crate::sites::Evidence;
use egui::{ComboBox, Ui};
use std::sync::Arc;

/// Draws the filters. What is shown below is always of the filters that it was made with: others bring another
/// comparison that is kept, or a button that makes it.
pub fn show(app: &mut App, ui: &mut Ui, finding: &Arc<Finding<Compared>>) {
    let Some(own) = finding.table.rule else {
        ui.weak("Made by an earlier version: compare again for filters.");
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
            app.compare_pane.choose(&kept, &app.workspace);
            app.compare_pane.filters = None;
            return;
        }
        let asked = asked(app, finding, rule);
        anew_ui(app, ui, asked, is_running);
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
                .chain(&CHECKSUMS)
                .all(|name| other.stated(name) == finding.stated(name))
    };
    all.iter().rev().find(same).cloned()
}

/// The comparison `finding` once more, with `rule`; else why what is open does not allow it.
fn asked(app: &App, finding: &Finding<Compared>, rule: CompareRule) -> Result<Asked, String> {
    if !app.workspace.is_open(finding) {
        return Err("The numbers below are of another model than the open one".to_owned());
    }
    let stated = CHECKSUMS.map(|name| finding.stated(name));
    if stated.contains(&"") {
        return Err(
            "Made by an earlier version, which does not say exactly what was compared: compare again"
                .to_owned(),
        );
    }
    let sites = finding.stated("sites");
    for predicted in [false, true] {
        let asked = Asked {
            rule,
            sites: Some(sites.to_owned()),
            predicted,
            ..Asked::new(Analysis::Comparison)
        };
        let request = app.workspace.analysis_request(asked);
        let anchors = request.anchors.as_deref();
        let open = request
            .sites
            .as_ref()
            .map(|sites| checksums(sites, anchors, &request.features));
        let Some(open) = open.filter(|open| open[..2] == stated[..2]) else {
            return Err(format!(
                "The numbers below are of {sites}, which is not open as it was then: open that file first"
            ));
        };
        if open[2] == stated[2] {
            return Ok(request.asked);
        }
    }
    let anchors = &finding.table.anchors;
    Err(format!(
        "The numbers below are of {anchors}, and what is open now has others: open the same start sites first"
    ))
}

/// Says that the numbers are of other filters, and offers to compare with these.
fn anew_ui(app: &mut App, ui: &mut Ui, asked: Result<Asked, String>, is_running: bool) {
    let button = egui::Button::new("Compare with these");
    let button = ui.add_enabled(asked.is_ok() && !is_running, button);
    let is_clicked = button
        .on_hover_text(
            "Runs the comparison with these filters; the one below stays and can be chosen again",
        )
        .on_disabled_hover_text(match &asked {
            Err(reason) if !is_running => reason,
            _ => "A comparison is being made",
        })
        .clicked();
    if let (true, Ok(asked)) = (is_clicked, asked) {
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
