//! Commands about analyses and their tables: start one, open a cell, jump to a site, save a table.

use super::app::App;
use super::command::Picture;
use super::notices::Weight;
use super::state::{Selection, Tab};
use crate::attention::HeadId;
use crate::genome::{Interval, Strand};
use crate::job::analyse::{Analysis, Asked, Finding};
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
    /// Show a place and select it; `strand` is the one to read.
    ShowSite {
        /// Index of the contig.
        contig: usize,
        /// Its bases.
        interval: Interval,
        /// The strand to read; it stays where none is given.
        strand: Option<Strand>,
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
            Analyse::Start(asked) => self.start_analysis(*asked),
            Analyse::OpenCell(head, tf) => {
                self.view.head = (head.layer, head.head);
                self.view.tab = Tab::Compare;
                self.compare_pane.open_cell(tf);
            }
            Analyse::CloseCell => self.compare_pane.close_cell(),
            Analyse::ShowSite {
                contig,
                interval,
                strand,
            } => {
                let (start, end) = (interval.start as f64, interval.end as f64);
                self.show(contig, start - AROUND_SITE_BP, end + AROUND_SITE_BP);
                self.view.selection = Some(Selection { contig, interval });
                self.view.strand = strand.unwrap_or(self.view.strand);
            }
            Analyse::Export(picture) => {
                self.dialogs
                    .ask_save(picture, picture.file_name().to_owned());
            }
        }
    }

    /// An analysis as it is done where nothing else is chosen, on what is open.
    #[must_use]
    pub fn suggested(&self, analysis: Analysis) -> Asked {
        let mut asked = Asked::new(analysis);
        let least = asked.evidence;
        let sites = self.workspace.sites.last();
        // Many files state no evidence at all.
        if sites.is_some_and(|set| set.sites.iter().all(|site| site.evidence < least)) {
            asked.evidence = Evidence::Unknown;
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

fn with_provenance<T>(
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
