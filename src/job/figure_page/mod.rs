//! A figure page from its description: what it needs is computed, its panels are drawn and set.

pub mod describe;
pub mod files;
pub mod inside;
mod keys;
pub mod live;
pub mod locus;
pub mod opened;
mod panel_keys;
mod panels;
pub mod sidecar;
pub mod sources;
pub mod tables;
mod write;

pub use describe::Description;
pub use keys::DescriptionError;
pub use sidecar::{ShownView, Sidecar};
pub use sources::Sources;

use super::JobError;
use super::figure::provenance;
use crate::figure::Provenance;
use crate::figure::page::{PageError, PageStyle, Panel, compose, label_column};
use crate::figure::scene::{POINTS_PER_MM, Rect, Scene};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use describe::{Labels, PanelDescription};
use panels::{Canvas, DrawnPanel, draw};
use std::fmt::Write as _;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FigurePageError {
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The description cannot be used.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// A panel could not be drawn.
    #[error("{place}{panel}")]
    Panel {
        /// The description and the 1-based line of the panel, `fig3.toml:12: `; nothing where it is no file.
        place: String,
        /// The panel.
        panel: String,
        /// What went wrong.
        source: JobError,
    },
    /// The panels do not fit the page.
    #[error(transparent)]
    Page(#[from] PageError),
}

/// A page, where it comes from and what it shows.
#[derive(Clone, Debug)]
pub struct RenderedPage {
    /// The page.
    pub scene: Scene,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What its panels show, where a window can show it.
    pub views: Vec<ShownView>,
    /// The numbers behind each panel: a name for a file, and tab-separated text.
    pub tables: Vec<(String, String)>,
}

/// Makes the page of a description; the same description and sources always give the same page.
///
/// # Errors
/// [`FigurePageError`].
pub fn render(
    description: &Description,
    sources: &mut Sources,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<RenderedPage, FigurePageError> {
    let page = &description.page;
    let [width, gap, margin] =
        [page.width_mm, page.gap_mm, page.margin_mm].map(|mm| mm * POINTS_PER_MM);
    let mut style = PageStyle {
        width,
        height: 0.0,
        font: page.font_pt,
        line: page.line_pt,
        theme: page.theme,
    };
    let columns = page.columns as f32;
    let column = (width - 2.0 * margin - gap * (columns - 1.0)) / columns;
    let labelled = page.labels != Labels::Hidden;
    let mut origin = page_provenance(description, sources);
    let (mut placed, mut views, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    let mut top = margin;
    let mut next = 0;
    for row in rows(&description.panels, page.columns) {
        let mut left = margin;
        let mut height = 0.0_f32;
        let first = placed.len();
        for panel in row {
            let span = panel.span as f32;
            let place = Rect::new(left, top, column * span + gap * (span - 1.0), 0.0);
            left = place.right() + gap;
            let letter = letter(next, page.labels);
            next += 1;
            let name = name(panel, next, letter);
            let canvas = Canvas {
                description,
                width: (place.width - label_column(labelled)).max(1.0) / style.factor(),
                factor: style.factor(),
            };
            let drawn = draw(panel, &canvas, sources, progress, cancel).map_err(|source| {
                if source.is::<Cancelled>() {
                    return FigurePageError::Cancelled(Cancelled);
                }
                FigurePageError::Panel {
                    place: place_of(description, Some(panel)),
                    panel: name.clone(),
                    source,
                }
            })?;
            let DrawnPanel {
                scene,
                words,
                table,
                view,
            } = drawn;
            let asked = panel.height_mm.unwrap_or(0.0) * POINTS_PER_MM;
            height = height.max(scene.height * style.factor()).max(asked);
            origin.add(&name, words);
            if let Some(view) = &view {
                inside::add_view(&mut origin, view);
            }
            views.extend(view);
            tables.push((file_name(panel, next, letter), table));
            placed.push(Panel {
                label: letter,
                name: format!("{}{name}", place_of(description, Some(panel))),
                scene,
                place,
            });
        }
        for panel in &mut placed[first..] {
            panel.place.height = height;
        }
        top += height + gap;
    }
    let content = top - gap + margin;
    style.height = page.height_mm.map_or(content, |mm| mm * POINTS_PER_MM);
    if content > style.height + 0.05 {
        return Err(FigurePageError::Page(PageError::TooLarge {
            panel: format!("{}the page", place_of(description, None)),
            direction: "in height",
            needs_mm: content / POINTS_PER_MM,
            has_mm: style.height / POINTS_PER_MM,
        }));
    }
    Ok(RenderedPage {
        scene: compose(&style, &placed)?,
        provenance: origin,
        views,
        tables,
    })
}

/// Where an error lies: `fig3.toml:12: `, or nothing where the description is no file.
fn place_of(description: &Description, panel: Option<&PanelDescription>) -> String {
    let path = description.path.display();
    match panel {
        _ if description.path.as_os_str().is_empty() => String::new(),
        Some(panel) => format!("{path}:{}: ", panel.line),
        None => format!("{path}: "),
    }
}

/// Panels that stand side by side: as many as fit the grid.
fn rows(panels: &[PanelDescription], columns: usize) -> Vec<&[PanelDescription]> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (index, panel) in panels.iter().enumerate() {
        if used + panel.span > columns && index > start {
            rows.push(&panels[start..index]);
            (start, used) = (index, 0);
        }
        used += panel.span;
    }
    rows.push(&panels[start..]);
    rows
}

/// The letter of a panel, if it bears one.
#[must_use]
pub fn letter(index: usize, labels: Labels) -> Option<char> {
    let letter = char::from(b'A' + (index % 26) as u8);
    match labels {
        Labels::Upper => Some(letter),
        Labels::Lower => Some(letter.to_ascii_lowercase()),
        Labels::Hidden => None,
    }
}

/// What panel number `index` is called where something is wrong with it.
#[must_use]
pub fn panel_name(panel: &PanelDescription, index: usize, labels: Labels) -> String {
    name(panel, index + 1, letter(index, labels))
}

fn name(panel: &PanelDescription, number: usize, letter: Option<char>) -> String {
    let letter = letter.map_or_else(|| number.to_string(), String::from);
    format!("panel {letter} ({})", panel.kind.word())
}

fn file_name(panel: &PanelDescription, number: usize, letter: Option<char>) -> String {
    let letter = letter.map_or_else(|| number.to_string(), String::from);
    format!("{letter}-{}.tsv", panel.kind.word())
}

fn page_provenance(description: &Description, sources: &Sources) -> Provenance {
    let page = &description.page;
    let mut more = sites_entries(sources);
    more.extend([
        ("mode", sources.mode.to_string()),
        (
            "page",
            format!(
                "{} mm wide, font {} pt, lines {} pt",
                page.width_mm, page.font_pt, page.line_pt
            ),
        ),
        ("permutations", description.inputs.permutations.to_string()),
    ]);
    provenance(&sources.genome, &sources.model, &more)
}

/// Names and checksums of the sites.
#[must_use]
pub fn sites_entries(sources: &Sources) -> Vec<(&'static str, String)> {
    sources
        .sites
        .iter()
        .flat_map(|set| {
            [
                ("sites", set.name.clone()),
                ("sites sha256", sites_checksum(set)),
            ]
        })
        .collect()
}

/// SHA-256 of the sites as lines of factor, contig, first and last base.
#[must_use]
pub fn sites_checksum(set: &SiteSet) -> String {
    use sha2::Digest as _;
    let mut sum = sha2::Sha256::new();
    for site in &set.sites {
        let (first, last) = (site.interval.start + 1, site.interval.end);
        sum.update(format!(
            "{}\t{}\t{first}\t{last}\n",
            site.tf(),
            site.contig()
        ));
    }
    sum.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
