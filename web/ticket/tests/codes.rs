//! The page shows exactly the codes that the issuer would.
#![allow(clippy::unwrap_used)]

use kaisatsu_fixtures::world::{CLOCK, STATIC, STEPS, VALID_FROM, World};
use kaisatsu_shared::{
    id::{Generation, Serial, TypeId},
    time::UnixSeconds,
    token::Body,
};
use kaisatsu_ticket::{Codes, CodesError, Square};

const STEP: u32 = 10;

fn body(world: &World, serial: u32, ticket_type: TypeId) -> Body {
    world.body(Serial(serial), Generation::FIRST, ticket_type)
}

fn installation(world: &World) -> String {
    hex::encode(world.installation.0)
}

#[test]
fn at_every_step_the_code_is_the_issuers_own() {
    let world = World::new();
    let body = body(&world, 3, CLOCK);
    let last = world.text(body.clone(), STEPS).unwrap();
    let codes = Codes::new(&installation(&world), &last).unwrap();
    for step in [0, 1, 6, 7, 8, STEPS - 1, STEPS] {
        let begins = VALID_FROM.0 + u32::from(step) * STEP;
        let expected = world.text(body.clone(), step).unwrap();
        for at in [begins, begins + STEP - 1] {
            assert_eq!(codes.at(UnixSeconds(at)).as_ref(), Some(&expected), "{step} {at}");
        }
    }
    for outside in [VALID_FROM.0 - 1, VALID_FROM.0 + (u32::from(STEPS) + 1) * STEP] {
        assert_eq!(codes.at(UnixSeconds(outside)), None);
    }
}

#[test]
fn a_code_that_never_changes_stays_as_it_is() {
    let world = World::new();
    let text = world.text(body(&world, 3, STATIC), 0).unwrap();
    let codes = Codes::new(&installation(&world), &text).unwrap();
    assert_eq!(codes.at(UnixSeconds(0)), Some(text));
}

#[test]
fn only_the_last_code_of_the_tickets_own_chain_is_taken() {
    let world = World::new();
    let body = body(&world, 3, CLOCK);
    let refused = |installation: &str, text: &str| Codes::new(installation, text).unwrap_err();
    let last = world.text(body.clone(), STEPS).unwrap();
    // A captured code gives the past only: nothing to start from.
    let captured = world.text(body, STEPS - 1).unwrap();
    assert_eq!(refused(&installation(&world), &captured), CodesError::Chain);
    assert_eq!(refused(&"01".repeat(16), &last), CodesError::Chain);
    assert_eq!(refused("", &last), CodesError::Installation);
    assert!(matches!(refused(&installation(&world), "KS1:"), CodesError::Code(_)));
    assert!(!format!("{:?}", Codes::new(&installation(&world), &last)).contains("KS1"));
}

#[test]
fn a_clock_code_has_the_size_of_the_design() {
    let world = World::new();
    let text = world.text(body(&world, 3, CLOCK), 7).unwrap();
    // Version 8.
    assert_eq!(Square::new(&text).unwrap().size(), 49);
    assert_eq!(Square::new("lower case"), None);
}
