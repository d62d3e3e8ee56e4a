//! Sites as BED or GFF3.
#![no_main]

use headlight_fuzz::genome::read::FileKind;
use headlight_fuzz::site_file;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    site_file(data, |kind| matches!(kind, FileKind::Bed | FileKind::Gff3))
});
