//! The page shows exactly the codes that the issuer would.
#![allow(clippy::unwrap_used)]

use kaisatsu_fixtures::world::{CLOCK, STATIC, STEPS, VALID_FROM, World};
use kaisatsu_shared::{
    display::clock::Chain,
    id::{Generation, InstallationId, Serial, TypeId},
    time::UnixSeconds,
    token::Body,
};
use kaisatsu_ticket::{Codes, CodesError, Square};

const STEP: u32 = 10;

fn body(world: &World, serial: u32, ticket_type: TypeId) -> Body {
    world.body(Serial(serial), Generation::FIRST, ticket_type)
}

/// What the server answers: installation, a code, the chain's last link.
fn answered(world: &World, body: Body, step: u16) -> (String, String, String) {
    let last = world.chain(&body).map(|chain: Chain| hex::encode(chain.last()));
    (hex::encode(world.installation.0), world.text(body, step).unwrap(), last.unwrap_or_default())
}

#[test]
fn at_every_step_the_code_is_the_issuers_own() {
    let world = World::new();
    let body = body(&world, 3, CLOCK);
    let (installation, text, last) = answered(&world, body.clone(), 7);
    let codes = Codes::new(&installation, &text, Some(&last)).unwrap();
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
fn a_code_that_never_changes_needs_no_chain() {
    let world = World::new();
    let (installation, text, _) = answered(&world, body(&world, 3, STATIC), 0);
    let codes = Codes::new(&installation, &text, None).unwrap();
    assert_eq!(codes.at(UnixSeconds(0)), Some(text));
}

#[test]
fn only_the_tickets_own_chain_is_taken() {
    let world = World::new();
    let (installation, text, last) = answered(&world, body(&world, 3, CLOCK), 7);
    let (_, _, anothers) = answered(&world, body(&world, 4, CLOCK), 7);
    let elsewhere = hex::encode(InstallationId([1; 16]).0);
    let refused = |installation: &str, text: &str, last: Option<&str>| {
        Codes::new(installation, text, last).unwrap_err()
    };
    assert_eq!(refused(&installation, &text, Some(&anothers)), CodesError::Chain);
    assert_eq!(refused(&elsewhere, &text, Some(&last)), CodesError::Chain);
    assert_eq!(refused(&installation, &text, None), CodesError::Chain);
    assert_eq!(refused(&installation, &text, Some("")), CodesError::Malformed);
    assert_eq!(refused("", &text, Some(&last)), CodesError::Malformed);
    assert!(matches!(refused(&installation, "KS1:", Some(&last)), CodesError::Code(_)));
    assert!(!format!("{:?}", Codes::new(&installation, &text, Some(&last))).contains("KS1"));
}

#[test]
fn a_clock_code_has_the_size_of_the_design() {
    let world = World::new();
    let text = world.text(body(&world, 3, CLOCK), 7).unwrap();
    // Version 8.
    assert_eq!(Square::new(&text).unwrap().size(), 49);
    assert_eq!(Square::new("lower case"), None);
}
