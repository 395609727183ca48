//! Which session came from which? Observations in, the lineage out. Pure: no clock, no environment, no I/O.

mod amended;
mod by_id;
mod chains;
mod copies;
mod denials;
mod finder;
mod foreign;
mod gaps;
mod group;
mod keys;
mod lists;
mod lost;
mod order;
mod origins;
mod parents;
mod roles;
mod routes;
mod services;
mod sessions;
mod settle;
mod shared;
mod sums;
mod twins;
mod users;
mod ways;
mod window;

use crate::model::lineage::Lineage;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::time::Timestamp;
use crate::model::width::place;

/// What correlation needs to know besides the observations.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// The start of the window, when one was asked for: sessions that ended before it and lead to none are left out.
    pub since: Option<Timestamp>,
    /// True when only some accounts or regions were asked for.
    pub is_filtered: bool,
}

/// Links every session to what issued it, and folds the result into chains and routes.
///
/// The result depends only on what the observations say, not on the order in which they were made.
pub fn correlate(mut observations: Observations, options: &Options) -> Lineage {
    settle::settle(&mut observations);
    services::name(&mut observations);
    twins::settle(&mut observations);
    foreign::settle(&mut observations);
    let issuances = settle::issuances(&observations);
    copies::complete(&mut observations, &issuances);
    roles::complete(&mut observations);
    let activity = group::group(&mut observations);
    let mut book = sessions::build(&mut observations, &issuances, &activity);
    parents::link(&mut book, &observations);
    window::prune(&mut book, &activity, options.since);
    let users = users::Users::collect(&observations, &activity);
    let origins = origins::find(&mut book, &observations, &users);
    gaps::name(&mut book, &observations, &origins, &users);
    let mut lineage = book.into_lineage(observations, origins, activity);
    lineage.is_filtered = options.is_filtered;
    sums::add(&mut lineage);
    chains::build(&mut lineage, options);
    lineage.denied = denials::fold(&lineage);
    lineage.long_term_keys = keys::collect(&lineage);
    routes::add_direct(&mut lineage);
    lineage
}

fn principal_of(principals: &[Principal], id: PrincipalId) -> Option<&Principal> {
    principals.get(place(id.0))
}
