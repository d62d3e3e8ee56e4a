//! Progress and cancellation, below everything, so that readers and kernels can use them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a piece of work has come, in units of its own (bases, records, anchors).
///
/// Cloning gives another handle on the same counters. Reading and writing never block.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Sets how many units there are in all; 0 means unknown.
    pub fn set_total(&self, units: u64) {
        self.counters.total.store(units, Ordering::Relaxed);
    }

    /// Adds to the expected number of units, for work that grows as it goes.
    pub fn add_total(&self, units: u64) {
        self.counters.total.fetch_add(units, Ordering::Relaxed);
    }

    /// Counts `units` more as done.
    pub fn advance(&self, units: u64) {
        self.counters.done.fetch_add(units, Ordering::Relaxed);
    }

    /// Units done so far.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.counters.done.load(Ordering::Relaxed)
    }

    /// Units in all; 0 while unknown.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counters.total.load(Ordering::Relaxed)
    }

    /// The finished share in 0…1, or `None` while the total is unknown.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a share needs no 53 bits")]
    pub fn share(&self) -> Option<f32> {
        let total = self.total();
        (total > 0).then(|| (self.done() as f32 / total as f32).min(1.0))
    }
}

/// A flag that asks work to stop. Work looks at it often and returns [`Cancelled`].
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
}

impl Cancel {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked the work to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// `Err(Cancelled)` once somebody asked the work to stop.
    ///
    /// # Errors
    /// [`Cancelled`], and nothing else.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }
}

/// The work was stopped because somebody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;
