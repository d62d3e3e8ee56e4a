//! Ticks: round numbers, rulers along a contig, and axes relative to a transcription start site.

use super::scene::Face;
use super::text;
use super::theme::SMALL_PT;
use super::viewport::Viewport;
use crate::genome::locus::grouped;

/// Round steps of 1, 2 or 5 times a power of ten: the smallest not below `smallest`.
#[must_use]
pub fn nice_step(smallest: f64) -> f64 {
    if !(smallest.is_finite() && smallest > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(smallest.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= smallest * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// At most `most` round numbers from `low` to `high`, both included where round.
#[must_use]
pub fn ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite()) || high <= low || most == 0 {
        return Vec::new();
    }
    let mut step = nice_step((high - low) / most as f64);
    loop {
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let count = usize::try_from(last - first + 1).unwrap_or(0);
        if count <= most {
            return (first..=last).map(|index| index as f64 * step).collect();
        }
        step = nice_step(step * 1.5);
    }
}

/// A number for an axis: no more digits than it needs, a true minus sign, thousands separated.
#[must_use]
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    let text = if magnitude == 0.0 {
        "0".to_owned()
    } else if (1000.0..1e15).contains(&magnitude) {
        grouped(magnitude.round() as usize)
    } else if !(0.0001..1000.0).contains(&magnitude) {
        format!("{magnitude:.1e}")
            .replace("e-", "e−")
            .replace(".0e", "e")
    } else {
        let digits = (2 - magnitude.log10().floor() as i32).clamp(0, 6);
        let text = format!("{magnitude:.*}", usize::try_from(digits).unwrap_or(0));
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    if value < 0.0 && text != "0" {
        format!("−{text}")
    } else {
        text
    }
}

/// One tick of a ruler.
#[derive(Clone, Debug, PartialEq)]
pub struct RulerTick {
    /// The base, 1-based.
    pub base: usize,
    /// Where it stands in base coordinates, 0-based: the middle of the base.
    pub at_bp: f64,
    /// What is written there; minor ticks have none.
    pub label: Option<String>,
}

/// Ticks for a ruler of `width` points along a view; labels stay clear of one another and of the ends.
#[must_use]
pub fn ruler_ticks(view: &Viewport, width: f32) -> Vec<RulerTick> {
    let label_pt = text::width(&grouped(view.end.ceil() as usize), SMALL_PT, Face::Regular);
    let points_per_bp = f64::from(width) / view.width_bp();
    if !(points_per_bp.is_finite() && points_per_bp > 0.0) {
        return Vec::new();
    }
    let apart = (f64::from(label_pt) + 24.0).max(64.0);
    let major = (nice_step(apart / points_per_bp).round() as usize).max(1);
    let minor = [10, 5, 2]
        .into_iter()
        .find(|parts| major.is_multiple_of(*parts) && (major / parts) as f64 * points_per_bp >= 6.0)
        .map_or(major, |parts| major / parts);
    let shown = view.interval();
    let first = (shown.start / minor) * minor;
    (first..=shown.end)
        .step_by(minor)
        .chain((view.start < 1.0 && !1_usize.is_multiple_of(minor)).then_some(1))
        .filter(|base| *base >= 1)
        .filter_map(|base| {
            let at_bp = base as f64 - 0.5;
            let x = (at_bp - view.start) * points_per_bp;
            if x < 0.0 || x > f64::from(width) {
                return None;
            }
            let half = f64::from(label_pt) / 2.0;
            let fits = x >= half && x + half <= f64::from(width);
            Some(RulerTick {
                base,
                at_bp,
                label: (fits && base.is_multiple_of(major)).then(|| grouped(base)),
            })
        })
        .collect()
}

/// How a position relative to a transcription start site is written: the +1 base (offset 0) is `+1`, the one before it `−1`.
#[must_use]
pub fn tss_label(tss_offset: isize) -> String {
    if tss_offset < 0 {
        format!("−{}", grouped(tss_offset.unsigned_abs()))
    } else {
        format!("+{}", grouped(tss_offset.unsigned_abs() + 1))
    }
}

/// At most about `most` ticks from `first` to `last` (offsets; 0 is the +1 base): round labels and +1, never 0.
#[must_use]
pub fn tss_ticks(first: isize, last: isize, most: usize) -> Vec<isize> {
    if last < first || most == 0 {
        return Vec::new();
    }
    let step = (nice_step((last - first + 1) as f64 / most as f64).round() as isize).max(1);
    let mut offsets: Vec<isize> = Vec::new();
    let from = first.div_euclid(step);
    let to = (last + 1).div_euclid(step);
    for multiple in from..=to {
        let label = multiple * step;
        let offset = match label {
            0 => 0,
            label if label > 0 => label - 1,
            label => label,
        };
        if (first..=last).contains(&offset) && offsets.last() != Some(&offset) {
            offsets.push(offset);
        }
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [
            0.0,
            1.0,
            -1.0,
            0.25,
            1234.0,
            -0.001,
            0.0001,
            12.5,
            999.9,
            2_000_000.0,
        ]
        .into_iter()
        .map(number)
        .collect();
        assert_eq!(
            shown,
            [
                "0",
                "1",
                "−1",
                "0.25",
                "1,234",
                "−0.001",
                "0.0001",
                "12.5",
                "1000",
                "2,000,000"
            ]
        );
    }

    #[test]
    fn there_is_no_zero_beside_a_tss() {
        assert_eq!(tss_label(0), "+1");
        assert_eq!(tss_label(-1), "−1");
        assert_eq!(tss_label(19), "+20");
        let labels: Vec<String> = tss_ticks(-60, 19, 8).into_iter().map(tss_label).collect();
        assert_eq!(
            labels,
            ["−60", "−50", "−40", "−30", "−20", "−10", "+1", "+10", "+20"]
        );
        let labels: Vec<String> = tss_ticks(-3, 3, 7).into_iter().map(tss_label).collect();
        assert_eq!(labels, ["−3", "−2", "−1", "+1", "+2", "+3", "+4"]);
    }

    #[test]
    fn a_ruler_counts_from_one() {
        let view = Viewport::new(0, 1_000, 0.0, 100.0);
        let ticks = ruler_ticks(&view, 1000.0);
        let labels: Vec<&str> = ticks
            .iter()
            .filter_map(|tick| tick.label.as_deref())
            .collect();
        assert_eq!(
            labels,
            ["10", "20", "30", "40", "50", "60", "70", "80", "90"]
        );
        assert_eq!((ticks[0].base, ticks[0].at_bp), (1, 0.5));
    }

    proptest! {
        #[test]
        fn ticks_are_inside_and_few(low in -1e6_f64..1e6, width in 1e-3_f64..1e6, most in 1_usize..20) {
            let found = ticks(low, low + width, most);
            prop_assert!(found.len() <= most);
            for tick in &found {
                prop_assert!(*tick >= low - width * 1e-6 && *tick <= low + width * (1.0 + 1e-6));
            }
        }

        #[test]
        fn ruler_labels_never_touch(start in 0.0_f64..4.6e6, width_bp in 20.0_f64..4e6, width in 200.0_f32..3000.0) {
            let view = Viewport::new(0, 4_641_652, start, start + width_bp);
            let mut right = 0.0_f32;
            let mut labels = 0;
            let ticks = ruler_ticks(&view, width);
            prop_assert!(ticks.len() <= (width / 5.0) as usize + 3);
            for tick in ticks {
                let Some(label) = tick.label else { continue };
                labels += 1;
                let x = view.x_from_bp(tick.at_bp, 0.0, width);
                let half = text::width(&label, SMALL_PT, Face::Regular) / 2.0;
                prop_assert!(x - half >= right - 0.1 && x + half <= width + 0.1);
                right = x + half + 4.0;
            }
            prop_assert!(labels >= 1 || width < 250.0);
        }
    }
}
