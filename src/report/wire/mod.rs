//! The rows of a report, as programs read them. The doc comments here are the descriptions of the JSON Schema.
//!
//! Every format draws from these rows, so that redaction and order are decided in one place.

pub mod assurance;
pub mod chain;
pub mod ci;
pub mod ci_evidence;
pub mod coverage;
pub mod denied;
pub mod finding;
pub mod integrity;
pub mod key;
pub mod origin;
mod roles;
pub mod run;
pub mod run_link;
mod stream;
pub mod summary;

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde::Serializer;

use super::Options;
use super::Report;
use crate::model::event_id::EventId;
use crate::model::lineage::Lineage;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;
use crate::text::redact::Shade;
use stream::Stream;

/// Text that is borrowed from the lineage, unless redaction changed it.
pub type Text<'a> = Cow<'a, str>;

/// A moment in UTC, written by RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Time")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A moment in UTC, written by RFC 3339.",
            "type": "string",
            "format": "date-time",
        })
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The report of rolechain: who stood at the origin of each role session, through which roles they came, what they
/// did, and what of it was not expected. Unknown is null. Arrays are ordered on purpose; the same input gives the same
/// bytes, except for `run`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document<'a> {
    /// The name and version of this format: `rolechain.report/1`.
    pub schema: &'static str,
    /// What depends on the run and not on the logs.
    pub run: run::Run<'a>,
    /// What was read, and what was not.
    pub coverage: coverage::Coverage<'a>,
    /// What is to be thought of it: `findings`, `clean`, `partial` or `nothing_judged`.
    #[schemars(extend("enum" = ["findings", "clean", "partial", "nothing_judged"]))]
    pub verdict: &'static str,
    /// Which questions could be answered, and why others not.
    pub assurance: Vec<assurance::Answer<'a>>,
    /// What the files of CI systems hold and cover; null without `--ci`.
    pub ci_evidence: Option<ci_evidence::CiEvidence>,
    /// One for each session that issued no further session, by the time of the first hop.
    pub chains: Stream<'a, chain::Chain<'a>>,
    /// Chains with the same origin and the same roles, folded; the busiest first.
    pub routes: Stream<'a, chain::Route<'a>>,
    /// Attempts to assume a role that were denied, the most events first.
    pub denied: Vec<denied::Denied<'a>>,
    /// Long-term keys that were used, the most writes first.
    pub long_term_keys: Stream<'a, key::LongTermKey<'a>>,
    /// What was not expected, the worst first.
    pub findings: Stream<'a, finding::Finding<'a>>,
    /// The report in numbers.
    pub summary: summary::Summary,
}

/// Makes the rows of a report: the same for every format.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// What is told.
    pub report: Report<'a>,
    /// How it is told.
    pub options: Options,
    /// Whether key ids are masked.
    pub shade: Shade,
}

impl<'a> Rows<'a> {
    /// Makes the rows of a report.
    pub fn new(report: &Report<'a>, options: &Options) -> Self {
        Self { report: *report, options: *options, shade: Shade::new(options.redact) }
    }

    /// Returns the lineage.
    pub fn lineage(&self) -> &'a Lineage {
        self.report.lineage
    }

    /// Returns the whole document. Its longest lists are made while they are written.
    pub fn document(self) -> Document<'a> {
        Document {
            schema: super::SCHEMA,
            run: self.run(),
            coverage: self.coverage(),
            verdict: self.report.run.assurance.outcome(self.report.findings).name(),
            assurance: self.assurance(),
            ci_evidence: self.ci_evidence(),
            chains: Stream::new(move || self.chains()),
            routes: Stream::new(move || self.routes()),
            denied: self.denied(),
            long_term_keys: Stream::new(move || self.long_term_keys()),
            findings: Stream::new(move || self.findings()),
            summary: self.summary(),
        }
    }

    /// Returns the text of a symbol.
    pub fn text(&self, sym: Option<Sym>) -> Option<Text<'a>> {
        self.lineage().opt(sym).map(|text| self.shade.text(text))
    }

    /// Returns the access key id that a symbol stands for.
    pub fn key(&self, sym: Option<Sym>) -> Option<Text<'a>> {
        self.lineage().opt(sym).map(|key| self.shade.key(key))
    }

    /// Returns an event id as text.
    pub fn event_id(&self, id: Option<EventId>) -> Option<String> {
        id.map(|id| self.shade.text(&id.text(&self.lineage().observations.symbols)).into_owned())
    }
}
