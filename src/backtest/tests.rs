//! The bundled hot lists as files, replayed with an incident by hand.

use config::Config;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::scenario::HOTLISTS;

const INCIDENTS: &str = r#"
    [[incident]]
    name = "返乡人员核酸证明"
    words = ["返乡", "就地过年", "返京"]
    from = "2021-01-19"
    to = "2021-01-23"
    answered = "2021-01-21 00:42"
    [[incident]]
    name = "没人说起的事"
    words = ["没人说起的事"]
    from = "2021-01-18"
    to = "2021-01-22"
"#;

fn configuration() -> Config {
    let file = |name: &str, text: &str| config::File { name: name.into(), bytes: text.as_bytes().to_vec() };
    let (guanlan, concerns) =
        (file("guanlan.toml", HOTLISTS.guanlan), file("concerns.toml", HOTLISTS.concerns));
    config::read(Some(&guanlan), Some(&concerns), &Default::default()).config
}

fn time(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

fn replayed(folder: &std::path::Path) -> (Outcome, Material, Config, Span) {
    let config = configuration();
    let (posts, beats) = (folder.join("posts.jsonl.zst"), folder.join("beats.jsonl.zst"));
    std::fs::write(&posts, HOTLISTS.posts).unwrap();
    std::fs::write(&beats, HOTLISTS.heartbeats).unwrap();
    let span = Span {
        from: time("2020-12-20T00:00"),
        told_from: time("2021-01-18T00:00"),
        to: time("2021-01-23T00:00"),
    };
    let files = Files {
        posts: vec![posts],
        heartbeats: vec![("hotlist".to_owned(), beats)],
        rename: Vec::new(),
        publisher: crawler::post::Publisher::Platform,
        zone: config.site.zone.clone(),
        now: time("2021-03-02T00:00"),
    };
    let material = Material::read(&files, &config.sources, span.from, span.to).unwrap();
    let mailer = Mailer::Memory(Default::default());
    let outcome =
        run(&material, Orders::new(&config, alerts::staging::Staging::Real), span, &mailer).unwrap();
    (outcome, material, config, span)
}

#[test]
fn a_real_rise_is_caught_before_the_reply_and_twice_alike() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, material, config, span) = replayed(folder.path());
    assert_eq!(material.rejected, 0);
    assert!(
        material
            .posts
            .iter()
            .all(|stored| stored.post.group.ends_with('搜') || stored.post.group.ends_with('榜'))
    );
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let mut incidents = read_incidents(INCIDENTS, &zone).unwrap();
    incidents.iter_mut().for_each(|incident| incident.learn(&material.posts));
    assert!(incidents[0].peak.is_some() && incidents[1].peak.is_none());
    let counted = whole(span, Vec::new());
    let scored = score(&outcome.told(), &incidents, &counted);
    let [caught] = scored.caught.as_slice() else { panic!("{scored:#?}") };
    assert_eq!(caught.incident, "返乡人员核酸证明");
    assert!(caught.before_response_hours > Some(3.0), "{caught:?}");
    assert_eq!(scored.missed, ["没人说起的事"]);
    assert!(outcome.mails >= 1);

    let picture = picture(&Lane {
        outcome: &outcome,
        incidents: &incidents,
        score: &scored,
        counted: &counted,
        zone: &zone,
        language: alerts::message::Language::Chinese,
    });
    assert!(picture.contains("返乡与就地过年") && picture.ends_with("</svg>\n"));

    let contests = contest(&outcome, &material.posts, &config.concerns, &incidents, (span, &counted, &zone));
    assert!(contests.len() > 15 && contests.iter().all(|contest| contest.score.alerts <= 4), "{contests:#?}");

    let again = replayed(folder.path()).0;
    let json = |outcome: &Outcome| serde_json::to_string(&outcome.raised).unwrap();
    assert_eq!(json(&again), json(&outcome));
}
