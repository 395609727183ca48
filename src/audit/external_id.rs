//! External ids: which granted cross-account calls could carry one, and what the owners expect of them.

use crate::audit::class;
use crate::audit::rule::Context;
use crate::model::assumption::IssuingCall;
use crate::model::assumption::Said;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::trust::grant::Grant;

/// A role and the account that came into it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Door {
    /// The role.
    pub(super) role: Sym,
    /// The account of the caller.
    pub(super) caller_account: Sym,
}

impl Door {
    /// Returns the parts of a key that name the door.
    pub(super) fn key(self, lineage: &Lineage) -> Vec<(&'static str, String)> {
        vec![
            ("role_arn", lineage.str(self.role).to_owned()),
            ("caller_account_id", lineage.str(self.caller_account).to_owned()),
        ]
    }
}

/// Returns every session that another account's principal got through `AssumeRole`, the only call with an external id.
///
/// Services are left out: AWS guards them by source account and source ARN, and some send an account id as external id.
pub(super) fn calls(lineage: &Lineage) -> impl Iterator<Item = (Door, SessionView<'_>)> {
    lineage.sessions().filter_map(|session| {
        let record = session.issuing_record().filter(|record| record.call == IssuingCall::AssumeRole)?;
        let caller_account = lineage.principal(record.caller).account?;
        let is_cross_account = session.session.account.is_some_and(|owner| owner != caller_account);
        let door = Door { role: session.session.role_arn?, caller_account };
        (is_cross_account && !class::is_noise(session)).then_some((door, session))
    })
}

/// Says what is known of the external id that was sent.
pub(super) fn sent(session: SessionView<'_>) -> Said<Sym> {
    session.issuing_record().map_or(Said::Withheld, |record| record.said(record.external_id))
}

/// Returns the role or user that called, when any record names it: the target account's copy does not.
pub(super) fn caller_arn(session: SessionView<'_>) -> Option<&str> {
    let lineage = session.lineage();
    let caller = session.caller()?;
    let named = match caller.kind {
        PrincipalKind::AssumedRole => caller.issuer_arn.or(caller.arn),
        _ => caller.arn,
    };
    lineage.opt(named).or_else(|| session.parent()?.role_arn()).or_else(|| {
        // All candidates of an ambiguous link share the principal id, and with it the role.
        session.candidates(&session.session.link).next()?.role_arn()
    })
}

/// What the owners, or the trust policy, say about the external id of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing, or nothing of what was sent.
    Open,
    /// It is one that they expect.
    Expected,
    /// They expect one, and there is none.
    Missing,
    /// They expect another one.
    Unexpected,
}

/// Compares a call with what the owners expect of its caller, or else with what the trust policy in force asks of it.
pub(super) fn judge(context: &Context<'_>, session: SessionView<'_>) -> Verdict {
    if sent(session) == Said::Withheld {
        return Verdict::Open;
    }
    match by_expectations(context, session) {
        Verdict::Open => by_policy(context, session).unwrap_or(Verdict::Open),
        verdict => verdict,
    }
}

/// Compares a call with what the trust policy in force asks of its caller: `None` when it asks for no external id.
///
/// AWS let the call in. So a value that is not asked for came in by another statement; that is worth a word unless this
/// statement names the caller more exactly than the one that asks.
fn by_policy(context: &Context<'_>, session: SessionView<'_>) -> Option<Verdict> {
    let observed = context.in_force.request_of(session.id)?;
    let step = context.in_force.timeline(observed.role_arn).at(observed.time)?;
    let policy = step.policy.as_ref()?.as_ref().ok()?;
    let grants = step.grants();
    let names_caller = |grant: &&Grant| grant.principal.is(&observed.request.caller).is_yes();
    let asking = grants.iter().filter(|grant| !grant.external_ids.is_empty()).filter(names_caller);
    let asked = asking.map(|grant| grant.breadth).min()?;
    let ways: Vec<&Grant> = grants.iter().filter(|grant| grant.may_admit(policy, observed)).collect();
    let way = ways.iter().map(|grant| grant.breadth).min()?;
    let value = session.lineage().opt(sent(session).value());
    let is_pinned = |value: &str| ways.iter().any(|grant| grant.external_ids.contains(value));
    Some(match value {
        Some(value) if is_pinned(value) => Verdict::Expected,
        _ if way < asked => Verdict::Open,
        Some(_) if ways.iter().any(|grant| !grant.external_ids.is_empty()) => Verdict::Open,
        Some(_) => Verdict::Unexpected,
        None => Verdict::Missing,
    })
}

/// Compares a call with what the owners expect of its caller.
pub(super) fn by_expectations(context: &Context<'_>, session: SessionView<'_>) -> Verdict {
    let Some(role) = session.role_arn().and_then(|role| context.expectations.role(role)) else { return Verdict::Open };
    if role.from.is_empty() {
        return Verdict::Open;
    }
    let account = session.caller_account();
    let caller = caller_arn(session);
    let expected = match caller {
        Some(_) => role.caller(caller, account).and_then(|from| from.external_id.as_ref()),
        // The caller's name is not in the log: any entry of its account may be meant, and only if all agree it counts.
        None => account.and_then(|account| role.from.external_id_of_account(account)),
    };
    let Some(expected) = expected else { return Verdict::Open };
    match sent(session) {
        Said::Withheld => Verdict::Open,
        Said::Absent => Verdict::Missing,
        Said::Value(value) => {
            let value = Some(session.lineage().str(value));
            if expected.admits(value) { Verdict::Expected } else { Verdict::Unexpected }
        }
    }
}
