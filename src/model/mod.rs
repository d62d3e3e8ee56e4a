//! The network: its sizes, its numbers, and how it runs. The only place that knows burn.

pub mod attribution;
pub mod checkpoint;
pub mod config;
pub mod device;
pub mod fused;
#[cfg(feature = "gpu")]
mod gpu;
pub mod means;
pub mod metadata;
pub mod motif;
pub mod network;
mod open;
pub mod parts;
pub mod predict;
pub mod strand;
pub mod train;
pub mod variants;
pub mod weights;

pub use checkpoint::{
    Checkpoint, CheckpointError, Overrides, read_checkpoint, read_checkpoint_bytes,
    write_safetensors,
};
pub use config::Config;
pub use device::{ComputeDevice, DeviceError};
pub use fused::{HeadMask, Kernel, KernelPath, Mode, Replacement, Settings};
pub use metadata::Metadata;
pub use network::Network;
pub use open::Model;
pub use predict::Outputs;
pub use strand::StrandSequence;
pub use weights::Weights;

/// The checkpoint of the embedded example, for [`read_checkpoint_bytes`].
pub static EXAMPLE: &[u8] = include_bytes!("../../assets/model.safetensors");
