//! The list of tracks: what the view remembers of them, and what the figure needs.

use super::app::App;
use super::state::TrackSetting;
use crate::figure::colormap::Colormap;
use crate::figure::tracks::TrackKind;
use crate::job::figure::TrackLooks;

/// What names begin with that stand for a set of sites.
const SITES: &str = "sites:";

/// Names of the tracks below the ruler, in the usual order.
fn names(app: &App) -> Vec<String> {
    let mut names = vec!["sequence".to_owned(), "genes".to_owned()];
    if app.workspace.anchors.is_some() {
        names.push("tss".to_owned());
    }
    let sets = app.workspace.sites.iter();
    names.extend(sets.map(|set| format!("{SITES}{}", set.name)));
    names.extend(["arcs", "probability", "heads"].map(str::to_owned));
    names
}

/// What a track is called on screen.
#[must_use]
pub fn title(track: &str) -> String {
    match track {
        "sequence" => "Sequence".to_owned(),
        "genes" => "Genes".to_owned(),
        "tss" => "Start sites".to_owned(),
        "arcs" => "Arcs of the pin".to_owned(),
        "probability" => "P(TSS)".to_owned(),
        "heads" => "Head rows".to_owned(),
        other => other.strip_prefix(SITES).unwrap_or(other).to_owned(),
    }
}

/// Whether its height may be chosen.
#[must_use]
pub fn is_stretchy(track: &str) -> bool {
    track.starts_with(SITES) || ["arcs", "probability", "heads"].contains(&track)
}

/// Every track that is there, in the order in which it is shown.
#[must_use]
pub fn listed(app: &App) -> Vec<TrackSetting> {
    merged(&app.view.tracks, &names(app))
}

/// The remembered tracks that are there, and after its usual neighbour each one that is not remembered.
fn merged(remembered: &[TrackSetting], names: &[String]) -> Vec<TrackSetting> {
    let known = remembered.iter().filter(|t| names.contains(&t.track));
    let mut listed: Vec<TrackSetting> = known.cloned().collect();
    for (index, name) in names.iter().enumerate() {
        if listed.iter().any(|track| track.track == *name) {
            continue;
        }
        let before = names[..index].last();
        let place = before
            .and_then(|before| listed.iter().position(|track| track.track == *before))
            .map_or(0, |place| place + 1);
        listed.insert(
            place,
            TrackSetting {
                track: name.clone(),
                ..TrackSetting::default()
            },
        );
    }
    listed
}

/// The list with what is remembered of tracks that are not there now.
#[must_use]
pub fn with_absent(app: &App, listed: Vec<TrackSetting>) -> Vec<TrackSetting> {
    let names = names(app);
    let absent = app.view.tracks.iter().filter(|t| !names.contains(&t.track));
    let absent: Vec<TrackSetting> = absent.cloned().collect();
    listed.into_iter().chain(absent).collect()
}

/// What the figure needs to know of the tracks.
#[must_use]
pub fn looks(app: &App) -> TrackLooks {
    let mut looks = TrackLooks {
        sites_over_heads: app.view.sites_over_heads,
        ..TrackLooks::default()
    };
    for setting in listed(app) {
        let Some(kind) = kind(app, &setting.track) else {
            continue;
        };
        looks.order.push(kind);
        if setting.hidden {
            looks.hidden.push(kind);
        }
        if (setting.height - 1.0).abs() > f32::EPSILON {
            looks.heights.push((kind, setting.height));
        }
        match kind {
            TrackKind::Probability => looks.probability_top = setting.top,
            TrackKind::Heads => {
                looks.heads_top = setting.top;
                looks.colormap = setting.color_map.as_deref().and_then(Colormap::sequential);
            }
            _ => {}
        }
    }
    looks
}

fn kind(app: &App, track: &str) -> Option<TrackKind> {
    Some(match track {
        "sequence" => TrackKind::Sequence,
        "genes" => TrackKind::Genes,
        "tss" => TrackKind::Tss,
        "arcs" => TrackKind::Arcs,
        "probability" => TrackKind::Probability,
        "heads" => TrackKind::Heads,
        other => {
            let name = other.strip_prefix(SITES)?;
            let sets = &app.workspace.sites;
            TrackKind::Sites(sets.iter().position(|set| set.name == name)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tracks_follow_their_usual_neighbour() {
        let names: Vec<String> = ["sequence", "genes", "sites:a", "sites:b", "heads"]
            .map(str::to_owned)
            .to_vec();
        let setting = |track: &str, hidden| TrackSetting {
            track: track.to_owned(),
            hidden,
            ..TrackSetting::default()
        };
        let remembered = [
            setting("heads", false),
            setting("sites:a", true),
            setting("sites:gone", false),
        ];
        let listed: Vec<(String, bool)> = merged(&remembered, &names)
            .into_iter()
            .map(|track| (track.track, track.hidden))
            .collect();
        let expected = [
            ("sequence", false),
            ("genes", false),
            ("heads", false),
            ("sites:a", true),
            ("sites:b", false),
        ];
        assert_eq!(
            listed,
            expected.map(|(name, hidden)| (name.to_owned(), hidden))
        );
    }
}
