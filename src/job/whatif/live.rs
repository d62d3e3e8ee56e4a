//! The thread behind the what-if tab: runs the latest question, and lets go of those before.

use super::{Change, Request, WhatIf, what_if};
use crate::attention::{Expected, WindowTracks};
use crate::genome::{Genome, Interval, Strand};
use crate::job::latest::Latest;
use crate::job::live::EXPECTED_SAMPLE;
use crate::model::{Mode, Model, Settings, predict};
use crate::progress::{Cancel, Progress};
use std::sync::Arc;

/// The widest window that is asked about, in bases: more cannot be answered while one waits.
pub const WIDEST_BP: usize = 2_000;

/// What tells one question from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Counts up whenever genome or model change.
    pub generation: u64,
    /// Index of the contig.
    pub contig: usize,
    /// The strand that is read.
    pub strand: Strand,
    /// The bases, before any change.
    pub window: Interval,
    /// What is different.
    pub changes: Vec<Change>,
}

/// What a question is about.
#[derive(Clone)]
pub struct About {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// Mean attention by distance, seamless, where it is known.
    pub expected: Option<Arc<Expected>>,
}

/// The thread. Answers come with how long they took.
pub type LiveWhatIf = Latest<Question, About, WhatIf>;

/// Starts the thread. `wake` is called after each answer.
///
/// # Errors
/// When the system gives no thread.
pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<LiveWhatIf> {
    LiveWhatIf::start("what if", "The model stopped", answer, wake)
}

/// What is kept between questions: what they have in common is computed once.
#[derive(Default)]
struct Known {
    expected: Option<(u64, Arc<Expected>)>,
    before: Option<(u64, Arc<WindowTracks>)>,
}

/// `None` where it was cancelled.
fn answer(
    question: &Question,
    asked: &About,
    known: &mut Known,
    cancel: &Cancel,
) -> Option<Result<WhatIf, String>> {
    let generation = question.generation;
    if let Some(expected) = &asked.expected {
        known.expected = Some((generation, Arc::clone(expected)));
    }
    let expected = match &known.expected {
        Some((of, expected)) if *of == generation => Arc::clone(expected),
        _ => {
            let measured = predict::measure_expected(
                &asked.model.kernel,
                &asked.genome,
                EXPECTED_SAMPLE,
                &Settings::with_mode(Mode::Seamless),
                &Progress::default(),
                cancel,
            );
            let measured = Arc::new(measured.ok()?);
            known.expected = Some((generation, Arc::clone(&measured)));
            measured
        }
    };
    let before = known.before.as_ref().filter(|(of, _)| *of == generation);
    let request = Request {
        genome: &asked.genome,
        model: &asked.model,
        contig: question.contig,
        strand: question.strand,
        window: question.window,
        changes: &question.changes,
        expected: &expected,
        before: before.map(|(_, before)| Arc::clone(before)),
    };
    match what_if(&request, &Progress::default(), cancel) {
        Ok(found) => {
            known.before = Some((generation, Arc::clone(&found.before)));
            Some(Ok(found))
        }
        Err(super::WhatIfError::Cancelled(_)) => None,
        Err(error) => Some(Err(error.to_string())),
    }
}
