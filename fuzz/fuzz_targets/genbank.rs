//! GenBank records: sequence and features.
#![no_main]

use headlight_fuzz::annotated_genome;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { annotated_genome(data) });
