-- Question: Which sessions were used from more than one network?
-- Columns: the session, its role and origin, how many public networks (/24 for IPv4, /48 for IPv6), the first and
--   the last of them by name, how many events, and from when to when.
-- Answer: one machine rarely has two networks within an hour. Rule out NAT pools and VPNs (name them in
--   rolechain.toml), then treat the session as stolen: revoke it, and look at what it did from the second network.
with places as (
  select
    session_id,
    count(distinct network) as networks,
    min(network) as one_network,
    max(network) as other_network,
    sum(events) as events,
    min(first_event) as first_event,
    max(last_event) as last_event
  from contacts
  where network is not null and session_id is not null
  group by session_id
)
select
  p.session_id,
  s.role_arn,
  s.origin_kind,
  s.origin,
  p.networks,
  p.one_network,
  p.other_network,
  p.events,
  p.first_event,
  p.last_event
from places p
join sessions s on p.session_id = s.session_id
where p.networks > 1
order by p.networks desc, p.last_event desc, p.session_id
