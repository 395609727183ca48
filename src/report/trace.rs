//! `rolechain trace`: one thing in full, whatever its id, and whether it was expected.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io;

use super::Options;
use super::Report;
use super::again;
use super::client;
use super::found::Found;
use super::found::Means;
use super::found::Thing;
use super::judged::Judged;
use super::judged::Judgment;
use super::names;
use super::names::Names;
use super::names::count;
use super::names::minute;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::tree;
use super::tree_session;
use super::wire::Rows;
use super::wire::Text;
use super::wire::Time;
use crate::model::chain::ChainId;
use crate::model::chain::SessionId;
use crate::model::chains::Chains;
use crate::model::change::Change;
use crate::model::denial::DenialRun;
use crate::model::finding::Finding;
use crate::model::long_term_key::LongTermKey;
use crate::model::principal::PrincipalId;
use crate::model::tallies::Mark;
use crate::model::width::id_of;
use crate::model::width::place;
use crate::model::width::wide;

pub use super::trace_json::write as json;

/// How many things of one id are shown in full.
const MAX_THINGS: usize = 20;

/// How many ids, events or actions are listed.
const MAX_LISTED: usize = 10;

/// Draws what was found, and says of each thing whether it was expected.
pub fn write(report: &Report<'_>, found: &Found, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let mut screen = Screen::new(options, out);
    let teller = Teller { rows, names: Names::new(report, options), judged: Judged::of(&rows) };
    if found.means != Means::Chain {
        let call = (found.means == Means::Call).then(|| call(&rows, &found.id)).flatten();
        let what = call.unwrap_or_else(|| found.means.told().to_owned());
        let what = paint(Style::Quiet, &format!(" is {}", safe(&what)));
        screen.hanging("", "  ", &format!("{}{what}", paint(Style::Strong, &safe(&found.id))), None)?;
        screen.blank()?;
    }
    for (at, thing) in found.things.iter().take(MAX_THINGS).enumerate() {
        if at > 0 {
            screen.blank()?;
        }
        teller.thing(*thing, &mut screen)?;
    }
    if found.things.len() > MAX_THINGS {
        let more = names::number(wide(found.things.len() - MAX_THINGS));
        screen.line(&paint(Style::Quiet, &format!("… and {more} more of this name")))?;
        if matches!(found.means, Means::Address | Means::Key) {
            ways_on(&[again::command(&["who", &found.id], report.run)], &mut screen)?;
        }
    }
    if report.nothing_judged().is_none() && report.is_incomplete() {
        screen.blank()?;
        let first = format!("{} ", paint(Style::High, "PARTIAL:"));
        screen.paragraph(&first, &safe(&rows.shade.text(&report.unanswered())), None)?;
    }
    Ok(())
}

/// Says which call an event is; `None` when its name was not kept.
fn call(rows: &Rows<'_>, id: &str) -> Option<String> {
    let lineage = rows.lineage();
    let is_it = |mark: &Mark| lineage.evidence(mark).event_id.as_deref() == Some(id);
    let principals = (0..id_of(lineage.observations.principals.len())).map(PrincipalId);
    let mut tallies = principals.flat_map(|principal| lineage.actions.of(principal));
    let (source, name, time) = tallies
        .find_map(|(action, tally)| {
            let mark = [&tally.first, &tally.last].into_iter().find(|mark| is_it(mark))?;
            let action = lineage.action(*action);
            Some((action.source, action.name, mark.time()))
        })
        .or_else(|| {
            let text = |change: &&Change| change.event_id.map(|id| id.text(&lineage.observations.symbols));
            let change = lineage.observations.changes.iter().find(|change| text(change).as_deref() == Some(id))?;
            Some((None, Some(change.name), change.time))
        })?;
    let service = lineage.opt(source).map(|source| source.strip_suffix(".amazonaws.com").unwrap_or(source));
    let service = service.map(|service| format!("{service}:")).unwrap_or_default();
    let name = format!("{service}{}", lineage.opt(name).unwrap_or(names::UNKNOWN));
    Some(format!("the call {}, {}", rows.shade.text(&name), minute(time.map(Time))))
}

/// Names commands that say more: each on a line of its own, to be copied.
fn ways_on(commands: &[String], screen: &mut Screen<'_>) -> io::Result<()> {
    for (at, command) in commands.iter().enumerate() {
        let label = if at == 0 { "more:" } else { "" };
        screen.verbatim(&paint(Style::Quiet, &format!("{label:9} {}", safe(command))))?;
    }
    Ok(())
}

struct Teller<'a> {
    rows: Rows<'a>,
    names: Names<'a>,
    judged: Judged<'a>,
}

impl<'a> Teller<'a> {
    fn thing(&self, thing: Thing, screen: &mut Screen<'_>) -> io::Result<()> {
        let lineage = self.rows.lineage();
        match thing {
            Thing::Session(id) => self.session(id, screen),
            Thing::Key(at) => lineage.long_term_keys.get(at).map_or(Ok(()), |key| self.key(key, screen)),
            Thing::Denied(at) => lineage.denied.get(at).map_or(Ok(()), |run| self.denied(run, screen)),
            Thing::Finding(at) => {
                self.rows.report.findings.get(at).map_or(Ok(()), |finding| self.finding(finding, screen))
            }
            Thing::Route(at) => self.route(at, screen),
            Thing::Caller(id) => self.caller(id, screen),
        }
    }

    fn session(&self, id: SessionId, screen: &mut Screen<'_>) -> io::Result<()> {
        tree::session(&self.rows, id, screen)?;
        let session = self.rows.lineage().session(id);
        self.expected(&self.judged.session(session), screen)
    }

    /// Says whether it was expected, and which command says more.
    fn expected(&self, judgment: &Judgment<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
        screen.blank()?;
        screen.paragraph(&format!("{} ", paint(Style::Strong, "expected?")), &judgment.answer(), None)?;
        let run = self.rows.report.run;
        let commands = match (&judgment.fingerprint, judgment.rule) {
            (Some(fingerprint), Some(rule)) => {
                // Twelve digits are enough to find it again.
                let short = fingerprint.get(..16).unwrap_or(fingerprint);
                vec![again::command(&["trace", short], run), format!("rolechain explain {rule}")]
            }
            // Whoever asked to look for none has them.
            _ if run.expectations.is_none() && !run.again.judged.iter().any(|flag| flag == "--no-expectations") => {
                vec![again::draft(&["infer", "-o", "rolechain.toml"], run)]
            }
            _ => Vec::new(),
        };
        ways_on(&commands, screen)
    }

    fn facts(facts: &[(&str, Option<String>)], screen: &mut Screen<'_>) -> io::Result<()> {
        for (label, value) in facts {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                screen.paragraph(&paint(Style::Quiet, &format!("│ {label:9} ")), value, None)?;
            }
        }
        Ok(())
    }

    /// Returns programs with their versions, or all that they say where all is wanted.
    fn clients<'t>(&self, user_agents: &BTreeSet<Text<'t>>) -> BTreeSet<Text<'t>> {
        if self.rows.options.all { user_agents.clone() } else { user_agents.iter().map(client::short).collect() }
    }

    fn key(&self, key: &'a LongTermKey, screen: &mut Screen<'_>) -> io::Result<()> {
        let lineage = self.rows.lineage();
        let row = lineage.long_term_keys.iter().find(|known| known.access_key == key.access_key);
        let Some(row) = row.map(|known| self.rows.long_term_key(known)) else { return Ok(()) };
        let user = row.principal_arn.as_deref().map(|arn| self.names.principal(arn, usize::MAX));
        let title = format!(
            "key {} of {}, used directly",
            safe(&row.access_key_id),
            user.unwrap_or_else(|| names::UNKNOWN.to_owned())
        );
        screen.hanging("", "  ", &title, Some(Style::Strong))?;
        let did =
            [count(row.calls, "call"), count(row.writes, "write"), count(row.assumptions, "assumption")].join(", ");
        let list = |texts: &BTreeSet<Text<'_>>| {
            let texts: Vec<_> = texts.iter().take(MAX_LISTED).map(|text| safe(text).into_owned()).collect();
            Some(texts.join(", "))
        };
        Self::facts(
            &[
                ("user", row.principal_arn.as_deref().map(|arn| safe(arn).into_owned())),
                ("did", Some(format!("{did} · {}", names::span(row.first_event, row.last_event)))),
                ("actions", Some(self.actions(&key.principals))),
                ("in CI", row.ci_reason.as_deref().map(|reason| safe(reason).into_owned())),
                ("at", list(&row.source_ips)),
                ("with", list(&self.clients(&row.user_agents))),
            ],
            screen,
        )?;
        self.expected(&self.judged.key(key), screen)
    }

    /// Names what these principals called, the most frequent first.
    fn actions(&self, principals: &[PrincipalId]) -> String {
        let mut actions = self.rows.actions(principals);
        actions.sort_by_key(|action| Reverse(action.count));
        let more = if actions.len() > MAX_LISTED { ", …" } else { "" };
        let shown = actions.iter().take(MAX_LISTED);
        let shown = shown.map(|action| format!("{} × {}", names::number(action.count), tree_session::called(action)));
        shown.collect::<Vec<_>>().join(", ") + more
    }

    fn denied(&self, run: &DenialRun, screen: &mut Screen<'_>) -> io::Result<()> {
        let Some(row) = self.rows.denied_of(run) else { return Ok(()) };
        let text = |text: &Option<super::wire::Text<'_>>| text.as_deref().map(|text| safe(text).into_owned());
        let role = row
            .role_arn
            .as_deref()
            .map_or_else(|| "a role that was not logged".to_owned(), |role| self.names.role(role));
        screen.hanging("", "  ", &format!("denied: {} of {role}", row.event_name), Some(Style::Strong))?;
        let chain = run.session.map(|id| self.rows.lineage().session(id).session.way.chains);
        let chains: Chains = chain.into_iter().collect();
        let asked = chains
            .ids(&self.rows.lineage().by_descent)
            .next()
            .map(|id| format!("{id}: the chain of the session that asked"));
        let retries = format!("{}, {} with all retries", count(row.runs, "attempt"), count(row.events, "event"));
        Self::facts(
            &[
                ("who", text(&row.principal)),
                ("subject", text(&row.subject)),
                ("role", text(&row.role_arn)),
                ("error", text(&row.error_code)),
                ("attempts", Some(format!("{retries} · {}", names::span(row.first_event, row.last_event)))),
                ("events", Some(row.event_ids.iter().map(|id| safe(id)).collect::<Vec<_>>().join(", "))),
                ("asked by", asked),
            ],
            screen,
        )?;
        self.expected(&self.judged.denied(&row), screen)
    }

    fn finding(&self, finding: &Finding, screen: &mut Screen<'_>) -> io::Result<()> {
        let row = self.rows.finding(finding);
        let severity = paint(Style::of_severity(row.severity), &row.severity.to_uppercase());
        screen.paragraph(&format!("{severity} "), &safe(&row.title), Some(Style::Strong))?;
        let graded = row.regraded_from.map(|usual| format!(", graded by the owners, {usual} by the rule"));
        let times = format!("{} · {}", count(row.count, "time"), names::span(row.first_seen, row.last_seen));
        let events =
            row.evidence.iter().filter_map(|event| event.event_id.as_deref()).map(|id| safe(id)).collect::<Vec<_>>();
        let chains: Vec<&str> = row.chain_ids.iter().take(MAX_LISTED).map(String::as_str).collect();
        let more = row.count_chains().saturating_sub(wide(chains.len()));
        let more = if more > 0 { format!(" and {} more", names::number(more)) } else { String::new() };
        let key: Vec<String> = row.key.iter().map(|(name, value)| format!("{name} {}", safe(value))).collect();
        Self::facts(
            &[
                (
                    "rule",
                    Some(format!(
                        "{}, {}, {} confidence{}",
                        row.rule,
                        row.basis,
                        row.confidence,
                        graded.unwrap_or_default()
                    )),
                ),
                ("what", Some(safe(&row.message).into_owned())),
                ("fix", Some(safe(&row.remediation).into_owned())),
                ("about", Some(key.join(", "))),
                ("seen", Some(times)),
                ("status", finding.is_open().then(|| row.status.to_owned())),
                ("accepted", row.exception.as_deref().map(|why| safe(why).into_owned())),
                ("events", Some(events.join(", "))),
                ("chains", (!chains.is_empty()).then(|| format!("{}{more}", chains.join(", ")))),
            ],
            screen,
        )?;
        screen.blank()?;
        let judgment = self.judged.finding(finding);
        let answer = format!("{}: {}", judgment.expected, judgment.reason);
        screen.paragraph(&format!("{} ", paint(Style::Strong, "expected?")), &answer, None)?;
        ways_on(&[format!("rolechain explain {}", row.rule)], screen)
    }

    fn route(&self, at: usize, screen: &mut Screen<'_>) -> io::Result<()> {
        let lineage = self.rows.lineage();
        let Some(row) = lineage.routes.get(at).map(|route| self.rows.route(route)) else { return Ok(()) };
        let who = format!("{} {}", names::via(&row.origin), self.names.origin(&row.origin, usize::MAX));
        let path = self.names.path(&row.roles(), usize::MAX);
        screen.hanging("", "  ", &format!("{who}{}{path}", names::ARROW), Some(Style::Strong))?;
        let activity = &row.activity;
        let did = [count(row.chains, "run"), count(activity.calls, "call"), count(activity.writes, "write")].join(", ");
        Self::facts(
            &[("did", Some(format!("{did} · {}", names::span(activity.first_event, activity.last_event))))],
            screen,
        )?;
        let own = lineage.chains.iter().filter(|chain| place(chain.route) == at);
        let mut chains: Vec<(Option<Time>, ChainId, Judgment<'_>)> =
            own.map(|chain| (lineage.leaf(chain).issued().map(Time), chain.id, self.judged.chain(chain))).collect();
        chains.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        for (issued, id, judgment) in chains.iter().take(MAX_LISTED) {
            screen.line(&format!("  {}  {id}  {}", minute(*issued), judgment.words()))?;
        }
        if chains.len() > MAX_LISTED {
            screen.line(&paint(
                Style::Quiet,
                &format!("  … and {} more", names::number(wide(chains.len() - MAX_LISTED))),
            ))?;
        }
        self.judged.route(at).map_or(Ok(()), |judgment| self.expected(&judgment, screen))
    }

    fn caller(&self, id: PrincipalId, screen: &mut Screen<'_>) -> io::Result<()> {
        let lineage = self.rows.lineage();
        let principal = lineage.principal(id);
        let text = |sym| lineage.opt(sym).map(|text| safe(&self.rows.shade.text(text)).into_owned());
        let title = format!("a call by {} without a session or a key of these logs", principal.kind.name());
        screen.hanging("", "  ", &title, Some(Style::Strong))?;
        Self::facts(
            &[
                ("principal", text(principal.arn).or_else(|| text(principal.principal_id))),
                ("service", text(principal.invoked_by)),
                (
                    "account",
                    principal
                        .account
                        .and_then(|account| lineage.opt(Some(account)))
                        .map(|account| self.names.account(account)),
                ),
                ("provider", text(principal.identity_provider)),
                ("actions", Some(self.actions(&[id]))),
            ],
            screen,
        )?;
        self.expected(&self.judged.callers(&[id]), screen)
    }
}
