//! What lies under the pointer in the genome view, in words.

use crate::attention::HeadId;
use crate::figure::scene::{Point, Tag};
use crate::figure::tracks::{Hit, TrackKind};
use crate::genome::locus::grouped;
use crate::genome::{Feature, Interval, Strand, TssOffset};
use crate::gui::app::App;
use crate::gui::state::Pin;
use crate::job::live::{PAGE_BP, Page};
use crate::sites::Site;

/// What lies under `point` of the drawn view, line by line; nothing where there is nothing to say.
#[must_use]
pub fn lines(app: &App, tag: Option<&Tag>, hit: Hit) -> Vec<String> {
    let workspace = &app.workspace;
    match tag {
        Some(Tag::Feature(index)) if hit.track == TrackKind::Genes => workspace
            .features
            .all()
            .get(*index)
            .map(gene)
            .unwrap_or_default(),
        Some(Tag::Feature(index)) if hit.track == TrackKind::Tss => {
            let anchors = workspace.anchors.as_ref();
            let found = anchors.and_then(|anchors| anchors.features.all().get(*index));
            found.map(start_site).unwrap_or_default()
        }
        Some(Tag::Site(set, index)) => {
            let found = workspace.sites.get(*set);
            let found = found.and_then(|set| set.sites.get(*index));
            found.map(site).unwrap_or_default()
        }
        Some(Tag::Key(key)) => arc(app, *key),
        _ => place(app, hit),
    }
}

/// A gene in words.
#[must_use]
pub fn gene(feature: &Feature) -> Vec<String> {
    let strand = feature
        .strand
        .map_or(String::new(), |strand| format!(", strand {strand}"));
    let mut lines = vec![format!("{} ({})", feature.name(), feature.locus_tag())];
    if !feature.product().is_empty() {
        lines.push(feature.product().to_owned());
    }
    lines.push(format!(
        "{}{strand}, {} bp",
        feature.interval,
        grouped(feature.interval.len())
    ));
    lines
}

fn start_site(feature: &Feature) -> Vec<String> {
    let strand = feature
        .strand
        .map_or(String::new(), |strand| format!(", strand {strand}"));
    let base = grouped(feature.interval.start + 1);
    let mut lines = vec![format!("transcription start site at {base}{strand}")];
    if !feature.name().is_empty() {
        lines.push(feature.name().to_owned());
    }
    lines.push("Click to pin the output that scores it.".to_owned());
    lines
}

/// A binding site in words.
#[must_use]
pub fn site(site: &Site) -> Vec<String> {
    let strand = site
        .strand
        .map_or("both or no strand".to_owned(), |strand| {
            format!("strand {strand}")
        });
    let mut lines = vec![
        format!("{} binding site, {strand}", site.tf()),
        format!("{}, {} bp", site.interval, site.interval.len()),
    ];
    if !site.sequence().is_empty() {
        lines.push(site.sequence().to_owned());
    }
    let targets: Vec<&str> = site.targets().collect();
    if !targets.is_empty() {
        lines.push(format!("of {}", targets.join(", ")));
    }
    lines
}

fn arc(app: &App, key: usize) -> Vec<String> {
    let Some((pin, weights)) = app.pinned_weights() else {
        return Vec::new();
    };
    let distance = pin.query.abs_diff(key);
    let weight = weights.get(distance).copied().unwrap_or(f32::NAN);
    let shift = app.workspace.model.config().label_shift;
    let mut lines = vec![
        format!(
            "{} at query {} {} looks at key {} {}",
            app.view.head_id(),
            grouped(pin.query + 1),
            base(app, pin, pin.query),
            grouped(key + 1),
            base(app, pin, key)
        ),
        format!(
            "distance {distance} bp: {} relative to the start site that the query scores",
            TssOffset::of_distance(shift, distance)
        ),
        format!(
            "weight {weight:.4} ({:.1} × uniform)",
            weight * weights.len() as f32
        ),
    ];
    let expected = app.expected.as_ref();
    let expected = expected.map(|(_, expected)| expected.row(app.view.head_id()));
    if let Some(expected) = expected.and_then(|row| row.get(distance)) {
        let ratio = (weight.max(1e-6) / expected.max(1e-6)).log2();
        lines.push(format!(
            "expected at that distance {expected:.4}: log₂ {ratio:+.2}"
        ));
    }
    lines
}

fn base(app: &App, pin: Pin, position: usize) -> char {
    let contig = app.workspace.genome.contigs.get(pin.contig);
    let bases =
        contig.map(|contig| contig.bases(Interval::new(position, position + 1), pin.strand));
    bases
        .and_then(|bases| bases.first().copied())
        .map_or(' ', crate::genome::Base::letter)
}

fn place(app: &App, hit: Hit) -> Vec<String> {
    let Some(bp) = hit.bp else {
        return Vec::new();
    };
    let mut lines = vec![format!("base {}", grouped(bp + 1))];
    match hit.track {
        TrackKind::Heads => head_lines(app, bp, hit.head, &mut lines),
        TrackKind::Probability => {
            for strand in Strand::BOTH {
                if let Some(value) = app.probability_at(strand, bp) {
                    lines.push(format!("P(TSS) {value:.4} at the output on {strand}"));
                }
            }
            let shift = app.workspace.model.config().label_shift;
            lines.push(format!(
                "An output scores the start site {shift} bases upstream of it. Click to pin it and see where the \
                 selected head looks."
            ));
        }
        TrackKind::Ruler => lines.push("Hold Shift and drag to select bases.".to_owned()),
        _ => return Vec::new(),
    }
    lines
}

fn head_lines(app: &App, bp: usize, head: Option<HeadId>, lines: &mut Vec<String>) {
    let Some(head) = head else { return };
    let strand = app.view.strand;
    lines.insert(0, format!("head {head}, strand {strand}"));
    let key = app.page_key(strand, bp / PAGE_BP);
    let Some(page) = app.pages.peek(&key) else {
        lines.push("not computed base by base here: zoom in".to_owned());
        return;
    };
    let Page::Tracks(page) = &*page else { return };
    let tracks = page.tracks();
    let Some(column) = bp.checked_sub(tracks.interval.start) else {
        return;
    };
    let index = app.workspace.model.head_shape().row(head) * tracks.interval.len() + column;
    let uniform = 1.0 / app.workspace.model.config().context as f32;
    let value = |rule: usize| tracks.tracks[rule].get(index).copied().unwrap_or(f32::NAN);
    lines.push(format!(
        "mean received weight {:.5} ({:.1} × uniform)",
        value(0),
        value(0) / uniform
    ));
    lines.push(format!("weighted by P(TSS) {:.5}", value(1)));
    lines.push(format!("over expected: log₂ {:+.2}", value(2)));
    let sites: Vec<String> = app
        .workspace
        .sites
        .iter()
        .flat_map(|set| set.overlapping(app.view.viewport.contig, Interval::new(bp, bp + 1)))
        .filter(|site| !app.view.hidden_tfs.contains(site.tf()))
        .take(4)
        .map(|site| format!("{} binding site", site.tf()))
        .collect();
    lines.extend(sites);
}

/// A point relative to the upper left corner of a rectangle.
#[must_use]
pub fn within(rect: egui::Rect, at: egui::Pos2) -> Point {
    Point {
        x: at.x - rect.min.x,
        y: at.y - rect.min.y,
    }
}
