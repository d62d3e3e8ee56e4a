//! Charts that can be read off with the pointer: profiles and curves in an `egui_plot`.

use super::canvas::color32;
use crate::figure::chart::ProfileChart;
use crate::figure::theme::Palette;
use crate::genome::TssOffset;
use egui::{Color32, Response, Ui, Vec2};
use egui_plot::{
    Corner, FilledArea, HoverPosition, Legend, Line, LineStyle, Plot, PlotPoints, VLine,
};

/// Draws a profile; the value under the pointer is written beside it.
pub fn profile(
    ui: &mut Ui,
    chart: &ProfileChart<'_>,
    palette: &Palette,
    name: &str,
    height: f32,
) -> Response {
    let offsets: Vec<f64> = (0..chart.mean.len())
        .map(|index| (chart.first_offset + index.cast_signed()) as f64)
        .collect();
    let points: Vec<[f64; 2]> = offsets
        .iter()
        .zip(chart.mean)
        .map(|(x, y)| [*x, f64::from(*y)])
        .collect();
    let (accent, faint) = (color32(palette.accent), color32(palette.faint));
    let number = |x: f64| TssOffset(x.round() as isize).to_string();
    let (first, mean) = (chart.first_offset, chart.mean.to_vec());
    let value_label = chart.value_label.to_owned();
    let plot = Plot::new(name)
        .height(height)
        .include_y(0.0)
        .show_background(false)
        .show_grid(false)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .x_axis_formatter(move |mark, _| number(mark.value))
        .label_formatter(move |hover| {
            let (HoverPosition::NearDataPoint { position, .. }
            | HoverPosition::Elsewhere { position }) = hover;
            let x = position.x.round();
            let index = usize::try_from(x as isize - first).ok()?;
            let value = mean.get(index)?;
            Some(format!(
                "{}: {value_label} {value:.4}",
                TssOffset(x as isize)
            ))
        });
    let shown = plot.show(ui, |plot| {
        for (offset, label) in chart.marks {
            plot.vline(
                VLine::new(*label, *offset as f64)
                    .color(faint.gamma_multiply(0.5))
                    .width(1.0),
            );
        }
        if let Some((low, high)) = chart.band {
            let wide = |values: &[f32]| {
                values
                    .iter()
                    .map(|value| f64::from(*value))
                    .collect::<Vec<_>>()
            };
            plot.add(
                FilledArea::new("± 1 standard deviation", &offsets, &wide(low), &wide(high))
                    .fill_color(accent.gamma_multiply(0.2)),
            );
        }
        plot.line(
            Line::new("mean", PlotPoints::from(points))
                .color(accent)
                .width(1.5),
        );
    });
    let words = name.to_owned();
    shown
        .response
        .widget_info(move || egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    shown.response
}

/// A curve of a chart.
#[derive(Clone, Debug)]
pub struct PlotLine<'a> {
    /// What it shows.
    pub name: &'a str,
    /// Its points from left to right.
    pub points: Vec<[f64; 2]>,
    /// Its colour.
    pub color: Color32,
    /// Whether it is dashed: a baseline.
    pub dashed: bool,
}

/// The axes of a chart of curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlotAxes {
    /// Steps along, anything up.
    Steps,
    /// Steps along, logarithms to the base of 10 up.
    LogSteps,
    /// Shares from 0 to 1.
    Shares,
    /// Probabilities from a small one to 1, as their logarithms.
    Logarithms,
}

/// Draws curves; `name` is what the chart is called, `labels` name its axes.
#[allow(clippy::too_many_lines, reason = "one setting of the plot a line")]
pub fn curves(
    ui: &mut Ui,
    name: &str,
    labels: [&str; 2],
    axes: PlotAxes,
    lines: Vec<PlotLine<'_>>,
    legend: Option<Corner>,
    size: Vec2,
) -> Response {
    let plain = crate::figure::axis::number;
    let x_number = move |value: f64| match axes {
        // Short, so that no label fades for want of room.
        PlotAxes::Logarithms if value < -0.5 => format!("1e{value:.0}"),
        PlotAxes::Logarithms => "1".to_owned(),
        _ => plain(value),
    };
    let y_number = move |value: f64| match axes {
        // Short, so that no label fades for want of room.
        PlotAxes::Logarithms if value < -0.5 => format!("1e{value:.0}"),
        PlotAxes::Logarithms => "1".to_owned(),
        PlotAxes::LogSteps => format!("{:.1e}", 10_f64.powf(value)),
        _ => plain(value),
    };
    let exact = move |value: f64| match axes {
        PlotAxes::LogSteps => format!("{:.6}", 10_f64.powf(value)),
        PlotAxes::Logarithms => format!("{:.4}", 10_f64.powf(value)),
        PlotAxes::Shares => format!("{value:.3}"),
        PlotAxes::Steps => format!("{value:.6}"),
    };
    let along = move |value: f64| match axes {
        PlotAxes::Steps | PlotAxes::LogSteps => {
            crate::genome::locus::grouped(value.max(0.0).round() as usize)
        }
        _ => exact(value),
    };
    let [x_label, y_label] = labels.map(str::to_owned);
    let mut plot = Plot::new(name)
        .width(size.x)
        .height(size.y)
        .show_background(false)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_grid([false, true])
        .x_axis_label(egui::RichText::new(labels[0]).small())
        .y_axis_label(egui::RichText::new(labels[1]).small())
        .x_axis_formatter(move |mark, _| x_number(mark.value))
        .y_axis_formatter(move |mark, _| y_number(mark.value))
        .label_formatter(move |hover| {
            let (HoverPosition::NearDataPoint { position, .. }
            | HoverPosition::Elsewhere { position }) = hover;
            let line = match hover {
                HoverPosition::NearDataPoint { plot_name, .. } => format!("{plot_name}\n"),
                HoverPosition::Elsewhere { .. } => String::new(),
            };
            Some(format!(
                "{line}{x_label} {}\n{y_label} {}",
                along(position.x),
                exact(position.y)
            ))
        });
    plot = match axes {
        PlotAxes::Steps | PlotAxes::LogSteps => plot.include_x(0.0),
        PlotAxes::Shares => plot
            .include_x(0.0)
            .include_x(1.0)
            .include_y(0.0)
            .include_y(1.0),
        PlotAxes::Logarithms => plot.include_x(0.0).include_y(0.0),
    };
    if let Some(corner) = legend {
        let legend = Legend::default()
            .position(corner)
            .background_alpha(0.85)
            .text_style(egui::TextStyle::Small);
        plot = plot.legend(legend);
    }
    let shown = plot.show(ui, |plot| {
        for line in lines {
            let style = if line.dashed {
                LineStyle::dashed_loose()
            } else {
                LineStyle::Solid
            };
            plot.line(
                Line::new(line.name, PlotPoints::from(line.points))
                    .color(line.color)
                    .style(style)
                    .width(1.5),
            );
        }
    });
    let words = name.to_owned();
    shown
        .response
        .widget_info(move || egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    shown.response
}

/// Draws the profiles of two heads over one another, the second one dashed.
pub fn two_profiles(
    ui: &mut Ui,
    of: [(&str, &[f32]); 2],
    first_offset: isize,
    palette: &Palette,
    height: f32,
) -> Response {
    let number = |x: f64| TssOffset(x.round() as isize).to_string();
    let colors = [color32(palette.accent), color32(palette.text)];
    let plot = Plot::new("two profiles")
        .height(height)
        .include_y(0.0)
        .legend(egui_plot::Legend::default().position(egui_plot::Corner::LeftTop))
        .show_background(false)
        .show_grid(false)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .x_axis_formatter(move |mark, _| number(mark.value));
    let shown = plot.show(ui, |plot| {
        for ((name, mean), (color, style)) in of.into_iter().zip(colors.into_iter().zip([
            egui_plot::LineStyle::Solid,
            egui_plot::LineStyle::dashed_dense(),
        ])) {
            let points: Vec<[f64; 2]> = mean
                .iter()
                .enumerate()
                .map(|(index, y)| [(first_offset + index.cast_signed()) as f64, f64::from(*y)])
                .collect();
            let line = Line::new(name, PlotPoints::from(points));
            plot.line(line.color(color).style(style).width(1.5));
        }
    });
    let words = format!("Profiles of {} and {}", of[0].0, of[1].0);
    shown
        .response
        .widget_info(move || egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    shown.response
}
