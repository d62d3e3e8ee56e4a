//! Sizes and settings of a network.

use crate::attention::HeadShape;

/// The sizes that a checkpoint's tensors show, and the settings that they cannot show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Config {
    /// Number of layers.
    pub layers: usize,
    /// Heads in each layer.
    pub heads: usize,
    /// Width of the hidden rows.
    pub d_model: usize,
    /// Width of one head's queries, keys and values.
    pub d_head: usize,
    /// Width of the convolutions: odd, or 0 where the network has none.
    pub kernel: usize,
    /// Number of output classes.
    pub classes: usize,
    /// Segment and memory length; also how many keys a query sees. Not visible in the tensors.
    pub context: usize,
    /// How far downstream of a label its output lies, in bases. Not visible in the tensors.
    pub label_shift: usize,
}

impl Config {
    /// Layers and heads.
    #[must_use]
    pub fn head_shape(&self) -> HeadShape {
        HeadShape {
            layers: self.layers,
            heads: self.heads,
        }
    }

    /// Bases on each side that one convolution sees.
    #[must_use]
    pub fn kernel_reach(&self) -> usize {
        self.kernel / 2
    }

    /// How many positions before a query its output can depend on:
    /// `layers * (context - 1 + kernel / 2)`, which is 3,084 for the published network.
    #[must_use]
    pub fn reach_back(&self) -> usize {
        self.layers * (self.context - 1 + self.kernel_reach())
    }

    /// How many positions after a query its output can depend on (18 for the published network).
    #[must_use]
    pub fn reach_ahead(&self) -> usize {
        self.layers * self.kernel_reach()
    }

    /// How many numbers a network of these sizes has learned; at most `u64::MAX`.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        let [layers, heads, d_model, d_head, kernel, classes] = [
            self.layers,
            self.heads,
            self.d_model,
            self.d_head,
            self.kernel,
            self.classes,
        ]
        .map(|size| size as u64);
        let wide = heads.saturating_mul(d_head);
        let convolutions = if kernel > 0 {
            d_head
                .saturating_mul(d_head)
                .saturating_mul(kernel)
                .saturating_add(d_head)
                .saturating_mul(3)
        } else {
            0
        };
        wide.saturating_mul(d_model)
            .saturating_mul(5)
            .saturating_add(convolutions)
            .saturating_add(d_model.saturating_mul(2))
            .saturating_mul(layers)
            .saturating_add(d_model.saturating_mul(4))
            .saturating_add(wide.saturating_mul(2))
            .saturating_add(d_model.saturating_add(1).saturating_mul(classes))
    }
}
