//! Checkpoints: safetensors and PyTorch.
#![no_main]

use headlight_fuzz::checkpoint;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { checkpoint(data) });
