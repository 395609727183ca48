//! `new-edge`: a role that has been known for weeks was assumed by somebody who never did so before.

use crate::audit::caller;
use crate::audit::class;
use crate::audit::grade;
use crate::audit::novelty;
use crate::audit::occurrences::gather;
use crate::audit::occurrences::proof;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::observations::Map;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "new-edge",
    title: "A role was assumed by another role for the first time in weeks",
    theme: Theme::Deploy,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    basis: Basis::Novelty,
    persona: Persona::Regular,
    needs: "a store (`--store`) with 14 covered days since the role was first assumed",
    remediation: "Ask the owner of the role whether the caller belongs there. If so, add it as [[role.from]] in \
                  rolechain.toml; if not, name the exact callers in the role's trust policy.",
    techniques: &["T1548.005"],
    reading: &[(
        "AWS: principals in policies",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    )],
    page: include_str!("../../../../docs/rules/new-edge.md"),
    check,
};

/// From so many letters and digits on, the end of a role's name is one that a template made up.
const RANDOM: usize = 12;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.history.is_none() {
        return;
    }
    let edges: Vec<_> = context
        .lineage
        .sessions()
        .filter(|session| caller::is_assumed(*session) && !class::is_noise(*session))
        .filter_map(|session| {
            let role = normal(session.role_arn()?);
            let caller = caller::caller_role(session).filter(|arn| arn.contains(":role/"))?;
            Some((role, normal(caller), session))
        })
        .collect();
    let roles: Map<_, _> =
        gather(edges.iter().map(|(role, _, session)| (role.clone(), *session))).into_iter().collect();
    let pairs = gather(edges.iter().map(|(role, caller, session)| ((role.clone(), caller.clone()), *session)));
    for ((role, caller), pair) in pairs {
        let Some(all) = roles.get(&role) else { continue };
        let Some(first) = novelty::newcomer(context, &pair, all) else { continue };
        let Some(role_arn) = first.role_arn() else { continue };
        let expected = context.expectations.role(role_arn);
        if arn::is_same_role(&caller, &role)
            || expected.is_some_and(|role| role.caller(Some(&caller), arn::account(&caller)).is_some())
        {
            continue;
        }
        matches.push(Match {
            key: vec![("role_arn", role.clone()), ("principal_arn", caller.clone())],
            severity: grade::in_prod(RULE.severity, context, role_arn),
            confidence: grade::of_links(RULE.confidence, first),
            basis: RULE.basis,
            title: format!("{} assumed {} for the first time", phrase::short(&caller), phrase::short(&role)),
            message: format!(
                "{}, {} assumed {}. In the {} before, since the role was first assumed, it never did. \
                 Somebody may have wired a new pipeline, or have found a role that trusts a whole account.",
                first.issued().map_or_else(|| "Once".to_owned(), |time| format!("At {time}")),
                phrase::role(context, &caller),
                phrase::role(context, role_arn),
                novelty::looked(context, all, first),
            ),
            remediation: None,
            count: 1,
            evidence: proof(first),
            chain_ids: pair.chain_ids(context),
        });
    }
}

/// Replaces the random end of a name that a template made up: each deployment makes another one.
fn normal(role_arn: &str) -> String {
    let is_random = |end: &str| {
        RANDOM <= end.len()
            && end.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            && end.bytes().any(|byte| byte.is_ascii_digit())
    };
    match role_arn.rsplit_once('-') {
        Some((stem, end)) if is_random(end) => format!("{stem}-*"),
        _ => role_arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn made_up_ends_of_names_are_one() {
        assert_eq!(normal("arn:aws:iam::1:role/stack-Deploy-1A2B3C4D5E6F7"), "arn:aws:iam::1:role/stack-Deploy-*");
        for name in
            ["arn:aws:iam::1:role/gha-orders", "arn:aws:iam::1:role/x-PRODUCTIONSYSTEM", "arn:aws:iam::1:role/x-1A2B"]
        {
            assert_eq!(normal(name), name);
        }
    }
}
