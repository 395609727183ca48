//! `long-lived-key-created`: somebody made a long-lived key, or switched one on again.

use std::collections::BTreeMap;

use crate::audit::changes;
use crate::audit::class;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "long-lived-key-created",
    title: "A long-lived key was made or switched on",
    theme: Theme::Keys,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of IAM; `[keys] allow_users` and `[org] iac_roles`",
    remediation: "Ask whoever made the key what cannot federate. If there is an answer, list the user in [keys] \
                  allow_users; if there is none, deactivate the key and delete it.",
    techniques: &["T1098.001"],
    reading: &[(
        "IAM User Guide: access keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    )],
    page: include_str!("../../../../docs/rules/long-lived-key-created.md"),
    check,
};

/// Who did it, for which user, in which account.
type Key<'a> = (String, Owner<'a>, Option<&'a str>);

/// Whose the key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    /// The root user, who asked for it.
    Root,
    /// The user who asked for it.
    Oneself(&'a str),
    /// Another user.
    Other(&'a str),
}

/// One key, and how it came to work.
struct Made<'a> {
    change: &'a Change,
    session: Option<SessionView<'a>>,
    is_of_ci: bool,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut made = lineage.observations.changes.iter().filter(|change| is_key(context, change)).peekable();
    if made.peek().is_none() {
        return;
    }
    let mut groups: BTreeMap<Key<'_>, Vec<Made<'_>>> = BTreeMap::new();
    for change in made {
        let session = changes::session(context, change);
        let is_of_ci = session.is_some_and(|session| class::is_of_ci(context, session));
        // What a pipeline leaves behind, the rule about that says.
        if is_of_ci && lineage.str(change.name) == "CreateAccessKey" {
            continue;
        }
        let (Some(actor), Some(owner)) = (changes::actor(context, change), owner(context, change)) else { continue };
        let key = (actor, owner, lineage.opt(change.account));
        groups.entry(key).or_default().push(Made { change, session, is_of_ci });
    }
    for (key, made) in groups {
        matches.push(matched(context, key, &made));
    }
}

/// True when the call was granted and gave somebody a working key.
fn is_key(context: &Context<'_>, change: &Change) -> bool {
    let lineage = context.lineage;
    let is_active = || {
        let status = changes::parameter(context, change, "status");
        status.is_some_and(|status| status.eq_ignore_ascii_case("active"))
    };
    changes::is_of_iam(context, change)
        && match lineage.str(change.name) {
            "CreateAccessKey" => true,
            "UpdateAccessKey" => is_active(),
            _ => false,
        }
}

/// Returns whose the key is: without a name, the caller's own.
fn owner<'a>(context: &Context<'a>, change: &Change) -> Option<Owner<'a>> {
    let lineage = context.lineage;
    let caller = lineage.principal(change.caller);
    let own = lineage.opt(caller.user_name).filter(|_| caller.kind == PrincipalKind::IamUser);
    match (lineage.opt(change.target), own) {
        (Some(user), Some(own)) if user == own => Some(Owner::Oneself(own)),
        (Some(user), _) => Some(Owner::Other(user)),
        (None, Some(own)) => Some(Owner::Oneself(own)),
        (None, None) => (caller.kind == PrincipalKind::Root).then_some(Owner::Root),
    }
}

fn matched(context: &Context<'_>, (actor, owner, account): Key<'_>, made: &[Made<'_>]) -> Match {
    let lineage = context.lineage;
    // Changes name a user without its path.
    let arn_of = |user: &str| format!("arn:aws:iam::{}:user/{user}", account.unwrap_or_default());
    let (whose, user_arn) = match owner {
        Owner::Root => ("the root user".to_owned(), None),
        Owner::Oneself(user) => (format!("the user {user}, who asked for it"), Some(actor.clone())),
        Owner::Other(user) => (format!("the user {user}"), Some(arn_of(user))),
    };
    let is_allowed = user_arn.as_deref().is_some_and(|user| context.expectations.keys.allows_user(user));
    let is_by_tool = context.expectations.is_iac_role(&actor);
    let is_of_ci = made.iter().any(|made| made.is_of_ci);
    let severity = match owner {
        Owner::Root => Severity::High,
        _ if is_by_tool => Severity::Info,
        Owner::Oneself(_) if is_allowed => Severity::Info,
        Owner::Other(_) if is_allowed && !is_of_ci => RULE.severity,
        Owner::Other(_) => Severity::High,
        Owner::Oneself(_) => RULE.severity,
    };
    let who = changes::who(context, &actor);
    let place = account.map_or_else(|| "an unnamed account".to_owned(), |id| phrase::account(context, id));
    let is_new = made.iter().any(|made| lineage.str(made.change.name) == "CreateAccessKey");
    let verb = if is_new { "made" } else { "switched on" };
    let count = wide(made.len());
    let first = made.first().and_then(|made| made.change.time);
    let when = occurrences::when(count, first, made.last().and_then(|made| made.change.time));
    let short = match owner {
        Owner::Root => "the root user",
        Owner::Oneself(user) | Owner::Other(user) => user,
    };
    let mut key = vec![("principal_arn", actor.clone()), ("target", short.to_owned())];
    key.extend(account.map(|account| ("account_id", account.to_owned())));
    let note = if is_by_tool { " The caller is declared in iac_roles." } else { "" };
    Match {
        key,
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{} {verb} a long-lived key for {short}", arn::short(&actor)),
        message: format!(
            "{when}, {who} {verb} an access key for {whose} in {place}. It works until somebody deactivates it, from \
             every place and without a second factor unless a policy demands one.{note}"
        ),
        remediation: matches!(owner, Owner::Root).then(|| {
            "Delete the root user's key: nothing needs one. Then find out who was signed in as root, and change the \
             password and the second factor."
                .to_owned()
        }),
        count,
        evidence: made.iter().map(|made| changes::evidence(context, made.change)).collect(),
        chain_ids: made
            .iter()
            .filter_map(|made| made.session)
            .flat_map(|session| context.chain_ids(session.id))
            .collect(),
    }
}
