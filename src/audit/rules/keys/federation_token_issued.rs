//! `federation-token-issued`: a user's key was turned into a session that lives on when the key is deleted.

use crate::audit::class;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::IssuingCall;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "federation-token-issued",
    title: "A key was turned into a federation token, which lives on when the key is deleted",
    theme: Theme::Keys,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; `[keys] allow_users`",
    remediation: "If a sign-in portal of yours does this, list its user in [keys] allow_users and plan to replace it with \
                  IAM Identity Center. If not: deleting the key does not end the session. Deny everything to the user \
                  (or delete the user) for as long as the token can live, which is 36 hours.",
    techniques: &["T1098.001"],
    reading: &[
        (
            "AWS STS: GetFederationToken",
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html",
        ),
        (
            "Stratus Red Team: get a federation token",
            "https://stratus-red-team.cloud/attack-techniques/AWS/aws.persistence.sts-federation-token/",
        ),
    ],
    page: include_str!("../../../../docs/rules/federation-token-issued.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let tokens = lineage.sessions().filter(|session| {
        let record = session.issuing_record();
        record.is_some_and(|record| record.call == IssuingCall::GetFederationToken)
    });
    let groups = occurrences::gather(tokens.filter_map(|session| {
        let caller = session.caller()?;
        Some(((caller.arn.or(caller.principal_id), caller.access_key), session))
    }));
    if groups.is_empty() {
        return;
    }
    for ((user, key), sessions) in groups {
        matches.push(matched(context, lineage.opt(user), lineage.opt(key), &sessions));
    }
}

fn matched(context: &Context<'_>, user: Option<&str>, key: Option<&str>, sessions: &Occurrences<'_>) -> Match {
    let all = sessions.sessions();
    let is_root = all.iter().any(|session| session.caller().is_some_and(|caller| caller.kind == PrincipalKind::Root));
    let long_lived = key.filter(|key| arn::key_kind(key) == KeyKind::LongTerm);
    let is_allowed = !is_root && user.is_some_and(|user| context.expectations.keys.allows_user(user));
    let severity = if is_allowed {
        Severity::Info
    } else if long_lived.is_some() || all.iter().any(|session| class::is_of_ci(context, *session)) {
        RULE.severity
    } else {
        Severity::Medium
    };
    let who = user.unwrap_or("an unnamed user");
    let with = key.map(|key| format!(" with the key {key}")).unwrap_or_default();
    let names: Vec<&str> = all.iter().filter_map(|session| name(*session)).collect();
    let names = if names.is_empty() { String::new() } else { format!(" named {}", phrase::all_of(names)) };
    let power = if all.iter().any(has_policy) {
        "The session has the rights that both the user and the policy sent with the call allow."
    } else if all.iter().filter_map(SessionView::issuing_record).any(|record| record.withholds_request) {
        "The record does not hold what was asked, so that nobody knows which rights the session has."
    } else {
        "No policy came with the call, so that the session may only do what resource policies grant to it by name."
    };
    let accepted = if is_allowed { " The user is listed in allow_users." } else { "" };
    let mut id = Vec::new();
    id.extend(user.map(|user| ("principal_arn", user.to_owned())));
    id.extend(long_lived.map(|key| ("access_key_id", key.to_owned())));
    if id.is_empty() {
        id.extend(all.iter().filter_map(SessionView::account).min().map(|id| ("account_id", id.to_owned())));
    }
    Match {
        key: id,
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{} turned its credentials into a federation token", user.map_or("A user", arn::short)),
        message: format!(
            "{}, {who}{with} got federation tokens{names} (GetFederationToken). Such a session lives up to 36 hours, \
             and deactivating or deleting the key does not end it. {power}{accepted}",
            sessions.when()
        ),
        remediation: None,
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}

fn has_policy(session: &SessionView<'_>) -> bool {
    let extra = session.issuing_record().and_then(|record| record.extra.as_ref());
    extra.is_some_and(|extra| extra.has_session_policy)
}

/// Returns the name that the caller gave to the token's holder.
fn name(session: SessionView<'_>) -> Option<&str> {
    let arn = session.lineage().opt(session.issuing_record()?.assumed_role_arn)?;
    arn::resource(arn)?.strip_prefix("federated-user/")
}
