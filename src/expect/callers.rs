//! The callers that a role expects, asked as one, without asking each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Deref;

use super::arn::ArnPattern;
use super::caller::CallerExpectation;
use super::caller::ExternalIdExpectation;
use super::listed::ArnList;

/// Every `[[role.from]]`, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    all: Vec<CallerExpectation>,
    /// Those that name a principal, by the account that they name beside it.
    named: BTreeMap<Option<String>, Named>,
    /// Those that name only an account, and the first one that names nothing at all.
    by_account: BTreeMap<Option<String>, usize>,
    /// By the account that they name, with or without a principal; `None` where that is none.
    external_ids: BTreeMap<Option<String>, Asked>,
}

/// Callers by their principals.
#[derive(Clone, Debug, Default)]
struct Named {
    principals: ArnList,
    /// Their places among all.
    places: Vec<usize>,
}

/// What callers of one account must send, taken together.
#[derive(Clone, Debug)]
enum Asked {
    /// Of some nothing is said.
    Open,
    One(ExternalIdExpectation),
}

impl Callers {
    pub(super) fn new(all: Vec<CallerExpectation>) -> Self {
        let mut callers = Self::default();
        let mut named: BTreeMap<Option<String>, (Vec<ArnPattern>, Vec<usize>)> = BTreeMap::new();
        for (at, from) in all.iter().enumerate() {
            match &from.principal {
                Some(principal) => {
                    let (principals, places) = named.entry(from.account.clone()).or_default();
                    principals.push(principal.clone());
                    places.push(at);
                }
                None => {
                    callers.by_account.entry(from.account.clone()).or_insert(at);
                }
            }
            let asked = from.external_id.clone().map_or(Asked::Open, Asked::One);
            let account = from.named_account().map(str::to_owned);
            match callers.external_ids.get_mut(&account) {
                Some(known) => known.add(asked),
                None => {
                    callers.external_ids.insert(account, asked);
                }
            }
        }
        let named = named.into_iter();
        callers.named = named
            .map(|(account, (principals, places))| (account, Named { principals: ArnList::new(principals), places }))
            .collect();
        Self { all, ..callers }
    }

    /// Returns the one that speaks of this caller: one that names the principal before one that names only the account.
    pub(super) fn of(&self, principal_arn: Option<&str>, account: Option<&str>) -> Option<&CallerExpectation> {
        let Some(arn) = principal_arn else {
            // Only the account is known: whatever could be of it speaks of it.
            let admitting = self.all.iter().filter(|from| from.admits(None, account));
            return admitting.min_by_key(|from| from.rank());
        };
        let account = account.or_else(|| arn.split(':').nth(4));
        let accounts = [None, account.map(str::to_owned)];
        let by_name = accounts.iter().filter_map(|account| self.named.get(account));
        let by_name = by_name.flat_map(|named| {
            named.principals.matching(arn).filter_map(|at| named.places.get(at)).copied().collect::<BTreeSet<_>>()
        });
        let by_account = accounts.iter().filter_map(|account| self.by_account.get(account).copied());
        let found = by_name.chain(by_account).filter_map(|at| Some((at, self.all.get(at)?)));
        found.min_by_key(|(at, from)| (from.rank(), *at)).map(|(_, from)| from)
    }

    /// True when one of them may be somebody of this account, or does not say of which account it is.
    pub fn may_be_of(&self, account: &str) -> bool {
        self.external_ids.contains_key(&None) || self.external_ids.contains_key(&Some(account.to_owned()))
    }

    /// True when one of them names just this account, and maybe a principal beside it.
    pub fn names_account(&self, account: &str) -> bool {
        let account = Some(account.to_owned());
        self.by_account.contains_key(&account) || self.named.contains_key(&account)
    }

    /// Returns what is expected of an unnamed caller of this account, when all that name the account expect something.
    pub fn external_id_of_account(&self, account: &str) -> Option<&ExternalIdExpectation> {
        match self.external_ids.get(&Some(account.to_owned()))? {
            Asked::Open => None,
            Asked::One(expected) => Some(expected),
        }
    }
}

impl Asked {
    fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Open, _) => {}
            (Self::One(ExternalIdExpectation::OneOf(ids)), Self::One(ExternalIdExpectation::OneOf(more))) => {
                ids.extend(more);
            }
            (Self::One(_), Self::One(_)) => *self = Self::One(ExternalIdExpectation::Any),
            (Self::One(_), Self::Open) => *self = Self::Open,
        }
    }
}

impl Deref for Callers {
    type Target = [CallerExpectation];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}
