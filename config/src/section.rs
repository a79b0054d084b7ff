//! Reads one table of a file key by key. Whatever was not asked for is an unknown key, so there is
//! no second list of keys that could fall behind. Never fails: it notes problems and goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::Document;
use crate::notes::Notes;
use crate::problem::{Mistake, Words};

/// Where something stands: a document and a byte range in it.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) document: &'a Document,
    pub(crate) span: Range<usize>,
}

/// One value of a file or of the environment.
#[derive(Clone)]
pub(crate) struct Item<'a> {
    pub(crate) value: &'a DeValue<'a>,
    pub(crate) at: At<'a>,
    /// Text from the environment has no quotes, so numbers may stand for text and the reverse.
    pub(crate) loose: bool,
}

/// A value that was read, and where it stands, for checks that need several values.
#[derive(Clone)]
pub(crate) struct Found<'a, T> {
    pub(crate) value: T,
    pub(crate) at: At<'a>,
}

/// One table being read.
pub(crate) struct Section<'a, 'n> {
    notes: &'n Notes<'a>,
    document: &'a Document,
    table: Option<&'a DeTable<'a>>,
    /// Names of the tables around it, outermost first; empty for the whole file.
    path: Vec<String>,
    /// Where the table itself stands.
    span: Range<usize>,
    /// Tables of a list (`[[source]]`) cannot be named by a variable.
    overridable: bool,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Item<'a> {
    fn new(value: &'a Spanned<DeValue<'a>>, document: &'a Document) -> Item<'a> {
        Item {
            value: value.get_ref(),
            at: At { document, span: inside_quotes(&document.text, value.span()) },
            loose: false,
        }
    }

    /// The elements, if this is a list.
    pub(crate) fn elements(&self) -> Option<Vec<Item<'a>>> {
        let list = self.value.as_array()?;
        Some(
            list.iter()
                .map(|value| {
                    let mut item = Item::new(value, self.at.document);
                    item.loose = self.loose;
                    item
                })
                .collect(),
        )
    }
}

impl<'a, 'n> Section<'a, 'n> {
    /// The whole file.
    pub(crate) fn root(notes: &'n Notes<'a>, document: &'a Document, table: &'a DeTable<'a>) -> Self {
        Section {
            notes,
            document,
            table: Some(table),
            path: Vec::new(),
            span: 0..0,
            overridable: true,
            asked: RefCell::default(),
        }
    }

    /// A table within this one; absent tables read as empty ones.
    pub(crate) fn section(&self, key: &str) -> Section<'a, 'n> {
        let is_first_visit = !self.asked.borrow().contains(key);
        let found = self.lookup(key);
        let mut path = self.path.clone();
        path.push(key.to_owned());
        let table = found.and_then(|(_, value)| value.get_ref().as_table());
        if let (Some((_, value)), None, true) = (found, table, is_first_visit) {
            let item = Item::new(value, self.document);
            let label =
                Words::new(format!("写成 [{}]", path.join(".")), format!("write [{}]", path.join(".")));
            self.notes.error(&item.at, wrong_kind("一段（表）", "a table", &item, label));
        }
        Section {
            notes: self.notes,
            document: self.document,
            table,
            span: found.map_or(self.span.clone(), |(name, _)| name.span()),
            overridable: self.overridable,
            path,
            asked: RefCell::default(),
        }
    }

    /// The tables of a list written `[[key]]`.
    pub(crate) fn sections(&self, key: &str) -> Vec<Section<'a, 'n>> {
        let Some((name, value)) = self.lookup(key) else { return Vec::new() };
        let item = Item::new(value, self.document);
        let label = || Words::new(format!("写成 [[{key}]]"), format!("write [[{key}]]"));
        let tables: Vec<&'a Spanned<DeValue<'a>>> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            // `[source]` for `[[source]]`: read it as the one element, so that its own mistakes show.
            DeValue::Table(_) => vec![value],
            _ => Vec::new(),
        };
        if !value.get_ref().is_array() {
            let at = At { document: self.document, span: name.span() };
            self.notes.error(&at, wrong_kind("若干段", "a list of tables", &item, label()));
        }
        let mut path = self.path.clone();
        path.push(key.to_owned());
        let mut sections = Vec::new();
        for element in tables {
            let Some(table) = element.get_ref().as_table() else {
                let item = Item::new(element, self.document);
                self.notes.error(&item.at, wrong_kind("一段（表）", "a table", &item, label()));
                continue;
            };
            let header = element.span();
            sections.push(Section {
                notes: self.notes,
                document: self.document,
                table: Some(table),
                path: path.clone(),
                span: header.start..header.start + first_line(&self.document.text, header.start),
                overridable: false,
                asked: RefCell::default(),
            });
        }
        sections
    }

    /// The value of a key, read by `read`; a mistake is noted and counts as absent.
    pub(crate) fn found<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Item<'a>) -> Result<T, Mistake>,
    ) -> Option<Found<'a, T>> {
        let item = self.item(key)?;
        match read(&item) {
            Ok(value) => Some(Found { value, at: item.at }),
            Err(mistake) => {
                self.notes.error(&item.at, mistake);
                None
            }
        }
    }

    /// Like [`Section::found`], without the place.
    pub(crate) fn value<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Item<'a>) -> Result<T, Mistake>,
    ) -> Option<T> {
        self.found(key, read).map(|found| found.value)
    }

    /// A list, each element read by `read`; broken elements are noted and left out.
    pub(crate) fn list<T>(
        &self,
        key: &str,
        read: impl Fn(&Item<'a>) -> Result<T, Mistake>,
    ) -> Option<Vec<Found<'a, T>>> {
        let item = self.item(key)?;
        Some(self.elements(&item, read))
    }

    /// The elements of a list value, each read by `read`.
    pub(crate) fn elements<T>(
        &self,
        item: &Item<'a>,
        read: impl Fn(&Item<'a>) -> Result<T, Mistake>,
    ) -> Vec<Found<'a, T>> {
        let elements = match item.elements() {
            Some(elements) => elements,
            // One word without brackets is a list of one: nothing else can be meant.
            None if item.value.is_str() => vec![item.clone()],
            None => {
                let label = Words::new("写成 [\"…\", \"…\"]", "write [\"…\", \"…\"]");
                self.notes.error(&item.at, wrong_kind("一个列表", "a list", item, label));
                return Vec::new();
            }
        };
        let mut values = Vec::new();
        for element in elements {
            match read(&element) {
                Ok(value) => values.push(Found { value, at: element.at }),
                Err(mistake) => self.notes.error(&element.at, mistake),
            }
        }
        values
    }

    /// All keys of a table whose keys are free, such as `[people]`, in the order of the file.
    pub(crate) fn entries(&self) -> Vec<(Found<'a, String>, Item<'a>)> {
        let mut entries: Vec<_> = self
            .table
            .into_iter()
            .flat_map(|table| table.iter())
            .map(|(key, value)| {
                self.asked.borrow_mut().insert(key.get_ref().to_string());
                let at = At { document: self.document, span: inside_quotes(&self.document.text, key.span()) };
                (Found { value: key.get_ref().to_string(), at }, Item::new(value, self.document))
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.at.span.start);
        entries
    }

    /// The raw value of a key: from the environment if it is set there, else from the file.
    pub(crate) fn item(&self, key: &str) -> Option<Item<'a>> {
        let found = self.lookup(key);
        let from_environment =
            if self.overridable { self.notes.environment.get(&self.path, key) } else { None };
        from_environment.or_else(|| found.map(|(_, value)| Item::new(value, self.document)))
    }

    /// Where the table stands; its heading.
    pub(crate) fn at(&self) -> At<'a> {
        At { document: self.document, span: self.span.clone() }
    }

    /// Where a key stands, or the table if the key is absent.
    pub(crate) fn at_key(&self, key: &str) -> At<'a> {
        match self.lookup(key) {
            Some((name, _)) => At { document: self.document, span: name.span() },
            None => self.at(),
        }
    }

    /// `true` if the file has this table at all.
    pub(crate) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    pub(crate) fn notes(&self) -> &'n Notes<'a> {
        self.notes
    }

    /// Notes every key that nobody asked for. Call it when all keys have been read.
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner();
        let Some(table) = self.table else { return };
        for (key, _) in table.iter() {
            let name = key.get_ref().as_ref();
            if !name.is_empty() && !asked.contains(name) {
                let at = At { document: self.document, span: key.span() };
                self.notes.error(&at, unknown_key(name, &self.path, &asked));
            }
        }
    }

    fn lookup(
        &self,
        key: &str,
    ) -> Option<(&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table?.get_key_value(key)
    }
}

/// The mistake of a value of the wrong type.
pub(crate) fn wrong_kind(zh: &str, en: &str, item: &Item<'_>, label: Words) -> Mistake {
    let (is_zh, is_en) = match item.value {
        DeValue::String(_) => ("一段文字", "text"),
        DeValue::Integer(_) | DeValue::Float(_) => ("一个数", "a number"),
        DeValue::Boolean(_) => ("true/false", "true/false"),
        DeValue::Datetime(_) => ("一个时间", "a time without quotes"),
        DeValue::Array(_) => ("一个列表", "a list"),
        DeValue::Table(_) => ("一段（表）", "a table"),
    };
    let message =
        Words::new(format!("这里应为{zh}，现在是{is_zh}"), format!("expected {en} here, found {is_en}"));
    Mistake::new("wrong-type", message, label)
}

fn unknown_key(name: &str, path: &[String], known: &BTreeSet<String>) -> Mistake {
    let section = if path.is_empty() { String::new() } else { format!("[{}] ", path.join(".")) };
    let message = Words::new(
        format!("{section}没有“{name}”这一项"),
        format!("{section}has no setting called \"{name}\""),
    );
    let mistake = Mistake::new("unknown-key", message, Words::new("不认识这一项", "unknown setting"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => mistake.help(format!("你是不是想写“{near}”？"), format!("did you mean \"{near}\"?")),
        None => {
            let all: Vec<&str> = known.iter().map(String::as_str).collect();
            let all = all.join("、");
            mistake.help(
                format!("这里可以写：{all}；不需要就删掉这一行"),
                format!("known here: {}; or delete the line", all.replace('、', ", ")),
            )
        }
    }
}

/// The known word nearest to what was written, if it is near enough to be a slip of the pen.
pub(crate) fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = (written.chars().count() / 3).max(1);
    known
        .map(|word| (strsim::damerau_levenshtein(&written.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= allowed || looks_contained(written, word))
        .min()
        .map(|(_, word)| word)
}

/// `市卫健` for `市卫健委`: what was written is most of the known word, or the reverse.
fn looks_contained(written: &str, known: &str) -> bool {
    written.chars().count() > 1
        && known.chars().count() > 1
        && (known.contains(written) || written.contains(known))
}

/// The range inside the quotes, if the value is quoted: that is what a caret should stand under.
fn inside_quotes(text: &str, span: Range<usize>) -> Range<usize> {
    let written = text.get(span.clone()).unwrap_or_default();
    let mut characters = written.char_indices();
    let (first, last) = (characters.next(), characters.next_back());
    let is_quote = |character: char| "\"'“”‘’＂＇「」".contains(character);
    match (first, last) {
        (Some((_, first)), Some((end, last))) if is_quote(first) && is_quote(last) => {
            let start = first.len_utf8();
            if start < end { span.start + start..span.start + end } else { span }
        }
        _ => span,
    }
}

fn first_line(text: &str, start: usize) -> usize {
    text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len)
}
