-- Question: Which ways from a role (or an origin) to a role were seen for the first time in the last seven days?
-- Columns: where it comes from, the role it leads to and its account, how many sessions, first and last. The seven
--   days end with the newest event; a way is new when nothing before them in these logs shows it.
-- Answer: a new way into a deploy role is either a change that somebody can show you, or somebody exploring what a
--   stolen session may assume. With less than some weeks of logs nearly everything is new.
with newest as (
  select max(issued_at) - interval '7 days' as since from sessions
),
ways as (
  select
    coalesce(p.role_arn, s.origin) as from_principal,
    s.role_arn as to_role_arn,
    s.account_id,
    s.issued_at
  from sessions s
  left join sessions p on s.parent_session_id = p.session_id
  where s.role_arn is not null and not s.is_machinery
),
edges as (
  select
    from_principal,
    to_role_arn,
    account_id,
    count(*) as sessions,
    min(issued_at) as first_issued,
    max(issued_at) as last_issued
  from ways
  group by from_principal, to_role_arn, account_id
)
select e.from_principal, e.to_role_arn, e.account_id, e.sessions, e.first_issued, e.last_issued
from edges e
cross join newest
where e.first_issued >= newest.since
order by e.first_issued desc, e.from_principal, e.to_role_arn
