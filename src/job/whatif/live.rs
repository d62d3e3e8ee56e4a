//! The thread behind the what-if tab: runs the latest question, and lets go of those before.

use super::{Change, Request, WhatIf, what_if};
use crate::attention::{Expected, WindowTracks};
use crate::genome::{Genome, Interval, Strand};
use crate::job::job::panic_text;
use crate::job::live::EXPECTED_SAMPLE;
use crate::model::{Mode, Model, Settings, predict};
use crate::progress::{Cancel, Progress};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// A question with what it is about.
#[derive(Clone)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// Mean attention by distance, seamless, where it is known.
    pub expected: Option<Arc<Expected>>,
}

/// What came of a question.
#[derive(Debug)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// What came of it, or what is wrong with it, in words.
    pub result: Result<Arc<WhatIf>, String>,
    /// How long it took.
    pub took: Duration,
}

#[derive(Default)]
struct Slot {
    asked: Option<Asked>,
    running: Option<(Question, Cancel)>,
    closed: bool,
}

/// A handle on the thread. Dropping it stops the thread.
pub struct LiveWhatIf {
    shared: Arc<(Mutex<Slot>, Condvar)>,
    answers: Receiver<Answer>,
}

impl std::fmt::Debug for LiveWhatIf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveWhatIf").finish_non_exhaustive()
    }
}

impl LiveWhatIf {
    /// Starts the thread. `wake` is called after each answer.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Slot::default()), Condvar::new()));
        let (sender, answers) = channel();
        let its = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("what if".to_owned())
            .spawn(move || work(&its, &sender, &*wake))?;
        Ok(Self { shared, answers })
    }

    /// Asks this and nothing else any more. A run of the same question goes on.
    pub fn ask(&self, asked: Option<Asked>) {
        let (lock, signal) = &*self.shared;
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let question = asked.as_ref().map(|asked| &asked.question);
        if let Some((running, cancel)) = &slot.running {
            if question == Some(running) && !cancel.is_cancelled() {
                slot.asked = None;
                return;
            }
            cancel.cancel();
        }
        slot.asked = asked;
        signal.notify_one();
    }

    /// Answers that have come in.
    pub fn drain(&self) -> impl Iterator<Item = Answer> + '_ {
        self.answers.try_iter()
    }
}

impl Drop for LiveWhatIf {
    fn drop(&mut self) {
        self.ask(None);
        let (lock, signal) = &*self.shared;
        lock.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        signal.notify_one();
    }
}

/// What is kept between questions: what they have in common is computed once.
#[derive(Default)]
struct Known {
    expected: Option<(u64, Arc<Expected>)>,
    before: Option<(u64, Arc<WindowTracks>)>,
}

fn work(shared: &(Mutex<Slot>, Condvar), sender: &Sender<Answer>, wake: &(dyn Fn() + Send + Sync)) {
    let mut known = Known::default();
    let (lock, signal) = shared;
    loop {
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = loop {
            if slot.closed {
                return;
            }
            if let Some(asked) = slot.asked.take() {
                break asked;
            }
            slot = signal.wait(slot).unwrap_or_else(PoisonError::into_inner);
        };
        let cancel = Cancel::default();
        slot.running = Some((asked.question.clone(), cancel.clone()));
        drop(slot);
        let began = Instant::now();
        let result =
            std::panic::catch_unwind(AssertUnwindSafe(|| answer(&asked, &mut known, &cancel)));
        lock.lock().unwrap_or_else(PoisonError::into_inner).running = None;
        let result = match result {
            Ok(Some(result)) => result,
            // Somebody asks something else by now.
            Ok(None) => continue,
            Err(panic) => Err(format!("The model stopped: {}", panic_text(panic.as_ref()))),
        };
        let answer = Answer {
            question: asked.question,
            result,
            took: began.elapsed(),
        };
        if sender.send(answer).is_err() {
            return;
        }
        wake();
    }
}

/// `None` where it was cancelled.
fn answer(
    asked: &Asked,
    known: &mut Known,
    cancel: &Cancel,
) -> Option<Result<Arc<WhatIf>, String>> {
    let question = &asked.question;
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
            Some(Ok(Arc::new(found)))
        }
        Err(super::WhatIfError::Cancelled(_)) => None,
        Err(error) => Some(Err(error.to_string())),
    }
}
