//! `rolechain trace --format json`: what has an id, whole, and whether it was expected.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use super::Report;
use super::found::Found;
use super::found::Thing;
use super::judged::Judged;
use super::judged::Judgment;
use super::wire::Rows;
use super::wire::Text;
use super::wire::assurance::Answer;
use super::wire::chain::Action;
use super::wire::chain::Chain;
use super::wire::chain::Hop;
use super::wire::chain::LeafActivity;
use super::wire::chain::Route;
use super::wire::denied::Denied;
use super::wire::finding::Finding;
use super::wire::key::LongTermKey;
use super::wire::run::Run;
use crate::model::chain::ChainId;
use crate::model::chain::SessionId;
use crate::model::principal::PrincipalId;
use crate::model::width::place;
use crate::model::width::wide;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;

/// The name and version of the JSON document.
const SCHEMA: &str = "rolechain.trace/1";

/// How many chains of a session or a route are listed.
const MAX_CHAINS: usize = 100;

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: Run<'a>,
    /// The whole id.
    id: &'a str,
    /// What kind of id it is.
    means: &'static str,
    assurance: Vec<Answer<'a>>,
    things: Vec<Told<'a>>,
}

/// One thing, and whether it was expected; null when that cannot be asked of it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    thing: Row<'a>,
    judgment: Option<Judgment<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Row<'a> {
    Session {
        /// How it was issued.
        session: Box<Hop<'a>>,
        /// What it did itself.
        activity: LeafActivity<'a>,
        /// The chains through it, each from its origin on.
        chains: Vec<Chain<'a>>,
        chains_total: u64,
    },
    Key {
        key: Box<LongTermKey<'a>>,
        actions: Vec<Action<'a>>,
    },
    Denied {
        denied: Box<Denied<'a>>,
        /// The chain of the session that asked.
        chain_id: Option<String>,
    },
    Finding {
        finding: Box<Finding<'a>>,
    },
    Route {
        route: Box<Route<'a>>,
        chain_ids: Vec<String>,
        chain_ids_total: u64,
    },
    Caller {
        principal_kind: &'static str,
        principal_arn: Option<Text<'a>>,
        principal_id: Option<Text<'a>>,
        account_id: Option<Text<'a>>,
        service: Option<Text<'a>>,
        actions: Vec<Action<'a>>,
    },
}

/// Writes what was found as one JSON document.
pub fn write(report: &Report<'_>, found: &Found, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let judged = Judged::of(&rows);
    let document = Document {
        schema: SCHEMA,
        run: rows.run(),
        id: &found.id,
        means: found.means.name(),
        assurance: rows.assurance(),
        things: found.things.iter().filter_map(|thing| told(&rows, &judged, *thing)).collect(),
    };
    exit::through(Medium::Json, Shade::new(options.redact), out, |out| {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        out.write_all(b"\n")
    })
}

fn told<'a>(rows: &Rows<'a>, judged: &Judged<'a>, thing: Thing) -> Option<Told<'a>> {
    let lineage = rows.lineage();
    let (thing, judgment) = match thing {
        Thing::Session(id) => (session(rows, id), Some(judged.session(lineage.session(id)))),
        Thing::Key(at) => {
            let key = lineage.long_term_keys.get(at)?;
            let row = Row::Key { key: Box::new(rows.long_term_key(key)), actions: rows.actions(&key.principals) };
            (row, Some(judged.key(key)))
        }
        Thing::Denied(at) => {
            let run = lineage.denied.get(at)?;
            let denied = rows.denied_of(run)?;
            let judgment = judged.denied(&denied);
            let chains = run.session.map(|id| lineage.session(id).session.way.chains);
            let chain_id = chains.and_then(|chains| ids(rows, chains).first()).map(ChainId::to_string);
            (Row::Denied { denied: Box::new(denied), chain_id }, Some(judgment))
        }
        Thing::Finding(at) => {
            let finding = rows.report.findings.get(at)?;
            (Row::Finding { finding: Box::new(rows.finding(finding)) }, Some(judged.finding(finding)))
        }
        Thing::Route(at) => route(rows, judged, at)?,
        Thing::Caller(id) => (caller(rows, id), Some(judged.callers(&[id]))),
    };
    Some(Told { thing, judgment })
}

/// Returns the ids of a run of chains.
fn ids<'a>(rows: &Rows<'a>, (start, end): (u32, u32)) -> &'a [ChainId] {
    rows.lineage().by_descent.get(place(start)..place(end)).unwrap_or_default()
}

fn session<'a>(rows: &Rows<'a>, id: SessionId) -> Row<'a> {
    let session = rows.lineage().session(id);
    let all = ids(rows, session.session.way.chains);
    let listed = all.get(..MAX_CHAINS).unwrap_or(all);
    let chains = rows.lineage().chains.iter().filter(|chain| listed.contains(&chain.id));
    Row::Session {
        session: Box::new(rows.hop(session)),
        activity: rows.leaf_activity(session),
        chains: chains.map(|chain| rows.chain(chain)).collect(),
        chains_total: wide(all.len()),
    }
}

fn route<'a>(rows: &Rows<'a>, judged: &Judged<'a>, at: usize) -> Option<(Row<'a>, Option<Judgment<'a>>)> {
    let lineage = rows.lineage();
    let route = lineage.routes.get(at)?;
    let chains: Vec<_> = lineage.chains.iter().filter(|chain| place(chain.route) == at).collect();
    let listed = chains.iter().take(MAX_CHAINS).map(|chain| chain.id.to_string());
    let row = Row::Route {
        route: Box::new(rows.route(route)),
        chain_ids: listed.collect(),
        chain_ids_total: wide(chains.len()),
    };
    Some((row, judged.route(at)))
}

fn caller<'a>(rows: &Rows<'a>, id: PrincipalId) -> Row<'a> {
    let principal = rows.lineage().principal(id);
    Row::Caller {
        principal_kind: principal.kind.name(),
        principal_arn: rows.text(principal.arn),
        principal_id: rows.text(principal.principal_id),
        account_id: rows.text(principal.account),
        service: rows.text(principal.invoked_by),
        actions: rows.actions(&[id]),
    }
}
