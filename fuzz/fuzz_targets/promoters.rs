//! Names and σ factors of a table of promoters.
#![no_main]

use headlight_fuzz::promoter_table;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { promoter_table(data) });
