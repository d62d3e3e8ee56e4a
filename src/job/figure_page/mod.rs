//! A figure page from its description: what it needs is computed, its panels are drawn and set.

pub mod describe;
mod keys;
pub mod locus;
mod panels;
pub mod sidecar;
pub mod sources;
pub mod tables;

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
use std::path::PathBuf;

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
    #[error("{}:{line}: {panel}", path.display())]
    Panel {
        /// The description.
        path: PathBuf,
        /// 1-based line of the panel.
        line: usize,
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
                    path: description.path.clone(),
                    line: panel.line,
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
            views.extend(view);
            tables.push((file_name(panel, next, letter), table));
            placed.push(Panel {
                label: letter,
                name: format!("{}:{}: {name}", description.path.display(), panel.line),
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
            panel: format!("{}: the page", description.path.display()),
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

fn letter(index: usize, labels: Labels) -> Option<char> {
    let letter = char::from(b'A' + (index % 26) as u8);
    match labels {
        Labels::Upper => Some(letter),
        Labels::Lower => Some(letter.to_ascii_lowercase()),
        Labels::Hidden => None,
    }
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
        .flat_map(|set| [("sites", set.name.clone()), ("sites sha256", checksum(set))])
        .collect()
}

/// SHA-256 of the sites as lines of factor, contig, first and last base.
fn checksum(set: &SiteSet) -> String {
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
