//! Callers: who may assume a role, from its policy and from who did, as the entries of `[[role.from]]`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sha2::Digest as _;
use sha2::Sha256;

use super::Options;
use super::evidence::Seen;
use super::guard;
use super::material::Material;
use super::material::Role;
use super::parts::CallerLine;
use super::parts::LeftOut;
use crate::expect::ArnPattern;
use crate::expect::CallerExpectation;
use crate::expect::ExternalId;
use crate::expect::ExternalIdExpectation;
use crate::expect::account_and_name;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::assumption::Said;
use crate::trust::Principal;
use crate::trust::caller::Caller;
use crate::trust::grant::Grant;
use crate::trust::observed::Observed;
use crate::trust::operator::Test;

/// More values than this are not a rotation: any value will do.
const MAX_EXTERNAL_IDS: usize = 5;

/// Who assumed a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// A role or user, by its ARN.
    Principal(String),
    /// Somebody in this account: the log says no more.
    Account(String),
}

impl Who {
    /// Returns the account.
    pub(super) fn account(&self) -> Option<String> {
        match self {
            Self::Principal(arn) => arn::account(arn).map(str::to_owned),
            Self::Account(id) => Some(id.clone()),
        }
    }

    fn said(&self) -> &str {
        let (Self::Principal(text) | Self::Account(text)) = self;
        text
    }
}

/// The callers of a role.
#[derive(Clone, Debug, Default)]
pub(super) struct Callers {
    pub(super) lines: Vec<CallerLine>,
    pub(super) comments: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Returns who made an assumption by `sts:AssumeRole`; `None` for tokens, assertions and services.
pub(super) fn who(one: &Observed<'_>) -> Option<Who> {
    if one.record.call != IssuingCall::AssumeRole {
        return None;
    }
    let Caller::Aws(caller) = &one.request.caller else { return None };
    let parent = one.session.parent().and_then(|parent| parent.role_arn());
    let exact = caller.arn.as_deref().filter(|_| caller.is_exact());
    // The session's ARN drops the path of its role, and the expectations find it all the same.
    let of_session = || caller.session_arn.as_deref().and_then(role_of_session);
    let principal = parent.or(exact).map(str::to_owned).or_else(of_session);
    // Identity Center makes the role of a permission set anew, with another suffix.
    let stable =
        |arn: String| arn::permission_set_pattern(&arn).filter(|_| arn.contains("/aws-reserved/")).unwrap_or(arn);
    let principal = principal.map(stable).map(Who::Principal);
    principal.or_else(|| caller.account.clone().filter(|id| arn::is_account_id(id)).map(Who::Account))
}

fn role_of_session(session_arn: &str) -> Option<String> {
    let name = arn::role_name(session_arn).filter(|name| !name.is_empty())?;
    Some(format!("arn:{}:iam::{}:role/{name}", arn::partition(session_arn)?, arn::account(session_arn)?))
}

/// Drafts the callers of a role. `deploys` says that it is one that people and keys must stay out of.
pub(super) fn draft(material: &Material<'_>, role: &Role<'_>, deploys: bool, options: Options) -> Callers {
    let mut drafting = Drafting {
        material,
        role,
        deploys,
        options,
        callers: Callers::default(),
        granted: 0,
        learned: BTreeMap::new(),
    };
    for grant in &role.grants {
        drafting.take_grant(grant);
    }
    drafting.granted = drafting.callers.lines.len();
    drafting.take_observed();
    drafting.callers
}

struct Drafting<'d, 'a> {
    material: &'d Material<'a>,
    role: &'d Role<'a>,
    deploys: bool,
    options: Options,
    /// Those of the policy first.
    callers: Callers,
    granted: usize,
    /// The places of those that were learned from logs, by account, or by account, kind and name.
    learned: BTreeMap<String, Vec<usize>>,
}

impl Drafting<'_, '_> {
    fn leave_out(&mut self, what: &str, why: impl Into<String>) {
        self.callers.left_out.push(LeftOut {
            role: Some(self.role.arn.clone()),
            what: format!("from {what}"),
            why: why.into(),
        });
    }

    fn take_grant(&mut self, grant: &Grant) {
        match &grant.principal {
            Principal::Aws(arn) if !arn.starts_with("arn:") => {
                self.leave_out(arn, "the policy names a principal that was deleted");
            }
            Principal::Aws(arn) => {
                let role = role_of_session(arn).filter(|_| arn.contains(":assumed-role/"));
                let arn = role.as_deref().unwrap_or(arn);
                let is_user = arn::resource(arn).is_some_and(|resource| resource.starts_with("user/"));
                match pattern(arn) {
                    Some(_) if is_user && self.deploys => {
                        self.leave_out(arn, "a user of IAM comes with long-lived keys, and the role deploys");
                    }
                    Some(principal) => self.push_granted(grant, Some(principal), None, None),
                    None => self.leave_out(arn, "it is the ARN of neither a role nor a user"),
                }
            }
            Principal::Account(id) if self.material.own_accounts.contains(id) => self.take_own_account(grant, id),
            Principal::Account(id) => {
                let comment = format!(
                    "{id} has neither logs nor a snapshot here: taken for somebody else's. Declare it as [[account]] if it is yours"
                );
                self.push_granted(grant, None, Some(id.clone()), Some(comment));
            }
            Principal::Anybody => {
                self.leave_out("everybody (*)", "an expectation that admits everybody expects nothing");
            }
            Principal::Other(text) if text == "NotPrincipal" => {
                self.leave_out("NotPrincipal", "everybody but those that are named: say who is meant");
            }
            Principal::Federated(_) | Principal::Service(_) | Principal::Other(_) => {}
        }
    }

    /// A policy that names a whole account of one's own leaves the choice to that account's policies.
    fn take_own_account(&mut self, grant: &Grant, account: &str) {
        let holders = self.material.holders.get(account, &self.role.arn);
        let also = if holders.is_empty() { String::new() } else { format!(": {}", listed(&holders)) };
        if self.material.has_logs() {
            self.callers.comments.push(format!(
                "the policy admits whoever in {account} has the permission{also}; only who was seen often enough is written here"
            ));
            return;
        }
        if holders.is_empty() {
            let comment = "the policy admits the whole account: name the roles that are meant".to_owned();
            self.push_granted(grant, None, Some(account.to_owned()), Some(comment));
        }
        for holder in holders {
            let comment = format!("the policy admits all of {account}; this role's own policy lets it");
            self.push_granted(grant, pattern(&holder), None, Some(comment));
        }
    }

    fn push_granted(
        &mut self,
        grant: &Grant,
        principal: Option<ArnPattern>,
        account: Option<String>,
        comment: Option<String>,
    ) {
        let external_id = self.demanded(grant);
        let expectation = CallerExpectation { principal, account, external_id };
        if self.callers.lines.iter().any(|line| line.expectation == expectation) {
            return;
        }
        let seen = self.seen_of(&expectation);
        if !self.role.is_in_snapshot && !seen.is_enough() {
            let named = expectation.principal.as_ref().map(ArnPattern::as_str).or(expectation.account.as_deref());
            let why = format!("only a change in the logs names it, and it was {}", seen.too_little());
            return self.leave_out(named.unwrap_or_default(), why);
        }
        let mut comments = vec!["the policy names it".to_owned()];
        if let Some(comment) = comment {
            comments = vec![comment];
        }
        if !grant.other_keys.is_empty() {
            let keys: Vec<&str> = grant.other_keys.iter().map(String::as_str).collect();
            comments.push(format!("the policy also tests {}", keys.join(", ")));
        }
        self.callers.lines.push(CallerLine { expectation, comments });
    }

    /// Returns how often those whom an entry admits came in, with nothing against them.
    fn seen_of(&self, expectation: &CallerExpectation) -> Seen {
        let is_admitted = |who: &Who| match who {
            Who::Principal(arn) => expectation.admits(Some(arn), who.account().as_deref()),
            Who::Account(id) => expectation.admits(None, Some(id)),
        };
        let calls = self.role.observed.iter().filter(|one| who(one).as_ref().is_some_and(is_admitted));
        Seen::of(calls.filter(|one| self.against(one).is_none()))
    }

    /// Returns the external ids that a grant demands.
    fn demanded(&self, grant: &Grant) -> Option<ExternalIdExpectation> {
        if grant.external_ids.is_empty() {
            return None;
        }
        let statement = self.role.policy.as_ref().and_then(|policy| policy.statements.get(grant.statement));
        let mut conditions = statement.into_iter().flat_map(|statement| &statement.conditions);
        let is_open = conditions.any(|condition| {
            condition.key.eq_ignore_ascii_case("sts:ExternalId")
                && (condition.operator.test != Test::Equals
                    || condition.operator.is_negated
                    || condition.values.iter().any(|value| value.contains("${")))
        });
        Some(if is_open { ExternalIdExpectation::Any } else { self.values(&grant.external_ids) })
    }

    fn values(&self, values: &BTreeSet<String>) -> ExternalIdExpectation {
        if values.len() > MAX_EXTERNAL_IDS || values.iter().any(String::is_empty) {
            return ExternalIdExpectation::Any;
        }
        let id = |value: &String| {
            // These would be read as something else than themselves.
            let is_word = value == "any" || value.starts_with("sha256:");
            if self.options.hash_external_ids || is_word {
                ExternalId::Sha256(Sha256::digest(value.as_bytes()).into())
            } else {
                ExternalId::Literal(value.clone())
            }
        };
        ExternalIdExpectation::OneOf(values.iter().map(id).collect())
    }

    fn take_observed(&mut self) {
        let mut by_caller: BTreeMap<Who, Vec<&Observed<'_>>> = BTreeMap::new();
        for one in &self.role.observed {
            let Some(who) = who(one) else { continue };
            by_caller.entry(who).or_default().push(one);
        }
        for (who, all) in by_caller {
            let mut reasons: BTreeMap<String, Seen> = BTreeMap::new();
            let mut well = Vec::new();
            for one in all {
                match self.against(one) {
                    Some(reason) => reasons.entry(reason).or_default().add(one.time),
                    None => well.push(one),
                }
            }
            for (reason, seen) in reasons {
                self.leave_out(who.said(), format!("{reason} ({})", seen.said()));
            }
            if !well.is_empty() {
                self.take_caller(&who, &well);
            }
        }
    }

    fn against(&self, one: &Observed<'_>) -> Option<String> {
        let by_finding = self.material.guard.against(one.session);
        let by_origin = || guard::against_origin(one.session.origin().kind).filter(|_| self.deploys).map(str::to_owned);
        by_finding.or_else(by_origin)
    }

    fn take_caller(&mut self, who: &Who, well: &[&Observed<'_>]) {
        let seen = Seen::of(well.iter().copied());
        let principal = match who {
            Who::Principal(arn) => Some(arn.as_str()),
            Who::Account(_) => None,
        };
        let account = who.account();
        let is_known = |at: &usize| {
            self.callers.lines.get(*at).map(|line| &line.expectation).is_some_and(|known| {
                (known.principal.is_none() || principal.is_some()) && known.admits(principal, account.as_deref())
            })
        };
        let keys = [principal.and_then(account_and_name), account.clone()];
        let learned = keys.iter().flatten().filter_map(|key| self.learned.get(key)).flatten().copied();
        let known = (0..self.granted).find(is_known).or_else(|| learned.filter(is_known).min());
        let ids = self.sent(well);
        if let Some(at) = known {
            let has_policy_id = self.callers.lines.get(at).is_some_and(|line| line.expectation.external_id.is_some());
            let learned = ids.filter(|_| seen.is_enough() && !has_policy_id);
            if let Some(line) = self.callers.lines.get_mut(at) {
                line.comments.push(seen.said());
                if let Some(ids) = learned {
                    line.expectation.external_id = Some(ids);
                    line.comments.push("always with an ExternalId, which the policy does not demand".to_owned());
                }
            }
            return;
        }
        if arn::is_same_role(who.said(), &self.role.arn) {
            return;
        }
        if !seen.is_enough() {
            return self.leave_out(who.said(), seen.too_little());
        }
        if !self.role.may_still_admit(well) {
            return self
                .leave_out(who.said(), format!("the policy in force does not admit it any more ({})", seen.said()));
        }
        let is_foreign = account.as_ref().is_some_and(|id| !self.material.own_accounts.contains(id));
        let (principal, account) = match (who, account) {
            // The names of roles in somebody else's account are not for us to pin.
            (_, Some(id)) if is_foreign => (None, Some(id).filter(|id| arn::is_account_id(id))),
            (Who::Principal(arn), _) => (pattern(arn), None),
            (Who::Account(id), _) => {
                let why = format!("the logs name only the account {id}, not who in it ({})", seen.said());
                return self.leave_out(who.said(), why);
            }
        };
        if principal.is_none() && account.is_none() {
            return self.leave_out(who.said(), format!("it is the ARN of neither a role nor a user ({})", seen.said()));
        }
        let comments = vec![seen.said()];
        let principal_key = principal.as_ref().and_then(|pattern| account_and_name(pattern.as_str()));
        let expectation = CallerExpectation { principal, account, external_id: ids };
        let key = principal_key.or_else(|| expectation.account.clone()).unwrap_or_default();
        self.learned.entry(key).or_default().push(self.callers.lines.len());
        self.callers.lines.push(CallerLine { expectation, comments });
    }

    /// Returns the external ids that were sent, when one was sent every time.
    fn sent(&self, well: &[&Observed<'_>]) -> Option<ExternalIdExpectation> {
        let told = well.iter().filter(|one| one.record.said(one.record.external_id) != Said::Withheld);
        let text = |one: &&Observed<'_>| one.session.lineage().opt(one.record.external_id).map(str::to_owned);
        let values: Option<BTreeSet<String>> = told.map(text).collect();
        values.filter(|values| !values.is_empty()).map(|values| self.values(&values))
    }
}

/// Takes the exact ARN of a role or a user.
fn pattern(arn: &str) -> Option<ArnPattern> {
    let is_kind = arn::resource(arn).is_some_and(|it| it.starts_with("role/") || it.starts_with("user/"));
    let pattern = ArnPattern::new(arn).ok().filter(|_| is_kind)?;
    // Of the roles of a permission set the suffix is open.
    (pattern.is_literal() || arn::is_identity_center_role(arn)).then_some(pattern)
}

/// Names some of many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(|name| arn::short(name)).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
