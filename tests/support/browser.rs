//! The browser's side of the whole-program tests: node drives Chromium through the pages of programs that it starts.
//! All journeys share one browser; it ends with the test binary, which holds its input open.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};

use super::program::{code, guanlan, said};

/// Where the demonstration ends; time hardly passes, so that no page changes by itself.
const CLOCK: &str = "2026-11-24T14:20:00+08:00x0.01";
const POST: &str = "值班室";
const PASSWORD: &str = "停水-复课-返京-弹窗-2026";
/// The demonstration's own configuration.
const TOWN: &str = include_str!("../../src/scenario/data/qinglan/guanlan.toml");
const CONCERNS: &str = include_str!("../../src/scenario/data/qinglan/concerns.toml");

/// Which is no secret (src/cli/demo.rs).
const DEMO_KEY: &[u8; 32] = b"guanlan demo: this is no secret.";

/// Texts that want to be more than text: a script, a handler, marks of direction, combining marks, a formula, escapes.
const ODD: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "\u{202e}\u{2067}gnilaes",
    "z\u{335}\u{321}\u{349}\u{335}\u{321}\u{349}\u{335}\u{321}\u{349}\u{335}\u{321}\u{349}algo",
    "=cmd|' /C calc'!A0",
    "\u{1b}[31mred\u{1b}[0m\u{7}",
];

/// Where nobody answers: the page with the way there comes without asking.
const SINGLE_SIGN_ON: &str = "login = \"oidc\"\npublic_url = \"http://127.0.0.1:9\"\n\
    [web.oidc]\nissuer = \"http://127.0.0.1:9\"\nclient_id = \"guanlan\"";

/// Journeys that are being walked, with whoever waits for each.
type Waiting = Arc<Mutex<HashMap<String, Sender<Option<String>>>>>;

pub(crate) struct Harness {
    orders: Mutex<ChildStdin>,
    waiting: Waiting,
}

impl Harness {
    /// The one of this test binary.
    pub(crate) fn shared() -> &'static Harness {
        static SHARED: OnceLock<Harness> = OnceLock::new();
        SHARED.get_or_init(Harness::start)
    }

    /// Walks a journey; what went wrong, if anything did.
    pub(crate) fn walk(&self, journey: &str) -> Option<String> {
        let (send, told) = channel();
        self.waiting.lock().unwrap().insert(journey.to_owned(), send);
        writeln!(self.orders.lock().unwrap(), "{journey}").expect("node listens");
        told.recv().expect("node tells how it went: see what it said above")
    }

    fn start() -> Harness {
        let folder = tempfile::tempdir().unwrap().keep();
        let (town, odd_one) = (folder.join("town"), folder.join("odd"));
        demonstrate(&town);
        copy(&town.join("data"), &odd_one.join("data"));
        // The buttons of the demonstration's mails are signed with its key.
        std::fs::write(odd_one.join("data/key"), DEMO_KEY).unwrap();
        let mut odd = odd(&odd_one);
        odd["claims"] = claims(&town.join("outbox")).into();
        let houses = json!({
            "town": house(&town, TOWN, CONCERNS), "odd": odd,
            "fresh": new_one(&folder.join("fresh"), "login = \"none\""),
            "door": new_one(&folder.join("door"), SINGLE_SIGN_ON),
        });
        let begin = json!({ "folder": folder, "houses": houses });
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        assert!(here.join("node_modules").exists(), "the browser tests are not set up: run .ci/test once");
        let mut node = Command::new("node")
            .arg(here.join("run.mjs"))
            .arg(begin.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts: run .ci/test once");
        let orders = Mutex::new(node.stdin.take().unwrap());
        let answers = BufReader::new(node.stdout.take().unwrap());
        let waiting = Waiting::default();
        let known = waiting.clone();
        std::thread::spawn(move || {
            for line in answers.lines().map_while(Result::ok) {
                let told: Value = serde_json::from_str(&line).expect("a line of JSON");
                let journey = told["journey"].as_str().unwrap();
                let waits = known.lock().unwrap().remove(journey).expect("somebody waits for it");
                eprintln!("{journey}: {:.1} s", told["seconds"].as_f64().unwrap());
                // A test that no longer waits has failed already.
                let _ = waits.send(told["failure"].as_str().map(str::to_owned));
            }
            // It ended before its time: nobody waits in vain.
            let ended = node.wait();
            eprintln!("node ended: {ended:?}");
            known.lock().unwrap().clear();
        });
        Harness { orders, waiting }
    }
}

/// 青岚市 as the demonstration leaves it.
fn demonstrate(path: &Path) {
    let demo = guanlan(&["demo", "--no-serve", "--json", "--dir", &path.display().to_string()]);
    assert_eq!(code(&demo), 0, "{}", said(&demo));
}

/// The addresses behind the buttons of its mails, one of each alert.
fn claims(outbox: &Path) -> Vec<String> {
    let mails = std::fs::read_dir(outbox).unwrap().map(|entry| entry.unwrap().path());
    let mut mails: Vec<PathBuf> =
        mails.filter(|path| path.extension().is_some_and(|it| it == "html")).collect();
    mails.sort();
    let texts = mails.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let link = |text: String| {
        let mut links = text.split("http://127.0.0.1:8417").filter_map(|rest| rest.split('"').next());
        Some(links.find(|link| link.contains("/claim?k="))?.to_owned())
    };
    let mut links: Vec<String> = texts.filter_map(link).collect();
    links.dedup_by_key(|link| link.split('/').nth(2).map(str::to_owned));
    assert!(links.len() >= 2, "{links:?}");
    links
}

/// An installation of this moment: one concern, no source, nobody has an account.
fn new_one(path: &Path, web: &str) -> Value {
    std::fs::create_dir_all(path).unwrap();
    let port = super::free_port();
    let config = path.join("guanlan.toml");
    let administrator = format!(
        "[site]\norg = \"青岚市\"\ndata_dir = \"{}/data\"\n[web]\nlisten = \"127.0.0.1:{port}\"\n{web}\n\
         [people]\n\"管理员\" = [\"admin@qinglan.example\"]\n\"值班室\" = [\"duty@qinglan.example\"]\n\
         [routing]\nblue = [\"值班室\"]\nyellow = [\"值班室\"]\norange = [\"值班室\"]\nred = [\"值班室\"]\n\
         [digest]\nto = [\"值班室\"]\n",
        path.display()
    );
    std::fs::write(&config, administrator).unwrap();
    let clerk = "[[concern]]\nid = \"water\"\nname = \"供水\"\nwords = [\"停水\"]\n";
    std::fs::write(path.join("concerns.toml"), clerk).unwrap();
    let program = env!("CARGO_BIN_EXE_guanlan");
    json!({
        "command": [program, "--config", config.display().to_string(), "run", "--clock", CLOCK],
        "url": format!("http://127.0.0.1:{port}"),
    })
}

/// The same town, in which texts want to be more than texts: in posts, and in the names of concerns, sources and
/// groups, which may have 40 characters.
fn odd(path: &Path) -> Value {
    let line = |key: &str, text: &str| format!("{key} = {}", Value::from(text));
    let long = "长".repeat(40);
    let mut texts = ODD.iter().copied().chain([long.as_str()]).cycle();
    let mut odd = || texts.next().unwrap_or_default();
    let mut administrator = TOWN.replace(&line("group", "新闻"), &line("group", ODD[1]));
    for (number, name) in [
        "青岚论坛",
        "青岚日报",
        "青岚晚报",
        "青岚发布",
        "市长信箱公开留言",
        "县区网站留言板",
        "微博（本地话题）",
    ]
    .iter()
    .enumerate()
    {
        // Two sources must not have one name, nor may it be a group's.
        let text = format!("{}{number}", odd().chars().take(39).collect::<String>());
        administrator = administrator.replace(&line("name", name), &line("name", &text));
    }
    let mut clerk = CONCERNS.to_owned();
    for id in ["数据公布", "返岚人员政策", "供水水质", "学校复课", "门诊报销", "物价保供", "公交线路调整"]
    {
        let named = format!("{}\n{}", line("id", id), line("name", odd()));
        clerk = clerk.replace(&line("name", id), &named);
    }
    let house = house(path, &administrator, &clerk);
    let posts = path.join("odd.jsonl");
    std::fs::write(&posts, odd_posts()).unwrap();
    let config = path.join("guanlan.toml").display().to_string();
    let import = guanlan(&["--config", &config, "import", &posts.display().to_string()]);
    assert_eq!(code(&import), 0, "{}", said(&import));
    house
}

/// What people and offices wrote in the last twenty minutes.
fn odd_posts() -> String {
    let long = "W".repeat(10_000);
    let texts = ODD.iter().copied().chain([long.as_str()]).enumerate();
    let sources = [("weibo-local", "individual"), ("qinglan-daily", "media"), ("qinglan-gov", "gov")];
    let post = |(number, text): (usize, &str), (source, publisher): (&str, &str)| {
        let post = json!({
            "id": format!("odd-{number}"), "source": source, "publisher": publisher,
            "url": format!("https://www.qinglan.example/{source}/{number}?\"><script>alert(5)</script>"),
            "time": format!("2026-11-24T14:0{number}:30+08:00"),
            "title": format!("{text} 监测数据什么时候公布"),
            "text": format!("{text} 监测数据 什么时候 公布，公告如下 {text}"),
        });
        format!("{post}\n")
    };
    texts.flat_map(|text| sources.map(|source| post(text, source))).collect()
}

/// Copies the files of a folder and of the folders in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = std::fs::copy(entry.path(), target).unwrap(),
        }
    }
}

/// A folder with posts, alerts and digests in `data`, configured and with an account: how its program is started and
/// entered.
fn house(path: &Path, administrator: &str, clerk: &str) -> Value {
    let port = super::free_port();
    let place = path.display();
    let administrator = administrator
        .replace("[site]", &format!("[site]\ndata_dir = \"{place}/data\""))
        .replace("/var/spool/guanlan", &format!("{place}/spool"))
        .replace("login = \"none\"", "login = \"password\"")
        .replace("127.0.0.1:8417", &format!("127.0.0.1:{port}"));
    for line in administrator.lines().filter(|line| line.starts_with("path = ")) {
        let posts = line.trim_start_matches("path = ").trim_matches('"').replace('*', "posts");
        std::fs::create_dir_all(Path::new(&posts).parent().unwrap()).unwrap();
        std::fs::write(posts, "").unwrap();
    }
    let file = |name: &str, text: &str| -> PathBuf {
        std::fs::write(path.join(name), text).unwrap();
        path.join(name)
    };
    let config = file("guanlan.toml", &administrator).display().to_string();
    file("concerns.toml", clerk);
    let secret = file("secret", &format!("{PASSWORD}\n")).display().to_string();
    let account = ["user", "add", POST, "--role", "admin", "--password-file", &secret];
    let added = guanlan(&[&["--config", &config], &account[..]].concat());
    assert_eq!(code(&added), 0, "{}", said(&added));
    let program = env!("CARGO_BIN_EXE_guanlan");
    json!({
        "command": [program, "--config", config, "run", "--clock", CLOCK],
        "url": format!("http://127.0.0.1:{port}"), "post": POST, "password": PASSWORD,
    })
}
