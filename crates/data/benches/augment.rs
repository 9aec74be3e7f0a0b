//! Images a second through normalization and augmentation, 1×28×28, on one core.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use data::{
    AugmentConfig, ElasticConfig, EraseConfig, ImageShape, Normalization, Normalizer, SampleKey,
};

const SHAPE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

fn augment(criterion: &mut Criterion) {
    let pixels: Vec<u8> = (0..SHAPE.pixels()).map(|index| (index * 37) as u8).collect();
    let normalization = Normalization { mean: vec![0.1307], standard_deviation: vec![0.3081] };
    let normalizer = Normalizer::new(&normalization, SHAPE).expect("valid statistics");
    let mut out = vec![0.0; SHAPE.pixels()];

    let affine = AugmentConfig {
        rotate: Some(10.0),
        translate: Some(0.08),
        scale: Some([0.9, 1.1]),
        shear: Some(10.0),
        ..AugmentConfig::default()
    };
    let erase = Some(EraseConfig { probability: 0.5, area: [0.02, 0.4] });
    let elastic = Some(ElasticConfig { displacement: 1.0, smoothness: 4.0 });
    let configs = [
        ("affine", affine.clone()),
        ("affine and erase", AugmentConfig { erase, ..affine }),
        ("elastic", AugmentConfig { elastic, ..AugmentConfig::default() }),
    ];

    let mut group = criterion.benchmark_group("images");
    group.throughput(Throughput::Elements(1));
    group.bench_function("normalize only", |bencher| {
        bencher.iter(|| normalizer.apply(black_box(&pixels), black_box(&mut out)));
    });
    for (name, config) in configs {
        let augmentation = config.build(SHAPE).expect("valid settings");
        let mut index = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                index += 1;
                let key = SampleKey { seed: 42, epoch: 0, index };
                augmentation.apply(&normalizer, black_box(&pixels), key, black_box(&mut out));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, augment);
criterion_main!(benches);
