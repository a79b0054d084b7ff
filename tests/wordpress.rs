//! WordPress by feed, list and sitemap. Not yet in `main.rs`: everything came but the last story, most likely because a
//! day has a budget of web pages (`[fetch] pages_a_day`), which this test has to raise.
//! `RealSite::wordpress` belongs into `support/real.rs`.

const STORIES: [(&str, &str); 3] = [
    (
        "城东水厂检修，三个小区停水",
        "<p>青岚市水务局通知：五月二十日城东水厂检修，东湖、北苑、西门三个小区停水八小时，请提前储水。</p><p>恢复供水后，水质可能略有浑浊，请先放水几分钟再使用。</p>",
    ),
    (
        "二路公交车改道，学生上学怎么走",
        "<p>因青岚大道修路，二路公交车从今天起改走滨河路，原来经过实验小学的两站暂停。</p><p>家长询问孩子上学怎么走，公交公司说会加开一班区间车。</p>",
    ),
    (
        "社区医院下周起可以打流感疫苗",
        "<p>市卫健委说，全市二十三家社区医院下周一开始接种流感疫苗，六十岁以上老人免费，要带身份证。</p><p>预约可以打电话，也可以到窗口登记。</p>",
    ),
];

#[test]
fn wordpress_by_feed_list_and_sitemap() {
    let site = RealSite::wordpress();
    for (title, text) in STORIES {
        site.tell(&["post", title, text, "2024-05-20 09:30:00"]);
    }
    let mut installation = Installation::new();
    let list = "\"html\"\nitem = \"li.wp-block-post\"\ntitle = \"h2\"\nlink = \"h2 a\"\ntime = \"time\"\narticle = \"auto\"";
    installation.add(&source("wp-feed", "\"rss\"", &site.url("/feed/"), &site.host));
    installation.add(&source("wp-list", list, &site.url("/"), &site.host));
    installation.add(&source(
        "wp-map",
        "\"sitemap\"\narticle = \"auto\"",
        &site.url("/wp-sitemap.xml"),
        &site.host,
    ));
    let mut program = installation.run(CLOCK);
    // The list and the sitemap lead to the same pages, which are the same posts.
    let ways: [&[&str]; 2] = [&["wp-feed"], &["wp-list", "wp-map"]];
    let all_there = |titles: &[&str], mark: &str| {
        ways.iter().all(|sources| {
            let stored = stored(&installation, sources);
            titles.iter().all(|title| stored.get(*title).is_some_and(|(_, _, text)| text.contains(mark)))
        })
    };
    let titles: Vec<&str> = STORIES.iter().map(|(title, _)| *title).collect();
    eventually("all stories, by every way", || all_there(&titles, "").then_some(()));
    eventually("their whole text", || all_there(&titles[..1], "请先放水几分钟").then_some(()));

    let late = "青岚大桥晚高峰限行";
    site.tell(&[
        "post",
        late,
        "<p>交警说，青岚大桥从今晚起限行两周，货车请绕行，公交车不受影响。</p>",
        "2024-05-20 10:00:00",
    ]);
    eventually("a new story", || all_there(&[late], "货车请绕行").then_some(()));

    let edited = STORIES[0].1.replace("八小时", "十二小时");
    site.tell(&["edit", titles[0], &edited]);
    eventually("the edit, by every way", || all_there(&titles[..1], "停水十二小时").then_some(()));

    site.tell(&["delete", titles[1]]);
    // Whatever is published after the deletion is seen after it.
    let last = "图书馆周末延长开放";
    site.tell(&[
        "post",
        last,
        "<p>市图书馆说，六月起周末开放到晚上九点，自习室要提前预约。</p>",
        "2024-05-20 10:05:00",
    ]);
    eventually("the last story", || all_there(&[last], "自习室").then_some(()));
    assert_eq!(program.stop(), Some(0));
    for sources in ways {
        let stored = stored(&installation, sources);
        for title in [&titles[..], &[late, last]].concat() {
            let (ids, revision, _) = &stored[title];
            assert_eq!(*ids, 1, "{title} by {sources:?}");
            assert_eq!(*revision > 0, title == titles[0], "{title} by {sources:?} has revision {revision}");
        }
        let others: Vec<_> = stored
            .keys()
            .filter(|title| !titles.contains(&title.as_str()) && *title != late && *title != last)
            .collect();
        assert!(others.is_empty() || sources.len() == 2, "{others:?}");
    }
}


impl RealSite {
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

}

fn text(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(program).args(arguments).output().unwrap().stdout).unwrap()
}
