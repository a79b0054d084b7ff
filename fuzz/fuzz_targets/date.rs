//! Any text as a date, with the bounds that every answer must keep.
#![no_main]

use crawler::date;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let now = Timestamp::constant(1_606_000_000, 0);
    let _ = date::read(text, &zone, now);
    if let Ok(time) = date::parse(text, &zone, now) {
        assert!(time.as_second() <= now.as_second() + 120, "a post from the future: {text}");
        assert!(time.as_second() >= 631_000_000, "a post from before the web: {text}");
    }
});
