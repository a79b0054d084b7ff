//! Takes over changed configuration files while the program runs. A file with errors is refused, and what is in
//! force stays; what needs a restart stays as it was and is named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use alerts::staging::Staging;
use config::{Config, Loaded, Part, Problem, Severity, Words};
use jiff::Timestamp;
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::daemon::{DaemonError, Running, until};
use crate::orders::Orders;

/// The files are looked at that often.
const LOOK: Duration = Duration::from_secs(2);

/// The configuration in force, for pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configured {
    /// The administrator's file; none in a demonstration.
    pub file: Option<PathBuf>,
    /// Since when what is in force is in force.
    pub since: Option<Timestamp>,
    /// What it says.
    pub parts: Vec<Part>,
    /// Sections that were changed and wait for a restart.
    pub restart: Vec<&'static str>,
    /// Why a later version of the files is not in force.
    pub refused: Option<Refused>,
}

/// A version of the files that is not in force.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// When it was read.
    pub at: Timestamp,
    /// What is wrong with it, worst first.
    pub problems: Vec<Problem>,
}

/// The files as they were last seen: a change of either is a new version.
type Seen = [Option<(SystemTime, u64)>; 2];

/// What is known between two looks.
pub(crate) struct Reload {
    file: PathBuf,
    variables: BTreeMap<String, String>,
    /// What runs: sections that need a restart keep these values.
    started: Config,
    seen: Seen,
}

/// What a look at changed files comes to.
enum Outcome {
    Taken(Box<Orders>, Vec<Part>, Vec<&'static str>),
    Refused(Vec<Problem>),
}

impl Reload {
    /// Begins with the files as they are now; `started` is what was read from them.
    pub(crate) fn new(file: PathBuf, variables: BTreeMap<String, String>, started: Config) -> Reload {
        let seen = look(&file);
        Reload { file, variables, started, seen }
    }

    /// What is in force at the start.
    pub(crate) fn configured(&self, now: Timestamp) -> Configured {
        let parts = config::load(&self.file, &self.variables).report.outline();
        Configured { file: Some(self.file.clone()), since: Some(now), parts, ..Configured::default() }
    }

    /// The files anew, if they have changed.
    fn changed(&mut self) -> Option<Outcome> {
        let seen = look(&self.file);
        if seen == self.seen {
            return None;
        }
        self.seen = seen;
        Some(judge(config::load(&self.file, &self.variables), &self.started))
    }
}

/// Looks at the files until the program stops.
pub(crate) async fn watch(
    running: Running,
    mut reload: Reload,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    while !*stopped.borrow() {
        let looked = tokio::task::spawn_blocking(move || {
            let outcome = reload.changed();
            (reload, outcome)
        });
        let (back, outcome) = looked.await.map_err(std::io::Error::other)?;
        reload = back;
        let now = running.clock.now();
        match outcome {
            None => {}
            Some(Outcome::Refused(problems)) => {
                warn!(
                    problems = problems.len(),
                    "a changed configuration is wrong; the one before stays in force"
                );
                let refused = Refused { at: now, problems };
                running.lookout.ask(move |lookout| lookout.configured.refused = Some(refused)).await?;
            }
            Some(Outcome::Taken(orders, parts, restart)) => {
                info!(restart = restart.len(), "a changed configuration is taken over");
                let index = running.index.clone();
                let take = move |lookout: &mut crate::lookout::Lookout| {
                    lookout.follow(*orders, &index, now)?;
                    let file = lookout.configured.file.take();
                    lookout.configured = Configured { file, since: Some(now), parts, restart, refused: None };
                    Ok::<(), crate::lookout::LookoutError>(())
                };
                // What is in force stays, and the next change is looked at again.
                if let Err(error) = running.lookout.ask(take).await? {
                    error!(%error, "a changed configuration could not be taken over whole; restart the program");
                }
            }
        }
        tokio::select! { () = tokio::time::sleep(LOOK) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}

fn look(administrator: &Path) -> Seen {
    let seen = |path: &Path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    [seen(administrator), seen(&administrator.with_file_name(config::CONCERNS))]
}

fn judge(loaded: Loaded, started: &Config) -> Outcome {
    let parts = loaded.report.outline();
    let mut problems = loaded.report.problems;
    problems.retain(|problem| problem.severity == Severity::Error);
    if loaded.config.concerns.is_empty() && problems.is_empty() {
        problems.push(no_concerns());
    }
    if !problems.is_empty() {
        return Outcome::Refused(problems);
    }
    let (config, restart) = with_what_runs(loaded.config, started);
    Outcome::Taken(Box::new(Orders::new(&config, Staging::Real)), parts, restart)
}

fn no_concerns() -> Problem {
    Problem {
        severity: Severity::Error,
        code: "no-concerns",
        place: None,
        message: Words::new("concerns.toml 里没有关切", "concerns.toml holds no concern"),
        label: Words::new("整个文件", "the whole file"),
        help: None,
    }
}

/// The new settings, but what parts of the program hold since the start; with the names of what waits.
fn with_what_runs(mut new: Config, started: &Config) -> (Config, Vec<&'static str>) {
    let mut restart = Vec::new();
    let mut keep = |differs: bool, name: &'static str| {
        if differs {
            restart.push(name);
        }
    };
    keep(new.site.zone != started.site.zone, "[site] timezone");
    keep(new.site.data_dir != started.site.data_dir, "[site] data_dir");
    keep(new.web.listen != started.web.listen, "[web] listen");
    keep(new.web.login != started.web.login, "[web] login");
    keep(new.web.public_url != started.web.public_url, "[web] public_url");
    keep(new.web.gateways != started.web.gateways, "[web] gateways");
    keep(new.web.header != started.web.header, "[web] header");
    keep(new.web.certificate != started.web.certificate, "[web] cert, key");
    keep(new.api != started.api, "[api]");
    keep(new.mail != started.mail, "[mail]");
    keep(new.channels != started.channels, "[[channel]]");
    keep(new.topics != started.topics, "[topics]");
    keep(new.retention != started.retention, "[retention]");
    keep(new.privacy != started.privacy, "[privacy]");
    keep(new.fetch != started.fetch, "[fetch]");
    keep(new.sources != started.sources, "[[source]]");
    new.site.zone = started.site.zone.clone();
    new.site.data_dir.clone_from(&started.site.data_dir);
    new.web = started.web.clone();
    new.api = started.api.clone();
    new.mail = started.mail.clone();
    new.channels.clone_from(&started.channels);
    new.topics = started.topics.clone();
    new.retention = started.retention.clone();
    new.privacy = started.privacy.clone();
    new.fetch = started.fetch.clone();
    new.sources.clone_from(&started.sources);
    (new, restart)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMINISTRATOR: &str = "[people]\n\"值班室\" = [\"duty@example.org\"]\n";
    const CONCERNS: &str = "[[concern]]\nname = \"供水\"\nwords = [\"停水\"]\n";

    fn folder(administrator: &str, concerns: &str) -> (tempfile::TempDir, Reload) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guanlan.toml");
        std::fs::write(&file, administrator).unwrap();
        std::fs::write(file.with_file_name(config::CONCERNS), concerns).unwrap();
        let started = config::load(&file, &BTreeMap::new()).config;
        (folder, Reload::new(file, BTreeMap::new(), started))
    }

    fn write(reload: &Reload, name: &str, text: &str) {
        std::fs::write(reload.file.with_file_name(name), text).unwrap();
    }

    #[test]
    fn files_that_stay_are_not_read_again_and_a_changed_one_is_taken_over() {
        let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
        assert!(reload.changed().is_none());
        write(
            &reload,
            config::CONCERNS,
            &format!("{CONCERNS}[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n"),
        );
        let Some(Outcome::Taken(orders, parts, restart)) = reload.changed() else { panic!("not taken") };
        let names: Vec<&str> = orders.concerns.iter().map(|concern| concern.name.as_str()).collect();
        assert_eq!(names, ["供水", "供电"]);
        assert!(restart.is_empty() && parts.iter().any(|part| part.title.zh == "关切：供电"));
        assert!(reload.changed().is_none());
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_place() {
        let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
        write(&reload, config::CONCERNS, &format!("{CONCERNS}wrods = 1\n"));
        let Some(Outcome::Refused(problems)) = reload.changed() else { panic!("not refused") };
        let place = problems.first().and_then(|problem| problem.place.clone()).unwrap();
        assert_eq!((place.file.as_str(), place.line), ("concerns.toml", 4));
        write(&reload, config::CONCERNS, "");
        assert!(matches!(reload.changed(), Some(Outcome::Refused(_))));
    }

    #[test]
    fn what_needs_a_restart_keeps_its_value_and_is_named() {
        let (_folder, mut reload) = folder(ADMINISTRATOR, CONCERNS);
        write(
            &reload,
            "guanlan.toml",
            &format!("{ADMINISTRATOR}[retention]\nposts = \"30d\"\n[levels]\nhold = \"1h\"\n"),
        );
        let Some(Outcome::Taken(orders, _, restart)) = reload.changed() else { panic!("not taken") };
        assert_eq!(restart, ["[retention]"]);
        assert_eq!(orders.keep_posts, jiff::SignedDuration::from_hours(90 * 24));
        assert_eq!(orders.policy.hold, jiff::SignedDuration::from_hours(1));
    }
}
