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
    nothing_sticks_out_of_a_telephone,
    levels_have_words_and_charts_have_names_and_tables,
    pages_print_on_few_sheets_without_buttons,
    an_alert_is_seen_taken_and_answered,
    the_main_way_needs_no_script,
    another_language_is_one_click_away_and_stays,
    a_search_is_narrowed_down_by_its_filters,
    an_export_holds_what_is_on_the_screen,
    a_search_is_kept_and_forgotten,
    a_word_list_is_tried_before_it_becomes_a_concern,
    the_settings_are_told_with_their_place_and_without_secrets,
    everything_is_reached_by_the_keyboard,
    keys_search_go_and_help,
    a_refresh_keeps_the_focus_and_what_is_being_read,
    a_page_in_a_tab_behind_asks_for_nothing_and_catches_up_in_front,
    hostile_text_is_text_on_every_page_and_fits_a_telephone,
    hostile_text_is_text_on_paper,
    hostile_text_is_text_in_exports,
    what_somebody_types_is_text_in_every_field,
    whatever_is_searched_for_is_text,
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
