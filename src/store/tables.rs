//! The tables of a store: what each holds, column by column. `docs/store.md` is generated from this.

use super::copies::Addenda;
use super::copies::Network;
use super::entry::Entry;
use super::rows::Tallied;
use super::rows::UNKNOWN;
use super::rows::Who;
use crate::frame::Table;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::change::Change;
use crate::model::coverage::Defect;
use crate::model::finding::Status;
use crate::model::observations::Action;
use crate::model::observations::Cell;
use crate::model::observations::CellCount;
use crate::model::observations::Contact;
use crate::model::observations::Event;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

columns! {
    /// Who called. Other tables name these rows by `principal`.
    pub(super) struct Principals = "principals",
        "One identity that called on this day: all records with the same `userIdentity`.";
    write (key, who): (&'v str, &'v Principal), with symbols: Symbols;
    read (&'r str, Principal) = (principal, Principal {
        kind: Option::unwrap_or(kind, PrincipalKind::Unknown), principal_id, arn, account: account_id,
        access_key: access_key_id, user_name, invoked_by, identity_provider, issuer_arn,
        issuer_id: issuer_principal_id, federated_provider, federated_subject, federated_audience, created, mfa,
        source_identity, assumed_root, on_behalf_of, issued_to, delegate: delegate_account_id, from_console, called,
        slot: None,
    });
    principal: str = key,
        "Key of the row within its day: 24 hexadecimal digits of a hash over the other columns. Any text will do that \
        is the same for the same identity.";
    kind: str = who.kind, "`userIdentity.type`.";
    principal_id: str = who.principal_id, "`userIdentity.principalId`.";
    arn: str = who.arn, "`userIdentity.arn`.";
    account_id: str = who.account, "`userIdentity.accountId`.";
    access_key_id: str = who.access_key, "`userIdentity.accessKeyId`.";
    user_name: str = who.user_name, "`userIdentity.userName`.";
    invoked_by: str = who.invoked_by, "`userIdentity.invokedBy`.";
    identity_provider: str = who.identity_provider, "`userIdentity.identityProvider`.";
    issuer_arn: str = who.issuer_arn, "`sessionContext.sessionIssuer.arn`.";
    issuer_principal_id: str = who.issuer_id, "`sessionContext.sessionIssuer.principalId`.";
    federated_provider: str = who.federated_provider, "`sessionContext.webIdFederationData.federatedProvider`.";
    federated_subject: str = who.federated_subject,
        "The token's subject, in `sessionContext.webIdFederationData.attributes`.";
    federated_audience: str = who.federated_audience, "The token's audience, in the same place.";
    created: Timestamp = who.created, "`sessionContext.attributes.creationDate`.";
    mfa: bool = who.mfa, "`sessionContext.attributes.mfaAuthenticated`.";
    source_identity: str = who.source_identity, "`sessionContext.sourceIdentity`.";
    assumed_root: bool = who.assumed_root, "`sessionContext.assumedRoot`; null is false.";
    on_behalf_of: str = who.on_behalf_of, "`onBehalfOf.userId`.";
    issued_to: str = who.issued_to, "`inScopeOf.credentialsIssuedTo`.";
    delegate_account_id: str = who.delegate, "`invokedByDelegate.accountId`.";
    from_console: bool = who.from_console, "`sessionCredentialFromConsole` is true; null is false.";
    called: Timestamp = who.called,
        "For a session of another account, as the log of the account that was called names it: the quarter of an hour.";
}

columns! {
    /// Attempts to issue sessions.
    pub(super) struct Assumptions = "assumptions",
        "One record of an attempt to issue a session, duplicates and both copies of a cross-account call included.";
    write (key, row, extra): (&'v str, &'v Assumption, &'v AssumptionExtra), with symbols: Symbols;
    read (&'r str, Assumption) = (principal, Assumption {
        event_id, shared_event_id, request_id, call: event_name, time: event_time, expires, duration_seconds, region,
        recipient_account: account_id, caller: UNKNOWN, role_arn, session_name, external_id, source_identity,
        issued_key: issued_access_key_id, assumed_role_id, assumed_role_arn, subject, audience, provider, source_ip,
        user_agent, error_code, error_message, withholds_request, object, index: record_index,
        extra: boxed(AssumptionExtra {
            tags, incoming_tags, has_session_policy, target_principal, task_policy: task_policy_arn, serving_region,
            endpoint_type, explicit_trust_grant, denied_action, token_id: web_identity_token_id, amends,
        }),
    });
    event_id: str = row.event_id, "`eventID`.";
    shared_event_id: str = row.shared_event_id, "`sharedEventID`.";
    request_id: str = row.request_id, "`requestID`.";
    event_name: str = row.call, "`eventName`: which call it was.";
    event_time: Timestamp = row.time, "`eventTime`.";
    expires: Timestamp = row.expires, "`responseElements.credentials.expiration`.";
    duration_seconds: i64 = row.duration_seconds, "`requestParameters.durationSeconds`.";
    region: str = row.region, "`awsRegion`.";
    account_id: str = row.recipient_account, "`recipientAccountId`: in whose log the record stands.";
    principal: str = key, "Who asked: key of `principals`.";
    role_arn: str = row.role_arn, "The role asked for; for denied calls, read from `errorMessage`.";
    session_name: str = row.session_name, "`requestParameters.roleSessionName`.";
    external_id: str = row.external_id, "`requestParameters.externalId`.";
    source_identity: str = row.source_identity, "`requestParameters.sourceIdentity`, or `responseElements.sourceIdentity`.";
    issued_access_key_id: str = row.issued_key, "`responseElements.credentials.accessKeyId`.";
    assumed_role_id: str = row.assumed_role_id, "`responseElements.assumedRoleUser.assumedRoleId`.";
    assumed_role_arn: str = row.assumed_role_arn, "`responseElements.assumedRoleUser.arn`, or the federated user's.";
    subject: str = row.subject, "The token's subject.";
    audience: str = row.audience, "The token's audience.";
    provider: str = row.provider, "The identity provider: an ARN, or the host of a built-in one.";
    source_ip: str = row.source_ip, "`sourceIPAddress`.";
    user_agent: str = row.user_agent, "`userAgent`.";
    error_code: str = row.error_code, "`errorCode`; null when granted.";
    error_message: str = row.error_message, "`errorMessage`.";
    withholds_request: bool = row.withholds_request, "The record does not hold all that was asked; null is false.";
    object: str = row.object, "The log file that holds the record.";
    record_index: i64 = row.index, "Where in the file the record stands, from 0.";
    tags: str = &extra.tags, "Session tags: a JSON array of `{\"key\", \"value\"}`, or null.";
    incoming_tags: str = &extra.incoming_tags, "`incomingTransitiveTags`, in the same form.";
    has_session_policy: bool = extra.has_session_policy,
        "`policy` or `policyArns` narrowed the session; null is false.";
    target_principal: str = extra.target_principal, "`AssumeRoot`'s `targetPrincipal`.";
    task_policy_arn: str = extra.task_policy, "`AssumeRoot`'s task policy.";
    serving_region: str = extra.serving_region, "The region that served a call of the global endpoint.";
    endpoint_type: str = extra.endpoint_type, "`global`, or null.";
    explicit_trust_grant: bool = extra.explicit_trust_grant, "`additionalEventData.explicitTrustGrant`.";
    denied_action: str = extra.denied_action, "The action that was refused, when not the call itself.";
    web_identity_token_id: str = extra.token_id,
        "The token of AWS that was issued (`GetWebIdentityToken`), or passed for a role of another partition.";
    amends: str = extra.amends, "`addendum.originalEventID`: the event that the record stands in for; null for all others.";
}

fn boxed(extra: AssumptionExtra) -> Option<Box<AssumptionExtra>> {
    (extra != AssumptionExtra::default()).then(|| Box::new(extra))
}

columns! {
    /// Changes to trust, keys and trails.
    pub(super) struct Changes = "changes", "One attempt to change trust, keys or logging.";
    write (key, region, row): (&'v str, Option<Sym>, &'v Change), with symbols: Symbols;
    read (&'r str, Option<Sym>, Change) = (principal, region, Change {
        event_id, time: event_time, source: event_source, name: event_name, caller: UNKNOWN, account: account_id, target,
        document, omitted, error_code, user_agent, amends, object,
    });
    event_id: str = row.event_id, "`eventID`.";
    event_time: Timestamp = row.time, "`eventTime`.";
    event_source: str = row.source, "`eventSource`.";
    event_name: str = row.name, "`eventName`.";
    region: str = region, "`awsRegion`.";
    account_id: str = row.account, "`recipientAccountId`.";
    principal: str = key, "Who asked: key of `principals`.";
    target: str = row.target, "What was changed.";
    document: str = row.document, "The policy document or the request parameters, as JSON text.";
    omitted: bool = row.omitted, "CloudTrail withheld the parameters because of their size; null is false.";
    error_code: str = row.error_code, "`errorCode`; null when the change was made.";
    user_agent: str = row.user_agent, "`userAgent`.";
    amends: str = row.amends, "`addendum.originalEventID`: the event that the record stands in for; null for all others.";
    object: str = row.object, "The log file that holds the record.";
}

columns! {
    /// What each principal did.
    pub(super) struct Activity = "activity",
        "What one principal did in one account's log of one region on one day, assumptions left out: calls with the same \
        name and end.";
    write (who, what, tally): (Who<'v>, Action, &'v Tally), with symbols: Symbols;
    read (Who<'r>, Action, Tally) = (
        (account_id, region, principal), Action { source: event_source, name: event_name, read_only, error_code }, tally
    );
    account_id: str = who.0, "`recipientAccountId`.";
    region: str = who.1, "`awsRegion`.";
    principal: str = who.2, "Who called: key of `principals`.";
    event_source: str = what.source, "`eventSource`.";
    event_name: str = what.name, "`eventName`.";
    read_only: bool = what.read_only, "`readOnly`.";
    error_code: str = what.error_code, "`errorCode`.";
    ..tally: Tallied = tally;
}

columns! {
    /// From where each principal called.
    pub(super) struct Contacts = "contacts",
        "From where one principal called in one account's log of one region on one day, assumptions included.";
    write (who, contact, tally): (Who<'v>, Contact, &'v Tally), with symbols: Symbols;
    read (Who<'r>, Contact, Tally) =
        ((account_id, region, principal), Contact { source_ip, user_agent, via_vpc_endpoint }, tally);
    account_id: str = who.0, "`recipientAccountId`.";
    region: str = who.1, "`awsRegion`.";
    principal: str = who.2, "Who called: key of `principals`.";
    source_ip: str = contact.source_ip, "`sourceIPAddress`.";
    user_agent: str = contact.user_agent, "`userAgent`.";
    via_vpc_endpoint: bool = contact.via_vpc_endpoint, "The call came through a VPC endpoint; null is false.";
    ..tally: Tallied = tally;
}

columns! {
    /// Records by account, region and day.
    pub(super) struct Coverage = "coverage",
        "Unique records of one account's log of one region on one day. Rows of several files add up.";
    write (cell, count): (&'v Cell, &'v CellCount), with symbols: Symbols;
    read (Option<Sym>, Option<Sym>, CellCount) = (account_id, region, CellCount {
        records, read_only: read_only_records, sts: sts_records, first: first_event, last: last_event,
    });
    account_id: str = cell.account, "`recipientAccountId`.";
    region: str = cell.region, "`awsRegion`.";
    records: i64 = count.records, "Unique records.";
    read_only_records: i64 = count.read_only, "Those that say `readOnly: true`.";
    sts_records: i64 = count.sts, "Those of STS.";
    first_event: Timestamp = count.first, "The earliest event.";
    last_event: Timestamp = count.last, "The latest event.";
}

columns! {
    /// Fingerprints of the records seen.
    pub(super) struct Events = "events",
        "One unique record: what tells it from others, and where it was counted. So duplicates that come later are known, \
        and stores that hold the same records merge exactly.";
    write event: &'v Event, with nothing: ();
    read Event =
        Event { fingerprint: i64::cast_unsigned(fingerprint), activity, contact, read_only, sts, network };
    fingerprint: i64 = event.fingerprint.cast_signed(), "64 bits of SHA-256 over what the record says.";
    activity: i64 = event.activity, "Row of the file of `activity` with the same name, from 0; null for assumptions.";
    contact: i64 = event.contact, "Row of the file of `contacts` with the same name, from 0.";
    read_only: bool = event.read_only, "`readOnly: true`.";
    sts: bool = event.sts, "A record of STS.";
    network: bool = event.network,
        "A network activity event: `activity` is a row of `network`, and no other table counts it; null is false.";
}

columns! {
    /// The part of [`Events`] that tells records apart.
    pub(super) struct Fingerprints;
    read u64 = i64::cast_unsigned(fingerprint), into ();
    fingerprint: i64;
}

columns! {
    /// The ledger.
    pub(super) struct Objects = "objects",
        "What became of one log file. A later row (in a file of a higher number) of the same `object` replaces an earlier.";
    write entry: &'v Entry, with nothing: ();
    read Entry = Entry {
        object, version, size, state, kind, stored_bytes, inflated_bytes, unique: unique_records,
        duplicate: duplicate_records, malformed: malformed_records, unsupported: unsupported_records, defects, set_aside,
        sha256, has_trailing_bytes, is_gone,
    };
    object: str = &entry.object, "The log file, as the run named it.";
    version: str = &entry.version, "Its `ETag`, or when it was written; null for standard input. Of a folder: from when on it was to be listed; null \
        when as a whole.";
    size: i64 = entry.size, "Its size as listed, in bytes.";
    state: str = entry.state,
        "`read`: done. `failed`: could not be fetched, and is tried again. `lost`: could not be fetched, and is gone. \
        `replaced`: was read, and then held something else. `unlisted`: a folder that could not be listed. `listed`: no \
        longer so.";
    kind: str = entry.kind, "`records`, `digest`, `insight`, `foreign` or `broken`; null when it failed.";
    stored_bytes: i64 = entry.stored_bytes, "Bytes as stored.";
    inflated_bytes: i64 = entry.inflated_bytes, "Bytes after inflating.";
    unique_records: i64 = entry.unique, "Records that were new.";
    duplicate_records: i64 = entry.duplicate, "Records seen before.";
    malformed_records: i64 = entry.malformed, "Records that are not what a record should be.";
    unsupported_records: i64 = entry.unsupported, "Records of a known shape that carries nothing for role chains.";
    defects: i64 = entry.defects, "Pieces of bad input; `defects` holds the first thousand of each run.";
    set_aside: str = &entry.set_aside,
        "What was set aside in it: a JSON object of kinds, as in reports, and how many of each; null when nothing was.";
    sha256: str = &entry.sha256, "SHA-256 of what it holds, inflated, in hexadecimal; null when not asked for.";
    has_trailing_bytes: bool = entry.has_trailing_bytes, "Bytes follow the first gzip member; null when not asked for.";
    is_gone: bool = entry.is_gone, "It was read, and a later listing no longer had it; null is false.";
}

columns! {
    /// Bad input.
    pub(super) struct Defects = "defects", "One piece of bad input.";
    write defect: &'v Defect, with nothing: ();
    read Defect = Defect { object, index: record_index, kind, message };
    object: str = &defect.object, "The log file.";
    record_index: i64 = defect.index, "The record in it, from 0; null when the file itself is defective.";
    kind: str = defect.kind, "What kind of defect it is, as in reports.";
    message: str = &defect.message, "What is wrong, in words.";
}

columns! {
    /// Digest files, for the check of integrity.
    pub(super) struct Digests = "digests", "One CloudTrail digest file, when integrity was checked.";
    write (object, text, signature): (&'v str, Option<&'v str>, Option<&'v str>), with nothing: ();
    read (String, Option<String>, Option<String>) = (object, text, signature);
    object: str = object, "The digest file.";
    text: str = text, "What it says: JSON.";
    signature: str = signature, "Its signature, in hexadecimal; null when the object's metadata was not there.";
}

/// What is remembered of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) rule: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) first_seen: Option<Timestamp>,
    pub(super) last_seen: Option<Timestamp>,
    pub(super) status: Status,
    /// The status at the end of the generation before.
    pub(super) earlier: Option<Status>,
    pub(super) first_generation: u64,
    pub(super) generation: u64,
}

columns! {
    /// The life of findings.
    pub(super) struct Findings = "findings",
        "One finding that an audit of the whole store has made. One file, replaced as a whole.";
    write (fingerprint, row): (&'v String, &'v Remembered), with nothing: ();
    read (String, Remembered) = (fingerprint, Remembered {
        rule, severity, title, first_seen, last_seen, status, earlier: earlier_status, first_generation, generation,
    });
    fingerprint: str = fingerprint, "What names the finding in every run.";
    rule: str = &row.rule, "The rule's id.";
    severity: str = &row.severity, "`info` to `critical`.";
    title: str = &row.title, "One line.";
    first_seen: Timestamp = row.first_seen, "The earliest event.";
    last_seen: Timestamp = row.last_seen, "The latest event.";
    status: str = row.status, "`new`, `ongoing`, `reopened`, `dormant`, `resolved` or `excepted`.";
    earlier_status: str = row.earlier, "The status at the end of the generation before; null when there was none.";
    first_generation: i64 = row.first_generation, "The generation that first had it.";
    generation: i64 = row.generation, "The generation of `status`.";
}

/// Every table.
pub(super) static TABLES: &[&Table] = &[
    &Principals::TABLE,
    &Assumptions::TABLE,
    &Changes::TABLE,
    &Addenda::TABLE,
    &Activity::TABLE,
    &Network::TABLE,
    &Contacts::TABLE,
    &Coverage::TABLE,
    &Events::TABLE,
    &Objects::TABLE,
    &Defects::TABLE,
    &Digests::TABLE,
    &Findings::TABLE,
];

/// The tables with a folder for each day of events: the first nine.
pub(super) static DAILY: &[&Table] = TABLES.split_at(9).0;

/// Returns every table and its columns as Markdown: the generated part of `docs/store.md`.
pub fn schema_markdown() -> String {
    let place = |at| if at < DAILY.len() { "one folder for each day: `dt=2026-11-02`" } else { "not by day" };
    let part = |(at, table): (usize, &&Table)| {
        format!("### `{}`\n\n{} ({})\n\n{}\n", table.name, table.doc, place(at), table.markdown())
    };
    TABLES.iter().enumerate().map(part).collect()
}
