//! Was it expected? One answer for each chain, key and denied attempt, for the commands that show them one by one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::judged_chains::Found;
use super::judged_chains::OfChains;
use super::names;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::shown::persona_of;
use super::wire::Rows;
use super::wire::Text;
use super::wire::denied::Denied;
use crate::audit;
use crate::audit::Theme;
use crate::model::arn;
use crate::model::assurance::Question;
use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::finding::Finding;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::model::width::place;
use crate::provider;

/// What the expectations say of who may enter a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Which tokens.
    pub tokens: bool,
    /// Which callers, or which kinds of origin.
    pub callers: bool,
    /// It was learned from logs, and nobody has confirmed it.
    pub learned: bool,
}

/// The judgement of one thing that happened.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Judgement<'a> {
    /// `no`: a rule found something. `accepted`: it did, and the owners accept it. `yes`: the expectations name it, and
    /// no rule found anything. `unknown`: no rule found anything, and nobody said that it is expected.
    pub(super) expected: &'static str,
    /// Of the worst finding.
    pub(super) severity: Option<&'static str>,
    /// Of the worst finding.
    pub(super) rule: Option<&'static str>,
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

/// The judgement of everything in a report.
pub(super) struct Judged<'a> {
    rows: Rows<'a>,
    /// Those that call for action first, of them the worst, and of those that are as bad the one about the fewest chains.
    findings: Vec<&'a Finding>,
    by_chain: OfChains<'a>,
    /// By session.
    said: Vec<Said>,
    /// Why nothing can be called expected, where a question could not be answered that this depends on.
    doubt: Option<&'a str>,
}

impl<'a> Judged<'a> {
    pub(super) fn of(rows: &Rows<'a>) -> Self {
        let mut findings: Vec<&Finding> = rows.report.findings.iter().collect();
        findings
            .sort_by_key(|finding| (!calls_for_action(finding), Reverse(finding.severity), finding.chain_ids.len()));
        let by_chain = OfChains::of(&findings, rows.lineage().by_descent.len());
        let declared = &rows.report.run.declared;
        let said = rows
            .lineage()
            .handed_down(|session, above| Said::of(session, above.copied().unwrap_or_default(), declared));
        let answers = &rows.report.run.assurance.answers;
        let asked = [Question::Origin, Question::Subjects, Question::ExternalId];
        let doubt =
            answers.iter().filter(|answer| asked.contains(&answer.question)).find_map(|answer| answer.reasons.first());
        Self { rows: *rows, findings, by_chain, said, doubt: doubt.map(|reason| reason.message.as_str()) }
    }

    /// Judges a chain.
    pub(super) fn chain(&self, chain: &Chain) -> Judgement<'a> {
        self.session(self.rows.lineage().leaf(chain))
    }

    /// Judges a session as the worst of the chains through it.
    pub(super) fn session(&self, session: SessionView<'a>) -> Judgement<'a> {
        let (start, end) = session.session.way.chains;
        let found = (start..end).map(|at| self.by_chain.found(place(at)));
        let worst = found.max_by_key(|found| {
            (found.worst.map(|finding| (calls_for_action(finding), finding.severity)), found.accepted.is_some())
        });
        let mut found = worst.unwrap_or_default();
        let mut named = Vec::new();
        // What a user did without a role is found by the user's name.
        let user = session
            .origin()
            .principal_arn
            .as_deref()
            .filter(|_| session.ancestry().all(|one| one.role_arn().is_none()));
        if let Some(user) = user {
            named = self.about(&mut found, |finding| finding.chain_ids.is_empty() && names_principal(finding, user));
        }
        Judgement { without_chain: named, ..self.judgement(found, || self.unsaid(session)) }
    }

    /// Judges what was done with a key directly.
    pub(super) fn key(&self, key: &str, user: Option<&str>) -> Judgement<'a> {
        let mut found = Found::default();
        let named = self.about(&mut found, |finding| {
            let is_of_key = finding.key.get("access_key_id").map(|named| named == key);
            let is_of_user = || user.is_some_and(|user| names_principal(finding, user));
            finding.chain_ids.is_empty() && is_of_key.unwrap_or_else(is_of_user)
        });
        let unsaid = || Some("no expectation speaks of direct use of a key".into());
        Judgement { without_chain: named, ..self.judgement(found, unsaid) }
    }

    /// Judges denied attempts.
    pub(super) fn denied(&self, row: &Denied<'_>) -> Judgement<'a> {
        let lineage = self.rows.lineage();
        let events: Vec<Option<String>> =
            row.records.iter().map(|record| lineage.assumption_evidence(*record).event_id).collect();
        let mut found = Found::default();
        let named = self.about(&mut found, |finding| {
            let is_proved =
                finding.evidence.iter().any(|event| event.event_id.is_some() && events.contains(&event.event_id));
            let is_of_denials = || audit::rule(finding.rule).is_some_and(|rule| rule.theme == Theme::Denials);
            is_proved || is_of_denials() && speaks_of(finding, row)
        });
        Judgement { without_chain: named, ..self.judgement(found, || Some("it was refused".into())) }
    }

    /// Adds what is found about something, and returns the fingerprints.
    fn about(&self, found: &mut Found<'a>, is_about: impl Fn(&Finding) -> bool) -> Vec<&'a str> {
        let about = self.findings.iter().filter(|finding| is_about(finding));
        about.inspect(|finding| found.add(finding)).map(|finding| finding.fingerprint.as_str()).collect()
    }

    /// Puts findings into words. `unsaid` says why nothing can be called expected, if so.
    fn judgement(&self, found: Found<'a>, unsaid: impl FnOnce() -> Option<Text<'a>>) -> Judgement<'a> {
        let named = |expected, finding: &'a Finding, others| Judgement {
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
                Some(reason) => Judgement { expected: "unknown", reason, ..Judgement::default() },
                None => Judgement {
                    expected: "yes",
                    reason: "the expectations say who may enter each of these roles, and no rule found anything".into(),
                    ..Judgement::default()
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
            Said::ByPermissionSet(id) | Said::No(id) => {
                format!("the expectations do not say who may enter {}", role(id)).into()
            }
            Said::Learned(id) => {
                format!("what is expected of {} was learned, and nobody has confirmed it", role(id)).into()
            }
        })
    }
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
    /// What is said of this one was learned from logs.
    Learned(SessionId),
}

impl Said {
    /// Goes on from what is said of the way to the session above.
    fn of(session: SessionView<'_>, above: Self, declared: &BTreeMap<String, Declared>) -> Self {
        let Some(role) = session.role_arn() else { return above };
        let declared = declared.get(role).copied().unwrap_or_default();
        let is_first = session.session.parent.is_none();
        let is_token = is_first && session.origin().kind == OriginKind::Oidc;
        let is_said = if is_token { declared.tokens } else { declared.callers };
        match above {
            Self::No(_) | Self::Learned(_) => above,
            _ if declared.learned => Self::Learned(session.id),
            _ if is_said => Self::Yes,
            _ if is_first && arn::is_identity_center_role(role) => Self::ByPermissionSet(session.id),
            _ => Self::No(session.id),
        }
    }
}

impl Judgement<'_> {
    /// Orders judgements: of two the worse, and of two without findings the less certain.
    pub(super) fn weight(&self) -> (u8, Option<Severity>, u8) {
        let severity = self.severity.and_then(Severity::parse);
        let rank = ["yes", "unknown", "accepted", "no"].iter().position(|answer| *answer == self.expected);
        let rank = rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or_default();
        (u8::from(self.expected == "no"), severity, rank)
    }

    /// Says it in few words, for a terminal.
    pub(super) fn words(&self) -> String {
        let Some((severity, rule)) = self.severity.zip(self.rule) else {
            return if self.expected == "yes" {
                paint(Style::Good, "expected")
            } else {
                paint(Style::Quiet, "nothing found")
            };
        };
        if self.expected == "accepted" {
            return paint(Style::Quiet, &format!("accepted: {rule}"));
        }
        let others =
            if self.other_findings > 0 { format!(" +{}", names::number(self.other_findings)) } else { String::new() };
        paint(Style::of_severity(severity), &format!("{} {rule}{others}", severity.to_uppercase()))
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

/// Says whether a finding is for whoever has to act: tidiness, and what is only worth knowing, make nothing unexpected, and
/// nothing that they are about is called expected.
fn calls_for_action(finding: &Finding) -> bool {
    finding.severity > Severity::Info && persona_of(finding.rule) == Persona::Regular
}

fn names_principal(finding: &Finding, principal: &str) -> bool {
    finding.key.get("principal_arn").is_some_and(|named| named == principal)
}

/// Says whether every part of a finding's key that a denied attempt has, too, agrees with it: there are more attempts than
/// a finding has evidence.
fn speaks_of(finding: &Finding, row: &Denied<'_>) -> bool {
    let issuer = row.provider.as_deref().map(provider::issuer_of);
    let mut is_about_one = false;
    let agrees = finding.key.iter().all(|(part, value)| {
        let is_same = match part.as_str() {
            "principal_arn" => {
                row.principal.as_deref().map(|principal| principal == value || arn::is_same_role(principal, value))
            }
            "role_arn" => row.role_arn.as_deref().map(|role| arn::is_same_role(role, value)),
            "issuer" => issuer.map(|issuer| issuer == value),
            "subject" => row.subject.as_deref().map(|subject| subject == value),
            "repository" => row.token.map(|token| [token.repository.as_deref(), token.borne()].contains(&Some(value))),
            "account_id" => row.provider.as_deref().and_then(arn::account).map(|account| account == value),
            _ => None,
        };
        is_about_one |= is_same == Some(true) && part != "account_id";
        is_same != Some(false)
    });
    agrees && is_about_one
}
