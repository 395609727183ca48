-- Question: Which sessions were asked for and then not used?
-- Columns: the origin, the role, how many sessions did nothing and assumed nothing, of how many in all, and the
--   last. Data events are only in logs whose trail records them: such sessions may have read from S3 unseen.
-- Answer: a workflow that asks for credentials in every job needs them in one. Each needless session is one more
--   that can leak.
select
  origin_kind,
  origin,
  role_arn,
  sum(case when calls = 0 and child_sessions = 0 then 1 else 0 end) as unused_sessions,
  count(*) as sessions,
  max(issued_at) as last_issued
from sessions
where parent_session_id is null and event_name is not null and role_arn is not null and not is_machinery
group by origin_kind, origin, role_arn
having sum(case when calls = 0 and child_sessions = 0 then 1 else 0 end) > 0
order by unused_sessions desc, origin, role_arn
