//! `repository-identity-changed`: the name of a repository stayed, and the repository or owner behind it is another.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::expect::Expectations;
use crate::expect::SubjectMatcher;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::globs::Globs;
use crate::model::lineage::SessionView;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "repository-identity-changed",
    title: "The name of a repository stayed, and the repository or owner behind it is another",
    theme: Theme::Deploy,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs with immutable subjects; better with `repo_id` or the owner's `id`",
    remediation: "Treat it as a takeover of the name until somebody says who recreated the repository: take its \
                  subjects out of every trust policy, pin the numeric ids (repo:OWNER@ID/NAME@ID:…) before they come \
                  back, and review everything that the new id did.",
    techniques: &["T1199", "T1078.004"],
    reading: &[("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/repository-identity-changed.md"),
    check,
};

/// The ids behind a name: owner's and repository's.
type Ids = (Option<String>, Option<String>);

/// One pair of ids behind a name, and where it was seen.
#[derive(Default)]
struct Identity<'a> {
    entries: Vec<SessionView<'a>>,
    denied: u64,
    denied_evidence: Vec<Evidence>,
    first: Option<Timestamp>,
}

impl Identity<'_> {
    fn see(&mut self, time: Option<Timestamp>) {
        self.first = [self.first, time].into_iter().flatten().min();
    }

    fn evidence(&self) -> Vec<Evidence> {
        let ends = [self.entries.first(), self.entries.last()];
        let entered = ends.into_iter().flatten().flat_map(SessionView::issuing_evidence);
        entered.chain(self.denied_evidence.iter().cloned()).collect()
    }
}

/// The identities behind one name on one issuer.
type Identities<'a> = BTreeMap<Ids, Identity<'a>>;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let pins = Pins::of(context.expectations);
    for ((issuer, repository), identities) in collect(context) {
        let pinned = pins.of_repository(context.expectations, &repository);
        let mut by_age: Vec<(&Ids, &Identity<'_>)> = identities.iter().collect();
        by_age.sort_by_key(|(ids, identity)| (identity.first.is_none(), identity.first, *ids));
        // The first that was let in is the norm; what was only refused never was.
        let norm = by_age.iter().find(|(_, identity)| !identity.entries.is_empty());
        for (ids, identity) in &by_age {
            let before = norm.filter(|(known, norm)| contradicts(known, ids) && norm.first <= identity.first);
            let reason = match (pinned.contradiction(ids), before) {
                (Some(pin), _) => Reason::Pinned(pin),
                // What the owners pin is right, whoever came first.
                (None, Some((known, norm))) if !pinned.confirms(ids) => Reason::Before(known, norm),
                _ => continue,
            };
            matches.push(matched(context, &Name { issuer: &issuer, repository: &repository }, ids, identity, &reason));
        }
    }
}

/// Reads every subject that carries ids: of tokens that were let in, and of those that were refused.
fn collect<'a>(context: &Context<'a>) -> BTreeMap<(String, String), Identities<'a>> {
    let mut names: BTreeMap<(String, String), Identities<'a>> = BTreeMap::new();
    for session in context.lineage.sessions().filter(|session| subjects::is_entry(*session)) {
        if let Some((name, ids)) = session.origin().token.as_ref().and_then(name_and_ids) {
            let identity = names.entry(name).or_default().entry(ids).or_default();
            identity.entries.push(session);
            identity.see(session.issued());
        }
    }
    for denial in &context.lineage.denied {
        if let Some((name, ids)) = denial.token.as_ref().and_then(name_and_ids) {
            let identity = names.entry(name).or_default().entry(ids).or_default();
            identity.denied += 1;
            let first = denial.records.first();
            identity.denied_evidence.extend(first.map(|record| context.lineage.assumption_evidence(*record)));
            identity.see(denial.first_event);
        }
    }
    names
}

fn name_and_ids(subject: &Subject) -> Option<((String, String), Ids)> {
    let name = (subject.issuer.to_ascii_lowercase(), subject.repository.as_ref()?.to_ascii_lowercase());
    let ids = (subject.owner_id.clone(), subject.repository_id.clone());
    (ids != (None, None)).then_some((name, ids))
}

/// Returns true when both state an owner id, or both a repository id, and not the same.
fn contradicts(a: &Ids, b: &Ids) -> bool {
    let differ = |a: &Option<String>, b: &Option<String>| a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b);
    differ(&a.0, &b.0) || differ(&a.1, &b.1)
}

/// The ids that the expectations pin for a name.
struct Pinned {
    owner_ids: BTreeSet<String>,
    repository_ids: BTreeSet<String>,
}

/// The matchers that name one repository, whatever their role.
struct Pins<'a> {
    matchers: Vec<&'a SubjectMatcher>,
    repositories: Globs,
}

impl<'a> Pins<'a> {
    fn of(expectations: &'a Expectations) -> Self {
        let all = expectations.roles.iter().flat_map(|role| role.subjects.iter());
        let (matchers, repositories): (Vec<&SubjectMatcher>, Vec<&str>) = all
            .filter_map(|matcher| Some((matcher, matcher.repo.as_ref().filter(|repo| repo.is_literal())?.as_str())))
            .unzip();
        Self { matchers, repositories: Globs::ignoring_case(repositories) }
    }

    fn of_repository(&self, expectations: &Expectations, repository: &str) -> Pinned {
        let matchers = self.repositories.fitting(repository).filter_map(|at| self.matchers.get(at));
        let owner = repository.split('/').next().unwrap_or_default();
        let of_org = expectations.github_owner(owner).and_then(|owner| owner.id.clone());
        let mut pinned = Pinned { owner_ids: of_org.into_iter().collect(), repository_ids: BTreeSet::new() };
        for matcher in matchers {
            pinned.owner_ids.extend(matcher.owner_id.clone());
            pinned.repository_ids.extend(matcher.repo_id.clone());
        }
        pinned
    }
}

impl Pinned {
    /// Returns the pin that the ids contradict, in words.
    fn contradiction(&self, (owner, repository): &Ids) -> Option<String> {
        let other = |pins: &BTreeSet<String>, id: &Option<String>| {
            id.as_ref().is_some_and(|id| !pins.is_empty() && !pins.contains(id))
        };
        if other(&self.repository_ids, repository) {
            return Some(format!("the repository id {}", phrase::any_of(self.repository_ids.iter().cloned())));
        }
        other(&self.owner_ids, owner)
            .then(|| format!("the owner id {}", phrase::any_of(self.owner_ids.iter().cloned())))
    }

    fn confirms(&self, (_, repository): &Ids) -> bool {
        repository.as_ref().is_some_and(|id| self.repository_ids.contains(id))
    }
}

struct Name<'a> {
    issuer: &'a str,
    repository: &'a str,
}

/// Why an identity is not the right one.
enum Reason<'a> {
    /// The expectations pin another id.
    Pinned(String),
    /// Other ids stood behind the name before.
    Before(&'a Ids, &'a Identity<'a>),
}

fn matched(context: &Context<'_>, name: &Name<'_>, ids: &Ids, identity: &Identity<'_>, reason: &Reason<'_>) -> Match {
    let Name { issuer, repository } = name;
    let is_only_denied = identity.entries.is_empty();
    let roles: Vec<&str> = identity.entries.iter().filter_map(SessionView::role_arn).collect();
    let did = if is_only_denied {
        format!("asked for a role and was refused ({})", phrase::count(identity.denied, "attempt"))
    } else {
        format!("entered {}", phrase::all_of(roles.iter().map(|role| phrase::role(context, role))))
    };
    let (instead, since, basis, mut evidence) = match reason {
        Reason::Pinned(pin) => (format!("the expectations pin {pin}"), String::new(), Basis::Match, Vec::new()),
        Reason::Before(before, known) => {
            let at = known.first.map(|time| format!(" at {time}")).unwrap_or_default();
            (format!("the name stood for {}", said(before)), at, Basis::Proof, known.evidence())
        }
    };
    evidence.extend(identity.evidence());
    let at = identity.first.map_or_else(|| "At an unknown time".to_owned(), |time| format!("At {time}"));
    let verb = if is_only_denied { "asked for a role" } else { "entered" };
    let place = phrase::all_of(roles.iter().map(|role| phrase::short(role)));
    let place = if place.is_empty() { String::new() } else { format!(" {place}") };
    Match {
        key: vec![("issuer", (*issuer).to_owned()), ("repository", (*repository).to_owned())],
        // Nothing was opened when every attempt was refused.
        severity: if is_only_denied { Severity::High } else { RULE.severity },
        confidence: RULE.confidence,
        basis,
        title: format!("{repository} {verb}{place} as {}, but {instead}", said(ids)),
        message: format!(
            "{at}, a token of {repository} with {} {did}; {instead}{since}. \
             Ids are never given twice, so this is another repository or another owner under the old name: \
             somebody took the name over, or the team deleted the repository and made it anew.",
            said(ids)
        ),
        remediation: Some(format!(
            "Ask the owners of {repository} whether they recreated it. Until they say yes, take \
             repo:{repository}:… out of the trust policies of {}, and review what the listed chains did. \
             When it comes back, pin the ids in the trust policy and in rolechain.toml (repo_id).",
            if roles.is_empty() { "every role".to_owned() } else { phrase::all_of(roles.iter().copied()) },
        )),
        count: wide(identity.entries.len()).saturating_add(identity.denied),
        evidence,
        chain_ids: identity.entries.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    }
}

/// Says the ids in words.
fn said((owner, repository): &Ids) -> String {
    match (owner, repository) {
        (Some(owner), Some(repository)) => format!("id {repository} of owner {owner}"),
        (None, Some(repository)) => format!("id {repository}"),
        (Some(owner), None) => format!("a repository of owner {owner}"),
        (None, None) => "no id".to_owned(),
    }
}
