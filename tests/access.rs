//! Who is let in to the pages: accounts, sessions, wrong passwords, roles, other sites' forms.

use crate::health::feed;
use crate::support::{Browser, Installation, Program, Site, code, eventually, form, free_port, said, stdout};

const CLOCK: &str = "2026-11-24T10:00:00+08:00";
const PASSWORD: &str = "停水-复课-返京-弹窗-2026";

/// An installation whose pages ask for a password, with accounts of these names and roles.
fn house(accounts: &[(&str, &str)]) -> (Installation, Browser) {
    let mut house = Installation::new();
    house.ask_for_passwords();
    let port = house.serve();
    for (name, role) in accounts {
        add(&house, name, role);
    }
    (house, Browser::new(port))
}

fn add(house: &Installation, name: &str, role: &str) {
    let secret = house.write("secret", format!("{PASSWORD}\n"));
    let added = house.guanlan(&["user", "add", name, "--role", role, "--password-file", &secret]);
    assert_eq!(code(&added), 0, "{}", said(&added));
}

fn audit(house: &Installation) -> Vec<(String, String, String)> {
    let listed = stdout(&house.guanlan(&["user", "audit", "--json"]));
    let read = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("post"), text("deed"), text("subject"))
    };
    listed.lines().map(read).collect()
}

fn stop(mut program: Program) {
    assert_eq!(program.stop(), Some(0));
    for line in &program.said {
        assert!(!line.contains(PASSWORD) && !line.contains("argon2id$"), "{line}");
    }
}

#[test]
fn whoever_has_an_account_logs_in_and_out_and_nobody_else_reads_anything() {
    let (house, stranger) = house(&[("值班室", "admin")]);
    let program = house.run(CLOCK);
    for path in ["/", "/topics", "/search?q=%E5%81%9C", "/a/20261124-03", "/handover", "/audit", "/nowhere"] {
        let answer = stranger.get(path);
        let back: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!((answer.status, answer.header("location")), (303, Some(&*format!("/login?next={back}"))));
        assert!(!answer.body.contains("青岚市"));
    }
    for path in ["/api/v1/alerts", "/api/v1/record", "/metrics", "/api/v1/nothing"] {
        let answer = stranger.get(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (401, Some("application/problem+json")),
            "{path}"
        );
    }
    for path in ["/login", "/healthz", "/static/guanlan.css"] {
        assert_eq!(stranger.get(path).status, 200, "{path}");
    }
    // A cookie that the browser had before is not what the session is known by.
    let fixed = Browser { port: stranger.port, cookie: format!("guanlan={}", "0".repeat(32)) };
    let known = fixed.known_as("值班室", PASSWORD);
    assert_ne!(known.cookie, fixed.cookie);
    assert_eq!(fixed.get("/topics").status, 303, "the old one opens nothing");
    let before = Browser { port: known.port, cookie: known.cookie.clone() };
    let known = known.known_as("值班室", PASSWORD);
    assert_eq!(before.get("/").status, 303, "a login ends what the browser had before");
    let page = known.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("值班室 <button>退出</button>"), "{}", page.body);
    let left = known.post("/logout", &form(&[("form_token", page.token())]));
    assert_eq!((left.status, left.header("location")), (303, Some("/login")));
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(known.get("/").status, 303, "the session is over, whatever the browser keeps");
    let deeds: Vec<_> = audit(&house).into_iter().map(|(post, deed, _)| format!("{post} {deed}")).collect();
    assert_eq!(deeds, ["本机 user-add", "值班室 login", "值班室 login", "值班室 logout"]);
    stop(program);
    let program = house.run(CLOCK);
    assert_eq!(known.get("/").status, 303, "a restart begins no session again");
    stop(program);
}

#[test]
fn every_answer_tells_the_browser_what_collected_text_must_not_do() {
    let (mut house, stranger) = house(&[("值班室", "duty")]);
    let api = free_port();
    house.add(&format!("[api]\nlisten = \"127.0.0.1:{api}\"\n"));
    let program = house.run(CLOCK);
    let known = stranger.known_as("值班室", PASSWORD);
    let programs = Browser::new(api);
    let answers = [
        known.get("/"),
        known.get("/nowhere"),
        known.get("/a/%FF"),
        known.get("/search.csv?q=x"),
        known.get("/api/v1/alerts"),
        known.post("/logout", ""),
        stranger.get("/"),
        stranger.get("/login"),
        stranger.get("/static/app.js"),
        programs.get("/healthz"),
        programs.get("/api/v1/posts"),
    ];
    for answer in &answers {
        let policy = answer.header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{part}: {}", answer.headers);
        }
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.headers);
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{}", answer.headers);
        let kept = answer.header("cache-control").unwrap_or_default();
        assert!(["no-store", "private, no-cache"].contains(&kept), "{}", answer.headers);
    }
    stop(program);
}

#[test]
fn a_wrong_password_and_a_name_that_nobody_has_are_answered_alike_and_then_have_to_wait() {
    let (house, browser) = house(&[("值班室", "duty")]);
    let program = house.run(CLOCK);
    let hostile = "\"><script>alert(1)</script>\u{202e}";
    let answers = |name: &str, tries: usize| -> Vec<(u16, String)> {
        let answer = |_| {
            let answer = browser.log_in(name, "not the password");
            // The clock goes on between the two.
            let body = answer.body.replace(name, "NAME");
            (answer.status, body.chars().filter(|c| !c.is_ascii_digit()).collect())
        };
        (0..tries).map(answer).collect()
    };
    let (wrong, unknown) = (answers("值班室", 6), answers("宣传部", 6));
    assert_eq!(wrong, unknown);
    let statuses: Vec<u16> = wrong.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    assert!(wrong[5].1.contains("请过  秒再试") && wrong[0].1.contains("账号或密码不对"), "{}", wrong[5].1);
    assert_eq!(browser.log_in("值班室", PASSWORD).status, 429, "the right one waits, too");
    let typed = browser.log_in(hostile, "x");
    assert!(
        typed.status == 401 && !typed.body.contains("<script>alert") && !typed.body.contains('\u{202e}'),
        "{}",
        typed.body
    );

    let unlocked = house.guanlan(&["user", "unlock", "值班室"]);
    assert_eq!(code(&unlocked), 0, "{}", said(&unlocked));
    assert_eq!(browser.known_as("值班室", PASSWORD).get("/").status, 200);
    let lines = audit(&house);
    let of = |post: &str, deed: &str| lines.iter().filter(|(p, d, _)| p == post && d == deed).count();
    assert_eq!((of("值班室", "login-refused"), of("值班室", "locked")), (4, 1), "{lines:?}");
    assert_eq!((of("", "login-refused"), of("", "locked")), (5, 1), "{lines:?}");
    assert!(!format!("{lines:?}").contains("script"), "what was typed is not kept");
    stop(program);
}

#[test]
fn a_role_that_sees_may_not_act_and_no_other_site_acts_for_anybody() {
    let (house, browser) = house(&[("查看", "view"), ("值班室", "duty"), ("管理员", "admin")]);
    let program = house.run(CLOCK);
    let [view, duty, admin] = ["查看", "值班室", "管理员"].map(|name| browser.known_as(name, PASSWORD));
    let token = |browser: &Browser| browser.get("/").token().to_owned();
    let send =
        |browser: &Browser, path: &str| browser.post(path, &form(&[("form_token", &token(browser))])).status;
    let (respond, promote) = ("/a/20261124-03/respond", "/topics/T00000/promote");
    assert_eq!((send(&view, respond), send(&duty, respond)), (403, 404));
    assert_eq!((send(&duty, promote), send(&admin, promote)), (403, 404));
    assert_eq!((duty.get("/audit").status, admin.get("/audit").status), (403, 200));
    assert_eq!((view.get("/concerns/new").status, duty.get("/concerns/new").status), (403, 200));
    let refused = duty.get("/audit?lang=en");
    assert!(refused.body.contains("值班室 may not do that: it takes administration"), "{}", refused.body);
    assert!(view.post(respond, "").body.contains("“查看”的权限不够，这一步需要“值班”"));

    let filled = form(&[("form_token", &token(&duty))]);
    assert_eq!(duty.post_from("http://evil.example", respond, &filled).status, 403);
    assert_eq!(duty.post_from("null", respond, &filled).status, 403);
    assert_eq!(
        duty.post(respond, &form(&[("form_token", &token(&admin))])).status,
        403,
        "another one's token"
    );
    assert_eq!(duty.post(respond, "").status, 403);
    assert_eq!(browser.post_from("http://evil.example", "/login", &form(&[("name", "值班室")])).status, 403);
    // Signed links need no login, and one that is wrong gives nothing.
    assert_eq!(browser.get("/a/20261124-03/claim?k=AAAA").status, 403, "nor whether there is such an alert");
    stop(program);
}

#[test]
fn accounts_change_while_the_program_runs_and_outlive_it() {
    let (house, browser) = house(&[("值班室", "view")]);
    let program = house.run(CLOCK);
    let known = browser.known_as("值班室", PASSWORD);
    let change = |arguments: &[&str]| {
        let changed = house.guanlan(&[&["user"], arguments].concat());
        assert_eq!(code(&changed), 0, "{}", said(&changed));
    };
    change(&["role", "值班室", "admin"]);
    assert_eq!(known.get("/audit").status, 200, "in force at once");
    stop(program);
    let program = house.run(CLOCK);
    assert_eq!(known.get("/").status, 200, "a restart logs nobody out");
    let secret = house.write("other", "另一个很长的密码-2026-冬");
    change(&["password", "值班室", "--password-file", &secret]);
    assert_eq!(known.get("/").status, 303, "another password ends its sessions");
    assert_eq!(browser.log_in("值班室", PASSWORD).status, 401);
    assert_eq!(browser.log_in("值班室", "另一个很长的密码-2026-冬").status, 303);
    change(&["remove", "值班室"]);
    assert_eq!(browser.log_in("值班室", "另一个很长的密码-2026-冬").status, 401);
    stop(program);

    let refused = |arguments: &[&str], why: &str| {
        let output = house.guanlan(&[&["user"], arguments].concat());
        assert!(code(&output) == 2 && said(&output).contains(why), "{}", said(&output));
    };
    let weak = house.write("weak", "123456");
    refused(&["add", "宣传部", "--role", "view", "--password-file", &weak], "12 个字符以上");
    refused(&["remove", "值班室"], "没有账号 值班室；");
    refused(&["add", "a\u{202e}b", "--role", "view", "--no-password"], "账号以岗位命名");
}

#[test]
fn whatever_changes_what_is_heard_and_told_stands_in_the_audit_log() {
    let (mut house, browser) = house(&[("值班室", "duty")]);
    let site = Site::start();
    site.set("/a.xml", feed(0..1));
    house.add_feed("bbs", &site.url("/a.xml"), "10m");
    let program = house.run(CLOCK);
    let done = |house: &Installation, arguments: &[&str]| {
        assert_eq!(code(&house.guanlan(arguments)), 0, "{arguments:?}");
    };
    done(&house, &["source", "pause", "bbs", "--reason", "维护"]);
    done(&house, &["topic", "mute", "娱乐"]);
    let desk = browser.known_as("值班室", PASSWORD);
    let token = desk.get("/search?q=%E5%81%9C%E6%B0%B4").token().to_owned();
    for path in ["/search/save", "/search/forget"] {
        let fields = form(&[("name", "不留下的名称"), ("q", "停水"), ("form_token", &token)]);
        assert_eq!(desk.post(path, &fields).status, 303);
    }
    house.add("[quiet]\nhours = \"22:30-06:30\"\n");
    eventually("the settings", || {
        audit(&house).iter().any(|(_, deed, _)| deed == "configuration").then_some(())
    });
    stop(program);
    // Without a service the commands write the same.
    done(&house, &["source", "resume", "bbs"]);
    done(&house, &["topic", "unmute", "娱乐"]);
    let lines = audit(&house);
    let mut seen: Vec<_> = lines.iter().map(|(post, deed, of)| format!("{post} {deed} {of}")).collect();
    let version = lines.iter().find(|(_, deed, _)| deed == "configuration").unwrap().2.clone();
    assert_eq!(version.len(), 8);
    seen.retain(|line| !line.contains("user-add") && !line.contains(" login "));
    assert_eq!(
        seen,
        [
            "本机 source-pause bbs",
            "本机 topics-mute 娱乐",
            "值班室 search-save ",
            "值班室 search-forget ",
            &format!("本机 configuration {version}"),
            "本机 source-resume bbs",
            "本机 topics-unmute 娱乐",
        ]
    );
}

#[test]
fn programs_show_a_token_that_is_good_for_what_it_says_until_it_ends() {
    let (house, browser) = house(&[]);
    let program = house.run(CLOCK);
    let token = |name: &str, scope: &str| {
        let made = house.guanlan(&["user", "token", name, "--scope", scope]);
        assert_eq!(code(&made), 0, "{}", said(&made));
        stdout(&made).trim().to_owned()
    };
    let (metrics, read, act) = (token("prometheus", "metrics"), token("大屏", "read"), token("oa", "act"));
    let send = |request: &str, token: &str| {
        browser.send(
            &format!("{request} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"),
            "",
        )
    };
    let get = |path: &str, token: &str| send(&format!("GET {path}"), token).status;
    assert_eq!([&metrics, &read, &act].map(|token| get("/metrics", token)), [200; 3]);
    let documents = [&metrics, &read, &act].map(|token| get("/api/openapi.json", token));
    assert_eq!(documents, [403, 200, 200], "whoever may call may read what can be called");
    let alerts = [&metrics, &read, &act].map(|token| get("/api/v1/alerts", token));
    assert_eq!(alerts, [403, 200, 200]);
    let claim = |token: &str| send("POST /api/v1/alerts/20261124-03/claim", token).status;
    assert_eq!((claim(&metrics), claim(&read)), (403, 403));
    assert!(![401, 403].contains(&claim(&act)), "it may, were there such an alert");
    for wrong in ["", "0", &"0".repeat(32), &read[1..]] {
        let answer = send("GET /api/v1/alerts", wrong);
        assert!(answer.status == 401 && answer.header("www-authenticate").is_some(), "{wrong}");
    }
    assert_eq!(get("/", &read), 401, "a token opens no page");
    let listed = stdout(&house.guanlan(&["user", "tokens", "--json"]));
    assert!(listed.contains("prometheus") && !listed.contains(&read), "{listed}");
    assert_eq!(code(&house.guanlan(&["user", "revoke", "大屏"])), 0);
    assert_eq!(get("/api/v1/alerts", &read), 401, "at once");
    // A loop that asks without end waits, and nobody else does.
    let other = token("大屏", "read");
    let busy = (0..1000).map(|_| send("GET /api/v1/record", &act)).find(|answer| answer.status == 429);
    let busy = busy.expect("more than its share");
    assert!(busy.header("retry-after").is_some() && busy.body.contains("/api#too-many"), "{}", busy.body);
    assert_eq!(get("/api/v1/alerts", &other), 200);
    stop(program);
    // A year is over.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365 + 1);
    let program = house.run(&later.to_string());
    assert_eq!((get("/metrics", &metrics), get("/api/v1/alerts", &act)), (401, 401));
    stop(program);
}
