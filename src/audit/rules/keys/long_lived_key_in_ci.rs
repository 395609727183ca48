//! `long-lived-key-in-ci`: a pipeline holds a long-lived key.

use std::collections::BTreeSet;

use crate::audit::ci_keys::Signs;
use crate::audit::key_owner::KeyOwner;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::long_term_key::CiSign;
use crate::model::long_term_key::InCi;
use crate::model::long_term_key::LongTermKey;
use crate::provider;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "long-lived-key-in-ci",
    title: "A pipeline uses a long-lived key",
    theme: Theme::Keys,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; `[networks]` for the second way",
    remediation: "Move the workflow to OIDC (role-to-assume without aws-access-key-id). Then deactivate the key, watch one \
                  release, delete the key, and delete the secret that held it in the CI system.",
    techniques: &["T1552.001", "T1078.004"],
    reading: &[(
        "GitHub Docs: OpenID Connect in AWS",
        "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
    )],
    page: include_str!("../../../../docs/rules/long-lived-key-in-ci.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let signs = Signs::of(context.expectations);
    for key in &context.lineage.long_term_keys {
        matches.extend(key.ci.as_ref().and_then(|ci| matched(context, &signs, key, ci)));
    }
}

/// Says by what it shows that CI used the key.
fn matched(context: &Context<'_>, signs: &Signs<'_>, key: &LongTermKey, ci: &InCi) -> Option<Match> {
    let lineage = context.lineage;
    let contacts = signs.contacts(lineage, key);
    // What only network activity events tell of counts nothing in a contact: it was one call at least.
    let count: u64 = contacts.iter().map(|(_, tally)| tally.count().max(1)).sum();
    let first = contacts.iter().filter_map(|(_, tally)| tally.first.time()).min();
    let last = contacts.iter().filter_map(|(_, tally)| tally.last.time()).max();
    (count > 0).then_some(())?;
    let owner = KeyOwner::of(context, key);
    let (access_key, who) = (owner.key, owner.who());
    let run_ids: BTreeSet<&str> =
        contacts.iter().filter_map(|(contact, _)| provider::run_in_agent(lineage.opt(contact.user_agent)?)).collect();
    let shown = phrase::all_of(ci.shown_by.iter().map(String::as_str));
    let (confidence, by) = match ci.sign {
        CiSign::Client => (Confidence::High, format!("with a user agent that only a CI system sends ({shown})")),
        CiSign::Network => (Confidence::Medium, format!("from the network of a CI system ({shown})")),
    };
    let which = if run_ids.is_empty() {
        String::new()
    } else {
        format!(" The workflow can be found by its GitHub run: {}.", phrase::all_of(run_ids))
    };
    let named = contacts.iter().filter_map(|(contact, tally)| {
        Some((provider::run_in_agent(lineage.opt(contact.user_agent)?)?, tally.first.time()?))
    });
    let which = which + &runs::workflows(context, named);
    Some(Match {
        key: owner.key_parts(),
        severity: Severity::High,
        confidence,
        basis: Basis::Match,
        title: format!("A pipeline uses the long-lived key {access_key} of {}", owner.short()),
        message: format!(
            "{}, the key {access_key} of {who} called AWS {by}. A secret of the CI system holds a copy of it, which \
             any workflow with access to that secret can read and which does not expire.{which}",
            occurrences::when(count, first, last)
        ),
        remediation: None,
        count,
        evidence: contacts
            .iter()
            .flat_map(|(_, tally)| [tally.first, tally.last])
            .map(|mark| lineage.evidence(&mark))
            .collect(),
        chain_ids: Chains::default(),
    })
}
