//! Network activity events: which records are the second ones of calls.

use crate::model::record::Record;

/// The policy of a VPC endpoint refused the call. It never came to the service: there is no other record of it.
const DENIED: &str = "VpceAccessDenied";

/// Says whether a record is the second one of a call that has one of its own, with more in it. What an endpoint denied is
/// none: such a record counts as all others do.
#[inline]
pub fn is_second_record(record: &Record<'_>) -> bool {
    let is_network = match record.event_category.as_deref() {
        Some(category) => category == "NetworkActivity",
        None => record.event_type.as_deref() == Some("AwsVpceEvent"),
    };
    is_network && record.error_code.as_deref() != Some(DENIED)
}
