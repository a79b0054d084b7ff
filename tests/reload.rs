//! Changed configuration files, taken over or refused while the program runs.

use crate::feed_to_mail::BEGIN;
use crate::health::{feed, notices};
use crate::support::{Installation, Site, eventually, page, stdout};

const WATER: &str = "[[concern]]\nid = \"water\"\nname = \"供水\"\nwords = [\"停水\"]\n";

#[test]
fn a_running_program_follows_its_files_and_tells_where_a_wrong_one_is_wrong() {
    let site = Site::start();
    site.set("/a.xml", feed(0..3));
    site.set("/b.xml", feed(10..14));
    let mut house = Installation::new();
    let port = house.serve();
    house.add_feed("first", &site.url("/a.xml"), "10m");
    let mut program = house.run(&format!("{BEGIN}x60"));
    eventually("the first source is read", || (house.stored().0 == 3).then_some(()));

    house.add_feed("added", &site.url("/b.xml"), "10m");
    eventually("the added source is read", || (house.stored().0 == 7).then_some(()));
    assert!(page(port, "/sources").contains("<b>added</b>"));

    house.write("concerns.toml", format!("{WATER}wrods = 1\n"));
    eventually("the strip", || page(port, "/alerts").contains("concerns.toml 第 5 行").then_some(()));
    let outbox = house.data().join("outbox");
    let told = || notices(&outbox).matches("<title>配置有错误，没有启用").count();
    eventually("the mail", || (told() == 1).then_some(()));
    assert!(notices(&outbox).contains("concerns.toml 第 5 行"));
    // Another mistake before the first is mended: the pages say the newer one, and nobody is mailed again.
    house.write("concerns.toml", format!("{WATER}\nwrods = 1\n"));
    eventually("the strip", || page(port, "/alerts").contains("concerns.toml 第 6 行").then_some(()));

    let power = "[[concern]]\nid = \"power\"\nname = \"供电\"\nwords = [\"停电\"]\n";
    house.write("concerns.toml", format!("{WATER}{power}"));
    eventually("the mended file", || page(port, "/").contains("供电").then_some(()));
    assert!(!page(port, "/alerts").contains("class=\"trouble\""));

    house.add("[topics]\nvoices = 9\n");
    eventually("what waits is named", || page(port, "/settings").contains("[topics] voices").then_some(()));
    assert!(page(port, "/alerts").contains("要重启 guanlan run 才生效：[topics] voices。"));
    let check = house.guanlan(&["check"]);
    assert!(stdout(&check).contains("要重启 guanlan run 才生效：[topics] voices。"), "{}", stdout(&check));
    assert_eq!(told(), 1, "one mail for one mistake");
    // A hangup lets the same files be taken over anew, with the secrets they name.
    program.heard();
    let hangup = std::process::Command::new("kill").args(["-HUP", &program.id().to_string()]).status();
    assert!(hangup.unwrap().success());
    program.wait_for("a changed configuration is taken over");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_store_that_cannot_be_read_leaves_the_old_sources_and_ends_nothing() {
    let site = Site::start();
    site.set("/a.xml", feed(0..3));
    site.set("/b.xml", feed(10..14));
    let mut house = Installation::new();
    let port = house.serve();
    house.add_feed("first", &site.url("/a.xml"), "10m");
    let mut program = house.run(BEGIN);
    eventually("the first source is read", || (house.stored().0 == 3).then_some(()));
    let store = rusqlite::Connection::open(house.data().join("posts.db")).unwrap();
    store.execute_batch("ALTER TABLE cursors RENAME TO elsewhere").unwrap();
    house.add_feed("added", &site.url("/b.xml"), "10m");
    program.wait_for("the store cannot be read: sources are visited as before");
    assert!(page(port, "/alerts").contains("没有未关闭的预警"), "it goes on");
    store.execute_batch("ALTER TABLE elsewhere RENAME TO cursors").unwrap();
    program.wait_for("the store can be read again");
    eventually("the added source is read", || (house.stored().0 == 7).then_some(()));
    assert_eq!(program.stop(), Some(0));
}
