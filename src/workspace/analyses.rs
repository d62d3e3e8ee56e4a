//! Tables that analyses have brought: kept with what they were computed on, also while another model is open.

use super::Workspace;
use crate::job::ablate::Ablation;
use crate::job::analyse::{AnalysisRequest, Asked, Basis, Finding, Table};
use crate::job::compare::Compared;
use crate::job::evaluate::Evaluated;
use crate::job::findings::ANNOTATED;
use crate::job::name::NamedHeads;
use crate::job::novel::Novel;
use crate::job::redundancy::Redundancy;
use crate::job::saturation::SaturationMap;
use crate::job::saved::findings::Stored;
use std::path::Path;
use std::sync::Arc;

/// Tables of one analysis that are kept.
const MOST: usize = 8;

/// The tables of one analysis, oldest first.
#[derive(Clone, Debug)]
pub struct Kept<T>(Vec<Arc<Finding<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Kept<T> {
    /// All of them, oldest first; also those of other models than the open one.
    #[must_use]
    pub fn all(&self) -> &[Arc<Finding<T>>] {
        &self.0
    }

    fn add(&mut self, finding: Finding<T>) {
        self.push(Arc::new(finding));
    }

    fn restore(&mut self, finding: Arc<Finding<T>>, genome: &str) {
        if finding.basis.genome == genome {
            self.push(finding);
        }
    }

    fn push(&mut self, finding: Arc<Finding<T>>) {
        // The same once more takes the place of the one before.
        self.0.retain(|old| old.provenance != finding.provenance);
        self.0.push(finding);
        if self.0.len() > MOST {
            self.0.remove(0);
        }
    }

    fn latest(&self, workspace: &Workspace) -> Option<&Arc<Finding<T>>> {
        let fits = |finding: &&Arc<Finding<T>>| workspace.is_open(finding);
        self.0.iter().rev().find(fits)
    }
}

/// Everything that analyses of the open genome have brought.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Motifs against libraries.
    pub names: Kept<NamedHeads>,
    /// Heads against sites.
    pub comparisons: Kept<Compared>,
    /// What is lost without heads.
    pub ablations: Kept<Ablation>,
    /// Novel sites.
    pub novel: Kept<Novel>,
    /// Heads against one another.
    pub redundancies: Kept<Redundancy>,
    /// How well models predict.
    pub evaluations: Kept<Evaluated>,
    /// What every substitution of a stretch does.
    pub saturations: Kept<SaturationMap>,
}

impl Workspace {
    /// Whether a table was computed on the open genome and the open model.
    #[must_use]
    pub fn is_open<T>(&self, finding: &Finding<T>) -> bool {
        finding.basis.genome == self.genome.checksum && finding.basis.model == self.model.checksum
    }

    /// Names of the open model's heads.
    #[must_use]
    pub fn names(&self) -> Option<&Arc<Finding<NamedHeads>>> {
        self.findings.names.latest(self)
    }

    /// The latest comparison of the open model's heads with sites.
    #[must_use]
    pub fn comparison(&self) -> Option<&Arc<Finding<Compared>>> {
        self.findings.comparisons.latest(self)
    }

    /// What the open model loses without heads.
    #[must_use]
    pub fn ablation(&self) -> Option<&Arc<Finding<Ablation>>> {
        self.findings.ablations.latest(self)
    }

    /// Novel sites by the open model.
    #[must_use]
    pub fn novel(&self) -> Option<&Arc<Finding<Novel>>> {
        self.findings.novel.latest(self)
    }

    /// How alike the open model's heads are.
    #[must_use]
    pub fn redundancy(&self) -> Option<&Arc<Finding<Redundancy>>> {
        self.findings.redundancies.latest(self)
    }

    /// How well the open model predicts.
    #[must_use]
    pub fn evaluation(&self) -> Option<&Arc<Finding<Evaluated>>> {
        self.findings.evaluations.latest(self)
    }

    /// The latest saturation mutagenesis with the open model.
    #[must_use]
    pub fn saturation(&self) -> Option<&Arc<Finding<SaturationMap>>> {
        self.findings.saturations.latest(self)
    }

    /// What an analysis would work on now.
    #[must_use]
    pub fn analysis_request(&self, asked: Asked) -> AnalysisRequest {
        let named = |name: &String| self.sites.iter().find(|set| set.name == *name);
        let sites = match &asked.sites {
            Some(name) => named(name),
            None => self.sites.last(),
        };
        let libraries = self.motifs.iter();
        let libraries =
            libraries.filter(|library| !asked.without_libraries.contains(&library.name));
        AnalysisRequest {
            genome: Arc::clone(&self.genome),
            features: Arc::clone(&self.features),
            model: Arc::clone(&self.model),
            anchors: self.anchors.clone().filter(|_| !asked.predicted),
            anchors_path: self.anchors_path().map(Path::to_owned),
            sites: sites.cloned(),
            libraries: libraries.cloned().collect(),
            asked,
        }
    }

    /// Everything that has been found, to be kept with the workspace file.
    #[must_use]
    pub fn stored(&self) -> Vec<Stored> {
        let Findings {
            names,
            comparisons,
            ablations,
            novel,
            redundancies,
            evaluations,
            saturations,
        } = &self.findings;
        let mut stored: Vec<Stored> = Vec::new();
        stored.extend(
            self.heads.iter().map(|heads| {
                Stored::Heads(Basis::of(&self.genome, &self.model), Arc::clone(heads))
            }),
        );
        stored.extend(names.all().iter().cloned().map(Stored::Names));
        stored.extend(comparisons.all().iter().cloned().map(Stored::Comparison));
        stored.extend(ablations.all().iter().cloned().map(Stored::Ablation));
        stored.extend(novel.all().iter().cloned().map(Stored::Novel));
        stored.extend(redundancies.all().iter().cloned().map(Stored::Redundancy));
        stored.extend(evaluations.all().iter().cloned().map(Stored::Evaluation));
        stored.extend(saturations.all().iter().cloned().map(Stored::Saturation));
        stored
    }

    /// Takes what was kept with a workspace file, as far as it is about the open genome.
    pub(super) fn restore(&mut self, stored: Vec<Stored>) {
        let genome = self.genome.checksum.clone();
        let findings = &mut self.findings;
        for table in stored {
            match table {
                Stored::Heads(basis, heads) => {
                    // Logos over start sites that are no longer open are computed anew.
                    let of_open = self.anchors.as_ref().map_or_else(
                        || !heads.anchors.contains(ANNOTATED),
                        |file| {
                            heads.result.given == file.anchors.len()
                                && heads
                                    .anchors
                                    .ends_with(&format!("{ANNOTATED}{}", file.name))
                        },
                    );
                    if of_open && basis.genome == genome && basis.model == self.model.checksum {
                        self.heads = Some(heads);
                    }
                }
                Stored::Names(found) => findings.names.restore(found, &genome),
                Stored::Comparison(found) => findings.comparisons.restore(found, &genome),
                Stored::Ablation(found) => findings.ablations.restore(found, &genome),
                Stored::Novel(found) => findings.novel.restore(found, &genome),
                Stored::Redundancy(found) => findings.redundancies.restore(found, &genome),
                Stored::Evaluation(found) => findings.evaluations.restore(found, &genome),
                Stored::Saturation(found) => findings.saturations.restore(found, &genome),
            }
        }
    }

    /// Takes the table of an analysis, unless its genome is no longer open.
    pub(super) fn take_finding(&mut self, finding: Finding<Table>) -> Option<String> {
        if finding.basis.genome != self.genome.checksum {
            return None;
        }
        let is_open = self.is_open(&finding);
        let Finding {
            basis,
            provenance,
            table,
        } = finding;
        let shell = Finding {
            basis,
            provenance,
            table: (),
        };
        match table {
            Table::Names(names) => {
                // Logos and matches come from the same start sites; those of others stay beside them.
                let heads = self.heads.as_ref();
                if is_open && heads.is_none_or(|open| open.anchors == names.heads.anchors) {
                    self.heads = Some(Arc::new(names.heads.clone()));
                }
                let text = names.caption();
                self.findings.names.add(shell.with(|()| names));
                Some(text)
            }
            Table::Comparison(table) => {
                self.findings.comparisons.add(shell.with(|()| table));
                None
            }
            Table::Ablation(table) => {
                self.findings.ablations.add(shell.with(|()| table));
                None
            }
            Table::Novel(table) => {
                self.findings.novel.add(shell.with(|()| table));
                None
            }
            Table::Redundancy(table) => {
                self.findings.redundancies.add(shell.with(|()| table));
                None
            }
            Table::Evaluation(table) => {
                self.findings.evaluations.add(shell.with(|()| table));
                None
            }
            Table::Saturation(table) => {
                self.findings.saturations.add(shell.with(|()| table));
                None
            }
        }
    }
}
