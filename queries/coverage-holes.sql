-- Question: On which days do the logs of an account and region say nothing?
-- Columns: the account, the region, how many days of the whole time have records and how many have none, the first
--   and the last day with records, and how many records.
-- Answer: a quiet region is normal, a quiet account is not. Where days are missing, no finding means nothing:
--   check the trail, the delivery and the prefix that was read. Missing days at the end are often just late.
with ends as (
  select min(day) as first_day, max(day) as last_day from coverage
),
span as (
  select cast((extract(epoch from last_day) - extract(epoch from first_day)) / 86400 + 1 as bigint) as days
  from ends
),
seen as (
  select
    account_id,
    account_name,
    region,
    count(distinct day) as days_with_records,
    min(day) as first_seen_day,
    max(day) as last_seen_day,
    sum(records) as records
  from coverage
  where day is not null
  group by account_id, account_name, region
)
select
  s.account_id,
  s.account_name,
  s.region,
  s.days_with_records,
  span.days - s.days_with_records as days_without,
  s.first_seen_day,
  s.last_seen_day,
  s.records
from seen s
cross join span
order by days_without desc, s.account_id, s.region
