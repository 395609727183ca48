-- Question: Who changed something outside of working hours?
-- Columns: the chain, its origin and roles, when it began, the hour (UTC) and the day of the week (1 is Monday),
--   its writes, the CI run, and whether that is proved or claimed. Working hours are 06:00 to 19:59 UTC from Monday
--   to Friday: change the filter to yours.
-- Answer: a scheduled pipeline belongs here; a person or a pipeline that nobody started does not. The CI run says
--   who pressed the button.
select
  chain_id,
  origin_kind,
  origin,
  role_path,
  started_at,
  extract(hour from started_at) as hour_utc,
  extract(isodow from started_at) as day_of_week,
  writes,
  ci_run_url,
  ci_run_basis
from chains
where writes > 0
  and origin_kind <> 'aws_service'
  and (extract(isodow from started_at) > 5 or extract(hour from started_at) < 6 or extract(hour from started_at) > 19)
order by started_at desc, chain_id
