//! RegulonDB's binding sites, releases 8 to 10.
#![no_main]

use headlight_fuzz::genome::read::FileKind;
use headlight_fuzz::site_file;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { site_file(data, |kind| kind == FileKind::BindingSiteSet) });
