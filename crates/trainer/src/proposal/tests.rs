use data::{ClassSize, PictureSize, Sizes, SplitSizes};
use proptest::prelude::*;

use super::*;
use crate::learn::check_config;

/// A thousand grey pictures of 28×28 pixels in four classes.
fn survey() -> Survey {
    let size = PictureSize { height: 28, width: 28 };
    let class = |name: &str| ClassSize { name: name.to_owned(), pictures: 250 };
    Survey {
        pictures: 1000,
        classes: ["a", "b", "c", "d"].map(class).to_vec(),
        multi_label: false,
        splits: SplitSizes { train: 1000, ..SplitSizes::default() },
        sizes: Sizes {
            count: 1,
            smallest: size,
            largest: size,
            median_side: 28,
            narrow_ratio: 1.0,
            median_ratio: 1.0,
            wide_ratio: 1.0,
        },
        stored_in_colour: 0,
        coloured: 0,
        transparent: 0,
        vanish_on_white: 0,
        vanish_on_black: 0,
        dark_on_light: 0,
        light_on_dark: 0,
        identical_files: 0,
        near_duplicates: 0,
        contradictory_files: 0,
        unreadable: Vec::new(),
        left_out: Vec::new(),
    }
}

fn propose(survey: Survey) -> Proposal {
    Proposal::new(survey, &InputConfig::default())
}

fn chosen(proposal: &Proposal, key: &str) -> Option<String> {
    let found = proposal.choices.iter().find(|choice| choice.key == key);
    found.map(|choice| choice.value.clone())
}

#[test]
fn pictures_of_several_classes_are_a_multi_label_task() {
    let mut several = Survey { multi_label: true, ..survey() };
    several.classes[0].pictures = 10;
    let proposal = propose(several);
    assert_eq!(chosen(&proposal, "task.kind").as_deref(), Some("\"multi_label\""));
    assert_eq!(chosen(&proposal, "loss.class_weights"), None);
    let text = proposal.config_text("pictures");
    let shape = data::ImageShape { channels: 1, height: 28, width: 28 };
    assert!(check_config(&text, &[], shape, 4).unwrap().contains("multi_label"), "{text}");
    assert_eq!(chosen(&propose(survey()), "task.kind"), None);
}

#[test]
fn pictures_of_one_small_size_keep_it() {
    let proposal = propose(survey());
    for (key, value) in
        [("input.size", "28"), ("input.channels", "1"), ("input.fit", "\"stretch\"")]
    {
        assert_eq!(chosen(&proposal, key).as_deref(), Some(value), "{key}");
    }
    for key in ["input.background", "loss.class_weights", "dataset.skip_unreadable"] {
        assert_eq!(chosen(&proposal, key), None, "{key}");
    }
}

#[test]
fn large_pictures_of_many_ratios_are_padded_to_a_square() {
    let large = PictureSize { height: 900, width: 1600 };
    let sizes =
        Sizes { count: 90, largest: large, median_side: 700, wide_ratio: 1.8, ..survey().sizes };
    let proposal = propose(Survey { sizes, coloured: 3, ..survey() });
    for (key, value) in [
        ("input.size", "64"),
        ("input.channels", "3"),
        ("input.fit", "\"pad\""),
        ("input.background", "255"),
    ] {
        assert_eq!(chosen(&proposal, key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn pictures_of_one_ratio_keep_it() {
    let size = PictureSize { height: 60, width: 120 };
    let sizes = Sizes {
        count: 1,
        smallest: size,
        largest: size,
        median_side: 120,
        narrow_ratio: 2.0,
        median_ratio: 2.0,
        wide_ratio: 2.0,
    };
    let proposal = propose(Survey { sizes, ..survey() });
    assert_eq!(chosen(&proposal, "input.size").as_deref(), Some("[32, 64]"));
}

#[test]
fn the_background_shows_transparent_pictures() {
    for (on_white, on_black, expected) in [(0, 0, "255"), (0, 9, "255"), (9, 0, "0"), (4, 5, "128")]
    {
        let proposal = propose(Survey {
            transparent: 9,
            vanish_on_white: on_white,
            vanish_on_black: on_black,
            ..survey()
        });
        assert_eq!(chosen(&proposal, "input.background").as_deref(), Some(expected));
    }
}

#[test]
fn what_is_given_is_not_proposed_otherwise() {
    let given: InputConfig = toml::from_str("size = 40\nchannels = 3").unwrap();
    let proposal = Proposal::new(survey(), &given);
    assert_eq!(chosen(&proposal, "input.size").as_deref(), Some("40"));
    assert_eq!(chosen(&proposal, "input.channels").as_deref(), Some("3"));
    let ink: InputConfig = toml::from_str("kind = 'ink'").unwrap();
    let proposal = Proposal::new(survey(), &ink);
    assert_eq!(chosen(&proposal, "input.kind").as_deref(), Some("\"ink\""));
    assert_eq!(chosen(&proposal, "input.size"), None, "ink has one size");
}

#[test]
fn what_is_wrong_with_the_pictures_is_said() {
    let mut poor = survey();
    poor.classes.truncate(1);
    poor.classes[0].pictures = 5;
    poor.contradictory_files = 2;
    let warnings = propose(poor).warnings.join("\n");
    for part in ["one class only", "a (5)", "2 files: the same bytes"] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proposal_is_a_config_that_can_be_trained(
        (height, width, median) in (1_usize..5000, 1_usize..5000, 1_usize..5000),
        (count, narrow, wide) in (1_usize..50, 0.01_f64..100.0, 0.01_f64..100.0),
        classes in 1_usize..300,
        pictures in 5_usize..1_000_000,
        (coloured, transparent, on_white, on_black) in (0_usize..3, 0_usize..3, 0_usize..3, 0_usize..3),
        folder in prop::collection::vec(any::<char>(), 1..20),
    ) {
        let folder: String = folder.into_iter().filter(|letter| !letter.is_control()).collect();
        prop_assume!(!folder.is_empty());
        let size = PictureSize { height, width };
        let class = |index| ClassSize { name: format!("{index}"), pictures: 1 + index * 9 };
        let survey = Survey {
            pictures,
            classes: (0..classes).map(class).collect(),
            splits: SplitSizes { train: pictures, ..SplitSizes::default() },
            sizes: Sizes {
                count,
                smallest: size,
                largest: size,
                median_side: if count == 1 { height.max(width) } else { median },
                narrow_ratio: narrow.min(wide),
                median_ratio: narrow.midpoint(wide),
                wide_ratio: narrow.max(wide),
            },
            coloured,
            transparent,
            vanish_on_white: on_white,
            vanish_on_black: on_black,
            ..survey()
        };
        let proposal = propose(survey);
        let text = proposal.config_text(&folder);
        let (_, config) =
            ConfigFile::new(Path::new("glyph.toml"), text.clone(), &[]).map_err(|error| {
                TestCaseError::fail(format!("{error}\n{text}"))
            })?;
        prop_assert!(config.dataset.path.is_some_and(|path| path.ends_with(&folder) || folder.contains(['/', '.'])));
        let size = config.input.size.unwrap();
        let shape = data::ImageShape {
            channels: config.input.channels.unwrap(),
            height: size.height,
            width: size.width,
        };
        prop_assert!(shape.height.max(shape.width) <= 64);
        check_config(&text, &[], shape, classes).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{text}"))
        })?;
    }
}
