//! The beginning of a table whose columns people choose.
#![no_main]

use headlight_fuzz::preview;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { preview(data) });
