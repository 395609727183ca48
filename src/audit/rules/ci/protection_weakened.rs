//! `protection-weakened`: a rule that protects an environment was removed or changed shortly before a deployment to it.

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "protection-weakened",
    title: "The protection of an environment was weakened before a deployment",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with GitHub's audit log",
    remediation: "Ask whoever changed the rules why. Compare the deployment that followed with what was reviewed, \
                  and put the rules back.",
    techniques: &["T1556", "T1098"],
    reading: &[
        (
            "GitHub: audit log events of environments",
            "https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization",
        ),
        ("Nord Stream, a tool that does this", "https://github.com/synacktiv/nord-stream"),
    ],
    page: include_str!("../../../../docs/rules/protection-weakened.md"),
    check,
};

/// Rules that are back within so many seconds were taken away for the deployment.
const PUT_BACK: i64 = 3_600;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context).filter(|sure| sure.is_production(context)) {
        matches.extend(matched(context, sure));
    }
}

fn matched(context: &Context<'_>, sure: Sure<'_>) -> Option<Match> {
    let (environment, issued, place) = (sure.environment()?, sure.linked.entry.issued()?, sure.place()?);
    let of_environment = |act: &&Act| {
        let is_place = act.place.as_ref() == Some(&place);
        is_place && act.environment.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(environment))
    };
    let between = |act: &&Act, from: Timestamp, to: Timestamp| from <= act.at && act.at <= to;
    let acts = || sure.linked.facts.acts.iter().filter(of_environment);
    let weakened = acts()
        .filter(|act| matches!(act.kind, ActKind::GuardRemoved | ActKind::GuardChanged))
        .rfind(|act| between(act, issued.plus(-DAY), issued))?;
    let put_back = acts()
        .filter(|act| act.kind == ActKind::GuardAdded || (act.kind == ActKind::GuardChanged && act.at > issued))
        .find(|act| between(act, issued, issued.plus(PUT_BACK)));
    let who = weakened.actor.as_ref().map_or("Somebody", |person| &*person.login);
    let did = if weakened.kind == ActKind::GuardRemoved { "removed" } else { "changed" };
    let run = sure.linked.run_name();
    let back = put_back.map(|act| format!(" At {}, after the deployment, the protection was put back.", act.at));
    let said = Said {
        severity: if put_back.is_some() { Severity::Critical } else { Severity::High },
        confidence: if put_back.is_some() { Confidence::High } else { Confidence::Medium },
        basis: Basis::Match,
        title: format!("{who} {did} a protection rule of {environment} before {run} deployed to it"),
        message: format!(
            "At {}, {who} {did} a rule that protects environment {environment}. At {issued}, {run} opened a session of {} for \
             this environment.{}",
            weakened.at,
            sure.linked.role(context),
            back.unwrap_or_default()
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    matched.key.push(("context", format!("environment:{environment}")));
    Some(matched)
}
