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

/// Ten seconds before the pages' newest counts are judged; the next ones come ten minutes later.
const CLOCK: &str = "2026-11-24T14:29:58+08:00";
const POST: &str = "值班室";
const PASSWORD: &str = "停水-复课-返京-弹窗-2026";
/// The demonstration's own configuration.
const TOWN: &str = include_str!("../../src/scenario/data/qinglan/guanlan.toml");
const CONCERNS: &str = include_str!("../../src/scenario/data/qinglan/concerns.toml");

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
        let houses = json!({ "folder": folder, "houses": { "town": town(&folder) } });
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        assert!(here.join("node_modules").exists(), "the browser tests are not set up: run .ci/test once");
        let mut node = Command::new("node")
            .arg(here.join("run.mjs"))
            .arg(houses.to_string())
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

/// 青岚市 as the demonstration leaves it, with an account: how its program is started and entered.
fn town(folder: &Path) -> Value {
    let path = folder.join("town");
    let demo = guanlan(&["demo", "--no-serve", "--json", "--dir", &path.display().to_string()]);
    assert_eq!(code(&demo), 0, "{}", said(&demo));
    house(&path, TOWN, CONCERNS)
}

/// A folder with posts, alerts and digests in `data`, configured and with an account.
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
