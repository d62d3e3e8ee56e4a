//! The sites behind a cell of the comparison, ranked by attention; each leads to its place.

use super::compare::explained;
use crate::analysis::association::SiteInCell;
use crate::genome::{Interval, Strand, TssOffset};
use crate::gui::analyses::Analyse;
use crate::gui::app::App;
use crate::gui::command::Command;
use crate::gui::listing::{Column, Listing, Sorting, Value, column};
use crate::job::analyse::Finding;
use crate::job::compare::{Compared, evidence_word};
use crate::sites::{Effect, Evidence};
use egui::{ComboBox, Ui};

/// Which sites are listed, and in which order.
#[derive(Debug)]
pub struct SiteFilter {
    /// Only sites of promoters on this strand.
    strand: Option<Strand>,
    /// Only sites of promoters of this part of the split; all where it is empty.
    part: &'static str,
    /// Only sites that are supported so well.
    evidence: Evidence,
    /// Only sites that do this at their promoters.
    effect: Option<Effect>,
    /// Only sites that the genome view shows.
    in_view: bool,
    sorting: Sorting,
}

impl Default for SiteFilter {
    fn default() -> Self {
        Self {
            strand: None,
            part: "",
            evidence: Evidence::Unknown,
            effect: None,
            in_view: false,
            sorting: Sorting {
                column: 0,
                descending: true,
            },
        }
    }
}

const SITES: [Column; 11] = [
    column(
        "rank",
        "Share of other promoters that get less attention at the same place: the site's own AUROC",
        58.0,
    ),
    column(
        "weight",
        "Mean attention weight over the site's bases",
        80.0,
    ),
    column("left", "First base, 1-based", 76.0),
    column("right", "Last base", 76.0),
    column("strand", "The site's strand", 54.0),
    column(
        "from",
        "Its first base from the start site, which is +1",
        52.0,
    ),
    column("to", "Its last base from the start site", 46.0),
    column("promoter", "The promoter that it belongs to", 110.0),
    column(
        "part",
        "Which part of the model's split the promoter lies in",
        70.0,
    ),
    column("evidence", "How well the site is supported", 76.0),
    column("effect", "What it does at its promoters", 64.0),
];

/// The first of the columns that tables of earlier versions do not fill.
const EVIDENCE: usize = 9;

/// Whether a table says the evidence and the effect of its sites; those of earlier versions do not.
fn says_evidence(finding: &Finding<Compared>) -> bool {
    finding.table.rule.is_some()
}

/// Draws an open cell.
pub fn cell_ui(app: &mut App, ui: &mut Ui, finding: &Finding<Compared>, tf: &str) {
    let table = &finding.table.comparison;
    let head = app.view.head_id();
    ui.horizontal_wrapped(|ui| {
        if ui.button("All cells").clicked() {
            app.commands.push(Command::Analysis(Analyse::CloseCell));
        }
        if let Some(cell) = table.cell(head, tf) {
            ui.strong(explained(cell));
        }
    });
    others_ui(app, ui, finding, tf);
    let all = table.sites_of(head, tf);
    let count = all.len();
    let sites = shown(app, finding, all);
    let is_said = says_evidence(finding);
    let filter = &mut app.compare_pane.sites;
    filter_ui(filter, [sites.len(), count], is_said, ui);
    let columns = if is_said { SITES.len() } else { EVIDENCE };
    let contigs = &app.workspace.genome.contigs;
    let contig = |site: &SiteInCell<'_>| {
        let contig = contigs.get(site.site.contig);
        contig.map_or("", |contig| contig.name.as_str())
    };
    let value = |row: usize, column: usize| {
        let SiteInCell {
            site,
            promoter,
            weight,
            rank,
        } = sites[row];
        let position = |offset: isize| {
            let number = TssOffset(offset).number();
            Value::number(number as f64, TssOffset(offset).to_string())
        };
        match column {
            0 => Value::number(f64::from(rank), format!("{rank:.4}")),
            1 => Value::number(f64::from(weight), format!("{weight:.3e}")),
            2 => Value::count(site.interval.start + 1),
            3 => Value::count(site.interval.end),
            4 => Value::Text(site.strand.clone()),
            5 => position(site.offsets[0]),
            6 => position(site.offsets[1]),
            7 if promoter.name.is_empty() => Value::Text(format!(
                "{}{}",
                promoter.anchor.position + 1,
                promoter.anchor.strand.sign()
            )),
            7 => Value::Text(promoter.name.clone()),
            8 => Value::Text(promoter.part.clone()),
            EVIDENCE => Value::Text(evidence_words(site.evidence).to_owned()),
            _ => Value::Text(effect_words(site.effect).to_owned()),
        }
    };
    let chosen = app.view.selection.and_then(|selection| {
        let at = (selection.contig, selection.interval);
        sites
            .iter()
            .position(|site| (site.site.contig, site.site.interval) == at)
    });
    let listing = Listing {
        name: "sites",
        columns: &SITES[..columns],
        rows: sites.len(),
        value: &value,
        hover: &|row| {
            let site = sites[row];
            format!(
                "{}:{}, {} of {}; the start site is {}{}. Click to go there.",
                contig(&site),
                site.site.interval,
                site.site.tf,
                if site.promoter.name.is_empty() {
                    "a promoter"
                } else {
                    &site.promoter.name
                },
                site.promoter.anchor.position + 1,
                site.promoter.anchor.strand.sign(),
            )
        },
        is_weak: &|_| false,
        chosen,
    };
    let mut sorting = app.compare_pane.sites.sorting;
    let clicked = listing.show(ui, &mut sorting);
    app.compare_pane.sites.sorting = sorting;
    if let Some(row) = clicked {
        app.commands.push(Command::Analysis(jump_to(&sites[row])));
    }
}

/// Leads to a site and pins its promoter's output, which the site's weight belongs to.
fn jump_to(site: &SiteInCell<'_>) -> Analyse {
    Analyse::ShowSite {
        contig: site.site.contig,
        interval: site.site.interval,
        strand: Some(site.promoter.anchor.strand),
        start: Some(site.promoter.anchor),
    }
}

/// Leads to the site of the open cell that gets the most attention for its place, among those that are listed.
#[must_use]
pub fn best_site(app: &App) -> Option<Analyse> {
    let finding = app.compare_pane.chosen(&app.workspace)?;
    let tf = app.compare_pane.open_tf()?;
    let head = app.view.head_id();
    let all = finding.table.comparison.sites_of(head, tf);
    let sites = shown(app, &finding, all);
    sites.first().map(jump_to)
}

/// The same cell under other nulls and of other models.
fn others_ui(app: &App, ui: &mut Ui, finding: &Finding<Compared>, tf: &str) {
    let head = app.view.head_id();
    for other in app.workspace.findings.comparisons.all() {
        if std::ptr::eq(other.as_ref(), finding) {
            continue;
        }
        let Some(cell) = other.table.comparison.cell(head, tf) else {
            continue;
        };
        ui.weak(format!(
            "{}, null {}{}: {}",
            other.basis.model_name,
            other.table.comparison.null,
            match other.stated("part") {
                "all" => String::new(),
                part => format!(", {part}"),
            },
            explained(cell)
        ));
    }
}

fn evidence_words(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Unknown => "",
        stated => evidence_word(stated),
    }
}

fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::Unknown => "",
        Effect::Activation => "activates",
        Effect::Repression => "represses",
        Effect::Dual => "both",
    }
}

/// Which sites are listed. That changes no number of the cell, which is over all of them: `[shown, all]` says so.
/// Where their evidence and effect are not said, nothing is chosen by them.
fn filter_ui(filter: &mut SiteFilter, [shown, all]: [usize; 2], is_said: bool, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.strong(format!("{shown} of {all} sites shown"))
            .on_hover_text(
                "The numbers of the cell are over all of its sites, whichever are listed",
            );
        for (strand, words) in [
            (None, "both strands"),
            (Some(Strand::Forward), "+"),
            (Some(Strand::Reverse), "−"),
        ] {
            ui.selectable_value(&mut filter.strand, strand, words);
        }
        ComboBox::from_id_salt("part")
            .selected_text(part_words(filter.part))
            .show_ui(ui, |ui| {
                for part in ["", "training", "held-out", "neither"] {
                    ui.selectable_value(&mut filter.part, part, part_words(part));
                }
            })
            .response
            .widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Part of the split")
            });
        if is_said {
            said_ui(filter, ui);
        }
        ui.checkbox(&mut filter.in_view, "in view only")
            .on_hover_text("Only sites that lie in the genome view");
    });
}

/// Which evidence and effect the listed sites have.
fn said_ui(filter: &mut SiteFilter, ui: &mut Ui) {
    ComboBox::from_id_salt("site evidence")
        .selected_text(match filter.evidence {
            Evidence::Unknown => "any evidence".to_owned(),
            least => format!("{} or better", evidence_word(least)),
        })
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.evidence, Evidence::Unknown, "any evidence");
            for least in [Evidence::Weak, Evidence::Strong, Evidence::Confirmed] {
                let words = format!("{} or better", evidence_word(least));
                ui.selectable_value(&mut filter.evidence, least, words);
            }
        })
        .response
        .widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Evidence of listed sites")
        });
    ComboBox::from_id_salt("site effect")
        .selected_text(filter.effect.map_or("any effect", effect_words))
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.effect, None, "any effect");
            for effect in [Effect::Activation, Effect::Repression, Effect::Dual] {
                let words = effect_words(effect);
                ui.selectable_value(&mut filter.effect, Some(effect), words);
            }
        })
        .response
        .widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Effect of listed sites")
        });
}

fn part_words(part: &str) -> &str {
    if part.is_empty() { "all parts" } else { part }
}

fn shown<'a>(
    app: &App,
    finding: &Finding<Compared>,
    sites: Vec<SiteInCell<'a>>,
) -> Vec<SiteInCell<'a>> {
    let filter = &app.compare_pane.sites;
    let is_said = says_evidence(finding);
    let view = app.view.viewport;
    let (start, end) = (view.start.max(0.0) as usize, view.end.max(0.0) as usize);
    let seen = Interval::new(start, end.max(start));
    sites
        .into_iter()
        .filter(|site| {
            filter
                .strand
                .is_none_or(|strand| site.promoter.anchor.strand == strand)
        })
        .filter(|site| filter.part.is_empty() || site.promoter.part == filter.part)
        .filter(|site| !is_said || site.site.evidence >= filter.evidence)
        .filter(|site| {
            let mut effect = filter.effect.filter(|_| is_said).into_iter();
            effect.all(|effect| site.site.effect == effect)
        })
        .filter(|site| {
            let interval = site.site.interval;
            let overlaps = interval.start < seen.end && seen.start < interval.end;
            !filter.in_view || (site.site.contig == view.contig && overlaps)
        })
        .collect()
}
