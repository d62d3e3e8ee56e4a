//! Motifs as TRANSFAC.
#![no_main]

use headlight_fuzz::genome::read::FileKind;
use headlight_fuzz::motif_file;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { motif_file(data, |kind| kind == FileKind::Transfac) });
