//! Login at the office's own provider: a real one, run by node beside the program, that is made to misbehave.

use url::Url;

use crate::support::{
    Answered, Authority, BACK, Browser, Installation, Person, Provider, SECRET, code, eventually, form,
    free_port, said, stdout,
};

/// An installation whose people log in at a provider of that port; `more` stands in `[web.oidc]`.
fn house(provider: u16, more: &str) -> (Installation, u16) {
    house_of(&format!("http://127.0.0.1:{provider}"), more)
}

fn house_of(issuer: &str, more: &str) -> (Installation, u16) {
    let mut house = Installation::new();
    house.know_by("oidc");
    let pages = house.serve();
    let secret = house.write("oidc.secret", format!("{SECRET}\n"));
    house.configure_web(&format!("public_url = \"http://127.0.0.1:{pages}\"\n"));
    house.add(&format!(
        "[web.oidc]\nissuer = \"{issuer}\"\nclient_id = \"guanlan\"\n\
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
    let asked = provider.asked();
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
    assert_eq!((asked, provider.asked()), (2, 2), "of strangers the provider hears nothing");

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
    // Once more in the same browser: the session before is over, and the provider asks for nothing again.
    let earlier = desk.clone();
    let (back, _) = desk.open(&format!("http://127.0.0.1:{pages}/login/oidc"));
    assert_eq!(back.path(), BACK, "the provider remembers");
    assert_eq!(desk.step(back.as_str(), None).1.status, 303);
    assert_eq!((earlier.clone().get(pages, "/").status, desk.get(pages, "/").status), (303, 200));
    let page = desk.get(pages, "/");
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
    let (_, asks) = desk.step(&onward, None);
    assert_eq!(asks.status, 200, "the provider asks whether to log out");
    assert_eq!(desk.get(pages, "/").status, 303);
    let xsrf = asks.body.split("name=\"xsrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let yes = form(&[("xsrf", xsrf.unwrap()), ("logout", "yes")]);
    let (_, gone) = desk.step(&format!("http://127.0.0.1:{port}/session/end/confirm"), Some(&yes));
    assert_eq!(gone.header("location"), Some(&*format!("http://127.0.0.1:{pages}/login")));
    let (asks, _) = desk.open(&format!("http://127.0.0.1:{pages}/login/oidc"));
    assert_eq!(asks.port(), Some(port), "who comes next is asked who it is: {asks}");

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
fn strangers_take_no_more_of_the_provider_and_of_the_log_than_their_share() {
    let port = free_port();
    let (mut house, pages) = house(port, "");
    house.configure_web("gateways = [\"127.0.0.1\"]\n");
    let provider = Provider::start(port, pages);
    let mut program = house.run(&now());
    let begun = Browser::new(pages).get("/login/oidc");
    let way = Url::parse(begun.header("location").unwrap()).unwrap();
    let state = way.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let stranger = Browser { port: pages, cookie: begun.cookie() };
    let came = |from: &str| {
        let head = format!("GET {BACK}?code=made-up&state={state} HTTP/1.1\r\nX-Forwarded-For: {from}");
        stranger.send(&head, "").status
    };
    for network in 1..=4 {
        // On a slow machine some of the time to wait is over meanwhile.
        let asked = (0..60).take_while(|_| came(&format!("203.0.113.{network}")) == 401).count();
        assert!((20..40).contains(&asked), "{asked}");
    }
    assert!(provider.asked() >= 80, "{}", provider.asked());
    assert_eq!(Person::default().log_in(pages, "值班室").status, 303, "others go on");
    assert_eq!(program.stop(), Some(0));
    let told = program.said.iter().filter(|line| line.contains("came to nothing")).count();
    assert_eq!(told, 60, "in an hour");
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
    provider.make("another-user");
    says(&Person::default().log_in(pages, "宣传部"), 401, "凭证不可信");
    program.wait_for("the answer about the user");
    provider.make("right");
    assert_eq!(program.stop(), Some(0));
    // Nor does every one know of posts: a group may be one.
    let added = house.guanlan(&["user", "add", "信息中心", "--role", "view", "--no-password"]);
    assert_eq!(code(&added), 0, "{}", said(&added));
    house.add("claim = \"groups\"\n");
    let mut program = house.run(&now());
    let mut one_of_them = Person::default();
    assert_eq!(one_of_them.log_in(pages, "李四").status, 303);
    says(&one_of_them.get(pages, "/"), 200, "信息中心 <button>退出</button>");
    assert_eq!(asked.get(pages, "/").status, 303, "its name came from another claim");
    assert_eq!(program.stop(), Some(0));
    let mut program = house.run(&now());
    assert_eq!(one_of_them.get(pages, "/audit").status, 200, "a restart takes no role away");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn nobody_has_more_than_the_groups_of_the_file_give_now() {
    let port = free_port();
    let (mut house, pages) = house(port, "view = [\"全体\"]\nadmin = [\"信息中心\"]\n");
    let _provider = Provider::start(port, pages);
    let mut program = house.run(&now());
    let log_in = || {
        let mut person = Person::default();
        assert_eq!(person.log_in(pages, "宣传部").status, 303);
        person
    };
    let mut before = log_in();
    assert_eq!(before.get(pages, "/audit").status, 200);
    house.change("admin = [\"信息中心\"]", "admin = []");
    eventually("its session is over", || (before.get(pages, "/").status == 303).then_some(()));
    let mut person = log_in();
    assert_eq!((person.get(pages, "/").status, person.get(pages, "/audit").status), (200, 403));
    assert!(!person.get(pages, "/settings").body.contains("重启"), "nothing waits for a restart");
    // What does not decide who may what ends nobody's session.
    house.change("view = [\"全体\"]", "view = [\"全体\"]\nscopes = [\"profile\", \"email\"]");
    eventually("the settings", || person.get(pages, "/settings").body.contains("email").then_some(()));
    assert_eq!(person.get(pages, "/").status, 200);
    assert_eq!(program.stop(), Some(0));

    // While the program stands still as well; and what gave a password or a provider does not outlive it.
    house.change("view = [\"全体\"]", "duty = [\"全体\"]");
    let mut program = house.run(&now());
    assert_eq!(person.get(pages, "/").status, 303);
    let mut person = log_in();
    assert_eq!(program.stop(), Some(0));
    house.change("login = \"oidc\"", "login = \"password\"");
    let mut program = house.run(&now());
    assert_eq!(person.get(pages, "/").status, 303);
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_provider_of_an_office_is_believed_by_the_offices_authority_alone() {
    let port = free_port();
    let (mut house, pages) = house_of(&format!("https://127.0.0.1:{port}"), "");
    let (office, other) = (Authority::new("office"), Authority::new("other"));
    let (cert, key) = office.certificate("127.0.0.1");
    let cert = house.write("sso.crt", cert);
    let key = house.write("sso.key", key);
    let trusted = house.write("office.pem", &office.pem);
    let wrong = house.write("other.pem", &other.pem);
    let _provider = Provider::start_tls(port, pages, &cert, &key);
    let mut program = house.run(&now());
    let mut desk = Person::who_trusts(trusted.clone().into());
    let refused = |house: &Installation, desk: &mut Person| {
        says(&desk.get(pages, "/login/oidc"), 503, "统一登录现在打不开");
        let doctor = stdout(&house.guanlan(&["doctor"]));
        for text in ["✗ 统一登录", "证书不被认可", "[web.oidc] ca_file", "UnknownIssuer"] {
            assert!(doctor.contains(text), "{text}: {doctor}");
        }
    };
    refused(&house, &mut desk);
    program.wait_for("invalid peer certificate: UnknownIssuer");
    house.change("[web.oidc]\n", &format!("[web.oidc]\nca_file = \"{wrong}\"\n"));
    program.wait_for("a changed configuration is taken over");
    refused(&house, &mut desk);

    house.change(&wrong, &trusted);
    program.wait_for("a changed configuration is taken over");
    let doctor = stdout(&house.guanlan(&["doctor"]));
    assert!(doctor.contains("✓ 统一登录"), "{doctor}");
    eventually("the new authority", || (desk.get(pages, "/login/oidc").status == 303).then_some(()));
    assert_eq!(desk.log_in(pages, "值班室").status, 303, "discovery, keys and code by TLS");
    says(&desk.get(pages, "/"), 200, "值班室 <button>退出</button>");
    assert_eq!(program.stop(), Some(0));
}
