//! Measured promoters: a table or a reporter library.
#![no_main]

use headlight_fuzz::measured_promoters;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { measured_promoters(data) });
