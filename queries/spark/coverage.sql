-- coverage: unique records of each account's log of each region, by day. Without it, no findings cannot be distinguished from
-- no logs.
-- In: events. Parameters, in order: the first and the last day of events, as 2026-11-01 and 2026-11-30; an empty text
-- as the first takes in records without a time.
-- Translated from queries/athena by .ci/queries.py: change it there.
SELECT
  account_id,
  region,
  COUNT(*) AS records,
  COUNT(CASE WHEN read_only THEN 1 END) AS read_only_records,
  COUNT(CASE WHEN event_source = 'sts.amazonaws.com' THEN 1 END) AS sts_records,
  MIN(event_time) AS first_event,
  MAX(event_time) AS last_event,
  dt
FROM events
WHERE
  COALESCE(dt, '') BETWEEN ? AND ?
GROUP BY
  account_id,
  region,
  dt
