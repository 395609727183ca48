//! Who acts: sessions, and long-term keys that are used without one.

use super::Source;
use crate::model::chain::SessionId;
use crate::model::principal::PrincipalId;
use crate::report::wire::Text;

/// A session, or a long-term key.
pub(super) struct Actor<'a> {
    /// The session; `None` for a key.
    pub(super) session: Option<SessionId>,
    /// The session's key, or the long-term key.
    pub(super) access_key_id: Option<Text<'a>>,
    /// The session's role.
    pub(super) role_arn: Option<Text<'a>>,
    /// The account of the role or the user.
    pub(super) account_id: Option<Text<'a>>,
    /// Under which principals it appears.
    pub(super) principals: &'a [PrincipalId],
}

/// Returns every session, then every long-term key.
pub(super) fn all<'s, 'a: 's>(source: &'s Source<'a>) -> impl Iterator<Item = Actor<'a>> + 's {
    let rows = source.rows;
    let lineage = rows.lineage();
    let sessions = lineage.sessions().map(move |view| Actor {
        session: Some(view.id),
        access_key_id: rows.key(view.session.access_key),
        role_arn: rows.text(view.session.role_arn),
        account_id: rows.text(view.session.account),
        principals: view.principals(),
    });
    let keys = lineage.long_term_keys.iter().map(move |key| Actor {
        session: None,
        access_key_id: rows.key(Some(key.access_key)),
        role_arn: None,
        // As the report says it: usually one, and the same one for every order of files.
        account_id: key
            .principals
            .iter()
            .filter_map(|id| lineage.opt(lineage.principal(*id).account))
            .min()
            .map(|account| rows.shade.text(account)),
        principals: &key.principals,
    });
    sessions.chain(keys)
}
