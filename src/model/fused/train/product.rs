//! The matrix product of training: every factor may be read along rows, columns or a diagonal.

#![allow(
    unsafe_code,
    reason = "the inner loop reads without checks; every block checks its bounds before"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "register blocks are unrolled by index"
)]

use super::super::lanes::Lanes;

/// The left factor: the number of row i at depth k is `numbers[i * row + k * step]`.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) row: usize,
    pub(super) step: usize,
}

/// The right factor: row k, the depth, begins at `k * stride`.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) stride: usize,
}

/// What the sums begin with.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    Zero,
    /// The same row everywhere.
    Bias(&'a [f32]),
    /// Rows this far apart.
    Rows(&'a [f32], usize),
    /// What is in the output.
    Kept,
}

/// `out = start + left · right` for ROWS rows `stride` apart and `width` columns, which must be a
/// multiple of [`super::super::product::PAD`].
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "inlined into its callers")]
pub(super) fn multiply<S: Lanes, const ROWS: usize>(
    set: S,
    depth: usize,
    left: Left<'_>,
    right: Right<'_>,
    start: Start<'_>,
    out: &mut [f32],
    stride: usize,
    width: usize,
) {
    let mut column = 0;
    while column + 2 * S::LANES <= width {
        block::<S, ROWS, 2>(set, depth, left, right, start, out, stride, column);
        column += 2 * S::LANES;
    }
    while column < width {
        block::<S, ROWS, 1>(set, depth, left, right, start, out, stride, column);
        column += S::LANES;
    }
}

/// [`multiply`] for `tiles` times ROWS rows.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "inlined into its callers")]
pub(super) fn multiply_tiles<S: Lanes, const ROWS: usize>(
    set: S,
    tiles: usize,
    depth: usize,
    left: Left<'_>,
    right: Right<'_>,
    start: Start<'_>,
    out: &mut [f32],
    stride: usize,
    width: usize,
) {
    for tile in 0..tiles {
        let left = Left {
            numbers: &left.numbers[tile * ROWS * left.row..],
            ..left
        };
        let out = &mut out[tile * ROWS * stride..];
        multiply::<S, ROWS>(set, depth, left, right, start, out, stride, width);
    }
}

#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "inlined into `multiply`")]
fn block<S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    depth: usize,
    left: Left<'_>,
    right: Right<'_>,
    start: Start<'_>,
    out: &mut [f32],
    stride: usize,
    column: usize,
) {
    let across = N * S::LANES;
    assert!(out.len() >= (ROWS - 1) * stride + column + across);
    let (initial, apart): (&[f32], usize) = match start {
        Start::Zero => (&[], 0),
        Start::Bias(row) => (row, 0),
        Start::Rows(rows, apart) => (rows, apart),
        Start::Kept => (&*out, stride),
    };
    let mut sums = [[set.splat(0.0); N]; ROWS];
    if !initial.is_empty() {
        assert!(initial.len() >= (ROWS - 1) * apart + column + across);
        for row in 0..ROWS {
            for n in 0..N {
                // SAFETY: the last number read is (ROWS - 1) * apart + column + N * LANES - 1, checked above.
                sums[row][n] =
                    unsafe { set.load(initial.as_ptr().add(row * apart + column + n * S::LANES)) };
            }
        }
    }
    if depth > 0 {
        assert!(left.numbers.len() > (ROWS - 1) * left.row + (depth - 1) * left.step);
        assert!(right.numbers.len() >= (depth - 1) * right.stride + column + across);
        let a = left.numbers.as_ptr();
        let b = right.numbers.as_ptr();
        for k in 0..depth {
            let mut vectors = [set.splat(0.0); N];
            for n in 0..N {
                // SAFETY: the last number read is (depth - 1) * stride + column + N * LANES - 1, checked above.
                vectors[n] = unsafe { set.load(b.add(k * right.stride + column + n * S::LANES)) };
            }
            for row in 0..ROWS {
                // SAFETY: the largest index is (ROWS - 1) * row + (depth - 1) * step, checked above.
                let down = set.splat(unsafe { *a.add(row * left.row + k * left.step) });
                for n in 0..N {
                    sums[row][n] = set.mul_add(down, vectors[n], sums[row][n]);
                }
            }
        }
    }
    let to = out.as_mut_ptr();
    for row in 0..ROWS {
        for n in 0..N {
            // SAFETY: the last number written is (ROWS - 1) * stride + column + N * LANES - 1, checked above.
            unsafe { set.store(to.add(row * stride + column + n * S::LANES), sums[row][n]) };
        }
    }
}

/// `row = 2^(row − level)`; the count is a multiple of the lanes.
#[inline(always)]
pub(super) fn powers<S: Lanes>(set: S, row: &mut [f32], level: f32) {
    let level = set.splat(level);
    for chunk in row.chunks_exact_mut(S::LANES) {
        // SAFETY: a chunk holds LANES numbers.
        unsafe {
            let power = set.exp2(set.sub(set.load(chunk.as_ptr()), level));
            set.store(chunk.as_mut_ptr(), power);
        }
    }
}

/// `row = weights * (row − mean) * factor`: the way back through a softmax.
#[inline(always)]
pub(super) fn unsoften<S: Lanes>(set: S, row: &mut [f32], weights: &[f32], mean: f32, factor: f32) {
    let (mean, factor) = (set.splat(mean), set.splat(factor));
    let pairs = row
        .chunks_exact_mut(S::LANES)
        .zip(weights.chunks_exact(S::LANES));
    for (chunk, weights) in pairs {
        // SAFETY: both chunks hold LANES numbers.
        unsafe {
            let weight = set.mul(set.load(weights.as_ptr()), factor);
            let value = set.mul(weight, set.sub(set.load(chunk.as_ptr()), mean));
            set.store(chunk.as_mut_ptr(), value);
        }
    }
}

/// The sum of the products, in sixteen sums side by side.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (a_blocks, b_blocks) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a_blocks
        .remainder()
        .iter()
        .zip(b_blocks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for i in 0..16 {
            sums[i] += a[i] * b[i];
        }
    }
    rest + total(&sums)
}

/// The sum of the numbers, in sixteen sums side by side.
#[inline(always)]
pub(super) fn total(numbers: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let blocks = numbers.chunks_exact(16);
    let rest: f32 = blocks.remainder().iter().sum();
    for block in blocks {
        for i in 0..16 {
            sums[i] += block[i];
        }
    }
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
    }
    rest + sums[0]
}

/// `to += from`, number by number.
#[inline(always)]
pub(super) fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// Turns rows `[count, stride]` into columns: `out[column * out_stride + row]`, for `columns` columns.
#[inline(always)]
pub(super) fn transpose(
    rows: &[f32],
    stride: usize,
    columns: usize,
    out: &mut [f32],
    out_stride: usize,
) {
    for (first, block) in rows.chunks(16 * stride).enumerate() {
        for column in 0..columns {
            let to = &mut out[column * out_stride + first * 16..][..block.len() / stride];
            for (row, to) in to.iter_mut().enumerate() {
                *to = block[row * stride + column];
            }
        }
    }
}
