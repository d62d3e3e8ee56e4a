//! A figure description: a page in millimetres and what its panels show, from TOML.

use super::keys::{DescriptionError, Keys, Source};
use super::panel_keys::{read_inputs, read_page, read_panel};
use crate::attention::{HeadId, Received};
use crate::figure::{BaseColors, Colormap, Theme};
use crate::genome::Strand;
use crate::job::findings::PREDICTED;
use crate::model::Mode;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Width of a single column of most journals, in mm.
pub const SINGLE_MM: f32 = 85.0;
/// Width of a double column, in mm.
pub const DOUBLE_MM: f32 = 180.0;
/// Panels that a page can hold: one a letter.
pub const MOST_PANELS: usize = 26;
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

impl Default for PageDescription {
    fn default() -> Self {
        Self {
            width_mm: DOUBLE_MM,
            height_mm: None,
            columns: 1,
            gap_mm: 4.0,
            margin_mm: 1.0,
            font_pt: 7.0,
            line_pt: 0.5,
            theme: Theme::default(),
            base_colors: BaseColors::default(),
            labels: Labels::Upper,
        }
    }
}

/// Permutations of the positional control where a description does not say.
pub const PERMUTATIONS: usize = 1_000;

/// Files that the panels are drawn from; the embedded example where they are not given.
#[derive(Clone, Debug, PartialEq)]
pub struct InputsDescription {
    /// The genome.
    pub genome: Option<PathBuf>,
    /// Its annotation.
    pub annotation: Option<PathBuf>,
    /// The model.
    pub model: Option<PathBuf>,
    /// Files of known sites, a track each; those of the example on its genome where empty.
    pub sites: Vec<SitesInput>,
    /// Start sites for heads.
    pub anchors: Option<PathBuf>,
    /// Folder of a run over the whole genome, for loci too long to be computed.
    pub run: Option<PathBuf>,
    /// How the borders of segments are treated.
    pub mode: Mode,
    /// Permutations of the positional control of heads.
    pub permutations: usize,
    /// Predicted start sites where there is no file of them.
    pub predicted: usize,
}

impl Default for InputsDescription {
    fn default() -> Self {
        Self {
            genome: None,
            annotation: None,
            model: None,
            sites: Vec::new(),
            anchors: None,
            run: None,
            mode: Mode::Seamless,
            permutations: PERMUTATIONS,
            predicted: PREDICTED.count,
        }
    }
}

/// Where known sites come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SitesInput {
    /// The embedded example's; `example` in a description.
    Example,
    /// A file.
    File(PathBuf),
}

/// A track as a description names it: `genes`, `sites` for every set, `sites:NAME` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackName {
    /// Coordinates.
    Ruler,
    /// Letters of the sequence.
    Sequence,
    /// Genes.
    Genes,
    /// Transcription start sites of a file.
    Tss,
    /// Every set of sites, or the one of this name.
    Sites(Option<String>),
    /// What a pinned query looks at.
    Arcs,
    /// The model's probability.
    Probability,
    /// The head rows.
    Heads,
    /// The legend of the head rows.
    Legend,
}

impl TrackName {
    const WORDS: [(&str, Self); 9] = [
        ("ruler", Self::Ruler),
        ("sequence", Self::Sequence),
        ("genes", Self::Genes),
        ("tss", Self::Tss),
        ("sites", Self::Sites(None)),
        ("arcs", Self::Arcs),
        ("probability", Self::Probability),
        ("heads", Self::Heads),
        ("legend", Self::Legend),
    ];

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix("sites:") {
            return Some(Self::Sites(Some(name.to_owned())));
        }
        let known = Self::WORDS.into_iter().find(|(known, _)| *known == word);
        known.map(|(_, track)| track)
    }
}

impl std::fmt::Display for TrackName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Self::Sites(Some(name)) = self {
            return write!(f, "sites:{name}");
        }
        let known = Self::WORDS.iter().find(|(_, track)| track == self);
        f.write_str(known.map_or("", |(word, _)| word))
    }
}

/// How the tracks of a genome view differ from the usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LooksDescription {
    /// Their order below the ruler; those left out follow in the usual order.
    pub order: Vec<TrackName>,
    /// Those that are left out.
    pub hidden: Vec<TrackName>,
    /// Heights over the usual ones.
    pub heights: Vec<(TrackName, f32)>,
    /// The upper end of the axis of P(TSS).
    pub probability_top: Option<f32>,
    /// The upper end of the colours of the head rows.
    pub heads_top: Option<f32>,
    /// The colours of the head rows, where their rule allows a choice.
    pub colormap: Option<Colormap>,
    /// Whether sites are outlined over the head rows too.
    pub sites_over_heads: bool,
}

/// A query whose attention is drawn as arcs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryDescription {
    /// The output's base, 1-based on the forward strand.
    pub position: usize,
    /// The strand that is read; that of the head rows where `None`.
    pub strand: Option<Strand>,
    /// The head.
    pub head: HeadId,
}

/// Tracks along a locus.
#[derive(Clone, Debug, PartialEq)]
pub struct GenomePanel {
    /// As people write it.
    pub locus: String,
    /// The strand of the head rows.
    pub strand: Option<Strand>,
    /// The rule of the head rows.
    pub rule: Received,
    /// The head rows; all where empty.
    pub heads: Vec<HeadId>,
    /// The head whose row is marked.
    pub marked_head: Option<HeadId>,
    /// The query whose keys are drawn as arcs.
    pub query: Option<QueryDescription>,
    /// First and last base that are marked, 1-based.
    pub selected: Option<(usize, usize)>,
    /// Transcription factors whose sites are left out.
    pub hidden_tfs: Vec<String>,
    /// The tracks.
    pub looks: LooksDescription,
    /// Whether a scale bar is drawn.
    pub scale_bar: bool,
}

impl GenomePanel {
    /// Everything as usual.
    #[must_use]
    pub fn new(locus: String, rule: Received) -> Self {
        Self {
            locus,
            strand: None,
            rule,
            heads: Vec::new(),
            marked_head: None,
            query: None,
            selected: None,
            hidden_tfs: Vec::new(),
            looks: LooksDescription::default(),
            scale_bar: false,
        }
    }
}

/// What the colours of an attention map show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapColorRule {
    /// The weight, by its logarithm.
    #[default]
    Logarithmic,
    /// The weight.
    Linear,
    /// The weight over its mean at that distance.
    OverExpected,
}

/// Weights of one head over the queries of a locus.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPanel {
    /// As people write it.
    pub locus: String,
    /// The strand that is read.
    pub strand: Option<Strand>,
    /// The head.
    pub head: HeadId,
    /// What the colours show.
    pub colors: MapColorRule,
    /// The longest distance, in bases; the whole context where `None`.
    pub longest_bp: Option<usize>,
    /// A query that is marked, 1-based.
    pub query: Option<usize>,
    /// Transcription factors whose sites are left out.
    pub hidden_tfs: Vec<String>,
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
    GenomeView(Box<GenomePanel>),
    /// Weights of one head over the queries of a locus.
    AttentionMap(MapPanel),
    /// What one query looks at, as arcs over the sequence and the genes.
    Arcs {
        /// As people write it.
        locus: String,
        /// The query and the head.
        query: QueryDescription,
        /// Transcription factors whose sites are left out.
        hidden_tfs: Vec<String>,
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
    /// The table that it is drawn from.
    #[must_use]
    pub fn data(&self) -> Option<&Path> {
        match self {
            Self::CompareMatrix { data, .. }
            | Self::Curves { data, .. }
            | Self::Mutagenesis { data, .. } => Some(data),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn data_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::CompareMatrix { data, .. }
            | Self::Curves { data, .. }
            | Self::Mutagenesis { data, .. } => Some(data),
            _ => None,
        }
    }

    /// The word that a description has for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::GenomeView(_) => "genome-view",
            Self::AttentionMap(_) => "attention-map",
            Self::Arcs { .. } => "arcs",
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
        let description = Self::draft(path, text)?;
        if description.panels.is_empty() {
            return Err(panel_count(path, 0));
        }
        Ok(description)
    }

    /// [`Description::parse`] of one that may still be without panels.
    ///
    /// # Errors
    /// [`DescriptionError`].
    pub fn draft(path: &Path, text: &str) -> Result<Self, DescriptionError> {
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
        if panels.len() > MOST_PANELS {
            return Err(panel_count(path, panels.len()));
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

fn panel_count(path: &Path, found: usize) -> DescriptionError {
    DescriptionError::Missing {
        path: path.to_owned(),
        line: 1,
        table: "the file".to_owned(),
        key: "panel".to_owned(),
        expected: format!("1 to {MOST_PANELS} tables under [[panel]], found {found}"),
    }
}
