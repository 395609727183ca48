//! The tables of a store: what each holds, column by column. `docs/store.md` is generated from this.

use crate::frame::Column;
use crate::frame::Kind;
use crate::frame::Table;
use crate::frame::column;

/// Who called. Other tables name these rows by `principal`.
pub(super) static PRINCIPALS: Table = Table {
    name: "principals",
    doc: "One identity that called on this day: all records with the same `userIdentity`.",
    columns: &[
        column(
            "principal",
            Kind::Text,
            "Key of the row within its day: 24 hexadecimal digits of a hash over the other columns. Any text will do that \
             is the same for the same identity.",
        ),
        column("kind", Kind::Text, "`userIdentity.type`."),
        column("principal_id", Kind::Text, "`userIdentity.principalId`."),
        column("arn", Kind::Text, "`userIdentity.arn`."),
        column("account_id", Kind::Text, "`userIdentity.accountId`."),
        column("access_key_id", Kind::Text, "`userIdentity.accessKeyId`."),
        column("user_name", Kind::Text, "`userIdentity.userName`."),
        column("invoked_by", Kind::Text, "`userIdentity.invokedBy`."),
        column("identity_provider", Kind::Text, "`userIdentity.identityProvider`."),
        column("issuer_arn", Kind::Text, "`sessionContext.sessionIssuer.arn`."),
        column("issuer_principal_id", Kind::Text, "`sessionContext.sessionIssuer.principalId`."),
        column("federated_provider", Kind::Text, "`sessionContext.webIdFederationData.federatedProvider`."),
        column("created", Kind::Moment, "`sessionContext.attributes.creationDate`."),
        column("mfa", Kind::Boolean, "`sessionContext.attributes.mfaAuthenticated`."),
        column("source_identity", Kind::Text, "`sessionContext.sourceIdentity`."),
        column("assumed_root", Kind::Boolean, "`sessionContext.assumedRoot`; null is false."),
        column("on_behalf_of", Kind::Text, "`onBehalfOf.userId`."),
        column("issued_to", Kind::Text, "`inScopeOf.credentialsIssuedTo`."),
        column("from_console", Kind::Boolean, "`sessionCredentialFromConsole` is true; null is false."),
    ],
};

/// Attempts to issue sessions.
pub(super) static ASSUMPTIONS: Table = Table {
    name: "assumptions",
    doc: "One record of an attempt to issue a session, duplicates and both copies of a cross-account call included.",
    columns: &[
        column("event_id", Kind::Text, "`eventID`."),
        column("shared_event_id", Kind::Text, "`sharedEventID`."),
        column("request_id", Kind::Text, "`requestID`."),
        column("event_name", Kind::Text, "`eventName`: which call it was."),
        column("event_time", Kind::Moment, "`eventTime`."),
        column("expires", Kind::Moment, "`responseElements.credentials.expiration`."),
        column("duration_seconds", Kind::Integer, "`requestParameters.durationSeconds`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("account_id", Kind::Text, "`recipientAccountId`: in whose log the record stands."),
        column("principal", Kind::Text, "Who asked: key of `principals`."),
        column("role_arn", Kind::Text, "The role asked for; for denied calls, read from `errorMessage`."),
        column("session_name", Kind::Text, "`requestParameters.roleSessionName`."),
        column("external_id", Kind::Text, "`requestParameters.externalId`."),
        column("source_identity", Kind::Text, "`requestParameters.sourceIdentity`."),
        column("issued_access_key_id", Kind::Text, "`responseElements.credentials.accessKeyId`."),
        column("assumed_role_id", Kind::Text, "`responseElements.assumedRoleUser.assumedRoleId`."),
        column("assumed_role_arn", Kind::Text, "`responseElements.assumedRoleUser.arn`, or the federated user's."),
        column("subject", Kind::Text, "The token's subject."),
        column("audience", Kind::Text, "The token's audience."),
        column("provider", Kind::Text, "The identity provider: an ARN, or the host of a built-in one."),
        column("source_ip", Kind::Text, "`sourceIPAddress`."),
        column("user_agent", Kind::Text, "`userAgent`."),
        column("error_code", Kind::Text, "`errorCode`; null when granted."),
        column("error_message", Kind::Text, "`errorMessage`."),
        column("object", Kind::Text, "The log file that holds the record."),
        column("record_index", Kind::Integer, "Where in the file the record stands, from 0."),
        column("tags", Kind::Text, "Session tags: a JSON array of `{\"key\", \"value\"}`, or null."),
        column("incoming_tags", Kind::Text, "`incomingTransitiveTags`, in the same form."),
        column("has_session_policy", Kind::Boolean, "`policy` or `policyArns` narrowed the session; null is false."),
        column("target_principal", Kind::Text, "`AssumeRoot`'s `targetPrincipal`."),
        column("task_policy_arn", Kind::Text, "`AssumeRoot`'s task policy."),
        column("serving_region", Kind::Text, "The region that served a call of the global endpoint."),
        column("endpoint_type", Kind::Text, "`global`, or null."),
        column("explicit_trust_grant", Kind::Boolean, "`additionalEventData.explicitTrustGrant`."),
        column("denied_action", Kind::Text, "The action that was refused, when not the call itself."),
    ],
};

/// Changes to trust, keys and trails.
pub(super) static CHANGES: Table = Table {
    name: "changes",
    doc: "One attempt to change trust, keys or logging.",
    columns: &[
        column("event_id", Kind::Text, "`eventID`."),
        column("event_time", Kind::Moment, "`eventTime`."),
        column("event_source", Kind::Text, "`eventSource`."),
        column("event_name", Kind::Text, "`eventName`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("principal", Kind::Text, "Who asked: key of `principals`."),
        column("target", Kind::Text, "What was changed."),
        column("document", Kind::Text, "The policy document or the request parameters, as JSON text."),
        column("omitted", Kind::Boolean, "CloudTrail withheld the parameters because of their size; null is false."),
        column("error_code", Kind::Text, "`errorCode`; null when the change was made."),
        column("user_agent", Kind::Text, "`userAgent`."),
        column("object", Kind::Text, "The log file that holds the record."),
    ],
};

/// What each principal did.
pub(super) static ACTIVITY: Table = Table {
    name: "activity",
    doc: "What one principal did in one account's log of one region on one day, assumptions left out: calls with the same \
          name and end.",
    columns: &[
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("principal", Kind::Text, "Who called: key of `principals`."),
        column("event_source", Kind::Text, "`eventSource`."),
        column("event_name", Kind::Text, "`eventName`."),
        column("read_only", Kind::Boolean, "`readOnly`."),
        column("error_code", Kind::Text, "`errorCode`."),
        column("event_count", Kind::Integer, "Unique events. 0 when all of them were counted in an earlier file."),
        FIRST_TIME,
        FIRST_ID,
        FIRST_OBJECT,
        LAST_TIME,
        LAST_ID,
        LAST_OBJECT,
    ],
};

/// From where each principal called.
pub(super) static CONTACTS: Table = Table {
    name: "contacts",
    doc: "From where one principal called in one account's log of one region on one day, assumptions included.",
    columns: &[
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("principal", Kind::Text, "Who called: key of `principals`."),
        column("source_ip", Kind::Text, "`sourceIPAddress`."),
        column("user_agent", Kind::Text, "`userAgent`."),
        column("via_vpc_endpoint", Kind::Boolean, "The call came through a VPC endpoint; null is false."),
        column("event_count", Kind::Integer, "Unique events. 0 when all of them were counted in an earlier file."),
        FIRST_TIME,
        FIRST_ID,
        FIRST_OBJECT,
        LAST_TIME,
        LAST_ID,
        LAST_OBJECT,
    ],
};

const FIRST_TIME: Column = column("first_time", Kind::Moment, "When the earliest event happened.");
const FIRST_ID: Column = column("first_event_id", Kind::Text, "`eventID` of the earliest event.");
const FIRST_OBJECT: Column = column("first_object", Kind::Text, "The log file of the earliest event.");
const LAST_TIME: Column = column("last_time", Kind::Moment, "When the latest event happened.");
const LAST_ID: Column = column("last_event_id", Kind::Text, "`eventID` of the latest event.");
const LAST_OBJECT: Column = column("last_object", Kind::Text, "The log file of the latest event.");

/// Records by account, region and day.
pub(super) static COVERAGE: Table = Table {
    name: "coverage",
    doc: "Unique records of one account's log of one region on one day. Rows of several files add up.",
    columns: &[
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("records", Kind::Integer, "Unique records."),
        column("read_only_records", Kind::Integer, "Those that say `readOnly: true`."),
        column("sts_records", Kind::Integer, "Those of STS."),
        column("first_event", Kind::Moment, "The earliest event."),
        column("last_event", Kind::Moment, "The latest event."),
    ],
};

/// Fingerprints of the records seen.
pub(super) static EVENTS: Table = Table {
    name: "events",
    doc: "One unique record: what tells it from others, and where it was counted. So duplicates that come later are known, \
          and stores that hold the same records merge exactly.",
    columns: &[
        column("fingerprint", Kind::Integer, "64 bits of SHA-256 over what the record says."),
        column(
            "activity",
            Kind::Integer,
            "Row of the file of `activity` with the same name, from 0; null for assumptions.",
        ),
        column("contact", Kind::Integer, "Row of the file of `contacts` with the same name, from 0."),
        column("read_only", Kind::Boolean, "`readOnly: true`."),
        column("sts", Kind::Boolean, "A record of STS."),
    ],
};

/// The ledger.
pub(super) static OBJECTS: Table = Table {
    name: "objects",
    doc: "What became of one log file. A later row (in a file of a higher number) of the same `object` replaces an earlier.",
    columns: &[
        column("object", Kind::Text, "The log file, as the run named it."),
        column("version", Kind::Text, "Its `ETag`, or when it was written; null for standard input."),
        column("size", Kind::Integer, "Its size as listed, in bytes."),
        column(
            "state",
            Kind::Text,
            "`read`: done. `failed`: could not be fetched, and is tried again. `replaced`: was read, and then held something \
             else. `unlisted`: a folder that could not be listed. `listed`: no longer so.",
        ),
        column("kind", Kind::Text, "`records`, `digest`, `insight`, `foreign` or `broken`; null when it failed."),
        column("stored_bytes", Kind::Integer, "Bytes as stored."),
        column("inflated_bytes", Kind::Integer, "Bytes after inflating."),
        column("unique_records", Kind::Integer, "Records that were new."),
        column("duplicate_records", Kind::Integer, "Records seen before."),
        column("malformed_records", Kind::Integer, "Records that are not what a record should be."),
        column("unsupported_records", Kind::Integer, "Records of a known shape that carries nothing for role chains."),
        column("defects", Kind::Integer, "Pieces of bad input; `defects` holds the first thousand of each run."),
        column("sha256", Kind::Text, "SHA-256 of what it holds, inflated, in hexadecimal; null when not asked for."),
        column("has_trailing_bytes", Kind::Boolean, "Bytes follow the first gzip member; null when not asked for."),
        column("is_gone", Kind::Boolean, "It was read, and a later listing no longer had it; null is false."),
    ],
};

/// Bad input.
pub(super) static DEFECTS: Table = Table {
    name: "defects",
    doc: "One piece of bad input.",
    columns: &[
        column("object", Kind::Text, "The log file."),
        column("record_index", Kind::Integer, "The record in it, from 0; null when the file itself is defective."),
        column("kind", Kind::Text, "What kind of defect it is, as in reports."),
        column("message", Kind::Text, "What is wrong, in words."),
    ],
};

/// Digest files, for the check of integrity.
pub(super) static DIGESTS: Table = Table {
    name: "digests",
    doc: "One CloudTrail digest file, when integrity was checked.",
    columns: &[
        column("object", Kind::Text, "The digest file."),
        column("text", Kind::Text, "What it says: JSON."),
        column(
            "signature",
            Kind::Text,
            "Its signature, in hexadecimal; null when the object's metadata was not there.",
        ),
    ],
};

/// The life of findings.
pub(super) static FINDINGS: Table = Table {
    name: "findings",
    doc: "One finding that an audit of the whole store has made. One file, replaced as a whole.",
    columns: &[
        column("fingerprint", Kind::Text, "What names the finding in every run."),
        column("rule", Kind::Text, "The rule's id."),
        column("severity", Kind::Text, "`info` to `critical`."),
        column("title", Kind::Text, "One line."),
        column("first_seen", Kind::Moment, "The earliest event."),
        column("last_seen", Kind::Moment, "The latest event."),
        column("status", Kind::Text, "`new`, `ongoing`, `reopened`, `resolved` or `excepted`."),
        column(
            "earlier_status",
            Kind::Text,
            "The status at the end of the generation before; null when there was none.",
        ),
        column("first_generation", Kind::Integer, "The generation that first had it."),
        column("generation", Kind::Integer, "The generation of `status`."),
    ],
};

/// Every table.
pub(super) static TABLES: &[&Table] = &[
    &PRINCIPALS,
    &ASSUMPTIONS,
    &CHANGES,
    &ACTIVITY,
    &CONTACTS,
    &COVERAGE,
    &EVENTS,
    &OBJECTS,
    &DEFECTS,
    &DIGESTS,
    &FINDINGS,
];

/// The tables with a folder for each day of events.
pub(super) static DAILY: &[&Table] = &[&PRINCIPALS, &ASSUMPTIONS, &CHANGES, &ACTIVITY, &CONTACTS, &COVERAGE, &EVENTS];
