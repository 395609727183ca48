//! The roles of chains and routes for a reader: where some of a long way are left out, their number.

use super::Rows;
use super::Text;
use super::chain::Chain;
use super::chain::Route;
use crate::model::chain;
use crate::model::chain::LISTED_ENDS;
use crate::model::chain::SessionId;
use crate::model::width::wide;

impl<'a> Route<'a> {
    /// Returns the roles for a reader: where some are left out, their number.
    pub fn roles(&self) -> Vec<Text<'a>> {
        with_omitted(self.role_arns.clone(), LISTED_ENDS, self.roles_omitted.unwrap_or_default())
    }

    /// Returns how many roles there are, those included that are not listed.
    pub fn count_roles(&self) -> u64 {
        wide(self.role_arns.len()) + self.roles_omitted.unwrap_or_default()
    }
}

impl<'a> Chain<'a> {
    /// Returns the roles for a reader: where hops are left out, their number.
    pub fn roles(&self) -> Vec<Text<'a>> {
        let after =
            self.hops_omitted.as_ref().map_or(0, |omitted| usize::try_from(omitted.after).unwrap_or(usize::MAX));
        let count = self.hops_omitted.as_ref().map_or(0, |omitted| omitted.count);
        let roles: Vec<Text<'a>> = self.hops.iter().filter_map(|hop| hop.role_arn.clone()).collect();
        with_omitted(roles, after, count)
    }
}

fn with_omitted(mut roles: Vec<Text<'_>>, after: usize, omitted: u64) -> Vec<Text<'_>> {
    if omitted > 0 {
        roles.insert(after.min(roles.len()), Text::Owned(format!("… {omitted} more …")));
    }
    roles
}

impl<'a> Rows<'a> {
    /// Returns the roles of a chain for a reader: where hops are left out, their number.
    pub fn roles_of(&self, chain: &chain::Chain) -> Vec<Text<'a>> {
        self.roles_to(chain, self.lineage().leaf(chain).id)
    }

    /// Returns the roles of a chain down to a session of it.
    pub fn roles_to(&self, chain: &chain::Chain, session: SessionId) -> Vec<Text<'a>> {
        let lineage = self.lineage();
        let count = chain.path.iter().position(|id| *id == session).map_or(chain.path.len(), |at| at + 1);
        let roles = chain.path.iter().take(count).filter_map(|id| lineage.session(*id).role_arn());
        let omitted = chain.omitted.filter(|omitted| omitted.after < count);
        let (after, left_out) = omitted.map_or((0, 0), |omitted| (omitted.after, wide(omitted.count)));
        with_omitted(roles.map(|role| self.shade.text(role)).collect(), after, left_out)
    }
}
