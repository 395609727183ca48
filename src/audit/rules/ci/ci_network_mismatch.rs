//! `ci-network-mismatch`: a session was used from where its job's runner is not.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::audit::network::Ci;
use crate::audit::network::Hosted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::audit::uses::Use;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "ci-network-mismatch",
    title: "A CI job's credentials were used from a network that its runner is not in",
    theme: Theme::Ci,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with jobs and GitHub's `/meta`; better with `[networks]`",
    remediation: "Ask the owner of the run whether its runners have addresses of their own (larger runners, a proxy, \
                  a private network), and name those in [networks]. If not, treat the session as stolen.",
    techniques: &["T1550.001", "T1528"],
    reading: &[(
        "GitHub: addresses of runners",
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-githubs-ip-addresses",
    )],
    page: include_str!("../../../../docs/rules/ci-network-mismatch.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let hosted = context.ci.map(|ci| Hosted::of(&ci.facts)).unwrap_or_default();
    let own = Ci::of(context.expectations);
    for sure in runs::signed(context) {
        let Some(is_hosted) = sure.is_hosted() else { continue };
        let uses = sure.uses();
        let is_odd = |used: &&Use<'_>| {
            used.ip().is_some_and(|ip| {
                // Of a hosted job, the owners may know networks that the vendor does not list.
                let is_own = || is_hosted && own.holding(context.expectations, ip).is_some();
                hosted.holds(ip) == Some(!is_hosted) && !is_own() && !used.may_be_presigned(used.first)
            })
        };
        let odd: Vec<&Use<'_>> = uses.iter().filter(is_odd).collect();
        matches.extend(matched(context, sure, is_hosted, &odd));
    }
}

fn matched(context: &Context<'_>, sure: Sure<'_>, is_hosted: bool, odd: &[&Use<'_>]) -> Option<Match> {
    let first = odd.iter().map(|used| used.first).min()?;
    let ips: BTreeSet<IpAddr> = odd.iter().filter_map(|used| used.ip()).collect();
    let from = phrase::all_of(ips.iter().map(ToString::to_string));
    let run = sure.linked.run_name();
    let (severity, confidence, basis, title, why) = if is_hosted {
        (
            Severity::High,
            Confidence::Medium,
            Basis::Match,
            format!("Credentials of {run} were used from outside of the runners' networks"),
            "The job ran on a machine of the CI vendor, and the vendor does not list this address for its runners. The list \
             may lag behind, and larger runners can have addresses of their own.",
        )
    } else {
        (
            Severity::Low,
            Confidence::Low,
            Basis::Heuristic,
            format!("Credentials of {run}, on a runner of your own, were used from the vendor's networks"),
            "The job ran on a runner of your own, and the vendor lists this address for its runners. Your runners may stand \
             in the same cloud.",
        )
    };
    let message = format!(
        "From {first} on, credentials that {run} was given through {} were used from {from}. {why}",
        sure.linked.role(context)
    );
    let mut matched = sure.linked.matched(context, Said { severity, confidence, basis, title, message });
    matched.evidence.extend(odd.iter().map(|used| context.lineage.evidence(&used.tally.first)));
    Some(matched)
}
