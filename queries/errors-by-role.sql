-- Question: Which roles run into errors, and which?
-- Columns: the role, the service, the call and the error, by how many sessions, how often, and the last.
-- Answer: a pipeline that is denied the same call every day is misconfigured. Many different denied calls of one
--   session are somebody listing what a stolen session may do.
select
  role_arn,
  event_source,
  event_name,
  error_code,
  count(distinct session_id) as sessions,
  sum(calls) as calls,
  max(last_event) as last_event
from activity
where error_code is not null and role_arn is not null
group by role_arn, event_source, event_name, error_code
order by calls desc, role_arn, event_source, event_name, error_code
