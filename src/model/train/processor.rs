//! Where losses and gradients are computed: by hand on the CPU, or by burn on a graphics processor.

use super::settings::Settings;
use super::{Example, Learner, Objective};
use crate::model::network::Network;
use crate::model::weights::Weights;
use burn::tensor::Device;

/// Where to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Processor {
    /// The CPU, through [`Learner`].
    #[default]
    Cpu,
    /// A graphics processor, through Vulkan, in builds with the feature `gpu`.
    Gpu,
}

/// There is no such processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcessorError {
    /// The program was built without the feature.
    #[error(
        "this build has no support for graphics processors: leave --device out, or build with `cargo build --release --features gpu`"
    )]
    NotBuilt,
    /// No adapter came up.
    #[error("no graphics processor with Vulkan was found: leave --device out, or check its driver")]
    NotFound,
}

/// What computes.
#[derive(Debug)]
pub(super) enum Engine {
    Cpu(Learner),
    /// A device with automatic differentiation.
    Burn(Device),
}

impl Engine {
    pub(super) fn new(processor: Processor, settings: &Settings) -> Result<Self, ProcessorError> {
        Ok(match processor {
            Processor::Cpu => Self::Cpu(Learner::new(settings.config, settings.longest())),
            Processor::Gpu => Self::Burn(gpu()?),
        })
    }

    /// As [`Learner::gradient`].
    pub(super) fn gradient(
        &mut self,
        weights: &Weights,
        batch: &[Example<'_>],
        objective: Objective,
        (key, longest): (u64, usize),
        gradient: &mut Weights,
    ) -> f64 {
        match self {
            Self::Cpu(learner) => learner.gradient(weights, batch, objective, key, gradient),
            Self::Burn(device) => {
                let network = Network::new(weights, device);
                let (loss, found) = network.gradient(batch, objective, key, longest);
                *gradient = found;
                loss
            }
        }
    }
}

#[cfg(feature = "gpu")]
fn gpu() -> Result<Device, ProcessorError> {
    use burn::tensor::{DeviceKind, Tensor};
    // Without an adapter the runtime panics when it is first used.
    std::panic::catch_unwind(|| {
        let device = Device::vulkan(DeviceKind::DefaultDevice).autodiff();
        let one: f32 = Tensor::<1>::ones([1], &device)
            .try_into_scalar()
            .unwrap_or(0.0);
        (one > 0.5).then_some(device)
    })
    .ok()
    .flatten()
    .ok_or(ProcessorError::NotFound)
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> Result<Device, ProcessorError> {
    Err(ProcessorError::NotBuilt)
}
