//! Real software as sources, from Debian's packages: DokuWiki, and WordPress with MariaDB.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::eventually;

const SITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sites");

/// A web site that PHP's own server serves on the loopback.
pub(crate) struct RealSite {
    folder: TempDir,
    servers: Vec<Child>,
    script: &'static str,
    /// Where it listens.
    pub host: String,
}

impl RealSite {
    /// A DokuWiki without pages.
    pub(crate) fn dokuwiki() -> RealSite {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        copy("/usr/share/dokuwiki", &site);
        copy("/etc/dokuwiki", &site.join("conf"));
        copy("/var/lib/dokuwiki/data", &site.join("data"));
        let mut site = RealSite { folder, servers: Vec::new(), script: "dokuwiki.php", host: free_host() };
        site.tell(&["install"]);
        site.serve();
        site
    }

    /// A WordPress without posts, with a database of its own.
    pub(crate) fn wordpress() -> RealSite {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        copy("/usr/share/wordpress", &folder.path().join("site"));
        // The package asks its host's settings, which are not ours.
        std::fs::create_dir_all(folder.path().join("db")).unwrap();
        let user = format!("--user={}", text("id", &["-un"]).trim());
        run(Command::new("mariadb-install-db").args([
            "--no-defaults",
            &format!("--datadir={path}/db"),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            &user,
        ]));
        let socket = format!("{path}/db.sock");
        let database = start(Command::new("/usr/sbin/mariadbd").args([
            "--no-defaults",
            &user,
            &format!("--datadir={path}/db"),
            &format!("--socket={socket}"),
            &format!("--pid-file={path}/db.pid"),
            "--skip-networking",
            "--innodb-buffer-pool-size=32M",
        ]));
        let create = [
            "--no-defaults",
            "--user=root",
            "--socket",
            &socket,
            "-e",
            "CREATE DATABASE wp CHARACTER SET utf8mb4",
        ];
        eventually("the database", || {
            let tried = Command::new("mariadb").args(create).stderr(Stdio::null()).status().unwrap();
            tried.success().then_some(())
        });
        let host = free_host();
        let mut site = RealSite { folder, servers: vec![database], script: "wordpress.php", host };
        let url = site.url("");
        site.tell(&["install", &url, &socket]);
        site.serve();
        site
    }

    /// An address on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// Does something on the site, as its editor would: see the scripts in tests/sites.
    pub(crate) fn tell(&self, arguments: &[&str]) {
        let site = self.site();
        run(Command::new("php")
            .args(["-d", "sendmail_path=/bin/true", &format!("{SITES}/{}", self.script)])
            .arg(site)
            .args(arguments));
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn serve(&mut self) {
        let mut server = Command::new("php");
        server.args(["-d", "sendmail_path=/bin/true", "-S", &self.host, "-t"]).arg(self.site());
        server.arg(format!("{SITES}/router.php"));
        self.servers.push(start(&mut server));
        eventually("the web server", || TcpStream::connect(&self.host).ok());
    }
}

impl Drop for RealSite {
    fn drop(&mut self) {
        for server in self.servers.iter_mut().rev() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn free_host() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Links of the package become files: the program looks for its settings beside its files.
fn copy(from: &str, to: &Path) {
    run(Command::new("cp").args(["-rL", from]).arg(to));
}

fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it is installed: see .ci/test")
}

fn text(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(program).args(arguments).output().unwrap().stdout).unwrap()
}

fn run(command: &mut Command) {
    let output = command.output().expect("it is installed: see .ci/test");
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
