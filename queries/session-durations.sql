-- Question: How long do sessions of each role last, and how long are they really used?
-- Columns: the role, how many sessions, the shortest and longest lifetime, the median lifetime, and the longest
--   time from issue to last call; all in seconds. Sessions whose issuance is not in the logs have no lifetime.
-- Answer: sessions that live twelve hours and work two minutes can be shortened (MaxSessionDuration, or the
--   duration that the pipeline asks for): a stolen session is worth as much as the time it has left.
with lived as (
  select
    role_arn,
    duration_seconds,
    extract(epoch from last_event) - extract(epoch from issued_at) as used_seconds
  from sessions
  where role_arn is not null and duration_seconds is not null and not is_machinery
)
select
  role_arn,
  count(*) as sessions,
  min(duration_seconds) as shortest,
  median(duration_seconds) as median_lifetime,
  max(duration_seconds) as longest,
  max(used_seconds) as longest_use
from lived
group by role_arn
order by longest desc, sessions desc, role_arn
