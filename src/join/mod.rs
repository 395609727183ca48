//! Which run made which chain? Joins what CI systems say of their runs with the chains of a lineage, and says how sure it is.
//!
//! The token's subject is signed. The run that a client names is its claim. The CI system's own record is a third witness:
//! only where claim, subject and the time of a job agree is a link exact. Pure, and the same in whatever order facts came.

mod claim;
mod grade;
mod index;
mod link;
mod place;
mod wanted;
mod wanted_reviews;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ci::Facts;
use crate::model::chain::ChainId;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;

pub use link::Contradiction;
pub use link::Found;
pub use link::Grade;
pub use link::RunLink;
pub use wanted::wanted;
pub use wanted_reviews::wanted_reviews;

/// By how many seconds the clocks of AWS and of a CI system may differ, and how long a job may take to be called ended. It
/// is stated in reports.
pub const CLOCK_SKEW: i64 = 60;

/// What CI systems say, and to which chains it belongs.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// What the files say.
    pub facts: Arc<Facts>,
    /// The link of each chain that a job of a CI system began, or whose caller says so.
    pub links: BTreeMap<ChainId, RunLink>,
}

impl Joined {
    /// Returns how many chains have a link of each grade, the surest first.
    pub fn by_grade(&self) -> BTreeMap<Grade, usize> {
        let mut counts = BTreeMap::new();
        for link in self.links.values() {
            *counts.entry(link.grade).or_default() += 1;
        }
        counts
    }
}

/// Links chains to runs.
pub fn join(lineage: &Lineage, facts: Arc<Facts>) -> Joined {
    let index = index::Index::of(&facts);
    // Many chains begin with one session: what they claim alone tells them apart.
    let mut known: BTreeMap<(SessionId, Option<claim::Claim>), Option<RunLink>> = BTreeMap::new();
    let mut links = BTreeMap::new();
    for chain in &lineage.chains {
        let Some(first) = chain.path.first().copied() else { continue };
        let claim = claim::of_chain(lineage, chain);
        let link = known.entry((first, claim)).or_insert_with_key(|(first, claim)| {
            let entry = lineage.session(*first);
            claim::is_of_ci(entry, claim.as_ref()).then(|| grade::link(entry, claim.as_ref(), &index))
        });
        if let Some(link) = link {
            links.insert(chain.id, link.clone());
        }
    }
    Joined { facts, links }
}
