use data::{Background, ClassNames, Normalization, Preparation, SourceName, SplitSize};
use model::Initializer;
use model::layers::{
    BatchNormConfig, ConvConfig, DropoutConfig, FlattenConfig, GroupNormConfig, LeakyReluConfig,
    LinearConfig, MaxPoolConfig, ResidualConfig,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("a number", |value| value.is_finite())
}

fn small() -> impl Strategy<Value = f32> {
    any::<f32>().prop_filter("a number", |value| value.is_finite())
}

fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..9).prop_map(|characters| characters.into_iter().collect())
}

/// TOML's integers have 64 bits with a sign.
fn count() -> impl Strategy<Value = usize> {
    0..=i64::MAX as usize
}

/// A share within its range, or a number of images.
fn validation() -> impl Strategy<Value = SplitSize> {
    let share = (f64::MIN_POSITIVE..1.0).prop_map(SplitSize::Share);
    prop_oneof![count().prop_map(SplitSize::Images), share]
}

fn dataset() -> impl Strategy<Value = DatasetConfig> {
    let source = proptest::sample::select(SourceName::all().collect::<Vec<_>>());
    let normalization = (vec(small(), 1..4), vec(small(), 1..4))
        .prop_map(|(mean, standard_deviation)| Normalization { mean, standard_deviation });
    let names = prop_oneof![
        vec(text(), 0..4).prop_map(ClassNames::List),
        text().prop_map(|file| ClassNames::File(file.into())),
    ];
    let images = || option::of(count());
    let split = || option::of(validation());
    let path = || option::of(text());
    let files = (path(), [path(), path()], any::<[bool; 2]>(), any::<Option<bool>>());
    let rest = (option::of(normalization), option::of(names));
    (source, files, [split(), split()], [images(), images()], rest).prop_map(
        |(source, files, [validation, test], [train_images, test_images], rest)| {
            let (path, [labels, corrections], [skip_unreadable, in_memory], transpose) = files;
            let (normalization, class_names) = rest;
            DatasetConfig {
                source,
                path: path.map(Into::into),
                labels: labels.map(Into::into),
                corrections: corrections.map(Into::into),
                validation,
                test,
                skip_unreadable,
                transpose,
                in_memory,
                train_images,
                test_images,
                normalization,
                class_names,
            }
        },
    )
}

fn augment() -> impl Strategy<Value = AugmentConfig> {
    let degrees = || option::of(small());
    (degrees(), degrees(), option::of([small(), small()]), degrees()).prop_map(
        |(rotate, translate, scale, shear)| AugmentConfig {
            rotate,
            translate,
            scale,
            shear,
            ..AugmentConfig::default()
        },
    )
}

fn line_negatives() -> impl Strategy<Value = LineNegativesConfig> {
    (small(), small()).prop_map(|(partial, invalid)| LineNegativesConfig { partial, invalid })
}

fn outliers() -> impl Strategy<Value = OutliersConfig> {
    (small(), small(), small(), small()).prop_map(|(glyphs, scribbles, textures, turned)| {
        OutliersConfig { glyphs, scribbles, textures, turned }
    })
}

fn layer() -> impl Strategy<Value = LayerConfig> {
    let initializer =
        || prop_oneof![Just(Initializer::FanInUniform), Just(Initializer::Orthogonal)];
    let layer = prop_oneof![
        (count(), count(), count(), count(), any::<bool>(), initializer()).prop_map(
            |(channels, kernel, stride, padding, bias, initializer)| {
                LayerConfig::Conv(ConvConfig {
                    stride,
                    padding,
                    bias,
                    initializer,
                    ..ConvConfig::new(channels, kernel)
                })
            }
        ),
        (number(), number()).prop_map(|(momentum, epsilon)| LayerConfig::BatchNorm(
            BatchNormConfig { momentum, epsilon }
        )),
        (count(), number(), any::<bool>()).prop_map(|(groups, epsilon, affine)| {
            LayerConfig::GroupNorm(GroupNormConfig { groups, epsilon, affine })
        }),
        (count(), option::of(count()), count()).prop_map(|(kernel, stride, padding)| {
            LayerConfig::MaxPool(MaxPoolConfig { kernel, stride, padding })
        }),
        (count(), any::<bool>(), initializer()).prop_map(|(features, bias, initializer)| {
            LayerConfig::Linear(LinearConfig { features, bias, initializer })
        }),
        number().prop_map(|probability| LayerConfig::Dropout(DropoutConfig { probability })),
        number().prop_map(|slope| LayerConfig::LeakyRelu(LeakyReluConfig { slope })),
        Just(LayerConfig::Flatten(FlattenConfig {})),
    ];
    layer.prop_recursive(3, 12, 4, |inner| {
        vec(inner, 0..4).prop_map(|layers| LayerConfig::Residual(ResidualConfig { layers }))
    })
}

fn loss() -> impl Strategy<Value = LossConfig> {
    let weights = prop_oneof![
        Just(ClassWeights::Named(Balanced::Balanced)),
        vec(small(), 0..4).prop_map(ClassWeights::List)
    ];
    (number(), option::of(weights), number()).prop_map(|(label_smoothing, class_weights, l1)| {
        LossConfig { label_smoothing, class_weights, l1 }
    })
}

fn optimizer() -> impl Strategy<Value = OptimizerConfig> {
    prop_oneof![
        (number(), number(), any::<bool>(), number()).prop_map(
            |(learning_rate, momentum, nesterov, weight_decay)| OptimizerConfig::Sgd {
                learning_rate,
                momentum,
                nesterov,
                weight_decay,
            }
        ),
        (number(), number(), number(), number(), number()).prop_map(
            |(learning_rate, beta_1, beta_2, epsilon, weight_decay)| OptimizerConfig::Adamw {
                learning_rate,
                beta_1,
                beta_2,
                epsilon,
                weight_decay,
            }
        ),
        (number(), number(), number()).prop_map(|(learning_rate, momentum, weight_decay)| {
            OptimizerConfig::Muon { learning_rate, momentum, weight_decay }
        }),
    ]
}

fn schedule() -> impl Strategy<Value = ScheduleConfig> {
    prop_oneof![
        number().prop_map(|warm_up| ScheduleConfig::Constant { warm_up }),
        (count(), number(), number()).prop_map(|(epochs, factor, warm_up)| {
            ScheduleConfig::Step { epochs, factor, warm_up }
        }),
        (number(), number(), number()).prop_map(|(warm_up, start_share, final_share)| {
            ScheduleConfig::OneCycle { warm_up, start_share, final_share }
        }),
    ]
}

fn kernels() -> impl Strategy<Value = KernelChoice> {
    prop_oneof![Just(KernelChoice::Auto), Just(KernelChoice::Avx2), Just(KernelChoice::Off)]
}

fn train() -> impl Strategy<Value = TrainConfig> {
    (count(), count(), option::of(count()), count()).prop_map(
        |(epochs, batch_size, early_stopping, loader_workers)| TrainConfig {
            epochs,
            batch_size,
            early_stopping,
            loader_workers,
        },
    )
}

fn config() -> impl Strategy<Value = Config> {
    let clip = (option::of(number()), option::of(number()))
        .prop_map(|(norm, value)| ClipConfig { norm, value });
    let kind = prop_oneof![Just(TaskKind::Classify), Just(TaskKind::MultiLabel)];
    let task = kind.prop_map(|kind| TaskConfig { kind });
    let place = (0..=i64::MAX as u64, option::of(text()), kernels(), task);
    let shape = (prop_oneof![Just(1_usize), Just(3)], 1_usize..99, 1_usize..99);
    let resolved = (shape, any::<[u8; 3]>()).prop_map(|((channels, height, width), colour)| {
        let background = Background(colour);
        let preparation = Preparation { background, ..Preparation::PICTURE };
        InputConfig::resolved(preparation, ImageShape { channels, height, width })
    });
    let input = prop_oneof![Just(InputConfig::default()), resolved];
    let images = (
        dataset(),
        option::of(augment()),
        option::of(line_negatives()),
        option::of(outliers()),
        input,
    );
    let learning = (loss(), optimizer(), clip, schedule(), train());
    (place, images, vec(layer(), 0..5), learning).prop_map(
        |(
            (seed, device, kernels, task),
            (dataset, augment, line_negatives, outliers, input),
            layers,
            learning,
        )| {
            let model = ModelConfig { layers };
            let (loss, optimizer, clip, schedule, train) = learning;
            Config {
                seed,
                device,
                kernels,
                task,
                dataset,
                augment,
                line_negatives,
                outliers,
                input,
                model,
                loss,
                optimizer,
                clip,
                schedule,
                train,
            }
        },
    )
}

proptest! {
    /// A run keeps its config as text: not a bit may be lost on the way.
    #[test]
    fn a_config_survives_being_written_and_read(config in config()) {
        let text = toml::to_string(&config).unwrap();
        prop_assert_eq!(toml::from_str::<Config>(&text).unwrap(), config);
    }
}
