//! Matrix products in blocks that fit the registers: the only inner loop of the kernel.

#![allow(
    unsafe_code,
    reason = "the inner loop reads without checks; every block checks its bounds before"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "register blocks are unrolled by index"
)]

use super::lanes::Lanes;

/// Columns are padded to this many, a multiple of every vector length.
pub(super) const PAD: usize = 16;

/// `length` rounded up to whole blocks of [`PAD`].
pub(super) fn padded(length: usize) -> usize {
    length.next_multiple_of(PAD)
}

/// The left factor: ROWS rows, `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) stride: usize,
}

/// The right factor: rows `stride` apart, of which columns are taken block by block.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) stride: usize,
}

/// Sums of ROWS rows and N vectors of columns, held in registers.
pub(super) type Sums<S, const ROWS: usize, const N: usize> = [[<S as Lanes>::Vector; N]; ROWS];

/// Adds `left · right` over `depth`, where the columns of vector n start at `columns[n]` of `right`.
#[inline(always)]
pub(super) fn accumulate<S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    sums: &mut Sums<S, ROWS, N>,
    depth: usize,
    left: Left<'_>,
    right: Right<'_>,
    columns: [usize; N],
) {
    if depth == 0 {
        return;
    }
    assert!(left.numbers.len() >= (ROWS - 1) * left.stride + depth);
    for column in columns {
        assert!(right.numbers.len() >= (depth - 1) * right.stride + column + S::LANES);
    }
    let a = left.numbers.as_ptr();
    let b = right.numbers.as_ptr();
    for k in 0..depth {
        let mut across = [set.splat(0.0); N];
        for n in 0..N {
            // SAFETY: the largest index read is (depth - 1) * stride + column + LANES - 1, checked above.
            across[n] = unsafe { set.load(b.add(k * right.stride + columns[n])) };
        }
        for row in 0..ROWS {
            // SAFETY: the largest index read is (ROWS - 1) * stride + depth - 1, checked above.
            let down = set.splat(unsafe { *a.add(row * left.stride + k) });
            for n in 0..N {
                sums[row][n] = set.mul_add(down, across[n], sums[row][n]);
            }
        }
    }
}

/// Writes the sums to rows `stride` apart, vector n from `columns[n]` on.
#[inline(always)]
pub(super) fn write<S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    sums: &Sums<S, ROWS, N>,
    out: &mut [f32],
    stride: usize,
    columns: [usize; N],
) {
    for column in columns {
        assert!(out.len() >= (ROWS - 1) * stride + column + S::LANES);
    }
    let to = out.as_mut_ptr();
    for row in 0..ROWS {
        for n in 0..N {
            // SAFETY: the largest index written is (ROWS - 1) * stride + column + LANES - 1, checked above.
            unsafe { set.store(to.add(row * stride + columns[n]), sums[row][n]) };
        }
    }
}

/// N vectors of `numbers` from `column` on.
#[inline(always)]
fn read<S: Lanes, const N: usize>(set: S, numbers: &[f32], column: usize) -> [S::Vector; N] {
    assert!(numbers.len() >= column + N * S::LANES);
    let mut vectors = [set.splat(0.0); N];
    for n in 0..N {
        // SAFETY: the last number read is column + N * LANES - 1, checked above.
        vectors[n] = unsafe { set.load(numbers.as_ptr().add(column + n * S::LANES)) };
    }
    vectors
}

/// `out = scale[row] * (bias + Σ left · right)` for ROWS rows and `width` columns.
///
/// The terms of the sum are given by `term(index)` as depth, left and right, for `terms` of them.
#[inline(always)]
pub(super) fn rows<'a, S: Lanes, const ROWS: usize>(
    set: S,
    out: &mut [f32],
    width: usize,
    bias: &[f32],
    terms: usize,
    term: impl Fn(usize) -> (usize, Left<'a>, Right<'a>),
    scale: &[f32; ROWS],
) {
    let mut column = 0;
    while column + 2 * S::LANES <= width {
        columns::<S, ROWS, 2>(set, out, width, column, bias, terms, &term, scale);
        column += 2 * S::LANES;
    }
    while column < width {
        columns::<S, ROWS, 1>(set, out, width, column, bias, terms, &term, scale);
        column += S::LANES;
    }
}

#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    reason = "one block of `rows`, inlined into it"
)]
fn columns<'a, S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    out: &mut [f32],
    width: usize,
    column: usize,
    bias: &[f32],
    terms: usize,
    term: &impl Fn(usize) -> (usize, Left<'a>, Right<'a>),
    scale: &[f32; ROWS],
) {
    let first: [S::Vector; N] = if bias.is_empty() {
        [set.splat(0.0); N]
    } else {
        read(set, bias, column)
    };
    let mut at = [column; N];
    for n in 0..N {
        at[n] = column + n * S::LANES;
    }
    let mut sums = [first; ROWS];
    for index in 0..terms {
        let (depth, left, right) = term(index);
        accumulate(set, &mut sums, depth, left, right, at);
    }
    for row in 0..ROWS {
        let factor = set.splat(scale[row]);
        for n in 0..N {
            sums[row][n] = set.mul(sums[row][n], factor);
        }
    }
    write(set, &sums, out, width, at);
}

/// The largest of `numbers`, whose count is a multiple of [`PAD`].
#[inline(always)]
pub(super) fn largest<S: Lanes>(set: S, numbers: &[f32]) -> f32 {
    let mut best = set.splat(f32::NEG_INFINITY);
    for block in numbers.chunks_exact(S::LANES) {
        let [vector] = read(set, block, 0);
        best = set.max(best, vector);
    }
    set.largest(best)
}

/// Replaces every number by 2 to the power of (number − `largest`) and returns their sum.
#[inline(always)]
pub(super) fn exponentiate<S: Lanes>(set: S, numbers: &mut [f32], largest: f32) -> f32 {
    let mut sum = set.splat(0.0);
    let largest = set.splat(largest);
    for block in numbers.chunks_exact_mut(S::LANES) {
        let [vector] = read(set, block, 0);
        let power = set.exp2(set.sub(vector, largest));
        sum = set.add(sum, power);
        // SAFETY: a chunk holds LANES numbers.
        unsafe { set.store(block.as_mut_ptr(), power) };
    }
    set.sum(sum)
}

/// Multiplies every number, whose count is a multiple of [`PAD`], by `factor`.
#[inline(always)]
pub(super) fn scale<S: Lanes>(set: S, numbers: &mut [f32], factor: f32) {
    let factor = set.splat(factor);
    for block in numbers.chunks_exact_mut(S::LANES) {
        let [vector] = read(set, block, 0);
        // SAFETY: a chunk holds LANES numbers.
        unsafe { set.store(block.as_mut_ptr(), set.mul(vector, factor)) };
    }
}

/// Sums over ROWS rows, once with the factors `plain` and once with `weighted`, for `columns`
/// columns, a multiple of [`PAD`].
#[inline(always)]
pub(super) fn column_sums<S: Lanes, const ROWS: usize>(
    set: S,
    rows: &[f32],
    stride: usize,
    columns: usize,
    factors: [&[f32; ROWS]; 2],
    out: [&mut [f32]; 2],
) {
    let mut row_factors = [[set.splat(0.0); 2]; ROWS];
    for row in 0..ROWS {
        row_factors[row] = [set.splat(factors[0][row]), set.splat(factors[1][row])];
    }
    let [plain, weighted] = out;
    assert!(plain.len() >= columns && weighted.len() >= columns);
    for column in (0..columns).step_by(S::LANES) {
        let mut sums = [set.splat(0.0); 2];
        for row in 0..ROWS {
            let [weights] = read(set, rows, row * stride + column);
            sums[0] = set.mul_add(weights, row_factors[row][0], sums[0]);
            sums[1] = set.mul_add(weights, row_factors[row][1], sums[1]);
        }
        // SAFETY: `columns` is a multiple of LANES and both outputs hold as many, checked above.
        unsafe {
            set.store(plain.as_mut_ptr().add(column), sums[0]);
            set.store(weighted.as_mut_ptr().add(column), sums[1]);
        }
    }
}

/// Operations a second in products of two square matrices, the right one packed in panels.
pub(super) fn rate<S: Lanes, const ROWS: usize>(set: S, products: usize) -> f64 {
    const SIZE: usize = 768;
    let panel = 2 * S::LANES;
    let left = vec![1.0_f32; SIZE * SIZE];
    let right = vec![0.5_f32; SIZE * SIZE];
    let mut block = vec![0.0_f32; ROWS * panel];
    let start = std::time::Instant::now();
    for _ in 0..products {
        set.vectorize(
            #[inline(always)]
            || {
                for first in (0..SIZE).step_by(ROWS) {
                    for panels in right.chunks_exact(SIZE * panel) {
                        let left = Left {
                            numbers: &left[first * SIZE..],
                            stride: SIZE,
                        };
                        let right = Right {
                            numbers: panels,
                            stride: panel,
                        };
                        let term = |_| (SIZE, left, right);
                        rows::<S, ROWS>(set, &mut block, panel, &[], 1, term, &[1.0; ROWS]);
                        std::hint::black_box(&mut block);
                    }
                }
            },
        );
    }
    (2 * products * SIZE * SIZE * SIZE) as f64 / start.elapsed().as_secs_f64()
}
