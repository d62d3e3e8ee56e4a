//! Something that a pane wants to know and that takes a moment: computed off the UI thread, one at a time.

use crate::job::JobError;
use crate::job::job::chain;
use crate::progress::Cancel;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A question that is being answered, how to stop that, and where the answer comes from.
type Asked<K, T> = (K, Cancel, Receiver<Result<T, String>>);

/// Answers to questions of one kind; only the latest question counts.
#[derive(Debug)]
pub struct Measuring<K, T> {
    asked: Option<Asked<K, T>>,
    answer: Option<(K, Result<T, String>)>,
}

impl<K, T> Default for Measuring<K, T> {
    fn default() -> Self {
        Self {
            asked: None,
            answer: None,
        }
    }
}

impl<K: PartialEq, T: Send + 'static> Measuring<K, T> {
    /// The answer to `key`; asks for it with `work` where it is not known. A question that is no longer
    /// wanted is cancelled, and the next one waits until it has ended.
    pub fn ask(
        &mut self,
        key: K,
        ctx: &egui::Context,
        work: impl FnOnce(&Cancel) -> Result<T, JobError> + Send + 'static,
    ) -> Option<&Result<T, String>> {
        self.drain();
        let is_known = self.answer.as_ref().is_some_and(|(of, _)| *of == key);
        if !is_known {
            match &self.asked {
                Some((of, cancel, _)) if *of != key => cancel.cancel(),
                Some(_) => {}
                None => self.start(key, ctx, work),
            }
            return None;
        }
        self.answer.as_ref().map(|(_, answer)| answer)
    }

    /// The latest answer, with what it answers.
    pub fn latest(&self) -> Option<(&K, &Result<T, String>)> {
        self.answer.as_ref().map(|(key, answer)| (key, answer))
    }

    fn start(
        &mut self,
        key: K,
        ctx: &egui::Context,
        work: impl FnOnce(&Cancel) -> Result<T, JobError> + Send + 'static,
    ) {
        let (sender, receiver) = channel();
        let (cancel, ctx) = (Cancel::default(), ctx.clone());
        let stop = cancel.clone();
        let thread = std::thread::Builder::new()
            .name("measuring".to_owned())
            .spawn(move || {
                let answer = work(&stop).map_err(|error| chain(error.as_ref()));
                // Nobody listens when the window was closed meanwhile.
                let _ = sender.send(answer);
                ctx.request_repaint();
            });
        match thread {
            Ok(_) => self.asked = Some((key, cancel, receiver)),
            Err(error) => self.answer = Some((key, Err(error.to_string()))),
        }
    }

    fn drain(&mut self) {
        let Some((_, cancel, receiver)) = &self.asked else {
            return;
        };
        let (answer, was_cancelled) = (receiver.try_recv(), cancel.is_cancelled());
        match answer {
            Err(TryRecvError::Empty) => {}
            Ok(answer) => {
                let key = self.asked.take().map(|(key, ..)| key);
                if !was_cancelled {
                    self.answer = key.map(|key| (key, answer));
                }
            }
            // The work has panicked.
            Err(TryRecvError::Disconnected) => {
                let key = self.asked.take().map(|(key, ..)| key);
                let words = "it could not be measured".to_owned();
                self.answer = key.map(|key| (key, Err(words)));
            }
        }
    }
}
