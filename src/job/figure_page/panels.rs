//! What the panels of a page look like, each at its own size, with the numbers behind it.

use super::describe::{
    CurveAxes, Description, GenomePanel, LooksDescription, MapPanel, PanelDescription, PanelKind,
    TrackName,
};
use super::locus::{LocusSheet, locus_picture, map_picture};
use super::sidecar::ShownView;
use super::sources::Sources;
use super::tables;
use crate::analysis::heads::HeadReport;
use crate::attention::{HeadId, Received};
use crate::figure::heads_grid::{HeadCard, HeadsGrid, heads_grid};
use crate::figure::logo_stack::{AlignedLogo, logo_stack};
use crate::figure::matrix::{Mark, Matrix, matrix};
use crate::figure::mutagenesis::{Mutagenesis, mutagenesis};
use crate::figure::operating::{OperatingChart, operating_chart};
use crate::figure::page::titled;
use crate::figure::{ColorScale, ProfileChart, Scene, Sheet, logo, profile_chart};
use crate::job::JobError;
use crate::job::figure::{diverging, rule_legend};
use crate::job::findings::Heads;
use crate::progress::{Cancel, Progress};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Resolution for which heat maps are reduced: that of the finest print.
const PRINT_DPI: f32 = 600.0;
/// The same share of draws that a q-value is held against.
const P_MAX: f32 = 0.05;

/// A drawn panel.
pub(super) struct DrawnPanel {
    pub scene: Scene,
    /// What it shows, for the provenance.
    pub words: String,
    /// The numbers behind it, tab-separated.
    pub table: String,
    pub view: Option<ShownView>,
}

/// Where and how large a panel is drawn.
pub(super) struct Canvas<'a> {
    pub description: &'a Description,
    /// Width in points of the picture.
    pub width: f32,
    /// Points of the picture to a point of the page.
    pub factor: f32,
}

impl Canvas<'_> {
    /// A sheet as high as the panel asks, or as its kind usually is.
    fn sheet(&self, panel: &PanelDescription, usual_mm: f32) -> Sheet {
        let height_mm = panel.height_mm.unwrap_or(usual_mm);
        Sheet {
            width: self.width,
            height: height_mm * crate::figure::scene::POINTS_PER_MM / self.factor,
            theme: self.description.page.theme,
            base_colors: self.description.page.base_colors,
        }
    }

    fn pixels_per_point(&self) -> f32 {
        PRINT_DPI / 72.0 * self.factor
    }
}

/// A head that the model does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model has no head {head}: expected L1H1 to L{layers}H{heads}")]
struct NoHead {
    head: HeadId,
    layers: usize,
    heads: usize,
}

fn known(sources: &Sources, heads: &[HeadId]) -> Result<(), JobError> {
    let shape = sources.model.head_shape();
    let stranger = heads
        .iter()
        .find(|head| head.layer >= shape.layers || head.head >= shape.heads);
    stranger.map_or(Ok(()), |head| {
        Err(NoHead {
            head: *head,
            layers: shape.layers,
            heads: shape.heads,
        }
        .into())
    })
}

/// Draws a panel.
pub(super) fn draw(
    panel: &PanelDescription,
    canvas: &Canvas<'_>,
    sources: &mut Sources,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<DrawnPanel, JobError> {
    cancel.check()?;
    let inputs = &canvas.description.inputs;
    let budget = (inputs.permutations, inputs.predicted);
    let own = panel.title.as_deref();
    match &panel.kind {
        PanelKind::GenomeView(view) => genome_view(panel, view, canvas, sources, progress, cancel),
        PanelKind::AttentionMap(map) => weights(panel, map, canvas, sources, progress, cancel),
        PanelKind::Arcs {
            locus,
            query,
            hidden_tfs,
        } => {
            let view = GenomePanel {
                strand: query.strand,
                query: Some(*query),
                hidden_tfs: hidden_tfs.clone(),
                looks: LooksDescription {
                    hidden: vec![TrackName::Heads, TrackName::Probability, TrackName::Legend],
                    ..LooksDescription::default()
                },
                ..GenomePanel::new(locus.clone(), Received::default())
            };
            let titled = PanelDescription {
                title: panel
                    .title
                    .clone()
                    .or_else(|| Some(format!("{}: what one query looks at", query.head))),
                ..panel.clone()
            };
            genome_view(&titled, &view, canvas, sources, progress, cancel)
        }
        PanelKind::Logo { heads } => {
            known(sources, heads)?;
            let found = sources.heads(budget, progress, cancel)?;
            logos(panel, canvas, &found, heads)
        }
        PanelKind::Profile { head } => {
            known(sources, &[*head])?;
            let found = sources.heads(budget, progress, cancel)?;
            let report = report(&found, *head)?;
            Ok(profile(&found, report, own, &canvas.sheet(panel, 50.0)))
        }
        PanelKind::HeadsGrid => {
            let found = sources.heads(budget, progress, cancel)?;
            grid(&found, own, canvas)
        }
        PanelKind::CompareMatrix { data, tfs, q } => {
            let cells = tables::compared(&sources.table(data)?)?;
            compare(&cells, tfs, *q, own, &canvas.sheet(panel, 60.0))
        }
        PanelKind::Curves { data, axes } => {
            let curves = tables::curves(&sources.table(data)?, *axes)?;
            let (x_label, y_label) = match axes {
                CurveAxes::Roc => ("false positive rate", "true positive rate"),
                CurveAxes::PrecisionRecall => ("recall", "precision"),
            };
            let chart = OperatingChart {
                title: own.unwrap_or_default(),
                x_label,
                y_label,
                curves: &curves,
                diagonal: *axes == CurveAxes::Roc,
            };
            let mut table = "curve\tx\ty\n".to_owned();
            for curve in &curves {
                for (x, y) in &curve.points {
                    let _ = writeln!(table, "{}\t{x}\t{y}", curve.name);
                }
            }
            Ok(DrawnPanel {
                scene: operating_chart(&chart, &canvas.sheet(panel, 75.0)),
                words: format!("{y_label} over {x_label}, {} curves", curves.len()),
                table,
                view: None,
            })
        }
        PanelKind::Mutagenesis { data, tss } => {
            let found = tables::changes(&sources.table(data)?, *tss)?;
            Ok(changes(&found, own, &canvas.sheet(panel, 45.0)))
        }
    }
}

fn genome_view(
    panel: &PanelDescription,
    view: &GenomePanel,
    canvas: &Canvas<'_>,
    sources: &mut Sources,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<DrawnPanel, JobError> {
    let of_query = view.query.map(|query| query.head);
    let asked: Vec<HeadId> = view
        .heads
        .iter()
        .copied()
        .chain(view.marked_head)
        .chain(of_query)
        .collect();
    known(sources, &asked)?;
    let own = canvas.sheet(panel, 0.0);
    let sheet = LocusSheet {
        width: own.width,
        height: panel.height_mm.map(|_| own.height),
        pixels_per_point: canvas.pixels_per_point(),
        theme: own.theme,
        base_colors: own.base_colors,
        title: panel.title.as_deref(),
    };
    let drawn = locus_picture(sources, view, &sheet, progress, cancel)?;
    let words = match of_query {
        Some(head) => format!("{}: arcs of {head}", drawn.locus),
        None => format!("{}: {}", drawn.locus, rule_legend(view.rule, drawn.strand)),
    };
    let shown = ShownView {
        rule: view.rule,
        head: of_query.or(view.marked_head),
        hidden_tfs: view.hidden_tfs.clone(),
        query: view.query.map(|query| query.position),
        ..ShownView::new(drawn.locus, drawn.strand, own.theme)
    };
    Ok(DrawnPanel {
        scene: drawn.scene,
        words,
        table: drawn.table,
        view: Some(shown),
    })
}

fn weights(
    panel: &PanelDescription,
    map: &MapPanel,
    canvas: &Canvas<'_>,
    sources: &mut Sources,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<DrawnPanel, JobError> {
    known(sources, &[map.head])?;
    let own = canvas.sheet(panel, 70.0);
    let sheet = LocusSheet {
        width: own.width,
        height: Some(own.height),
        pixels_per_point: canvas.pixels_per_point(),
        theme: own.theme,
        base_colors: own.base_colors,
        title: None,
    };
    let drawn = map_picture(sources, map, &sheet, progress, cancel)?;
    let words = format!("{} at {}, strand {}", map.head, drawn.locus, drawn.strand);
    let view = ShownView {
        head: Some(map.head),
        hidden_tfs: map.hidden_tfs.clone(),
        query: map.query,
        ..ShownView::new(drawn.locus, drawn.strand, own.theme)
    };
    Ok(DrawnPanel {
        scene: titled(
            drawn.scene,
            panel.title.as_deref().unwrap_or_default(),
            own.theme,
        ),
        words,
        table: drawn.table,
        view: Some(view),
    })
}

fn report(found: &Heads, head: HeadId) -> Result<&HeadReport, JobError> {
    found
        .report(head)
        .ok_or_else(|| format!("nothing was found about head {head}").into())
}

fn logos(
    panel: &PanelDescription,
    canvas: &Canvas<'_>,
    found: &Heads,
    heads: &[HeadId],
) -> Result<DrawnPanel, JobError> {
    let mut table = "head\tposition\tA\tC\tG\tT\n".to_owned();
    let mut drawn = Vec::new();
    for head in heads {
        let mut data = found.logo(report(found, *head)?);
        if let (Some(title), [_]) = (&panel.title, heads) {
            data.title.clone_from(title);
        }
        for (index, bits) in data.heights.iter().enumerate() {
            let position = data.first_position + index.cast_signed();
            let position = if data.tss_relative {
                crate::genome::TssOffset(position).number()
            } else {
                position
            };
            let [a, c, g, t] = bits;
            let _ = writeln!(table, "{head}\t{position}\t{a:.4}\t{c:.4}\t{g:.4}\t{t:.4}");
        }
        drawn.push(data);
    }
    let scene = if let [only] = drawn.as_slice() {
        logo(only, &canvas.sheet(panel, 35.0))
    } else {
        // Logos without a usual place begin where the first one does.
        let first = drawn.iter().find(|data| data.tss_relative);
        let first = first.map_or(0, |data| data.first_position);
        let rows: Vec<AlignedLogo<'_>> = drawn
            .iter()
            .map(|data| AlignedLogo {
                logo: data,
                offset: if data.tss_relative {
                    data.first_position - first
                } else {
                    0
                },
            })
            .collect();
        let stack = logo_stack(&rows, &canvas.sheet(panel, 8.0 + 24.0 * heads.len() as f32));
        titled(
            stack,
            panel.title.as_deref().unwrap_or_default(),
            canvas.description.page.theme,
        )
    };
    let names: Vec<String> = heads.iter().map(ToString::to_string).collect();
    Ok(DrawnPanel {
        scene,
        words: format!("{} over {}", names.join(", "), found.anchors),
        table,
        view: None,
    })
}

fn profile(found: &Heads, report: &HeadReport, title: Option<&str>, sheet: &Sheet) -> DrawnPanel {
    let (mean, low, high) = found.profile_band(report);
    let usual = format!("{}: mean attention", report.head);
    let caption = format!(
        "Over {}. Band: ± 1 standard deviation over the start sites.",
        found.anchors
    );
    let chart = ProfileChart {
        title: title.unwrap_or(&usual),
        first_offset: found.first_offset(),
        mean: &mean,
        band: Some((&low, &high)),
        control: None,
        value_label: "mean weight",
        marks: &[(-35, "−35"), (-10, "−10"), (0, "+1")],
        caption: &caption,
    };
    let mut table = "position\tmean\tlow\thigh\n".to_owned();
    for (index, ((mean, low), high)) in mean.iter().zip(&low).zip(&high).enumerate() {
        let offset = found.first_offset() + index.cast_signed();
        let position = crate::genome::TssOffset(offset).number();
        let _ = writeln!(table, "{position}\t{mean}\t{low}\t{high}");
    }
    DrawnPanel {
        scene: profile_chart(&chart, sheet),
        words: format!("{} over {}", report.head, found.anchors),
        table,
        view: None,
    }
}

fn grid(found: &Heads, title: Option<&str>, canvas: &Canvas<'_>) -> Result<DrawnPanel, JobError> {
    let profiles: Vec<Vec<f32>> = found
        .reports()
        .iter()
        .map(|report| found.profile(report))
        .collect();
    let logos: Vec<Vec<[f64; 4]>> = found
        .reports()
        .iter()
        .map(|report| found.letter_heights(report))
        .collect();
    let cards: Vec<HeadCard<'_>> = found
        .reports()
        .iter()
        .zip(profiles.iter().zip(&logos))
        .map(|(report, (profile, logo))| HeadCard {
            head: report.head,
            profile,
            first_offset: found.first_offset(),
            logo,
            entropy_bits: report.summary.entropy,
            n: report.summary.windows,
            consensus: &report.summary.consensus,
            passes: report.summary.exceeds,
            note: &report.summary.shows,
        })
        .collect();
    let caption = found.caption();
    let scene = heads_grid(&HeadsGrid {
        shape: found.shape,
        cards: &cards,
        width: canvas.width,
        theme: canvas.description.page.theme,
        base_colors: canvas.description.page.base_colors,
        selected: None,
        title: title.unwrap_or_default(),
        caption: &caption,
    });
    let mut table = Vec::new();
    found.result.write_tsv(&mut table)?;
    Ok(DrawnPanel {
        scene,
        words: format!("all heads over {}", found.anchors),
        table: String::from_utf8(table)?,
        view: None,
    })
}

fn compare(
    cells: &[tables::ComparedCell],
    wanted: &[String],
    q: f32,
    title: Option<&str>,
    sheet: &Sheet,
) -> Result<DrawnPanel, JobError> {
    let mut tfs: Vec<&str> = Vec::new();
    for cell in cells {
        let shown = wanted.is_empty() || wanted.contains(&cell.tf);
        if shown && !tfs.contains(&cell.tf.as_str()) {
            tfs.push(&cell.tf);
        }
    }
    if let Some(absent) = wanted.iter().find(|tf| !tfs.contains(&tf.as_str())) {
        return Err(format!("the table holds no transcription factor '{absent}'").into());
    }
    let heads: BTreeSet<HeadId> = cells.iter().map(|cell| cell.head).collect();
    let find =
        |head: HeadId, tf: &str| cells.iter().find(|cell| cell.head == head && cell.tf == tf);
    // One factor alone: layers down, heads across.
    let (rows, columns, found): (Vec<String>, Vec<String>, Vec<_>) = if let [tf] = tfs.as_slice() {
        let layers = heads.iter().map(|head| head.layer + 1).max().unwrap_or(1);
        let across = heads.iter().map(|head| head.head + 1).max().unwrap_or(1);
        let found = (0..layers)
            .flat_map(|layer| (0..across).map(move |head| HeadId { layer, head }))
            .map(|head| find(head, tf))
            .collect();
        (
            (1..=layers).map(|layer| format!("layer {layer}")).collect(),
            (1..=across).map(|head| format!("head {head}")).collect(),
            found,
        )
    } else {
        let found = heads
            .iter()
            .flat_map(|head| tfs.iter().map(move |tf| (*head, *tf)))
            .map(|(head, tf)| find(head, tf))
            .collect();
        (
            heads.iter().map(ToString::to_string).collect(),
            tfs.iter().map(|tf| (*tf).to_owned()).collect(),
            found,
        )
    };
    let values: Vec<f32> = found
        .iter()
        .map(|cell| cell.map_or(f32::NAN, |cell| cell.effect))
        .collect();
    let marks: Vec<Mark> = found
        .iter()
        .map(|cell| match cell {
            Some(cell) if cell.p_max < P_MAX => Mark::Strong,
            Some(cell) if cell.q < q => Mark::Weak,
            _ => Mark::None,
        })
        .collect();
    let most = values
        .iter()
        .filter(|value| value.is_finite())
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    let end = ((most * 10.0).ceil() / 10.0).max(0.1);
    let sites = |tf: &str| {
        let count = cells
            .iter()
            .find(|cell| cell.tf == tf)
            .map_or(0, |cell| cell.sites);
        format!("{tf}, {count} sites")
    };
    let listed: Vec<String> = tfs.iter().map(|tf| sites(tf)).collect();
    let usual = match listed.as_slice() {
        [only] => only.clone(),
        _ => String::new(),
    };
    let table = Matrix {
        title: title.unwrap_or(&usual),
        rows: &rows,
        columns: &columns,
        values: &values,
        marks: &marks,
        numbers: tfs.len() == 1,
        scale: ColorScale::linear(
            diverging(sheet.theme == crate::figure::Theme::Dark),
            -end,
            end,
        ),
        rule: "effect: AUROC of attention on the sites, less its mean under the null",
        mark_rules: [
            &format!("q < {q} over the table"),
            &format!("p < {P_MAX} for the largest of all cells"),
        ],
        caption: "",
    };
    let (scene, _) = matrix(&table, sheet);
    let mut text = "head\ttf\teffect\tq\tp_max\tsites\n".to_owned();
    for cell in found.iter().flatten() {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}",
            cell.head, cell.tf, cell.effect, cell.q, cell.p_max, cell.sites
        );
    }
    Ok(DrawnPanel {
        scene,
        words: format!("{} heads against {}", heads.len(), listed.join("; ")),
        table: text,
        view: None,
    })
}

fn changes(found: &tables::Changes, title: Option<&str>, sheet: &Sheet) -> DrawnPanel {
    let finite = found
        .effects
        .iter()
        .flatten()
        .filter(|effect| effect.is_finite());
    let most = finite.fold(0.0_f32, |most, effect| most.max(effect.abs()));
    let end = most.max(0.01);
    let start = found.tss.checked_sub(found.first_position);
    let start = start.filter(|index| *index < found.effects.len());
    let marks: Vec<(usize, usize, &str)> = start
        .map(|index| (index, index, "start site"))
        .into_iter()
        .collect();
    let map = Mutagenesis {
        title: title.unwrap_or_default(),
        first_position: found.first_position,
        reference: &found.reference,
        effects: &found.effects,
        marks: &marks,
        scale: ColorScale::linear(
            diverging(sheet.theme == crate::figure::Theme::Dark),
            -end,
            end,
        ),
        rule: "change of the score at the start site: logit 1 less logit 0",
    };
    let mut table = "position\tref\tA\tC\tG\tT\n".to_owned();
    for (index, (base, [a, c, g, t])) in found.reference.iter().zip(&found.effects).enumerate() {
        let position = found.first_position + index;
        let _ = writeln!(table, "{position}\t{}\t{a}\t{c}\t{g}\t{t}", base.letter());
    }
    DrawnPanel {
        scene: mutagenesis(&map, sheet),
        words: format!(
            "changes of {} bases from {} on, score of the start site at {}",
            found.effects.len(),
            found.first_position,
            found.tss
        ),
        table,
        view: None,
    }
}
