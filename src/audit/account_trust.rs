//! Account trust: roles that came into a role only because its trust policy names their whole account. Matches of the
//! rule `unexpected-edge`.

use crate::audit::caller;
use crate::audit::class;
use crate::audit::environment;
use crate::audit::grade;
use crate::audit::granted;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::trust::Principal;
use crate::trust::grant::Grant;

/// Tells of every pair of roles that only the trust in an account admits. Roles with `[[role.from]]` are judged by that.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if !context.in_force.is_known() {
        return;
    }
    let is_edge = |session: &SessionView<'_>| {
        caller::is_assumed(*session) && !class::is_noise(*session) && !is_by_person(*session)
    };
    let edges = context.lineage.sessions().filter(is_edge).filter_map(|session| {
        let caller = caller::caller_role(session).filter(|arn| arn.contains(":role/"))?;
        let is_declared = context.expectations.role(session.role_arn()?).is_some_and(|role| !role.from.is_empty());
        let is_by_account = !is_declared && by_account(context, session);
        is_by_account.then_some(((session.session.role_arn?, caller), session))
    });
    let relations = Relations::new(context);
    for ((role, caller), sessions) in gather(edges) {
        let role_arn = context.lineage.str(role);
        if !arn::is_same_role(role_arn, caller) {
            matches.extend(matched(context, &relations, role_arn, caller, &sessions));
        }
    }
}

/// People switch roles; the accounts in which they may are trusted as such.
fn is_by_person(session: SessionView<'_>) -> bool {
    let kind = session.origin().kind;
    kind.is_person() || kind == OriginKind::Root
}

/// True when the policy in force admits the caller, and only by principals that are whole accounts.
fn by_account(context: &Context<'_>, session: SessionView<'_>) -> bool {
    let Some(observed) = context.in_force.request_of(session.id) else { return false };
    let Some(step) = context.in_force.timeline(observed.role_arn).at(observed.time) else { return false };
    let Some(Ok(policy)) = &step.policy else { return false };
    let mut ways = step.grants().iter().filter(|grant| grant.may_admit(policy, observed)).peekable();
    let is_named = |grant: &Grant| policy.statements.get(grant.statement).is_some_and(granted::names_callers);
    ways.peek().is_some()
        && ways.all(|grant| matches!(grant.principal, Principal::Account(_) | Principal::Anybody) && !is_named(grant))
}

fn matched(
    context: &Context<'_>,
    relations: &Relations<'_, '_>,
    role_arn: &str,
    caller: &str,
    sessions: &Occurrences<'_>,
) -> Option<Match> {
    let account = arn::account(caller)?;
    let is_same_account = arn::account(role_arn) == Some(account);
    let is_own = relations.of_caller(role_arn, account) == Relation::Own;
    let is_mild = is_same_account || (is_own && !environment::is_prod_role(context, role_arn));
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(Confidence::High, *session)).max();
    let (name, place) = (phrase::short(caller), phrase::account(context, account));
    Some(Match {
        key: vec![("role_arn", role_arn.to_owned()), ("principal_arn", caller.to_owned())],
        severity: if is_mild { Severity::Low } else { Severity::Medium },
        confidence: confidence.unwrap_or(Confidence::Medium),
        basis: Basis::Match,
        title: format!("{name} assumed {} by account trust", phrase::short(role_arn)),
        message: format!(
            "{}, {} assumed {}. The trust policy does not name this role: it lets in the whole {place}, so that every role \
             there whose own policy allows the call can do the same.",
            sessions.when(),
            phrase::role(context, caller),
            phrase::role(context, role_arn),
        ),
        remediation: Some(format!(
            "Name {caller} in the trust policy of {role_arn} instead of the account (`rolechain trust suggest --role \
             {role_arn}` writes it), or add the callers that are wanted as [[role.from]] in rolechain.toml."
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    })
}
