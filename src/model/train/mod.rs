//! Training: from labels to weights.

mod adam;
mod corpus;
mod dice;
mod initial;
mod processor;
mod run;
mod settings;
mod state;

pub use super::fused::train::{Example, Learner, Objective};
pub use adam::Adam;
pub use corpus::{Batch, Classes, Corpus};
pub use initial::initial_weights;
pub use processor::{Processor, ProcessorError};
pub use run::{Run, State, StepReport};
pub use settings::{Settings, SettingsError};
pub use state::{Best, Notes, StateError, read_notes, read_state, write_state, write_whole};
