//! The Unix socket of the running program: commands that write come in here, one JSON line each way.

use std::path::PathBuf;

use alerts::account::{AccountError, ApiToken};
use alerts::alert::AlertId;
use alerts::audit::Deed;
use alerts::bounce::Bounce;
use alerts::issue::Series;
use alerts::journal::Journal;
use crawler::archive::Observation;
use crawler::words::Words;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tracing::warn;

use crate::daemon::{DaemonError, Running, until};
use crate::socket::{Evidence, Reply, Request, Turn};
use crate::web::access::LOCAL;

/// Changed files are taken over when two looks a second apart agree: so often and so far apart it is looked for.
const LOOKS: usize = 16;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);
/// The longest request: a batch of posts at their longest.
const LONGEST: u64 = 256 << 20;

/// Answers commands until the program stops.
pub(crate) async fn serve(
    running: Running,
    path: PathBuf,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    // A socket file of an earlier run that ended hard; the lock says that nobody else listens.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            () = until(stopped.clone()) => break,
        };
        let (running, stopped) = (running.clone(), stopped.clone());
        tokio::spawn(async move {
            tokio::select! {
                ended = converse(&running, stream) => if let Err(error) = ended {
                    warn!(%error, "a command broke off");
                },
                () = until(stopped) => {}
            }
        });
    }
    std::fs::remove_file(&path)?;
    Ok(())
}

async fn converse(running: &Running, mut stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read.take(LONGEST));
    let mut line = String::new();
    while lines.read_line(&mut line).await? > 0 {
        let reply = match serde_json::from_str(&line) {
            Ok(request) => {
                let reply = answer(running, request).await.unwrap_or_else(|why| refused(&why));
                running.glance.acted();
                reply
            }
            Err(error) => refused(&format!("not a request this version understands: {error}")),
        };
        let mut text = serde_json::to_string(&reply)?;
        text.push('\n');
        write.write_all(text.as_bytes()).await?;
        line.clear();
        lines.get_mut().set_limit(LONGEST);
    }
    Ok(())
}

async fn answer(running: &Running, request: Request) -> Result<Reply, String> {
    let now = running.clock.now();
    match request {
        Request::Store { posts } => {
            let stored = running.intake.ask(move |intake| intake.store(&posts)).await;
            let appended = stored.map_err(in_words)?.map_err(in_words)?;
            let reply = Reply::Stored { stored: appended.stored.len(), duplicates: appended.duplicates };
            let observe = move |lookout: &mut crate::lookout::Lookout| {
                appended.stored.iter().for_each(|stored| lookout.observe(stored));
            };
            running.lookout.ask(observe).await.map_err(in_words)?;
            Ok(reply)
        }
        Request::Observed { seen } => {
            let seen: Vec<_> =
                seen.into_iter().map(|(source, at, ok)| Observation { at, source, ok }).collect();
            let count = seen.len();
            let kept = seen.clone();
            let stored = running.intake.ask(move |intake| intake.observe(&kept)).await;
            stored.map_err(in_words)?.map_err(in_words)?;
            let heard = move |lookout: &mut crate::lookout::Lookout| {
                seen.iter().for_each(|seen| lookout.heartbeat(&seen.source, seen.at, seen.ok));
            };
            running.lookout.ask(heard).await.map_err(in_words)?;
            Ok(Reply::Done { count })
        }
        Request::Act { id, action } => {
            let acted = running.lookout.ask(move |lookout| lookout.act(&id, action, now)).await;
            acted.map_err(in_words)?.map_err(in_words)?;
            Ok(Reply::Done { count: 1 })
        }
        Request::Explain { id } => {
            let id: AlertId = id.parse()?;
            let shown = move |lookout: &mut crate::lookout::Lookout| {
                let alert = lookout.desk.alert(id)?;
                alert.map_or(Ok(None), |alert| lookout.shown(&alert, now))
            };
            let shown = running.lookout.ask(shown).await.map_err(in_words)?.map_err(in_words)?;
            let evidence = shown.map(|(signal, explanation)| Box::new(Evidence { signal, explanation }));
            Ok(Reply::Explained { evidence })
        }
        Request::Bounced { message_id, code, said } => {
            let bounce = Bounce { message_id, code, said };
            let noted = running.lookout.ask(move |lookout| lookout.desk.bounced(&bounce, now)).await;
            Ok(Reply::Done { count: usize::from(noted.map_err(in_words)?.map_err(in_words)?) })
        }
        Request::SendDigest { weekly, date } => {
            let series = if weekly { Series::Week } else { Series::Day };
            let sent = running.lookout.ask(move |lookout| lookout.send_digest(series, date, now)).await;
            Ok(Reply::Done { count: sent.map_err(in_words)?.map_err(in_words)? })
        }
        Request::ReadPaper { kind, date, language } => {
            let read = running.lookout.ask(move |lookout| lookout.read(&kind, date, language)).await;
            let (message, docx) = read.map_err(in_words)?.map_err(in_words)?;
            Ok(Reply::Digest { text: message.text, html: message.html, docx })
        }
        Request::InForce { wanted } => in_force(running, wanted).await,
        Request::Pause { source, pause } => {
            let (id, kept) = (source.clone(), pause.clone());
            let done = running.intake.ask(move |intake| intake.pause(&id, kept.as_ref())).await;
            done.map_err(in_words)?.map_err(in_words)?;
            // Kept first: a pause that is not kept would end with the program.
            let deed = if pause.is_some() { Deed::SourcePaused } else { Deed::SourceResumed };
            running.pauses.set(&source, pause);
            let noted = running
                .lookout
                .ask(move |lookout| lookout.desk.journal_mut().audit(now, LOCAL, deed, &source))
                .await;
            noted.map_err(in_words)?.map_err(in_words)?;
            Ok(Reply::Done { count: 1 })
        }
        Request::Topics => {
            let listed = running.lookout.ask(move |lookout| lookout.topics(now)).await;
            Ok(Reply::Topics { listed: listed.map_err(in_words)? })
        }
        Request::MuteTopics { class, on } => {
            let mute = move |lookout: &mut crate::lookout::Lookout| {
                lookout.mute_topics(&class, on, now).map(|()| lookout.topics(now))
            };
            Ok(Reply::Topics { listed: running.lookout.ask(mute).await.map_err(in_words)?? })
        }
        Request::Account { change } => {
            let access = running.access.clone();
            let changed = move |lookout: &mut crate::lookout::Lookout| {
                access.change(lookout.desk.journal_mut(), &change, now)
            };
            Ok(changed_or_not(running.lookout.ask(changed).await.map_err(in_words)?))
        }
        Request::AddToken { token, hash } => {
            let (access, token) = (running.access.clone(), ApiToken { hash, ..token });
            let changed = move |lookout: &mut crate::lookout::Lookout| {
                let add = |journal: &mut Journal| journal.add_token(&token, LOCAL, now);
                access.change_tokens(lookout.desk.journal_mut(), add)
            };
            Ok(changed_or_not(running.lookout.ask(changed).await.map_err(in_words)?))
        }
        Request::RevokeToken { name } => {
            let access = running.access.clone();
            let changed = move |lookout: &mut crate::lookout::Lookout| {
                let revoke = |journal: &mut Journal| journal.revoke_token(&name, LOCAL, now);
                access.change_tokens(lookout.desk.journal_mut(), revoke)
            };
            Ok(changed_or_not(running.lookout.ask(changed).await.map_err(in_words)?))
        }
        Request::Reindex => {
            let posts = running.intake.ask(crate::intake::Intake::reindex).await;
            Ok(Reply::Done { count: posts.map_err(in_words)?.map_err(in_words)? })
        }
    }
}

/// The configuration in force, once it is the one that is wanted, or after the time that takes.
async fn in_force(running: &Running, wanted: Option<String>) -> Result<Reply, String> {
    let mut looks = 0;
    loop {
        let told = running.lookout.ask(|lookout| lookout.configured.clone()).await.map_err(in_words)?;
        if looks == LOOKS || wanted.as_ref().is_none_or(|wanted| *wanted == told.version) {
            let restart = told.restart.into_iter().map(str::to_owned).collect();
            return Ok(Reply::InForce { version: told.version, since: told.since, restart });
        }
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

fn changed_or_not(changed: Result<(), AccountError>) -> Reply {
    match changed {
        Ok(()) => Reply::Done { count: 1 },
        Err(error) => Reply::Refused { why: error.words(), turn: Turn::after(&error) },
    }
}

/// What only the log of programs has words for is said in English.
fn refused(why: &str) -> Reply {
    Reply::Refused { why: Words::same(why), turn: Turn::Ours }
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
