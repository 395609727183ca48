-- Question: Which accounts call us whose logs we do not have?
-- Columns: the calling account, the roles it assumed and how often, whether an ExternalId was always passed, first
--   and last.
-- Answer: either an account of yours whose trail is missing here (add it), or a third party (name it in
--   rolechain.toml, and make sure that it passes an ExternalId). What happened before the assumption is in their
--   logs only.
with covered as (
  select distinct account_id from coverage where account_id is not null
)
select
  s.caller_account_id,
  count(distinct s.role_arn) as roles,
  count(*) as sessions,
  min(case when s.external_id_present then 1 when not s.external_id_present then 0 end) as always_external_id,
  min(s.issued_at) as first_issued,
  max(s.issued_at) as last_issued
from sessions s
left join covered c on s.caller_account_id = c.account_id
where s.caller_account_id is not null and c.account_id is null and not s.is_machinery
group by s.caller_account_id
order by sessions desc, s.caller_account_id
