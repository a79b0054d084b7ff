//! How many of the posts found belong to each concern. A segment of the index never changes, so which of its posts are a
//! concern's is worked out once; large ones beside all searches, which say nothing of concerns until that is done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::query::EnableScoring;
use tantivy::{DocId, Searcher, SegmentReader};

use super::compile;
use super::found::Found;
use super::schema::Fields;
use crate::concern::Concern;

/// Documents times concerns of a segment that is worked out while somebody waits.
const AT_ONCE: usize = 2_000_000;
/// Segments kept beyond twice those in use before those that are gone are forgotten.
const FORGET: usize = 64;
/// A concern's list is looked through for each post found, unless there are fewer posts than this part of it.
const FEW: usize = 8;

/// What is worked out already. Cloning it is cheap.
#[derive(Clone, Default)]
pub(super) struct Facets(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The concerns as they were configured.
    concerns: Arc<[Concern]>,
    segments: HashMap<SegmentId, Arc<Members>>,
    /// Whether somebody works at the large segments.
    working: bool,
}

/// The posts found by concern; one may belong to several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByConcern {
    /// Posts of each concern, in the order of the configuration.
    pub posts: Vec<u32>,
    /// Posts of none.
    pub unassigned: u32,
}

/// Documents of one segment by concern; deleted ones may be among them.
struct Members {
    /// Of each concern, ascending.
    lists: Vec<Vec<DocId>>,
    /// Of any, a bit for each document.
    any: Marks,
}

/// One bit a document.
struct Marks(Vec<u64>);

impl Facets {
    /// Of each concern how many of the posts found are its own; `None` while that is not known yet.
    pub(super) fn count(
        &self,
        searcher: &Searcher,
        (concerns, fields): (&[Concern], &Fields),
        found: &[Found],
    ) -> tantivy::Result<Option<ByConcern>> {
        let mut counts = ByConcern { posts: vec![0; concerns.len()], unassigned: 0 };
        for found in found.iter().filter(|found| found.len() > 0) {
            let reader = searcher.segment_reader(found.segment());
            let members = match self.known(concerns, reader.segment_id()) {
                Some(members) => members,
                None if (reader.max_doc() as usize).saturating_mul(concerns.len()) <= AT_ONCE => {
                    let members = Members::of(searcher, reader, (concerns, fields))?;
                    self.keep(searcher, concerns, (reader.segment_id(), members))
                }
                None => {
                    self.work_out(searcher, fields);
                    return Ok(None);
                }
            };
            members.add(found.docs(), reader.max_doc(), &mut counts);
        }
        Ok(Some(counts))
    }

    fn known(&self, concerns: &[Concern], segment: SegmentId) -> Option<Arc<Members>> {
        let mut known = self.lock();
        if *known.concerns != *concerns {
            known.segments.clear();
            known.concerns = concerns.into();
        }
        known.segments.get(&segment).cloned()
    }

    /// Keeps what was worked out, unless the concerns are others by now.
    fn keep(
        &self,
        searcher: &Searcher,
        concerns: &[Concern],
        (segment, members): (SegmentId, Members),
    ) -> Arc<Members> {
        let members = Arc::new(members);
        let mut known = self.lock();
        if *known.concerns == *concerns {
            known.segments.insert(segment, Arc::clone(&members));
        }
        // Each commit brings a segment, and merges end many.
        let readers = searcher.segment_readers();
        if known.segments.len() > 2 * readers.len() + FORGET {
            known.segments.retain(|segment, _| readers.iter().any(|reader| reader.segment_id() == *segment));
        }
        members
    }

    /// Whether a segment is still to be worked out for these concerns.
    fn is_missing(&self, concerns: &[Concern], segment: SegmentId) -> bool {
        let known = self.lock();
        *known.concerns == *concerns && !known.segments.contains_key(&segment)
    }

    /// Works out, on a thread of its own, the segments of which nothing is known.
    fn work_out(&self, searcher: &Searcher, fields: &Fields) {
        let concerns = {
            let mut known = self.lock();
            if std::mem::replace(&mut known.working, true) {
                return;
            }
            Arc::clone(&known.concerns)
        };
        let (same, searcher, fields) = (self.clone(), searcher.clone(), *fields);
        let work = move || {
            for reader in searcher.segment_readers() {
                let segment = reader.segment_id();
                if !same.is_missing(&concerns, segment) {
                    continue;
                }
                match Members::of(&searcher, reader, (&concerns, &fields)) {
                    Ok(members) => drop(same.keep(&searcher, &concerns, (segment, members))),
                    Err(error) => {
                        tracing::warn!(%error, "posts of the index could not be told apart by concern")
                    }
                }
            }
            same.lock().working = false;
        };
        if std::thread::Builder::new().name("facets".to_owned()).spawn(work).is_err() {
            self.lock().working = false;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Members {
    fn of(
        searcher: &Searcher,
        reader: &SegmentReader,
        (concerns, fields): (&[Concern], &Fields),
    ) -> tantivy::Result<Members> {
        let of_one = |concern: &Concern| {
            let posts = compile::concern(concern, fields);
            let weight = posts.weight(EnableScoring::disabled_from_searcher(searcher))?;
            let mut docs = Vec::new();
            weight.for_each_no_score(reader, &mut |some| docs.extend_from_slice(some))?;
            docs.shrink_to_fit();
            Ok(docs)
        };
        let lists = concerns.iter().map(of_one).collect::<tantivy::Result<Vec<Vec<DocId>>>>()?;
        let any = Marks::of(lists.iter().flatten().copied(), reader.max_doc());
        Ok(Members { lists, any })
    }

    /// Adds how many of these documents, ascending, are each concern's.
    fn add(&self, docs: &[DocId], all: DocId, counts: &mut ByConcern) {
        let number = |posts: usize| u32::try_from(posts).unwrap_or(u32::MAX);
        let mut marks: Option<Marks> = None;
        for (list, count) in self.lists.iter().zip(&mut counts.posts) {
            let both = if docs.len().saturating_mul(FEW) < list.len() {
                docs.iter().filter(|doc| list.binary_search(doc).is_ok()).count()
            } else {
                let marks = marks.get_or_insert_with(|| Marks::of(docs.iter().copied(), all));
                list.iter().filter(|doc| marks.has(**doc)).count()
            };
            *count += number(both);
        }
        let assigned = match marks {
            Some(marks) => marks.shared(&self.any),
            None => docs.iter().filter(|doc| self.any.has(**doc)).count(),
        };
        counts.unassigned += number(docs.len().saturating_sub(assigned));
    }
}

impl Marks {
    fn of(docs: impl Iterator<Item = DocId>, all: DocId) -> Marks {
        let mut marks = vec![0_u64; all as usize / 64 + 1];
        for doc in docs {
            if let Some(word) = marks.get_mut(doc as usize / 64) {
                *word |= 1 << (doc % 64);
            }
        }
        Marks(marks)
    }

    fn has(&self, doc: DocId) -> bool {
        self.0.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    /// Documents in both.
    fn shared(&self, other: &Marks) -> usize {
        self.0.iter().zip(&other.0).map(|(ours, theirs)| (ours & theirs).count_ones() as usize).sum()
    }
}
