//! Sequences as 2bit.
#![no_main]

use headlight_fuzz::genome::read::FileKind;
use headlight_fuzz::genome_file;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { genome_file(data, |kind| kind == FileKind::TwoBit) });
