//! Chains, their hops, what was done at their ends; and routes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use super::ci::CiRun;
use super::origin::Origin;
use super::run_link::Ci;
use crate::model::assumption::Assumption;
use crate::model::chain;
use crate::model::chain::Way;
use crate::model::lineage::SessionView;
use crate::model::observations;
use crate::model::principal::PrincipalId;
use crate::model::route;
use crate::model::symbols::Sym;
use crate::model::tallies::Tally;
use crate::model::width::wide;

/// How many of the sessions that fit a link are listed, the earliest first.
const MAX_CANDIDATES: usize = 20;

/// How many session tags a hop lists of each kind: AWS allows 50, and each chain through a session lists them again.
const MAX_TAGS: usize = 50;

/// Origin → hops → what the last session did. One for each session that issued no further session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Chain<'a> {
    /// Stable across runs and file order: the same chain has the same id.
    pub id: String,
    /// Where trust began.
    pub origin: Origin<'a>,
    /// The sessions, from the first to the last. Of a long chain those in the middle are left out when an earlier chain
    /// lists them.
    pub hops: Vec<Hop<'a>>,
    /// What is left out of the hops; not there when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops_omitted: Option<HopsOmitted>,
    /// What the last session did. Assumptions are not counted.
    pub activity: LeafActivity<'a>,
    /// The CI run, when tags or a user agent name it; `basis` says whether that is more than a claim.
    pub ci_run: Option<CiRun>,
    /// What the CI system says of the run, and how sure it is that it made the chain; null without `--ci`, and for chains that no
    /// CI job began.
    pub ci: Option<Ci>,
    /// Why the chain is not complete. Empty when it is.
    pub gaps: Vec<Gap<'a>>,
    /// The route that the chain belongs to.
    pub route_id: String,
    /// What all hops come to, for other formats.
    #[serde(skip)]
    pub way: Way,
}

/// Hops in the middle of a long chain that are listed elsewhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HopsOmitted {
    /// How many of the listed hops are before them.
    pub after: u64,
    /// How many they are.
    pub count: u64,
    /// The chain that went the same way and lists the last of them; where it leaves some out, it names another.
    pub listed_in: String,
}

/// One session of a chain, and the assumption that issued it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hop<'a> {
    /// The event that issued the session: the caller's copy when it is here.
    pub event_id: Option<String>,
    /// The id that both copies of a cross-account event share.
    pub shared_event_id: Option<String>,
    /// The event id of the other account's copy, when it is here.
    pub counterpart_event_id: Option<String>,
    /// The object that holds the issuing record.
    pub object: Option<Text<'a>>,
    /// The call, such as `AssumeRoleWithWebIdentity`.
    pub event_name: Option<&'static str>,
    /// When the session was issued; from later records when the issuing event is not here.
    pub event_time: Option<Time>,
    /// When the session ends.
    pub expires_at: Option<Time>,
    /// The role, with its path; null for sessions of users.
    pub role_arn: Option<Text<'a>>,
    /// The account that owns the role.
    pub account_id: Option<Text<'a>>,
    /// The session name.
    pub role_session_name: Option<Text<'a>>,
    /// The external id, as it was logged.
    pub external_id: Option<Text<'a>>,
    /// The source identity that was set with the session, or that it inherited.
    pub source_identity: Option<Text<'a>>,
    /// The account outside that acted in the session, or asked for it, by a temporary delegation.
    pub delegate_account_id: Option<Text<'a>>,
    /// The access key id of the session.
    pub issued_access_key_id: Option<Text<'a>>,
    /// From where the assumption was asked for.
    pub source_ip: Option<Text<'a>>,
    /// With what client the assumption was asked for.
    pub user_agent: Option<Text<'a>>,
    /// The region of the issuing event.
    pub region: Option<Text<'a>>,
    /// True when the caller's account is not the role's; null when the caller's account is not known.
    pub cross_account: Option<bool>,
    /// How many session tags there are, passed and handed down; left out when all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_tags_total: Option<u64>,
    /// The session tags that were passed, at most 50 of them: AWS allows no more.
    pub session_tags: BTreeMap<Text<'a>, Text<'a>>,
    /// The transitive tags that the previous session handed down, at most 50 of them.
    pub incoming_session_tags: BTreeMap<Text<'a>, Text<'a>>,
    /// Why the session is attached to the one before it, or to the origin.
    pub link: Link,
    /// Why its activity is attached to it; null when it has none.
    pub use_link: Option<Link>,
    /// What the session did itself. Assumptions are not counted.
    pub activity: Activity,
}

/// Why two things belong together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Link {
    /// How sure: `exact` (access key, principal id and creation time agree), `strong` (the key is not usable),
    /// `probable` (one candidate inside the validity window), `ambiguous` (several candidates, none chosen), `missing`
    /// (the issuance is not in these logs).
    #[schemars(extend("enum" = ["exact", "strong", "probable", "ambiguous", "missing"]))]
    pub kind: &'static str,
    /// What agreed.
    pub matched_on: &'static [&'static str],
    /// The sessions that fit when several do, at most 20 of them, sorted: the ids of their issuing events, else their
    /// access key ids.
    pub candidates: Vec<String>,
    /// How many sessions fit; left out when `candidates` lists them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates_total: Option<u64>,
}

/// What was done, in numbers.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Activity {
    /// Unique events.
    pub calls: u64,
    /// Events with `readOnly: false` and no error.
    pub writes: u64,
    /// Events with an error.
    pub errors: u64,
    /// The earliest event.
    pub first_event: Option<Time>,
    /// The latest event.
    pub last_event: Option<Time>,
}

/// What the last session of a chain did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeafActivity<'a> {
    /// The numbers.
    #[serde(flatten)]
    pub total: Activity,
    /// What was called and how it ended, by source and name.
    pub actions: Vec<Action<'a>>,
    /// From where, sorted.
    pub source_ips: BTreeSet<Text<'a>>,
    /// With what clients, sorted.
    pub user_agents: BTreeSet<Text<'a>>,
}

/// Calls of one kind.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Action<'a> {
    /// The service, such as `s3.amazonaws.com`.
    pub event_source: Option<Text<'a>>,
    /// The call, such as `PutObject`.
    pub event_name: Option<Text<'a>>,
    /// What CloudTrail says about the call; null when it says nothing.
    pub read_only: Option<bool>,
    /// The error; null when the call succeeded.
    pub error_code: Option<Text<'a>>,
    /// How often.
    pub count: u64,
}

/// A named reason why a chain is not complete.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gap<'a> {
    /// Which reason, such as `issued_before_window` or `account_not_covered`.
    pub kind: &'static str,
    /// The reason in words.
    pub message: Text<'a>,
}

/// Chains with the same origin and the same roles, folded.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Route<'a> {
    /// Stable across runs.
    pub id: String,
    /// Where trust began.
    pub origin: Origin<'a>,
    /// The roles, in order, with their paths: the first eight and the last eight when there are more than sixteen.
    pub role_arns: Vec<Text<'a>>,
    /// How many roles are left out after the first eight; not there when none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles_omitted: Option<u64>,
    /// How many chains.
    pub chains: u64,
    /// What their last sessions did.
    #[serde(flatten)]
    pub activity: Activity,
}

impl Link {
    /// Returns how many sessions fit, when several do; else 0.
    pub fn count(&self) -> u64 {
        self.candidates_total.unwrap_or(wide(self.candidates.len()))
    }
}

impl From<chain::Activity> for Activity {
    fn from(activity: chain::Activity) -> Self {
        Self {
            calls: activity.calls,
            writes: activity.writes,
            errors: activity.errors,
            first_event: activity.first_event.map(Time),
            last_event: activity.last_event.map(Time),
        }
    }
}

impl<'a> Rows<'a> {
    /// Returns the listed chains.
    pub fn chains(self) -> impl Iterator<Item = Chain<'a>> + 'a {
        self.lineage().chains.iter().filter(move |chain| self.is_shown(chain.is_listed)).map(move |c| self.chain(c))
    }

    /// Returns the listed routes.
    pub fn routes(self) -> impl Iterator<Item = Route<'a>> + 'a {
        self.lineage().routes.iter().filter(move |route| self.is_shown(route.is_listed)).map(move |r| self.route(r))
    }

    /// Returns true when something is to be listed.
    pub fn is_shown(&self, is_listed: bool) -> bool {
        is_listed || self.options.include_services
    }

    /// Returns a route as a row.
    pub fn route(&self, route: &'a route::Route) -> Route<'a> {
        let lineage = self.lineage();
        let origin = lineage.origin(route.origin);
        Route {
            id: route.id.to_string(),
            origin: self.origin(origin),
            role_arns: route.role_arns.iter().map(|role| self.shade.text(lineage.str(*role))).collect(),
            roles_omitted: (route.roles_omitted > 0).then_some(wide(route.roles_omitted)),
            chains: route.chains,
            activity: route.activity.into(),
        }
    }

    /// Returns a chain as a row.
    pub fn chain(&self, chain: &'a chain::Chain) -> Chain<'a> {
        let lineage = self.lineage();
        let route = lineage.routes.get(usize::try_from(chain.route).unwrap_or(usize::MAX));
        let leaf = lineage.leaf(chain);
        let mut gaps: Vec<Gap<'a>> = Vec::new();
        for gap in leaf.gaps() {
            let gap = Gap { kind: gap.kind.name(), message: self.shade.text(&gap.message) };
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        Chain {
            id: chain.id.to_string(),
            origin: self.origin(lineage.origin_of(chain)),
            hops: chain.path.iter().map(|id| self.hop(lineage.session(*id))).collect(),
            hops_omitted: chain.omitted.map(|omitted| HopsOmitted {
                after: wide(omitted.after),
                count: wide(omitted.count),
                listed_in: omitted.listed_in.to_string(),
            }),
            activity: self.leaf_activity(leaf),
            ci_run: self.ci_run(chain),
            ci: self.ci(chain),
            gaps,
            route_id: route.map(|route| route.id.to_string()).unwrap_or_default(),
            way: leaf.session.way,
        }
    }

    /// Returns a session as a hop.
    pub fn hop(&self, view: SessionView<'a>) -> Hop<'a> {
        let record = view.issuing_record();
        let counterpart = view.session.issuance.and_then(|issuance| issuance.counterpart);
        let counterpart = counterpart.map(|copy| self.lineage().assumption(copy));
        let text = |field: fn(&Assumption) -> Option<Sym>| self.text(record.and_then(field));
        let tags = |tags: &[(Sym, Sym)]| {
            let shown = |sym: Sym| self.shade.text(self.lineage().str(sym));
            tags.iter().take(MAX_TAGS).map(|(name, value)| (shown(*name), shown(*value))).collect()
        };
        let extra = record.and_then(|record| record.extra.as_deref());
        let first_of =
            |field: fn(&Assumption) -> Option<Sym>| text(field).or_else(|| self.text(counterpart.and_then(field)));
        Hop {
            event_id: self.event_id(record.and_then(|record| record.event_id)),
            shared_event_id: self.event_id(record.and_then(|record| record.shared_event_id)),
            counterpart_event_id: self.event_id(counterpart.and_then(|copy| copy.event_id)),
            object: text(|record| Some(record.object)),
            event_name: record.map(|record| record.call.event_name()),
            event_time: record.and_then(|record| record.time).or(view.issued()).map(Time),
            expires_at: view.session.expires.map(Time),
            role_arn: self.text(view.session.role_arn),
            account_id: self.text(view.session.account),
            role_session_name: self.text(view.session.session_name),
            external_id: first_of(|record| record.external_id),
            // One that is inherited stands in no request, and in every later record.
            source_identity: first_of(|record| record.source_identity)
                .or_else(|| self.text(view.session.sums.source_identity)),
            delegate_account_id: view.delegate().map(|account| self.shade.text(account)),
            issued_access_key_id: self.key(view.session.access_key),
            source_ip: text(|record| record.source_ip),
            user_agent: text(|record| record.user_agent),
            region: text(|record| record.region),
            cross_account: view.crosses_accounts(),
            session_tags_total: extra
                .map(|extra| extra.tags.len().max(extra.incoming_tags.len()))
                .filter(|most| *most > MAX_TAGS)
                .and_then(|_| extra.map(|extra| wide(extra.tags.len() + extra.incoming_tags.len()))),
            session_tags: extra.map(|extra| tags(&extra.tags)).unwrap_or_default(),
            incoming_session_tags: extra.map(|extra| tags(&extra.incoming_tags)).unwrap_or_default(),
            link: self.link(view, &view.session.link),
            use_link: view.session.use_link.as_ref().map(|link| self.link(view, link)),
            activity: view.activity().into(),
        }
    }

    fn link(&self, view: SessionView<'a>, link: &chain::Link) -> Link {
        let listed = view.candidates(link).take(MAX_CANDIDATES);
        let mut candidates: Vec<String> = listed.filter_map(|candidate| self.candidate(candidate)).collect();
        candidates.sort_unstable();
        let total = view.count_candidates(link);
        Link {
            kind: link.kind.name(),
            matched_on: link.matched_on,
            candidates,
            candidates_total: (total > MAX_CANDIDATES).then_some(wide(total)),
        }
    }

    fn candidate(&self, view: SessionView<'a>) -> Option<String> {
        let event_id = view.issuing_record().and_then(|record| self.event_id(record.event_id));
        let key = || self.key(view.session.access_key).map(Text::into_owned);
        event_id.or_else(key).or_else(|| self.text(view.session.principal_id).map(Text::into_owned))
    }

    /// Returns what these principals called.
    pub fn actions(&self, principals: &[PrincipalId]) -> Vec<Action<'a>> {
        let lineage = self.lineage();
        let tallies = principals.iter().flat_map(|id| lineage.actions.of(*id));
        self.counted(tallies.map(|(action, tally)| (lineage.action(*action), tally)))
    }

    fn counted(&self, tallies: impl Iterator<Item = (&'a observations::Action, &'a Tally)>) -> Vec<Action<'a>> {
        let mut counts = BTreeMap::new();
        for (action, tally) in tallies {
            let key =
                (self.text(action.source), self.text(action.name), action.read_only, self.text(action.error_code));
            *counts.entry(key).or_insert(0) += tally.count();
        }
        let action = |((event_source, event_name, read_only, error_code), count)| Action {
            event_source,
            event_name,
            read_only,
            error_code,
            count,
        };
        counts.into_iter().map(action).collect()
    }

    /// Returns what a session did: the numbers, the actions by name, and from where.
    pub fn leaf_activity(&self, view: SessionView<'a>) -> LeafActivity<'a> {
        LeafActivity {
            total: view.activity().into(),
            actions: self.counted(view.actions()),
            source_ips: view.contacts().filter_map(|(_, contact, _)| self.text(contact.source_ip)).collect(),
            user_agents: view.contacts().filter_map(|(_, contact, _)| self.text(contact.user_agent)).collect(),
        }
    }
}
