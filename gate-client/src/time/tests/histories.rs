//! Random histories against a simulated true time: questions, delays, a drifting clock, sleep,
//! restarts, and a system clock that somebody sets. Whatever happens, the true time lies in the
//! interval, and the floor is past.

use kaisatsu_shared::id::TimeNonce;
use proptest::prelude::*;

use super::{super::*, *};

#[derive(Clone, Debug)]
enum Step {
    /// Time passes, in microseconds; also while the device sleeps.
    Pass(u64),
    /// A question with the way there and back, in microseconds; the answer may be lost.
    Ask { there: u64, back: u64, lost: bool },
    /// The process ends, orderly or not, and starts; the monotonic clock begins anew.
    Restart { orderly: bool },
    /// Somebody sets the system's clock, to the true time plus so many milliseconds.
    SetSystem(i64),
    /// The time to keep the floor comes.
    Keep,
    /// A gate lead sets the time, off by at most two minutes.
    Lead(i64),
    /// Something that is no answer arrives.
    Noise,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u64..5_000_000_000).prop_map(Step::Pass),
        1 => (0u64..90_000_000_000_000).prop_map(Step::Pass),
        5 => (0u64..3_000_000, 0u64..3_000_000, prop::bool::weighted(0.2))
            .prop_map(|(there, back, lost)| Step::Ask { there, back, lost }),
        2 => any::<bool>().prop_map(|orderly| Step::Restart { orderly }),
        1 => (-100_000_000_000i64..100_000_000_000).prop_map(Step::SetSystem),
        3 => Just(Step::Keep),
        1 => (-119_000i64..119_000).prop_map(Step::Lead),
        1 => Just(Step::Noise),
    ]
}

/// The world as it is, in microseconds.
struct World {
    truth: u64,
    /// What the monotonic clock shows, in millionths of a microsecond beyond `monotonic`.
    monotonic: u64,
    rest: u64,
    /// The monotonic clock's error in ppm.
    drift: i64,
    /// The system clock's error in milliseconds.
    system: i64,
    kept: Floor,
}

impl World {
    fn pass(&mut self, micros: u64) {
        self.truth += micros;
        let rate = 1_000_000u64.checked_add_signed(self.drift).unwrap();
        let shown = u128::from(micros) * u128::from(rate) + u128::from(self.rest);
        self.monotonic += u64::try_from(shown / 1_000_000).unwrap();
        self.rest = u64::try_from(shown % 1_000_000).unwrap();
    }

    fn reading(&self) -> Reading {
        let system = (self.truth / 1_000).saturating_add_signed(self.system);
        read(self.monotonic / 1_000, system)
    }

    fn start(&mut self) -> Timekeeper {
        (self.monotonic, self.rest) = (0, 0);
        Timekeeper::start(who(), SystemTrust::Never, self.kept, self.reading())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_true_time_always_lies_in_the_interval(
        drift in prop_oneof![Just(-200i64), Just(200i64), -200i64..=200],
        phase in 0u64..1_000,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let truth = NOW * 1_000 + phase;
        let mut world =
            World { truth, monotonic: 0, rest: 0, drift, system: 0, kept: Floor::default() };
        let mut keeper = world.start();
        for step in steps {
            let before = keeper.now(world.reading());
            match step {
                Step::Pass(micros) => world.pass(micros),
                Step::Ask { there, back, lost } => {
                    let request = keeper.ask(TimeNonce([7; 16]), world.reading().monotonic);
                    world.pass(there);
                    let answer = sign(&document(request, world.truth / 1_000, 0));
                    world.pass(back);
                    if !lost {
                        let taken = keeper.answer(&answer, world.reading().monotonic);
                        prop_assert_eq!(taken, Ok(Taken::Proven));
                        let health = keeper.health(world.reading());
                        prop_assert_eq!(health.source, ClockSource::Signed);
                    }
                }
                Step::Restart { orderly } => {
                    if orderly && let Some(floor) = keeper.floor_at_end(world.reading().monotonic) {
                        world.kept = floor;
                    }
                    keeper = world.start();
                    let behind = world.reading().system < world.kept.at;
                    let warnings = keeper.health(world.reading()).warnings;
                    prop_assert_eq!(warnings.contains(&ClockWarning::Rollback), behind);
                }
                Step::SetSystem(error) => world.system = error,
                Step::Keep => {
                    if let Some(floor) = keeper.floor_due(world.reading().monotonic) {
                        prop_assert!(floor.at >= world.kept.at, "the floor fell");
                        world.kept = floor;
                        keeper.floor_kept(floor);
                    }
                }
                Step::Lead(error) => {
                    let at = UnixMillis((world.truth / 1_000).saturating_add_signed(error));
                    let set = keeper.set_by_lead(at, world.reading().monotonic);
                    prop_assert_ne!(set, Err(LeadError::Past));
                }
                Step::Noise => {
                    let request = kaisatsu_shared::sync::TimeRequest {
                        device: DEVICE,
                        nonce: TimeNonce([9; 16]),
                    };
                    let answer = sign(&document(request, 1, 9));
                    prop_assert!(keeper.answer(&answer, world.reading().monotonic).is_err());
                    prop_assert_eq!(keeper.now(world.reading()), before);
                }
            }
            let time = keeper.now(world.reading());
            // The earliest is a whole millisecond that has begun, the latest one that hasn't ended.
            prop_assert!(time.earliest.0 <= world.truth / 1_000, "{time:?} {}", world.truth);
            prop_assert!(time.latest.0 >= world.truth / 1_000, "{time:?} {}", world.truth);
            prop_assert!(world.kept.at.0 <= world.truth / 1_000, "the floor isn't past");
        }
    }
}
