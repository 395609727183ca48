-- Question: Who reached production in the last seven days, and how?
-- Columns: the account and its name, what stood at the origin, the roles on the way, how many chains, calls and
--   writes, and from when to when. Production is an account, role or deployment environment with `prod` in its name;
--   give accounts names in rolechain.toml, or change the filter. The seven days end with the newest event.
-- Answer: every line should be a pipeline or a person that you expect there. An origin that is no OIDC subject, or
--   a subject of a branch instead of an environment, is worth a look: `rolechain chains SOURCE --subject …`. A line
--   without roles is a long-lived key that was used directly.
with newest as (
  select max(last_event) - interval '7 days' as since from chains
)
select
  c.last_account_id,
  c.last_account_name,
  c.origin_kind,
  c.origin,
  c.role_path,
  count(*) as chains,
  sum(c.calls) as calls,
  sum(c.writes) as writes,
  min(c.started_at) as first_started,
  max(c.last_event) as last_event
from chains c
cross join newest
where c.last_event >= newest.since
  and (c.last_account_name like '%prod%' or c.last_role_name like '%prod%' or c.environment like '%prod%')
  -- What a service did in a user's name is in the line of the key that called it.
  and (c.origin_kind <> 'forward_access' or c.origin_access_key_id is null)
group by c.last_account_id, c.last_account_name, c.origin_kind, c.origin, c.role_path
union all
select
  k.account_id as last_account_id,
  k.account_name as last_account_name,
  'long_term_key' as origin_kind,
  k.access_key_id as origin,
  cast(null as varchar) as role_path,
  0 as chains,
  k.calls,
  k.writes,
  k.first_event as first_started,
  k.last_event
from long_term_keys k
cross join newest
where k.last_event >= newest.since and k.calls > 0 and k.account_name like '%prod%'
order by writes desc, chains desc, origin, role_path
