//! What computes the network: the processor, or a graphics processor.

use super::fused::{Kernel, Mode, Settings};
use super::network::{Network, score_bytes};
use super::open::Model;
use super::predict::{self, Outputs, StrandSequence};
use super::weights::Weights;
use crate::attention::block::AttentionBlock;
use crate::genome::{Base, Contig, Strand};
use crate::progress::{Cancel, Cancelled, Progress};
use burn::tensor::Device;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What computes the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ComputeDevice {
    /// The processor, through the kernel.
    #[default]
    Cpu,
    /// A graphics processor, through the network in burn; needs the feature `gpu`.
    Gpu,
}

/// A device cannot compute the network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// The program lacks the feature.
    #[error(
        "this program was built without the feature gpu: build it with \
         `cargo build --release --features gpu`, or leave --device away"
    )]
    NotBuilt,
    /// There is nothing to compute on.
    #[error(
        "no graphics processor was found ({reason}): install its Vulkan driver, or leave --device away"
    )]
    NoAdapter {
        /// What was found instead.
        reason: String,
    },
    /// The device, its driver or its memory failed.
    #[error("the device {device} failed ({reason}): leave --device away to use the processor")]
    Failed {
        /// Name of the device.
        device: String,
        /// What it says.
        reason: String,
    },
    /// The scores of one segment do not fit.
    #[error(
        "a context of {context} takes {found_mb} MB a layer on a graphics processor, which may be \
         {allowed_mb} MB at most: leave --device away to use the processor"
    )]
    TooLong {
        /// Context of the model.
        context: usize,
        /// Megabytes that one layer's scores take.
        found_mb: usize,
        /// Megabytes that they may take.
        allowed_mb: usize,
    },
    /// The device computes something else.
    #[error(
        "the device {device} gives other numbers than the processor ({what}: {found}, expected \
         {expected}): leave --device away, and see whether its driver can be updated"
    )]
    Differs {
        /// Name of the device.
        device: String,
        /// What differs.
        what: String,
        /// What the device gave.
        found: f32,
        /// What the processor gave.
        expected: f32,
    },
}

/// Bytes that the scores of one layer may take on a device.
const SCORE_BYTES: usize = 1 << 30;

/// Queries on either side of the border of a segment that a device is checked with.
const CHECKED: usize = 48;

impl Model {
    /// The same model, computed by `device`.
    ///
    /// A graphics processor is first checked: what it gives for a short sequence, in both modes,
    /// must be what the processor gives, within [`agrees`].
    ///
    /// # Errors
    /// [`DeviceError`] where the device is not there or not fit.
    pub fn compute_on(self, device: ComputeDevice) -> Result<Self, DeviceError> {
        match device {
            ComputeDevice::Cpu => Ok(self),
            #[cfg(feature = "gpu")]
            ComputeDevice::Gpu => self.compute_on_gpu(),
            #[cfg(not(feature = "gpu"))]
            ComputeDevice::Gpu => Err(DeviceError::NotBuilt),
        }
    }

    #[cfg(feature = "gpu")]
    fn compute_on_gpu(mut self) -> Result<Self, DeviceError> {
        let (device, name) = super::gpu::open()?;
        self.kernel = self.kernel.on_device(&self.weights, &device, &name)?;
        Ok(self)
    }
}

impl Kernel {
    /// A kernel that computes `weights`, which are its own, with the network in burn on `device`,
    /// called `name` in messages and results.
    ///
    /// # Errors
    /// [`DeviceError`] where the device gives no numbers, or others than this kernel.
    pub fn on_device(
        &self,
        weights: &Weights,
        device: &Device,
        name: &str,
    ) -> Result<Self, DeviceError> {
        let bytes = score_bytes(&weights.config);
        if bytes > SCORE_BYTES {
            return Err(DeviceError::TooLong {
                context: weights.config.context,
                found_mb: bytes >> 20,
                allowed_mb: SCORE_BYTES >> 20,
            });
        }
        guarded(name, || {
            let kernel = self.with_network(Network::new(weights, device), name);
            check(self, &kernel, name).map(|()| kernel)
        })?
    }
}

/// Does `work`; where it panics, as burn does where a device cannot compute, that is an error.
pub(super) fn guarded<T>(device: &str, work: impl FnOnce() -> T) -> Result<T, DeviceError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| DeviceError::Failed {
        device: device.to_owned(),
        reason: panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given")
            .to_owned(),
    })
}

/// Whether a number of a device agrees with the processor's: within 1e-4 + 1e-2 of it.
#[must_use]
pub fn agrees(found: f32, expected: f32) -> bool {
    (found - expected).abs() <= 1e-4 + 1e-2 * expected.abs()
}

/// Compares what two kernels give around the border of a segment, in both modes.
fn check(expected: &Kernel, found: &Kernel, device: &str) -> Result<(), DeviceError> {
    let context = expected.config().context;
    let contig = Contig {
        sequence: bases(2 * context + CHECKED).into_iter().collect(),
        ..Contig::default()
    };
    for mode in [Mode::Faithful, Mode::Seamless] {
        let of = |kernel| around_border(kernel, &contig, mode);
        // Nobody can ask to stop.
        let (Ok((expected, known)), Ok((found, new))) = (of(expected), of(found)) else {
            continue;
        };
        let differs = |what: String, found, expected| DeviceError::Differs {
            device: device.to_owned(),
            what: format!("{what} in {mode} mode"),
            found,
            expected,
        };
        for (&found, &expected) in found.logits.iter().zip(&expected.logits) {
            if !agrees(found, expected) {
                return Err(differs("a logit".to_owned(), found, expected));
            }
        }
        for head in 0..known.heads {
            for query in 0..known.queries {
                let rows = new.row(head, query).iter().zip(known.row(head, query));
                for (distance, (&found, &expected)) in rows.enumerate() {
                    if !agrees(found, expected) {
                        let what = format!("a weight at distance {distance}");
                        return Err(differs(what, found, expected));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Logits and the last layer's attention, which depend on all layers.
fn around_border(
    kernel: &Kernel,
    contig: &Contig,
    mode: Mode,
) -> Result<(Outputs, AttentionBlock), Cancelled> {
    let config = kernel.config();
    let queries = 2 * config.context - CHECKED.min(config.context)..contig.len();
    let mut block = AttentionBlock::new(
        config.layers.saturating_sub(1),
        config.heads,
        queries.start.cast_signed(),
        queries.len(),
        config.context,
    );
    let outputs = predict::run(
        kernel,
        StrandSequence::new(contig, Strand::Forward),
        queries,
        &Settings::with_mode(mode),
        &mut block,
        &Progress::default(),
        &Cancel::default(),
    )?;
    Ok((outputs, block))
}

/// A sequence without a pattern, always the same.
fn bases(length: usize) -> Vec<Base> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut base = || {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        [Base::A, Base::C, Base::G, Base::T][(state >> 62) as usize]
    };
    (0..length).map(|_| base()).collect()
}
