//! Writes a description as TOML, such that reading it gives the same description.

use super::describe::{
    CurveAxes, DOUBLE_MM, Description, GenomePanel, InputsDescription, Labels, MapColorRule,
    MapPanel, PageDescription, PanelDescription, PanelKind, SINGLE_MM, SitesInput,
};
use super::panel_keys::EXAMPLE;
use crate::attention::{HeadId, Received};
use crate::figure::{BaseColors, Theme};
use crate::genome::Strand;
use crate::model::Mode;
use std::fmt::{Display, Write as _};
use std::path::Path;

/// Lines of `key = value` under the header of a table.
struct Table(String);

impl Table {
    fn new(header: &str) -> Self {
        Self(format!("{header}\n"))
    }

    /// A number or a switch.
    fn plain(&mut self, key: &str, value: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.plain(key, quoted(value));
    }

    /// One text, or a list of them; nothing where there is none.
    fn texts(&mut self, key: &str, values: &[String]) {
        match values {
            [] => {}
            [only] => self.text(key, only),
            several => {
                let listed: Vec<String> = several.iter().map(|value| quoted(value)).collect();
                self.plain(key, format!("[{}]", listed.join(", ")));
            }
        }
    }

    /// A switch that is off where it is not there.
    fn flag(&mut self, key: &str, is_on: bool) {
        if is_on {
            self.plain(key, true);
        }
    }

    fn path(&mut self, key: &str, path: &Path, folder: &Path) {
        self.text(key, &path_text(path, folder));
    }
}

/// A path as it stands in a description in `folder`.
fn path_text(path: &Path, folder: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside.to_string_lossy().into_owned()
}

/// A text as TOML quotes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

impl Description {
    /// The description as TOML for a file in `folder`: paths below it are written as seen from there.
    #[must_use]
    pub fn to_toml(&self, folder: &Path) -> String {
        let mut tables = vec![page(&self.page)];
        tables.extend(inputs(&self.inputs, folder));
        tables.extend(self.panels.iter().map(|one| panel(one, folder)));
        tables.join("\n")
    }
}

fn page(page: &PageDescription) -> String {
    let mut table = Table::new("[page]");
    let is = |mm: f32| page.width_mm.to_bits() == mm.to_bits();
    if is(SINGLE_MM) {
        table.text("width", "single");
    } else if is(DOUBLE_MM) {
        table.text("width", "double");
    } else {
        table.plain("width", page.width_mm);
    }
    if let Some(height) = page.height_mm {
        table.plain("height", height);
    }
    table.plain("columns", page.columns);
    table.plain("gap", page.gap_mm);
    table.plain("margin", page.margin_mm);
    table.plain("font", page.font_pt);
    table.plain("line", page.line_pt);
    table.text(
        "theme",
        match page.theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        },
    );
    table.text(
        "bases",
        match page.base_colors {
            BaseColors::Safe => "safe",
            BaseColors::Classic => "classic",
        },
    );
    table.text(
        "labels",
        match page.labels {
            Labels::Upper => "A",
            Labels::Lower => "a",
            Labels::Hidden => "none",
        },
    );
    table.0
}

fn inputs(inputs: &InputsDescription, folder: &Path) -> Option<String> {
    let usual = InputsDescription::default();
    if *inputs == usual {
        return None;
    }
    let mut table = Table::new("[inputs]");
    for (key, path) in [
        ("genome", &inputs.genome),
        ("annotation", &inputs.annotation),
        ("model", &inputs.model),
        ("anchors", &inputs.anchors),
        ("run", &inputs.run),
    ] {
        if let Some(path) = path {
            table.path(key, path, folder);
        }
    }
    let sites: Vec<String> = inputs
        .sites
        .iter()
        .map(|sites| match sites {
            SitesInput::Example => EXAMPLE.to_owned(),
            SitesInput::File(path) => path_text(path, folder),
        })
        .collect();
    table.texts("sites", &sites);
    if inputs.mode == Mode::Faithful {
        table.text("mode", "faithful");
    }
    if inputs.permutations != usual.permutations {
        table.plain("permutations", inputs.permutations);
    }
    if inputs.predicted != usual.predicted {
        table.plain("predicted", inputs.predicted);
    }
    Some(table.0)
}

fn panel(panel: &PanelDescription, folder: &Path) -> String {
    let mut table = Table::new("[[panel]]");
    table.text("kind", panel.kind.word());
    if panel.span != 1 {
        table.plain("span", panel.span);
    }
    if let Some(height) = panel.height_mm {
        table.plain("height", height);
    }
    if let Some(title) = &panel.title {
        table.text("title", title);
    }
    match &panel.kind {
        PanelKind::GenomeView(view) => genome_view(&mut table, view),
        PanelKind::AttentionMap(map) => attention_map(&mut table, map),
        PanelKind::Arcs {
            locus,
            query,
            hidden_tfs,
        } => {
            table.text("locus", locus);
            strand(&mut table, "strand", query.strand);
            table.text("head", &query.head.to_string());
            table.plain("query", query.position);
            table.texts("hide-tfs", hidden_tfs);
        }
        PanelKind::Logo { heads: shown } => table.texts("head", &heads(shown)),
        PanelKind::Profile { head } => table.text("head", &head.to_string()),
        PanelKind::HeadsGrid => {}
        PanelKind::CompareMatrix { data, tfs, q } => {
            table.path("data", data, folder);
            table.texts("tf", tfs);
            table.plain("q", q);
        }
        PanelKind::Curves { data, axes } => {
            table.path("data", data, folder);
            table.text(
                "axes",
                match axes {
                    CurveAxes::Roc => "roc",
                    CurveAxes::PrecisionRecall => "pr",
                },
            );
        }
        PanelKind::Mutagenesis { data, tss } => {
            table.path("data", data, folder);
            if let Some(tss) = tss {
                table.plain("tss", tss);
            }
        }
    }
    table.0
}

fn heads(heads: &[HeadId]) -> Vec<String> {
    heads.iter().map(ToString::to_string).collect()
}

fn strand(table: &mut Table, key: &str, strand: Option<Strand>) {
    if let Some(strand) = strand {
        let sign = match strand {
            Strand::Forward => "+",
            Strand::Reverse => "-",
        };
        table.text(key, sign);
    }
}

fn genome_view(table: &mut Table, view: &GenomePanel) {
    table.text("locus", &view.locus);
    strand(table, "strand", view.strand);
    table.text(
        "color",
        match view.rule {
            Received::Mean => "mean",
            Received::Weighted => "weighted",
            Received::OverExpected => "over-expected",
        },
    );
    table.texts("heads", &heads(&view.heads));
    let head = view.query.map(|query| query.head).or(view.marked_head);
    if let Some(head) = head {
        table.text("head", &head.to_string());
    }
    if let Some(query) = view.query {
        table.plain("query", query.position);
        strand(table, "query-strand", query.strand);
    }
    if let Some((first, last)) = view.selected {
        table.text("selected", &format!("{first}-{last}"));
    }
    table.texts("hide-tfs", &view.hidden_tfs);
    let looks = &view.looks;
    let names = |tracks: &[super::describe::TrackName]| -> Vec<String> {
        tracks.iter().map(ToString::to_string).collect()
    };
    table.texts("order", &names(&looks.order));
    table.texts("hide", &names(&looks.hidden));
    let heights = looks.heights.iter();
    let heights: Vec<String> = heights
        .map(|(track, height)| format!("{track} {height}"))
        .collect();
    table.texts("heights", &heights);
    if let Some(top) = looks.probability_top {
        table.plain("probability-top", top);
    }
    if let Some(top) = looks.heads_top {
        table.plain("heads-top", top);
    }
    if let Some(map) = looks.colormap {
        table.text("color-map", map.name());
    }
    table.flag("sites-over-heads", looks.sites_over_heads);
    table.flag("scale-bar", view.scale_bar);
}

fn attention_map(table: &mut Table, map: &MapPanel) {
    table.text("locus", &map.locus);
    strand(table, "strand", map.strand);
    table.text("head", &map.head.to_string());
    table.text(
        "color",
        match map.colors {
            MapColorRule::Logarithmic => "log",
            MapColorRule::Linear => "linear",
            MapColorRule::OverExpected => "over-expected",
        },
    );
    if let Some(longest) = map.longest_bp {
        table.plain("longest", longest);
    }
    if let Some(query) = map.query {
        table.plain("query", query);
    }
    table.texts("hide-tfs", &map.hidden_tfs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Colormap;
    use crate::job::figure_page::describe::{QueryDescription, TrackName};

    /// Reading what is written gives the same, apart from the text itself and its lines.
    fn returns(description: &Description, folder: &Path) {
        let text = description.to_toml(folder);
        let mut read = Description::parse(&folder.join("a.toml"), &text)
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        read.text.clone_from(&description.text);
        read.path.clone_from(&description.path);
        for (own, other) in read.panels.iter_mut().zip(&description.panels) {
            own.line = other.line;
        }
        assert_eq!(read, *description, "{text}");
        assert_eq!(read.to_toml(folder), text);
    }

    #[test]
    fn the_examples_come_back() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/figures");
        for name in ["lac", "heads", "head", "compare"] {
            let path = folder.join(name).with_extension("toml");
            returns(&Description::open(&path).unwrap(), &folder);
        }
    }

    #[test]
    fn everything_that_can_be_said_comes_back() {
        let head = HeadId { layer: 3, head: 4 };
        let query = QueryDescription {
            position: 366_305,
            strand: Some(Strand::Reverse),
            head,
        };
        let file = |name: &str| Path::new("/data").join(name);
        let view = GenomePanel {
            strand: Some(Strand::Forward),
            heads: vec![head, HeadId { layer: 0, head: 0 }],
            marked_head: Some(head),
            query: Some(query),
            selected: Some((5, 9)),
            hidden_tfs: vec!["a \"b\" \\ c\td".to_owned(), "µ\u{1}".to_owned()],
            looks: super::super::describe::LooksDescription {
                order: vec![TrackName::Heads, TrackName::Sites(Some("x y.tsv".into()))],
                hidden: vec![TrackName::Legend],
                heights: vec![
                    (TrackName::Sites(Some("x y.tsv".into())), 1.75),
                    (TrackName::Probability, 0.5),
                ],
                probability_top: Some(0.2),
                heads_top: Some(3.5),
                colormap: Some(Colormap::Cividis),
                sites_over_heads: true,
            },
            scale_bar: true,
            ..GenomePanel::new("NC_1:1-9".to_owned(), Received::OverExpected)
        };
        let map = MapPanel {
            locus: "lacZ".to_owned(),
            strand: None,
            head,
            colors: MapColorRule::Linear,
            longest_bp: Some(60),
            query: Some(7),
            hidden_tfs: vec!["CRP".to_owned()],
        };
        let kinds = [
            PanelKind::GenomeView(Box::new(view)),
            PanelKind::AttentionMap(map),
            PanelKind::Arcs {
                locus: "lacZ".to_owned(),
                query,
                hidden_tfs: Vec::new(),
            },
            PanelKind::Logo { heads: vec![head] },
            PanelKind::Profile { head },
            PanelKind::HeadsGrid,
            PanelKind::CompareMatrix {
                data: file("b/c.tsv"),
                tfs: vec!["CRP".to_owned(), "Fis".to_owned()],
                q: 0.01,
            },
            PanelKind::Curves {
                data: Path::new("/other/d.tsv").to_owned(),
                axes: CurveAxes::PrecisionRecall,
            },
            PanelKind::Mutagenesis {
                data: file("e.tsv"),
                tss: Some(12),
            },
        ];
        let panels = kinds.into_iter().enumerate().map(|(index, kind)| {
            let height_mm = (index % 2 == 0).then_some(33.3);
            PanelDescription {
                line: 1,
                span: 1 + index % 2,
                height_mm,
                title: height_mm.map(|_| "one\nand two".to_owned()),
                kind,
            }
        });
        let description = Description {
            path: file("a.toml"),
            text: String::new(),
            page: PageDescription {
                width_mm: 101.6,
                height_mm: Some(222.0),
                columns: 2,
                theme: Theme::Dark,
                base_colors: BaseColors::Classic,
                labels: Labels::Lower,
                ..PageDescription::default()
            },
            inputs: InputsDescription {
                genome: Some(file("g.fa")),
                run: Some(file("run")),
                sites: vec![SitesInput::Example, SitesInput::File(file("s.tsv"))],
                mode: Mode::Faithful,
                permutations: 199,
                predicted: 300,
                ..InputsDescription::default()
            },
            panels: panels.collect(),
        };
        returns(&description, Path::new("/data"));
    }
}
