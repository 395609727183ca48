-- Question: Which subjects were seen for the first time in the last seven days?
-- Columns: the issuer, the subject and its repository, the role first reached, how many chains, and when they
--   began. The seven days end with the newest event; a subject is new when nothing before them in these logs shows
--   it.
-- Answer: each should be a repository or environment that somebody set up on purpose. With less than some weeks of
--   logs nearly everything is new.
with newest as (
  select max(started_at) - interval '7 days' as since from chains
),
subjects as (
  select
    origin_provider,
    origin_subject,
    repository,
    count(*) as chains,
    count(distinct last_role_arn) as roles,
    sum(writes) as writes,
    min(started_at) as first_started,
    max(started_at) as last_started
  from chains
  where origin_subject is not null
  group by origin_provider, origin_subject, repository
)
select s.origin_provider, s.origin_subject, s.repository, s.chains, s.roles, s.writes, s.first_started, s.last_started
from subjects s
cross join newest
where s.first_started >= newest.since
order by s.first_started desc, s.origin_subject, s.origin_provider
