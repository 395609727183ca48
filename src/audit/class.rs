//! Classes: what a role is for, as the owners say or as these logs show.

use std::sync::OnceLock;

use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::expect::RoleClass;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::width::place;

/// So many runs of pipelines are needed before a role counts as theirs.
const FEWEST_RUNS: u64 = 3;

/// Who uses a role, in numbers of sessions.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    by_pipelines: u64,
    by_others: u64,
    wrote: bool,
}

/// What the roles of a lineage are for.
pub(super) struct Classes<'c, 'a> {
    context: &'c Context<'a>,
    uses: Map<Sym, Use>,
    /// Of each session, whether a role for emergencies lies on the way to it, the session included.
    through_break_glass: OnceLock<Vec<bool>>,
}

impl<'c, 'a> Classes<'c, 'a> {
    /// Looks at every session once.
    pub(super) fn observe(context: &'c Context<'a>) -> Self {
        let mut uses: Map<Sym, Use> = Map::default();
        for session in context.lineage.sessions() {
            let Some(role) = session.session.role_arn else { continue };
            if is_noise(session) {
                continue;
            }
            let role = uses.entry(role).or_default();
            if !session.origin().is_pipeline {
                role.by_others += 1;
            } else if !subjects::is_entry(session) {
                role.by_pipelines += 1;
                role.wrote = role.wrote || session.activity().writes > 0;
            }
        }
        Self { context, uses, through_break_glass: OnceLock::new() }
    }

    /// Returns what the owners say.
    pub(super) fn declared(&self, role_arn: &str) -> Option<RoleClass> {
        self.context.expectations.role(role_arn)?.class
    }

    /// Returns true for deploy roles: declared ones, and those that a pipeline chained into and wrote with, unless
    /// the owners say that they are something else.
    pub(super) fn is_deploy(&self, session: SessionView<'_>) -> bool {
        session.session.role_arn.is_some_and(|role| self.is_deploy_role(role))
    }

    /// Returns true for deploy roles, also of one that nobody assumed.
    pub(super) fn deploys(&self, role_arn: &str) -> bool {
        let assumed = self.context.lineage.observations.symbols.find(role_arn);
        assumed.map_or_else(|| self.declared(role_arn) == Some(RoleClass::Deploy), |role| self.is_deploy_role(role))
    }

    fn is_deploy_role(&self, role: Sym) -> bool {
        let seen = self.uses.get(&role);
        self.declared(self.context.lineage.str(role))
            .map_or_else(|| seen.is_some_and(|seen| seen.wrote), |class| class == RoleClass::Deploy)
    }

    /// Returns true when a role for emergencies lies on the way to the session: that is what such a role is for.
    pub(super) fn is_through_break_glass(&self, session: SessionView<'_>) -> bool {
        let is_one = |session: SessionView<'_>| {
            session.role_arn().and_then(|role| self.declared(role)) == Some(RoleClass::BreakGlass)
        };
        let through = self
            .through_break_glass
            .get_or_init(|| self.context.lineage.handed_down(|session, above| above == Some(&true) || is_one(session)));
        let above = session.session.parent.and_then(|parent| through.get(place(parent.0)));
        above.copied().unwrap_or_default()
    }

    /// Returns true for a role that nothing is declared of and that is, by these logs, the pipelines' own: they
    /// deploy with it, at least three times and in four of five sessions.
    pub(super) fn belongs_to_pipelines(&self, session: SessionView<'_>) -> bool {
        let is_silent = session.role_arn().is_some_and(|role| self.context.expectations.role(role).is_none());
        let seen = session.session.role_arn.and_then(|role| self.uses.get(&role)).copied().unwrap_or_default();
        is_silent && seen.wrote && seen.by_pipelines >= FEWEST_RUNS && seen.by_pipelines >= 4 * seen.by_others
    }
}

/// Returns true for the sessions of pipelines, and of the roles that the owners made for them.
pub(super) fn is_of_ci(context: &Context<'_>, session: SessionView<'_>) -> bool {
    let class = session.role_arn().and_then(|role| context.expectations.role(role)).and_then(|role| role.class);
    session.origin().is_pipeline || matches!(class, Some(RoleClass::Deploy | RoleClass::Entry))
}

/// Returns true for sessions that AWS opens for itself, as [`Sums::is_noise`](crate::model::chain::Sums::is_noise) says.
pub(super) fn is_noise(session: SessionView<'_>) -> bool {
    session.session.sums.is_noise
}
