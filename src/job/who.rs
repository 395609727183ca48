//! Who acted there: what a name stands for, and the chains, keys and denied attempts that it fits.

use std::collections::BTreeSet;

use super::address;
use super::answer::Audited;
use super::chains;
use crate::expect;
use crate::join::Joined;
use crate::model::arn;
use crate::model::assurance::Reason;
use crate::model::chain::ChainId;
use crate::model::denial::DenialRun;
use crate::model::finding::Finding;
use crate::model::glob;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::long_term_key::LongTermKey;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::subject::Subject;
use crate::model::width::id_of;
use crate::model::width::place;
use crate::pipeline::Outcome;
use crate::report::who::Asked;

/// A name by which somebody or something can be asked for, and what kind of thing has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name<'l> {
    Account(&'l str),
    Role(&'l str),
    Key(&'l str),
    /// The ARN of a user, or of the root user.
    User(&'l str),
    /// What a person is called by an identity provider, or by a source identity.
    Person(&'l str),
    Repository(&'l str),
    /// A token's subject.
    Subject(&'l str),
    /// From where it was called.
    Address(&'l str),
}

impl<'l> Name<'l> {
    /// Says what it is.
    fn told(&self) -> String {
        match self {
            Self::Account(id) => format!("account {id}"),
            Self::Role(arn) => format!("role {arn}"),
            Self::Key(id) => format!("key {id}"),
            Self::User(arn) => format!("user {arn}"),
            Self::Person(name) => format!("person {name}"),
            Self::Repository(name) => format!("repository {name}"),
            Self::Subject(subject) => format!("subject {subject}"),
            Self::Address(address) => format!("address {address}"),
        }
    }

    /// Returns how people would type it.
    fn short(&self) -> &str {
        match self {
            Self::Role(arn) => arn::role_name(arn).unwrap_or(arn),
            Self::User(arn) => user_name(arn).unwrap_or(arn),
            Self::Account(text)
            | Self::Key(text)
            | Self::Person(text)
            | Self::Repository(text)
            | Self::Subject(text)
            | Self::Address(text) => text,
        }
    }

    fn of_principal(arn: &'l str) -> [Option<Self>; 2] {
        let is_role = arn::role_name(arn).is_some();
        [user_name(arn).map(|_| Self::User(arn)), is_role.then_some(Self::Role(arn))]
    }
}

/// Returns the user's name with its path; that of a root user is `root`.
fn user_name(arn: &str) -> Option<&str> {
    let resource = arn::resource(arn)?;
    resource.strip_prefix("user/").or_else(|| (resource == "root").then_some(resource))
}

/// What is asked for.
struct Target<'t> {
    typed: &'t str,
    /// The id of the account of this name.
    account: Option<String>,
    /// The addresses that it is.
    range: Option<address::Range>,
}

impl<'t> Target<'t> {
    fn of(audited: &Audited, typed: &'t str) -> Self {
        let mut names = audited.account_names.iter();
        let account = names.find(|(_, name)| name.eq_ignore_ascii_case(typed)).map(|(id, _)| id.clone());
        Self { typed, account, range: address::Range::parse(typed) }
    }

    fn is(&self, name: &Name<'_>) -> bool {
        match name {
            Name::Account(id) => *id == self.typed || self.account.as_deref() == Some(id),
            Name::Role(arn) => chains::is_role(self.typed, arn) || arn::is_same_role(self.typed, arn),
            Name::Key(text) | Name::Subject(text) => glob::matches(self.typed, text),
            Name::Address(text) => match &self.range {
                Some(range) => range.has(text),
                None => glob::matches(self.typed, text),
            },
            Name::Person(text) => glob::matches_ignore_case(self.typed, text),
            Name::User(arn) => {
                let name = user_name(arn).unwrap_or_default();
                let names = [*arn, name, name.rsplit('/').next().unwrap_or_default()];
                names.iter().any(|name| glob::matches(self.typed, name))
            }
            Name::Repository(name) => {
                let last = name.rsplit('/').next().unwrap_or_default();
                glob::matches_ignore_case(self.typed, name) || glob::matches_ignore_case(self.typed, last)
            }
        }
    }

    fn is_any<'l>(&self, mut names: impl Iterator<Item = Name<'l>>) -> bool {
        names.any(|name| self.is(&name))
    }
}

fn of_session(session: SessionView<'_>) -> impl Iterator<Item = Name<'_>> {
    let source = session.lineage().opt(session.session.sums.source_identity);
    let names = [
        session.account().map(Name::Account),
        session.role_arn().map(Name::Role),
        session.access_key().map(Name::Key),
        source.map(Name::Person),
    ];
    names.into_iter().flatten().chain(address::of_session(session).map(Name::Address))
}

/// The name by which a repository is known, and the one that the token bears.
fn of_token(token: &Subject) -> impl Iterator<Item = Name<'_>> {
    [token.repository.as_deref(), token.borne()].into_iter().flatten().map(Name::Repository)
}

fn of_origin(origin: &Origin) -> impl Iterator<Item = Name<'_>> {
    let subject = origin.subject.as_deref();
    let is_token = origin.kind == OriginKind::Oidc;
    let repositories = origin.token.iter().flat_map(of_token);
    let names = [
        origin.account_id.as_deref().map(Name::Account),
        origin.access_key_id.as_deref().map(Name::Key),
        subject.filter(|_| !is_token).map(Name::Person),
        subject.filter(|_| is_token).map(Name::Subject),
    ];
    let names = names.into_iter().chain(repositories.map(Some));
    names.chain(origin.principal_arn.as_deref().into_iter().flat_map(Name::of_principal)).flatten()
}

fn of_key<'l>(lineage: &'l Lineage, key: &'l LongTermKey) -> impl Iterator<Item = Name<'l>> {
    let principals = key.principals.iter().map(|id| lineage.principal(*id));
    let names = principals.flat_map(|principal| {
        let user = lineage.opt(principal.arn).into_iter().flat_map(Name::of_principal);
        user.chain([lineage.opt(principal.account).map(Name::Account)]).flatten().collect::<Vec<_>>()
    });
    let addresses = address::of_principals(lineage, &key.principals).map(Name::Address);
    std::iter::once(Name::Key(lineage.str(key.access_key))).chain(names).chain(addresses)
}

fn of_denial<'l>(lineage: &'l Lineage, run: &'l DenialRun) -> impl Iterator<Item = Name<'l>> {
    let text = |sym| lineage.opt(sym);
    let role = text(run.role_arn);
    let principal = text(run.principal);
    let subject = text(run.subject);
    let repositories = run.token.iter().flat_map(of_token).map(Some);
    let of_arn = |arn: Option<&'l str>| arn.and_then(arn::account).map(Name::Account);
    let names = [
        role.map(Name::Role),
        of_arn(role),
        of_arn(principal),
        text(run.account).map(Name::Account),
        text(run.access_key).map(Name::Key),
        subject.map(Name::Subject),
        principal.filter(|arn| arn::is_identity_center_role(arn)).and_then(arn::session_name).map(Name::Person),
    ];
    let principals = principal.into_iter().flat_map(Name::of_principal);
    let addresses = address::of_denial(lineage, run).map(Name::Address);
    names.into_iter().chain(repositories).chain(principals).flatten().chain(addresses)
}

/// What a finding is about.
fn of_finding(finding: &Finding) -> impl Iterator<Item = Name<'_>> {
    finding.key.iter().flat_map(|(part, value)| match part.as_str() {
        "access_key_id" => vec![Name::Key(value)],
        "repository" => vec![Name::Repository(value)],
        "account_id" | "caller_account_id" | "other_account_id" => vec![Name::Account(value)],
        _ if value.starts_with("arn:") => {
            let account = arn::account(value).map(Name::Account);
            Name::of_principal(value).into_iter().flatten().chain(account).collect()
        }
        _ => Vec::new(),
    })
}

/// Who started or approved the run behind a chain, by the CI system.
fn of_run(ci: Option<&Joined>, chain: ChainId) -> impl Iterator<Item = Name<'_>> {
    let joined = ci.and_then(|joined| Some((&joined.facts, joined.links.get(&chain)?.sure()?)));
    let people = joined.into_iter().flat_map(|(facts, found)| {
        let run = found.run(facts);
        let started = run.and_then(|run| run.actor.as_ref());
        let again = found.attempt(facts).and_then(|attempt| attempt.triggered_by.as_ref());
        let approved = run.into_iter().flat_map(|run| run.approvals.iter()).map(|approval| &approval.person);
        started.into_iter().chain(again).chain(approved)
    });
    people.map(|person| Name::Person(&person.login))
}

/// Says whether somebody or something in these logs has this name.
pub(super) fn is_name(audited: &Audited, typed: &str) -> bool {
    let target = Target::of(audited, typed);
    all_names(&audited.outcome).iter().any(|name| target.is(name))
}

/// Leaves only the chains, the keys used directly and the denied attempts that a name fits, and returns what was asked. That
/// nothing has the name is a reason why nothing was judged.
pub fn who(audited: &mut Audited, typed: &str) -> Asked {
    audited.ask_entries();
    let target = Target::of(audited, typed);
    let lineage = &audited.outcome.lineage;
    let all = all_names(&audited.outcome);
    let stands_for: Vec<&Name<'_>> = all.iter().filter(|name| target.is(name)).collect();
    let stands_for: Vec<String> = stands_for.into_iter().map(Name::told).collect();
    let has_records = lineage.covered_accounts().iter().any(|id| target.is(&Name::Account(id)));
    let mut asked = Asked { target: typed.to_owned(), stands_for, ..Asked::default() };
    if typed == "*" {
        // Everybody is nobody in particular.
        asked.stands_for.clear();
    } else if asked.stands_for.is_empty() && !has_records && audited.run.assurance.nothing_judged.is_none() {
        let typable = all.iter().filter(|name| !matches!(name, Name::Subject(_)));
        let words = typable.map(Name::short).chain(audited.account_names.values().map(String::as_str));
        asked.near = nearest(typed, words);
        audited.run.assurance.nothing_judged = Some(Reason {
            kind: "no_match",
            message: format!("nothing in these logs is called {typed}"),
            remedy: "Name an account, a role, a repository (owner/name), an access key id, a user, an address or a day.",
        });
    }
    drop(all);
    if has_records && asked.stands_for.is_empty() && typed != "*" {
        asked.stands_for.push(format!("account {}", target.account.as_deref().unwrap_or(typed)));
    }
    asked.callers = callers(&audited.outcome.lineage, &target);
    let ci = audited.outcome.ci.as_ref();
    keep(&mut audited.outcome.lineage, &target, |chain| target.is_any(of_run(ci, chain)));
    let is_about =
        |finding: &&Finding| finding.is_open() && finding.chain_ids.is_empty() && target.is_any(of_finding(finding));
    asked.found = audited.outcome.findings.iter().filter(is_about).map(|finding| finding.fingerprint.clone()).collect();
    asked
}

/// Returns the callers with neither a session nor a key here, services of AWS apart.
pub(super) fn others(lineage: &Lineage) -> impl Iterator<Item = PrincipalId> {
    let of_sessions = lineage.sessions().flat_map(|session| session.principals());
    let of_keys = lineage.long_term_keys.iter().flat_map(|key| &key.principals);
    let known: BTreeSet<PrincipalId> = of_sessions.chain(of_keys).copied().collect();
    let all = (0..id_of(lineage.observations.principals.len())).map(PrincipalId);
    all.filter(move |id| {
        let is_service = lineage.principal(*id).kind == PrincipalKind::AwsService;
        !is_service && !known.contains(id) && lineage.activity_of_principal(*id).calls > 0
    })
}

fn of_caller(lineage: &Lineage, id: PrincipalId) -> impl Iterator<Item = Name<'_>> {
    let principal = lineage.principal(id);
    let user = lineage.opt(principal.arn).into_iter().flat_map(Name::of_principal);
    let addresses = lineage.contacts.of(id).iter().filter_map(|(contact, _)| lineage.opt(contact.source_ip));
    let addresses = addresses.filter(|text| text.parse::<std::net::IpAddr>().is_ok()).map(Name::Address);
    user.chain([lineage.opt(principal.account).map(Name::Account)]).flatten().chain(addresses)
}

fn callers(lineage: &Lineage, target: &Target<'_>) -> BTreeSet<PrincipalId> {
    others(lineage).filter(|id| target.typed == "*" || target.is_any(of_caller(lineage, *id))).collect()
}

fn all_names(outcome: &Outcome) -> BTreeSet<Name<'_>> {
    let lineage = &outcome.lineage;
    let people = lineage.chains.iter().flat_map(|chain| of_run(outcome.ci.as_ref(), chain.id));
    let sessions = lineage.sessions().flat_map(of_session);
    let origins = lineage.origins.iter().flat_map(of_origin);
    let keys = lineage.long_term_keys.iter().flat_map(|key| of_key(lineage, key));
    let denied = lineage.denied.iter().flat_map(|run| of_denial(lineage, run));
    let callers = others(lineage).flat_map(|id| of_caller(lineage, id));
    sessions.chain(origins).chain(keys).chain(denied).chain(callers).chain(people).collect()
}

fn keep(lineage: &mut Lineage, target: &Target<'_>, is_by_run: impl Fn(ChainId) -> bool) {
    let by_session = chains::passing(lineage, |session| target.is_any(of_session(session)));
    let by_origin: Vec<bool> = lineage.origins.iter().map(|origin| target.is_any(of_origin(origin))).collect();
    chains::keep(lineage, |lineage, chain| {
        let leaf = lineage.leaf(chain);
        let is = |list: &[bool], at: u32| list.get(place(at)).copied().unwrap_or_default();
        is(&by_session, leaf.id.0) || is(&by_origin, leaf.session.origin) || is_by_run(chain.id)
    });
    let mut keys = std::mem::take(&mut lineage.long_term_keys);
    keys.retain(|key| target.is_any(of_key(lineage, key)));
    lineage.long_term_keys = keys;
    let mut denied = std::mem::take(&mut lineage.denied);
    denied.retain(|run| target.is_any(of_denial(lineage, run)));
    lineage.denied = denied;
}

/// Returns the names that were probably meant, the likeliest first.
fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut words: BTreeSet<&str> = words.collect();
    let mut found = Vec::new();
    while let Some(word) = expect::nearest(typed, words.iter().copied()).filter(|_| found.len() < 3) {
        words.remove(word);
        found.push(word.to_owned());
    }
    // Parts of names are no likenesses: `deploy` is in `ci-deploy-role`.
    let typed = typed.to_lowercase();
    let parts = words.into_iter().filter(|word| typed.len() > 2 && word.to_lowercase().contains(&typed));
    let room = 5usize.saturating_sub(found.len());
    found.extend(parts.take(room).map(str::to_owned));
    found
}
