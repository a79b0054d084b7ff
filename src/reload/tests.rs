use super::*;

const ADMINISTRATOR: &str = "[people]\n\"值班室\" = [\"duty@example.org\"]\n";
const CONCERNS: &str = "[[concern]]\nname = \"供水\"\nwords = [\"停水\"]\n";
const SOURCE: &str = "[[source]]\nid = \"bbs\"\nname = \"论坛\"\nkind = \"rss\"\nurl = \"https://bbs.example/feed\"\npublisher = \"individual\"\n";

fn folder(administrator: &str, concerns: &str) -> (tempfile::TempDir, Reload) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guanlan.toml");
    std::fs::write(&file, administrator).unwrap();
    std::fs::write(file.with_file_name(config::CONCERNS), concerns).unwrap();
    let started = config::load(&file, &BTreeMap::new()).config;
    let key = IdKey::load_or_create(folder.path()).unwrap();
    (folder, Reload::new(file, BTreeMap::new(), started, (key, Proxies::default())))
}

fn write(reload: &Reload, name: &str, text: &str) {
    std::fs::write(reload.file.with_file_name(name), text).unwrap();
}

/// What two looks in a row come to.
fn settled(reload: &mut Reload) -> Outcome {
    assert!(reload.changed().is_none(), "taken at the first look");
    reload.changed().unwrap()
}

fn taken(reload: &mut Reload) -> Taken {
    match settled(reload) {
        Outcome::Taken(taken) => *taken,
        Outcome::Refused(problems) => panic!("{problems:?}"),
    }
}

#[test]
fn files_that_stay_are_not_read_again_and_a_changed_one_is_taken_over() {
    let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    let before = reload.configured(Timestamp::UNIX_EPOCH).version;
    assert!(reload.changed().is_none() && before.len() == 8);
    write(
        &reload,
        config::CONCERNS,
        &format!("{CONCERNS}[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n"),
    );
    let Taken { orders, parts, restart, version, .. } = taken(&mut reload);
    let names: Vec<&str> = orders.concerns.iter().map(|concern| concern.name.as_str()).collect();
    assert_eq!(names, ["供水", "供电"]);
    assert!(restart.is_empty() && parts.iter().any(|part| part.title.zh == "关切：供电"));
    assert_ne!(version, before);
    assert!(reload.changed().is_none());
    reload.again();
    assert_eq!(taken(&mut reload).version, version);
}

#[test]
fn a_file_that_is_still_being_written_is_left_alone_until_two_looks_agree() {
    let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    for half in ["[[concern]]\nna", "[[concern]]\nname = \"供", "[[concern]]\nname = \"供电\"\nwor"] {
        write(&reload, config::CONCERNS, half);
        assert!(reload.changed().is_none(), "{half}");
    }
    write(&reload, config::CONCERNS, "[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n");
    assert_eq!(taken(&mut reload).orders.concerns[0].name, "供电");
}

#[test]
fn a_wrong_file_is_refused_with_its_place() {
    let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    write(&reload, config::CONCERNS, &format!("{CONCERNS}wrods = 1\n"));
    let Outcome::Refused(problems) = settled(&mut reload) else { panic!("not refused") };
    let place = problems.first().and_then(|problem| problem.place.clone()).unwrap();
    assert_eq!((place.file.as_str(), place.line), ("concerns.toml", 4));
    let site = alerts::message::Site {
        language: alerts::message::Language::Chinese,
        ..Orders::new(&reload.started, Staging::Real).site
    };
    let mail = notice::refused(&problems, &site);
    assert!(
        mail.text.contains("concerns.toml 第 4 行") && mail.subject.contains("没有启用"),
        "{}",
        mail.text
    );
    write(&reload, config::CONCERNS, "");
    assert!(matches!(settled(&mut reload), Outcome::Refused(_)));
}

#[test]
fn what_needs_a_restart_keeps_its_value_and_is_named() {
    let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    write(
        &reload,
        "guanlan.toml",
        &format!(
            "{ADMINISTRATOR}[web]\nlisten = \"127.0.0.1:9999\"\n[topics]\nvoices = 7\nmails_a_day = 2\n[retention]\nposts = \"30d\"\n"
        ),
    );
    let Taken { orders, restart, .. } = taken(&mut reload);
    assert_eq!(restart, ["[web] listen", "[topics] voices"]);
    assert_eq!((orders.topics.voices, orders.topics.mails_a_day), (reload.started.topics.voices, 2));
    assert_eq!(orders.keep_posts, jiff::SignedDuration::from_hours(30 * 24));
}

#[test]
fn everything_that_waits_for_a_restart_is_named_and_the_time_zone_does_not_wait() {
    let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    let changes = [
        ("[site]\ndata_dir = \"/tmp/elsewhere\"\n", "[site] data_dir"),
        ("[web]\nlisten = \"127.0.0.1:9999\"\n", "[web] listen"),
        ("[web]\nlogin = \"none\"\n", "[web] login"),
        ("[web]\npublic_url = \"http://10.0.0.1:8417\"\n", "[web] public_url"),
        ("[web]\ncert = \"/tmp/c.pem\"\nkey = \"/tmp/k.pem\"\n", "[web] cert, key"),
        ("[api]\nlisten = \"127.0.0.1:9998\"\n", "[api]"),
    ];
    for (text, waits) in changes {
        write(&reload, "guanlan.toml", &format!("{ADMINISTRATOR}{text}"));
        assert_eq!(taken(&mut reload).restart, [waits]);
    }
    write(&reload, "guanlan.toml", &format!("{ADMINISTRATOR}[site]\ntimezone = \"Asia/Urumqi\"\n"));
    let Taken { orders, restart, .. } = taken(&mut reload);
    assert_eq!((orders.site.zone.iana_name(), restart.len()), (Some("Asia/Urumqi"), 0));
    write(&reload, "guanlan.toml", &format!("{ADMINISTRATOR}[fetch]\ndelay = \"7s\"\n"));
    let Taken { ways, restart, .. } = taken(&mut reload);
    assert_eq!((ways.fetcher.limits().minimum_delay.as_secs(), restart.len()), (7, 0));
}

#[test]
fn sources_channels_and_masks_are_taken_over_and_a_key_that_cannot_be_read_is_refused() {
    let (folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
    let robot = "[[channel]]\nname = \"群\"\nkind = \"webhook\"\nurl = \"https://hook.example/1\"\n";
    let all = format!("{ADMINISTRATOR}{SOURCE}{robot}[privacy]\nmask = [\"phone\"]\n");
    write(&reload, "guanlan.toml", &all);
    let Taken { orders, ways, restart, .. } = taken(&mut reload);
    assert!(restart.is_empty(), "{restart:?}");
    assert_eq!((ways.sources[0].id.as_str(), orders.sources.len(), orders.feeds.len()), ("bbs", 1, 1));
    assert_eq!(ways.channels[0].name, "群");
    assert!(ways.privacy.masks.phone && !ways.privacy.masks.plate);
    let gone = folder.path().join("gone");
    let secret = format!("{robot}secret_file = \"{}\"\n", gone.display());
    write(&reload, "guanlan.toml", &format!("{ADMINISTRATOR}{SOURCE}{secret}"));
    let Outcome::Refused(problems) = settled(&mut reload) else { panic!("not refused") };
    assert!(problems.iter().any(|problem| problem.message.zh.contains("gone")), "{problems:?}");
}

#[test]
fn a_changed_provider_is_taken_over_and_another_way_to_log_in_waits() {
    crate::orders::provide_tls();
    let provider = "[web]\nlogin = \"oidc\"\npublic_url = \"https://guanlan.example.cn\"\n\
        [web.oidc]\nissuer = \"https://sso.example.cn\"\nclient_id = \"guanlan\"\n";
    let administrator = format!("{ADMINISTRATOR}{provider}");
    let (folder, mut reload) = folder(&administrator, CONCERNS);
    let rules = |taken: &Taken| taken.oidc.as_ref().unwrap().rules().to_owned();
    reload.again();
    let before = rules(&taken(&mut reload));
    write(&reload, "guanlan.toml", &format!("{administrator}duty = [\"值班\"]\n"));
    let changed = taken(&mut reload);
    assert!(changed.restart.is_empty() && rules(&changed) != before, "{:?}", changed.restart);
    let gone = folder.path().join("gone").display().to_string();
    write(&reload, "guanlan.toml", &format!("{administrator}ca_file = \"{gone}\"\n"));
    assert!(matches!(settled(&mut reload), Outcome::Refused(_)));
    let password = administrator.replace("login = \"oidc\"", "login = \"password\"");
    write(&reload, "guanlan.toml", &password);
    let changed = taken(&mut reload);
    assert_eq!(changed.restart, ["[web] login"]);
    assert!(changed.oidc.is_none(), "until then everybody logs in as before");
}
