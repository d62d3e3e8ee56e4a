//! Pictures as a reader of the files meets them: what is on the page, that nothing collides, and that the bytes stay.

mod colors;
mod files;
mod kinds;
mod pages;
mod samples;

use headlight::attention::HeadId;
use headlight::figure::png::{png, size_px};
use headlight::figure::scene::{Anchor, Element, Point, Rect, Shape, Tag};
use headlight::figure::svg::svg;
use headlight::figure::text::{CAP_HEIGHT, width};
use headlight::figure::{
    FigureError, Format, GenomeView, LogoData, ProfileChart, Provenance, Scene, Theme, TrackKind,
    Viewport, export, logo, profile_chart,
};
use headlight::genome::{Interval, Strand};
use kinds::every_kind;
use resvg::usvg;
use samples::{PAGE_BP, SHAPE, World, sheet, small_block, small_chart, small_map, view};

/// What is seen of an element: its box, with capital height for text, cut to its clip.
fn ink(element: &Element) -> Rect {
    let mut rect = element.shape.bounds();
    if let Shape::Text {
        at,
        size,
        turned: false,
        ..
    } = &element.shape
    {
        rect.y = at.y - size * CAP_HEIGHT;
        rect.height = size * CAP_HEIGHT;
    }
    if let Some(clip) = element.clip {
        let (right, bottom) = (
            rect.right().min(clip.right()),
            rect.bottom().min(clip.bottom()),
        );
        rect.x = rect.x.max(clip.x);
        rect.y = rect.y.max(clip.y);
        rect.width = (right - rect.x).max(0.0);
        rect.height = (bottom - rect.y).max(0.0);
    }
    rect
}

fn assert_clean(name: &str, scene: &Scene) {
    for element in &scene.elements {
        let rect = ink(element);
        assert!(
            rect.x >= -0.01
                && rect.y >= -0.01
                && rect.right() <= scene.width + 0.01
                && rect.bottom() <= scene.height + 0.01,
            "{name}: outside the page: {element:?}"
        );
    }
    let texts: Vec<(&Element, Rect)> = scene
        .elements
        .iter()
        .filter(|element| matches!(element.shape, Shape::Text { .. }))
        .map(|element| (element, ink(element)))
        .filter(|(_, rect)| rect.width > 0.1 && rect.height > 0.1)
        .collect();
    for (index, (a, first)) in texts.iter().enumerate() {
        for (b, second) in &texts[..index] {
            let apart = first.right() <= second.x + 0.6
                || second.right() <= first.x + 0.6
                || first.bottom() <= second.y + 0.1
                || second.bottom() <= first.y + 0.1;
            assert!(apart, "{name}: words collide:\n{a:?}\n{b:?}");
        }
    }
}

#[test]
fn every_kind_of_picture_keeps_its_bytes() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("data/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut provenance = Provenance::default();
    provenance.add("genome", "made up <1>");
    for (name, scene) in every_kind() {
        let text = svg(&scene, &provenance);
        assert_eq!(text, svg(&scene, &provenance));
        settings.bind(|| insta::assert_snapshot!(format!("figure_{name}"), text));
    }
}

#[test]
fn every_kind_of_picture_is_whole_and_readable() {
    for (name, scene) in every_kind() {
        assert_clean(name, &scene);
        let text = svg(&scene, &Provenance::new());
        usvg::Tree::from_str(&text, &usvg::Options::default()).expect("well-formed");
        let mut ids = std::collections::HashSet::new();
        for id in text
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.insert(id), "{name}: {id} twice");
        }
        assert!(text.contains(env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn words_stay_apart_at_every_zoom_and_width() {
    let world = World::new();
    for width in [300.0, 510.0, 1400.0] {
        for width_bp in [
            20.0, 80.0, 170.0, 600.0, 1000.0, 5000.0, 20_000.0, 200_000.0, 400_000.0,
        ] {
            for theme in [Theme::Light, Theme::Dark] {
                let view = GenomeView {
                    theme,
                    selected: Some(Interval::new(30_010, 30_020)),
                    selected_head: Some(HeadId { layer: 1, head: 1 }),
                    ..view(30_000.3, 30_000.3 + width_bp, width)
                };
                let (scene, layout) = world.draw(&view);
                assert_clean(&format!("{width} pt, {width_bp} bp"), &scene);
                assert!((scene.height - layout.height).abs() < f32::EPSILON);
                let bound = (width * 6.0) as usize + 200;
                assert!(
                    scene.elements.len() < bound,
                    "{} shapes",
                    scene.elements.len()
                );
            }
        }
    }
}

#[test]
fn a_view_fills_the_height_that_it_is_given() {
    let world = World::new();
    let tall = GenomeView {
        height: Some(380.0),
        ..view(30_000.0, 31_000.0, 900.0)
    };
    let (scene, layout) = world.draw(&tall);
    assert!((scene.height - 380.0).abs() <= 6.0, "{}", scene.height);
    assert_eq!(layout.rows.len(), SHAPE.len());
    let hidden = [TrackKind::Heads, TrackKind::Genes];
    let less = GenomeView {
        hidden: &hidden,
        ..tall
    };
    let (scene, layout) = world.draw(&less);
    assert!(layout.rows.is_empty() && layout.track(TrackKind::Genes).is_none());
    assert!(scene.height < 300.0);
}

#[test]
fn nothing_jumps_up_or_down_while_panning() {
    let world = World::new();
    for width_bp in [900.0, 9_000.0, 60_000.0] {
        let mut known = std::collections::HashMap::new();
        let (mut seen, mut jumped) = (0, 0);
        for step in 0..60 {
            let start = 30_000.0 + f64::from(step) * width_bp / 41.0;
            let view = GenomeView {
                height: Some(700.0),
                ..view(start, start + width_bp, 1000.0)
            };
            let (scene, layout) = world.draw(&view);
            let first = known.entry(None).or_insert(layout.height);
            assert!((*first - layout.height).abs() < 0.01);
            for element in &scene.elements {
                let (Shape::Rect { .. } | Shape::Polygon { .. }) = element.shape else {
                    continue;
                };
                let Some(tag @ (Tag::Feature(_) | Tag::Site(..))) = &element.tag else {
                    continue;
                };
                if matches!(tag, Tag::Feature(_)) && ink(element).height < 10.0 {
                    continue;
                }
                seen += 1;
                let y = element.shape.bounds().y;
                let before = known.insert(Some(tag.clone()), y);
                jumped += usize::from(before.is_some_and(|before| (before - y).abs() > 0.01));
            }
        }
        assert!(
            seen > 100 && jumped * 200 <= seen,
            "{jumped} of {seen} jumped"
        );
    }
}

#[test]
fn what_is_drawn_is_found_again() {
    let world = World::new();
    let (scene, layout) = world.draw(&view(30_000.0, 33_000.0, 900.0));
    let genes = layout.track(TrackKind::Genes).expect("genes");
    let mut found = std::collections::HashSet::new();
    for element in &scene.elements {
        let Some(tag @ (Tag::Feature(_) | Tag::Site(..))) = &element.tag else {
            continue;
        };
        let (Shape::Rect { .. } | Shape::Polygon { .. }) = element.shape else {
            continue;
        };
        let rect = ink(element);
        if rect.y < genes.y || rect.width < 2.0 {
            continue;
        }
        let point = Point {
            x: rect.x + rect.width / 2.0,
            y: rect.y + rect.height / 2.0,
        };
        assert_eq!(scene.tag_at(point), Some(tag));
        found.insert(tag.clone());
        let hit = layout.hit(point).expect("a track");
        let bp = hit.bp.expect("a base");
        if let Tag::Feature(index) = tag
            && hit.track == TrackKind::Genes
        {
            assert!(world.features.all()[*index].interval.contains(bp));
        }
        if let Tag::Site(0, index) = tag {
            let interval = world.sites.sites[*index].interval;
            assert!(interval.start <= bp + 1 && bp <= interval.end + 1);
        }
    }
    assert!(found.len() > 5);

    let (head, y, height) = layout.rows[4];
    let hit = layout
        .hit(Point {
            x: layout.x_from_bp(31_234.5),
            y: y + height / 2.0,
        })
        .expect("the strip");
    assert_eq!((hit.head, hit.bp), (Some(head), Some(31_234)));
    assert_eq!(head, HeadId { layer: 1, head: 1 });
    assert!(layout.hit(Point { x: -5.0, y: -5.0 }).is_none());
}

#[test]
fn a_map_says_which_key_lies_under_the_pointer() {
    for strand in Strand::BOTH {
        let block = small_block(strand);
        let map = small_map(&block, strand, &[]);
        let layout = map.layout();
        let x = layout
            .viewport
            .x_from_bp(120.5, layout.plot.x, layout.plot.width);
        let y = layout.plot.y + layout.plot.height * (3.5 / 16.0);
        let hit = layout.hit(Point { x, y }).expect("a cell");
        let key = match strand {
            Strand::Forward => 117,
            Strand::Reverse => 123,
        };
        assert_eq!((hit.query, hit.distance, hit.key), (120, 3, Some(key)));
        assert!((map.value(120, 3) - 13.0 / 136.0).abs() < 1e-6);
        assert!(map.value(300, 0).is_nan());
    }
}

#[test]
fn the_strip_shows_the_largest_value_of_each_pixel() {
    let mut world = World::new();
    world.strip.fill(0.001);
    world.strip[4 * PAGE_BP + 17_171] = 0.9;
    let (scene, _) = world.draw(&view(30_000.0, 70_000.0, 300.0));
    let brightest: Vec<f32> = scene
        .elements
        .iter()
        .filter_map(|element| match &element.shape {
            Shape::Heatmap(map) if map.rows == 3 => {
                Some(map.values.iter().copied().fold(0.0, f32::max))
            }
            _ => None,
        })
        .collect();
    assert_eq!(brightest, [0.001, 0.9]);
}

#[test]
fn pixels_have_ink_where_the_words_are() {
    for (name, scene) in every_kind() {
        let bytes = png(&scene, 144.0, &Provenance::new()).expect("a picture");
        let picture = image::load_from_memory(&bytes).expect("PNG").into_rgba8();
        assert_eq!(picture.dimensions(), size_px(&scene, 144.0));
        for element in &scene.elements {
            let Shape::Text { text, anchor, .. } = &element.shape else {
                continue;
            };
            let rect = ink(element);
            if rect.width < 2.0 || rect.height < 2.0 || *anchor == Anchor::Middle && text.len() < 2
            {
                continue;
            }
            let (left, right) = (
                (rect.x * 2.0) as u32,
                ((rect.right() * 2.0) as u32).min(picture.width() - 1),
            );
            let (top, bottom) = (
                (rect.y * 2.0) as u32,
                ((rect.bottom() * 2.0) as u32).min(picture.height() - 1),
            );
            let colors: std::collections::HashSet<_> = (left..=right)
                .flat_map(|x| (top..=bottom).map(move |y| (x, y)))
                .map(|(x, y)| picture.get_pixel(x, y).0)
                .collect();
            assert!(colors.len() > 2, "{name}: no ink for '{text}'");
        }
    }
}

#[test]
fn a_letter_fills_its_box_and_a_scene_may_be_transparent() {
    let rect = Rect::new(10.0, 10.0, 30.0, 60.0);
    for letter in ['A', 'C', 'G', 'T'] {
        let scene = Scene {
            width: 50.0,
            height: 80.0,
            background: None,
            elements: vec![Element {
                shape: Shape::Letter {
                    letter,
                    rect,
                    fill: headlight::figure::scene::Color::rgb(200, 0, 0),
                },
                tag: None,
                clip: None,
            }],
        };
        let bytes = png(&scene, 72.0, &Provenance::default()).expect("a picture");
        let picture = image::load_from_memory(&bytes).expect("PNG").into_rgba8();
        assert_eq!(picture.get_pixel(0, 0).0[3], 0);
        let inked: Vec<(u32, u32)> = picture
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[3] > 40)
            .map(|(x, y, _)| (x, y))
            .collect();
        let spread =
            |values: Vec<u32>| (values.iter().min().copied(), values.iter().max().copied());
        let (left, right) = spread(inked.iter().map(|(x, _)| *x).collect());
        let (top, bottom) = spread(inked.iter().map(|(_, y)| *y).collect());
        assert_eq!(
            (left, right, top, bottom),
            (Some(10), Some(39), Some(10), Some(69)),
            "{letter}"
        );
    }
}

#[test]
fn files_are_whole_or_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = small_chart();
    let provenance = Provenance::new();
    for name in ["a.svg", "b.PNG"] {
        let path = folder.path().join(name);
        export(&scene, &path, 96.0, &provenance).expect("written");
        assert!(std::fs::metadata(&path).expect("there").len() > 1000);
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("readable").count(),
        2
    );

    let wrong = export(&scene, &folder.path().join("c.gif"), 96.0, &provenance);
    let message = wrong.expect_err("no such format").to_string();
    assert!(
        message.ends_with(
            "expected a name that ends in .svg, .pdf or .png, found 'gif'; rename the file"
        ),
        "{message}"
    );
    let nowhere = export(
        &scene,
        &folder.path().join("no/such/d.svg"),
        96.0,
        &provenance,
    );
    assert!(matches!(nowhere, Err(FigureError::Write { .. })));
    for dpi in [0.0, -1.0, f32::NAN, 1e6] {
        let huge = export(&scene, &folder.path().join("e.png"), dpi, &provenance);
        assert!(matches!(huge, Err(FigureError::TooLarge { .. })), "{dpi}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("readable").count(),
        2
    );
    assert_eq!(
        Format::from_path("x.SVG".as_ref()).expect("known"),
        Format::Svg
    );
}

#[test]
fn a_picture_says_where_it_comes_from() {
    let mut provenance = Provenance::new();
    provenance.add("genome", "σ & <co>");
    let scene = small_chart();
    let text = svg(&scene, &provenance);
    assert!(text.contains("<entry name=\"genome\">σ &amp; &lt;co&gt;</entry>"));
    let bytes = png(&scene, 300.0, &provenance).expect("a picture");
    let find = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(find(b"pHYs") && find("σ & <co>".as_bytes()) && find(b"program"));
}

#[test]
fn empty_views_are_pictures_too() {
    let empty = GenomeView::new(Viewport::new(0, 0, 0.0, 0.0), 200.0, Theme::Dark);
    let (scene, layout) = empty.draw();
    assert_clean("nothing", &scene);
    assert!(
        layout
            .hit(Point { x: 100.0, y: 10.0 })
            .is_none_or(|hit| hit.bp.is_none())
    );
    usvg::Tree::from_str(&svg(&scene, &Provenance::new()), &usvg::Options::default())
        .expect("well-formed");
    let narrow = GenomeView::new(Viewport::new(0, 10, 0.0, 10.0), 1.0, Theme::Light);
    assert!(narrow.draw().0.elements.len() < 100);
    let blank = logo(&LogoData::default(), &sheet(80.0, 60.0, Theme::Dark));
    assert!(
        blank
            .elements
            .iter()
            .all(|element| !matches!(element.shape, Shape::Letter { .. }))
    );
    let chart = profile_chart(&ProfileChart::default(), &sheet(10.0, 10.0, Theme::Dark));
    assert!(chart.elements.len() < 50);
    assert!(width("", 10.0, headlight::figure::scene::Face::Bold) < f32::EPSILON);
}
