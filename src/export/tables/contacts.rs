//! From where, and with what.

use std::collections::BTreeMap;

use super::Shape;
use super::Sink;
use super::cells::boolean;
use super::cells::integer;
use super::cells::moment;
use super::cells::text;
use crate::audit::network;
use crate::export::Source;
use crate::export::actor;
use crate::export::spread::Spread;
use crate::frame::FrameError;
use crate::frame::Table;

pub(super) static SHAPE: Shape = Shape {
    table: Table {
        name: "contacts",
        doc: "From where and with what client one session, or one long-term key without a session, called.",
        columns: &[
            text("session_id", "The session; null for a long-term key."),
            text(
                "access_key_id",
                "The session's key, or the long-term key. Not unique: join sessions by `session_id`.",
            ),
            text("account_id", "The account that owns the role or the user."),
            text("source_ip", "The address, or the name of the AWS service that called for the session."),
            text(
                "network",
                "The public network of the address: /24 for IPv4, /48 for IPv6. Null for private addresses and services.",
            ),
            text("user_agent", "The client."),
            boolean("via_vpc_endpoint", "True when the calls came through a VPC endpoint."),
            integer("events", "How many unique events, assumptions included."),
            moment("first_event", "The earliest."),
            moment("last_event", "The latest."),
            text("first_event_id", "The event id of the earliest."),
            text("last_event_id", "The event id of the latest."),
        ],
    },
    key: &["session_id", "access_key_id", "source_ip", "user_agent", "via_vpc_endpoint"],
    joins: &[("session_id", "sessions.session_id"), ("access_key_id", "long_term_keys.access_key_id")],
    day: "first_event",
    rows,
};

fn rows(source: &Source<'_>, sink: &mut Sink<'_>) -> Result<(), FrameError> {
    let lineage = source.rows.lineage();
    for actor in actor::all(source) {
        let mut contacts: BTreeMap<_, Spread<'_>> = BTreeMap::new();
        for (contact, tally) in actor.principals.iter().flat_map(|principal| lineage.contacts.of(*principal)) {
            let text = |sym| source.rows.text(sym);
            let key = (text(contact.source_ip), text(contact.user_agent), contact.via_vpc_endpoint);
            contacts.entry(key).or_default().add(tally, lineage);
        }
        for ((source_ip, user_agent, via_endpoint), spread) in &contacts {
            let network = source_ip.as_deref().and_then(network::real).map(|ip| network::Block::of(ip).to_string());
            let [first_id, last_id] = spread.event_ids(&source.rows);
            sink(&[
                actor.session_id.as_deref().into(),
                actor.access_key_id.as_deref().into(),
                actor.account_id.as_deref().into(),
                source_ip.as_deref().into(),
                network.as_deref().into(),
                user_agent.as_deref().into(),
                (*via_endpoint).into(),
                spread.events.into(),
                spread.first().into(),
                spread.last().into(),
                first_id.as_deref().into(),
                last_id.as_deref().into(),
            ])?;
        }
    }
    Ok(())
}
