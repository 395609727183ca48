//! From where, and with what.

use std::collections::BTreeMap;

use super::Shape;
use super::Sink;
use super::push;
use crate::audit::network;
use crate::export::Source;
use crate::export::actor;
use crate::export::actor::Actor;
use crate::export::spread::Ends;
use crate::export::spread::Spread;
use crate::frame::FrameError;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::report::wire::Text;

columns! {
    /// From where, and with what.
    pub(super) struct Contacts = "contacts",
        "From where and with what client one session, or one long-term key without a session, called.";
    write (actor, contact, spread): (&'v Actor<'v>, &'v Contact<'v>, &'v Spread<'v>), with source: Source<'v>;
    session_id: str = actor.session, "The session; null for a long-term key.";
    access_key_id: str = &actor.access_key_id,
        "The session's key, or the long-term key. Not unique: join sessions by `session_id`.";
    account_id: str = &actor.account_id, "The account that owns the role or the user.";
    source_ip: str = &contact.0, "The address, or the name of the AWS service that called for the session.";
    network: str = network(contact.0.as_deref()),
        "The public network of the address: /24 for IPv4, /48 for IPv6. Null for private addresses and services.";
    user_agent: str = &contact.1, "The client.";
    via_vpc_endpoint: bool = contact.2, "True when the calls came through a VPC endpoint.";
    events: i64 = spread.events, "How many unique events, assumptions included.";
    ..ends: Ends = spread;
}

pub(super) static SHAPE: Shape = Shape {
    table: Contacts::TABLE,
    key: &["session_id", "access_key_id", "source_ip", "user_agent", "via_vpc_endpoint"],
    joins: &[("session_id", "sessions.session_id"), ("access_key_id", "long_term_keys.access_key_id")],
    day: "first_event",
    rows,
};

/// Address, client, and whether it came through a VPC endpoint.
type Contact<'a> = (Option<Text<'a>>, Option<Text<'a>>, bool);

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for actor in actor::all(source) {
        let mut contacts: BTreeMap<Contact<'_>, Spread<'_>> = BTreeMap::new();
        for (contact, tally) in actor.principals.iter().flat_map(|principal| lineage.contacts.of(*principal)) {
            let text = |sym| source.rows.text(sym);
            let key = (text(contact.source_ip), text(contact.user_agent), contact.via_vpc_endpoint);
            contacts.entry(key).or_default().add(tally, lineage);
        }
        contacts.iter().try_for_each(|(contact, spread)| push::<Contacts>((&actor, contact, spread), source, sink))?;
    }
    Ok(())
}

fn network(address: Option<&str>) -> Option<String> {
    address.and_then(network::real).map(|ip| network::Block::of(ip).to_string())
}
