//! What the log says about the steps since its last line.

use super::Entry;
use crate::model::train::{Settings, StepReport};
use std::time::Instant;

/// Means since the last line of the log.
pub(super) struct Window {
    since: Instant,
    first: u64,
    loss: f64,
    norm: f64,
    positions: usize,
    /// A running mean of the loss.
    level: Option<f64>,
}

impl Window {
    pub(super) fn new(step: u64) -> Self {
        Self {
            since: Instant::now(),
            first: step,
            loss: 0.0,
            norm: 0.0,
            positions: 0,
            level: None,
        }
    }

    pub(super) fn add(&mut self, report: &StepReport) {
        self.loss += report.loss;
        self.norm += report.norm;
        self.positions += report.positions;
        let level = self.level.unwrap_or(report.loss);
        self.level = Some(0.99 * level + 0.01 * report.loss);
    }

    /// Whether the loss is far above that of weights that know nothing.
    pub(super) fn diverged(&self, settings: &Settings) -> bool {
        let ignorant = std::f64::consts::LN_2 * 0.5_f64.powf(f64::from(settings.gamma));
        self.level.is_some_and(|level| level > 3.0 * ignorant)
    }

    pub(super) fn take(&mut self, step: u64, last: &StepReport) -> Entry {
        let steps = (step - self.first).max(1) as f64;
        let seconds = self.since.elapsed().as_secs_f64();
        let entry = Entry::Steps {
            step,
            loss: self.loss / steps,
            norm: self.norm / steps,
            rate: last.rate,
            positions_per_second: self.positions as f64 / seconds.max(1e-9),
        };
        let level = self.level;
        *self = Self {
            level,
            ..Self::new(step)
        };
        entry
    }
}
