use super::*;

fn permitted(robots_txt: &str, path: &str) -> bool {
    let url = Url::parse("http://site.example").unwrap().join(path).unwrap();
    Rules::parse(robots_txt.as_bytes(), "Guanlan").permit(&url)
}

#[test]
fn the_group_that_names_us_counts_alone() {
    let cases = [
        ("User-agent: *\nDisallow: /", "/x", false),
        ("User-agent: *\nDisallow:", "/x", true),
        ("", "/x", true),
        ("User-agent: *\nDisallow: /\n\nUser-agent: GUANLAN\nAllow: /", "/x", true),
        ("User-agent: *\nAllow: /\n\nUser-agent: guanlan\nDisallow: /", "/x", false),
        ("User-agent: guanlan/1.0\nDisallow: /", "/x", false),
        ("User-agent: guanlanbot\nDisallow: /", "/x", true),
        ("User-agent: other\nUser-agent: guanlan\nDisallow: /a", "/a", false),
        ("User-agent: guanlan\nDisallow: /a\nUser-agent: other\nDisallow: /b", "/b", true),
        // Two groups with one name are one group.
        ("User-agent: guanlan\nDisallow: /a\n\nUser-agent: guanlan\nDisallow: /b", "/a", false),
        // Naming us without rules lets us in.
        ("User-agent: *\nDisallow: /\nUser-agent: guanlan\nDisallow:", "/x", true),
        // A sitemap line does not end a group.
        ("User-agent: guanlan\nSitemap: /s.xml\nDisallow: /a", "/a", false),
        ("Disallow: /", "/x", true),
        ("user agent : *\ndisalow : /a # why", "/a", false),
        ("User-agent: *\nDisallow: /\nAllow: /", "/robots.txt", true),
        ("<html><body>User-agent: *<br>Disallow: /</body></html>", "/x", true),
    ];
    for (text, path, expected) in cases {
        assert_eq!(permitted(text, path), expected, "{text:?} {path}");
    }
}

#[test]
fn the_longest_rule_decides_and_allow_wins_a_tie() {
    let cases = [
        ("Disallow: /private/\nAllow: /private/ok", "/private/ok", true),
        ("Disallow: /private/\nAllow: /private/ok", "/private/1", false),
        ("Disallow: /a\nAllow: /a", "/a", true),
        ("Allow: /a\nDisallow: /ab", "/abc", false),
        ("Disallow: /*.pdf$", "/x/y.pdf", false),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", true),
        ("Disallow: /a*b*c", "/a-b-b-c", false),
        ("Disallow: /a*b*c", "/a-c-b", true),
        // Each piece is tried at every place, not only at the first that looks alike.
        ("Disallow: /*ab", "/aab", false),
        ("Disallow: /*ab$", "/ab/aab", false),
        ("Disallow: /a$b", "/a$b", false),
        ("Disallow: *", "/x", false),
        ("Disallow: /$", "/", false),
        ("Disallow: /$", "/x", true),
        ("Disallow: /?id=", "/?id=3", false),
        ("Disallow: /foo/bar?baz=http://foo.bar", "/foo/bar?baz=http://foo.bar", false),
        ("Disallow: /疫情", "/%E7%96%AB%E6%83%85/1", false),
        ("Disallow: /%e7%96%ab", "/疫情", false),
        ("Disallow: /%7Euser", "/~user/", false),
        ("Disallow: /a%2fb", "/a/b", true),
        ("Disallow: /a%zz", "/a%zz", false),
    ];
    for (rules, path, expected) in cases {
        assert_eq!(permitted(&format!("User-agent: *\n{rules}"), path), expected, "{rules:?} {path}");
    }
}

#[test]
fn marks_line_ends_and_foreign_bytes_do_no_harm() {
    let files: [&[u8]; 3] = [
        b"\xef\xbb\xbfUser-agent: *\rDisallow: /private/\r\n",
        b"# \xc5\xc0\xb3\xe6\nUser-agent: *\nDisallow: /private/ # \xcb\xbd\xd3\xd0\n",
        b"User-agent: *\r\n\r\nDisallow: /private/",
    ];
    let url = Url::parse("http://site.example/private/1").unwrap();
    for file in files {
        assert!(!Rules::parse(file, "Guanlan").permit(&url), "{file:?}");
    }
}

#[test]
fn only_the_first_half_mebibyte_counts() {
    let url = Url::parse("http://site.example/private/1").unwrap();
    let mut file = b"User-agent: *\nDisallow: /private/\n".to_vec();
    file.resize(READ_AT_MOST - 5, b'\n');
    // The cut falls inside this line, and `Allow: /private/` without its end would open everything.
    file.extend_from_slice(b"Allow: /private/1\n");
    assert!(!Rules::parse(&file, "Guanlan").permit(&url));
}

#[test]
fn a_thousand_stars_are_quick() {
    let stars = format!("User-agent: *\nDisallow: /{}$\nDisallow: /private/", "*a".repeat(500));
    let path = format!("/{}b", "a".repeat(4000));
    assert!(permitted(&stars, &path));
    assert!(!permitted(&stars, "/private/1"));
}

#[test]
fn crawl_delay_is_a_number_of_seconds() {
    let cases = [
        ("Crawl-delay: 5", Some(5.0)),
        ("crawl-delay: 0.5", Some(0.5)),
        ("Crawl-delay: 1000000000", Some(1e9)),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: soon", None),
        ("Crawl-delay: NaN", None),
        ("Crawl-delay: 1e400", None),
        ("Crawl-delay: 2\nCrawl-delay: 9", Some(9.0)),
    ];
    for (line, expected) in cases {
        let rules = Rules::parse(format!("User-agent: *\n{line}").as_bytes(), "Guanlan");
        assert_eq!(rules.crawl_delay().map(|delay| delay.as_secs_f64()), expected, "{line}");
    }
}

/// Verdicts for whoever asks, under whatever name: file, name, address, allowed.
#[track_caller]
fn check(cases: &[(&str, &str, &str, bool)]) {
    for (text, name, url, expected) in cases {
        let url = Url::parse(url).unwrap();
        assert_eq!(Rules::parse(text.as_bytes(), name).permit(&url), *expected, "{text:?} {name} {url}");
    }
}

#[test]
fn groups_and_names() {
    let groups = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\n\
                  disallow: /\nallow: /y/\n\nallow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\n\
                  allow: /z/\ndisallow: /\n";
    let stars = "User-agent: *\nDisallow: /x\nUser-agent: FooBot\nAllow: /x/y\nDisallow:\n";
    check(&[
        (groups, "FooBot", "http://a.example/x/b", true),
        (groups, "FooBot", "http://a.example/z/d", true),
        (groups, "FooBot", "http://a.example/y/c", false),
        (groups, "FooBot", "http://a.example/foo/bar/", false),
        (groups, "BarBot", "http://a.example/y/c", true),
        (groups, "BarBot", "http://a.example/w/a", true),
        (groups, "BarBot", "http://a.example/z/d", false),
        // BazBot stands before FooBot's second group and shares it.
        (groups, "BazBot", "http://a.example/z/d", true),
        (groups, "BazBot", "http://a.example/x/d", false),
        (groups, "QuxBot", "http://a.example/x", true),
        (stars, "foobot", "http://a.example/x", true),
        (stars, "FOOBOT/2.1 (+https://foo.example)", "http://a.example/x", true),
        (stars, "Foo", "http://a.example/x", false),
        (stars, "FooBot-News", "http://a.example/x", false),
        (stars, "", "http://a.example/x", false),
        ("User-agent: FooBot-News\nDisallow: /", "FooBot", "http://a.example/x", true),
        ("User-agent: FooBot News\nDisallow: /", "FooBot", "http://a.example/x", false),
        ("User-agent: FooBot/1.0 (x)\nDisallow: /", "FooBot", "http://a.example/x", false),
        ("User-agent: Foo_Bot\nDisallow: /", "foo_bot", "http://a.example/x", false),
        ("User-agent: * baz\nDisallow: /", "FooBot", "http://a.example/x", false),
        ("User-agent: *baz\nDisallow: /", "FooBot", "http://a.example/x", true),
        ("User-agent: 9\nDisallow: /", "", "http://a.example/x", true),
        // An empty group of one's own is better than everybody's.
        ("User-agent: *\nDisallow: /\nUser-agent: FooBot\n", "FooBot", "http://a.example/x", true),
        // Sitemaps, delays and unknown lines neither end a group nor begin its rules.
        (
            "User-agent: BarBot\nSitemap: /s.xml\nUser-agent: *\nDisallow: /",
            "BarBot",
            "http://a.example/",
            false,
        ),
        ("User-agent: BarBot\nNonsense: 1\nUser-agent: *\nDisallow: /", "BarBot", "http://a.example/", false),
        (
            "User-agent: BarBot\nCrawl-delay: 1\nUser-agent: *\nDisallow: /",
            "BarBot",
            "http://a.example/",
            false,
        ),
    ]);
}

#[test]
fn lines_as_people_write_them() {
    let refusing = [
        "user-agent: FooBot\ndisallow: /\n",
        "USER-AGENT:FooBot\r\nDISALLOW:/\r\n",
        "user-agent FooBot\ndisallow /\n",
        "user-agent\tFooBot\rdisallow\t/",
        "  user-agent : FooBot  # us\n\tdisallow : / # all",
        "useragent: FooBot\ndissallow: /",
        "user agent: FooBot\ndisallaw: /",
        "User-Agents: FooBot\nDisallowed: /",
        "\n\n\nuser-agent: FooBot\n\n\n\ndisallow: /",
        "\u{feff}user-agent: FooBot\ndisallow: /",
        "garbage\n<html>\nuser-agent: FooBot\ngarbage: :\n:\ndisallow: /",
        "user-agent: FooBot\0\ndisallow: /",
    ];
    let passing = [
        "foo: FooBot\nbar: /",
        "user-agent FooBot x\ndisallow: /",
        "FooBot\n/\n",
        "user-agent: FooBot disallow: /",
        "user-agent: FooBot\ndisallow",
        "user-agent: FooBot\n#disallow: /",
        "user-agent: FooBot\ndisallow: #/",
        "user-agent: FooBot\ndisallow: x",
        "disallow: /\nuser-agent: FooBot",
    ];
    for (files, expected) in [(&refusing[..], false), (&passing[..], true)] {
        for file in files {
            check(&[(file, "FooBot", "http://a.example/p", expected)]);
        }
    }
    let half_mark = b"\xef\xbbuser-agent: FooBot\ndisallow: /";
    let url = Url::parse("http://a.example/p").unwrap();
    assert!(!Rules::parse(half_mark, "FooBot").permit(&url));
    assert!(Rules::parse(b"\xef\x11\xbfuser-agent: FooBot\ndisallow: /", "FooBot").permit(&url));
}

#[test]
fn matching_as_the_standard_and_its_examples_say() {
    let us = |rules: &str| format!("user-agent: FooBot\n{rules}\n");
    let cases = [
        ("disallow: /fish", "/fish.html", false),
        ("disallow: /fish", "/fish/salmon.html", false),
        ("disallow: /fish", "/fish.php?id=anything", false),
        ("disallow: /fish", "/Fish.asp", true),
        ("disallow: /fish", "/catfish", true),
        ("disallow: /fish", "/?id=fish", true),
        ("disallow: /fish*", "/fishheads/yummy.html", false),
        ("disallow: /fish/", "/fish", true),
        ("disallow: /fish/", "/fish/?id=1", false),
        ("disallow: /*.php", "/folder/filename.php?parameters", false),
        ("disallow: /*.php", "/windows.PHP", true),
        ("disallow: /*.php$", "/filename.php", false),
        ("disallow: /*.php$", "/filename.php?parameters", true),
        ("disallow: /*.php$", "/filename.php5", true),
        ("disallow: /fish*.php", "/fishheads/catfish.php?parameters", false),
        ("disallow: /fish*.php", "/Fish.PHP", true),
        ("allow: /p\ndisallow: /", "/page", true),
        ("allow: /folder\ndisallow: /folder", "/folder/page", true),
        ("allow: /page\ndisallow: /*.htm", "/page.htm", false),
        ("allow: /page\ndisallow: /*.ph", "/page.php5", true),
        ("allow: /$\ndisallow: /", "/", true),
        ("allow: /$\ndisallow: /", "/page.htm", false),
        // The index page stands for its folder, but only where it is let in.
        ("allow: /a/index.html\ndisallow: /", "/a/", true),
        ("allow: /a/index.html\ndisallow: /", "/a/index.htm", false),
        ("allow: /a/index.html\ndisallow: /", "/a/index.html", true),
        ("allow: /a/index.html\ndisallow: /", "/a/b", false),
        ("allow: /index.htm\ndisallow: /", "/", true),
        ("disallow: /a/index.html", "/a/", true),
        // One spelling for what is the same address.
        (
            "disallow: /\nallow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            "/foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            true,
        ),
        ("disallow: /foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false),
        ("disallow: /foo/bar?a=b%26c", "/foo/bar?a=b&c", true),
        ("disallow: /foo/bar/ツ", "/foo/bar/%e3%83%84", false),
        ("disallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", false),
        ("disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", false),
        ("disallow: /foo bar", "/foo%20bar", false),
        ("disallow: /a'b\"<c>", "/a'b\"<c>", false),
        ("disallow: /?q='x'", "/?q='x'", false),
        // Stars and dollar signs that mean themselves.
        ("disallow: /file-with-a-%2A.html", "/file-with-a-*.html", false),
        ("disallow: /file-with-a-%2A.html", "/file-with-a-b.html", true),
        ("disallow: /foo-%24", "/foo-$", false),
        ("disallow: /foo-%24", "/foo-", true),
        ("disallow: /a$b$", "/a$b", false),
        ("disallow: /a$b$", "/a$bc", true),
        ("disallow: /*$", "/x", false),
        ("disallow: **/x", "/y/x", false),
        ("disallow: $", "/", true),
        ("disallow: x", "/x", true),
        // The longest pattern counts, wherever it stands.
        ("disallow: /x/page.html\nallow: /x/", "/x/page.html", false),
        ("allow: /x/page.html\ndisallow: /x/", "/x/page.html", true),
        ("disallow:\nallow:", "/x", true),
        ("disallow: /\nallow: ", "/x", false),
        ("disallow: /*/*/x\nallow: /a/b/x", "/a/b/x", true),
    ];
    for (rules, path, expected) in cases {
        let url = Url::parse("http://a.example").unwrap().join(path).unwrap();
        assert_eq!(Rules::parse(us(rules).as_bytes(), "FooBot").permit(&url), expected, "{rules:?} {path}");
    }
}

#[test]
fn bytes_of_another_charset_are_matched_as_they_are() {
    let file = b"User-agent: *\nDisallow: /\xd0\xc2\xce\xc5/";
    let url = |path: &str| Url::parse("http://a.example").unwrap().join(path).unwrap();
    assert!(!Rules::parse(file, "FooBot").permit(&url("/%d0%c2%ce%c5/1")));
    assert!(Rules::parse(file, "FooBot").permit(&url("/新闻/1")));
}

#[test]
fn of_a_line_without_end_the_beginning_counts() {
    let file = format!("user-agent: FooBot\ndisallow: /x/{}y\n", "a".repeat(LINE_AT_MOST));
    let url = |length: usize| Url::parse(&format!("http://a.example/x/{}z", "a".repeat(length))).unwrap();
    let kept = LINE_AT_MOST - "disallow: /x/".len();
    assert!(!Rules::parse(file.as_bytes(), "FooBot").permit(&url(kept)));
    assert!(Rules::parse(file.as_bytes(), "FooBot").permit(&url(kept - 1)));
}
