-- Question: Which chains changed something and did not begin with an OIDC token?
-- Columns: what stood at the origin, the roles, the account at the end, how many chains, their writes, first and
--   last. What AWS services do for themselves is left out.
-- Answer: these are the deployments that keys, people and unknown sessions still do. Each line is one step of the
--   migration to OIDC, or one reason to keep a break-glass role.
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
group by origin_kind, origin, role_path, last_account_id, last_account_name
order by writes desc, origin_kind, origin, role_path
