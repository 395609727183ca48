-- Question: Which token subjects use each role, and which are refused?
-- Columns: the role, the issuer and the subject; how many assumptions were granted and denied; first and last. The
--   tables know what was used, not what the trust policy would admit: compare this list with the policy's `sub`
--   condition.
-- Answer: a role whose policy admits `repo:acme/*` and that three subjects use can be narrowed to those three. A
--   subject that is only ever denied is a misconfigured workflow, or somebody trying.
select
  role_name,
  role_arn,
  provider,
  subject,
  sum(case when is_granted then 1 else 0 end) as granted,
  sum(case when is_granted then 0 else 1 end) as denied,
  min(event_time) as first_event,
  max(event_time) as last_event
from assumptions
where subject is not null
group by role_name, role_arn, provider, subject
order by role_arn, granted desc, subject, provider
