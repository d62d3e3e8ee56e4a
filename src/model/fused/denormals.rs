//! Numbers too small for full precision are flushed to zero while the kernel runs.

#![allow(
    unsafe_code,
    reason = "the processor's control register has no safe access"
)]

use std::arch::asm;

/// Flush results to zero (bit 15) and read denormals as zero (bit 6).
const FLUSH: u32 = 1 << 15 | 1 << 6;

/// Flushes denormals of this thread until it is dropped, then puts back what was before.
#[derive(Debug)]
pub(super) struct FlushToZero {
    before: u32,
}

impl FlushToZero {
    /// Switches flushing on.
    #[inline]
    pub(super) fn new() -> Self {
        let before = read();
        if before & FLUSH != FLUSH {
            write(before | FLUSH);
        }
        Self { before }
    }
}

impl Drop for FlushToZero {
    #[inline]
    fn drop(&mut self) {
        if self.before & FLUSH != FLUSH {
            write(self.before);
        }
    }
}

#[inline]
fn read() -> u32 {
    let mut control = 0_u32;
    // SAFETY: stores the 32-bit register to the variable and touches nothing else.
    unsafe {
        asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
    }
    control
}

#[inline]
fn write(control: u32) {
    // SAFETY: loads a value that `read` gave, at most with the two flush bits set: rounding and
    // masks of exceptions stay as they are, and the guard puts the old value back.
    unsafe {
        asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn flushing_ends_with_the_guard() {
        let small = black_box(1e-30_f32);
        {
            let _flush = FlushToZero::new();
            assert_eq!(black_box(small * black_box(1e-10)).to_bits(), 0);
        }
        assert_ne!(black_box(small * black_box(1e-10)).to_bits(), 0);
    }
}
