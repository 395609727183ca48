//! What the documents of `rolechain trust` are made of.

use serde::Serialize;

use crate::report::wire::Time;
use crate::trust::grant::Grant;
use crate::trust::usage::Count;
use crate::trust::usage::User;

/// Who used a role, and how often.
#[derive(Debug, Serialize)]
pub(super) struct UserRow<'a> {
    /// `subject`, `principal`, `service` or `unknown`.
    pub(super) kind: &'static str,
    pub(super) issuer: Option<&'a str>,
    pub(super) name: &'a str,
    #[serde(flatten)]
    pub(super) count: CountRow<'a>,
}

/// How often and when; at most five events, the first ones and the last.
#[derive(Debug, Serialize)]
pub(super) struct CountRow<'a> {
    pub(super) runs: u64,
    pub(super) days: usize,
    pub(super) first: Option<Time>,
    pub(super) last: Option<Time>,
    pub(super) event_ids: Vec<&'a str>,
}

/// What a policy grants to one principal or pattern of subjects.
#[derive(Debug, Serialize)]
pub(super) struct GrantRow<'a> {
    /// The place of the statement in the policy, from 0.
    pub(super) statement: usize,
    pub(super) principal: String,
    pub(super) subject: Option<&'a str>,
    pub(super) breadth: &'static str,
    pub(super) audiences: Vec<&'a str>,
    pub(super) external_ids: Vec<&'a str>,
    /// Other condition keys that must have certain values.
    pub(super) other_keys: Vec<&'a str>,
}

impl<'a> UserRow<'a> {
    pub(super) fn new(user: &'a User, count: &'a Count) -> Self {
        Self { kind: user.kind, issuer: user.issuer.as_deref(), name: &user.name, count: CountRow::new(count) }
    }
}

impl<'a> CountRow<'a> {
    pub(super) fn new(count: &'a Count) -> Self {
        Self {
            runs: count.seen.runs,
            days: count.seen.days.len(),
            first: count.seen.first.map(Time),
            last: count.seen.last.map(Time),
            event_ids: count.evidence.iter().filter_map(|event| event.event_id.as_deref()).collect(),
        }
    }
}

impl<'a> GrantRow<'a> {
    pub(super) fn new(grant: &'a Grant) -> Self {
        Self {
            statement: grant.statement,
            principal: grant.principal.said(),
            subject: grant.subject.as_ref().map(|subject| subject.text.as_str()),
            breadth: grant.breadth.name(),
            audiences: grant.audiences.iter().map(String::as_str).collect(),
            external_ids: grant.external_ids.iter().map(String::as_str).collect(),
            other_keys: grant.other_keys.iter().map(String::as_str).collect(),
        }
    }
}
