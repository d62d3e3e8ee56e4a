//! A thread that answers the latest question that it was asked, and lets go of those before.

use super::job::panic_text;
use crate::progress::Cancel;
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What came of a question.
#[derive(Debug)]
pub struct Answer<Q, T> {
    /// The question.
    pub question: Q,
    /// What came of it, or what is wrong with it, in words.
    pub result: Result<Arc<T>, String>,
    /// How long it took.
    pub took: Duration,
}

/// Answers a question, which comes with what it is about. `None` where it was cancelled. The third argument is
/// kept between questions: what they have in common is computed once.
pub type Work<Q, C, K, T> = fn(&Q, &C, &mut K, &Cancel) -> Option<Result<T, String>>;

struct Slot<Q, C> {
    asked: Option<(Q, C)>,
    running: Option<(Q, Cancel)>,
    closed: bool,
}

type Shared<Q, C> = (Mutex<Slot<Q, C>>, Condvar);

/// A handle on the thread. Dropping it stops the thread.
pub struct Latest<Q: PartialEq, C, T> {
    shared: Arc<Shared<Q, C>>,
    answers: Receiver<Answer<Q, T>>,
}

impl<Q: PartialEq, C, T> std::fmt::Debug for Latest<Q, C, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Latest").finish_non_exhaustive()
    }
}

impl<Q: PartialEq, C, T> Latest<Q, C, T> {
    /// Starts the thread. `stopped` precedes the words of a panic, and `wake` is called after each answer.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start<K: Default + 'static>(
        name: &str,
        stopped: &'static str,
        work: Work<Q, C, K, T>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self>
    where
        Q: Clone + Send + 'static,
        C: Send + 'static,
        T: Send + Sync + 'static,
    {
        let slot = Slot {
            asked: None,
            running: None,
            closed: false,
        };
        let shared = Arc::new((Mutex::new(slot), Condvar::new()));
        let (sender, answers) = channel();
        let its = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || answer_all(&its, &sender, &*wake, stopped, work))?;
        Ok(Self { shared, answers })
    }

    /// Asks this and nothing else any more. Work on the same question goes on.
    pub fn ask(&self, asked: Option<(Q, C)>) {
        let (lock, signal) = &*self.shared;
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let question = asked.as_ref().map(|(question, _)| question);
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
    pub fn drain(&self) -> impl Iterator<Item = Answer<Q, T>> + '_ {
        self.answers.try_iter()
    }
}

impl<Q: PartialEq, C, T> Drop for Latest<Q, C, T> {
    fn drop(&mut self) {
        self.ask(None);
        let (lock, signal) = &*self.shared;
        lock.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        signal.notify_one();
    }
}

fn answer_all<Q: Clone, C, K: Default, T>(
    (lock, signal): &Shared<Q, C>,
    sender: &Sender<Answer<Q, T>>,
    wake: &(dyn Fn() + Send + Sync),
    stopped: &str,
    work: Work<Q, C, K, T>,
) {
    let mut known = K::default();
    loop {
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (question, about) = loop {
            if slot.closed {
                return;
            }
            if let Some(asked) = slot.asked.take() {
                break asked;
            }
            slot = signal.wait(slot).unwrap_or_else(PoisonError::into_inner);
        };
        let cancel = Cancel::default();
        slot.running = Some((question.clone(), cancel.clone()));
        drop(slot);
        let began = Instant::now();
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| {
            work(&question, &about, &mut known, &cancel)
        }));
        lock.lock().unwrap_or_else(PoisonError::into_inner).running = None;
        let result = match result {
            Ok(Some(result)) => result.map(Arc::new),
            // Somebody asks something else by now.
            Ok(None) => continue,
            Err(panic) => {
                // Half of it may have been changed.
                known = K::default();
                Err(format!("{stopped}: {}", panic_text(panic.as_ref())))
            }
        };
        let answer = Answer {
            question,
            result,
            took: began.elapsed(),
        };
        if sender.send(answer).is_err() {
            return;
        }
        wake();
    }
}
