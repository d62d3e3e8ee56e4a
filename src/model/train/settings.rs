//! What a training run is asked to do.

use crate::model::config::Config;
use serde::{Deserialize, Serialize};

/// Settings of a run; the default is the published one for `context`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Sizes of the network, its context and its label shift.
    pub config: Config,
    /// Decides the first weights, the segments and what dropout leaves out.
    pub seed: u64,
    /// Steps in all; the cosine of the learning rate ends there.
    pub steps: u64,
    /// Steps over which the learning rate rises.
    pub warm_up: u64,
    /// The highest learning rate.
    pub peak_rate: f64,
    /// Segments of a step.
    pub streams: usize,
    /// Exponent of the focal loss.
    pub gamma: f32,
    /// Share of numbers that dropout leaves out.
    pub dropout: f32,
    /// What the norm of the gradient is brought down to.
    pub clip: f64,
    /// Share of segments that are drawn around a label, their weight lowered in proportion. At 0
    /// segments follow one another along the streams, as published.
    pub near_labels: f64,
    /// Standard deviation of the first weights of embeddings and projections.
    pub first_deviation: f64,
    /// Steps between validations, which also save the run.
    pub validate_every: u64,
    /// Validations without a better loss after which the run ends; 0 for never.
    pub patience: u64,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} is {found}: expected {expected}")]
pub struct SettingsError {
    /// Which setting.
    pub what: &'static str,
    /// What it may be.
    pub expected: &'static str,
    /// What it is.
    pub found: String,
}

impl Settings {
    /// The published settings.
    #[must_use]
    pub fn published(config: Config) -> Self {
        Self {
            config,
            seed: 1,
            steps: 85_000,
            warm_up: 3_000,
            peak_rate: 1e-4,
            streams: 10,
            gamma: 0.8,
            dropout: 0.1,
            clip: 0.25,
            near_labels: 0.0,
            first_deviation: 0.02,
            validate_every: 1_000,
            patience: 0,
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`SettingsError`] for the first one that cannot be used.
    #[allow(clippy::too_many_lines, reason = "a table of rules")]
    pub fn check(&self) -> Result<(), SettingsError> {
        let Config {
            layers,
            heads,
            d_model,
            d_head,
            kernel,
            classes,
            context,
            label_shift,
        } = self.config;
        let parameters = self.config.parameters();
        let rules: [(&'static str, &'static str, String, bool); 18] = [
            (
                "number of layers",
                "1 to 64",
                layers.to_string(),
                (1..=64).contains(&layers),
            ),
            (
                "number of heads",
                "1 to 64",
                heads.to_string(),
                (1..=64).contains(&heads),
            ),
            (
                "width of the rows",
                "an even number from 2 to 1024",
                d_model.to_string(),
                (2..=1_024).contains(&d_model) && d_model % 2 == 0,
            ),
            (
                "width of a head",
                "1 to 256",
                d_head.to_string(),
                (1..=256).contains(&d_head),
            ),
            (
                "kernel",
                "0 or an odd number up to 63",
                kernel.to_string(),
                kernel == 0 || kernel % 2 == 1 && kernel <= 63,
            ),
            ("number of classes", "2", classes.to_string(), classes == 2),
            (
                "context",
                "8 to 8192 bases",
                context.to_string(),
                (8..=8_192).contains(&context),
            ),
            (
                "label shift",
                "0 to 8192 bases",
                label_shift.to_string(),
                label_shift <= 8_192,
            ),
            (
                "number of parameters",
                "at most 20 million",
                parameters.to_string(),
                parameters <= 20_000_000,
            ),
            (
                "number of steps",
                "1 or more",
                self.steps.to_string(),
                self.steps > 0,
            ),
            (
                "peak learning rate",
                "above 0, at most 1",
                self.peak_rate.to_string(),
                self.peak_rate > 0.0 && self.peak_rate <= 1.0,
            ),
            (
                "number of streams",
                "1 to 1024",
                self.streams.to_string(),
                (1..=1_024).contains(&self.streams),
            ),
            (
                "focal gamma",
                "0 to 10",
                self.gamma.to_string(),
                (0.0..=10.0).contains(&self.gamma),
            ),
            (
                "dropout",
                "0 to 0.9",
                self.dropout.to_string(),
                (0.0..=0.9).contains(&self.dropout),
            ),
            (
                "gradient clip",
                "above 0",
                self.clip.to_string(),
                self.clip > 0.0,
            ),
            (
                "share of segments near labels",
                "0 to 0.9",
                self.near_labels.to_string(),
                (0.0..=0.9).contains(&self.near_labels),
            ),
            (
                "deviation of the first weights",
                "above 0, at most 1",
                self.first_deviation.to_string(),
                self.first_deviation > 0.0 && self.first_deviation <= 1.0,
            ),
            (
                "number of steps between validations",
                "1 or more",
                self.validate_every.to_string(),
                self.validate_every > 0,
            ),
        ];
        for (what, expected, found, holds) in rules {
            if !holds {
                return Err(SettingsError {
                    what,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    /// The learning rate of step `step`, counted from 0: a line up to the peak, then half a cosine
    /// that is counted from step 0 and ends at 0.
    #[must_use]
    pub fn rate(&self, step: u64) -> f64 {
        let at = (step + 1) as f64;
        if step < self.warm_up {
            return self.peak_rate * at / self.warm_up as f64;
        }
        let turn = std::f64::consts::PI * at / self.steps as f64;
        self.peak_rate * (1.0 + turn.cos()) / 2.0
    }

    /// The longest segment: three standard deviations above the mean.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.config.context + 15
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let config = Config {
            layers: 6,
            heads: 6,
            d_model: 32,
            d_head: 32,
            kernel: 7,
            classes: 2,
            context: 512,
            label_shift: 20,
        };
        let settings = Settings::published(config);
        assert!(settings.check().is_ok());
        assert!((settings.rate(0) - 1e-4 / 3_000.0).abs() < 1e-12);
        assert!((settings.rate(2_999) - 1e-4).abs() < 1e-12);
        // Counted from step 0, the cosine has already come down a little when it takes over.
        let expected = 0.5e-4 * (1.0 + (std::f64::consts::PI * 3_001.0 / 85_000.0).cos());
        assert!((settings.rate(3_000) - expected).abs() < 1e-15);
        assert!(settings.rate(84_999).abs() < 1e-12);
        let odd = Settings {
            dropout: f32::NAN,
            ..settings
        };
        assert_eq!(odd.check().map_err(|error| error.what), Err("dropout"));
    }
}
