//! One piece of work off the caller's thread, from its start to its one end.

use super::Outcome;
use crate::progress::{Cancel, Cancelled, Progress};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// What went wrong, in words for people, with its causes.
pub type JobError = Box<dyn std::error::Error + Send + Sync>;

/// Tells jobs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// How a job ended.
#[derive(Debug)]
pub enum End {
    /// With a result.
    Finished(Box<Outcome>),
    /// With an error, a panic included.
    Failed(String),
    /// Because somebody asked for it.
    Cancelled,
}

/// A job that has been started and has not been seen to end.
#[derive(Debug)]
pub struct RunningJob {
    /// Tells it apart.
    pub id: JobId,
    /// What it does, in the words of the window.
    pub label: String,
    /// How far it has come.
    pub progress: Progress,
    /// Stops it.
    pub cancel: Cancel,
    /// When it began.
    pub started: Instant,
}

impl RunningJob {
    /// Time left at the rate so far; `None` while nothing can be said.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let share = self.progress.share().filter(|share| *share > 0.01)?;
        Some(self.started.elapsed().mul_f32((1.0 - share) / share))
    }
}

/// Starts jobs and collects their ends. Each job runs on a thread of its own.
pub struct Jobs {
    running: Vec<RunningJob>,
    next_id: u64,
    sender: Sender<(JobId, End)>,
    receiver: Receiver<(JobId, End)>,
    wake: Arc<dyn Fn() + Send + Sync>,
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs")
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

impl Jobs {
    /// `wake` is called from the worker's thread after each end, so that somebody looks.
    #[must_use]
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (sender, receiver) = channel();
        Self {
            running: Vec::new(),
            next_id: 1,
            sender,
            receiver,
            wake,
            pool: pool_of(0),
        }
    }

    /// Gives long computations that begin from now on this many threads; 0 is all cores but one.
    pub fn set_threads(&mut self, threads: usize) {
        self.pool = pool_of(threads);
    }

    /// Starts `work` on a new thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        &mut self,
        label: impl Into<String>,
        work: impl FnOnce(&Progress, &Cancel) -> Result<Outcome, JobError> + Send + 'static,
    ) -> std::io::Result<JobId> {
        let id = JobId(self.next_id);
        self.next_id += 1;
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        let (its_progress, its_cancel) = (progress.clone(), cancel.clone());
        std::thread::Builder::new()
            .name(format!("job {}", id.0))
            .spawn(move || {
                let ended =
                    std::panic::catch_unwind(AssertUnwindSafe(|| work(&its_progress, &its_cancel)));
                // Nobody listens any more when the window has closed; then the end does not matter.
                let _ = sender.send((id, end_of(ended)));
                wake();
            })?;
        self.running.push(RunningJob {
            id,
            label: label.into(),
            progress,
            cancel,
            started: Instant::now(),
        });
        Ok(id)
    }

    /// The threads that long computations run on: all cores but one, so that what is on screen and
    /// files that are opened meanwhile never wait for them. `None` where the system gives no threads.
    #[must_use]
    pub fn background(&self) -> Option<Arc<rayon::ThreadPool>> {
        self.pool.clone()
    }

    /// Jobs that have not ended yet, oldest first.
    #[must_use]
    pub fn running(&self) -> &[RunningJob] {
        &self.running
    }

    /// Takes the ends that have come in, each with the job that it ends.
    pub fn drain(&mut self) -> Vec<(RunningJob, End)> {
        let mut ended = Vec::new();
        while let Ok((id, end)) = self.receiver.try_recv() {
            if let Some(index) = self.running.iter().position(|job| job.id == id) {
                ended.push((self.running.remove(index), end));
            }
        }
        ended
    }

    /// Asks every job to stop.
    pub fn cancel_all(&self) {
        self.running.iter().for_each(|job| job.cancel.cancel());
    }
}

fn pool_of(threads: usize) -> Option<Arc<rayon::ThreadPool>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = match threads {
        0 => (cores - 1).max(1),
        asked => asked.min(cores),
    };
    // Without a pool of its own the work shares the common one, which is slower but right.
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .ok()
        .map(Arc::new)
}

fn end_of(ended: std::thread::Result<Result<Outcome, JobError>>) -> End {
    match ended {
        Ok(Ok(outcome)) => End::Finished(Box::new(outcome)),
        Ok(Err(error)) if error.is::<Cancelled>() => End::Cancelled,
        Ok(Err(error)) => End::Failed(chain(error.as_ref())),
        Err(panic) => End::Failed(format!(
            "The program met a case that it was not written for: {}. What was open is untouched; please report it.",
            panic_text(panic.as_ref())
        )),
    }
}

/// An error and its causes in one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// The words of a panic, where it has any.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no further words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(
        work: impl FnOnce(&Progress, &Cancel) -> Result<Outcome, JobError> + Send + 'static,
        cancel: bool,
    ) -> End {
        let (sender, woken) = channel();
        let mut jobs = Jobs::new(Arc::new(move || sender.send(()).unwrap_or_default()));
        jobs.start("test", work).unwrap();
        if cancel {
            jobs.cancel_all();
        }
        woken.recv().unwrap();
        let mut ended = jobs.drain();
        assert!(jobs.running().is_empty());
        assert_eq!(ended.len(), 1);
        ended.remove(0).1
    }

    #[test]
    fn every_job_ends_exactly_once() {
        let saved = || Outcome::Saved("picture.svg".into());
        assert!(matches!(
            ended(move |_, _| Ok(saved()), false),
            End::Finished(_)
        ));
        assert!(matches!(ended(|_, _| Err("no".into()), false), End::Failed(text) if text == "no"));
        assert!(
            matches!(ended(|_, _| panic!("odd case"), false), End::Failed(text) if text.contains("odd case"))
        );
        let waits = |_: &Progress, cancel: &Cancel| loop {
            cancel.check()?;
            std::thread::yield_now();
        };
        assert!(matches!(ended(waits, true), End::Cancelled));
    }
}
