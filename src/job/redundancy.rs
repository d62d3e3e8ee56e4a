//! Which heads do the same, within a model and between two.

use super::JobError;
use super::heads::{HeadsError, attend, query};
use crate::analysis::anchors::thinned;
use crate::analysis::assignment::best_assignment;
use crate::analysis::cluster::{Join, average_linkage, leaf_order};
use crate::analysis::consensus::{MotifRule, head_motif};
use crate::analysis::halves::held_out;
use crate::analysis::redundancy::{ComparedHead, Similarity};
use crate::analysis::windows::Surroundings;
use crate::genome::{Anchor, Genome};
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::io::{self, Write};
use std::sync::Arc;

/// What the redundancy job works on.
#[derive(Clone, Debug)]
pub struct RedundancyRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// Another model whose heads are matched with those of the first.
    pub against: Option<Arc<Model>>,
    /// Where heads are compared.
    pub anchors: Vec<Anchor>,
    /// Anchors nearer than this on one strand count once; 1 keeps all.
    pub apart_bp: usize,
    /// How motifs are made.
    pub motif: MotifRule,
    /// How the borders of segments are treated.
    pub mode: Mode,
}

/// Two heads and how alike they are.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadPair {
    /// The first head as `L1H1`.
    pub first: String,
    /// The second one: of the same model, or of the other.
    pub second: String,
    /// How alike.
    #[serde(flatten)]
    pub similarity: Similarity,
    /// The mean of profile, motif and, where it says something, hits over chance.
    pub combined: f64,
}

/// A head and the one of the other model that it is matched with.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadMatch {
    /// The two heads and how alike they are.
    #[serde(flatten)]
    pub pair: HeadPair,
    /// Combined similarity less that of the best other head of the other model: negative where
    /// another one is more alike.
    pub margin: f64,
    /// Whether each is the most similar to the other.
    pub mutual: bool,
}

/// How alike heads are.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Redundancy {
    /// Anchors that were looked at.
    pub anchors: usize,
    /// Every two heads of the model, each pair once; with another model every head of the one with
    /// every head of the other.
    pub pairs: Vec<HeadPair>,
    /// Heads of the model, along the tree; empty with another model.
    pub order: Vec<String>,
    /// How the tree was made, over 1 − combined similarity; items are heads layer by layer.
    pub joins: Vec<Join>,
    /// One-to-one matching of the heads of two models with the largest sum of combined similarity.
    pub matches: Vec<HeadMatch>,
    /// Mean combined similarity over all pairs: what a random matching gives.
    pub mean: f64,
}

/// Runs the job. `progress` counts anchors.
///
/// # Errors
/// When it is cancelled, or no anchor lies on the genome.
pub fn redundancy(
    request: &RedundancyRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Redundancy, JobError> {
    let genome = &*request.genome;
    let models: Vec<&Model> = [Some(&request.model), request.against.as_ref()]
        .into_iter()
        .flatten()
        .map(|model| &**model)
        .collect();
    let is_seen = |anchor: &Anchor| {
        let has_query = |model: &&Model| {
            query(genome, *anchor, model.config().label_shift, request.mode).is_some()
        };
        models.iter().all(has_query)
    };
    let usable: Vec<Anchor> = request.anchors.iter().copied().filter(is_seen).collect();
    let anchors = thinned(&usable, request.apart_bp);
    if anchors.is_empty() {
        return Err(Box::new(HeadsError::NoAnchors {
            genome: genome.name.clone(),
            given: request.anchors.len(),
        }));
    }
    progress.add_total((anchors.len() * models.len()) as u64);
    let heads: Vec<Vec<ComparedHead>> = models
        .iter()
        .map(|model| compared(request, model, &anchors, progress, cancel))
        .collect::<Result<_, _>>()?;
    cancel.check()?;
    Ok(match &heads[..] {
        [own, others, ..] => between(models[0], own, models[1], others, anchors.len()),
        _ => within(models[0], &heads[0], anchors.len()),
    })
}

fn compared(
    request: &RedundancyRequest,
    model: &Model,
    anchors: &[Anchor],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<ComparedHead>, Cancelled> {
    let (genome, config) = (&*request.genome, model.config());
    let rule = &request.motif;
    let attention = attend(
        &model.kernel,
        genome,
        anchors,
        request.mode,
        progress,
        cancel,
    )?;
    let surroundings = Surroundings::new(
        genome,
        anchors,
        config.label_shift,
        config.context,
        rule.flank(),
    );
    let halves = held_out(anchors, config.context + 2 * rule.flank());
    let heads: Vec<_> = model.head_shape().all().collect();
    heads
        .into_par_iter()
        .map(|head| {
            cancel.check()?;
            let row = attention.shape.row(head);
            let glances = attention.heads[row].glances.clone();
            let name = head.to_string();
            let motif = head_motif(&name, &surroundings, &glances, &halves, rule);
            Ok(ComparedHead {
                profile: attention.profile(head).mean,
                motif: motif.pfm.probabilities(0.0, &rule.background),
                glances,
                label_shift: config.label_shift,
            })
        })
        .collect()
}

fn similarities(own: &[ComparedHead], others: &[ComparedHead]) -> Vec<Vec<Similarity>> {
    own.par_iter()
        .map(|a| others.iter().map(|b| Similarity::of(a, b)).collect())
        .collect()
}

fn pair(first: String, second: String, similarity: Similarity) -> HeadPair {
    HeadPair {
        first,
        second,
        similarity,
        combined: similarity.combined(),
    }
}

fn within(model: &Model, heads: &[ComparedHead], anchors: usize) -> Redundancy {
    let shape = model.head_shape();
    let all = similarities(heads, heads);
    let name = |row: usize| shape.head(row).to_string();
    let mut pairs = Vec::new();
    for (a, row) in all.iter().enumerate() {
        let later = row.iter().enumerate().skip(a + 1);
        pairs.extend(later.map(|(b, similarity)| pair(name(a), name(b), *similarity)));
    }
    let distances: Vec<Vec<f64>> = all
        .iter()
        .enumerate()
        .map(|(a, row)| {
            // Comparing in the other direction may break a tie of offsets otherwise.
            let of = |b: usize| if a < b { row[b] } else { all[b][a] };
            (0..row.len())
                .map(|b| if a == b { 0.0 } else { 1.0 - of(b).combined() })
                .collect()
        })
        .collect();
    let joins = average_linkage(&distances);
    Redundancy {
        anchors,
        order: leaf_order(&joins).into_iter().map(name).collect(),
        joins,
        matches: Vec::new(),
        mean: mean(&pairs),
        pairs,
    }
}

fn between(
    model: &Model,
    own: &[ComparedHead],
    against: &Model,
    others: &[ComparedHead],
    anchors: usize,
) -> Redundancy {
    let all = similarities(own, others);
    let name = |model: &Model, row: usize| model.head_shape().head(row).to_string();
    let values: Vec<Vec<f64>> = all
        .iter()
        .map(|row| row.iter().map(Similarity::combined).collect())
        .collect();
    let mut pairs = Vec::new();
    for (a, row) in all.iter().enumerate() {
        for (b, similarity) in row.iter().enumerate() {
            pairs.push(pair(name(model, a), name(against, b), *similarity));
        }
    }
    let matches = best_assignment(&values)
        .into_iter()
        .enumerate()
        .filter_map(|(a, b)| {
            let b = b?;
            let rest = values[a]
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != b);
            let best_other = rest.map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max);
            let here = values[a][b];
            let mutual =
                values[a].iter().all(|v| *v <= here) && values.iter().all(|row| row[b] <= here);
            Some(HeadMatch {
                pair: pair(name(model, a), name(against, b), all[a][b]),
                margin: if best_other.is_finite() {
                    here - best_other
                } else {
                    here
                },
                mutual,
            })
        })
        .collect();
    Redundancy {
        anchors,
        order: Vec::new(),
        joins: Vec::new(),
        matches,
        mean: mean(&pairs),
        pairs,
    }
}

fn mean(pairs: &[HeadPair]) -> f64 {
    pairs.iter().map(|pair| pair.combined).sum::<f64>() / pairs.len().max(1) as f64
}

const COLUMNS: &str =
    "profile\tmotif\tmotif_offset\thits\thits_by_chance\thits_corrected\tcombined";

impl HeadPair {
    fn cells(&self) -> String {
        let s = &self.similarity;
        let real = |value: f64| (value as f32).to_string();
        [
            self.first.clone(),
            self.second.clone(),
            real(s.profile),
            real(s.motif),
            s.motif_offset.to_string(),
            real(s.hits),
            real(s.hits_by_chance),
            s.hits_corrected.map_or_else(|| "NA".to_owned(), real),
            real(self.combined),
        ]
        .join("\t")
    }
}

impl Redundancy {
    /// Writes a line for each pair of heads, with the places of both along the tree (from 1); with
    /// another model a line for each match.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write_tsv(&self, out: &mut impl Write) -> io::Result<()> {
        if self.order.is_empty() {
            writeln!(out, "first\tsecond\t{COLUMNS}\tmargin\tmutual")?;
            for found in &self.matches {
                let (cells, margin) = (found.pair.cells(), found.margin as f32);
                writeln!(out, "{cells}\t{margin}\t{}", found.mutual)?;
            }
            return Ok(());
        }
        writeln!(out, "first\tsecond\t{COLUMNS}\tfirst_leaf\tsecond_leaf")?;
        let leaf = |name: &str| {
            let place = self.order.iter().position(|other| other == name);
            place.map_or(0, |place| place + 1)
        };
        for pair in &self.pairs {
            let (a, b) = (leaf(&pair.first), leaf(&pair.second));
            writeln!(out, "{}\t{a}\t{b}", pair.cells())?;
        }
        Ok(())
    }
}
