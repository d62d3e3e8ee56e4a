//! Wandering about in the window: what is kept stays within its budgets, and nothing panics.
//!
//! A few hundred actions of the hour that `cargo bench --bench navigation` walks.

mod walk;

use crate::shared::shared;
use std::time::Duration;
use walk::Walk;

#[test]
fn caches_stay_within_their_budgets() {
    let sites = shared("data/sites/RegulonDB-13.0_TF-RISet.tsv");
    let mut walk = Walk::new(7, sites);
    for _ in 0..300 {
        // Panics where a cache outgrows its budget.
        walk.step(Duration::from_millis(30));
    }
    assert!(walk.frames > 600);
    let pages = walk.most[0];
    assert!(pages.held > 0, "pages were computed: {pages:?}");
    if let Some(bytes) = walk::resident_bytes() {
        println!("{} MB resident, most held {:?}", bytes >> 20, walk.most);
    }
}
