//! `baseline-unused`: what a baseline knows is no longer there.

use std::collections::BTreeMap;

use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::baseline::Baseline;
use crate::model::baseline::Known;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "baseline-unused",
    title: "A baseline knows findings that are no longer there",
    theme: Theme::Review,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs of 14 days since the baseline was made, and `--baseline`",
    remediation: "Take these stanzas out of the baseline: they are done, and if one of them comes back it should be \
                  seen.",
    techniques: &[],
    reading: &[("NIST: risk acceptance", "https://csrc.nist.gov/glossary/term/risk_acceptance")],
    page: include_str!("../../../../docs/rules/baseline-unused.md"),
    check,
};

/// How many findings are named.
const MAX_NAMED: usize = 3;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(baseline) = context.settled.baseline else { return };
    let mut by_rule: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for known in &context.settled.gone {
        by_rule.entry(&known.rule).or_default().push(known);
    }
    matches.extend(by_rule.into_iter().map(|(rule, gone)| matched(baseline, rule, &gone)));
}

fn matched(baseline: &Baseline, rule: &str, gone: &[&Known]) -> Match {
    let number = wide(gone.len());
    let findings = phrase::count(number, "finding");
    let is = if number == 1 { "is" } else { "are" };
    let named: Vec<&str> = gone.iter().take(MAX_NAMED).map(|known| known.title.as_str()).collect();
    let more = if named.len() < gone.len() { "; …" } else { "" };
    Match {
        key: vec![("detection", rule.to_owned())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{findings} of {rule} that the baseline knows {is} no longer there"),
        message: format!(
            "The baseline that {} made on {} accepts {findings} of {rule} that these logs do not show, although they \
             cover at least two weeks since then: {}{more}.",
            baseline.by,
            baseline.created.date(),
            named.join("; "),
        ),
        remediation: None,
        count: number,
        evidence: Vec::new(),
        chain_ids: Chains::default(),
    }
}
