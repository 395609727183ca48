//! Uses: from where, when and with what sessions were used directly, and what may have been signed apart from its use.

use std::net::IpAddr;

use crate::audit::client;
use crate::audit::client::Client;
use crate::audit::network;
use crate::join::CLOCK_SKEW;
use crate::model::lineage::SessionView;
use crate::model::observations::Action;
use crate::model::observations::Contact;
use crate::model::principal::Principal;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

/// One client that used a session from one address.
#[derive(Clone, Copy)]
pub(super) struct Use<'a> {
    pub(super) session: SessionView<'a>,
    pub(super) contact: &'a Contact,
    pub(super) tally: &'a Tally,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Use<'_> {
    /// True when it may be no use of the credentials themselves: a presigned address of an S3 object, or a presigned
    /// `GetCallerIdentity`, is sent by whoever was handed one. `from` is when the uses begin that are asked about.
    pub(super) fn may_be_presigned(&self, from: Timestamp) -> bool {
        let begins = self.first.max(from);
        let mut then = direct_actions(self.session)
            .filter(|(_, tally)| tally.last.time() >= Some(begins) && tally.first.time() <= Some(self.last))
            .peekable();
        let lineage = self.session.lineage();
        let is_signed_apart = |action: &Action| match (lineage.opt(action.source), lineage.opt(action.name)) {
            (Some("s3.amazonaws.com"), Some(name)) => matches!(name, "GetObject" | "HeadObject" | "PutObject"),
            (Some("sts.amazonaws.com"), Some(name)) => name == "GetCallerIdentity",
            _ => false,
        };
        // These sign all that they send.
        let signs = Client::read(lineage.opt(self.contact.user_agent).unwrap_or_default());
        let is_signer = matches!(signs.family.as_str(), "aws-cli" | "boto3" | "terraform" | "pulumi");
        !is_signer && then.peek().is_some() && then.all(|(action, _)| is_signed_apart(action))
    }

    /// Returns the public address that it came from.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        let ip = self.session.lineage().opt(self.contact.source_ip).filter(|_| !self.contact.via_vpc_endpoint)?;
        network::real(ip)
    }
}

/// Returns the direct uses of a session: not those of services that act in its name, nor presigned requests, which whoever
/// was handed one sends.
pub(super) fn of(session: SessionView<'_>) -> Vec<Use<'_>> {
    let lineage = session.lineage();
    let direct = |(principal, contact, tally): (_, _, _)| {
        let principal: &Principal = principal;
        let (contact, tally): (&Contact, &Tally) = (contact, tally);
        let agent = lineage.opt(contact.user_agent).unwrap_or_default();
        let ip = lineage.opt(contact.source_ip).unwrap_or_default();
        let is_service = principal.invoked_by.is_some() || ip == "AWS Internal" || ip.ends_with(".amazonaws.com");
        let (first, last) = tally.first.time().zip(tally.last.time())?;
        (!is_service && !client::is_presigned(agent)).then_some(Use { session, contact, tally, first, last })
    };
    session.contacts().filter_map(direct).collect()
}

/// Returns the time after which something is not the work of what ended then, as far as the clocks agree.
pub(super) fn surely_after(end: Timestamp) -> Timestamp {
    end.plus(CLOCK_SKEW)
}

/// Returns what a session did itself. Services that go on in its name do what they were asked for before.
pub(super) fn direct_actions(session: SessionView<'_>) -> impl Iterator<Item = (&Action, &Tally)> {
    let lineage = session.lineage();
    let own = session.principals().iter().filter(move |id| lineage.principal(**id).invoked_by.is_none());
    own.flat_map(move |id| lineage.actions.of(*id)).map(move |(action, tally)| (lineage.action(*action), tally))
}
