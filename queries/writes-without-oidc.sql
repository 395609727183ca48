-- Question: Which chains changed something and did not begin with an OIDC token?
-- Columns: what stood at the origin, the roles, the account at the end, how many chains, their writes, first and
--   last. What AWS services do for themselves is left out.
-- Answer: these are the deployments that keys, people and unknown sessions still do. Each line is one step of the
--   migration to OIDC, or one reason to keep a break-glass role. A line without roles is a long-lived key that was
--   used directly.
select
  origin_kind,
  origin,
  role_path,
  last_account_id,
  last_account_name,
  count(*) as chains,
  sum(writes) as writes,
  min(started_at) as first_started,
  max(last_event) as last_event
from chains
where writes > 0 and origin_kind <> 'oidc' and origin_kind <> 'aws_service'
  -- What a service did in a user's name is in the line of the key that called it.
  and (origin_kind <> 'forward_access' or origin_access_key_id is null)
group by origin_kind, origin, role_path, last_account_id, last_account_name
union all
select
  'long_term_key' as origin_kind,
  access_key_id as origin,
  cast(null as varchar) as role_path,
  account_id as last_account_id,
  account_name as last_account_name,
  0 as chains,
  writes,
  first_event as first_started,
  last_event
from long_term_keys
where writes > 0
order by writes desc, origin_kind, origin, role_path, last_account_id
