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
pub(in crate::model) fn padded(length: usize) -> usize {
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
    // Four at a time, so that no comparison waits for the one before.
    let mut best = [set.splat(f32::NEG_INFINITY); 4];
    let mut fours = numbers.chunks_exact(4 * S::LANES);
    for block in &mut fours {
        let vectors: [S::Vector; 4] = read(set, block, 0);
        for n in 0..4 {
            best[n] = set.max(best[n], vectors[n]);
        }
    }
    for block in fours.remainder().chunks_exact(S::LANES) {
        let [vector] = read(set, block, 0);
        best[0] = set.max(best[0], vector);
    }
    set.largest(set.max(set.max(best[0], best[1]), set.max(best[2], best[3])))
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

/// As [`exponentiate`]; also returns the sum of every power of 2 times its exponent, which must be
/// finite.
#[inline(always)]
pub(super) fn exponentiate_and_weigh<S: Lanes>(
    set: S,
    numbers: &mut [f32],
    largest: f32,
) -> (f32, f32) {
    let (mut sum, mut weighed) = (set.splat(0.0), set.splat(0.0));
    let largest = set.splat(largest);
    for block in numbers.chunks_exact_mut(S::LANES) {
        let [vector] = read(set, block, 0);
        let exponent = set.sub(vector, largest);
        let power = set.exp2(exponent);
        sum = set.add(sum, power);
        weighed = set.mul_add(power, exponent, weighed);
        // SAFETY: a chunk holds LANES numbers.
        unsafe { set.store(block.as_mut_ptr(), power) };
    }
    (set.sum(sum), set.sum(weighed))
}

/// Index of the last of `numbers`, whose count is a multiple of [`PAD`], that equals `wanted`.
#[inline(always)]
#[allow(clippy::float_cmp, reason = "looks for the very number")]
pub(super) fn find_last<S: Lanes>(set: S, numbers: &[f32], wanted: f32) -> Option<usize> {
    let all = set.splat(wanted);
    let blocks = numbers.chunks_exact(S::LANES).enumerate().rev();
    for (index, block) in blocks {
        let [vector] = read(set, block, 0);
        if set.meets(vector, all) {
            let lane = block.iter().rposition(|number| *number == wanted)?;
            return Some(index * S::LANES + lane);
        }
    }
    None
}

/// Sums along the diagonals of ROWS rows: `out[i]` is the sum over rows of the number at column
/// `first + i + row` of that row times its factor, for `count` diagonals, rounded up to whole
/// vectors; what comes after the first `count` is of no use.
#[inline(always)]
pub(super) fn diagonal_sums<S: Lanes, const ROWS: usize>(
    set: S,
    rows: &[f32],
    stride: usize,
    first: usize,
    count: usize,
    factors: &[f32; ROWS],
    out: &mut [f32],
) {
    let end = count.next_multiple_of(S::LANES);
    assert!(out.len() >= end);
    for diagonal in (0..end).step_by(S::LANES) {
        let mut sum = set.splat(0.0);
        for row in 0..ROWS {
            let [numbers] = read(set, rows, row * stride + first + diagonal + row);
            sum = set.mul_add(numbers, set.splat(factors[row]), sum);
        }
        // SAFETY: `end` is a multiple of LANES and `out` holds as many, checked above.
        unsafe { set.store(out.as_mut_ptr().add(diagonal), sum) };
    }
}

/// Turns ROWS rows of scores into weights, `2^(score - norm)` of each row, and sums them by column:
/// as they are, and times `factors`.
#[inline(always)]
pub(super) fn weigh<S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    scores: &Sums<S, ROWS, N>,
    norms: &[f32; ROWS],
    factors: &[f32; ROWS],
) -> [[S::Vector; N]; 2] {
    let mut sums = [[set.splat(0.0); N]; 2];
    for row in 0..ROWS {
        let (norm, factor) = (set.splat(norms[row]), set.splat(factors[row]));
        for n in 0..N {
            let weight = set.exp2(set.sub(scores[row][n], norm));
            sums[0][n] = set.add(sums[0][n], weight);
            sums[1][n] = set.mul_add(weight, factor, sums[1][n]);
        }
    }
    sums
}

/// Writes N vectors of column sums.
#[inline(always)]
pub(super) fn write_columns<S: Lanes, const N: usize>(
    set: S,
    sums: &[S::Vector; N],
    out: &mut [f32],
    columns: [usize; N],
) {
    write::<S, 1, N>(set, &[*sums], out, 0, columns);
}

/// Reads back what [`write`] wrote.
#[inline(always)]
pub(super) fn read_back<S: Lanes, const ROWS: usize, const N: usize>(
    set: S,
    sums: &mut Sums<S, ROWS, N>,
    from: &[f32],
    stride: usize,
    columns: [usize; N],
) {
    for row in 0..ROWS {
        for n in 0..N {
            let [vector] = read(set, from, row * stride + columns[n]);
            sums[row][n] = vector;
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
