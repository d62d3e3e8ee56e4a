//! Commands about places: selection, pins, sites, patterns of bases, tables and explanations.

use super::app::App;
use super::command::{Command, Picture};
use super::notices::Weight;
use super::panes::explain::Topic;
use super::state::{Pin, Selection, Tab};
use super::table::TableKind;
use crate::genome::{Anchor, Interval, Pattern, Strand, base};
use crate::job::figure::{ShownSites, locus_text};
use crate::job::find_sequence::{LISTED_HITS, SequenceHit, find_sequence};
use crate::job::{Outcome, open};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What can be asked for about places.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// Show the selected stretch, and nothing else.
    ZoomToSelection,
    /// Select what is shown.
    SelectShown,
    /// Copy the selected bases, as they are read on the strand of the head rows.
    CopySequence,
    /// The same as FASTA.
    CopyFasta,
    /// Ask where to save the selected bases as FASTA.
    SaveFasta,
    /// Pin the output with the highest probability in view on the strand of the head rows.
    PinStrongest,
    /// Look for a pattern of bases in the whole genome.
    FindSequence(String),
    /// Show this hit of the pattern.
    ShowHit(usize),
    /// Show the next hit, or the one before.
    StepHit(bool),
    /// Show the next site of this transcription factor, or the one before.
    StepSite(String, bool),
    /// Show the sites of this transcription factor alone.
    OnlyTf(String),
    /// Show or hide the table behind a picture.
    Table(TableKind),
    /// Show or hide what a picture means.
    Explain(Topic),
    /// Outline sites over the head rows, or not.
    SitesOverHeads,
    /// Leave out the row of the selected head.
    HideHead,
    /// Leave out the rows of its layer.
    HideLayer,
    /// Leave out the rows of all other layers.
    OnlyLayer,
    /// Give a bookmark another name.
    RenameBookmark(String, String),
}

/// Bases on either side of a hit or a site that is shown.
const AROUND_HIT_BP: f64 = 150.0;

/// Bases of a line of FASTA.
const FASTA_LINE_BP: usize = 70;

impl App {
    pub(super) fn carry_out_place(&mut self, ctx: &egui::Context, place: Place) {
        match place {
            Place::ZoomToSelection => {
                if let Some(Selection { contig, interval }) = self.selection() {
                    self.show(contig, interval.start as f64, interval.end as f64);
                }
            }
            Place::SelectShown => {
                self.view.selection = Some(Selection {
                    contig: self.view.viewport.contig,
                    interval: self.shown(),
                });
            }
            Place::CopySequence => {
                if let Some((_, bases)) = self.selected_bases() {
                    ctx.copy_text(bases);
                }
            }
            Place::CopyFasta => {
                if let Some(text) = self.selected_fasta() {
                    ctx.copy_text(text);
                }
            }
            Place::SaveFasta => {
                if self.selection().is_some() {
                    self.carry_out(ctx, Command::ExportSelection);
                }
            }
            Place::PinStrongest => self.pin_strongest(),
            Place::FindSequence(text) => self.find_sequence(&text),
            Place::ShowHit(index) => self.show_hit(index),
            Place::StepHit(forward) => self.step_hit(forward),
            Place::StepSite(tf, forward) => self.step_site(&tf, forward),
            Place::OnlyTf(tf) => {
                let shown = self.shown_sites();
                let names = shown.tfs().iter().map(|(name, _)| name);
                self.view.hidden_tfs = names.filter(|name| **name != tf).cloned().collect();
            }
            Place::Table(kind) => {
                self.table_shown = (self.table_shown != Some(kind)).then_some(kind);
            }
            Place::Explain(topic) => {
                self.explained = (self.explained != Some(topic)).then_some(topic);
            }
            Place::SitesOverHeads => self.view.sites_over_heads = !self.view.sites_over_heads,
            Place::HideHead => {
                let head = self.view.head;
                self.hide_more_heads(|other| other == head);
            }
            Place::HideLayer => {
                let layer = self.view.head.0;
                self.hide_more_heads(|other| other.0 == layer);
            }
            Place::OnlyLayer => {
                let layer = self.view.head.0;
                let all = self.workspace.model.head_shape().all();
                let others = all.filter(|head| head.layer != layer);
                self.hide_heads(others.map(|head| (head.layer, head.head)).collect());
            }
            Place::RenameBookmark(old, new) => self.rename_bookmark(&old, new.trim()),
        }
    }

    /// Leaves out the rows of these heads and of no others.
    pub(super) fn hide_heads(&mut self, heads: BTreeSet<(usize, usize)>) {
        let shape = self.workspace.model.head_shape();
        if heads.len() >= shape.len() {
            let hint =
                "One row has to stay: the head rows as a whole are hidden in the list of tracks.";
            self.notices.add(Weight::Hint, hint);
            return;
        }
        self.view.hidden_heads = heads;
        self.view.keep_head_within(shape);
    }

    fn hide_more_heads(&mut self, hides: impl Fn((usize, usize)) -> bool) {
        let all = self.workspace.model.head_shape().all();
        let more = all.map(|head| (head.layer, head.head));
        let more = more.filter(|head| hides(*head));
        let heads = self.view.hidden_heads.iter().copied().chain(more).collect();
        self.hide_heads(heads);
    }

    fn rename_bookmark(&mut self, old: &str, new: &str) {
        if new.is_empty() || new == old {
            return;
        }
        self.view.bookmarks.retain(|bookmark| bookmark.name != new);
        let mut bookmarks = self.view.bookmarks.iter_mut();
        if let Some(bookmark) = bookmarks.find(|bookmark| bookmark.name == old) {
            new.clone_into(&mut bookmark.name);
        }
    }

    /// The selected stretch, or a hint how to select one.
    fn selection(&mut self) -> Option<Selection> {
        if self.view.selection.is_none() {
            self.notices.add(
                Weight::Hint,
                "Nothing is selected. Hold Shift and drag over the genome view, or click a gene or a site.",
            );
        }
        self.view.selection
    }

    /// Where the selected bases lie, and the bases as they are read on the strand of the head rows.
    fn selected_bases(&mut self) -> Option<(String, String)> {
        let Selection { contig, interval } = self.selection()?;
        let contig = self.workspace.genome.contigs.get(contig)?;
        let bases = contig.bases(interval, self.view.strand);
        let name = format!(
            "{}({})",
            locus_text(contig, interval),
            self.view.strand.sign()
        );
        Some((name, base::text(&bases)))
    }

    fn selected_fasta(&mut self) -> Option<String> {
        let (name, bases) = self.selected_bases()?;
        let mut text = format!(">{}\n", name.replace(',', ""));
        for line in bases.as_bytes().chunks(FASTA_LINE_BP) {
            text.extend(line.iter().map(|letter| char::from(*letter)));
            text.push('\n');
        }
        Some(text)
    }

    /// Saves the selected bases.
    pub(super) fn save_fasta(&mut self, path: PathBuf) {
        let Some(text) = self.selected_fasta() else {
            return;
        };
        let label = format!("Saving {}", open::file_name(&path));
        self.start_job(label, move |_, _| {
            std::fs::write(&path, text)
                .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
            Ok(Outcome::Saved(path))
        });
    }

    fn pin_strongest(&mut self) {
        let strand = self.view.strand;
        // Farther out there is nothing base by base, and too many bases to ask.
        let shown = self.is_live().then(|| self.shown().range());
        let best = shown
            .into_iter()
            .flatten()
            .filter_map(|bp| Some((bp, self.probability_at(strand, bp)?)))
            .filter(|(_, probability)| !probability.is_nan())
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((query, _)) => {
                self.view.pinned = Some(Pin {
                    contig: self.view.viewport.contig,
                    query,
                    strand,
                });
            }
            None => self.notices.add(
                Weight::Hint,
                "Zoom in until P(TSS) is computed base by base, then pin its highest base.",
            ),
        }
    }

    /// The pin at the output that scores a start site.
    pub(super) fn pin_of_start_site(&self, anchor: Anchor) -> Option<Pin> {
        let shift = self.workspace.model.config().label_shift;
        let length = self.workspace.genome.contigs.get(anchor.contig)?.len();
        let query = match anchor.strand {
            Strand::Forward => Some(anchor.position + shift),
            Strand::Reverse => anchor.position.checked_sub(shift),
        };
        Some(Pin {
            contig: anchor.contig,
            query: query.filter(|query| *query < length)?,
            strand: anchor.strand,
        })
    }

    fn find_sequence(&mut self, text: &str) {
        let pattern = match Pattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                self.notices.add(Weight::Failure, error.to_string());
                return;
            }
        };
        let genome = Arc::clone(&self.workspace.genome);
        self.view.tab = Tab::Hits;
        self.hit = None;
        let label = format!("Looking for {}", pattern.text());
        self.start_job(label, move |progress, cancel| {
            let hits = find_sequence(&genome, &pattern, LISTED_HITS, progress, cancel)?;
            Ok(Outcome::Hits(Box::new(hits)))
        });
    }

    fn show_hit(&mut self, index: usize) {
        let hits = self.workspace.hits.clone();
        let Some(SequenceHit { locus, .. }) = hits.as_ref().and_then(|hits| hits.hits.get(index))
        else {
            return;
        };
        self.hit = Some(index);
        self.hit_moved = true;
        self.show_around(locus.contig, locus.interval);
        if let Some(strand) = locus.strand {
            self.view.strand = strand;
        }
    }

    fn step_hit(&mut self, forward: bool) {
        let count = self
            .workspace
            .hits
            .as_ref()
            .map_or(0, |hits| hits.hits.len());
        if count == 0 {
            let hint = match &self.workspace.hits {
                Some(hits) => format!("{} was found nowhere in this genome.", hits.pattern),
                None => "No pattern of bases has been looked for: type one into the search box, such as TTGACA."
                    .to_owned(),
            };
            self.notices.add(Weight::Hint, hint);
            return;
        }
        let next = match (self.hit, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(hit), true) => (hit + 1) % count,
            (Some(hit), false) => (hit + count - 1) % count,
        };
        self.show_hit(next);
    }

    /// Shows a stretch with its surroundings, and selects it.
    fn show_around(&mut self, contig: usize, interval: Interval) {
        let (start, end) = (interval.start as f64, interval.end as f64);
        self.show(contig, start - AROUND_HIT_BP, end + AROUND_HIT_BP);
        self.view.selection = Some(Selection { contig, interval });
    }

    fn step_site(&mut self, tf: &str, forward: bool) {
        let middle = self.view.viewport.start.midpoint(self.view.viewport.end);
        let here = (self.view.viewport.contig, middle);
        let mut places: Vec<(usize, Interval)> = self
            .workspace
            .sites
            .iter()
            .flat_map(|set| &set.sites)
            .filter(|site| site.tf() == tf)
            .map(|site| (site.contig(), site.interval))
            .collect();
        places.sort_unstable();
        let at = |place: &(usize, Interval)| {
            (
                place.0,
                f64::midpoint(place.1.start as f64, place.1.end as f64),
            )
        };
        // A site in the middle is the one that the last step has shown.
        let next = if forward {
            let after = places
                .iter()
                .find(|place| at(place) > (here.0, here.1 + 1.0));
            after.or(places.first())
        } else {
            let before = places
                .iter()
                .rfind(|place| at(place) < (here.0, here.1 - 1.0));
            before.or(places.last())
        };
        if let Some((contig, interval)) = next.copied() {
            self.view.hidden_tfs.remove(tf);
            self.show_around(contig, interval);
        }
    }

    /// The sites as the view shows them; made anew only when sites or filter have changed.
    pub(super) fn shown_sites(&mut self) -> Arc<ShownSites> {
        let key = (self.workspace.changes, self.view.hidden_tfs.clone());
        match &self.shown_sites {
            Some((of, shown)) if *of == key => Arc::clone(shown),
            _ => {
                let shown = ShownSites::new(&self.workspace.sites, &key.1);
                let shown = Arc::new(shown);
                self.shown_sites = Some((key, Arc::clone(&shown)));
                shown
            }
        }
    }

    /// Shows or hides a transcription factor.
    pub(super) fn set_tf_shown(&mut self, tf: &str, shown: bool) {
        let mut hidden: BTreeSet<String> = self.view.hidden_tfs.clone();
        if shown {
            hidden.remove(tf);
        } else {
            hidden.insert(tf.to_owned());
        }
        self.commands.push(Command::HideTfs(hidden));
    }

    /// What a save dialog is to offer for the selection.
    pub(super) fn ask_save_fasta(&mut self) {
        if self.selection().is_some() {
            self.dialogs.ask_save(
                Picture::Selection,
                Picture::Selection.file_name().to_owned(),
            );
        }
    }
}
