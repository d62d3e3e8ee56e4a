//! Annotation as BED.
#![no_main]

use headlight_fuzz::annotation;
use headlight_fuzz::genome::read::FileKind;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { annotation(data, |kind| kind == FileKind::Bed) });
