//! The ground that roles stand on: the organization, its accounts, the issuers it trusts, its keys and limits.

use super::keyed::Keyed;
use super::listed::ArnList;
use super::listed::NameList;
use crate::model::glob::Glob;
use crate::provider;

/// What `[org]` says.
#[derive(Clone, Debug, Default)]
pub struct Org {
    /// The organization's name.
    pub name: Option<String>,
    /// The GitHub organizations and users that are its own. Empty: nothing is said.
    pub github_owners: Keyed<GithubOwner>,
    /// Those of them whose id is known, by it.
    pub github_owner_ids: Keyed<GithubOwner>,
    /// The roles that change trust policies by trade.
    pub iac_roles: ArnList,
}

/// A GitHub organization or user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GithubOwner {
    /// Its name; case does not matter.
    pub name: String,
    /// GitHub's number for it. When given, another number under this name is a takeover.
    pub id: Option<String>,
}

/// What one `[[account]]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The name that people use.
    pub name: Option<String>,
    /// What it is for: `tooling`, `workload`, `logging`, … in the owner's words.
    pub kind: Option<String>,
    /// The environment of the roles in it, unless a role says otherwise.
    pub env: Option<String>,
}

/// What one `[[issuer]]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The issuer without scheme, or a glob over issuers.
    pub url: Glob,
    /// The id of the provider whose grammar its subjects follow: for self-hosted issuers.
    pub kind: Option<String>,
    /// The audiences that its tokens may carry. Empty: nothing is said.
    pub audiences: NameList,
    /// The accounts that its tokens may enter. Empty: nothing is said.
    pub accounts: NameList,
    /// The networks in which its jobs run: what calls from there counts as a CI system. Empty: nothing is said.
    pub networks: Vec<String>,
}

/// What `[keys]` says about long-lived keys.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Users whose long-lived keys are known and accepted.
    pub allow_users: ArnList,
    /// The age from which a key is too old.
    pub max_age_days: u64,
    /// After so many covered days without a use a key is idle.
    pub max_idle_days: u64,
    /// Pieces of user agents that only CI systems send.
    pub ci_markers: Vec<String>,
}

impl Default for Keys {
    fn default() -> Self {
        let markers = provider::PROVIDERS.iter().flat_map(|provider| provider.clients);
        Self {
            allow_users: ArnList::default(),
            max_age_days: 90,
            max_idle_days: 45,
            ci_markers: markers.map(|marker| (*marker).to_owned()).collect(),
        }
    }
}

impl Keys {
    /// True when the user's long-lived keys are accepted.
    pub fn allows_user(&self, user_arn: &str) -> bool {
        self.allow_users.has(user_arn)
    }
}

/// What `[limits]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Assumptions after the origin, when the file says how many.
    pub chain_depth: Option<u64>,
    /// How long a session may last when its role says nothing, when the file says how long.
    pub session_seconds: Option<u64>,
    /// Distinct roles that one repository may come into per day.
    pub subject_fanout: u64,
    /// Runs of denied calls, not single events, per day.
    pub denial_runs_per_day: u64,
    /// How long a log may be silent.
    pub log_gap_minutes: u64,
}

/// How long a session may last, where the file says nothing: as long as AWS gives when nobody asks for more.
const SESSION_SECONDS: u64 = 3_600;

/// Assumptions after the origin, where the file says nothing: one to enter, one to work in.
const CHAIN_DEPTH: u64 = 2;

impl Limits {
    /// Returns how many assumptions may follow the origin.
    pub fn chain_depth(&self) -> u64 {
        self.chain_depth.unwrap_or(CHAIN_DEPTH)
    }

    /// Returns how long a session may last when its role says nothing.
    pub fn session_seconds(&self) -> u64 {
        self.session_seconds.unwrap_or(SESSION_SECONDS)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chain_depth: None,
            session_seconds: None,
            subject_fanout: 5,
            denial_runs_per_day: 3,
            log_gap_minutes: 75,
        }
    }
}
