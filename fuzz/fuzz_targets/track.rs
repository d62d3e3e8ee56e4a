//! BED or GFF3 as annotation and as sites at once.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { headlight_fuzz::track(data) });
