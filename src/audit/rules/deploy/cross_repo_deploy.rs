//! `cross-repo-deploy`: a repository that does not own the role stood at the far end of its chain.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::environment;
use crate::audit::grade;
use crate::audit::memo::Memo;
use crate::audit::novelty;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::occurrences::proof;
use crate::audit::phrase;
use crate::audit::repositories::Repositories;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::standing::Standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::width::wide;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "cross-repo-deploy",
    title: "A repository that does not own the role stood at the far end of its chain",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `repos` of the role; a store for history",
    remediation: "Take repositories that are not yours out of the trust policy of the entry role. Give each of your own an \
                  entry role of its own, and let the deploy role trust only the entry role of the repository that owns it. An ExternalId for each repository, or a condition on a session tag that \
                  is tied to the subject, also distinguishes them. A platform repository that deploys everything belongs \
                  in the role's repos.",
    techniques: &["T1078.004", "T1199"],
    reading: &[(
        "AWS: role chaining",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining",
    )],
    page: include_str!("../../../../docs/rules/cross-repo-deploy.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let sessions = context.lineage.sessions().filter(|session| !class::is_noise(*session));
    let by_origin = gather(sessions.filter_map(|session| {
        session.origin().token.as_ref()?.repository.as_ref()?;
        Some(((session.session.role_arn?, session.session.origin), session))
    }));
    let memo = Memo::default();
    let repositories = Repositories::of(context.lineage);
    for (_, sessions) in &by_origin {
        let first = sessions.first();
        let (Some(role_arn), Some(subject)) = (first.role_arn(), first.origin().token.as_ref()) else { continue };
        let Some(expected) = context.expectations.role(role_arn).filter(|role| !role.repos.is_empty()) else {
            continue;
        };
        let Some(repository) = subject.repository.as_deref() else { continue };
        let known = repositories.name_of(subject);
        if ![Some(repository), known].into_iter().flatten().any(|name| expected.admits_repository(name)) {
            let owners =
                memo.get(expected.arn.as_str(), || phrase::all_of(expected.repos.iter().map(ToString::to_string)));
            let stranger = stranger(context, &Stranger { role_arn, subject, repository, owners: &owners }, sessions);
            matches.push(grade::learned(stranger, Some(expected)));
        }
    }
    shared_entries(context, &repositories, matches);
    newcomers(context, &repositories, matches);
}

struct Stranger<'a> {
    role_arn: &'a str,
    subject: &'a Subject,
    repository: &'a str,
    /// Whose the role is.
    owners: &'a str,
}

fn stranger(context: &Context<'_>, stranger: &Stranger<'_>, sessions: &Occurrences<'_>) -> Match {
    let Stranger { role_arn, subject, repository, owners } = stranger;
    let is_prod = environment::is_prod_role(context, role_arn);
    let severity = if is_prod { Severity::Critical } else { RULE.severity };
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
    let above: Vec<&str> = sessions.first().roles_above().take(phrase::MAX_ROLES).map(phrase::short).collect();
    let door = above.last().copied();
    let through = door.map(|door| format!(" through {door}")).unwrap_or_default();
    let blind = match door {
        Some(door) => format!(
            "The trust policy of the role sees only {door} and not the repository behind it, so it could not refuse."
        ),
        None => "The trust policy of the role admitted the repository itself.".to_owned(),
    };
    let standing = standing::of(context, Some(role_arn), subject);
    let way = match standing {
        Standing::OwnRepository => format!("Let {repository} deploy by the roles that the expectations give to it"),
        _ => format!("Give {repository} an entry role of its own"),
    };
    let own = format!(
        "{way}, and let {role_arn} trust only the entry role of {owners}. If {repository} deploys for everybody, add it to \
         the role's repos in rolechain.toml."
    );
    let mut key = vec![("role_arn", (*role_arn).to_owned())];
    key.extend(subjects::key_of(subject));
    Match {
        key,
        severity,
        confidence: confidence.unwrap_or(RULE.confidence),
        basis: RULE.basis,
        title: format!("{repository} came to {}, which belongs to {owners}", phrase::short(role_arn)),
        message: format!(
            "{}, a token of {repository} led{through} to {}. The expectations give the role to {owners}. {blind}",
            sessions.when(),
            phrase::role(context, role_arn),
        ),
        remediation: Some(standing::advice(standing, subject, entrance(sessions.first()).unwrap_or(role_arn), own)),
        count: sessions.count(),
        evidence: sessions.chain_evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}

/// Returns the role that the token opened: its trust policy let the repository in.
fn entrance(session: SessionView<'_>) -> Option<&str> {
    subjects::entry_of(session).role_arn()
}

/// The repositories that came through one entry role to one further role.
#[derive(Default)]
struct Shared<'a> {
    repositories: BTreeSet<String>,
    sessions: Vec<SessionView<'a>>,
}

/// Speaks of the standing weakness: two repositories share an entry role, so that the roles behind it cannot tell them
/// apart. Where `repos` are declared, the matches above say it better.
fn shared_entries(context: &Context<'_>, repositories: &Repositories<'_>, matches: &mut Vec<Match>) {
    let hops = context.lineage.sessions().filter(|session| !class::is_noise(*session) && session.origin().is_pipeline);
    let mut shared: BTreeMap<(&str, &str), Shared<'_>> = BTreeMap::new();
    let by_hop = gather(hops.filter_map(|session| {
        let parent = session.parent().filter(|parent| subjects::is_entry(*parent))?;
        let key: (Sym, Sym, u32) = (parent.session.role_arn?, session.session.role_arn?, session.session.origin);
        Some((key, session))
    }));
    for ((entry, role, _), sessions) in &by_hop {
        let Some(subject) = sessions.first().origin().token.as_ref() else { continue };
        let Some((_, repository)) = repositories.key_of(subject).pop().filter(|_| subject.repository.is_some()) else {
            continue;
        };
        let shared = shared.entry((context.lineage.str(*entry), context.lineage.str(*role))).or_default();
        if shared.repositories.insert(repository) {
            shared.sessions.push(sessions.first());
        }
    }
    for ((entry, role), shared) in shared {
        let is_judged = context.expectations.role(role).is_some_and(|role| !role.repos.is_empty());
        if shared.repositories.len() > 1 && !is_judged {
            matches.push(weakness(context, (entry, role), &shared));
        }
    }
}

fn weakness(context: &Context<'_>, (entry, role_arn): (&str, &str), shared: &Shared<'_>) -> Match {
    let repositories = phrase::all_of(shared.repositories.iter().cloned());
    let is_prod = environment::is_prod_role(context, role_arn);
    let (entry_name, role_name) = (phrase::short(entry), phrase::short(role_arn));
    Match {
        key: vec![("role_arn", role_arn.to_owned()), ("principal_arn", entry.to_owned())],
        // One role for all is a design that many choose; in production it is worth a look.
        severity: if is_prod { Severity::Medium } else { Severity::Low },
        confidence: Confidence::Medium,
        basis: Basis::Heuristic,
        title: format!(
            "{} repositories share the entry role {entry_name} on the way to {role_name}",
            shared.repositories.len()
        ),
        message: format!(
            "{repositories} entered {} and went on to {}. The second role sees only the first, so that each of the \
             repositories can do what any of them may do; no expectations say which of them owns the role.",
            phrase::role(context, entry),
            phrase::role(context, role_arn),
        ),
        remediation: Some(apart(context, (entry, role_arn), shared)),
        count: wide(shared.sessions.len()),
        evidence: shared.sessions.iter().flat_map(SessionView::issuing_evidence).collect(),
        chain_ids: shared.sessions.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    }
}

/// Advises how repositories that share an entry role are told apart, and that a stranger's is shut out first.
fn apart(context: &Context<'_>, (entry, role_arn): (&str, &str), shared: &Shared<'_>) -> String {
    let of_all = shared.sessions.iter().filter_map(|session| session.origin().token.as_ref());
    let (foreign, own): (Vec<&Subject>, Vec<&Subject>) =
        of_all.partition(|subject| standing::of(context, Some(entry), subject) == Standing::Foreign);
    let mut said: Vec<String> = Vec::new();
    if let Some(first) = foreign.first() {
        said.push(standing::advice(Standing::Foreign, first, entry, String::new()));
        let others = foreign.iter().skip(1).filter_map(|subject| subject.repository.as_deref());
        let others = phrase::all_of(others);
        said.extend((!others.is_empty()).then(|| format!("The same goes for {others}.")));
    }
    if !own.is_empty() {
        let own = phrase::all_of(own.iter().filter_map(|subject| subject.repository.as_deref()));
        said.push(format!(
            "Give each of your own repositories ({own}) an entry role of its own and trust it by its exact ARN in \
             {role_arn}; or write down in rolechain.toml whose role it is (repos), so that every other repository is \
             reported."
        ));
    }
    said.join(" ")
}

/// Speaks of deploy roles that one repository had for itself for weeks, until a second one came. Where `repos` are
/// declared, they decide.
fn newcomers(context: &Context<'_>, repositories: &Repositories<'_>, matches: &mut Vec<Match>) {
    if context.history.is_none() {
        return;
    }
    let classes = Classes::observe(context);
    let is_judged = |role: &str| context.expectations.role(role).is_some_and(|role| !role.repos.is_empty());
    let deploys: Vec<(Sym, &Subject, SessionView<'_>)> = context
        .lineage
        .sessions()
        .filter(|session| !class::is_noise(*session) && session.origin().is_pipeline && classes.is_deploy(*session))
        .filter_map(|session| {
            let subject = session.origin().token.as_ref().filter(|subject| subject.repository.is_some())?;
            let role = session.session.role_arn.filter(|role| !is_judged(context.lineage.str(*role)))?;
            Some((role, subject, session))
        })
        .collect();
    let roles: Map<Sym, Occurrences<'_>> =
        gather(deploys.iter().map(|(role, _, session)| (*role, *session))).into_iter().collect();
    let by_repository =
        gather(deploys.iter().map(|(role, subject, session)| ((*role, repositories.key_of(subject)), *session)));
    // Groups come in the order of their first session: the first repository of a role is the one that had it.
    let mut owners: Map<Sym, Vec<SessionView<'_>>> = Map::default();
    for ((role, key), sessions) in &by_repository {
        let known = owners.entry(*role).or_default();
        if let ([owner], Some(all)) = (known.as_slice(), roles.get(role))
            && let Some(first) = novelty::newcomer(context, sessions, all)
        {
            let looked = novelty::looked(context, all, first);
            matches.extend(newcomer(context, key, (*owner, first), &looked, sessions));
        }
        known.push(sessions.first());
    }
}

fn newcomer(
    context: &Context<'_>,
    key: &[(&'static str, String)],
    (owner, first): (SessionView<'_>, SessionView<'_>),
    looked: &str,
    sessions: &Occurrences<'_>,
) -> Option<Match> {
    let role_arn = first.role_arn()?;
    let (known, subject) = owner.origin().token.as_ref().zip(first.origin().token.as_ref())?;
    let (known, repository) = known.repository.as_deref().zip(subject.repository.as_deref())?;
    let mut key = key.to_vec();
    key.push(("role_arn", role_arn.to_owned()));
    Some(Match {
        key,
        severity: Severity::Medium,
        confidence: grade::of_links(Confidence::Medium, first),
        basis: Basis::Novelty,
        title: format!("{repository} came to {}, which only {known} had before", phrase::short(role_arn)),
        message: format!(
            "{}, a token of {repository} led to {}. In the {looked} before, only {known} came there. No expectations say \
             which repositories own the role.",
            sessions.when(),
            phrase::role(context, role_arn),
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            entrance(first).unwrap_or(role_arn),
            format!(
                "Ask the owners of {known} whether {repository} may deploy with their role. If so, write both into the \
                 role's repos in rolechain.toml; if not, give {repository} an entry role and a deploy role of its own, \
                 and let {role_arn} trust only the entry role of {known}."
            ),
        )),
        count: sessions.count(),
        evidence: proof(first),
        chain_ids: sessions.chain_ids(context),
    })
}
