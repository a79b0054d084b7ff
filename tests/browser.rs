//! The pages in real headless Chromium: journeys of whoever is on duty (tests/browser/), a test for each.

use crate::support::Harness;

/// A test for each journey, and their names.
macro_rules! journeys {
    ($($name:ident,)*) => {
        $(#[test]
        fn $name() {
            walk(stringify!($name));
        })*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

journeys! {
    a_wrong_password_is_refused_and_the_right_one_opens_the_page_asked_for,
    axe_finds_nothing_in_light,
    axe_finds_nothing_in_dark,
}

#[test]
fn every_journey_has_a_test() {
    let names = Harness::shared().walk("names").expect("the harness knows them");
    let mut written: Vec<&str> = names.split(' ').collect();
    let mut tested = NAMES.to_vec();
    written.sort_unstable();
    tested.sort_unstable();
    assert_eq!(written, tested);
}

fn walk(journey: &str) {
    if let Some(failure) = Harness::shared().walk(journey) {
        panic!("{failure}");
    }
}
