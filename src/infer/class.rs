//! Classes: what each role is for, by who may enter it and by where those who entered went.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::caller;
use super::material;
use super::material::Material;
use super::material::Name;
use super::material::Role;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::origin::OriginKind;
use crate::provider::Context;
use crate::trust::Principal;

/// What a role is for, and how that is known.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) class: RoleClass,
    pub(super) why: &'static str,
}

/// The classes of roles, and which of them lead to a role that deploys.
#[derive(Debug, Default)]
pub(super) struct Classes {
    by_role: BTreeMap<Name, Class>,
    leading: BTreeSet<Name>,
}

impl Classes {
    /// Returns the class of a role, when it is known.
    pub(super) fn of(&self, role: &Name) -> Option<&Class> {
        self.by_role.get(role)
    }

    /// True for roles that deploy, and for those from which a pipeline goes on to one.
    pub(super) fn reaches_deployment(&self, role: &Name) -> bool {
        self.leading.contains(role) || self.is(role, RoleClass::Deploy)
    }

    /// True when the role is of this class.
    pub(super) fn is(&self, role: &Name, class: RoleClass) -> bool {
        self.of(role).is_some_and(|known| known.class == class)
    }
}

/// Works the classes out.
pub(super) fn classify(material: &Material<'_>) -> Classes {
    let pipelines: BTreeSet<&Name> =
        material.roles.iter().filter(|(_, role)| is_of_pipelines(material, role)).map(|(name, _)| name).collect();
    let edges = edges(material);
    let mut reached: BTreeSet<&Name> = BTreeSet::new();
    let mut next: Vec<&Name> = pipelines.iter().copied().collect();
    let mut leading = BTreeSet::new();
    while let Some(from) = next.pop() {
        for (caller, role) in edges.range((from.clone(), Name::default())..).take_while(|(caller, _)| caller == from) {
            leading.insert(caller.clone());
            if let Some((role, _)) = material.roles.get_key_value(role)
                && reached.insert(role)
            {
                next.push(role);
            }
        }
    }
    let class = |name: &Name, role: &Role<'_>| {
        if reached.contains(name) {
            return Some(Class { class: RoleClass::Deploy, why: "a pipeline reaches it through its entry role" });
        }
        if pipelines.contains(name) {
            let leads_on = leading.contains(name);
            return of_pipeline(material, role, leads_on, admits_account_of(material, name).is_some());
        }
        of_others(material, role)
    };
    let by_role: BTreeMap<Name, Class> =
        material.roles.iter().filter_map(|(name, role)| Some((name.clone(), class(name, role)?))).collect();
    // Until a person has said what they are for, roles that may lead on are guarded like those that do.
    let open = pipelines.iter().filter(|name| !by_role.contains_key(**name));
    let open: Vec<Name> = open.filter(|name| may_lead_on(material, name)).map(|name| (*name).clone()).collect();
    leading.extend(open);
    Classes { by_role, leading }
}

/// Says what a person has to decide about a role of which the class is not known.
pub(super) fn asks(material: &Material<'_>, name: &Name) -> String {
    match admits_account_of(material, name).filter(|_| may_lead_on(material, name)) {
        Some(other) => format!(
            "class: entry or deploy? No role names it, but {other} admits its whole account, and nothing here says whether it goes there"
        ),
        None => "class: nothing here says it".to_owned(),
    }
}

/// True for a role of pipelines that was not used, so that nothing says where it leads.
fn may_lead_on(material: &Material<'_>, name: &Name) -> bool {
    let Some(role) = material.roles.get(name) else { return false };
    role.observed.is_empty() && is_of_pipelines(material, role) && admits_account_of(material, name).is_some()
}

/// Returns another role whose policy leaves it to the account of this one who may assume it.
fn admits_account_of<'m>(material: &'m Material<'_>, name: &Name) -> Option<&'m str> {
    material.other_admitting(name).map(|role| role.arn.as_str())
}

fn is_of_pipelines(material: &Material<'_>, role: &Role<'_>) -> bool {
    let by_policy = role.grants.iter().any(|grant| match &grant.principal {
        Principal::Federated(provider) => material.issuer(provider).is_for_pipelines(),
        _ => false,
    });
    by_policy
        || role
            .well(&material.guard)
            .iter()
            .any(|one| one.issuer().is_some_and(|issuer| material.issuer(issuer).is_for_pipelines()))
}

/// Returns who becomes whom: by exact principals of policies, and by chains that began with a token and look well.
fn edges(material: &Material<'_>) -> BTreeSet<(Name, Name)> {
    let mut edges = BTreeSet::new();
    for (name, role) in &material.roles {
        for grant in &role.grants {
            if let Principal::Aws(arn) = &grant.principal
                && let Some(caller) = material::name(arn)
            {
                edges.insert((caller, name.clone()));
            }
        }
        for one in role.well(&material.guard) {
            if one.session.origin().kind == OriginKind::Oidc
                && let Some(caller::Who::Principal(arn)) = caller::who(one)
                && let Some(caller) = material::name(&arn)
            {
                edges.insert((caller, name.clone()));
            }
        }
    }
    edges.retain(|(caller, role)| caller != role);
    edges
}

/// Returns the class of a role that pipelines enter with their tokens.
fn of_pipeline(material: &Material<'_>, role: &Role<'_>, leads_on: bool, may_lead_on: bool) -> Option<Class> {
    let well = role.well(&material.guard);
    if well.iter().any(|one| one.session.activity().writes > 0) {
        return Some(Class { class: RoleClass::Deploy, why: "pipelines enter it and change things with it" });
    }
    if leads_on {
        return Some(Class { class: RoleClass::Entry, why: "pipelines enter it and go on to another role" });
    }
    let is_for_pull_requests = role.grants.iter().any(|grant| {
        let Principal::Federated(provider) = &grant.principal else { return false };
        let is_pull_request = |text: &str| material.issuer(provider).parse(text).context == Context::PullRequest;
        grant.subject.as_ref().is_some_and(|subject| is_pull_request(&subject.text))
    });
    // A role that only reads is for checks: plans, drift, reports.
    if !well.is_empty() || is_for_pull_requests || may_lead_on {
        return None;
    }
    Some(Class { class: RoleClass::Deploy, why: "pipelines may enter it, and no role lies behind it" })
}

fn of_others(material: &Material<'_>, role: &Role<'_>) -> Option<Class> {
    let principals = || role.grants.iter().map(|grant| &grant.principal);
    let is_foreign = |account: &str| !material.own_accounts.contains(account);
    if principals().any(|principal| principal.account().is_some_and(is_foreign)) {
        return Some(Class { class: RoleClass::Vendor, why: "an account of somebody else may assume it" });
    }
    let is_saml = |principal: &Principal| matches!(principal, Principal::Federated(arn) if arn.contains(":saml-"));
    if principals().any(is_saml) {
        return Some(of_people(&role.arn));
    }
    if principals().any(|principal| matches!(principal, Principal::Federated(_))) {
        return Some(Class { class: RoleClass::Workload, why: "running software enters it with its token" });
    }
    let is_service = |principal: &Principal| matches!(principal, Principal::Service(_));
    if role.policy.is_some() {
        let serves = principals().next().is_some() && principals().all(is_service);
        return serves.then_some(Class { class: RoleClass::Service, why: "only AWS services may assume it" });
    }
    let well = role.well(&material.guard);
    if well.iter().any(|one| one.issuer().is_some()) {
        return Some(Class { class: RoleClass::Workload, why: "running software enters it with its token" });
    }
    let mut callers = well.iter().filter_map(|one| caller::who(one));
    if callers.any(|who| who.account().is_some_and(|account| is_foreign(&account))) {
        return Some(Class { class: RoleClass::Vendor, why: "an account without logs and snapshots assumes it" });
    }
    let is_person = |kind: OriginKind| matches!(kind, OriginKind::Saml | OriginKind::IdentityCenter);
    if !well.is_empty() && well.iter().all(|one| is_person(one.session.origin().kind)) {
        return Some(of_people(&role.arn));
    }
    let serves = role.observed.is_empty() && role.served.is_enough();
    serves.then_some(Class { class: RoleClass::Service, why: "only AWS services assume it" })
}

/// People enter it: every day, or in an emergency, as its name says.
fn of_people(role_arn: &str) -> Class {
    let name: String = arn::role_name(role_arn).unwrap_or_default().to_ascii_lowercase();
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if letters.contains("breakglass") {
        return Class { class: RoleClass::BreakGlass, why: "people enter it, and its name says break-glass" };
    }
    Class { class: RoleClass::Human, why: "people enter it" }
}
