//! Takes over changed configuration files while the program runs. A file with errors is refused, and what is in
//! force stays; what needs a restart stays as it was and is named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use alerts::account::LOCAL;
use alerts::audit::Deed;
use alerts::bulletin::Notice;
use alerts::staging::Staging;
use config::{Config, Loaded, Part, Problem, Severity, Words};
use crawler::fetch::proxy::Proxies;
use crawler::post::IdKey;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::daemon::{DaemonError, Running, until};
use crate::lookout::{Lookout, LookoutError};
use crate::notice;
use crate::orders::Orders;
use crate::ways::Ways;
use crate::web::access::oidc::{self, Oidc};

/// The files are looked at that often.
const LOOK: Duration = Duration::from_secs(1);

/// The configuration in force, for pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configured {
    /// The administrator's file; none in a demonstration.
    pub file: Option<PathBuf>,
    /// Since when what is in force is in force.
    pub since: Option<Timestamp>,
    /// Names this version of both files; empty without a file.
    pub version: String,
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

/// When each file was written last, and its length.
type Stamps = [Option<(SystemTime, u64)>; 2];

/// The files at one look.
#[derive(Clone, PartialEq, Eq)]
struct Version {
    stamps: Stamps,
    texts: [Option<Vec<u8>>; 2],
}

impl Version {
    fn of(administrator: &Path) -> Version {
        let texts = files(administrator).map(|path| std::fs::read(path).ok());
        Version { stamps: stamps(administrator), texts }
    }

    /// Eight hexadecimal digits that tell it from others.
    fn name(&self) -> String {
        let mut hash = Sha256::new();
        for text in self.texts.iter().flatten() {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Names the version of the files as they are: the service says the same of what it has in force.
pub(crate) fn version(administrator: &Path) -> String {
    Version::of(administrator).name()
}

/// What is known between two looks.
pub(crate) struct Reload {
    file: PathBuf,
    variables: BTreeMap<String, String>,
    /// What runs: sections that need a restart keep these values.
    started: Config,
    /// Hides addresses in the ids of posts, of whatever source.
    key: IdKey,
    /// What the environment says of proxies.
    environment: Proxies,
    /// The version that was judged last.
    seen: Stamps,
    /// A version that was seen once: an editor may still be writing it.
    fresh: Option<Version>,
}

/// What changed files come to.
enum Outcome {
    Taken(Box<Taken>),
    Refused(Vec<Problem>),
}

/// A version that is to be in force.
struct Taken {
    orders: Orders,
    ways: Ways,
    /// The provider of logins, where there is one.
    oidc: Option<Oidc>,
    parts: Vec<Part>,
    restart: Vec<&'static str>,
    version: String,
}

impl Reload {
    /// Begins with the files as they are now; `started` is what was read from them.
    pub(crate) fn new(
        file: PathBuf,
        variables: BTreeMap<String, String>,
        started: Config,
        (key, environment): (IdKey, Proxies),
    ) -> Reload {
        let seen = stamps(&file);
        Reload { file, variables, started, key, environment, seen, fresh: None }
    }

    /// What is in force at the start.
    pub(crate) fn configured(&self, now: Timestamp) -> Configured {
        let parts = config::load(&self.file, &self.variables).report.outline();
        let version = Version::of(&self.file).name();
        Configured {
            file: Some(self.file.clone()),
            since: Some(now),
            version,
            parts,
            ..Configured::default()
        }
    }

    /// The files anew, if they have changed and look the same as at the look before: nobody is writing them.
    fn changed(&mut self) -> Option<Outcome> {
        if stamps(&self.file) == self.seen {
            self.fresh = None;
            return None;
        }
        let version = Version::of(&self.file);
        if self.fresh.as_ref() != Some(&version) {
            self.fresh = Some(version);
            return None;
        }
        let outcome = self.judge(config::load(&self.file, &self.variables), version.name());
        if Version::of(&self.file) != version {
            return None;
        }
        (self.seen, self.fresh) = (version.stamps, None);
        Some(outcome)
    }

    /// Forgets which version was judged, so that it is judged again, with the files it names.
    fn again(&mut self) {
        self.seen = Stamps::default();
    }

    fn judge(&self, loaded: Loaded, version: String) -> Outcome {
        let parts = loaded.report.outline();
        let mut problems = loaded.report.problems;
        problems.retain(|problem| problem.severity == Severity::Error);
        if loaded.config.concerns.is_empty() && problems.is_empty() {
            problems.push(no_concerns());
        }
        if !problems.is_empty() {
            return Outcome::Refused(problems);
        }
        let (config, restart) = with_what_runs(loaded.config, &self.started);
        let ways = Ways::read(&config, self.key.clone(), self.environment.clone());
        match ways.and_then(|ways| Ok((ways, provider(&config.web)?))) {
            Ok((ways, oidc)) => {
                let orders = Orders::new(&config, Staging::Real);
                Outcome::Taken(Box::new(Taken { orders, ways, oidc, parts, restart, version }))
            }
            Err(error) => Outcome::Refused(vec![unreadable(&error)]),
        }
    }
}

/// Looks at the files until the program stops. A hangup lets them be taken over anew, secrets and all.
pub(crate) async fn watch(
    running: Running,
    (mut reload, ways): (Reload, watch::Sender<Arc<Ways>>),
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let mut hangup = signal(SignalKind::hangup())?;
    while !*stopped.borrow() {
        let looked = tokio::task::spawn_blocking(move || {
            let outcome = reload.changed();
            (reload, outcome)
        });
        let (back, outcome) = looked.await.map_err(std::io::Error::other)?;
        reload = back;
        let is_news = outcome.is_some();
        match outcome {
            None => {}
            Some(Outcome::Refused(problems)) => refuse(&running, problems).await?,
            Some(Outcome::Taken(taken)) => take(&running, *taken, &ways).await?,
        }
        if is_news {
            running.glance.acted();
        }
        if wait(&mut hangup, stopped.clone()).await {
            reload.again();
        }
    }
    Ok(())
}

/// Until the next look; whether it is to be one at everything.
async fn wait(hangup: &mut Signal, stopped: watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(LOOK) => false,
        () = until(stopped) => false,
        Some(()) = hangup.recv() => true,
    }
}

async fn refuse(running: &Running, problems: Vec<Problem>) -> Result<(), DaemonError> {
    warn!(problems = problems.len(), "a changed configuration is wrong; the one before stays in force");
    let now = running.clock.now();
    let noted = running.lookout.ask(move |lookout| lookout.refuse(problems, now)).await?;
    if let Err(error) = noted {
        error!(%error, "the administrators could not be told of a wrong configuration");
    }
    Ok(())
}

async fn take(
    running: &Running,
    taken: Taken,
    changing: &watch::Sender<Arc<Ways>>,
) -> Result<(), DaemonError> {
    let Taken { orders, ways, oidc, parts, restart, version } = taken;
    info!(restart = restart.len(), "a changed configuration is taken over");
    let (index, access, now) = (running.index.clone(), running.access.clone(), running.clock.now());
    let follow = move |lookout: &mut Lookout| {
        lookout.follow(orders, &index, now)?;
        // It is in force from here on: what fails now is no reason to say that it is not.
        if let Some(Err(error)) = oidc.map(|oidc| access.follow(oidc, lookout.desk.journal_mut())) {
            error!(%error, "the provider of logins stays as it was");
        }
        if let Err(error) = lookout.desk.journal_mut().audit(now, LOCAL, Deed::Configured, &version) {
            error!(%error, "the audit log could not be written");
        }
        let file = lookout.configured.file.take();
        lookout.configure(Configured { file, since: Some(now), version, parts, restart, refused: None });
        // At once: pages say of an alert that its concern is gone, and since when.
        if let Err(error) = lookout.desk.note_unwatched(now) {
            error!(%error, "it could not be noted which alerts have lost their concern");
        }
        Ok::<(), LookoutError>(())
    };
    match running.lookout.ask(follow).await? {
        // Whom to tell is known before the ways to them change.
        Ok(()) => drop(changing.send_replace(Arc::new(ways))),
        // What is in force stays, and everybody is told.
        Err(error) => refuse(running, vec![not_taken(&error)]).await?,
    }
    Ok(())
}

impl Lookout {
    /// Notes what is in force, for pages and for the alerts raised under it.
    pub(crate) fn configure(&mut self, configured: Configured) {
        let version = configured.version.clone();
        self.desk.in_force(Some(version).filter(|version| !version.is_empty()));
        self.configured = configured;
    }

    /// Notes that a version of the files is not in force, and tells the administrators of the first of a row.
    fn refuse(&mut self, problems: Vec<Problem>, now: Timestamp) -> Result<(), LookoutError> {
        let is_first = self.configured.refused.is_none();
        let message = notice::refused(&problems, &self.orders.site);
        self.configured.refused = Some(Refused { at: now, problems });
        if is_first {
            self.desk.queue_notice(
                Notice::Refused,
                &format!("configuration:{}", now.as_second()),
                &message,
                now,
            )?;
        }
        Ok(())
    }
}

/// The provider to go on with; none where nobody logs in at one, or the file names another way to log in.
fn provider(web: &config::Web) -> anyhow::Result<Option<Oidc>> {
    (web.login == config::Login::Oidc && web.oidc.is_some())
        .then(|| oidc::of(web, web.public_url.as_deref()))
        .transpose()
}

fn files(administrator: &Path) -> [PathBuf; 2] {
    [administrator.to_owned(), administrator.with_file_name(config::CONCERNS)]
}

fn stamps(administrator: &Path) -> Stamps {
    files(administrator).map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

/// A file that the configuration names and that can't be used.
fn unreadable(error: &anyhow::Error) -> Problem {
    Problem {
        severity: Severity::Error,
        code: "unusable-file",
        place: None,
        message: Words::new(
            format!("配置里写的一个文件或地址用不了：{error:#}"),
            format!("a file or address that the configuration names cannot be used: {error:#}"),
        ),
        label: Words::new("改好后再保存一次", "mend it and save once more"),
        help: None,
    }
}

fn not_taken(error: &LookoutError) -> Problem {
    Problem {
        severity: Severity::Error,
        code: "not-taken",
        place: None,
        message: Words::new(
            format!("新的配置没有错误，但换上去时出了问题：{error}"),
            format!("the new configuration is right, but could not be put in force: {error}"),
        ),
        label: Words::new(
            "再保存一次重试；还不行请重启观澜，并运行 guanlan doctor",
            "save once more to try again; else restart Guanlan, and see guanlan doctor",
        ),
        help: None,
    }
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
    keep(new.site.data_dir != started.site.data_dir, "[site] data_dir");
    keep(new.web.listen != started.web.listen, "[web] listen");
    keep(new.web.login != started.web.login, "[web] login");
    keep(new.web.public_url != started.web.public_url, "[web] public_url");
    keep(new.web.gateways != started.web.gateways, "[web] gateways");
    keep(new.web.header != started.web.header, "[web] header");
    keep(new.web.certificate != started.web.certificate, "[web] cert, key");
    keep(new.api != started.api, "[api]");
    keep(new.topics.memory != started.topics.memory, "[topics] memory");
    keep(new.topics.voices != started.topics.voices, "[topics] voices");
    new.site.data_dir.clone_from(&started.site.data_dir);
    // Whoever logs in at a provider does so by what the file says now.
    let is_same_way = new.web.login == started.web.login;
    let oidc = new.web.oidc.take().filter(|_| is_same_way);
    new.web = config::Web { oidc, ..started.web.clone() };
    new.api = started.api.clone();
    (new.topics.memory, new.topics.voices) = (started.topics.memory, started.topics.voices);
    (new, restart)
}

#[cfg(test)]
mod tests;
