//! The lineage: every session, where it came from, and what it did. What rules and reports read.

use std::collections::BTreeSet;

use super::arn;
use super::assumption::Assumption;
use super::candidates::Fitting;
use super::chain::Activity;
use super::chain::Chain;
use super::chain::ChainId;
use super::chain::Issuance;
use super::chain::Link;
use super::chain::Run;
use super::chain::Session;
use super::chain::SessionId;
use super::change::Change;
use super::denial::DenialRun;
use super::finding::Evidence;
use super::kinds::Kinds;
use super::long_term_key::LongTermKey;
use super::observations::Action;
use super::observations::ActionId;
use super::observations::Contact;
use super::observations::Map;
use super::observations::Observations;
use super::origin::Origin;
use super::principal::Principal;
use super::principal::PrincipalId;
use super::route::Route;
use super::symbols::Sym;
use super::tallies::Mark;
use super::tallies::Tally;
use super::time::Timestamp;
use super::width::place;

/// Rows that belong to principals: one list, and where each principal's part of it begins.
#[derive(Clone, Debug)]
pub struct Grouped<T> {
    /// Where the rows of each principal begin; one more entry than principals.
    pub starts: Vec<usize>,
    /// All rows, those of one principal together.
    pub rows: Vec<T>,
}

impl<T> Default for Grouped<T> {
    fn default() -> Self {
        Self { starts: Vec::new(), rows: Vec::new() }
    }
}

impl<T> Grouped<T> {
    /// Returns the rows of a principal.
    pub fn of(&self, principal: PrincipalId) -> &[T] {
        let at = place(principal.0);
        let bounds = self.starts.get(at).zip(self.starts.get(at + 1));
        bounds.and_then(|(start, end)| self.rows.get(*start..*end)).unwrap_or_default()
    }
}

/// Everything that correlation found out, on top of the observations it read.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    /// What was read. Assumptions are settled: one per event id and account, sorted by time and id.
    pub observations: Observations,
    /// True when only some accounts or regions were asked for: what is not here was then left out on purpose.
    pub is_filtered: bool,
    /// Every session, sorted by issue time, then by what identifies it.
    pub sessions: Vec<Session>,
    /// Every distinct origin.
    pub origins: Vec<Origin>,
    /// Of which provider the owners say that issuers are.
    pub kinds: Kinds,
    /// One chain for each leaf session, sorted by the time of the first hop.
    pub chains: Vec<Chain>,
    /// Chains folded; the busiest first.
    pub routes: Vec<Route>,
    /// Denied attempts, retries folded.
    pub denied: Vec<DenialRun>,
    /// Long-term keys, the most writes first.
    pub long_term_keys: Vec<LongTermKey>,
    /// For each session its principals, in one run of this list.
    pub uses: Vec<PrincipalId>,
    /// For each session its child sessions, in one run of this list.
    pub child_ids: Vec<SessionId>,
    /// For each principal (by its number) the session it belongs to.
    pub session_of_principal: Vec<Option<SessionId>>,
    /// The ids of the chains, those through one session together.
    pub by_descent: Vec<ChainId>,
    /// The changes of each target, by their places.
    pub changes_by_target: Map<Sym, Vec<u32>>,
    /// Lists of sessions, each in order of issue.
    pub lists: Vec<Vec<SessionId>>,
    /// Runs of these lists: what links with several candidates point into.
    pub runs: Vec<Run>,
    /// What each principal did, sorted by source, name and error.
    pub actions: Grouped<(ActionId, Tally)>,
    /// From where each principal called, in order of the first call.
    pub contacts: Grouped<(Contact, Tally)>,
}

impl Lineage {
    /// Returns the string of a symbol.
    pub fn str(&self, sym: Sym) -> &str {
        self.observations.symbols.get(sym)
    }

    /// Returns the string of a symbol, if there is one.
    pub fn opt(&self, sym: Option<Sym>) -> Option<&str> {
        self.observations.symbols.opt(sym)
    }

    /// Returns a principal.
    #[expect(clippy::indexing_slicing, reason = "numbers are only given to what is in the lineage")]
    pub fn principal(&self, id: PrincipalId) -> &Principal {
        &self.observations.principals[place(id.0)]
    }

    /// Returns an action.
    #[expect(clippy::indexing_slicing, reason = "numbers are only given to what is in the lineage")]
    pub fn action(&self, id: ActionId) -> &Action {
        &self.observations.actions[place(id.0)]
    }

    /// Returns a record of an assumption by its index.
    #[expect(clippy::indexing_slicing, reason = "numbers are only given to what is in the lineage")]
    pub fn assumption(&self, record: u32) -> &Assumption {
        &self.observations.assumptions[place(record)]
    }

    /// Returns an origin by its number.
    #[expect(clippy::indexing_slicing, reason = "numbers are only given to what is in the lineage")]
    pub fn origin(&self, number: u32) -> &Origin {
        &self.origins[place(number)]
    }

    /// Returns a session as something to ask.
    #[expect(clippy::indexing_slicing, reason = "numbers are only given to what is in the lineage")]
    pub fn session(&self, id: SessionId) -> SessionView<'_> {
        SessionView { lineage: self, id, session: &self.sessions[place(id.0)] }
    }

    /// Returns every session.
    pub fn sessions(&self) -> impl Iterator<Item = SessionView<'_>> {
        (0u32..).zip(&self.sessions).map(|(id, session)| SessionView { lineage: self, id: SessionId(id), session })
    }

    /// Returns the origin of a chain.
    pub fn origin_of(&self, chain: &Chain) -> &Origin {
        self.leaf(chain).origin()
    }

    /// Returns the last session of a chain.
    pub fn leaf(&self, chain: &Chain) -> SessionView<'_> {
        self.session(*chain.path.last().unwrap_or(&SessionId(0)))
    }

    /// Returns every session of some chains, once.
    pub fn sessions_of<'c>(&self, chains: impl IntoIterator<Item = &'c Chain>) -> BTreeSet<SessionId> {
        let mut found = BTreeSet::new();
        for chain in chains {
            // Who is found has been walked up from.
            let new = self.leaf(chain).ancestry().map(|session| session.id);
            new.take_while(|id| found.insert(*id)).for_each(drop);
        }
        found
    }

    /// Returns a mark as evidence.
    pub fn evidence(&self, mark: &Mark) -> Evidence {
        Evidence {
            event_time: mark.time(),
            event_id: mark.event_id.map(|id| id.text(&self.observations.symbols)),
            object: Some(self.str(mark.object).to_owned()),
        }
    }

    /// Returns a record of an assumption as evidence.
    pub fn assumption_evidence(&self, record: u32) -> Evidence {
        let assumption = self.assumption(record);
        Evidence {
            event_time: assumption.time,
            event_id: assumption.event_id.map(|id| id.text(&self.observations.symbols)),
            object: Some(self.str(assumption.object).to_owned()),
        }
    }

    /// Returns the sessions that fit a link, when several do; without any when none or one does.
    pub fn fitting(&self, link: &Link) -> Fitting<'_> {
        let runs = link.candidates.and_then(|set| self.runs.get(place(set.start)..place(set.end)));
        Fitting::of(runs.unwrap_or_default(), |list| self.lists.get(place(list)).map(Vec::as_slice).unwrap_or_default())
    }

    /// Returns the changes of what has this name, in order of time.
    pub fn changes_of(&self, target: &str) -> impl DoubleEndedIterator<Item = &Change> + Clone {
        let places = self.observations.symbols.find(target).and_then(|target| self.changes_by_target.get(&target));
        let places = places.map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| self.observations.changes.get(place(*at)))
    }

    /// Returns what principals did, as [`SessionView::actions`] does.
    pub fn actions_of<'l>(&'l self, ids: &'l [PrincipalId]) -> impl Iterator<Item = (&'l Action, &'l Tally)> + use<'l> {
        ids.iter().flat_map(|id| self.actions.of(*id)).map(|(action, tally)| (self.action(*action), tally))
    }

    /// Returns what a principal did, in numbers.
    pub fn activity_of_principal(&self, id: PrincipalId) -> Activity {
        let mut activity = Activity::default();
        for (action, tally) in self.actions.of(id) {
            let action = self.action(*action);
            activity.calls += tally.count();
            if action.error_code.is_some() {
                activity.errors += tally.count();
            } else if action.read_only == Some(false) {
                activity.writes += tally.count();
            }
            activity.first_event = [activity.first_event, tally.first.time()].into_iter().flatten().min();
            activity.last_event = activity.last_event.max(tally.last.time());
        }
        activity
    }

    /// Returns the accounts that have records here, sorted.
    pub fn covered_accounts(&self) -> Vec<&str> {
        let mut accounts: Vec<&str> =
            self.observations.cells.keys().filter_map(|cell| self.opt(cell.account)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }
}

/// A session and the lineage it belongs to: the questions that rules and reports ask.
#[derive(Clone, Copy, Debug)]
pub struct SessionView<'l> {
    lineage: &'l Lineage,
    /// The session's name in the lineage.
    pub id: SessionId,
    /// The session itself.
    pub session: &'l Session,
}

impl<'l> SessionView<'l> {
    /// Returns the lineage.
    pub fn lineage(&self) -> &'l Lineage {
        self.lineage
    }

    /// Returns where trust began.
    pub fn origin(&self) -> &'l Origin {
        self.lineage.origin(self.session.origin)
    }

    /// Returns the record that issued the session: the caller's copy when it is here.
    pub fn issuing_record(&self) -> Option<&'l Assumption> {
        self.session.issuance.map(|Issuance { record, .. }| self.lineage.assumption(record))
    }

    /// Returns the principal that asked for the session.
    pub fn caller(&self) -> Option<&'l Principal> {
        self.issuing_record().map(|record| self.lineage.principal(record.caller))
    }

    /// Returns the ids of both copies of the issuing event, as evidence.
    pub fn issuing_evidence(&self) -> Vec<Evidence> {
        self.session
            .issuance
            .iter()
            .flat_map(|issuance| [Some(issuance.record), issuance.counterpart])
            .flatten()
            .map(|record| self.lineage.assumption_evidence(record))
            .collect()
    }

    /// Returns the role with its path; `None` for sessions of users.
    pub fn role_arn(&self) -> Option<&'l str> {
        self.lineage.opt(self.session.role_arn)
    }

    /// Returns the account that owns the role (or the user).
    pub fn account(&self) -> Option<&'l str> {
        self.lineage.opt(self.session.account)
    }

    /// Returns the account of the principal that asked for the session.
    pub fn caller_account(&self) -> Option<&'l str> {
        self.lineage.opt(self.caller()?.account)
    }

    /// Returns the access key id.
    pub fn access_key(&self) -> Option<&'l str> {
        self.lineage.opt(self.session.access_key)
    }

    /// Returns the account outside that acted in the session, or asked for it, by a temporary delegation.
    pub fn delegate(&self) -> Option<&'l str> {
        self.lineage.opt(self.session.sums.delegate)
    }

    /// Returns the session name.
    pub fn session_name(&self) -> Option<&'l str> {
        self.lineage.opt(self.session.session_name)
    }

    /// Returns true when the caller's account is known and is not the role's.
    pub fn is_cross_account(&self) -> bool {
        match (self.caller_account(), self.account()) {
            (Some(caller), Some(owner)) => caller != owner,
            _ => false,
        }
    }

    /// Returns the session that issued this one.
    pub fn parent(&self) -> Option<Self> {
        self.session.parent.map(|parent| self.lineage.session(parent))
    }

    /// Returns the sessions that this one issued, in order of time.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'l> {
        let lineage = self.lineage;
        let (start, count) = self.session.children;
        let ids = lineage.child_ids.get(place(start)..place(start.saturating_add(count))).unwrap_or_default();
        ids.iter().map(move |id| lineage.session(*id))
    }

    /// Returns the session and its ancestors, the session first.
    pub fn ancestry(&self) -> impl Iterator<Item = Self> + use<'l> {
        std::iter::successors(Some(*self), Self::parent)
    }

    /// Returns the session and all that descend from it, parents before children.
    pub fn descendants(&self) -> Vec<Self> {
        let mut found = vec![*self];
        let mut next = 0;
        while let Some(session) = found.get(next).copied() {
            found.extend(session.children());
            next += 1;
        }
        found
    }

    /// Returns the principals under which the session appears.
    pub fn principals(&self) -> &'l [PrincipalId] {
        let (start, count) = self.session.uses;
        self.lineage.uses.get(place(start)..place(start.saturating_add(count))).unwrap_or_default()
    }

    /// Returns what the session did, in numbers.
    pub fn activity(&self) -> Activity {
        self.session.sums.activity
    }

    /// Returns what the session did: each action with how often, and first and last event. Unsorted when the session
    /// appears as several principals, in which case an action may come more than once.
    pub fn actions(&self) -> impl Iterator<Item = (&'l Action, &'l Tally)> + use<'l> {
        self.lineage.actions_of(self.principals())
    }

    /// Returns from where and with what the session called, with the principal it did so as.
    pub fn contacts(&self) -> impl Iterator<Item = (&'l Principal, &'l Contact, &'l Tally)> + use<'l> {
        let lineage = self.lineage;
        self.principals().iter().flat_map(move |id| {
            let contacts = lineage.contacts.of(*id);
            contacts.iter().map(move |(contact, tally)| (lineage.principal(*id), contact, tally))
        })
    }

    /// Returns a session tag that was passed when the session was issued.
    pub fn tag(&self, key: &str) -> Option<&'l str> {
        let extra = self.issuing_record()?.extra.as_ref()?;
        // Both lists are sorted, and may be as long as whoever wrote the record pleased.
        [&extra.tags, &extra.incoming_tags].into_iter().find_map(|tags| {
            let at = tags.partition_point(|(name, _)| self.lineage.str(*name) < key);
            tags.get(at).filter(|(name, _)| self.lineage.str(*name) == key).map(|(_, value)| self.lineage.str(*value))
        })
    }

    /// Returns when the session began, as far as it is known.
    pub fn issued(&self) -> Option<Timestamp> {
        self.session.issued
    }

    /// Returns a hash of what identifies the session in every run: its principal, its key, and when it began. Not the
    /// event id, which is unknown when the issuance is not here.
    pub fn stable_hash(&self) -> u64 {
        let principal = self.lineage.opt(self.session.principal_id).unwrap_or_default();
        let issued = self.issued().map_or(i64::MIN, |issued| issued.0);
        let name = format!("{principal}\n{}\n{issued}", self.access_key().unwrap_or_default());
        rapidhash::v3::rapidhash_v3(name.as_bytes())
    }

    /// Returns true for sessions that AWS machinery makes for itself: service-linked roles, and services that assume
    /// a role in nobody's name.
    pub fn is_machinery(&self) -> bool {
        self.role_arn().is_some_and(arn::is_service_linked_role)
            || self.origin().kind == super::origin::OriginKind::AwsService
    }
}
