//! An installation in a folder, the program that runs it, and who hands posts in.

use std::fmt::Write;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::drive;
use super::stream::{SOURCES, Stream, source};

/// What the clerk watches for: the concerns of the bundled story and of the hot lists.
const CONCERNS: [&str; 2] = [
    include_str!("../../src/scenario/data/qinglan/concerns.toml"),
    include_str!("../../src/scenario/data/hotlists/concerns.toml"),
];
/// Calls a second in which posts are handed in.
const CALLS: u64 = 5;

pub(crate) struct House {
    folder: PathBuf,
    address: SocketAddr,
}

/// The running program.
pub(crate) struct Program {
    child: Child,
    address: SocketAddr,
}

/// How handing in goes.
pub(crate) struct Told {
    pub(crate) since: Instant,
    pub(crate) posts: u64,
    pub(crate) slowest: Duration,
}

impl House {
    pub(crate) fn at(folder: &Path) -> House {
        std::fs::create_dir_all(folder).unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let house = House { folder: folder.to_owned(), address };
        let mut text = format!(
            "[site]\norg = \"青岚市\"\ndata_dir = \"{}\"\n[web]\nlisten = \"{address}\"\nlogin = \"none\"\n\
             [people]\n\"管理员\" = [\"admin@qinglan.example\"]\n",
            house.data().display()
        );
        for name in departments().iter().map(String::as_str).chain(["值班室"]) {
            if !text.contains(&format!("\"{name}\" =")) {
                writeln!(text, "\"{name}\" = [\"duty@qinglan.example\"]").unwrap();
            }
        }
        text.push_str("[routing]\nblue = [\"值班室\"]\nyellow = [\"值班室\"]\norange = [\"值班室\"]\nred = [\"值班室\"]\n[digest]\nto = [\"值班室\"]\n");
        for number in 0..SOURCES {
            let token = folder.join(format!("{number}.token"));
            std::fs::write(&token, token_of(number)).unwrap();
            std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
            let (id, group, publisher) = source(number);
            let publisher = json!(publisher);
            writeln!(
                text,
                "[[source]]\nid = \"{id}\"\nname = \"{group}{number}\"\nkind = \"push\"\ngroup = \"{group}\"\n\
                 publisher = {publisher}\ntoken_file = \"{}\"",
                token.display()
            )
            .unwrap();
        }
        std::fs::write(folder.join("guanlan.toml"), text).unwrap();
        std::fs::write(folder.join("concerns.toml"), CONCERNS.join("\n")).unwrap();
        house
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn start(&self) -> Program {
        let log = std::fs::File::create(self.folder.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_guanlan"));
        command.arg("--config").arg(self.folder.join("guanlan.toml")).arg("run");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Program { child, address: self.address }
    }

    /// Hands in so many posts a second, of all sources in turn.
    pub(crate) fn push(&self, a_second: u64) -> (JoinHandle<()>, Arc<Mutex<Told>>) {
        let told = Told { since: Instant::now(), posts: 0, slowest: Duration::ZERO };
        let told = Arc::new(Mutex::new(told));
        let (same, address) = (Arc::clone(&told), self.address);
        let pusher = tokio::spawn(async move {
            let stream = Stream::new();
            let mut beat = tokio::time::interval(Duration::from_secs(1) / CALLS as u32);
            let mut calls = 0;
            // Numbers that no post of an earlier run has.
            let first = Timestamp::now().as_millisecond().cast_unsigned();
            loop {
                beat.tick().await;
                let posts = a_second / CALLS;
                let numbers = first + calls * posts..first + (calls + 1) * posts;
                let body: String = numbers.map(|number| line(&stream, number)).collect();
                let begun = Instant::now();
                let taken = call(address, (calls as usize) % SOURCES, &body).await;
                let mut told = same.lock().unwrap();
                told.posts += if taken { posts } else { 0 };
                told.slowest = told.slowest.max(begun.elapsed());
                calls += 1;
            }
        });
        (pusher, told)
    }
}

fn departments() -> Vec<String> {
    let read = |text: &&str| -> Vec<String> {
        let file: toml::Value = toml::from_str(text).unwrap();
        let concerns =
            file.get("concern").and_then(|concerns| concerns.as_array()).cloned().unwrap_or_default();
        concerns.iter().filter_map(|one| Some(one.get("department")?.as_str()?.to_owned())).collect()
    };
    CONCERNS.iter().flat_map(read).collect()
}

fn token_of(number: usize) -> String {
    format!("load-test-no-secret-{number:04}-abcdefgh")
}

fn line(stream: &Stream, number: u64) -> String {
    let (title, text) = stream.words(number, 1.0);
    let post = json!({ "id": number.to_string(), "time": Timestamp::now().to_string(), "title": title, "text": text });
    format!("{post}\n")
}

async fn call(address: SocketAddr, source: usize, body: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let request = format!(
        "POST /api/v1/posts HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-ndjson\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        token_of(source),
        body.len()
    );
    drive::converse(&mut stream, request.as_bytes()).await.is_some()
}

impl Program {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it answers: it reads its history first.
    pub(crate) async fn is_up(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect(self.address).await.is_err() || self.page("/healthz").await.is_none() {
            assert!(self.child.try_wait().unwrap().is_none(), "the program ended; see its log");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        eprintln!("up after {:.0} s", begun.elapsed().as_secs_f64());
    }

    /// Posts that can be found.
    pub(crate) async fn searchable(&self) -> String {
        let page = self.page("/metrics").await.unwrap_or_default();
        let line = page.lines().find_map(|line| line.strip_prefix("guanlan_posts_searchable "));
        line.unwrap_or("?").to_owned()
    }

    /// Addresses of the alerts that the overview lists.
    pub(crate) async fn alerts(&self) -> Vec<String> {
        let page = self.page("/").await.unwrap_or_default();
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '?', '#']).next());
        let mut alerts: Vec<String> =
            links.filter(|link| link.starts_with("/a/")).map(str::to_owned).collect();
        alerts.sort();
        alerts.dedup();
        alerts
    }

    async fn page(&self, path: &str) -> Option<String> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        drive::get(self.address, &head, &Arc::default()).await
    }

    /// Seconds of the processor.
    pub(crate) fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|it| it.parse::<f64>().ok()).unwrap();
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Bytes of memory.
    pub(crate) fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() * 1024.0
    }

    pub(crate) fn stop(mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A measurement that broke off leaves no program behind.
        let _ = self.child.kill();
    }
}
