//! A provider of OpenID Connect, run by node beside the program, and somebody with a browser who logs in there.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use url::Url;

use super::{Answered, Browser, form, tls};

/// What the pages are known by at the provider.
pub(crate) const SECRET: &str = "a-secret-of-the-tests-that-is-long-enough";
/// Where somebody comes back to.
pub(crate) const BACK: &str = "/login/oidc/callback";

/// A provider of OpenID Connect.
pub(crate) struct Provider {
    child: Child,
    port: u16,
    /// Node ends when nobody listens to what it says.
    _said: BufReader<ChildStdout>,
}

impl Provider {
    pub(crate) fn start(port: u16, pages: u16) -> Provider {
        Provider::start_with(port, pages, &[])
    }

    /// By TLS, with certificate and key in these files.
    pub(crate) fn start_tls(port: u16, pages: u16, cert: &str, key: &str) -> Provider {
        Provider::start_with(port, pages, &[cert, key])
    }

    fn start_with(port: u16, pages: u16, certificate: &[&str]) -> Provider {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        let mut child = Command::new("node")
            .arg("server.mjs")
            .args([port.to_string(), format!("http://127.0.0.1:{pages}")])
            .args(certificate)
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
    pub(crate) fn make(&self, what: &str) {
        let done = Browser::new(self.port).send(&format!("POST /control/{what} HTTP/1.1"), "");
        assert_eq!(done.body, "done");
    }

    /// How many codes it was asked about.
    pub(crate) fn asked(&self) -> usize {
        let asked = Browser::new(self.port).send("POST /control/asked HTTP/1.1", "");
        asked.body.parse().expect("a number")
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
pub(crate) struct Person {
    jars: HashMap<u16, BTreeMap<String, String>>,
    /// The authority whose certificates the browser takes.
    trusted: Option<PathBuf>,
}

impl Person {
    /// Somebody whose browser takes certificates of that authority.
    pub(crate) fn who_trusts(authority: PathBuf) -> Person {
        Person { trusted: Some(authority), ..Person::default() }
    }

    /// Opens an address; where that led to, and what is shown there. The way back to the pages is not gone.
    pub(crate) fn open(&mut self, address: &str) -> (Url, Answered) {
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
    pub(crate) fn step(&mut self, address: &str, filled: Option<&str>) -> (Url, Answered) {
        let url = Url::parse(address).unwrap();
        let port = url.port().unwrap();
        let jar = self.jars.entry(port).or_default();
        let cookie = jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let browser = Browser { port, cookie };
        let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let answer = match (&self.trusted, url.scheme()) {
            (Some(trusted), "https") => {
                let stream = tls(("127.0.0.1", port), trusted).unwrap();
                let kind = "Content-Type: application/x-www-form-urlencoded";
                let verb = if filled.is_some() { "POST" } else { "GET" };
                browser.send_over(
                    stream,
                    &format!("{verb} {path} HTTP/1.1\r\n{kind}"),
                    filled.unwrap_or_default(),
                )
            }
            _ => match filled {
                Some(filled) => browser.post(&path, filled),
                None => browser.get(&path),
            },
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
    pub(crate) fn way_back(&mut self, pages: u16, who: &str, next: &str) -> Url {
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
    pub(crate) fn log_in(&mut self, pages: u16, who: &str) -> Answered {
        let back = self.way_back(pages, who, "/topics");
        self.step(back.as_str(), None).1
    }

    pub(crate) fn get(&mut self, pages: u16, path: &str) -> Answered {
        self.step(&format!("http://127.0.0.1:{pages}{path}"), None).1
    }
}
