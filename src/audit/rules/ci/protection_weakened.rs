//! `protection-weakened`: a rule that protects an environment was removed or changed shortly before a deployment to it.

use std::collections::BTreeMap;

use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::ci::Act;
use crate::ci::ActKind;
use crate::ci::Place;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::DAY;

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

/// What was done to the rules of each environment, in order of time.
type Changes<'a> = BTreeMap<(Place, String), Vec<&'a Act>>;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(facts) = context.ci.map(|ci| &ci.facts) else { return };
    let mut changes: Changes<'_> = BTreeMap::new();
    for act in &facts.acts {
        let is_change = matches!(act.kind, ActKind::GuardAdded | ActKind::GuardChanged | ActKind::GuardRemoved);
        let of = act.place.as_ref().zip(act.environment.as_deref()).filter(|_| is_change);
        if let Some((place, environment)) = of {
            changes.entry((place.clone(), environment.to_ascii_lowercase())).or_default().push(act);
        }
    }
    for sure in runs::signed(context).filter(|sure| sure.is_production(context)) {
        matches.extend(matched(context, sure, &changes));
    }
}

fn matched(context: &Context<'_>, sure: Sure<'_>, changes: &Changes<'_>) -> Option<Match> {
    let (environment, issued) = (sure.environment()?, sure.linked.entry.issued()?);
    let name = environment.to_ascii_lowercase();
    // Acts are in order of time.
    let acts = sure.places().find_map(|place| changes.get(&(place, name.clone())))?;
    let before = || acts.iter().filter(|act| issued.plus(-DAY) <= act.at && act.at <= issued);
    // The last word before the deployment counts: what was added again was there.
    let weakened = before().next_back().filter(|act| act.kind != ActKind::GuardAdded)?;
    let is_removal = weakened.kind == ActKind::GuardRemoved;
    let back = if is_removal { ActKind::GuardAdded } else { ActKind::GuardChanged };
    let put_back = acts.iter().find(|act| act.kind == back && issued < act.at && act.at <= issued.plus(PUT_BACK));
    let who = weakened.actor.as_ref().map_or("Somebody", |person| &*person.login);
    // A change may have made the rule stricter: the log does not say.
    let (severity, confidence, did) = match (is_removal, put_back.is_some()) {
        (true, true) => (Severity::Critical, Confidence::High, "removed"),
        (true, false) => (Severity::High, Confidence::Medium, "removed"),
        (false, true) => (Severity::Medium, Confidence::Low, "changed"),
        (false, false) => (Severity::Low, Confidence::Low, "changed"),
    };
    let run = sure.linked.run_name();
    let again = if is_removal { "the protection was put back" } else { "it was changed again" };
    let back = put_back.map(|act| format!(" At {}, after the deployment, {again}.", act.at)).unwrap_or_default();
    let doubt = if is_removal { "" } else { " The audit log does not say whether that made it weaker or stricter." };
    let said = Said {
        severity,
        confidence,
        basis: Basis::Match,
        title: format!("{who} {did} a protection rule of {environment} before {run} deployed to it"),
        message: format!(
            "At {}, {who} {did} a rule that protects environment {environment}. At {issued}, {run} opened a session of {} for \
             this environment.{back}{doubt}",
            weakened.at,
            sure.linked.role(context),
        ),
    };
    let mut matched = sure.linked.matched(context, said);
    matched.key.push(("context", format!("environment:{environment}")));
    Some(matched)
}
