//! What is asked about the way from an origin to a session.

use super::assumption::IssuingCall;
use super::chain::Gap;
use super::chain::Link;
use super::chain::SessionId;
use super::lineage::Lineage;
use super::lineage::SessionView;
use super::width::place;

impl Lineage {
    /// Returns every session, parents before their children, and all that descend from one together.
    pub fn parents_first(&self) -> Vec<SessionId> {
        let firsts = self.sessions().filter(|session| session.session.parent.is_none());
        let mut waiting: Vec<SessionId> = firsts.map(|session| session.id).collect();
        waiting.reverse();
        let mut order = Vec::with_capacity(self.sessions.len());
        while let Some(id) = waiting.pop() {
            order.push(id);
            let children = waiting.len();
            waiting.extend(self.session(id).children().map(|child| child.id));
            waiting.get_mut(children..).unwrap_or_default().reverse();
        }
        order
    }

    /// Returns what each session has of itself and of its parent, by its number: so nobody walks up from each session.
    pub fn handed_down<'l, T: Default>(&'l self, of: impl Fn(SessionView<'l>, Option<&T>) -> T) -> Vec<T> {
        let mut all: Vec<T> = self.sessions.iter().map(|_| T::default()).collect();
        for id in self.parents_first() {
            let session = self.session(id);
            let own = of(session, session.session.parent.and_then(|parent| all.get(place(parent.0))));
            if let Some(slot) = all.get_mut(place(id.0)) {
                *slot = own;
            }
        }
        all
    }
}

impl<'l> SessionView<'l> {
    /// Returns the sessions that fit one of the session's links, in order of issue, when several do.
    pub fn candidates(&self, link: &Link) -> impl Iterator<Item = Self> + use<'l> {
        let (lineage, own) = (self.lineage(), self.id);
        lineage.fitting(link).filter(move |id| *id != own).map(move |id| lineage.session(id))
    }

    /// Returns how many sessions fit one of the session's links, when several do.
    pub fn count_candidates(&self, link: &Link) -> usize {
        self.lineage().fitting(link).others_than(self.id)
    }

    /// Returns the first session of the way to this one.
    #[must_use]
    pub fn first(&self) -> Self {
        self.lineage().session(self.session.way.first)
    }

    /// Returns the gaps of the session and its ancestors, the first session's first. Each is there once.
    pub fn gaps(&self) -> Vec<&'l Gap> {
        let lineage = self.lineage();
        let above = |id: SessionId| lineage.session(id).parent().and_then(|parent| parent.session.way.gap);
        let mut sessions: Vec<SessionId> = std::iter::successors(self.session.way.gap, |id| above(*id)).collect();
        sessions.reverse();
        let mut gaps: Vec<&Gap> = Vec::new();
        for gap in sessions.into_iter().flat_map(|id| &lineage.session(id).session.gaps) {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        gaps
    }

    /// Tokens, assertions and certificates come from no account; otherwise both accounts must be known.
    pub fn crosses_accounts(&self) -> Option<bool> {
        match self.issuing_record()?.call {
            // A token of AWS is of the session that asked for it, in an account of another partition.
            IssuingCall::WebIdentity if self.parent().is_some() => {
                self.parent().and_then(|parent| parent.account()).zip(self.account()).map(|(from, to)| from != to)
            }
            IssuingCall::WebIdentity | IssuingCall::Saml | IssuingCall::RolesAnywhere | IssuingCall::PodIdentity => {
                Some(false)
            }
            _ => {
                self.caller_account().zip(self.account())?;
                Some(self.is_cross_account())
            }
        }
    }

    /// Returns true when an external id was passed; `None` when nobody knows.
    pub fn has_external_id(&self) -> Option<bool> {
        let record = self.issuing_record()?;
        record.said(record.external_id).is_passed()
    }

    /// Returns the roles of the sessions above, the nearest first.
    pub fn roles_above(&self) -> impl Iterator<Item = &'l str> + use<'l> {
        self.ancestry().skip(1).filter_map(|above| above.role_arn())
    }
}
