-- Question: Which callers of other accounts assume our roles without an ExternalId?
-- Columns: the calling account and principal, the role and its account, how many sessions, first and last. Only
--   AssumeRole can pass an ExternalId, so tokens and assertions are not in here.
-- Answer: a caller of a vendor must pass an ExternalId that only you two know, and the role must demand it.
--   Between your own accounts it is not needed: name them in rolechain.toml.
select
  caller_account_id,
  caller_arn,
  role_arn,
  account_id,
  count(*) as sessions,
  min(issued_at) as first_issued,
  max(issued_at) as last_issued
from sessions
where event_name = 'AssumeRole' and is_cross_account and not external_id_present
group by caller_account_id, caller_arn, role_arn, account_id
order by sessions desc, caller_account_id, caller_arn, role_arn
