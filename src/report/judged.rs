//! Was it expected? One answer for each chain, key and denied attempt, for the commands that show them one by one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use super::judged_chains::Found;
use super::judged_chains::OfChains;
use super::judged_rank::calls_for_action;
use super::judged_rank::is_of_door;
use super::judged_rank::rank;
use super::judged_without::About;
use super::judged_without::WithoutChain;
use super::names;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::wire::Rows;
use super::wire::Text;
use super::wire::denied::Denied;
use crate::audit::Entry;
use crate::model::arn;
use crate::model::assurance::Question;
use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::finding::Finding;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::model::lineage::SessionView;
use crate::model::long_term_key::LongTermKey;
use crate::model::principal::PrincipalId;
use crate::model::width::place;

/// The judgment of one thing that happened.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Judgment<'a> {
    /// `no`: a rule found something. `accepted`: it did, and the owners accept it. `yes`: the expectations name it, and
    /// no rule found anything. `unknown`: no rule found anything, and nobody said that it is expected.
    pub(crate) expected: &'static str,
    /// Of the worst finding.
    pub(super) severity: Option<&'static str>,
    /// Of the worst finding.
    pub(crate) rule: Option<&'static str>,
    /// Of the worst finding.
    pub(super) fingerprint: Option<Text<'a>>,
    /// How many other findings are open.
    pub(super) other_findings: u64,
    /// Those that no chain has.
    #[serde(skip)]
    pub(super) without_chain: Vec<&'a str>,
    /// Why, in words: the title of the worst finding, or what is not known.
    pub(super) reason: Text<'a>,
}

/// The judgment of everything in a report.
pub(super) struct Judged<'a> {
    rows: Rows<'a>,
    by_chain: OfChains<'a>,
    /// Changes of who may come in: they list the chains that came through afterwards, too.
    by_door: OfChains<'a>,
    /// The same, by who changed it.
    doors: BTreeMap<&'a str, Vec<&'a Finding>>,
    without_chain: WithoutChain<'a>,
    /// By session.
    said: Vec<Said>,
    /// Why nothing can be called expected, where a question could not be answered that this depends on.
    doubt: Option<&'a str>,
}

impl<'a> Judged<'a> {
    pub(super) fn of(rows: &Rows<'a>) -> Self {
        let mut findings: Vec<&Finding> = rows.report.findings.iter().collect();
        findings.sort_by_key(|finding| rank(finding));
        let (doors, acts): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| is_of_door(finding));
        let mut by_actor: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for door in doors.iter().filter(|door| door.is_open()) {
            let named = door.key.get("principal_arn").map_or("", |arn| actor(arn));
            by_actor.entry(named).or_default().push(door);
        }
        let [by_chain, by_door] = [acts, doors].map(|list| OfChains::of(&list, rows.lineage().by_descent.len()));
        let without_chain = WithoutChain::of(&findings);
        let entries = &rows.report.run.entries;
        let said =
            rows.lineage().handed_down(|session, above| Said::of(session, above.copied().unwrap_or_default(), entries));
        let answers = &rows.report.run.assurance.answers;
        let asked = [Question::Origin, Question::Subjects, Question::ExternalId];
        let doubt =
            answers.iter().filter(|answer| asked.contains(&answer.question)).find_map(|answer| answer.reasons.first());
        let doubt = doubt.map(|reason| reason.message.as_str());
        Self { rows: *rows, by_chain, by_door, doors: by_actor, without_chain, said, doubt }
    }

    /// Judges a chain.
    pub(super) fn chain(&self, chain: &Chain) -> Judgment<'a> {
        self.session(self.rows.lineage().leaf(chain))
    }

    /// Judges a session as the worst of the chains through it.
    pub(super) fn session(&self, session: SessionView<'a>) -> Judgment<'a> {
        let (start, end) = session.session.way.chains;
        let found = (start..end).map(|at| self.by_chain.found(place(at)));
        let worst = found.max_by_key(|found| {
            (found.worst.map(|finding| (calls_for_action(finding), finding.severity)), found.accepted.is_some())
        });
        let mut found = worst.unwrap_or_default();
        // Whoever changed a door did it; whoever came through it later did not.
        let lists = |door: &&&'a Finding| door.chain_ids.clone().into_iter().any(|(from, to)| from < end && start < to);
        let doors = actors(session).into_iter().filter_map(|actor| self.doors.get(actor)).flatten();
        if let Some(own) = doors.filter(lists).copied().min_by_key(|door| rank(door)) {
            found.open += 1;
            let is_worse = found.worst.is_none_or(|worst| rank(own) < rank(worst));
            found.worst = if is_worse { Some(own) } else { found.worst };
        }
        if session.ancestry().any(|one| one.role_arn().is_some()) {
            let mut judgment = self.judgment(found, || self.unsaid(session));
            let passed = || (start..end).find_map(|at| self.by_door.found(place(at)).worst);
            if judgment.expected == "yes"
                && let Some(door) = passed()
            {
                let title = self.rows.finding_text(door, &door.title);
                judgment.reason = format!("{}; but see {}: {title}", judgment.reason, door.rule).into();
            }
            return judgment;
        }
        // What a user did without a role is no chain's alone.
        let key = session.origin().access_key_id.as_deref().or(session.access_key());
        let about = self.without_chain.about(self.rows.lineage(), session.principals(), key);
        self.without(found, &about, || self.unsaid(session))
    }

    /// Judges what was done with a key directly, by all who used it.
    pub(super) fn key(&self, key: &'a LongTermKey) -> Judgment<'a> {
        let lineage = self.rows.lineage();
        let about = self.without_chain.about(lineage, &key.principals, Some(lineage.str(key.access_key)));
        self.without(Found::default(), &about, || Some("no expectation speaks of direct use of a key".into()))
    }

    /// Judges the calls of somebody who has neither a session nor a key in these logs.
    pub(super) fn callers(&self, ids: &[PrincipalId]) -> Judgment<'a> {
        let about = self.without_chain.about(self.rows.lineage(), ids, None);
        let unsaid = || Some("no chain begins with it, and no expectation speaks of it".into());
        self.without(Found::default(), &about, unsaid)
    }

    /// Judges denied attempts.
    pub(super) fn denied(&self, row: &Denied<'_>) -> Judgment<'a> {
        let lineage = self.rows.lineage();
        let events = row.records.iter().filter_map(|record| lineage.assumption_evidence(*record).event_id);
        let about = About { proved: self.without_chain.denied(row, events), of_user: Vec::new() };
        self.without(Found::default(), &about, || Some("it was refused".into()))
    }

    /// Judges a route as the worst of its chains; without any it is that of a key that was used directly.
    pub(super) fn route(&self, at: usize) -> Option<Judgment<'a>> {
        let lineage = self.rows.lineage();
        let own = lineage.chains.iter().filter(|chain| place(chain.route) == at);
        let worst = own.map(|chain| self.chain(chain)).max_by_key(Judgment::weight);
        worst.or_else(|| {
            let used = lineage.origin(lineage.routes.get(at)?.origin).access_key_id.as_deref();
            let key = lineage.long_term_keys.iter().find(|key| used == Some(lineage.str(key.access_key)))?;
            Some(self.key(key))
        })
    }

    /// Judges what a finding speaks of.
    pub(super) fn finding(&self, finding: &'a Finding) -> Judgment<'a> {
        let (expected, reason) = match finding.status {
            Status::Excepted => ("accepted", "the owners accept it for a time"),
            Status::Resolved => ("no", "it was a finding, and is resolved"),
            _ if calls_for_action(finding) => ("no", "an open finding"),
            _ => ("unknown", "an open finding that says nothing against an act"),
        };
        Judgment {
            expected,
            severity: Some(finding.severity.name()),
            rule: Some(finding.rule),
            fingerprint: Some(self.rows.finding_text(finding, &finding.fingerprint)),
            reason: reason.into(),
            ..Judgment::default()
        }
    }

    /// Judges what has no chain of its own. What is found about its user, and nothing shows to be its own, makes it
    /// unknown: somebody else of that user may have done it.
    fn without(
        &self,
        mut found: Found<'a>,
        about: &About<'a>,
        unsaid: impl FnOnce() -> Option<Text<'a>>,
    ) -> Judgment<'a> {
        about.proved.iter().for_each(|finding| found.add(finding));
        let mut of_user = Found::default();
        about.of_user.iter().for_each(|finding| of_user.add(finding));
        let named = about.proved.iter().chain(&about.of_user).map(|finding| finding.fingerprint.as_str()).collect();
        let judgment = if found.worst.is_none() && found.accepted.is_none() && of_user.worst.is_some() {
            let judgment = self.judgment(of_user, || None);
            let reason = format!("{}: its user did, and the records do not say with what", judgment.reason);
            Judgment { expected: "unknown", reason: reason.into(), ..judgment }
        } else {
            self.judgment(found, unsaid)
        };
        Judgment { without_chain: named, ..judgment }
    }

    /// Puts findings into words. `unsaid` says why nothing can be called expected, if so.
    fn judgment(&self, found: Found<'a>, unsaid: impl FnOnce() -> Option<Text<'a>>) -> Judgment<'a> {
        let named = |expected, finding: &'a Finding, others| Judgment {
            expected,
            severity: Some(finding.severity.name()),
            rule: Some(finding.rule),
            fingerprint: Some(self.rows.finding_text(finding, &finding.fingerprint)),
            other_findings: others,
            without_chain: Vec::new(),
            reason: self.rows.finding_text(finding, &finding.title),
        };
        match found {
            Found { worst: Some(worst), open, .. } if calls_for_action(worst) => {
                named("no", worst, open.saturating_sub(1))
            }
            Found { accepted: Some(accepted), open, .. } => named("accepted", accepted, open),
            Found { worst: Some(worst), open, .. } => named("unknown", worst, open.saturating_sub(1)),
            Found { .. } => match unsaid() {
                Some(reason) => Judgment { expected: "unknown", reason, ..Judgment::default() },
                None => Judgment {
                    expected: "yes",
                    reason: "the expectations say who may enter each of these roles, and no rule found anything".into(),
                    ..Judgment::default()
                },
            },
        }
    }

    /// Returns why the way to a session cannot be called expected: something is not known, or not said.
    fn unsaid(&self, session: SessionView<'a>) -> Option<Text<'a>> {
        let run = self.rows.report.run;
        if run.expectations.is_none() {
            return Some("no rolechain.toml says what is expected".into());
        }
        if let Some(gap) = session.gaps().first() {
            return Some(format!("not all of it is known: {}", self.rows.shade.text(&gap.message)).into());
        }
        if session.session.way.is_uncertain {
            return Some("a link of it is not certain".into());
        }
        if let Some(doubt) = self.doubt {
            return Some(doubt.into());
        }
        let role = |id: SessionId| names::short_role(self.rows.lineage().session(id).role_arn().unwrap_or_default());
        Some(match self.said.get(place(session.id.0)).copied().unwrap_or_default() {
            Said::Yes => return None,
            Said::NoRole => "no role was assumed, so no expectation speaks of it".into(),
            Said::Refused(id) => {
                format!("what is expected of {} does not admit it, and no rule says so", role(id)).into()
            }
            Said::ByPermissionSet(id) | Said::No(id) => {
                format!("the expectations do not say who may enter {}", role(id)).into()
            }
            Said::Learned(id) => {
                format!("what is expected of {} was learned, and nobody has confirmed it", role(id)).into()
            }
        })
    }
}

/// Returns the principals on the way to a session, roles by their names.
fn actors(session: SessionView<'_>) -> BTreeSet<&str> {
    let roles = session.ancestry().filter_map(|one| one.role_arn());
    roles.chain(session.origin().principal_arn.as_deref()).map(actor).collect()
}

/// Returns a role's name for any ARN of it, and another ARN as it is.
fn actor(arn: &str) -> &str {
    arn::role_name(arn).unwrap_or(arn)
}

/// Whether the expectations say who may enter the roles on the way to a session.
#[derive(Clone, Copy, Debug, Default)]
enum Said {
    /// There is no role on it.
    #[default]
    NoRole,
    /// Who may enter each of them.
    Yes,
    /// A person came by the role of a permission set: who they are is what the next role says of origins.
    ByPermissionSet(SessionId),
    /// Nothing of this one.
    No(SessionId),
    /// Somebody else may enter this one.
    Refused(SessionId),
    /// What is said of this one was learned from logs.
    Learned(SessionId),
}

impl Said {
    /// Goes on from what is said of the way to the session above.
    fn of(session: SessionView<'_>, above: Self, entries: &[Entry]) -> Self {
        let Some(role) = session.role_arn() else { return above };
        let entry = entries.get(place(session.id.0)).copied().unwrap_or_default();
        match above {
            Self::No(_) | Self::Learned(_) | Self::Refused(_) => above,
            _ if entry.is_admitted == Some(false) => Self::Refused(session.id),
            _ if entry.is_learned => Self::Learned(session.id),
            _ if entry.is_admitted == Some(true) => Self::Yes,
            _ if session.session.parent.is_none() && arn::is_identity_center_role(role) => {
                Self::ByPermissionSet(session.id)
            }
            _ => Self::No(session.id),
        }
    }
}

impl Judgment<'_> {
    /// Orders judgments: of two the worse, and of two without findings the less certain.
    pub(super) fn weight(&self) -> (u8, Option<Severity>, u8) {
        let severity = self.severity.and_then(Severity::parse);
        let rank = ["yes", "unknown", "accepted", "no"].iter().position(|answer| *answer == self.expected);
        let rank = rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or_default();
        (u8::from(self.expected == "no"), severity, rank)
    }

    /// Says it in few words.
    pub(super) fn plain(&self) -> String {
        match (self.expected, self.severity.zip(self.rule)) {
            ("yes", None) => "expected".to_owned(),
            (_, None) => "nothing found".to_owned(),
            ("accepted", Some((_, rule))) => format!("accepted: {rule}"),
            (_, Some((severity, rule))) => {
                let others = Some(self.other_findings).filter(|others| *others > 0);
                let others = others.map(|others| format!(" +{}", names::number(others))).unwrap_or_default();
                format!("{} {rule}{others}", severity.to_uppercase())
            }
        }
    }

    /// Says it in few words, for a terminal.
    pub(super) fn words(&self) -> String {
        let style = match (self.expected, self.severity) {
            ("yes", _) => Style::Good,
            ("accepted", _) | (_, None) => Style::Quiet,
            (_, Some(severity)) => Style::of_severity(severity),
        };
        paint(style, &self.plain())
    }

    /// Answers the question whether it was expected, for a terminal.
    pub(super) fn answer(&self) -> String {
        let reason = safe(&self.reason);
        match (self.expected, self.severity.zip(self.rule)) {
            ("unknown", None) => format!("{}: nothing found, and {reason}", self.expected),
            (_, None) => format!("{}: {reason}", self.expected),
            (_, Some((severity, rule))) => {
                let head = paint(Style::of_severity(severity), &format!("{} {rule}", severity.to_uppercase()));
                let others = match self.other_findings {
                    0 => String::new(),
                    others => format!(" (and {})", names::count(others, "other finding")),
                };
                format!("{}: {head}: {reason}{others}", self.expected)
            }
        }
    }
}
