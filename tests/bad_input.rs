//! What goes wrong outside: a clear word, the right exit code, nothing lost, no panic.

use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Answer, Crowd, Installation, Site, code, numbers, said, stdout};

/// `count` lines, each with the word 停水.
fn lines(count: usize) -> String {
    let mut crowd = Crowd::new(3);
    let line = |number: usize| {
        let title = crowd.about("停水");
        let minute = number % 60;
        format!(
            "{{\"id\": {number}, \"time\": \"2021-01-20T16:{minute:02}:00+08:00\", \"title\": \"{title}\"}}\n"
        )
    };
    (0..count).map(line).collect()
}

#[test]
fn a_broken_feed_is_reported_and_what_is_whole_in_it_is_read() {
    let site = Site::start();
    let whole = "<item><guid>1</guid><title>停水通知</title></item>";
    site.set("/broken.xml", Answer::page("application/rss+xml", format!("<rss><channel>{whole}<item><titl")));
    site.set("/none.xml", Answer::page("text/html", "<html><body>维护中</body></html>"));
    let mut house = Installation::new();
    house.add_feed("broken", &site.url("/broken.xml"), "10m");
    house.add_feed("none", &site.url("/none.xml"), "10m");

    let broken = house.guanlan(&["source", "test", "broken"]);
    assert_eq!(code(&broken), 0, "{}", said(&broken));
    let shown = stdout(&broken);
    assert!(shown.contains("停水通知") && shown.contains('!'), "{shown}");

    let none = house.guanlan(&["source", "test", "none"]);
    assert_eq!(code(&none), 3, "{}", stdout(&none));
    assert!(!said(&none).contains("panicked"), "{}", said(&none));

    let mut program = house.run("2025-11-24T10:00:00+08:00x600");
    crate::support::eventually("the whole item is searchable", || (house.total("停水") == 1).then_some(()));
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_truncated_gzip_keeps_what_stands_before_the_break() {
    let house = Installation::new();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(lines(2_000).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let file = house.write("half.jsonl.gz", &packed[..packed.len() / 2]);

    let output = house.guanlan(&["import", &file, "--json"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let (accepted, _, rejected) = numbers(&output);
    assert!((500..2_000).contains(&accepted) && rejected == 1, "{accepted} {rejected}");
    assert!(said(&output).contains("文件在这里断了"), "{}", said(&output));
    assert_eq!(house.total("停水"), accepted);
}

#[test]
fn a_wrong_charset_label_does_not_garble() {
    let site = Site::start();
    // 小区停水通知 in GBK, under a header that says UTF-8.
    let mut feed = b"<rss><channel><item><guid>1</guid><title>".to_vec();
    feed.extend([0xD0, 0xA1, 0xC7, 0xF8, 0xCD, 0xA3, 0xCB, 0xAE, 0xCD, 0xA8, 0xD6, 0xAA]);
    feed.extend(b"</title></item></channel></rss>");
    site.set("/gbk.xml", Answer::page("application/rss+xml; charset=utf-8", feed));
    let mut house = Installation::new();
    house.add_feed("gbk", &site.url("/gbk.xml"), "10m");
    let output = house.guanlan(&["source", "test", "gbk"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(stdout(&output).contains("小区停水通知"), "{}", stdout(&output));
}

#[test]
fn a_line_of_fifty_megabytes_is_passed_over_without_being_held() {
    let house = Installation::new();
    let mut content = lines(2).into_bytes();
    content.extend(b"{\"id\": 9, \"time\": \"2021-01-20T16:00:00+08:00\", \"title\": \"");
    content.resize(content.len() + (50 << 20), b'a');
    content.extend(b"\"}\n");
    content.extend(lines(4).into_bytes());
    let file = house.write("long.jsonl", content);

    // Memory of its own beside the dictionary and the index: well under the line itself.
    let small = house.write("small.jsonl", lines(1));
    let usual = peak(&house, &small);
    let other = Installation::new();
    let with_the_line = peak(&other, &file);
    assert!(with_the_line < usual + (32 << 10), "{usual} KiB, with the line {with_the_line} KiB");

    let output = other.guanlan(&["import", &file, "--json"]);
    assert_eq!(numbers(&output), (0, 6, 1), "{}", said(&output));
    assert!(said(&output).contains(":3:") && said(&output).contains("字节"), "{}", said(&output));
    assert_eq!(other.total("停水"), 4);
}

/// Most memory an import ever had, in KiB, as the kernel counted it.
fn peak(house: &Installation, file: &str) -> u64 {
    let mut import = house.command(&["-q", "import", file]);
    let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(peak.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    most
}

#[test]
fn a_date_in_2099_is_rejected_with_its_line() {
    let house = Installation::new();
    let future = "{\"id\": 7, \"time\": \"2099-01-20T16:00:00+08:00\", \"title\": \"停水\"}\n";
    let file = house.write("future.jsonl", format!("{}{future}", lines(3)));
    let output = house.guanlan(&["import", &file, "--json"]);
    assert_eq!((code(&output), numbers(&output)), (0, (3, 0, 1)), "{}", said(&output));
    assert!(said(&output).contains(":4:") && said(&output).contains("在将来"), "{}", said(&output));
}

#[test]
fn an_empty_file_is_named_and_the_answer_is_no() {
    let house = Installation::new();
    let file = house.write("empty.jsonl", "");
    let output = house.guanlan(&["import", &file, "--json"]);
    assert_eq!((code(&output), numbers(&output)), (1, (0, 0, 1)), "{}", said(&output));
    assert!(said(&output).contains("文件是空的"), "{}", said(&output));
    let missing = house.guanlan(&["import", "/nowhere/posts.jsonl"]);
    assert_eq!(code(&missing), 2);
    assert!(said(&missing).contains("/nowhere/posts.jsonl"), "{}", said(&missing));
}

#[test]
fn an_empty_pattern_would_match_everything_and_is_refused() {
    let house = Installation::new();
    for words in ["[\"\"]", "[]", "[\"  \"]"] {
        let concern = format!("[[concern]]\nname = \"供水\"\ndepartment = \"市水务局\"\nwords = {words}\n");
        house.write("concerns.toml", concern);
        let check = house.guanlan(&["check"]);
        assert_eq!(code(&check), 1, "{words}: {}", stdout(&check));
        let run = house.guanlan(&["run"]);
        assert_eq!(code(&run), 2, "{words}: {}", said(&run));
        assert!(said(&run).contains("concerns.toml"), "{words}: {}", said(&run));
    }
}

#[test]
fn ten_mistakes_are_reported_at_once_and_run_refuses_them() {
    let mut house = Installation::new();
    house.add(
        "[web2]\nlisten = 1\n[digest]\nsend_a = \"08:30\"\n[levels]\nhold = \"bald\"\n\
         yellow = { ratio = \"drei\" }\n[retention]\nposts = \"neunzig\"\n[detect]\nfalse_alarms = -1\n\
         [fetch]\ntimeout = \"x\"\nmax_bytes = -5\n",
    );
    // [digest] stands twice: a mistake too, but one that would hide the others.
    let text = std::fs::read_to_string(house.path().join("guanlan.toml")).unwrap();
    house.write("guanlan.toml", text.replacen("[digest]\nto = [\"值班室\"]\n", "", 1));
    house.write(
        "concerns.toml",
        "[[concern]]\nname = \"供水\"\ndepartment = \"没有这个局\"\nwords = [\"停水\"]\nmax_level = \"purple\"\n\
         [[concern]]\nname = \"供水\"\nword = [\"停水\"]\n",
    );
    let check = house.guanlan(&["check"]);
    assert_eq!(code(&check), 1, "{}", said(&check));
    let report = stdout(&check) + &said(&check);
    let places = report.matches("guanlan.toml:").count() + report.matches("concerns.toml:").count();
    assert!(places >= 10, "{places} places in\n{report}");
    let run = house.guanlan(&["run"]);
    assert_eq!(code(&run), 2, "{}", said(&run));
    assert!(!house.data().exists(), "a refused start leaves nothing behind");
}

#[test]
fn a_full_disk_ends_the_import_clearly_and_it_can_be_repeated() {
    let house = Installation::new();
    let first = house.write("first.jsonl", lines(100));
    assert_eq!(numbers(&house.guanlan(&["import", &first, "--json"])).0, 100);
    let all = house.write("all.jsonl", lines(6_000));

    // No file may grow beyond this: to the program it is a disk without space.
    let import = house.command(&["import", &all]);
    let program = import.get_program().to_owned();
    let mut limited = std::process::Command::new("bash");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$@\"", "bash"])
        .arg(program)
        .args(import.get_args());
    let full = limited.output().unwrap();
    assert_eq!(code(&full), 4, "{} {}", stdout(&full), said(&full));
    assert!(!said(&full).contains("panicked") && said(&full).contains("data/"), "{}", said(&full));

    assert!(house.stored().0 >= 100, "what was stored is intact");
    let again = house.guanlan(&["import", &all, "--json"]);
    let (accepted, duplicates, rejected) = numbers(&again);
    assert_eq!((accepted + duplicates, rejected), (6_000, 0), "{}", said(&again));
    assert_eq!(house.stored(), (6_000, 6_000));
    assert_eq!(house.total("停水"), 6_000);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let house = Installation::new();
    let text = std::fs::read_to_string(house.path().join("guanlan.toml")).unwrap();
    house.write("guanlan.toml", text.replace("127.0.0.1:0", &address));
    let run = house.guanlan(&["run"]);
    assert_eq!(code(&run), 3, "{}", said(&run));
    assert!(said(&run).contains(&address), "{}", said(&run));
}

#[test]
fn a_data_folder_of_a_newer_version_is_left_alone() {
    for database in ["posts.db", "alerts.db", "counts.db"] {
        let house = Installation::new();
        let file = house.write("posts.jsonl", lines(10));
        assert_eq!(code(&house.guanlan(&["import", &file])), 0);
        // A first run makes the other two.
        let mut program = house.run("2025-11-24T10:00:00+08:00");
        assert_eq!(program.stop(), Some(0), "{:?}", program.said);
        let path = house.data().join(database);
        rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let before = std::fs::read(&path).unwrap();

        let run = house.guanlan(&["run"]);
        assert_eq!(code(&run), 4, "{database}: {}", said(&run));
        assert!(said(&run).contains(database) && said(&run).contains("newer"), "{database}: {}", said(&run));
        assert_eq!(std::fs::read(&path).unwrap(), before, "{database}");
    }
}
