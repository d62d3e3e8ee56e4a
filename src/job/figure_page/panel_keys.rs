//! Reads the tables of a description: the page, its inputs, and each panel.

use super::describe::{
    CurveAxes, DOUBLE_MM, GenomePanel, InputsDescription, Labels, LooksDescription, MapColorRule,
    MapPanel, PageDescription, PanelDescription, PanelKind, QueryDescription, SINGLE_MM,
    SitesInput, TrackName,
};
use super::keys::{DescriptionError, Keys};
use crate::attention::{HeadId, Received};
use crate::figure::{BaseColors, Colormap, Theme};
use crate::genome::Strand;
use crate::model::Mode;
use std::path::{Path, PathBuf};

/// The word that stands for the sites of the embedded example.
pub(super) const EXAMPLE: &str = "example";

pub(super) fn read_page(mut keys: Keys<'_>) -> Result<PageDescription, DescriptionError> {
    let widths = [("single", SINGLE_MM), ("double", DOUBLE_MM)];
    let usual = PageDescription::default();
    let page = PageDescription {
        width_mm: keys
            .length("width", &widths, 30.0..=2_000.0)?
            .unwrap_or(DOUBLE_MM),
        height_mm: keys.length("height", &[], 20.0..=2_000.0)?,
        columns: keys.whole("columns", 1..=12)?.unwrap_or(usual.columns),
        gap_mm: keys
            .number("gap", 0.0..=50.0, " mm")?
            .unwrap_or(usual.gap_mm),
        margin_mm: keys
            .number("margin", 0.0..=50.0, " mm")?
            .unwrap_or(usual.margin_mm),
        font_pt: keys
            .number("font", 6.0..=24.0, " pt")?
            .unwrap_or(usual.font_pt),
        line_pt: keys
            .number("line", 0.25..=4.0, " pt")?
            .unwrap_or(usual.line_pt),
        theme: keys
            .choice("theme", &[("light", Theme::Light), ("dark", Theme::Dark)])?
            .unwrap_or_default(),
        base_colors: keys
            .choice(
                "bases",
                &[("safe", BaseColors::Safe), ("classic", BaseColors::Classic)],
            )?
            .unwrap_or_default(),
        labels: keys
            .choice(
                "labels",
                &[
                    ("A", Labels::Upper),
                    ("a", Labels::Lower),
                    ("none", Labels::Hidden),
                ],
            )?
            .unwrap_or(Labels::Upper),
    };
    keys.finish()?;
    Ok(page)
}

pub(super) fn read_inputs(
    mut keys: Keys<'_>,
    folder: &Path,
) -> Result<InputsDescription, DescriptionError> {
    let mut file = |key| -> Result<Option<PathBuf>, DescriptionError> {
        Ok(keys.text(key)?.map(|name| folder.join(name)))
    };
    let usual = InputsDescription::default();
    let modes = [("seamless", Mode::Seamless), ("faithful", Mode::Faithful)];
    let inputs = InputsDescription {
        genome: file("genome")?,
        annotation: file("annotation")?,
        model: file("model")?,
        anchors: file("anchors")?,
        run: file("run")?,
        sites: keys.list("sites", "names of files, or \"example\"", |name| {
            Some(if name == EXAMPLE {
                SitesInput::Example
            } else {
                SitesInput::File(folder.join(name))
            })
        })?,
        mode: keys.choice("mode", &modes)?.unwrap_or(usual.mode),
        permutations: keys
            .whole("permutations", 0..=1_000_000)?
            .unwrap_or(usual.permutations),
        predicted: keys
            .whole("predicted", 1..=1_000_000)?
            .unwrap_or(usual.predicted),
    };
    keys.finish()?;
    Ok(inputs)
}

const KINDS: [(&str, &str); 9] = [
    ("genome-view", "genome-view"),
    ("attention-map", "attention-map"),
    ("arcs", "arcs"),
    ("logo", "logo"),
    ("profile", "profile"),
    ("heads-grid", "heads-grid"),
    ("compare-matrix", "compare-matrix"),
    ("curves", "curves"),
    ("mutagenesis", "mutagenesis"),
];

pub(super) fn read_panel(
    mut keys: Keys<'_>,
    columns: usize,
    folder: &Path,
) -> Result<PanelDescription, DescriptionError> {
    let word = keys.choice("kind", &KINDS)?;
    let word = keys.required(
        word,
        "kind",
        "\"genome-view\", \"logo\" or another kind of panel",
    )?;
    keys.name = format!("{} ({word})", keys.name);
    let line = keys.line;
    let span = keys.whole("span", 1..=columns)?.unwrap_or(1);
    let height_mm = keys.number("height", 10.0..=2_000.0, " mm")?;
    let title = keys.text("title")?;
    let kind = match word {
        "genome-view" => read_genome_view(&mut keys)?,
        "attention-map" => read_map(&mut keys)?,
        "arcs" => {
            let head = head(&mut keys)?;
            let position = keys.whole("query", 1..=usize::MAX)?;
            PanelKind::Arcs {
                locus: locus(&mut keys)?,
                query: QueryDescription {
                    position: keys.required(position, "query", "the position of an output")?,
                    strand: strand(&mut keys, "strand")?,
                    head,
                },
                hidden_tfs: tfs(&mut keys, "hide-tfs")?,
            }
        }
        "logo" => {
            let heads = keys.list("head", HEAD, |text| text.parse().ok())?;
            let some = (!heads.is_empty()).then_some(heads);
            PanelKind::Logo {
                heads: keys.required(some, "head", HEAD)?,
            }
        }
        "profile" => PanelKind::Profile {
            head: head(&mut keys)?,
        },
        "heads-grid" => PanelKind::HeadsGrid,
        "compare-matrix" => PanelKind::CompareMatrix {
            data: table(&mut keys, folder)?,
            tfs: tfs(&mut keys, "tf")?,
            q: keys.number("q", 0.0..=1.0, "")?.unwrap_or(0.05),
        },
        "curves" => PanelKind::Curves {
            data: table(&mut keys, folder)?,
            axes: keys
                .choice(
                    "axes",
                    &[("roc", CurveAxes::Roc), ("pr", CurveAxes::PrecisionRecall)],
                )?
                .unwrap_or(CurveAxes::Roc),
        },
        _ => PanelKind::Mutagenesis {
            data: table(&mut keys, folder)?,
            tss: keys.whole("tss", 1..=usize::MAX)?,
        },
    };
    keys.finish()?;
    Ok(PanelDescription {
        line,
        span,
        height_mm,
        title,
        kind,
    })
}

const HEAD: &str = "a head such as \"L1H3\"";

fn head(keys: &mut Keys<'_>) -> Result<HeadId, DescriptionError> {
    let head = keys.parsed("head", HEAD, |text| text.parse().ok())?;
    keys.required(head, "head", HEAD)
}

fn locus(keys: &mut Keys<'_>) -> Result<String, DescriptionError> {
    let locus = keys.text("locus")?;
    keys.required(
        locus,
        "locus",
        "a place such as \"lacZ\" or \"366,200-366,400\"",
    )
}

fn strand(keys: &mut Keys<'_>, key: &'static str) -> Result<Option<Strand>, DescriptionError> {
    let strands = [("+", Strand::Forward), ("-", Strand::Reverse)];
    keys.choice(key, &strands)
}

fn tfs(keys: &mut Keys<'_>, key: &'static str) -> Result<Vec<String>, DescriptionError> {
    keys.list(key, "names of transcription factors", |text| {
        Some(text.to_owned())
    })
}

fn table(keys: &mut Keys<'_>, folder: &Path) -> Result<PathBuf, DescriptionError> {
    let name = keys.text("data")?;
    let name = keys.required(name, "data", "the name of a tab-separated table")?;
    Ok(folder.join(name))
}

fn read_map(keys: &mut Keys<'_>) -> Result<PanelKind, DescriptionError> {
    let rules = [
        ("log", MapColorRule::Logarithmic),
        ("linear", MapColorRule::Linear),
        ("over-expected", MapColorRule::OverExpected),
    ];
    let over_expected = keys.flag("over-expected")?.unwrap_or(false);
    let usual = if over_expected {
        MapColorRule::OverExpected
    } else {
        MapColorRule::default()
    };
    Ok(PanelKind::AttentionMap(MapPanel {
        locus: locus(keys)?,
        strand: strand(keys, "strand")?,
        head: head(keys)?,
        colors: keys.choice("color", &rules)?.unwrap_or(usual),
        longest_bp: keys.whole("longest", 1..=1_000_000)?,
        query: keys.whole("query", 1..=usize::MAX)?,
        hidden_tfs: tfs(keys, "hide-tfs")?,
    }))
}

const TRACK: &str = "\"ruler\", \"sequence\", \"genes\", \"tss\", \"sites\", \"sites:NAME\", \"arcs\", \
                     \"probability\", \"heads\" or \"legend\"";

/// `366305-366400`, with or without commas.
fn stretch(text: &str) -> Option<(usize, usize)> {
    let number = |text: &str| text.trim().replace(',', "").parse().ok();
    let (first, last) = text.split_once('-')?;
    let (first, last): (usize, usize) = (number(first)?, number(last)?);
    (first >= 1 && last >= first).then_some((first, last))
}

fn read_genome_view(keys: &mut Keys<'_>) -> Result<PanelKind, DescriptionError> {
    let rules = [
        ("mean", Received::Mean),
        ("weighted", Received::Weighted),
        ("over-expected", Received::OverExpected),
    ];
    let maps = Colormap::SEQUENTIAL.map(|map| (map.name(), map));
    let marked_head = keys.parsed("head", HEAD, |text| text.parse().ok())?;
    let position = keys.whole("query", 1..=usize::MAX)?;
    let of_query = strand(keys, "query-strand")?;
    let query = match position {
        Some(position) => Some(QueryDescription {
            position,
            strand: of_query,
            head: keys.required(marked_head, "head", HEAD)?,
        }),
        None => None,
    };
    Ok(PanelKind::GenomeView(Box::new(GenomePanel {
        locus: locus(keys)?,
        strand: strand(keys, "strand")?,
        rule: keys.choice("color", &rules)?.unwrap_or(Received::Weighted),
        heads: keys.list("heads", HEAD, |text| text.parse().ok())?,
        marked_head,
        query,
        selected: keys.parsed("selected", "a stretch such as \"366,300-366,310\"", stretch)?,
        hidden_tfs: tfs(keys, "hide-tfs")?,
        looks: LooksDescription {
            order: keys.list("order", TRACK, TrackName::parse)?,
            hidden: keys.list("hide", TRACK, TrackName::parse)?,
            heights: keys.list(
                "heights",
                "a track and its height, such as \"heads 1.5\"",
                |text| {
                    let (track, height) = text.rsplit_once(' ')?;
                    let height = height.parse().ok().filter(|h| (0.25..=8.0).contains(h))?;
                    Some((TrackName::parse(track)?, height))
                },
            )?,
            probability_top: keys.number("probability-top", 1e-6..=1.0, "")?,
            heads_top: keys.number("heads-top", 1e-6..=1e6, "")?,
            colormap: keys.choice("color-map", &maps)?,
            sites_over_heads: keys.flag("sites-over-heads")?.unwrap_or(false),
        },
        scale_bar: keys.flag("scale-bar")?.unwrap_or(false),
    })))
}
