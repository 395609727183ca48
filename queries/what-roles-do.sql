-- Question: What do the roles really change?
-- Columns: the role, the service and the call, by how many sessions, how often, first and last. Only successful
--   writes.
-- Answer: compare it with what the role's policy allows. Calls that a deploy role never makes can go from its
--   policy; calls that surprise you are worth a trace.
select
  role_arn,
  event_source,
  event_name,
  count(distinct session_id) as sessions,
  sum(calls) as calls,
  min(first_event) as first_event,
  max(last_event) as last_event
from activity
where is_write and role_arn is not null
group by role_arn, event_source, event_name
order by role_arn, calls desc, event_source, event_name
