//! Services that are named by their address alone: the copy of a call in the account that was called says of its caller only
//! the account and the principal id, and not that a service called in its name. Where the call came from does.

use crate::model::arn;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::symbols::Sym;
use crate::model::width::id_of;

/// Says of callers of assumptions that a service called for them, where `sourceIPAddress` is that of a service.
///
/// AWS writes this address; no caller can choose it.
pub(super) fn name(observations: &mut Observations) {
    let mut named: Map<(PrincipalId, Sym), PrincipalId> = Map::default();
    let Observations { assumptions, principals, symbols, .. } = observations;
    for record in assumptions {
        let Some(caller) = super::principal_of(principals, record.caller).copied() else { continue };
        let is_bare = caller.kind == PrincipalKind::AwsAccount && caller.invoked_by.is_none();
        let Some(service) = record.source_ip.filter(|address| is_bare && arn::is_service(symbols.get(*address))) else {
            continue;
        };
        record.caller = *named.entry((record.caller, service)).or_insert_with(|| {
            principals.push(Principal { invoked_by: Some(service), ..caller });
            PrincipalId(id_of(principals.len() - 1))
        });
    }
}
