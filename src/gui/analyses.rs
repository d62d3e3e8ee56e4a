//! Commands about analyses and their tables: start one, open a cell, jump to a site, save a table.

use super::app::App;
use super::command::Picture;
use super::notices::Weight;
use super::panes::{compare, compare_sites};
use super::state::{Pin, Selection, Tab};
use crate::analysis::association::Null;
use crate::attention::HeadId;
use crate::genome::{Anchor, Interval, Strand};
use crate::job::analyse::{Analysis, Asked, Finding};
use crate::job::compare::CompareRule;
use crate::job::evaluate::write_curves;
use crate::job::{JobError, Outcome, open};
use crate::sites::Evidence;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bases on either side of a site that is shown.
const AROUND_SITE_BP: f64 = 120.0;

/// Writes a file to a path.
type Writing = Box<dyn FnOnce(&Path) -> io::Result<()> + Send>;

/// What can be asked for about analyses.
#[derive(Clone, Debug, PartialEq)]
pub enum Analyse {
    /// Ask how an analysis is to be done.
    Dialog(Analysis),
    /// Do it.
    Start(Box<Asked>),
    /// Show the sites behind a cell of the comparison.
    OpenCell(HeadId, String),
    /// Show all cells of the comparison again.
    CloseCell,
    /// Show two heads beside one another; the first is the selected one.
    Beside(HeadId, HeadId),
    /// Show only the cells of the comparison whose head or factor is called so; all of them where it is empty.
    Filter(String),
    /// Sort the cells of the comparison by their effect, the largest first.
    SortByEffect,
    /// Open the first of the cells as they are filtered and sorted.
    OpenFirstCell,
    /// Show the site of the open cell that gets the most attention for its place.
    ShowBestSite,
    /// Show a place and select it; `strand` is the one to read.
    ShowSite {
        /// Index of the contig.
        contig: usize,
        /// Its bases.
        interval: Interval,
        /// The strand to read; it stays where none is given.
        strand: Option<Strand>,
        /// The start site whose output is pinned; the pin stays where none is given.
        start: Option<Anchor>,
    },
    /// Ask where to save a table or a picture.
    Export(Picture),
}

impl App {
    pub(super) fn carry_out_analysis(&mut self, asked: Analyse) {
        match asked {
            Analyse::Dialog(analysis) => {
                let asked = self.suggested(analysis);
                self.analyse_dialog.open(asked);
            }
            Analyse::Start(asked) => {
                let second = (asked.analysis == Analysis::Comparison
                    && asked.both_nulls
                    && asked.rule.null != Null::Shift)
                    .then(|| Asked {
                        rule: CompareRule {
                            null: Null::Shift,
                            ..asked.rule
                        },
                        ..(*asked).clone()
                    });
                // Each is done by itself; the matrix joins them once both are there.
                if let Some(second) = second {
                    self.start_analysis(second);
                }
                self.start_analysis(*asked);
            }
            Analyse::OpenCell(head, tf) => {
                self.view.head = (head.layer, head.head);
                self.view.tab = Tab::Compare;
                if let Some(words) = self.cell_words(head, &tf) {
                    self.keeper.log(&words);
                }
                self.compare_pane.open_cell(tf);
            }
            Analyse::Beside(first, second) => {
                self.view.head = (first.layer, first.head);
                self.view.tab = Tab::Heads;
                self.heads_pane.pair = true;
                self.heads_pane.beside = Some(second);
            }
            Analyse::CloseCell => self.compare_pane.close_cell(),
            Analyse::Filter(words) => {
                self.view.tab = Tab::Compare;
                self.compare_pane.filter(words);
            }
            Analyse::SortByEffect => {
                self.view.tab = Tab::Compare;
                self.compare_pane.sort_by_effect();
            }
            Analyse::OpenFirstCell => match compare::first_cell(self) {
                Some((head, tf)) => self.carry_out_analysis(Analyse::OpenCell(head, tf)),
                None => self.notices.add(
                    Weight::Hint,
                    "There is no cell to open: compare heads with sites first.",
                ),
            },
            Analyse::ShowBestSite => match compare_sites::best_site(self) {
                Some(site) => self.carry_out_analysis(site),
                None => self.notices.add(
                    Weight::Hint,
                    "No cell with sites is open: open one in the Compare tab first.",
                ),
            },
            Analyse::ShowSite {
                contig,
                interval,
                strand,
                start: promoter,
            } => {
                let (start, end) = (interval.start as f64, interval.end as f64);
                self.show(contig, start - AROUND_SITE_BP, end + AROUND_SITE_BP);
                self.view.selection = Some(Selection { contig, interval });
                self.view.strand = strand.unwrap_or(self.view.strand);
                if let Some(promoter) = promoter {
                    self.pin_start(promoter);
                }
                self.keeper.log(&format!("Shows the site {interval}"));
            }
            Analyse::Export(picture) => {
                self.dialogs
                    .ask_save(picture, picture.file_name().to_owned());
            }
        }
    }

    /// Pins the output that scores a start site.
    fn pin_start(&mut self, start: Anchor) {
        let length = self.workspace.genome.contigs.get(start.contig);
        let length = length.map_or(0, crate::genome::Contig::len);
        let shift = self.workspace.model.config().label_shift;
        let query = match start.strand {
            Strand::Forward => Some(start.position + shift).filter(|query| *query < length),
            Strand::Reverse => start.position.checked_sub(shift),
        };
        self.view.pinned = query.map(|query| Pin {
            contig: start.contig,
            query,
            strand: start.strand,
        });
    }

    /// A cell of the comparison and its head's motif, in words.
    fn cell_words(&self, head: HeadId, tf: &str) -> Option<String> {
        let finding = self.compare_pane.chosen(&self.workspace)?;
        let cell = finding.table.comparison.cell(head, tf)?;
        let heads = self.workspace.heads.as_ref();
        let report = heads.and_then(|heads| heads.reports().iter().find(|r| r.head == head));
        let motif = report.map_or_else(String::new, |report| {
            let summary = &report.summary;
            let bits = summary.information_content;
            format!("; its logo {}, {bits:.2} bits", summary.consensus)
        });
        Some(format!(
            "Opened the cell {}{motif}",
            compare::explained(cell)
        ))
    }

    /// An analysis as it is done where nothing else is chosen, on what is open.
    #[must_use]
    pub fn suggested(&self, analysis: Analysis) -> Asked {
        let mut asked = Asked::new(analysis);
        let least = asked.rule.evidence;
        let sites = self.workspace.sites.last();
        // Many files state no evidence at all.
        if sites.is_some_and(|set| set.sites.iter().all(|site| site.evidence < least)) {
            asked.rule.evidence = Evidence::Unknown;
        }
        asked.sites = sites.map(|set| set.name.clone());
        asked
    }

    fn start_analysis(&mut self, asked: Asked) {
        let analysis = asked.analysis;
        self.analyse_dialog.started(&asked);
        let request = self.workspace.analysis_request(asked);
        if let Some(lacking) = request.lacking() {
            let text = format!("{}: {lacking}", analysis.title());
            self.notices.add(Weight::Failure, text);
            return;
        }
        let background = self.jobs.background();
        self.start_job(analysis.title().to_owned(), move |progress, cancel| {
            let work = || request.run(progress, cancel);
            let found = background.map_or_else(work, |threads| threads.install(work))?;
            Ok(Outcome::Finding(Box::new(found)))
        });
        if self.screenshot.is_none() {
            self.view.tab = match analysis {
                Analysis::Names | Analysis::Ablation => Tab::Heads,
                Analysis::Comparison => Tab::Compare,
                Analysis::Novel => Tab::Novel,
                Analysis::Redundancy => Tab::Similar,
                Analysis::Evaluation => Tab::Evaluation,
            };
        }
    }

    /// Starts what the command line asked for, once everything is open.
    pub(super) fn start_waiting_analyses(&mut self) {
        let is_open = self.waiting_files.is_empty()
            && self.opening.is_none()
            && self.waiting_locus.is_none()
            && !self.kept.is_restoring();
        if is_open && self.jobs.running().is_empty() && !self.waiting_analyses.is_empty() {
            let analysis = self.waiting_analyses.remove(0);
            let asked = self.suggested(analysis);
            self.start_analysis(asked);
        }
    }

    /// Saves a table; its provenance goes beside it, with `.json` appended to the name.
    pub(super) fn save_table(&mut self, picture: Picture, path: PathBuf) {
        let genome = Arc::clone(&self.workspace.genome);
        let comparison = self.compare_pane.chosen(&self.workspace);
        let work: Option<Writing> = match picture {
            Picture::ComparisonTable => comparison.map(|found| {
                boxed(move |path| {
                    with_provenance(path, &found, |out| found.table.comparison.write_tsv(out))
                })
            }),
            Picture::ComparisonRow => {
                let tf = self.compare_pane.open_tf().map(str::to_owned);
                let head = self.view.head_id();
                comparison.zip(tf).map(|(found, tf)| {
                    boxed(move |path| {
                        let table = &found.table.comparison;
                        with_provenance(path, &found, |out| table.write_cell_tsv(head, &tf, out))
                    })
                })
            }
            Picture::ComparedSites => comparison.map(|found| {
                boxed(move |path| {
                    let contigs = genome.contigs.iter();
                    let names: Vec<&str> = contigs.map(|contig| contig.name.as_str()).collect();
                    let table = &found.table.comparison;
                    with_provenance(path, &found, |out| table.write_sites_tsv(out, &names))
                })
            }),
            Picture::NamesTable => self.workspace.names().cloned().map(|found| {
                boxed(move |path| {
                    with_provenance(path, &found, |mut out| {
                        found.table.names.write_tsv(&mut out)
                    })
                })
            }),
            Picture::SimilarityTable => self.workspace.redundancy().cloned().map(|found| {
                boxed(move |path| {
                    with_provenance(path, &found, |mut out| found.table.write_tsv(&mut out))
                })
            }),
            Picture::EvaluationTable => super::panes::evaluation::chosen(self).map(|found| {
                boxed(move |path| {
                    with_provenance(path, &found, |out| found.table.evaluation.write(out))
                })
            }),
            Picture::EvaluationCurves => super::panes::evaluation::chosen(self).map(|found| {
                boxed(move |path| {
                    let table = &found.table;
                    with_provenance(path, &found, |out| {
                        write_curves(&table.curves, &table.evaluation, out)
                    })
                })
            }),
            Picture::NovelSites => self.workspace.novel().cloned().map(|found| {
                boxed(move |path| {
                    let ending = path.extension().and_then(|ending| ending.to_str());
                    with_provenance(path, &found, |mut out| match ending {
                        Some("bed") => found.table.write_bed(&mut out),
                        Some("gff3" | "gff") => found.table.write_gff(&mut out),
                        _ => found.table.write_tsv(&mut out),
                    })
                })
            }),
            _ => None,
        };
        let Some(work) = work else {
            let text = "There is nothing to save yet: start the analysis first (Analyse menu).";
            self.notices.add(Weight::Hint, text);
            return;
        };
        let label = format!("Saving {}", open::file_name(&path));
        self.start_job(label, move |_, _| {
            work(&path).map_err(|error| -> JobError {
                format!("{} could not be written: {error}", path.display()).into()
            })?;
            Ok(Outcome::Saved(path))
        });
    }
}

fn boxed(work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> Writing {
    Box::new(work)
}

/// Writes a table, and what it was made of beside it.
pub(super) fn with_provenance<T>(
    path: &Path,
    finding: &Finding<T>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write(&mut out)?;
    out.flush()?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".json");
    let mut out = BufWriter::new(File::create(beside)?);
    finding.write_provenance(&mut out)?;
    out.flush()
}
