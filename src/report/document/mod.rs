//! The report as a document: sections of a few kinds of blocks. It is built once; the terminal, Markdown and the HTML page
//! print it, so that words and numbers cannot differ.
//!
//! Its texts are plain: each printer makes them safe for its medium.

pub(super) mod accepted;
mod actor;
pub(super) mod assurance;
pub(super) mod changes;
pub(super) mod controls;
pub(super) mod coverage;
pub(super) mod denied;
pub(super) mod deployments;
pub(super) mod evidence;
pub(super) mod facts;
pub(super) mod gaps;
pub(super) mod groups;
pub(super) mod integrity;
pub(super) mod judged;
pub(super) mod keys;
pub(super) mod limits;
pub(super) mod reconciliation;
pub(super) mod routes;
mod themes;

use super::Options;
use super::Report;
use super::names;
use super::names::Names;
use super::wire::Rows;
use super::wire::Time;
use super::wire::coverage::Coverage;
use super::wire::summary::Summary;
use crate::model::width::wide;
use judged::Judged;

/// What every section may look at.
pub(super) struct View<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) names: Names<'a>,
    pub(super) summary: Summary,
    pub(super) coverage: Coverage<'a>,
    pub(super) judged: Judged<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &Report<'a>, options: &Options) -> Self {
        let rows = Rows::new(report, options);
        let names = Names::new(report, options);
        Self { rows, names, summary: rows.summary(), coverage: rows.coverage(), judged: Judged::of(&rows) }
    }

    /// Returns the sections that follow the findings on a terminal and in Markdown, in their order. Those for auditors are
    /// there when all was asked for, or when they are bad news.
    pub(super) fn sections(&self, limits: Section) -> Vec<Section> {
        let (view, all) = (self, self.rows.options.all);
        let accepted = accepted::section(view);
        let sections = [
            (!accepted.blocks.is_empty()).then_some(accepted),
            changes::is_known(view).then(|| changes::section(view)),
            Some(routes::section(view)),
            all.then(|| deployments::section(view)),
            Some(keys::section(view)),
            Some(denied::section(view)),
            Some(coverage::section(view)),
            Some(coverage::defects(view)),
            evidence::section(view),
            integrity::section(view),
            Some(gaps::section(view)),
            (all || !reconciliation::adds_up(view)).then(|| reconciliation::section(view)),
            all.then(|| controls::section(view)),
            Some(assurance::section(view)),
            Some(limits),
        ];
        sections.into_iter().flatten().collect()
    }

    /// Returns the place of an open finding on a page, if it is sure to be there.
    pub(super) fn place(&self, fingerprint: &str) -> Option<String> {
        (self.rows.report.findings.len() <= MAX_PLACES).then(|| format!("#{}", anchor(fingerprint)))
    }
}

/// How many findings have a place on a page at least.
pub(super) const MAX_PLACES: usize = 9_000;

/// The name of a finding's place on a page: the fingerprint without what an address may not hold.
pub(super) fn anchor(fingerprint: &str) -> String {
    let plain: String = fingerprint.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("f-{plain}")
}

/// A part of the report with a heading.
pub(super) struct Section {
    /// Its place in an address.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What it comes to, as a clause without a full stop.
    pub(super) note: String,
    pub(super) blocks: Vec<Block>,
}

/// What a section is made of.
pub(super) enum Block {
    /// Sentences.
    Text(String),
    /// Sentences for those who look for them.
    Note(String),
    /// Sentences that must not be missed, and the word that stands before them.
    Warning(&'static str, String),
    /// Things by name.
    Facts(Vec<Fact>),
    Table(Table),
    List(Vec<&'static str>),
}

/// A thing and its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// Rows of cells. The first cell names its row.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// How many rows there are, those included that the report does not hold.
    pub(super) all: usize,
    /// How many rows a terminal shows unless all are asked for.
    pub(super) short: usize,
    /// How many of the last rows it shows besides.
    pub(super) tail: usize,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words, which may hold foreign names.
    Words,
    /// A name that is not ours.
    Name,
    /// A number.
    Number,
    /// A moment: it stays on one line.
    Time,
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) kind: Kind,
    /// It is there on pages, and not on a terminal, where there is less room.
    pub(super) is_detail: bool,
    /// What stands before a text that takes as many lines as it needs, when it stands below another one; `None` for
    /// columns that are never broken.
    pub(super) flows: Option<&'static str>,
}

impl Column {
    /// A column that stays on one line.
    pub(super) const fn new(title: &'static str, kind: Kind) -> Self {
        Self { title, kind, is_detail: false, flows: None }
    }

    /// A column whose text takes the lines that it needs, after this when it stands below another such text.
    pub(super) const fn flowing(mut self, below: &'static str) -> Self {
        self.flows = Some(below);
        self
    }

    /// A column for pages.
    pub(super) const fn detail(mut self) -> Self {
        self.is_detail = true;
        self
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) mark: Mark,
    /// Where a page leads from it: an address, or a place on the page.
    pub(super) link: Option<String>,
}

/// How a cell is judged. What is marked says so in words, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// Not.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// To be looked at.
    Notice,
    /// To be looked at now.
    Alarm,
}

impl Cell {
    pub(super) fn marked(text: impl Into<String>, mark: Mark) -> Self {
        Self { text: text.into(), mark, link: None }
    }

    /// A cell that leads somewhere, if there is an address.
    pub(super) fn linked(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::from(names::number(value))
    }
}

impl Table {
    pub(super) fn new(caption: &str, columns: &[Column]) -> Self {
        Self { caption: caption.to_owned(), columns: columns.to_vec(), rows: Vec::new(), all: 0, short: 12, tail: 0 }
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "{}", self.caption);
        self.rows.push(cells);
        self.all = self.all.max(self.rows.len());
    }

    /// Returns the table without columns that say nothing.
    pub(super) fn block(mut self) -> Block {
        for at in (0..self.columns.len()).rev() {
            let is_empty = |row: &Vec<Cell>| row.get(at).is_none_or(|cell| cell.text.is_empty());
            if self.rows.iter().all(is_empty) {
                self.columns.remove(at);
                self.rows.iter_mut().filter(|row| at < row.len()).for_each(|row| drop(row.remove(at)));
            }
        }
        Block::Table(self)
    }
}

/// Writes a number with its noun, with plain spaces: each printer breaks its lines itself.
pub(super) fn count(number: u64, noun: &str) -> String {
    names::count(number, noun).replace('\u{a0}', " ")
}

/// Counts the things of a list.
pub(super) fn count_of(things: usize, noun: &str) -> String {
    count(wide(things), noun)
}

/// Writes a moment as every section writes it.
pub(super) fn moment(time: Option<Time>) -> String {
    names::minute(time)
}

/// Writes when a finding was seen: nothing when it is about the input as a whole.
pub(super) fn seen(time: Option<Time>) -> String {
    time.map_or_else(String::new, |time| moment(Some(time)))
}

/// Begins a clause as a sentence begins.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
