//! The desk, the outbox and a real HTTP server on loopback that answers as each platform does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use analyzer::level::Level;
use crawler::fetch::{Fetcher, Limits as FetchLimits, Outside};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::alert::Event;
use crate::delivery::Tried;
use crate::desk::tests::{Room, at};
use crate::mail::Outcome;
use crate::message::{LINK_HEADER, Message};
use crate::outbox::{MailState, Outgoing};

/// A request as it came in.
#[derive(Clone, Debug)]
struct Got {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Answers each request with the next of these: status and body; an empty status hangs.
#[derive(Clone)]
struct Platform {
    port: u16,
    answers: Arc<Mutex<VecDeque<(&'static str, &'static str)>>>,
    got: Arc<Mutex<Vec<Got>>>,
}

const OK: (&str, &str) = ("200 OK", r#"{"errcode":0,"errmsg":"ok"}"#);

impl Platform {
    async fn start(answers: &[(&'static str, &'static str)]) -> Platform {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Platform {
            port: listener.local_addr().unwrap().port(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            got: Arc::default(),
        };
        let served = platform.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        platform
    }

    async fn serve(self, mut stream: tokio::net::TcpStream) {
        let mut bytes = Vec::new();
        let head = loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            bytes.extend_from_slice(&piece[..read]);
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break String::from_utf8(bytes.drain(..end + 4).collect()).unwrap();
            }
        };
        let mut lines = head.lines();
        let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let pair =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers: Vec<_> = lines.filter_map(pair).collect();
        let got = Got { path, headers, body: Vec::new() };
        let length: usize = got.header("content-length").parse().unwrap_or(0);
        while bytes.len() < length {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap();
            bytes.extend_from_slice(&piece[..read]);
        }
        self.got.lock().unwrap().push(Got { body: bytes, ..got });
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap_or(OK);
        if status.is_empty() {
            std::future::pending::<()>().await;
        }
        let answer =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    }

    fn channel(&self, kind: Kind) -> Channel {
        let place = format!("127.0.0.1:{}", self.port);
        Channel {
            name: "值班群".to_owned(),
            kind,
            url: Url::parse(&format!("http://{place}/send?key=SECRETKEY")).unwrap(),
            secret: Some("SEC000".to_owned()),
            allow: vec![place],
        }
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn fetcher() -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Fetcher::new(FetchLimits::default(), Outside::default()).unwrap()
}

const NOW: &str = "2026-11-24T06:00:00Z";

fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        number: 1,
        message_id: "<raised-20261124-03-ab.7@guanlan.example>".to_owned(),
        thread: "20261124-03".to_owned(),
        alert: "20261124-03".parse().ok(),
        file: "1124-03.orange".to_owned(),
        recipient: address("值班群"),
        queued: at(NOW),
        message: Message {
            subject: "【橙色·Ⅱ级】数据公布：1 小时 219 帖".to_owned(),
            text: text.to_owned(),
            headers: vec![
                ("X-Guanlan-Level".to_owned(), "orange".to_owned()),
                (LINK_HEADER.to_owned(), "https://guanlan.example/a/20261124-03".to_owned()),
            ],
            ..Message::default()
        },
    }
}

fn room(channel: &Channel) -> Room {
    let mut room = Room::new();
    room.desk.policy.people.insert(channel.name.clone(), vec![address(&channel.name)]);
    room.desk.policy.routing.yellow = vec![channel.name.clone()];
    room.desk.policy.routing.orange = vec![channel.name.clone()];
    room.desk.site.public_url = Some("https://guanlan.example".to_owned());
    room
}

/// Sends what may go now, and says how each stands.
async fn deliver(room: &mut Room, channel: &Channel, fetcher: &Fetcher) -> Vec<MailState> {
    let mut states = Vec::new();
    while let Some(outgoing) = room.desk.next_for(channel, room.now).unwrap() {
        let outcome = send(fetcher, channel, &outgoing, room.now).await;
        states.push(room.desk.record(&outgoing, &outcome, room.now).unwrap());
    }
    states
}

#[tokio::test]
async fn wecom_gets_markdown_with_the_link_and_nothing_that_acts() {
    let platform = Platform::start(&[]).await;
    let channel = platform.channel(Kind::WeCom);
    let text = "1 小时 219 帖\n<@all> [点我](http://evil.example) **粗** # 题";
    assert_eq!(send(&fetcher(), &channel, &outgoing(text), at(NOW)).await, Outcome::Sent);
    let got = platform.got();
    assert_eq!(got[0].path, "/send?key=SECRETKEY");
    assert_eq!(got[0].header("content-type"), "application/json; charset=utf-8");
    let content = "### 【橙色·Ⅱ级】数据公布：1 小时 219 帖\n\
        1 小时 219 帖\n\
        ＜＠all＞ ［点我］(http：／／evil.example) ＊＊粗＊＊ ＃ 题\n\
        [在观澜中打开](https://guanlan.example/a/20261124-03)";
    assert_eq!(got[0].json(), json!({ "msgtype": "markdown", "markdown": { "content": content } }));
}

#[tokio::test]
async fn dingtalk_is_signed_in_the_query() {
    let platform = Platform::start(&[]).await;
    let channel = platform.channel(Kind::DingTalk);
    assert_eq!(send(&fetcher(), &channel, &outgoing("一\n二"), at(NOW)).await, Outcome::Sent);
    let got = &platform.got()[0];
    // python3: base64(hmac(b"SEC000", b"1795500000000\nSEC000", sha256)), then quote_plus.
    let query = "timestamp=1795500000000&sign=9sPmxEbxLG%2BAYKCliIVDkg%2Fi1iIDZNlDpdixGN8WMcs%3D";
    assert_eq!(got.path, format!("/send?key=SECRETKEY&{query}"));
    let title = "【橙色·Ⅱ级】数据公布：1 小时 219 帖";
    let text = format!("### {title}\n\n一\n\n二\n\n[在观澜中打开](https://guanlan.example/a/20261124-03)");
    assert_eq!(got.json(), json!({ "msgtype": "markdown", "markdown": { "title": title, "text": text } }));
}

#[tokio::test]
async fn feishu_is_signed_in_the_body_and_bears_the_levels_colour() {
    let platform = Platform::start(&[("200 OK", r#"{"code":0,"msg":"success"}"#)]).await;
    let channel = platform.channel(Kind::Feishu);
    assert_eq!(send(&fetcher(), &channel, &outgoing("一\n二"), at(NOW)).await, Outcome::Sent);
    let plain = |text: &str| json!({ "tag": "plain_text", "content": text });
    let link = "https://guanlan.example/a/20261124-03";
    let button = json!({ "tag": "button", "text": plain("在观澜中打开"), "type": "primary", "url": link });
    let expected = json!({
        "timestamp": "1795500000",
        "sign": "Ua8pM2Z4zG+piOJDZ2lumr9JQ/aDnKGZXbcQAkg3+QI=",
        "msg_type": "interactive",
        "card": {
            "config": { "wide_screen_mode": true },
            "header": { "title": plain("【橙色·Ⅱ级】数据公布：1 小时 219 帖"), "template": "orange" },
            "elements": [
                { "tag": "div", "text": plain("一\n二") },
                { "tag": "action", "actions": [button] },
                { "tag": "note", "elements": [plain("观澜")] },
            ],
        },
    });
    assert_eq!(platform.got()[0].json(), expected);
}

#[tokio::test]
async fn a_webhook_gets_the_values_signed_under_the_same_id_at_each_try() {
    let platform = Platform::start(&[("500 Internal Server Error", "")]).await;
    let channel = platform.channel(Kind::Webhook);
    let mut room = room(&channel);
    let id = room.next(Some(Level::Yellow))[0];
    let fetcher = fetcher();
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, [MailState::Waiting]);
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, []);
    room.minutes(1);
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, [MailState::Sent]);
    let got = platform.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].body, got[1].body);
    assert_eq!(got[0].header("x-guanlan-id"), got[1].header("x-guanlan-id"));
    assert_ne!(got[0].header("x-guanlan-timestamp"), got[1].header("x-guanlan-timestamp"));
    assert_eq!(got[1].header("x-guanlan-event"), "alert");
    // A program of another make checks the signature.
    let script = "import hashlib, hmac, sys\n\
        body = sys.stdin.buffer.read()\n\
        print(hmac.new(b'SEC000', sys.argv[1].encode() + b'.' + body, hashlib.sha256).hexdigest())";
    let signed = crate::dkim::tests::python(script, &[got[1].header("x-guanlan-timestamp")], &got[1].body);
    assert_eq!(got[1].header("x-guanlan-signature"), format!("sha256={signed}"));
    let value = got[1].json();
    assert_eq!(value["id"], got[1].header("x-guanlan-id"));
    assert_eq!((&value["step"], &value["alert"]["id"]), (&json!("raised"), &json!(id.to_string())));
    assert_eq!((&value["alert"]["level"], &value["concern"]["id"]), (&json!("yellow"), &json!("数据公布")));
    assert_eq!(value["link"], format!("https://guanlan.example/a/{id}"));
    assert!(value["explanation"].is_object() && value["signal"]["observed"].is_object(), "{value}");
    let log = room.desk.deliveries(id).unwrap();
    assert_eq!(
        (log.len(), log[0].channel.as_deref(), log[0].recipient.as_str()),
        (1, Some("值班群"), "值班群")
    );
    let tries: Vec<_> = log[0].attempts.iter().map(|tried| (tried.result, tried.said.as_deref())).collect();
    assert_eq!(tries, [(Tried::Later, Some("HTTP 500")), (Tried::Sent, None)]);
    let mailed =
        room.alert().events.iter().filter(|(_, event)| matches!(event, Event::Mailed { .. })).count();
    assert_eq!(mailed, 1);
}

#[tokio::test]
async fn each_platforms_answer_is_understood() {
    let cases = [
        (Kind::WeCom, "200 OK", r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, "throttled 45009"),
        (Kind::WeCom, "200 OK", r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, "unreachable 93000"),
        (Kind::WeCom, "200 OK", r#"{"errcode":40058,"errmsg":"exceed max length 4096"}"#, "refused 40058"),
        (Kind::DingTalk, "200 OK", r#"{"errcode":310000,"errmsg":"sign not match"}"#, "unreachable 310000"),
        (Kind::DingTalk, "200 OK", r#"{"errcode":130101,"errmsg":"send too fast"}"#, "throttled 130101"),
        (Kind::DingTalk, "200 OK", r#"{"errcode":460101,"errmsg":"message too long"}"#, "refused 460101"),
        (Kind::Feishu, "200 OK", r#"{"code":19021,"msg":"sign match fail"}"#, "unreachable 19021"),
        (Kind::Feishu, "400 Bad Request", r#"{"code":9499,"msg":"Bad Request"}"#, "refused 9499"),
        (Kind::Feishu, "200 OK", r#"{"code":9499,"msg":"too many request"}"#, "throttled 9499"),
        (Kind::Feishu, "200 OK", r#"{"StatusCode":0,"StatusMessage":"success"}"#, "sent"),
        (Kind::Feishu, "200 OK", r#"{"code":11232,"msg":"frequency limited"}"#, "throttled 11232"),
        (Kind::WeCom, "200 OK", "<html>login</html>", "later HTTP 200"),
        (Kind::WeCom, "502 Bad Gateway", "", "later HTTP 502"),
        (Kind::Webhook, "204 No Content", "", "sent"),
        (Kind::Webhook, "422 Unprocessable", "", "refused HTTP 422"),
        (Kind::Webhook, "401 Unauthorized", "", "unreachable HTTP 401"),
        (Kind::Webhook, "429 Too Many Requests", "", "throttled HTTP 429"),
        (Kind::Webhook, "302 Found", "", "unreachable HTTP 302"),
    ];
    let fetcher = fetcher();
    for (kind, status, body, expected) in cases {
        let platform = Platform::start(&[(status, body)]).await;
        let outcome = send(&fetcher, &platform.channel(kind), &outgoing("一"), at(NOW)).await;
        let told = match outcome {
            Outcome::Sent => "sent".to_owned(),
            Outcome::Refused { reply, .. } => format!("refused {reply}"),
            Outcome::Later { reply } => format!("later {reply}"),
            Outcome::Throttled { problem } => format!("throttled {problem}"),
            Outcome::Unreachable { problem } => format!("unreachable {problem}"),
        };
        assert!(told.starts_with(expected), "{kind:?} {status} {body}: {told}");
    }
}

#[tokio::test]
async fn nothing_private_is_asked_unless_it_is_named_and_no_failure_tells_the_key() {
    let platform = Platform::start(&[]).await;
    let mut channel = platform.channel(Kind::WeCom);
    channel.allow.clear();
    let fetcher = fetcher();
    let Outcome::Unreachable { problem } = send(&fetcher, &channel, &outgoing("一"), at(NOW)).await else {
        panic!("it was asked");
    };
    assert!(problem.contains(&format!("allow = [\"127.0.0.1:{}\"]", platform.port)), "{problem}");
    channel.url = Url::parse("http://localhost:1/send?key=SECRETKEY").unwrap();
    let blocked = send(&fetcher, &channel, &outgoing("一"), at(NOW)).await;
    channel.allow = vec!["localhost:1".to_owned()];
    let down = send(&fetcher, &channel, &outgoing("一"), at(NOW)).await;
    assert_eq!(platform.got().len(), 0);
    let said = format!("{problem} {blocked:?} {down:?} {channel:?}");
    assert!(!said.contains("SECRETKEY") && !said.contains("SEC000"), "{said}");
}

#[test]
fn a_long_message_is_cut_at_a_character_and_stays_within_the_platforms_size() {
    let platform = |kind, secret: bool| Channel {
        name: "群".to_owned(),
        kind,
        url: Url::parse("https://chat.example/send").unwrap(),
        secret: secret.then(|| "SEC".to_owned()),
        allow: Vec::new(),
    };
    for text in ["据\"𠮷\"".repeat(20_000), "数据公布了没有\n".repeat(4_000), "a".repeat(30_000)] {
        for kind in [Kind::WeCom, Kind::DingTalk, Kind::Feishu] {
            let payload = payload(&platform(kind, true), &outgoing(&text), at(NOW));
            let value: Value = serde_json::from_slice(&payload.body).unwrap();
            let (size, most) = match kind {
                Kind::WeCom => (value["markdown"]["content"].as_str().unwrap().len(), 4096),
                Kind::DingTalk => (payload.body.len(), 20_000),
                _ => (payload.body.len(), 20 * 1024),
            };
            assert!(size <= most && size > most * 8 / 10, "{kind:?}: {size} of {most}");
            let body = String::from_utf8(payload.body).unwrap();
            assert!(body.contains("……") && body.contains("/a/20261124-03"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn no_more_is_sent_at_once_than_the_platform_takes() {
    for (kind, first, second) in [(Kind::WeCom, 20, 10), (Kind::Feishu, 5, 5)] {
        let platform = Platform::start(&[]).await;
        let channel = platform.channel(kind);
        let mut room = room(&channel);
        let recipient = room.desk.policy.members([channel.name.as_str()].into_iter());
        let message = outgoing("一").message;
        for day in 1..=30 {
            let date = jiff::civil::date(2026, 10, day);
            room.desk
                .queue_digest((crate::issue::Series::Day, date), &message, &recipient, room.now)
                .unwrap();
        }
        let fetcher = fetcher();
        assert_eq!(deliver(&mut room, &channel, &fetcher).await.len(), first, "{kind:?}");
        room.now += jiff::SignedDuration::from_millis(900);
        assert_eq!(deliver(&mut room, &channel, &fetcher).await.len(), 0);
        // The limit is asked of the file: a restart changes nothing.
        room = room.reopen();
        room.now += jiff::SignedDuration::from_secs(if kind == Kind::Feishu { 1 } else { 60 });
        assert_eq!(deliver(&mut room, &channel, &fetcher).await.len(), second, "{kind:?}");
    }
}

#[tokio::test]
async fn a_platform_that_says_too_fast_is_left_alone_and_mail_goes_on() {
    let too_fast = ("200 OK", r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#);
    let platform = Platform::start(&[too_fast]).await;
    let channel = platform.channel(Kind::DingTalk);
    let mut room = room(&channel);
    room.desk.policy.routing.orange.push("值班室".to_owned());
    room.next(Some(Level::Yellow));
    let fetcher = fetcher();
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, [MailState::Waiting]);
    room.minutes(9);
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, []);
    room.minutes(-9);
    // Ten minutes later: the next bucket, and the end of the platform's rest.
    room.next(Some(Level::Orange));
    assert_eq!(room.delivered(), ["1124-01.orange.2 duty@qinglan.example"]);
    assert_eq!(deliver(&mut room, &channel, &fetcher).await, [MailState::Sent, MailState::Sent]);
    let order: Vec<bool> =
        platform.got().iter().map(|got| got.json().to_string().contains("橙色·Ⅱ级")).collect();
    assert_eq!(order, [false, false, true]);
}

#[tokio::test]
async fn what_waits_for_a_channel_that_is_gone_is_given_up() {
    let platform = Platform::start(&[]).await;
    let channel = platform.channel(Kind::WeCom);
    let mut room = room(&channel);
    room.next(Some(Level::Yellow));
    room.desk.give_up_other_channels(std::slice::from_ref(&channel)).unwrap();
    assert_eq!(room.desk.waiting().unwrap(), 1);
    room.desk.give_up_other_channels(&[]).unwrap();
    assert_eq!(room.desk.waiting().unwrap(), 0);
    let unreached = room.desk.unreached(Timestamp::UNIX_EPOCH, Timestamp::MAX).unwrap();
    assert_eq!((unreached[0].expired, unreached[0].recipient.as_str()), (1, "channel:值班群"));
}
