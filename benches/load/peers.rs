//! What the parts below do alone: axum with a fixed page, tantivy with the same words on the same index.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Order, Searcher, Term};

use super::wanted;

/// Serves one page of that text.
pub(crate) async fn axum(body: &str) -> SocketAddr {
    let body: Arc<str> = body.into();
    let page = move || {
        let body = Arc::clone(&body);
        async move { axum::response::Html(body.to_string()) }
    };
    let router = axum::Router::new().route("/", axum::routing::get(page));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The index of a data folder, read by tantivy alone.
pub(crate) struct Index {
    searcher: Searcher,
    questions: Vec<Arc<dyn Query>>,
}

impl Index {
    pub(crate) fn open(data: &Path) -> Index {
        let current = std::fs::read_to_string(data.join("index/current")).unwrap();
        let index = tantivy::Index::open_in_dir(data.join("index").join(current.trim())).unwrap();
        let field = |name: &str| index.schema().get_field(name).unwrap();
        let fields = [field("title_grams"), field("text_grams")];
        let questions = wanted::words().iter().map(|words| question(words, fields)).collect();
        Index { searcher: index.reader().unwrap().searcher(), questions }
    }

    /// The newest twenty posts with the words of a search.
    pub(crate) fn newest(&self, number: usize) -> impl FnOnce() + Send + 'static {
        let (searcher, question) = (self.searcher.clone(), Arc::clone(self.questions.get(number).unwrap()));
        move || {
            let newest = TopDocs::with_limit(20).order_by_fast_field::<i64>("time", Order::Desc);
            let found = searcher.search(&*question, &newest).unwrap();
            std::hint::black_box(found);
        }
    }
}

/// All of these words, or another of the same place, in title or text.
fn question(words: &[Vec<String>], fields: [Field; 2]) -> Arc<dyn Query> {
    let one = |word: &String| fields.map(|field| pairs(word, field));
    let any = |words: &Vec<String>| -> Box<dyn Query> {
        Box::new(BooleanQuery::union(words.iter().flat_map(one).collect()))
    };
    Arc::new(BooleanQuery::intersection(words.iter().map(any).collect()))
}

fn pairs(word: &str, field: Field) -> Box<dyn Query> {
    let chars: Vec<char> = word.chars().collect();
    let pairs: Vec<Term> =
        chars.windows(2).map(|pair| Term::from_field_text(field, &pair.iter().collect::<String>())).collect();
    match pairs.as_slice() {
        // A single character is asked by its pairs; the peer takes it alone.
        [] => Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::Basic)),
        [only] => Box::new(TermQuery::new(only.clone(), IndexRecordOption::Basic)),
        _ => Box::new(PhraseQuery::new(pairs)),
    }
}
