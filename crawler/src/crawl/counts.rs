//! One visit of files with counts: whole files are read when they change, since the same counts stored
//! again change nothing. Categories of no concern are said.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;

use super::Outcome;
use super::cursor::Cursor;
use super::visit::Harvest;
use crate::category::CategoryCount;
use crate::format::Problem;
use crate::format::counts::{self, Counted};
use crate::format::file::watch;
use crate::source::{Counts, Source};
use crate::words::Words;

/// The most bytes of one file of counts.
const LONGEST_FILE: u64 = 10 << 20;

/// Looks at the files and moves their state in the cursor.
pub(super) async fn visit(
    (source, kind): (&Source, &Counts),
    cursor: &mut Cursor,
    now: Timestamp,
) -> Harvest {
    let Some(pattern) = kind.path.clone() else { return super::push::not_visited(source) };
    let (before, owned, kind) = (cursor.files.clone(), source.clone(), kind.clone());
    let looked = tokio::task::spawn_blocking(move || look(&pattern, before.as_deref(), &owned, now)).await;
    match looked {
        Ok(Ok(Looked { files: 0, .. })) => {
            let why = Words::new("没有符合 path 的文件；请检查路径", "no file fits path; check it");
            Harvest::failed(why, None)
        }
        Ok(Ok(looked)) => {
            let is_unchanged = looked.counts.is_empty() && looked.problems.is_empty();
            let mut problems = looked.problems;
            problems.extend(unmapped(&kind, &looked.counts));
            cursor.files = Some(looked.state);
            let outcome = if is_unchanged { Outcome::NotModified } else { Outcome::Fetched };
            Harvest { counts: looked.counts, outcome, ..Harvest::fetched(Vec::new(), problems) }
        }
        Ok(Err(error)) => Harvest::failed(
            Words::new(
                format!("读不了计数文件：{error}"),
                format!("cannot read the files of counts: {error}"),
            ),
            None,
        ),
        Err(_) => Harvest::failed(
            Words::new(
                "读文件时出了意外；请告诉开发者",
                "reading the files failed unexpectedly; please report this",
            ),
            None,
        ),
    }
}

/// One problem for each category that belongs to no concern: it is stored, and counts for nothing.
pub fn unmapped(kind: &Counts, counts: &[CategoryCount]) -> Vec<Problem> {
    let mut categories: Vec<&str> = counts
        .iter()
        .map(|count| count.category.as_str())
        .filter(|category| !kind.concerns.iter().any(|(known, _)| known == category))
        .collect();
    categories.sort_unstable();
    categories.dedup();
    let problem = |category: &&str| {
        let what = Words::new(
            format!("类别“{category}”没有对应的关切，不计入；在 concerns 里写上就计入"),
            format!("category \"{category}\" belongs to no concern and is left out; name it under concerns"),
        );
        Problem { line: None, what }
    };
    categories.iter().take(Problem::AT_MOST).map(problem).collect()
}

#[derive(Default)]
struct Looked {
    files: usize,
    counts: Vec<CategoryCount>,
    problems: Vec<Problem>,
    state: String,
}

fn look(pattern: &str, before: Option<&str>, source: &Source, now: Timestamp) -> io::Result<Looked> {
    let mut looked = Looked::default();
    let known: Vec<&str> = before.unwrap_or_default().lines().collect();
    for path in watch::matching(pattern)? {
        looked.files += 1;
        let state = state(&path)?;
        if !known.contains(&state.as_str()) {
            let mut bytes = Vec::new();
            fs::File::open(&path)?.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > LONGEST_FILE {
                looked.problems.push(too_long(&path));
            } else {
                let Counted { counts, problems, .. } = counts::parse(&bytes, &source.id, &source.zone, now);
                looked.counts.extend(counts);
                looked.problems.extend(problems);
            }
        }
        looked.state.push_str(&state);
        looked.state.push('\n');
    }
    Ok(looked)
}

/// Half a file would be half a day's calls, so none of it counts.
fn too_long(path: &Path) -> Problem {
    let (path, mebibytes) = (path.display(), LONGEST_FILE >> 20);
    let what = Words::new(
        format!("计数文件 {path} 超过 {mebibytes} MiB，没有读；请分成几个文件"),
        format!("the file of counts {path} is longer than {mebibytes} MiB and was not read; split it"),
    );
    Problem { line: None, what }
}

/// A file that was looked at and not touched since is known by this line.
fn state(path: &Path) -> io::Result<String> {
    let data = fs::metadata(path)?;
    let modified = data.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    let modified = modified.map_or(0, |at| at.as_millisecond());
    Ok(format!("{} {modified} {}", data.len(), path.display()))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::post::Publisher;
    use crate::source::Kind;

    fn kind(path: &Path) -> Counts {
        Counts {
            path: Some(path.join("*.csv").display().to_string()),
            token_file: None,
            concerns: vec![("供水".into(), "water".into())],
        }
    }

    fn source(path: &Path) -> Source {
        Source {
            id: "calls".into(),
            name: "热线".into(),
            kind: Kind::Counts(kind(path)),
            every: SignedDuration::from_mins(10),
            publisher: Publisher::Gov,
            group: "热线计数".into(),
            encoding: None,
            zone: TimeZone::UTC,
            allow: Vec::new(),
            every_at_most: None,
            proxy: None,
        }
    }

    #[tokio::test]
    async fn a_file_is_read_when_it_changes_and_unknown_categories_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let (source, kind) = (source(folder.path()), kind(folder.path()));
        let now = "2026-11-25T00:00:00Z".parse().unwrap();
        let mut cursor = Cursor::default();
        let none = visit((&source, &kind), &mut cursor, now).await;
        assert!(matches!(none.outcome, Outcome::Failed(_)));
        fs::write(folder.path().join("a.csv"), "day,category,count\n2026-11-24,供水,20\n2026-11-24,噪音,3\n")
            .unwrap();
        let first = visit((&source, &kind), &mut cursor, now).await;
        assert_eq!((first.outcome, first.counts.len(), first.problems.len()), (Outcome::Fetched, 2, 1));
        assert!(first.problems[0].what.en.contains("噪音"));
        let again = visit((&source, &kind), &mut cursor, now).await;
        assert_eq!((again.outcome, again.counts.len()), (Outcome::NotModified, 0));
        fs::write(folder.path().join("a.csv"), "day,category,count\n2026-11-24,供水,200\n").unwrap();
        let corrected = visit((&source, &kind), &mut cursor, now).await;
        assert_eq!(corrected.counts[0].count, 200);
    }

    #[tokio::test]
    async fn a_file_that_is_too_long_counts_for_nothing_and_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (source, kind) = (source(folder.path()), kind(folder.path()));
        let row = "2026-11-24,供水,20\n";
        let rows = row.repeat(LONGEST_FILE as usize / row.len() + 1);
        fs::write(folder.path().join("long.csv"), format!("day,category,count\n{rows}")).unwrap();
        fs::write(folder.path().join("short.csv"), format!("day,category,count\n{row}")).unwrap();
        let now = "2026-11-25T00:00:00Z".parse().unwrap();
        let harvest = visit((&source, &kind), &mut Cursor::default(), now).await;
        assert_eq!((harvest.outcome, harvest.counts.len()), (Outcome::Fetched, 1));
        assert!(harvest.problems[0].what.en.contains("long.csv"), "{:?}", harvest.problems);
    }
}
