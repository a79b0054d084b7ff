//! Login at the office's own provider: a real one, run by node beside the program, that is made to misbehave.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use url::Url;

use crate::support::{Answered, Browser, Installation, code, eventually, form, free_port, said, stdout};

const SECRET: &str = "a-secret-of-the-tests-that-is-long-enough";
const BACK: &str = "/login/oidc/callback";

/// A provider of OpenID Connect.
struct Provider {
    child: Child,
    port: u16,
    /// Node ends when nobody listens to what it says.
    _said: BufReader<ChildStdout>,
}

impl Provider {
    fn start(port: u16, pages: u16) -> Provider {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        let mut child = Command::new("node")
            .arg("server.mjs")
            .args([port.to_string(), format!("http://127.0.0.1:{pages}")])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs: .ci/test sets it up");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the provider did not start: npm ci --prefix tests/oidc");
        Provider { child, port, _said: said }
    }

    /// From now on it does that.
    fn make(&self, what: &str) {
        let done = Browser::new(self.port).send(&format!("POST /control/{what} HTTP/1.1"), "");
        assert_eq!(done.body, "done");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // A failed test must not leave it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody with a browser that follows redirects and keeps the cookies of each place.
#[derive(Clone, Default)]
struct Person {
    jars: HashMap<u16, BTreeMap<String, String>>,
}

impl Person {
    /// Opens an address; where that led to, and what is shown there. The way back to the pages is not gone.
    fn open(&mut self, address: &str) -> (Url, Answered) {
        let (mut url, mut answer) = self.step(address, None);
        for _ in 0..12 {
            let Some(onward) = answer.header("location") else { break };
            let onward = url.join(onward).unwrap();
            if onward.path() == BACK {
                return (onward, answer);
            }
            (url, answer) = self.step(onward.as_str(), None);
        }
        (url, answer)
    }

    /// One request; cookies are kept.
    fn step(&mut self, address: &str, filled: Option<&str>) -> (Url, Answered) {
        let url = Url::parse(address).unwrap();
        let port = url.port().unwrap();
        let jar = self.jars.entry(port).or_default();
        let cookie = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let browser = Browser { port, cookie };
        let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let answer = match filled {
            Some(filled) => browser.post(&path, filled),
            None => browser.get(&path),
        };
        for line in answer.headers.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let (name, rest) = value.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match value.is_empty() || rest.contains("Max-Age=0") || rest.contains("1970") {
                true => drop(jar.remove(name)),
                false => drop(jar.insert(name.to_owned(), value.to_owned())),
            }
        }
        (url, answer)
    }

    /// Logs in at the provider's own pages; the way back.
    fn way_back(&mut self, pages: u16, who: &str, next: &str) -> Url {
        let start = format!("http://127.0.0.1:{pages}/login/oidc?{}", form(&[("next", next)]));
        let (mut url, mut page) = self.open(&start);
        let login = format!("sub-{who}");
        for filled in [
            form(&[("prompt", "login"), ("login", &login), ("password", "any")]),
            form(&[("prompt", "consent")]),
        ] {
            if url.path() == BACK {
                break;
            }
            let action = page.body.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
            let action = url.join(action.unwrap_or_else(|| panic!("{url}: {}", page.body))).unwrap();
            let (at, answer) = self.step(action.as_str(), Some(&filled));
            let onward = at.join(answer.header("location").expect("onward")).unwrap();
            (url, page) = self.open(onward.as_str());
        }
        assert_eq!(url.path(), BACK, "{}", page.body);
        url
    }

    /// The whole way.
    fn log_in(&mut self, pages: u16, who: &str) -> Answered {
        let back = self.way_back(pages, who, "/topics");
        self.step(back.as_str(), None).1
    }

    fn get(&mut self, pages: u16, path: &str) -> Answered {
        self.step(&format!("http://127.0.0.1:{pages}{path}"), None).1
    }
}

/// An installation whose people log in at a provider of that port; `more` stands in `[web.oidc]`.
fn house(provider: u16, more: &str) -> (Installation, u16) {
    let mut house = Installation::new();
    house.know_by("oidc");
    let pages = house.serve();
    let secret = house.write("oidc.secret", format!("{SECRET}\n"));
    house.configure_web(&format!("public_url = \"http://127.0.0.1:{pages}\"\n"));
    house.add(&format!(
        "[web.oidc]\nissuer = \"http://127.0.0.1:{provider}\"\nclient_id = \"guanlan\"\n\
         client_secret_file = \"{secret}\"\n{more}"
    ));
    for (name, role) in [("值班室", "duty"), ("宣传部", "view")] {
        let added = house.guanlan(&["user", "add", name, "--role", role, "--no-password"]);
        assert_eq!(code(&added), 0, "{}", said(&added));
    }
    (house, pages)
}

/// Tokens are made by the real clock.
fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn says(answer: &Answered, status: u16, text: &str) {
    assert!(
        answer.status == status && answer.body.contains(text),
        "{text}: {} {}",
        answer.status,
        answer.body
    );
}

#[test]
fn people_log_in_and_out_at_the_provider_and_only_with_an_account() {
    let port = free_port();
    let (house, pages) = house(port, "");
    let provider = Provider::start(port, pages);
    let mut program = house.run(&now());
    let mut desk = Person::default();

    let page = desk.get(pages, "/topics");
    assert_eq!((page.status, page.header("location")), (303, Some("/login?next=%2Ftopics")));
    let page = desk.get(pages, "/login?next=/topics");
    says(&page, 200, "<a class=\"button\" href=\"/login/oidc?next=%2Ftopics\">统一登录</a>");
    assert!(!page.body.contains("type=\"password\""));
    let way = desk.get(pages, "/login/oidc?next=/topics");
    let way = way.header("location").unwrap().to_owned();
    for part in
        ["response_type=code", "scope=openid+profile", "code_challenge_method=S256", "state=", "nonce="]
    {
        assert!(way.contains(part), "{way}");
    }
    assert!(!way.contains(SECRET));

    let before = desk.clone();
    let back = desk.way_back(pages, "值班室", "/topics?x=1");
    let (_, entered) = desk.clone().step(back.as_str(), None);
    assert_eq!((entered.status, entered.header("location")), (303, Some("/topics?x=1")), "{}", entered.body);
    // The same code once more, by whoever kept the cookie; a browser that began nothing; another state.
    says(&desk.step(back.as_str(), None).1, 401, "没有认可这次登录");
    says(&before.clone().step(back.as_str(), None).1, 400, "不是在这个浏览器里开始的");
    says(&Person::default().step(back.as_str(), None).1, 400, "不是在这个浏览器里开始的");
    let mut desk = Person::default();
    let back = desk.way_back(pages, "值班室", "/topics");
    let forged = back.as_str().replacen("state=", "state=0", 1);
    says(&desk.clone().step(&forged, None).1, 400, "不是在这个浏览器里开始的");
    let denied =
        format!("http://127.0.0.1:{pages}{BACK}?error=access_denied&error_description=%3Cscript%3E&");
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let (_, cancelled) = desk.clone().step(&format!("{denied}state={state}"), None);
    says(&cancelled, 401, "没有在统一登录完成登录");
    assert!(!cancelled.body.contains("<script>"));
    let mut elsewhere = back.clone();
    let pairs: Vec<_> = back.query_pairs().into_owned().filter(|(name, _)| name != "iss").collect();
    elsewhere.query_pairs_mut().clear().extend_pairs(pairs).append_pair("iss", "http://127.0.0.1:1");
    says(&desk.clone().step(elsewhere.as_str(), None).1, 401, "凭证不可信");

    let mut desk = Person::default();
    let entered = desk.log_in(pages, "值班室");
    assert!(
        entered.headers.contains("guanlan-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
        "{}",
        entered.headers
    );
    let page = desk.get(pages, "/");
    says(&page, 200, "值班室 <button>退出</button>");
    assert_eq!(desk.get(pages, "/audit").status, 403, "the account's own role: duty");
    let mut evil = Person::default();
    let back = evil.way_back(pages, "值班室", "//evil.example");
    assert_eq!(evil.step(back.as_str(), None).1.header("location"), Some("/"));
    says(
        &Person::default().log_in(pages, "张三"),
        403,
        "guanlan user add &#39;张三&#39; --role view --no-password",
    );
    let filled = form(&[("name", "值班室"), ("password", "")]);
    let (_, typed) = desk.clone().step(&format!("http://127.0.0.1:{pages}/login"), Some(&filled));
    says(&typed, 403, "这里不用密码登录");

    let token = form(&[("form_token", page.token())]);
    let (_, left) = desk.step(&format!("http://127.0.0.1:{pages}/logout"), Some(&token));
    assert_eq!((left.status, left.header("location")), (303, Some("/login/oidc/left")));
    let left = desk.get(pages, "/login/oidc/left");
    let onward =
        left.header("refresh").and_then(|refresh| refresh.strip_prefix("0; url=")).unwrap().to_owned();
    assert!(onward.starts_with(&format!("http://127.0.0.1:{port}/session/end?")), "{onward}");
    assert_eq!(desk.step(&onward, None).1.status, 200, "the provider asks whether to log out");
    assert_eq!(desk.get(pages, "/").status, 303);

    let audit = stdout(&house.guanlan(&["user", "audit", "--json"]));
    assert!(audit.contains("\"login\"") && audit.contains("\"login-refused\""), "{audit}");
    assert_eq!(program.stop(), Some(0));
    drop(provider);
    let kept = house.guanlan(&["check"]);
    let database = std::fs::read(house.data().join("alerts.db")).unwrap();
    let texts =
        [audit, program.said.join("\n"), stdout(&kept), String::from_utf8_lossy(&database).into_owned()];
    for private in ["zhangsan", "张三", "sub-", SECRET] {
        assert!(texts.iter().all(|text| !text.contains(private)), "{private}");
    }
}

#[test]
fn a_token_that_is_not_to_be_believed_lets_nobody_in() {
    let port = free_port();
    let (house, pages) = house(port, "");
    let provider = Provider::start(port, pages);
    let mut program = house.run(&now());
    for (wrong, why) in [
        ("nonce", "belongs to another login"),
        ("audience", "for somebody else"),
        ("audiences", "for somebody else"),
        ("issuer", "another issuer"),
        ("expired", "has expired"),
        ("changed", "signature is wrong"),
        ("none", "not signed"),
        ("secret", "signature is wrong"),
        ("rotated-alone", "signature is wrong"),
    ] {
        provider.make(wrong);
        let mut person = Person::default();
        says(&person.log_in(pages, "值班室"), 401, "凭证不可信");
        assert_eq!(person.get(pages, "/").status, 303, "{wrong}");
        program.wait_for(why);
    }
    provider.make("right");
    let mut person = Person::default();
    let back = person.way_back(pages, "值班室", "/");
    provider.make("rotate");
    let (_, entered) = person.step(back.as_str(), None);
    assert_eq!(entered.status, 303, "its keys changed after it was asked for them: {}", entered.body);
    assert_eq!(Person::default().log_in(pages, "值班室").status, 303);
    assert_eq!(program.stop(), Some(0));

    // A clock that is a day ahead: what the provider gives has ended before it comes.
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let mut program = house.run(&tomorrow.to_string());
    says(&Person::default().log_in(pages, "值班室"), 401, "凭证不可信");
    program.wait_for("has expired");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn groups_give_roles_and_a_provider_that_is_down_is_said() {
    let port = free_port();
    let (mut house, pages) = house(port, "view = [\"全体\"]\nadmin = [\"信息中心\"]\n");
    let mut program = house.run(&now());
    let said_down = |person: &mut Person| {
        says(&person.get(pages, "/login/oidc"), 503, "统一登录现在打不开");
        let stale = person.get(pages, &format!("{BACK}?code=x&state=y"));
        says(&stale, 400, "请重新登录");
    };
    said_down(&mut Person::default());
    program.wait_for("a login at the provider came to nothing");
    let doctor = stdout(&house.guanlan(&["doctor"]));
    assert!(doctor.contains("✗ 统一登录") && doctor.contains("谁也登录不了"), "{doctor}");

    let provider = Provider::start(port, pages);
    let doctor = stdout(&house.guanlan(&["doctor"]));
    assert!(doctor.contains("✓ 统一登录"), "{doctor}");
    eventually("the provider is asked again", || {
        (Person::default().get(pages, "/login/oidc").status == 303).then_some(())
    });
    let mut admin = Person::default();
    assert_eq!(admin.log_in(pages, "宣传部").status, 303);
    assert_eq!(admin.get(pages, "/audit").status, 200, "the highest of its groups, whatever the account has");
    says(&Person::default().log_in(pages, "值班室"), 403, "不在可以使用观澜的用户组里");
    // Not every provider puts all it knows into the token.
    provider.make("userinfo");
    let mut asked = Person::default();
    assert_eq!(asked.log_in(pages, "宣传部").status, 303);
    assert_eq!(asked.get(pages, "/audit").status, 200);
    assert_eq!(program.stop(), Some(0));
    // Nor does every one know of posts: a group may be one.
    let added = house.guanlan(&["user", "add", "信息中心", "--role", "view", "--no-password"]);
    assert_eq!(code(&added), 0, "{}", said(&added));
    house.add("claim = \"groups\"\n");
    let mut program = house.run(&now());
    let mut one_of_them = Person::default();
    assert_eq!(one_of_them.log_in(pages, "李四").status, 303);
    says(&one_of_them.get(pages, "/"), 200, "信息中心 <button>退出</button>");
    assert_eq!(program.stop(), Some(0));
    let mut program = house.run(&now());
    assert_eq!(asked.get(pages, "/audit").status, 200, "a restart takes no role away");
    assert_eq!(program.stop(), Some(0));
}
