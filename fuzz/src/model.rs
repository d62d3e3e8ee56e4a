//! The part of `model` that reads checkpoints.

#[path = "../../src/model/checkpoint/mod.rs"]
pub mod checkpoint;
#[path = "../../src/model/config.rs"]
pub mod config;
#[path = "../../src/model/metadata.rs"]
pub mod metadata;
#[path = "../../src/model/weights.rs"]
pub mod weights;
