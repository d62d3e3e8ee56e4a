//! Counts the memory that a thread has in use. The tests of the program count with it too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Memory that a reader may take at most, in bytes a byte of (unpacked) input.
pub const BYTES_PER_BYTE: usize = 20;
/// What every reader may take besides, for its buffers.
pub const BUFFERS_BYTES: usize = 3 << 19;

thread_local! {
    /// In use now, and the most that was. What another thread gives back is not counted.
    static BYTES: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

#[global_allocator]
static COUNTED: Counted = Counted;

struct Counted;

impl Counted {
    fn add(bytes: usize) {
        let _ = BYTES.try_with(|counts| {
            let (live, peak) = counts.get();
            let live = live.saturating_add(bytes);
            counts.set((live, peak.max(live)));
        });
    }

    fn subtract(bytes: usize) {
        let _ = BYTES.try_with(|counts| {
            let (live, peak) = counts.get();
            counts.set((live.saturating_sub(bytes), peak));
        });
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::add(layout.size());
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::add(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::subtract(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // Old and new may both be there for a moment.
        Self::add(bytes);
        Self::subtract(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, bytes) }
    }
}

/// Runs `work` and gives the most bytes that its thread had in use beyond those in use before.
pub fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.with(|counts| {
        let (live, _) = counts.get();
        counts.set((live, live));
        live
    });
    let result = work();
    let (_, peak) = BYTES.with(Cell::get);
    (result, peak.saturating_sub(before))
}
