//! Any bytes as robots.txt, judged for an address that is part of the input as well.
#![no_main]

use crawler::robots::Rules;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: (&[u8], &str)| {
    let (robots_txt, path) = input;
    let rules = Rules::parse(robots_txt, "Guanlan");
    let _ = rules.crawl_delay();
    if let Ok(url) = Url::parse("http://site.example/").and_then(|base| base.join(path)) {
        let _ = rules.permit(&url);
    }
});
