use axum::http::HeaderValue;

use super::*;

fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

#[test]
fn types_and_packings_are_told_from_headers() {
    let shape_of = |value| shape(&headers(&[(header::CONTENT_TYPE, value)])).ok();
    assert_eq!(shape_of("application/x-ndjson"), Some(Shape::Lines));
    assert_eq!(shape_of("Application/JSON; charset=\"UTF-8\""), Some(Shape::Object));
    assert_eq!(shape_of("application/json; charset=gbk"), None);
    assert_eq!(shape_of("text/plain"), None);
    assert!(shape(&HeaderMap::new()).is_err());
    let packing_of = |value| packing(&headers(&[(header::CONTENT_ENCODING, value)])).ok();
    assert_eq!(packing_of("GZIP"), Some(Packing::Gzip));
    assert_eq!(packing_of("zstd"), Some(Packing::Zstd));
    assert_eq!(packing_of("br"), None);
    assert_eq!(packing(&HeaderMap::new()).ok(), Some(Packing::Plain));
}

#[test]
fn an_answer_is_in_the_language_asked_for() {
    let of = |value| Language::of(&headers(&[(header::ACCEPT_LANGUAGE, value)]));
    assert_eq!(of("en-US,en;q=0.9,zh;q=0.8"), Language::English);
    assert_eq!(of("fr, zh-CN, en"), Language::Chinese);
    assert_eq!(Language::of(&HeaderMap::new()), Language::Chinese);
}

#[test]
fn refusals_say_what_to_do_next() {
    let check = |refusal: Refusal, status: u16, name: header::HeaderName, value: &str| {
        let answer = refusal.problem().told(Language::English);
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()[&name], value);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    };
    check(Refusal::NoToken, 401, header::WWW_AUTHENTICATE, "Bearer realm=\"guanlan\"");
    check(Refusal::Busy, 429, header::RETRY_AFTER, "5");
    check(Refusal::NotStored, 503, header::RETRY_AFTER, "30");
}
