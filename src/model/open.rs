//! A model that is ready to run: its numbers, what is known about it, and the kernel that runs it.

use super::checkpoint::{
    Checkpoint, CheckpointError, Overrides, read_checkpoint, read_checkpoint_bytes,
};
use super::config::Config;
use super::fused::Kernel;
use super::metadata::Metadata;
use super::weights::Weights;
use crate::attention::HeadShape;
use std::path::Path;

/// A model that is ready to run.
#[derive(Debug)]
pub struct Model {
    /// The numbers.
    pub weights: Weights,
    /// What the checkpoint says about them.
    pub metadata: Metadata,
    /// SHA-256 of the checkpoint, so that results name what they are about.
    pub checksum: String,
    /// Runs the network.
    pub kernel: Kernel,
    name: String,
}

impl Model {
    /// Opens a checkpoint.
    ///
    /// # Errors
    /// As [`read_checkpoint`].
    pub fn open(path: &Path, overrides: Overrides) -> Result<Self, CheckpointError> {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Self::new(read_checkpoint(path, overrides)?, &name))
    }

    /// Opens a checkpoint that is in memory under `name`.
    ///
    /// # Errors
    /// As [`read_checkpoint_bytes`].
    pub fn from_bytes(
        name: &str,
        bytes: &[u8],
        overrides: Overrides,
    ) -> Result<Self, CheckpointError> {
        Ok(Self::new(
            read_checkpoint_bytes(name, bytes, overrides)?,
            name,
        ))
    }

    fn new(checkpoint: Checkpoint, file_name: &str) -> Self {
        let Checkpoint {
            weights,
            metadata,
            checksum,
            ..
        } = checkpoint;
        let name = metadata
            .name
            .clone()
            .unwrap_or_else(|| file_name.to_owned());
        Self {
            kernel: Kernel::new(&weights),
            weights,
            metadata,
            checksum,
            name,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sizes and settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.weights.config
    }

    /// Layers and heads.
    #[must_use]
    pub fn head_shape(&self) -> HeadShape {
        self.config().head_shape()
    }
}
