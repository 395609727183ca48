//! Observed: the granted assumptions of the logs, each as the request that IAM had before it.

use std::collections::BTreeMap;

use super::caller::AwsCaller;
use super::caller::Caller;
use super::request::Request;
use super::scalar;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::finding::Evidence;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalKind;
use crate::model::time::Timestamp;
use crate::provider;
use crate::provider::Issuer;
use crate::provider::Subject;

/// A granted assumption of a role.
#[derive(Clone, Debug)]
pub struct Observed<'l> {
    /// The session that it issued.
    pub session: SessionView<'l>,
    /// The record that says most.
    pub record: &'l Assumption,
    /// The role, with its path when any record says it.
    pub role_arn: &'l str,
    /// The role's unique id: another one is another role of the same name.
    pub role_id: Option<&'l str>,
    /// When it was.
    pub time: Option<Timestamp>,
    /// The token's subject.
    pub subject: Option<&'l str>,
    /// The token's audience.
    pub audience: Option<&'l str>,
    /// What IAM had before it, as far as the record says.
    pub request: Request,
}

impl<'l> Observed<'l> {
    /// Names who asked: the token's subject, the principal, the service.
    pub fn who(&self) -> String {
        let provider = |provider: &Option<String>| {
            provider.as_deref().map_or_else(|| "an unknown issuer".to_owned(), |it| provider::issuer_of(it).to_owned())
        };
        match &self.request.caller {
            Caller::Federated(issuer) => self.subject.map_or_else(|| provider(issuer), str::to_owned),
            Caller::Aws(caller) => caller.name().unwrap_or("an unknown principal").to_owned(),
            Caller::Service(service) => service.clone().unwrap_or_else(|| "an unknown service".to_owned()),
            Caller::Unknown => "an unknown principal".to_owned(),
        }
    }

    /// Returns the issuer of the token behind it, when there was a token.
    pub fn issuer(&self) -> Option<&str> {
        match &self.request.caller {
            Caller::Federated(Some(provider)) if self.subject.is_some() => Some(provider::issuer_of(provider)),
            _ => None,
        }
    }

    /// Returns the subject of the token behind it in parts, when there was a token.
    pub fn token(&self) -> Option<&'l Subject> {
        let subject = self.subject.filter(|_| self.issuer().is_some())?;
        self.session.origin().token.as_ref().filter(|token| token.raw == subject)
    }

    /// Returns the pattern of subjects that admits its workload in every run, when something of it changes with the run.
    pub fn every_run(&self) -> Option<String> {
        Issuer::of(&self.session.lineage().kinds, self.issuer()?).every_run(self.subject?)
    }

    /// Returns the records of the assumption as evidence: both copies, when both are here.
    pub fn evidence(&self) -> Vec<Evidence> {
        self.session.issuing_evidence()
    }
}

/// Returns every granted assumption of a role, in order of time. Calls that no trust policy decides are left out:
/// `GetSessionToken`, `GetFederationToken`, `AssumeRoot`.
pub fn all(lineage: &Lineage) -> Vec<Observed<'_>> {
    let names = names(lineage);
    let mut found: Vec<Observed<'_>> =
        lineage.sessions().filter_map(|session| observed(lineage, session, &names)).collect();
    // Sessions are sorted by time already; those without one come first.
    found.sort_by_key(|observed| observed.time);
    found
}

/// The ARNs of roles and users by their unique ids, as the records pair them. The target account's copy of a call
/// names its caller by the id alone; other records often tell whose it is.
type ArnOfId<'l> = BTreeMap<&'l str, Option<&'l str>>;

fn names(lineage: &Lineage) -> ArnOfId<'_> {
    let mut names = ArnOfId::new();
    for principal in &lineage.observations.principals {
        let pair = match principal.kind {
            PrincipalKind::IamUser => (lineage.opt(principal.principal_id), lineage.opt(principal.arn)),
            _ => (lineage.opt(principal.issuer_id).or(id_of(lineage, principal)), lineage.opt(principal.issuer_arn)),
        };
        if let (Some(id), Some(arn)) = pair
            && (id.starts_with("AROA") || id.starts_with("AIDA"))
        {
            let known = names.entry(id).or_insert(Some(arn));
            // Records that contradict each other name nobody.
            if *known != Some(arn) {
                *known = None;
            }
        }
    }
    names
}

/// Returns the unique id of a principal, without the session's name.
fn id_of<'l>(lineage: &'l Lineage, principal: &Principal) -> Option<&'l str> {
    lineage.opt(principal.principal_id).and_then(|id| id.split(':').next()).filter(|id| !id.is_empty())
}

fn observed<'l>(lineage: &'l Lineage, session: SessionView<'l>, names: &ArnOfId<'l>) -> Option<Observed<'l>> {
    let issuance = session.session.issuance?;
    let record = lineage.assumption(issuance.record);
    let role_arn = session.role_arn().or(lineage.opt(record.role_arn))?;
    let counterpart = issuance.counterpart.map(|record| lineage.assumption(record));
    // The copy of the role's account says less of the caller.
    let copies = || std::iter::once(record).chain(counterpart);
    let full = copies().find(|copy| lineage.principal(copy.caller).kind != PrincipalKind::AwsAccount);
    let source = full.unwrap_or(record);
    let by = By { lineage, session, record, principal: lineage.principal(source.caller), names };
    let request = by.request()?;
    let assumed = copies().find_map(|copy| lineage.opt(copy.assumed_role_id));
    Some(Observed {
        session,
        record,
        role_arn,
        role_id: assumed.and_then(|id| id.split(':').next()),
        time: record.time,
        subject: lineage.opt(record.subject),
        audience: lineage.opt(record.audience),
        request,
    })
}

/// An assumption and who asked for it.
struct By<'a, 'l> {
    lineage: &'l Lineage,
    session: SessionView<'l>,
    record: &'l Assumption,
    principal: &'l Principal,
    names: &'a ArnOfId<'l>,
}

impl By<'_, '_> {
    fn request(&self) -> Option<Request> {
        let mut actions = match self.record.call {
            IssuingCall::AssumeRole => vec!["sts:AssumeRole"],
            IssuingCall::WebIdentity => vec!["sts:AssumeRoleWithWebIdentity"],
            IssuingCall::Saml => vec!["sts:AssumeRoleWithSAML"],
            // These services assume the role themselves, and always with tags.
            IssuingCall::PodIdentity | IssuingCall::RolesAnywhere => vec!["sts:AssumeRole", "sts:TagSession"],
            IssuingCall::AssumeRoot
            | IssuingCall::GetSessionToken
            | IssuingCall::GetFederationToken
            | IssuingCall::WebIdentityToken => return None,
        };
        let extra = self.record.extra.as_deref();
        let passes_tags = extra.is_some_and(|extra| !extra.tags.is_empty() || !extra.incoming_tags.is_empty());
        if passes_tags && !actions.contains(&"sts:TagSession") {
            actions.push("sts:TagSession");
        }
        // A source identity that the caller's session has is handed down, which needs the permission, too.
        if self.record.source_identity.or(self.principal.source_identity).is_some()
            || self.record.call == IssuingCall::RolesAnywhere
        {
            actions.push("sts:SetSourceIdentity");
        }
        let mut request = Request::new(actions, self.caller());
        self.say_call(&mut request);
        self.say_caller(&mut request);
        Some(request)
    }

    fn caller(&self) -> Caller {
        let lineage = self.lineage;
        let text = |sym| lineage.opt(sym).map(str::to_owned);
        match self.record.call {
            IssuingCall::WebIdentity => {
                return Caller::Federated(text(self.record.provider.or(self.principal.identity_provider)));
            }
            // The log names the assertion's issuer; only an ARN says which provider of the account it was.
            IssuingCall::Saml => {
                return Caller::Federated(text(self.record.provider).filter(|provider| provider.starts_with("arn:")));
            }
            IssuingCall::PodIdentity => return Caller::Service(Some("pods.eks.amazonaws.com".to_owned())),
            IssuingCall::RolesAnywhere => return Caller::Service(Some("rolesanywhere.amazonaws.com".to_owned())),
            _ => {}
        }
        if self.principal.kind == PrincipalKind::AwsService {
            return Caller::Service(text(self.principal.invoked_by));
        }
        let own_arn = lineage.opt(self.principal.arn);
        let resource = own_arn.and_then(arn::resource).unwrap_or_default();
        let is_session = resource.starts_with("assumed-role/");
        let unique_id = lineage.opt(self.principal.issuer_id).or(id_of(lineage, self.principal));
        let by_id = unique_id.and_then(|id| self.names.get(id).copied().flatten());
        let issuer = lineage.opt(self.principal.issuer_arn).filter(|_| is_session || own_arn.is_none());
        let caller = AwsCaller {
            account: text(self.principal.account).or_else(|| own_arn.and_then(arn::account).map(str::to_owned)),
            arn: issuer.or_else(|| own_arn.filter(|_| !is_session)).or(by_id).map(str::to_owned),
            session_arn: own_arn.filter(|_| is_session).map(str::to_owned),
            unique_id: unique_id.filter(|id| id.starts_with("AROA") || id.starts_with("AIDA")).map(str::to_owned),
        };
        if caller == AwsCaller::default() { Caller::Unknown } else { Caller::Aws(caller) }
    }

    /// Says what the call itself carries.
    fn say_call(&self, request: &mut Request) {
        let lineage = self.lineage;
        let record = self.record;
        let text = |sym| lineage.opt(sym);
        let extra = record.extra.as_deref();
        let seconds = record.duration_seconds.map(|seconds| seconds.to_string());
        for (key, value) in [
            ("sts:ExternalId", text(record.external_id)),
            ("sts:SourceIdentity", text(record.source_identity)),
            ("sts:DurationSeconds", seconds.as_deref()),
        ] {
            request.set_said(key, record.said(value));
        }
        if let Some(name) = text(record.session_name) {
            request.set("sts:RoleSessionName", name);
        }
        let tags = extra.map(|extra| extra.tags.as_slice()).unwrap_or_default();
        for (key, value) in tags {
            request.set(&format!("aws:RequestTag/{}", lineage.str(*key)), lineage.str(*value));
        }
        // Whether tags that are handed down count as tags of the request is not documented.
        if extra.is_none_or(|extra| extra.incoming_tags.is_empty()) && !record.withholds_request {
            request.close("aws:RequestTag/");
            request.set_all("aws:TagKeys", tags.iter().map(|(key, _)| lineage.str(*key).to_owned()).collect());
        }
        if tags.is_empty() && !record.withholds_request {
            request.absent("sts:TransitiveTagKeys");
        }
        if let Some(address) = text(record.source_ip).filter(|address| scalar::is_public(address)) {
            request.set("aws:SourceIp", address);
        }
        if let Some(agent) = text(record.user_agent) {
            request.set("aws:UserAgent", agent);
        }
        if let Some(region) = text(record.region) {
            request.set("aws:RequestedRegion", region);
        }
        if let Some(time) = record.time {
            request.set("aws:CurrentTime", time.to_string());
            request.set("aws:EpochTime", time.0.to_string());
        }
        if let Some(account) = self.session.account() {
            request.set("aws:ResourceAccount", account);
        }
        // STS answers nothing else.
        request.set("aws:SecureTransport", "true");
    }

    /// Says what is known of who asks.
    fn say_caller(&self, request: &mut Request) {
        let lineage = self.lineage;
        match request.caller.clone() {
            Caller::Federated(provider) => {
                for key in SIGNED {
                    request.absent(key);
                }
                request.close("aws:PrincipalTag/");
                if self.record.call == IssuingCall::WebIdentity {
                    request.close("saml:");
                    self.say_token(request, provider.as_deref());
                }
            }
            Caller::Service(service) => {
                request.close("saml:");
                request.set("aws:PrincipalIsAWSService", "true");
                if let Some(service) = service {
                    request.set("aws:PrincipalServiceName", service);
                }
                for key in
                    ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:MultiFactorAuthPresent"]
                {
                    request.absent(key);
                }
            }
            Caller::Aws(caller) => {
                request.close("saml:");
                request.set("aws:PrincipalIsAWSService", "false");
                request.absent("aws:PrincipalServiceName");
                // A role session may carry claims of the token that it began with.
                let is_user = self.principal.kind == PrincipalKind::IamUser;
                if !is_user {
                    request.may_have_claims();
                }
                if let Some(account) = &caller.account {
                    request.set("aws:PrincipalAccount", account.as_str());
                }
                if let Some(arn) = &caller.arn {
                    request.set("aws:PrincipalArn", arn.as_str());
                }
                if let Some(id) = lineage.opt(self.principal.principal_id) {
                    request.set("aws:userid", id);
                }
                self.say_credentials(request, is_user);
            }
            Caller::Unknown => {}
        }
    }

    fn say_token(&self, request: &mut Request, provider: Option<&str>) {
        let Some(provider) = provider else { return request.may_have_claims() };
        let issuer = provider::issuer_of(provider);
        request.set_issuer(issuer);
        if let Some(subject) = self.lineage.opt(self.record.subject) {
            request.set(&format!("{issuer}:sub"), subject);
            let token = self.session.origin().token.as_ref().filter(|token| token.raw == subject);
            for (claim, value) in token.map(provider::repeats).unwrap_or_default() {
                request.set_or_absent(&format!("{issuer}:{claim}"), value.as_deref());
            }
        }
        if let Some(audience) = self.lineage.opt(self.record.audience) {
            // Google's `aud` key is the token's `azp`; its audience has a key of its own.
            let is_google = issuer == "accounts.google.com";
            request.set(&format!("{issuer}:{}", if is_google { "oaud" } else { "aud" }), audience);
        }
    }

    /// Says what is known of the caller's credentials.
    fn say_credentials(&self, request: &mut Request, is_user: bool) {
        let lineage = self.lineage;
        let principal = self.principal;
        let kind = match principal.kind {
            PrincipalKind::IamUser => Some("User"),
            PrincipalKind::AssumedRole => Some("AssumedRole"),
            PrincipalKind::FederatedUser => Some("FederatedUser"),
            PrincipalKind::Root => Some("Account"),
            _ => None,
        };
        if let Some(kind) = kind {
            request.set("aws:PrincipalType", kind);
            request.set_or_absent("aws:username", lineage.opt(principal.user_name).filter(|_| is_user));
            request.set_or_absent("aws:SourceIdentity", lineage.opt(principal.source_identity));
        }
        let key = lineage.opt(principal.access_key).map(arn::key_kind);
        if key == Some(KeyKind::LongTerm) {
            request.absent("aws:TokenIssueTime");
        } else if let Some(created) = principal.created {
            request.set("aws:TokenIssueTime", created.to_string());
        }
        // A code that came with the call shows only in the session that it issued.
        let later = || self.session.principals().iter().find_map(|id| lineage.principal(*id).mfa);
        let has_mfa = principal.mfa.filter(|has| *has || !is_user).or_else(later);
        match (has_mfa, key) {
            (Some(true), _) => request.set("aws:MultiFactorAuthPresent", "true"),
            (Some(false), Some(KeyKind::LongTerm)) => {
                request.absent("aws:MultiFactorAuthPresent");
                request.absent("aws:MultiFactorAuthAge");
            }
            (Some(false), Some(KeyKind::Temporary)) => {
                request.set("aws:MultiFactorAuthPresent", "false");
                request.absent("aws:MultiFactorAuthAge");
            }
            _ => {}
        }
    }
}

/// Keys of signed requests: a call with a token or an assertion is not signed.
const SIGNED: [&str; 13] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:username",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:TokenIssueTime",
];
