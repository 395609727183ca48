//! Findings.

use super::Shape;
use super::Sink;
use super::cells::at;
use super::cells::boolean;
use super::cells::count;
use super::cells::integer;
use super::cells::moment;
use super::cells::object;
use super::cells::text;
use crate::export::Source;
use crate::frame::FrameError;
use crate::frame::Table;
use crate::frame::Value;
use crate::report::wire::finding::Finding;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "findings",
        doc: "One judged statement, folded over what it is about.",
        columns: &[
            text("fingerprint", "Stable: the same finding has the same fingerprint in every run."),
            text("rule", "The rule's id; `rolechain explain RULE` says more."),
            text("severity", "How much harm is done if it is true: `info`, `low`, `medium`, `high`, `critical`."),
            integer("severity_rank", "The severity as a number: 1 for `info` to 5 for `critical`."),
            text("confidence", "How sure it is: `low`, `medium`, `high`."),
            integer("confidence_rank", "The confidence as a number: 1 for `low` to 3 for `high`."),
            text("basis", "What it rests on: `proof`, `match`, `novelty`, `heuristic`."),
            text("persona", "Whom its rule is for: `regular`, `pedantic`, `auditor`."),
            text("regraded_from", "The rule's own severity, when the owners gave another grade."),
            text("status", "Where it stands in its life: `new`, `ongoing`, `reopened`, `resolved`, `excepted`."),
            boolean("is_open", "True unless it is resolved or excepted."),
            text("title", "One line."),
            text("message", "What happened."),
            text("remediation", "What to do."),
            text("role_arn", "The role that it is about."),
            text("principal_arn", "The principal that it is about."),
            text("subject", "The token's subject that it is about."),
            text("repository", "The repository that it is about."),
            text("issuer", "The token's issuer that it is about."),
            text("access_key_id", "The access key that it is about."),
            text("account_id", "The account that it is about."),
            text("account_name", "What the expectations call that account."),
            text("caller_account_id", "The calling account that it is about."),
            text("region", "The region that it is about."),
            text("key", "All that it is about, as a JSON object."),
            integer("occurrences", "How many occurrences."),
            moment("first_seen", "The earliest event."),
            moment("last_seen", "The latest event."),
            integer("chains", "How many chains it is about; `finding_chains` names them."),
            integer("evidence", "How many events are named as proof; `evidence` names them."),
            text("exception", "Why it is excepted; null when it is not."),
            text("accepted_by", "What accepts it: `exception`, `baseline`; null when nothing does."),
            text("accepted_owner", "Who answers for that."),
            moment("accepted_until", "The last day it is accepted."),
        ],
    },
    key: &["fingerprint"],
    joins: &[("access_key_id", "long_term_keys.access_key_id")],
    day: "last_seen",
    rows,
};

/// The parts of findings' keys that have a column of their own, in order.
const KEYS: [&str; 9] = [
    "role_arn",
    "principal_arn",
    "subject",
    "repository",
    "issuer",
    "access_key_id",
    "account_id",
    "caller_account_id",
    "region",
];

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    source.rows.findings().try_for_each(|finding| row(source, &finding, sink))
}

fn row(source: &Source<'_>, finding: &Finding<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let severity = rank(&["info", "low", "medium", "high", "critical"], finding.severity);
    let confidence = rank(&["low", "medium", "high"], finding.confidence);
    let key = object(&finding.key);
    let about = KEYS.map(|name| finding.key.get(name).map(AsRef::<str>::as_ref));
    let [role, principal, subject, repository, issuer, access_key, account, caller_account, region] = about;
    sink(&[
        finding.fingerprint.as_ref().into(),
        finding.rule.into(),
        finding.severity.into(),
        severity,
        finding.confidence.into(),
        confidence,
        finding.basis.into(),
        finding.persona.into(),
        finding.regraded_from.into(),
        finding.status.into(),
        (!matches!(finding.status, "resolved" | "excepted")).into(),
        finding.title.as_ref().into(),
        finding.message.as_ref().into(),
        finding.remediation.as_ref().into(),
        role.into(),
        principal.into(),
        subject.into(),
        repository.into(),
        issuer.into(),
        access_key.into(),
        account.into(),
        source.account_name(account).into(),
        caller_account.into(),
        region.into(),
        key.as_deref().into(),
        finding.count.into(),
        at(finding.first_seen),
        at(finding.last_seen),
        count(finding.chain_ids.len()),
        count(finding.evidence.len()),
        finding.exception.as_deref().into(),
        finding.accepted.as_ref().map(|accepted| accepted.by).into(),
        finding.accepted.as_ref().map(|accepted| accepted.owner.as_ref()).into(),
        at(finding.accepted.as_ref().map(|accepted| accepted.expires)),
    ])
}

fn rank(names: &[&str], name: &str) -> Value<'static> {
    names.iter().position(|known| *known == name).map(|at| at as u64 + 1).into()
}
