//! `long-lived-key-deploys`: a long-lived key deploys where a role is meant to.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::class::Classes;
use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Action;
use crate::model::principal::PrincipalKind;
use crate::model::tallies::Tally;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "long-lived-key-deploys",
    title: "A long-lived key deploys in an account that has a deploy role",
    theme: Theme::Keys,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with roles of class `deploy`, and `[keys] allow_users`",
    remediation: "Let whoever holds the key deploy through the pipeline and its deploy role. Then deactivate the key, wait \
                  one release, and delete it. A user that must keep its key belongs in [keys] allow_users.",
    techniques: &["T1078.004"],
    reading: &[(
        "IAM User Guide: security best practices",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    )],
    page: include_str!("../../../../docs/rules/long-lived-key-deploys.md"),
    check,
};

/// Calls that deploy, by service: how their names begin. What programs do all day long is not among them.
const DEPLOYS: [(&str, &[&str]); 9] = [
    ("cloudformation.amazonaws.com", &["CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet"]),
    ("cloudfront.amazonaws.com", &["CreateDistribution", "UpdateDistribution", "CreateInvalidation"]),
    ("ec2.amazonaws.com", &["RunInstances"]),
    ("ecr.amazonaws.com", &["PutImage"]),
    ("ecs.amazonaws.com", &["CreateService", "UpdateService", "RegisterTaskDefinition"]),
    ("eks.amazonaws.com", &["CreateCluster", "UpdateCluster", "CreateNodegroup", "UpdateNodegroup"]),
    (
        "iam.amazonaws.com",
        &["AttachRolePolicy", "CreatePolicy", "CreateRole", "PutRolePolicy", "UpdateAssumeRolePolicy"],
    ),
    ("lambda.amazonaws.com", &["CreateFunction", "UpdateFunction", "PublishVersion", "UpdateAlias"]),
    ("rds.amazonaws.com", &["CreateDBInstance", "CreateDBCluster", "ModifyDBInstance", "ModifyDBCluster"]),
];

/// Pieces of the names of calls that carry data: applications make them, and pipelines too.
const BUSINESS: [&str; 9] =
    ["Decrypt", "Encrypt", "GenerateData", "Invoke", "Item", "Message", "Object", "Publish", "Upload"];

/// How the names of calls begin that change what is there, rather than use it.
const CHANGING: [&str; 7] = ["Create", "Update", "Modify", "Put", "Register", "Deploy", "Attach"];

/// What programs write to all day long, whoever they are.
const EVERYDAY: [&str; 3] = ["logs.amazonaws.com", "monitoring.amazonaws.com", "events.amazonaws.com"];

/// What is deployed with in an account.
#[derive(Default)]
struct Account<'a> {
    /// The deploy role to name, and whether the owners say that it is one.
    role: Option<(bool, &'a str)>,
    /// What its sessions changed.
    writes: BTreeSet<(&'a str, &'a str)>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.lineage.long_term_keys.is_empty() {
        return;
    }
    let accounts = accounts(context);
    if accounts.is_empty() {
        return;
    }
    let told: Vec<Match> =
        context.lineage.long_term_keys.iter().flat_map(|key| deployed(context, &accounts, key)).collect();
    if told.is_empty() {
        return;
    }
    // What speaks of the same key in the same account, and is not milder, says as much.
    let mut migrations: BTreeMap<_, Severity> = BTreeMap::new();
    for other in context.matches_of(&["unfinished-migration"]) {
        let worst = migrations.entry(key_and_account(&other)).or_insert(other.severity);
        *worst = other.severity.max(*worst);
    }
    let is_told = |matched: &Match| migrations.get(&key_and_account(matched)).is_some_and(|it| matched.severity <= *it);
    matches.extend(told.into_iter().filter(|matched| !is_told(matched)));
}

fn key_and_account(matched: &Match) -> [Option<String>; 2] {
    let part = |name: &str| matched.key.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    ["access_key_id", "account_id"].map(part)
}

/// Finds the accounts with deploy roles, by what the owners say and by what these logs show.
fn accounts<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Account<'a>> {
    let mut accounts: BTreeMap<&str, Account<'_>> = BTreeMap::new();
    for role in context.expectations.roles.iter().filter(|role| role.class == Some(RoleClass::Deploy)) {
        let role_arn = role.arn.as_str();
        if let Some(account) = arn::account(role_arn).filter(|_| role.arn.is_literal()) {
            let known = &mut accounts.entry(account).or_default().role;
            *known = (*known).max(Some((true, role_arn)));
        }
    }
    let classes = Classes::observe(context);
    for session in context.lineage.sessions().filter(|session| classes.is_deploy(*session)) {
        let (Some(account), Some(role_arn)) = (session.account(), session.role_arn()) else { continue };
        let is_declared = classes.declared(role_arn).is_some();
        let entry = accounts.entry(account).or_default();
        entry.role = entry.role.max(Some((is_declared, role_arn)));
        let written = session.actions().filter(|(action, _)| is_write(action));
        entry.writes.extend(
            written.filter_map(|(action, _)| {
                Some((context.lineage.opt(action.source)?, context.lineage.opt(action.name)?))
            }),
        );
    }
    accounts
}

fn is_write(action: &Action) -> bool {
    action.read_only == Some(false) && action.error_code.is_none()
}

fn is_deploy(account: &Account<'_>, source: &str, name: &str) -> bool {
    let is_usual =
        DEPLOYS.iter().any(|(service, names)| *service == source && names.iter().any(|start| name.starts_with(start)));
    let is_like_role = || {
        account.writes.contains(&(source, name))
            && CHANGING.iter().any(|start| name.starts_with(start))
            && !EVERYDAY.contains(&source)
            && !BUSINESS.iter().any(|word| name.contains(word))
    };
    is_usual || is_like_role()
}

/// Returns a match for each account in which the key deployed.
fn deployed(context: &Context<'_>, accounts: &BTreeMap<&str, Account<'_>>, key: &LongTermKey) -> Vec<Match> {
    let lineage = context.lineage;
    let mut by_account: BTreeMap<&str, Vec<(&str, &Tally)>> = BTreeMap::new();
    let users = key.principals.iter().map(|id| (*id, lineage.principal(*id)));
    // Root's keys have a rule of their own, and a service that acts in the user's name would do so for others.
    for (id, user) in users.filter(|(_, user)| user.kind == PrincipalKind::IamUser && user.invoked_by.is_none()) {
        let Some((id_of_account, account)) = lineage.opt(user.account).and_then(|id| accounts.get_key_value(id)) else {
            continue;
        };
        for (action, tally) in lineage.actions.of(id) {
            let action = lineage.action(*action);
            let called = lineage.opt(action.source).zip(lineage.opt(action.name));
            if let Some((source, name)) = called.filter(|_| is_write(action) && tally.count() > 0)
                && is_deploy(account, source, name)
            {
                by_account.entry(*id_of_account).or_default().push((name, tally));
            }
        }
    }
    let named = |(account_id, calls): (&str, Vec<(&str, &Tally)>)| {
        let (is_declared, role_arn) = accounts.get(account_id)?.role?;
        Some(matched(context, key, account_id, &Deploy { role_arn, is_declared, calls }))
    };
    by_account.into_iter().filter_map(named).collect()
}

struct Deploy<'a> {
    role_arn: &'a str,
    is_declared: bool,
    calls: Vec<(&'a str, &'a Tally)>,
}

fn matched(context: &Context<'_>, key: &LongTermKey, account_id: &str, deploy: &Deploy<'_>) -> Match {
    let lineage = context.lineage;
    let access_key = lineage.str(key.access_key);
    let user = key.principals.iter().find_map(|id| lineage.opt(lineage.principal(*id).arn));
    let who = user.unwrap_or("an unnamed user");
    let is_allowed = user.is_some_and(|user| context.expectations.keys.allows_user(user));
    let count = deploy.calls.iter().map(|(_, tally)| tally.count()).sum();
    let first = deploy.calls.iter().filter_map(|(_, tally)| tally.first.time()).min();
    let last = deploy.calls.iter().filter_map(|(_, tally)| tally.last.time()).max();
    let what = phrase::all_of(deploy.calls.iter().map(|(name, _)| *name));
    let place = phrase::account(context, account_id);
    let role = phrase::short(deploy.role_arn);
    let basis = if deploy.is_declared {
        format!("The account's deploy role is {role}.")
    } else {
        format!("By these logs pipelines deploy there with {role}.")
    };
    let accepted = if is_allowed { " The user is listed in allow_users." } else { "" };
    let mut id = vec![("access_key_id", access_key.to_owned()), ("account_id", account_id.to_owned())];
    id.extend(user.map(|user| ("principal_arn", user.to_owned())));
    let severity = grade::in_prod(RULE.severity, context, deploy.role_arn);
    Match {
        key: id,
        severity: if is_allowed { Severity::Info } else { severity },
        confidence: if deploy.is_declared { RULE.confidence } else { Confidence::Medium },
        basis: RULE.basis,
        title: format!("{access_key} of {} deploys in {place}", arn::short(who)),
        message: format!(
            "{}, the key {access_key} of {who} changed {place} directly ({what}). {basis} What the key does passes no \
             review, no environment and no trust policy.{accepted}",
            occurrences::when(count, first, last)
        ),
        remediation: None,
        count,
        evidence: deploy
            .calls
            .iter()
            .flat_map(|(_, tally)| [tally.first, tally.last])
            .map(|mark| lineage.evidence(&mark))
            .collect(),
        chain_ids: Chains::default(),
    }
}
