//! Origins: where the trust of each session began.

use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::chain::Session;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::width::id_of;

use super::by_id::ById;
use super::sessions::Book;
use super::sessions::record_of;
use super::shared::Known;
use super::shared::Shared;
use super::users::Users;

/// Finds the origin of every session, and returns the distinct ones; sessions hold their index.
pub(super) fn find(book: &mut Book, observations: &Observations, users: &Users<'_>) -> Vec<Origin> {
    let principals = book.lost_principals(observations);
    let covered: Vec<Sym> = covered_accounts(observations);
    let mut table = Table::default();
    let mut known: Known = ById::new(None, book.sessions.len());
    let mut shared = Shared::default();
    for id in book.ids() {
        // Ancestors first: the path up to the nearest session whose origin is known.
        let mut path = vec![id];
        while let Some(parent) = path.last().and_then(|id| book.session(*id).parent) {
            if known[parent].is_some() || path.len() > book.sessions.len() {
                break;
            }
            path.push(parent);
        }
        for id in path.into_iter().rev() {
            if known[id].is_some() {
                continue;
            }
            let session = book.session(id);
            let inherited = session.parent.and_then(|parent| known[parent]);
            let origin = inherited.or_else(|| shared.origin(book, id, &known)).unwrap_or_else(|| {
                let reader = Reader { observations, covered: &covered, users };
                let origin = match record_of(session, observations) {
                    Some(record) => reader.of_record(record),
                    None => reader.of_use(session, &principals[id]),
                };
                table.number(origin)
            });
            known[id] = Some(origin);
        }
    }
    settle_candidates(book, &mut known);
    for (session, origin) in book.sessions.iter_mut().zip(known) {
        session.origin = origin.unwrap_or_default();
    }
    table.origins
}

/// How often candidates are looked at again. Each time, what an ambiguous link of a candidate says goes one link further.
const ROUNDS: usize = 8;

/// Looks at the candidates again once everything is known: one may have come after the session that names it.
fn settle_candidates(book: &Book, known: &mut Known) {
    for _ in 0..ROUNDS {
        let before = known.clone();
        let mut shared = Shared::default();
        for id in book.ids() {
            let session = book.session(id);
            if session.parent.is_none()
                && let Some(shared) = shared.origin(book, id, &before)
            {
                known[id] = Some(shared);
            }
            if let Some(parent) = session.parent {
                known[id] = known[parent];
            }
        }
        if *known == before {
            break;
        }
    }
}

fn covered_accounts(observations: &Observations) -> Vec<Sym> {
    let mut accounts: Vec<Sym> = observations.cells.keys().filter_map(|cell| cell.account).collect();
    accounts.sort_unstable_by(|a, b| observations.symbols.get(*a).cmp(observations.symbols.get(*b)));
    accounts.dedup();
    accounts
}

#[derive(Default)]
struct Table {
    origins: Vec<Origin>,
    numbers: Map<Origin, u32>,
}

impl Table {
    fn number(&mut self, origin: Origin) -> u32 {
        *self.numbers.entry(origin).or_insert_with_key(|origin| {
            self.origins.push(origin.clone());
            id_of(self.origins.len() - 1)
        })
    }
}

struct Reader<'o> {
    observations: &'o Observations,
    covered: &'o [Sym],
    users: &'o Users<'o>,
}

impl Reader<'_> {
    fn symbols(&self) -> &Symbols {
        &self.observations.symbols
    }

    fn text(&self, sym: Option<Sym>) -> Option<String> {
        self.symbols().opt(sym).map(str::to_owned)
    }

    /// Reads the origin off the record that issued the first session.
    fn of_record(&self, record: &Assumption) -> Origin {
        let Some(caller) = super::principal_of(&self.observations.principals, record.caller) else {
            return Origin::of_kind(OriginKind::Unknown);
        };
        match record.call {
            IssuingCall::WebIdentity => self.oidc(record, caller),
            IssuingCall::Saml => self.saml(record, caller),
            IssuingCall::RolesAnywhere => self.workload(OriginKind::RolesAnywhere, record),
            IssuingCall::PodIdentity => self.workload(OriginKind::PodIdentity, record),
            _ if caller.delegate.is_some() => self.delegate(caller),
            _ => self.of_caller(record, caller),
        }
    }

    /// Reads which workload it is that a service issues sessions to.
    fn workload(&self, kind: OriginKind, record: &Assumption) -> Origin {
        let subject = match kind {
            OriginKind::PodIdentity => self.pod(record),
            _ => self.certificate(record),
        };
        Origin { subject, account_id: self.text(record.recipient_account), ..Origin::of_kind(kind) }
    }

    /// Names a pod by what EKS tags its session with: cluster, namespace and service account.
    fn pod(&self, record: &Assumption) -> Option<String> {
        let tags = ["eks-cluster-name", "kubernetes-namespace", "kubernetes-service-account"];
        let parts: Option<Vec<&str>> = tags.iter().map(|tag| self.tag(record, tag)).collect();
        parts.map(|parts| parts.join("/"))
    }

    /// Names a certificate: by its subject, which IAM Roles Anywhere makes the source identity and a tag, else by its
    /// serial number, which is the session name.
    fn certificate(&self, record: &Assumption) -> Option<String> {
        let tagged = || self.tag(record, "x509Subject/CN").map(|name| format!("CN={name}"));
        self.text(record.source_identity).or_else(tagged).or_else(|| self.text(record.session_name))
    }

    fn tag(&self, record: &Assumption, key: &str) -> Option<&str> {
        let tags = record.extra.as_ref()?.tags.iter();
        tags.map(|(name, value)| (self.symbols().get(*name), self.symbols().get(*value)))
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// An account outside that acts by a temporary delegation.
    fn delegate(&self, principal: &Principal) -> Origin {
        Origin { account_id: self.text(principal.delegate), ..Origin::of_kind(OriginKind::ExternalAccount) }
    }

    fn oidc(&self, record: &Assumption, caller: &Principal) -> Origin {
        let provider = self.symbols().opt(record.provider.or(caller.identity_provider));
        Origin {
            provider: provider.map(|provider| crate::provider::issuer_of(provider).to_owned()),
            subject: self.text(record.subject.or(caller.user_name)),
            audience: self.text(record.audience),
            account_id: self.text(record.recipient_account),
            ..Origin::of_kind(OriginKind::Oidc)
        }
    }

    fn saml(&self, record: &Assumption, caller: &Principal) -> Origin {
        let is_identity_center = self.symbols().opt(record.role_arn).is_some_and(arn::is_identity_center_role);
        let kind = if is_identity_center { OriginKind::IdentityCenter } else { OriginKind::Saml };
        Origin {
            provider: self.text(record.provider.or(caller.identity_provider)),
            subject: self.text(caller.user_name.or(record.session_name)),
            account_id: self.text(record.recipient_account),
            ..Origin::of_kind(kind)
        }
    }

    fn of_caller(&self, record: &Assumption, caller: &Principal) -> Origin {
        match caller.kind {
            PrincipalKind::AwsService => self.service(record, caller),
            PrincipalKind::IamUser | PrincipalKind::Root => self.user(caller),
            PrincipalKind::AwsAccount if caller.invoked_by.is_some() => {
                Origin { account_id: self.text(caller.account), ..self.service(record, caller) }
            }
            PrincipalKind::AwsAccount => self.other_account(caller),
            PrincipalKind::AssumedRole | PrincipalKind::FederatedUser | PrincipalKind::Role => self.proven(caller),
            _ if caller.invoked_by.is_some() => self.service(record, caller),
            _ => Origin { account_id: self.text(caller.account), ..Origin::of_kind(OriginKind::Unknown) },
        }
    }

    fn service(&self, record: &Assumption, caller: &Principal) -> Origin {
        let service = self.symbols().opt(caller.invoked_by);
        let workload = match service {
            Some("pods.eks.amazonaws.com") => self.workload(OriginKind::PodIdentity, record),
            Some("rolesanywhere.amazonaws.com") => self.workload(OriginKind::RolesAnywhere, record),
            _ => Origin { account_id: self.text(record.recipient_account), ..Origin::of_kind(OriginKind::AwsService) },
        };
        Origin { service: service.map(str::to_owned), ..workload }
    }

    fn user(&self, caller: &Principal) -> Origin {
        let key = self.symbols().opt(caller.access_key);
        let is_long_term = key.is_some_and(|key| arn::key_kind(key) == KeyKind::LongTerm);
        let kind = match (caller.kind, is_long_term) {
            (PrincipalKind::Root, _) => OriginKind::Root,
            (_, true) => OriginKind::LongTermKey,
            (_, false) if caller.from_console => OriginKind::Console,
            (_, false) => OriginKind::Unknown,
        };
        Origin {
            principal_arn: self.text(caller.arn),
            access_key_id: key.filter(|_| is_long_term).map(str::to_owned),
            account_id: self.text(caller.account),
            ..Origin::of_kind(kind)
        }
    }

    /// A principal of another account, seen only through the role owner's copy of its call.
    fn other_account(&self, caller: &Principal) -> Origin {
        let is_covered = caller.account.is_some_and(|account| self.covered.contains(&account));
        let kind = if is_covered { OriginKind::Unknown } else { OriginKind::ExternalAccount };
        Origin { account_id: self.text(caller.account), ..Origin::of_kind(kind) }
    }

    /// Reads what the session's own records prove about its beginning, when its issuance is not here.
    fn of_use(&self, session: &Session, principals: &[PrincipalId]) -> Origin {
        let first = principals.first().and_then(|id| super::principal_of(&self.observations.principals, *id));
        match first {
            Some(first) if matches!(first.kind, PrincipalKind::IamUser | PrincipalKind::Root) => {
                self.users.origin(session, principals)
            }
            Some(first) if first.kind == PrincipalKind::AwsAccount => self.other_account(first),
            Some(first) => self.proven(first),
            None => Origin { account_id: self.text(session.account), ..Origin::of_kind(OriginKind::Unknown) },
        }
    }

    fn proven(&self, principal: &Principal) -> Origin {
        let account_id = self.text(principal.account);
        let role = self.symbols().opt(principal.issuer_arn.or(principal.arn));
        let session_name = self.symbols().opt(principal.arn).and_then(arn::session_name);
        if let Some(provider) = self.symbols().opt(principal.federated_provider) {
            return Origin {
                provider: Some(crate::provider::issuer_of(provider).to_owned()),
                subject: self.text(principal.federated_subject),
                audience: self.text(principal.federated_audience),
                account_id,
                ..Origin::of_kind(OriginKind::Oidc)
            };
        }
        if principal.delegate.is_some() {
            return self.delegate(principal);
        }
        if role.is_some_and(arn::is_identity_center_role) {
            let subject = session_name.map(str::to_owned);
            return Origin { subject, account_id, ..Origin::of_kind(OriginKind::IdentityCenter) };
        }
        // Trusted identity propagation: every record names the person for whom a program acts.
        if principal.on_behalf_of.is_some() {
            let subject = self.text(principal.on_behalf_of);
            return Origin { subject, account_id, ..Origin::of_kind(OriginKind::IdentityCenter) };
        }
        let service = self.delivering_service(principal, role, session_name);
        let kind = if service.is_some() { OriginKind::AwsService } else { OriginKind::Unknown };
        Origin { account_id, service, ..Origin::of_kind(kind) }
    }

    /// Names the service that delivered a session whose issuance is not here, where its records prove one.
    fn delivering_service(
        &self,
        principal: &Principal,
        role: Option<&str>,
        session_name: Option<&str>,
    ) -> Option<String> {
        if let Some(service) = role
            .filter(|role| arn::is_service_linked_role(role))
            .and_then(|role| role.split_once("/aws-service-role/").and_then(|(_, rest)| rest.split('/').next()))
        {
            return Some(service.to_owned());
        }
        if self.symbols().opt(principal.issued_to).is_some_and(|to| to.contains(":lambda:")) {
            return Some("lambda.amazonaws.com".to_owned());
        }
        // EC2 names the session after the instance.
        let is_instance = session_name
            .and_then(|name| name.strip_prefix("i-"))
            .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|c| c.is_ascii_hexdigit()));
        is_instance.then(|| "ec2.amazonaws.com".to_owned())
    }
}
