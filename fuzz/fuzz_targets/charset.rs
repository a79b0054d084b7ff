//! Any bytes under any name of a charset become text.
#![no_main]

use crawler::charset;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: (&[u8], Option<&str>)| {
    let (body, content_type) = input;
    let Ok(url) = Url::parse("http://site.example.cn/") else { return };
    let decoded = charset::decode(body, content_type, &url, None);
    assert!(!decoded.text.starts_with('\u{feff}'));
});
