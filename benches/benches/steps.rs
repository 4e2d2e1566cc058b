//! The single steps under criterion, each group with its limit: `cargo bench -p kaisatsu-benches`.
#![allow(missing_docs, clippy::unwrap_used, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, criterion_group, criterion_main};
use kaisatsu_benches::micro::cases::{Cases, photo::PhotoCase};

fn steps(criterion: &mut Criterion) {
    let cases = Cases::new(1_000_000).unwrap();
    let mut group = criterion.benchmark_group("token_verify");
    group.bench_function("work", |bencher| bencher.iter(|| cases.verify()));
    group.bench_function("limit", |bencher| bencher.iter(|| cases.verify_limit()));
    group.finish();

    let mut group = criterion.benchmark_group("decide_1m");
    let mut turn = cases.turn();
    group.bench_function("work", |bencher| bencher.iter(|| cases.decide(turn())));
    group.bench_function("limit", |bencher| bencher.iter(|| cases.decide_limit(turn())));
    group.finish();

    let clocks = cases.clock().unwrap();
    for (name, clock) in [("clock_verify_step_1", &clocks.first), ("clock_verify", &clocks.last)] {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("work", |bencher| bencher.iter(|| clock.verify()));
        group.bench_function("limit", |bencher| bencher.iter(|| clock.limit()));
        group.finish();
    }

    let issue = cases.issue();
    let mut group = criterion.benchmark_group("issue");
    group.bench_function("work", |bencher| bencher.iter(|| issue.issue()));
    group.bench_function("limit", |bencher| bencher.iter(|| issue.limit()));
    group.finish();

    let photo = PhotoCase::new(&cases).unwrap();
    let (mut work, mut limit) = photo.decoding();
    let mut group = criterion.benchmark_group("image_decode");
    group.bench_function("work", |bencher| bencher.iter(&mut work));
    group.bench_function("limit", |bencher| bencher.iter(&mut limit));
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
