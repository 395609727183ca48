//! The stories of `sample-logs`: each builds its own objects and says what they show.

mod broken;
mod cast;
mod denied;
mod healthy;
mod intrusion;
mod keys;
mod links;
mod reference;
mod subjects;
mod tampering;
mod vendor;
mod workloads;

use std::collections::BTreeMap;

use super::organization::Organization;

pub(crate) use cast::{
    PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID, deploy_prod, deploy_staging, entry_prod, entry_shared, entry_staging,
};

/// One folder of `sample-logs`.
pub(crate) struct Story {
    /// The folder: a number and a few words.
    pub(crate) name: &'static str,
    /// The title of its page.
    pub(crate) title: &'static str,
    /// What happened.
    pub(crate) happened: &'static str,
    /// What rolechain should say.
    pub(crate) says: &'static str,
    /// The objects, by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// The logs that they were made from.
    pub(crate) org: Organization,
}

impl Story {
    /// Returns the story's page.
    pub(crate) fn page(&self) -> String {
        format!("# {}\n\n{}\n\n**What rolechain should say:** {}\n", self.title, self.happened.trim(), self.says.trim())
    }

    fn new(name: &'static str, title: &'static str, org: Organization) -> Self {
        let objects = org.objects();
        Self { name, title, happened: "", says: "", objects, org }
    }

    fn told(self, happened: &'static str, says: &'static str) -> Self {
        Self { happened, says, ..self }
    }
}

/// Returns every story, in the order of its number.
pub(crate) fn all() -> Vec<Story> {
    vec![
        healthy::story(),
        subjects::unexpected_branch(),
        subjects::pull_request(),
        vendor::without_external_id(),
        keys::in_ci(),
        keys::unfinished_migration(),
        denied::forgotten_chaining(),
        links::juggling(),
        links::one_sided(),
        links::collision(),
        broken::files(),
        denied::refusals(),
        intrusion::story(),
        tampering::story(),
        subjects::cross_repo(),
        intrusion::people(),
        reference::story(),
        workloads::story(),
    ]
}
