//! `foreign-owner-subject`: a repository of an owner that is not yours entered a role.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::standing::Standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::audit::trusted_owners::TrustedOwners;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::globs::Globs;
use crate::model::observations::Map;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "foreign-owner-subject",
    title: "A repository of an owner that is not yours entered a role",
    theme: Theme::Deploy,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `github_owners`, `subjects` or `--iam`",
    remediation: "The trust policy admits strangers: put a slash right after the owner (repo:acme/*, not repo:acme*), \
                  pin the owner's id, and treat the role's credentials as being in foreign hands until the chains are \
                  reviewed. A vendor's repository that is wanted belongs in github_owners.",
    techniques: &["T1199", "T1078.004"],
    reading: &[
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
        (
            "Datadog: GitHub to AWS keyless authentication flaws",
            "https://securitylabs.datadoghq.com/articles/exploring-github-to-aws-keyless-authentication-flaws/",
        ),
    ],
    page: include_str!("../../../../docs/rules/foreign-owner-subject.md"),
    check,
};

/// Names at most so many letters apart look alike.
const LOOKALIKE_DISTANCE: usize = 2;

/// How the owners are known whose repositories may enter a role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// By `github_owners`.
    Declared,
    /// By the role's `subjects`.
    OfRole { learned: bool },
    /// By trust policies, the role's own policy being one of those that are known.
    Trusted,
    /// It is the owner that entered the role first.
    FirstSeen,
}

/// The owners whose repositories may enter a role.
struct Owners {
    known: Known,
    /// Names, or globs when they are of a role.
    names: Vec<String>,
    globs: Globs,
    lower: BTreeSet<String>,
    /// The names, in words.
    said: String,
}

impl Owners {
    fn new(known: Known, names: Vec<String>) -> Self {
        Self {
            globs: Globs::ignoring_case(names.iter().map(String::as_str)),
            lower: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            said: phrase::all_of(names.iter().cloned()),
            known,
            names,
        }
    }

    fn admits(&self, owner: &str) -> bool {
        match self.known {
            Known::OfRole { .. } => self.globs.fitting(owner).next().is_some(),
            _ => self.lower.contains(&owner.to_ascii_lowercase()),
        }
    }
}

/// The owners of every role and issuer that were asked for.
#[derive(Default)]
struct AllOwners(BTreeMap<(Known, String, String), Rc<Owners>>);

impl AllOwners {
    /// Returns the owners under a name; they are collected when nobody asked before.
    fn get(&mut self, known: Known, (role, issuer): (&str, &str), names: impl FnOnce() -> Vec<String>) -> Rc<Owners> {
        let of = self.0.entry((known, role.to_owned(), issuer.to_owned()));
        Rc::clone(of.or_insert_with(|| Rc::new(Owners::new(known, names()))))
    }
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let trusted = TrustedOwners::of(context.in_force.snapshots(), &context.lineage.kinds);
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let by_subject =
        gather(entries.filter_map(|session| Some(((session.session.role_arn?, session.session.origin), session))));
    let mut first_seen: Map<(String, String), String> = Map::default();
    let mut repositories: BTreeSet<(String, String)> = BTreeSet::new();
    let mut admitted_ids: BTreeSet<(String, String)> = BTreeSet::new();
    let mut known_by_name: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut suspects = Vec::new();
    let mut all_owners = AllOwners::default();
    for (_, entries) in &by_subject {
        let first = entries.first();
        let (Some(role_arn), Some(subject)) = (first.role_arn(), first.origin().token.as_ref()) else { continue };
        let Some(owner) = subject.owner.as_deref().filter(|_| subjects::issuer(context, &subject.issuer).is_shared())
        else {
            continue;
        };
        let norm = first_seen
            .entry((role_arn.to_owned(), subject.issuer.to_ascii_lowercase()))
            .or_insert_with(|| owner.to_owned());
        let owners = known_owners(context, &trusted, &mut all_owners, (role_arn, subject, norm));
        // Whom another role expects is no stranger, only in the wrong place: `unexpected-subject` says so.
        let roles = &context.expectations.roles;
        let is_named = matches!(owners.known, Known::OfRole { .. })
            && (roles.name_owner(subject) || roles.name_repository(subject));
        // A known name with another id was taken over: `repository-identity-changed` says so, and nothing is learned from it.
        let pinned = context.expectations.github_owner(owner).and_then(|owner| owner.id.as_ref());
        let is_other = owners.known == Known::Declared
            && pinned.zip(subject.owner_id.as_ref()).is_some_and(|(pinned, own)| pinned != own);
        if is_other {
            continue;
        }
        if is_named || owners.admits(owner) {
            // Whoever has the name may have taken it over: only the first to come in by it makes its id known.
            let is_first =
                owners.known == Known::FirstSeen && known_by_name.insert((role_arn, owner.to_ascii_lowercase()));
            if pinned.is_some() || is_first {
                admitted_ids.extend(owner_id(subject));
            }
            if let Some(name) = &subject.repository_name {
                repositories.insert((name.to_ascii_lowercase(), owner.to_ascii_lowercase()));
            }
        } else {
            suspects.push((entries, Foreign { role_arn, subject, owner, owners }));
        }
    }
    // An owner that is known by its id is the same one under another name.
    suspects.retain(|(_, foreign)| owner_id(foreign.subject).is_none_or(|id| !admitted_ids.contains(&id)));
    for (entries, foreign) in suspects {
        matches.push(matched(context, entries, &foreign, &repositories));
    }
}

/// Returns the issuer and the id of a subject's owner.
fn owner_id(subject: &Subject) -> Option<(String, String)> {
    Some((subject.issuer.to_ascii_lowercase(), subject.owner_id.clone()?))
}

fn known_owners(
    context: &Context<'_>,
    trusted: &TrustedOwners<'_>,
    all: &mut AllOwners,
    (role_arn, subject, first_seen): (&str, &Subject, &str),
) -> Rc<Owners> {
    let declared = context.expectations.github_owners();
    if subject.is_from("github") && !declared.is_empty() {
        let names = || declared.iter().map(|owner| owner.name.clone()).collect();
        return all.get(Known::Declared, ("", ""), names);
    }
    let issuer = subject.issuer.to_ascii_lowercase();
    if let Some(role) = context.expectations.role(role_arn) {
        let names = || role.subjects.owners(&issuer).map(|owner| owner.to_string()).collect();
        let owners = all.get(Known::OfRole { learned: role.learned }, (role.arn.as_str(), &issuer), names);
        if !owners.names.is_empty() {
            return owners;
        }
    }
    if let Some(names) = trusted.for_role(role_arn, &issuer) {
        return all.get(Known::Trusted, ("", &issuer), || names.iter().cloned().collect());
    }
    Rc::new(Owners::new(Known::FirstSeen, vec![first_seen.to_owned()]))
}

struct Foreign<'a> {
    role_arn: &'a str,
    subject: &'a Subject,
    owner: &'a str,
    owners: Rc<Owners>,
}

fn matched(
    context: &Context<'_>,
    entries: &Occurrences<'_>,
    foreign: &Foreign<'_>,
    repositories: &BTreeSet<(String, String)>,
) -> Match {
    let Foreign { role_arn, subject, owner, owners } = foreign;
    let known = &owners.said;
    let is_declared = owners.known != Known::FirstSeen;
    let is_learned = owners.known == Known::OfRole { learned: true };
    let reason = match owners.known {
        Known::Declared => format!("The expectations name {known} as the owners of this organization."),
        Known::OfRole { .. } => format!("The subjects expected of the role belong to {known}."),
        Known::Trusted => format!(
            "The trust policies of the snapshots name {known} as owners, and {owner} came in by a pattern that leaves the \
             owner open."
        ),
        Known::FirstSeen => format!(
            "Until then the role was entered by repositories of {known} only, as far as these logs reach; \
             no expectations say whether {owner} is yours, too."
        ),
    };
    let who = subject.repository.as_deref().map_or_else(|| format!("a repository of {owner}"), ToOwned::to_owned);
    let role = phrase::role(context, role_arn);
    Match {
        key: vec![
            ("role_arn", (*role_arn).to_owned()),
            ("issuer", subject.issuer.clone()),
            ("owner", owner.to_ascii_lowercase()),
        ],
        severity: RULE.severity,
        confidence: if is_declared && !is_learned { Confidence::High } else { Confidence::Medium },
        basis: if is_declared { Basis::Match } else { Basis::Novelty },
        title: format!("{who} entered {}, which expects repositories of {known}", phrase::short(role_arn)),
        message: format!(
            "{}, a token of {} for {who} was let into {role}. {reason}{}",
            entries.when(),
            subjects::issuer(context, &subject.issuer).name(),
            lookalike(foreign, repositories)
        ),
        remediation: Some(remediation(foreign)),
        count: entries.count(),
        evidence: entries.evidence(),
        chain_ids: entries.chain_ids(context),
    }
}

/// Advises to shut the owner out. That it may be one's own after all is said only where nothing says whose it is.
fn remediation(Foreign { role_arn, subject, owner, owners }: &Foreign<'_>) -> String {
    let shut_out = standing::advice(Standing::Foreign, subject, role_arn, String::new());
    match owners.known {
        Known::FirstSeen => format!(
            "If {owner} is yours, list it in github_owners or in the role's subjects in rolechain.toml. If not, narrow the \
             sub condition of {role_arn} to your owner with a slash right after its name, and pin the owner's id \
             (repo:OWNER@ID/REPOSITORY@ID:…). Then treat the role's credentials as being in foreign hands: deny sessions \
             issued before now (aws:TokenIssueTime) and review what the listed chains did."
        ),
        Known::Declared | Known::OfRole { .. } | Known::Trusted => shut_out,
    }
}

/// Says what makes the name look like one that is known: an attacker's choice, or a fork.
fn lookalike(foreign: &Foreign<'_>, repositories: &BTreeSet<(String, String)>) -> String {
    let owner = foreign.owner.to_ascii_lowercase();
    let length = owner.chars().count();
    let near = foreign.owners.names.iter().find(|name| {
        // A glob is no name, and a short name is near to every other.
        !name.contains(['*', '?'])
            && name.chars().count() > LOOKALIKE_DISTANCE + 1
            && name.chars().count().abs_diff(length) <= LOOKALIKE_DISTANCE
            && strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &owner) <= LOOKALIKE_DISTANCE
    });
    if let Some(near) = near {
        return format!(" The name differs from {near} in a letter or two.");
    }
    let name = foreign.subject.repository_name.as_ref().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
    let same_name = repositories.range((name.clone(), String::new())..).next().filter(|(other, _)| *other == name);
    match same_name {
        Some((_, known)) => format!(" {known} has a repository of the same name: this may be a fork or a squat."),
        None => String::new(),
    }
}
