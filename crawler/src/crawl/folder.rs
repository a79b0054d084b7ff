//! One visit of a watched folder: what its files brought, as a visit says it.

use jiff::{SignedDuration, Timestamp};

use super::Outcome;
use super::cursor::Cursor;
use super::visit::{Again, Harvest};
use crate::format::file::Defaults;
use crate::format::file::watch::{self, Watched};
use crate::format::{Privacy, Problem, Room};
use crate::source::Source;
use crate::words::Words;

/// Looks at the folder and moves its place in the cursor.
pub(super) async fn visit(
    (source, pattern): (&Source, &str),
    cursor: &mut Cursor,
    (privacy, room): (&Privacy, Room),
    now: Timestamp,
) -> Harvest {
    let defaults = Defaults::of(source, privacy, room);
    let (wanted, place) = (pattern.to_owned(), cursor.files.clone());
    let looked =
        tokio::task::spawn_blocking(move || watch::poll(&wanted, place.as_deref(), &defaults, now)).await;
    match looked {
        Ok(Ok(watched)) if watched.files == 0 => {
            // Counting this as silence would hide a mistyped path or a writer that never started.
            let why = Words::new(
                format!("没有符合 {pattern} 的文件；请检查路径和写文件的程序"),
                format!("no file fits {pattern}; check the path and what writes there"),
            );
            Harvest::failed(why, None)
        }
        Ok(Ok(watched)) => take(watched, cursor),
        Ok(Err(error)) => {
            let why = Words::new(
                format!("看不了 {pattern}：{error}"),
                format!("cannot look at {pattern}: {error}"),
            );
            Harvest::failed(why, None)
        }
        Err(_) => {
            let why = Words::new(
                "读文件时出了意外；请告诉开发者",
                "reading the files failed unexpectedly; please report this",
            );
            Harvest::failed(why, None)
        }
    }
}

fn take(watched: Watched, cursor: &mut Cursor) -> Harvest {
    let Watched { posts, problems, cursor: place, more, .. } = watched;
    let is_unchanged = posts.is_empty() && problems.is_empty();
    cursor.files = Some(place);
    let problems = problems.into_iter().map(|problem| {
        let what = Words::new(
            format!("{}：{}", problem.file, problem.what.zh),
            format!("{}: {}", problem.file, problem.what.en),
        );
        Problem { line: problem.line, what }
    });
    Harvest {
        posts,
        problems: problems.collect(),
        outcome: if is_unchanged { Outcome::NotModified } else { Outcome::Fetched },
        again: more.then_some(Again::In(SignedDuration::ZERO)),
        ..Harvest::not_modified()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::mask::Masks;
    use crate::post::{IdKey, Publisher};
    use crate::source::Kind;

    fn source(pattern: &str) -> Source {
        Source {
            id: "spool".into(),
            name: "接口".into(),
            kind: Kind::Files { pattern: pattern.into(), rename: vec![("ts".into(), "time".into())] },
            every: SignedDuration::from_mins(5),
            publisher: Publisher::Individual,
            group: "微博".into(),
            encoding: None,
            zone: TimeZone::UTC,
            allow: Vec::new(),
            every_at_most: None,
            proxy: None,
        }
    }

    async fn look(pattern: &str, cursor: &mut Cursor) -> Harvest {
        let source = source(pattern);
        let Kind::Files { pattern, .. } = &source.kind else { panic!("a folder") };
        let privacy = Privacy { key: IdKey::fixed([0; 32]), masks: Masks::default() };
        let now = "2030-01-01T00:00:00Z".parse().unwrap();
        visit((&source, pattern), cursor, (&privacy, Room::default()), now).await
    }

    #[tokio::test]
    async fn a_folder_is_visited_like_any_source() {
        let dir = tempfile::tempdir().unwrap();
        let pattern = dir.path().join("*.jsonl").to_string_lossy().into_owned();
        let mut cursor = Cursor::default();
        let failed = look(&pattern, &mut cursor).await;
        assert!(matches!(&failed.outcome, Outcome::Failed(why) if why.en.contains("no file fits")));

        let file = dir.path().join("a.jsonl");
        fs::write(&file, "{\"ts\":\"2021-01-20\",\"title\":\"返乡\"}\n坏\n").unwrap();
        let fetched = look(&pattern, &mut cursor).await;
        assert_eq!((fetched.outcome, fetched.posts.len()), (Outcome::Fetched, 1));
        assert_eq!((fetched.posts[0].source.as_str(), fetched.posts[0].group.as_str()), ("spool", "微博"));
        assert_eq!(fetched.problems[0].line, Some(2));
        assert!(fetched.problems[0].what.en.starts_with("a.jsonl: "), "{:?}", fetched.problems);

        // The cursor survives a restart as text.
        let mut cursor = Cursor::read(cursor.write().as_deref());
        assert_eq!(look(&pattern, &mut cursor).await.outcome, Outcome::NotModified);
        let gone = look(&dir.path().join("gone/*").to_string_lossy(), &mut cursor).await;
        assert!(matches!(&gone.outcome, Outcome::Failed(why) if why.en.contains("cannot look at")));
    }
}
