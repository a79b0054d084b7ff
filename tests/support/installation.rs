//! An installation of the program: a folder with its configuration and its data.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Program, command, guanlan};

/// The concern every installation has: 停水.
const CONCERNS: &str = r#"
[[concern]]
id         = "water"
name       = "供水"
department = "市水务局"
words      = ["停水"]
max_level  = "yellow"

  [concern.levels]
  yellow = { posts = 40, sources = 1 }
"#;

pub(crate) struct Installation {
    folder: TempDir,
    administrator: String,
}

impl Installation {
    /// A new one that writes its mails into files.
    pub(crate) fn new() -> Installation {
        let folder = tempfile::tempdir().unwrap();
        let mut administrator = String::new();
        writeln!(
            administrator,
            "[site]\norg = \"青岚市\"\ndata_dir = \"{0}/data\"\n\
             [web]\nlisten = \"127.0.0.1:0\"\nlogin = \"none\"\n\
             [people]\n\"管理员\" = [\"admin@qinglan.example\"]\n\"值班室\" = [\"duty@qinglan.example\"]\n\
             \"市水务局\" = [\"duty@qinglan.example\"]\n\
             [routing]\ntell_end = \"blue\"\nblue = [\"值班室\"]\nyellow = [\"值班室\"]\n\
             [digest]\nto = [\"值班室\"]\n",
            folder.path().display()
        )
        .unwrap();
        let installation = Installation { folder, administrator };
        installation.write("concerns.toml", CONCERNS);
        installation.configure();
        installation
    }

    /// The same, sending through a mail server.
    pub(crate) fn mailing(port: u16) -> Installation {
        let mut installation = Installation::new();
        installation.add(&format!(
            "[mail]\ntransport = \"smtp\"\nfrom = \"观澜值守 <guanlan@qinglan.example>\"\n\
             [mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\n"
        ));
        installation
    }

    /// Adds sections to guanlan.toml.
    pub(crate) fn add(&mut self, sections: &str) {
        self.administrator.push_str(sections);
        self.configure();
    }

    /// Serves its pages on a port that the test knows.
    pub(crate) fn serve(&mut self) -> u16 {
        let port = super::free_port();
        self.administrator = self.administrator.replacen("127.0.0.1:0", &format!("127.0.0.1:{port}"), 1);
        self.configure();
        port
    }

    /// Its pages ask for an account.
    pub(crate) fn ask_for_passwords(&mut self) {
        self.know_by("password");
    }

    /// How its pages know people.
    pub(crate) fn know_by(&mut self, login: &str) {
        self.change("login = \"none\"", &format!("login = \"{login}\""));
    }

    /// Changes what guanlan.toml says.
    pub(crate) fn change(&mut self, from: &str, to: &str) {
        assert!(self.administrator.contains(from), "{from}");
        self.administrator = self.administrator.replacen(from, to, 1);
        self.configure();
    }

    /// Adds lines to `[web]`.
    pub(crate) fn configure_web(&mut self, lines: &str) {
        self.administrator = self.administrator.replacen("[web]\n", &format!("[web]\n{lines}"), 1);
        self.configure();
    }

    /// Watches a feed; `address` is where the site listens.
    pub(crate) fn add_feed(&mut self, id: &str, url: &str, every: &str) {
        let host = url.trim_start_matches("http://").split('/').next().unwrap();
        self.add(&format!(
            "[[source]]\nid = \"{id}\"\nkind = \"rss\"\nurl = \"{url}\"\nevery = \"{every}\"\n\
             group = \"{id}\"\nallow = [\"{host}\"]\n"
        ));
    }

    fn configure(&self) {
        self.write("guanlan.toml", &self.administrator);
    }

    /// Writes a file beside the configuration.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The folder of everything.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs a command to its end.
    pub(crate) fn guanlan(&self, arguments: &[&str]) -> Output {
        guanlan(&self.with_config(arguments))
    }

    /// Starts `guanlan run` with a clock of its own, and waits until it runs.
    pub(crate) fn run(&self, clock: &str) -> Program {
        let mut program = self.start(clock);
        program.wait_for("guanlan is running");
        program
    }

    /// Starts `guanlan run` without waiting.
    pub(crate) fn start(&self, clock: &str) -> Program {
        Program::start(&self.with_config(&["run", "--clock", clock]))
    }

    /// The command, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> std::process::Command {
        command(&self.with_config(arguments))
    }

    fn with_config<'a>(&self, arguments: &[&'a str]) -> Vec<&'a str> {
        let path = self.folder.path().join("guanlan.toml").display().to_string();
        // A test is short: what it leaks is gone with it.
        let path: &'static str = Box::leak(path.into_boxed_str());
        [&["--config", path], arguments].concat()
    }

    /// How many posts a search finds.
    pub(crate) fn total(&self, query: &str) -> u64 {
        let found = self.guanlan(&["search", query, "--json", "--limit", "1"]);
        let last = String::from_utf8(found.stdout).unwrap();
        let Some(last) = last.lines().last() else { return 0 };
        serde_json::from_str::<Value>(last).unwrap()["total"].as_u64().unwrap()
    }

    /// The posts stored, counted in the store of record: all rows, and different ids.
    pub(crate) fn stored(&self) -> (i64, i64) {
        let posts = rusqlite::Connection::open_with_flags(
            self.data().join("posts.db"),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
        )
        .unwrap();
        posts
            .query_row("SELECT count(*), count(DISTINCT id) FROM posts", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap()
    }
}

/// What an import with `--json` counted: accepted, duplicates, rejected.
pub(crate) fn numbers(output: &Output) -> (u64, u64, u64) {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let number = |name: &str| report[name].as_u64().unwrap();
    (number("accepted"), number("duplicates"), number("rejected"))
}

/// What a page answers, without its headers.
pub(crate) fn page(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap()
}
