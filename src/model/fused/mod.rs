//! The CPU kernel that all inference goes through.
//!
//! What makes it fast:
//! 1. projection and convolution have nothing between them, so they are folded into one matrix
//!    over `kernel` neighbouring hidden rows;
//! 2. sines and cosines obey angle addition, so the score of a distance is a product of a rotated
//!    query with [cos, sin] of the key's position relative to the tile: no shifting;
//! 3. only the band of `context` keys is computed, in tiles of a few queries;
//! 4. keys and values are kept in rings; in faithful mode only the rows on either side of a border
//!    are made twice;
//! 5. a stretch goes through all layers piece by piece, head by head, so that a head's keys and
//!    values stay in the cache;
//! 6. denormals are flushed to zero while it runs;
//! 7. a level computes only the rows that the queries at the end need.
//!
//! Tiles lie on a grid that the strand fixes, so the numbers of a query are the same, bit for bit,
//! whatever range it was asked in.

#![allow(
    clippy::inline_always,
    reason = "vector code must be compiled inside the function that switches its instructions on"
)]

mod attend;
mod handover;
mod head;
mod lanes;
mod layer;
mod prepare;
mod product;
mod settings;
mod stretch;
mod strip;
mod sums;
pub mod train;
mod variants;

#[cfg(target_arch = "x86_64")]
mod denormals;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::fmt;
use std::str::FromStr;

use self::prepare::Tables;
pub(super) use self::prepare::{Part, folded};
pub(super) use self::product::padded;
pub use self::settings::{HeadMask, Mode, Replacement, Settings};
pub(crate) use self::stretch::softmax_of_second;
pub(crate) use self::strip::{MASKED, Needs, Strip, UNKNOWN};
pub(crate) use self::variants::{Variant, rows_needed};
use super::config::Config;
use super::network::Network;
use super::weights::Weights;
use crate::attention::AttentionSink;
use crate::attention::tile::NoAttention;
use crate::progress::{Cancel, Cancelled, Progress};

/// Which instructions the kernel uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KernelPath {
    /// Plain Rust, for every processor.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512.
    Avx512,
}

impl KernelPath {
    /// All paths, plainest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Whether this processor can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        Instructions::detect(self).is_some()
    }

    /// Floating-point operations a second of one thread in a plain f32 matrix product with these
    /// instructions: what the speed of a run is measured against. `None` where they are missing.
    ///
    /// `products` products of two 768 x 768 matrices are timed.
    #[must_use]
    pub fn product_rate(self, products: usize) -> Option<f64> {
        Some(match Instructions::detect(self)? {
            Instructions::Portable(set) => product::rate::<_, PORTABLE_ROWS>(set, products),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(set) => product::rate::<_, AVX2_ROWS>(set, products),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(set) => product::rate::<_, AVX512_ROWS>(set, products),
        })
    }

    /// The path that `HEADLIGHT_KERNEL` names (`portable`, `avx2`, `avx512`) if this processor
    /// has it, else the fastest one.
    #[must_use]
    pub fn chosen() -> Self {
        let forced = std::env::var("HEADLIGHT_KERNEL")
            .ok()
            .and_then(|name| name.parse().ok())
            .filter(|path: &Self| path.is_available());
        let fastest = Self::ALL.into_iter().rev().find(|path| path.is_available());
        forced.or(fastest).unwrap_or(Self::Portable)
    }
}

impl fmt::Display for KernelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

/// A kernel path was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not a kernel path: expected portable, avx2 or avx512")]
pub struct KernelPathError {
    /// What was found instead.
    pub found: String,
}

impl FromStr for KernelPath {
    type Err = KernelPathError;

    fn from_str(text: &str) -> Result<Self, KernelPathError> {
        Self::ALL
            .into_iter()
            .find(|path| path.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| KernelPathError {
                found: text.to_owned(),
            })
    }
}

/// A path with the proof that the processor has it.
#[derive(Clone, Copy, Debug)]
enum Instructions {
    Portable(lanes::Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
}

/// Rows of a tile on each path: what fits the registers beside two vectors of columns.
const PORTABLE_ROWS: usize = 4;
#[cfg(target_arch = "x86_64")]
const AVX2_ROWS: usize = 6;
#[cfg(target_arch = "x86_64")]
const AVX512_ROWS: usize = 12;

impl Instructions {
    fn detect(path: KernelPath) -> Option<Self> {
        match path {
            KernelPath::Portable => Some(Self::Portable(lanes::Portable)),
            #[cfg(target_arch = "x86_64")]
            KernelPath::Avx2 => x86::Avx2::detect().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            KernelPath::Avx512 => x86::Avx512::detect().map(Self::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            KernelPath::Avx2 | KernelPath::Avx512 => None,
        }
    }

    fn rows(self) -> usize {
        match self {
            Self::Portable(_) => PORTABLE_ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => AVX2_ROWS,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => AVX512_ROWS,
        }
    }
}

/// A network, prepared for fast inference. Cheap to share, costly (milliseconds) to make.
#[derive(Clone, Debug)]
pub struct Kernel {
    tables: Tables,
    instructions: Instructions,
    path: KernelPath,
    /// The network in burn, where it computes in the kernel's place, and its device's name.
    network: Option<(Network, String)>,
}

impl Kernel {
    /// Prepares `weights` for the path that [`KernelPath::chosen`] gives.
    #[must_use]
    pub fn new(weights: &Weights) -> Self {
        Self::with_path(weights, KernelPath::chosen()).unwrap_or_else(|| {
            let instructions = Instructions::Portable(lanes::Portable);
            Self::prepare(weights, instructions, KernelPath::Portable)
        })
    }

    /// Prepares `weights` for one path; `None` where this processor lacks it.
    #[must_use]
    pub fn with_path(weights: &Weights, path: KernelPath) -> Option<Self> {
        Some(Self::prepare(weights, Instructions::detect(path)?, path))
    }

    fn prepare(weights: &Weights, instructions: Instructions, path: KernelPath) -> Self {
        Self {
            tables: Tables::new(weights, instructions.rows()),
            instructions,
            path,
            network: None,
        }
    }

    /// The same, computed by the network in burn on the device called `name`; see `device`.
    pub(super) fn with_network(&self, network: Network, name: &str) -> Self {
        Self {
            network: Some((network, name.to_owned())),
            ..self.clone()
        }
    }

    /// Sizes and settings of the network.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.tables.config
    }

    /// The instructions in use.
    #[must_use]
    pub fn path(&self) -> KernelPath {
        self.path
    }

    /// What computes: the instructions in use, or another device.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.network {
            Some((_, device)) => device.clone(),
            None => self.path.to_string(),
        }
    }

    /// Runs a strip; see `predict`.
    pub(crate) fn run(
        &self,
        strip: &Strip,
        settings: &Settings,
        sink: &mut dyn AttentionSink,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Vec<f32>, Cancelled> {
        if let Some((network, _)) = &self.network {
            return network.run_strip(strip, settings, sink, progress, cancel);
        }
        let tables = &self.tables;
        match self.instructions {
            Instructions::Portable(set) => stretch::run::<_, PORTABLE_ROWS>(
                set, tables, strip, settings, sink, progress, cancel,
            ),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(set) => {
                stretch::run::<_, AVX2_ROWS>(set, tables, strip, settings, sink, progress, cancel)
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(set) => {
                stretch::run::<_, AVX512_ROWS>(set, tables, strip, settings, sink, progress, cancel)
            }
        }
    }
}

impl Kernel {
    /// The same on the processor, whatever computes now.
    #[must_use]
    pub(crate) fn on_processor(&self) -> Self {
        Self {
            network: None,
            ..self.clone()
        }
    }

    /// The logits of `base` and of each of `variants`; see `model::variants`.
    pub(crate) fn run_variants(
        &self,
        base: &Strip,
        variants: &[Variant],
        settings: &Settings,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<(Vec<f32>, Vec<Vec<f32>>), Cancelled> {
        if self.network.is_some() {
            let silent = Progress::default();
            let sink = &mut NoAttention;
            let unchanged = self.run(base, settings, sink, &silent, cancel)?;
            let answer = |variant: &Variant| {
                let sink = &mut NoAttention;
                let logits = self.run(&variant.strip, settings, sink, &silent, cancel)?;
                progress.advance(1);
                Ok(logits)
            };
            return Ok((
                unchanged,
                variants.iter().map(answer).collect::<Result<_, _>>()?,
            ));
        }
        let tables = &self.tables;
        match self.instructions {
            Instructions::Portable(set) => variants::run::<_, PORTABLE_ROWS>(
                set, tables, base, variants, settings, progress, cancel,
            ),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(set) => variants::run::<_, AVX2_ROWS>(
                set, tables, base, variants, settings, progress, cancel,
            ),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(set) => variants::run::<_, AVX512_ROWS>(
                set, tables, base, variants, settings, progress, cancel,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back() {
        for path in KernelPath::ALL {
            assert_eq!(path.to_string().parse(), Ok(path));
        }
        assert!("sse".parse::<KernelPath>().is_err());
        assert!(KernelPath::chosen().is_available());
        assert!(KernelPath::Portable.is_available());
    }
}
