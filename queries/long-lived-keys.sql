-- Question: Which long-lived keys could do the most harm?
-- Columns: the key, its user and account, whether a CI system uses it and what shows that, how many roles and
--   accounts it reached through assumptions, its writes directly and through those roles, from how many addresses it
--   was used, and its last use.
-- Answer: from the top: replace CI keys by OIDC, people's keys by IAM Identity Center, then delete the key. A key
--   that reaches many accounts deserves its own incident plan.
with reached as (
  select
    origin_access_key_id as key_id,
    count(*) as chains,
    count(distinct last_role_arn) as roles,
    count(distinct last_account_id) as accounts,
    sum(writes) as writes
  from chains
  where origin_access_key_id is not null and last_role_arn is not null
  group by origin_access_key_id
)
select
  k.access_key_id,
  k.principal_arn,
  k.account_id,
  k.is_ci,
  k.ci_sign,
  k.ci_reason,
  coalesce(r.roles, 0) as roles_reached,
  coalesce(r.accounts, 0) as accounts_reached,
  k.writes as direct_writes,
  coalesce(r.writes, 0) as writes_through_roles,
  k.source_ips,
  k.last_event
from long_term_keys k
left join reached r on k.access_key_id = r.key_id
order by roles_reached desc, writes_through_roles desc, direct_writes desc, k.access_key_id
