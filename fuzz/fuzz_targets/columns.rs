//! A table whose columns people chose.
#![no_main]

use headlight_fuzz::chosen_columns;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { chosen_columns(data) });
