-- Question: Into which roles lead the most ways, and from which roles do the most ways lead on?
-- Columns: the role, how many different roles or origins assumed it, how many other roles its sessions assumed,
--   and how many sessions it had.
-- Answer: a role that many reach and that reaches many is a hub: whoever gets one session of it gets everything
--   behind it. Split it, or demand an ExternalId or a source identity.
with edges as (
  select
    coalesce(p.role_arn, s.origin) as from_principal,
    p.role_arn as from_role_arn,
    s.role_arn as to_role_arn
  from sessions s
  left join sessions p on s.parent_session_id = p.session_id
  where s.role_arn is not null and not s.is_machinery
),
fan_in as (
  select to_role_arn as role_arn, count(distinct from_principal) as fan_in, count(*) as sessions
  from edges
  group by to_role_arn
),
fan_out as (
  select from_role_arn as role_arn, count(distinct to_role_arn) as fan_out
  from edges
  where from_role_arn is not null
  group by from_role_arn
)
select i.role_arn, i.fan_in, coalesce(o.fan_out, 0) as fan_out, i.sessions
from fan_in i
left join fan_out o on i.role_arn = o.role_arn
order by i.fan_in desc, fan_out desc, i.role_arn
