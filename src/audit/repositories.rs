//! Repositories: which one a token is of, by its ids where it has them. Ids outlive names.

use std::collections::BTreeMap;

use crate::audit::subjects;
use crate::model::lineage::Lineage;
use crate::provider::Subject;

/// A repository of one owner, by issuer and ids. What goes to another owner keeps its id, and is not the same any more.
type Identity<'l> = (String, &'l str, Option<&'l str>);

/// The repositories whose tokens came in, by the names that they first bore.
pub(super) struct Repositories<'l> {
    first_names: BTreeMap<Identity<'l>, &'l str>,
    /// Whose each name first was, by issuer and name in lower case.
    first_holders: BTreeMap<(String, String), Identity<'l>>,
}

impl<'l> Repositories<'l> {
    /// Looks at every token that opened a session, in order of time.
    pub(super) fn of(lineage: &'l Lineage) -> Self {
        let mut found = Self { first_names: BTreeMap::new(), first_holders: BTreeMap::new() };
        let entries = lineage.sessions().filter(|session| subjects::is_entry(*session));
        for subject in entries.filter_map(|session| session.origin().token.as_ref()) {
            if let Some((identity, name)) = identity(subject).zip(subject.borne()) {
                found.first_names.entry(identity.clone()).or_insert(name);
                found.first_holders.entry((identity.0.clone(), name.to_ascii_lowercase())).or_insert(identity);
            }
        }
        found
    }

    /// Returns the name that a token's repository is known by: the one that the owners pin, else the one that it first bore.
    pub(super) fn name_of<'s>(&self, subject: &'s Subject) -> Option<&'s str>
    where
        'l: 's,
    {
        let pinned = subject.bears.as_ref().and(subject.repository.as_deref());
        let first = || self.first_names.get(&identity(subject)?).copied();
        pinned.or_else(first).or(subject.repository.as_deref())
    }

    /// Returns the parts of a key that say whose token it is, whatever the name that it bears. A name that another repository
    /// had before has the id behind it.
    pub(super) fn key_of(&self, subject: &Subject) -> Vec<(&'static str, String)> {
        let mut key = subjects::key_of(subject);
        let Some(name) = self.name_of(subject).map(str::to_ascii_lowercase) else { return key };
        let holder = |own: &Identity<'_>| self.first_holders.get(&(own.0.clone(), name.clone()));
        let another = identity(subject).filter(|own| holder(own).is_some_and(|holder| holder != own));
        let id = another.map(|(_, id, _)| format!("@{id}")).unwrap_or_default();
        key.pop();
        key.push(("repository", name + &id));
        key
    }
}

fn identity(subject: &Subject) -> Option<Identity<'_>> {
    Some((subject.issuer.to_ascii_lowercase(), subject.repository_id.as_deref()?, subject.owner_id.as_deref()))
}
