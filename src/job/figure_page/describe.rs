//! A figure description: a page in millimetres and what its panels show, from TOML.

use super::keys::{DescriptionError, Keys, Source};
use crate::attention::{HeadId, Received};
use crate::figure::tracks::TrackKind;
use crate::figure::{BaseColors, Theme};
use crate::genome::Strand;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Width of a single column of most journals, in mm.
pub const SINGLE_MM: f32 = 85.0;
/// Width of a double column, in mm.
pub const DOUBLE_MM: f32 = 180.0;
/// Panels that a page can hold: one a letter.
const MOST_PANELS: usize = 26;
/// A description is a few kB.
const MOST_BYTES: u64 = 1024 * 1024;

/// Which letters stand before the panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// A, B, C.
    Upper,
    /// a, b, c.
    Lower,
    /// None.
    Hidden,
}

/// The sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct PageDescription {
    /// Width in mm.
    pub width_mm: f32,
    /// Height in mm; as high as the panels where there is none.
    pub height_mm: Option<f32>,
    /// Columns of the grid, all of one width.
    pub columns: usize,
    /// Empty space between panels, in mm.
    pub gap_mm: f32,
    /// Empty space around them, in mm.
    pub margin_mm: f32,
    /// Size of small text in pt.
    pub font_pt: f32,
    /// Width of lines in pt.
    pub line_pt: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the bases.
    pub base_colors: BaseColors,
    /// Letters before the panels.
    pub labels: Labels,
}

/// Files that the panels are drawn from; the embedded example where they are not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputsDescription {
    /// The genome.
    pub genome: Option<PathBuf>,
    /// Its annotation.
    pub annotation: Option<PathBuf>,
    /// The model.
    pub model: Option<PathBuf>,
    /// Known sites.
    pub sites: Option<PathBuf>,
    /// Start sites for heads.
    pub anchors: Option<PathBuf>,
    /// Permutations of the positional control of heads.
    pub permutations: usize,
    /// Predicted start sites where there is no file of them.
    pub predicted: usize,
}

/// Axes of curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveAxes {
    /// True over false positive rate.
    Roc,
    /// Precision over recall.
    PrecisionRecall,
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum PanelKind {
    /// Tracks along a locus.
    GenomeView {
        /// As people write it.
        locus: String,
        /// The strand of the head rows.
        strand: Option<Strand>,
        /// The rule of the head rows.
        rule: Received,
        /// The head rows; all where empty.
        heads: Vec<HeadId>,
        /// Tracks that are left out.
        hidden: Vec<TrackKind>,
        /// Whether a scale bar is drawn.
        scale_bar: bool,
    },
    /// Weights of one head over the queries of a locus.
    AttentionMap {
        /// As people write it.
        locus: String,
        /// The strand that is read.
        strand: Option<Strand>,
        /// The head.
        head: HeadId,
        /// Whether weights are shown over their expectation at each distance.
        over_expected: bool,
    },
    /// Logos of heads: one, or several aligned by the start site.
    Logo {
        /// The heads, from top to bottom.
        heads: Vec<HeadId>,
    },
    /// Mean attention of a head by position.
    Profile {
        /// The head.
        head: HeadId,
    },
    /// All heads as cards.
    HeadsGrid,
    /// Heads against transcription factors, from the table of `headlight compare`.
    CompareMatrix {
        /// The table.
        data: PathBuf,
        /// The factors that are shown; all where empty. One alone is drawn as layers x heads.
        tfs: Vec<String>,
        /// Cells with a q below this are marked.
        q: f32,
    },
    /// Curves from a table of `curve`, `x`, `y`.
    Curves {
        /// The table.
        data: PathBuf,
        /// What the axes are.
        axes: CurveAxes,
    },
    /// Saturation mutagenesis, from the table of `headlight mutate`.
    Mutagenesis {
        /// The table.
        data: PathBuf,
        /// The start site whose score changes, 1-based; the first of the table where there is none.
        tss: Option<usize>,
    },
}

impl PanelKind {
    /// The word that a description has for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::GenomeView { .. } => "genome-view",
            Self::AttentionMap { .. } => "attention-map",
            Self::Logo { .. } => "logo",
            Self::Profile { .. } => "profile",
            Self::HeadsGrid => "heads-grid",
            Self::CompareMatrix { .. } => "compare-matrix",
            Self::Curves { .. } => "curves",
            Self::Mutagenesis { .. } => "mutagenesis",
        }
    }
}

/// A panel and its place in the grid: panels fill rows from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelDescription {
    /// 1-based line of its table, for errors.
    pub line: usize,
    /// Columns that it spans.
    pub span: usize,
    /// Height in mm, where its kind does not bring its own.
    pub height_mm: Option<f32>,
    /// A heading; `None` for the kind's own.
    pub title: Option<String>,
    /// What it shows.
    pub kind: PanelKind,
}

/// A whole description.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Where it comes from, for errors.
    pub path: PathBuf,
    /// Its text, for the sidecar.
    pub text: String,
    /// The sheet.
    pub page: PageDescription,
    /// What the panels are drawn from.
    pub inputs: InputsDescription,
    /// The panels in order.
    pub panels: Vec<PanelDescription>,
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// [`DescriptionError`].
    pub fn open(path: &Path) -> Result<Self, DescriptionError> {
        let read = |source| DescriptionError::Read {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(read)?.len();
        if size > MOST_BYTES {
            return Err(DescriptionError::Syntax {
                path: path.to_owned(),
                line: 1,
                reason: format!("{size} bytes are too many for a figure description"),
            });
        }
        let text = std::fs::read_to_string(path).map_err(read)?;
        Self::parse(path, &text)
    }

    /// Reads a description from its text; relative paths in it start at the folder of `path`.
    ///
    /// # Errors
    /// [`DescriptionError`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, DescriptionError> {
        let source = Source { path, text };
        let root = DeTable::parse(text).map_err(|error| DescriptionError::Syntax {
            path: path.to_owned(),
            line: source.line(error.span().map_or(0, |span| span.start)),
            reason: error.message().to_owned(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut panels = Vec::new();
        let mut tables: [Option<(&DeTable<'_>, usize)>; 2] = [None, None];
        for (key, value) in root.get_ref() {
            let (line, name) = (source.line(key.span().start), key.get_ref().as_ref());
            let wrong = |key: &'static str, expected: &str| DescriptionError::Value {
                path: path.to_owned(),
                line,
                table: "the file".to_owned(),
                key,
                expected: expected.to_owned(),
                found: format!("a {}", value.get_ref().type_str()).into(),
            };
            match (name, value.get_ref()) {
                ("page", DeValue::Table(table)) => tables[0] = Some((table, value.span().start)),
                ("inputs", DeValue::Table(table)) => tables[1] = Some((table, value.span().start)),
                ("panel", DeValue::Array(items)) => {
                    for item in items {
                        let DeValue::Table(table) = item.get_ref() else {
                            return Err(wrong("panel", "tables, each under [[panel]]"));
                        };
                        panels.push((table, item.span().start));
                    }
                }
                ("page", _) => return Err(wrong("page", "a table, [page]")),
                ("inputs", _) => return Err(wrong("inputs", "a table, [inputs]")),
                ("panel", _) => return Err(wrong("panel", "tables, each under [[panel]]")),
                _ => {
                    return Err(DescriptionError::Unknown {
                        path: path.to_owned(),
                        line,
                        table: "the file".to_owned(),
                        key: name.to_owned(),
                        known: "`page`, `inputs` or `panel`".to_owned(),
                    });
                }
            }
        }
        let [page, inputs] = tables;
        let page = read_page(Keys::new(source, page, "page"))?;
        let inputs = read_inputs(Keys::new(source, inputs, "inputs"), folder)?;
        if panels.is_empty() || panels.len() > MOST_PANELS {
            return Err(DescriptionError::Missing {
                path: path.to_owned(),
                line: 1,
                table: "the file".to_owned(),
                key: "panel".to_owned(),
                expected: format!(
                    "1 to {MOST_PANELS} tables under [[panel]], found {}",
                    panels.len()
                ),
            });
        }
        let panels = panels
            .into_iter()
            .enumerate()
            .map(|(index, table)| {
                let keys = Keys::new(source, Some(table), &format!("panel {}", index + 1));
                read_panel(keys, page.columns, folder)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            page,
            inputs,
            panels,
        })
    }
}

fn read_page(mut keys: Keys<'_>) -> Result<PageDescription, DescriptionError> {
    let widths = [("single", SINGLE_MM), ("double", DOUBLE_MM)];
    let page = PageDescription {
        width_mm: keys
            .length("width", &widths, 30.0..=2_000.0)?
            .unwrap_or(DOUBLE_MM),
        height_mm: keys.length("height", &[], 20.0..=2_000.0)?,
        columns: keys.whole("columns", 1..=12)?.unwrap_or(1),
        gap_mm: keys.number("gap", 0.0..=50.0, " mm")?.unwrap_or(4.0),
        margin_mm: keys.number("margin", 0.0..=50.0, " mm")?.unwrap_or(1.0),
        font_pt: keys.number("font", 6.0..=24.0, " pt")?.unwrap_or(7.0),
        line_pt: keys.number("line", 0.25..=4.0, " pt")?.unwrap_or(0.5),
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

fn read_inputs(mut keys: Keys<'_>, folder: &Path) -> Result<InputsDescription, DescriptionError> {
    let mut file = |key| -> Result<Option<PathBuf>, DescriptionError> {
        Ok(keys.text(key)?.map(|name| folder.join(name)))
    };
    let inputs = InputsDescription {
        genome: file("genome")?,
        annotation: file("annotation")?,
        model: file("model")?,
        sites: file("sites")?,
        anchors: file("anchors")?,
        permutations: keys.whole("permutations", 0..=1_000_000)?.unwrap_or(1_000),
        predicted: keys
            .whole("predicted", 1..=1_000_000)?
            .unwrap_or(crate::job::findings::PREDICTED.count),
    };
    keys.finish()?;
    Ok(inputs)
}

const KINDS: [(&str, &str); 8] = [
    ("genome-view", "genome-view"),
    ("attention-map", "attention-map"),
    ("logo", "logo"),
    ("profile", "profile"),
    ("heads-grid", "heads-grid"),
    ("compare-matrix", "compare-matrix"),
    ("curves", "curves"),
    ("mutagenesis", "mutagenesis"),
];

fn read_panel(
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
        "attention-map" => PanelKind::AttentionMap {
            locus: locus(&mut keys)?,
            strand: strand(&mut keys)?,
            head: head(&mut keys)?,
            over_expected: keys.flag("over-expected")?.unwrap_or(false),
        },
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
            tfs: keys.list("tf", "names of transcription factors", |text| {
                Some(text.to_owned())
            })?,
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

fn strand(keys: &mut Keys<'_>) -> Result<Option<Strand>, DescriptionError> {
    let strands = [("+", Strand::Forward), ("-", Strand::Reverse)];
    keys.choice("strand", &strands)
}

fn table(keys: &mut Keys<'_>, folder: &Path) -> Result<PathBuf, DescriptionError> {
    let name = keys.text("data")?;
    let name = keys.required(name, "data", "the name of a tab-separated table")?;
    Ok(folder.join(name))
}

fn read_genome_view(keys: &mut Keys<'_>) -> Result<PanelKind, DescriptionError> {
    let rules = [
        ("mean", Received::Mean),
        ("weighted", Received::Weighted),
        ("over-expected", Received::OverExpected),
    ];
    Ok(PanelKind::GenomeView {
        locus: locus(keys)?,
        strand: strand(keys)?,
        rule: keys.choice("color", &rules)?.unwrap_or(Received::Weighted),
        heads: keys.list("heads", HEAD, |text| text.parse().ok())?,
        hidden: keys.list(
            "hide",
            "\"ruler\", \"sequence\", \"genes\", \"sites\", \"probability\" or \"heads\"",
            |text| match text {
                "ruler" => Some(TrackKind::Ruler),
                "sequence" => Some(TrackKind::Sequence),
                "genes" => Some(TrackKind::Genes),
                "sites" => Some(TrackKind::Sites(0)),
                "probability" => Some(TrackKind::Probability),
                "heads" => Some(TrackKind::Heads),
                _ => None,
            },
        )?,
        scale_bar: keys.flag("scale-bar")?.unwrap_or(false),
    })
}
