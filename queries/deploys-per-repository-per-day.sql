-- Question: How often does each repository deploy, day by day?
-- Columns: the UTC day, the repository, the environment, how many chains with at least one write, their writes,
--   and how many of them had an error.
-- Answer: for a chart over time. A day without deploys of a busy repository, or with far more than usual, is worth
--   a question; so is a repository that deploys and that nobody owns.
select
  strftime(started_at, '%Y-%m-%d') as day,
  repository,
  environment,
  count(*) as deploys,
  sum(writes) as writes,
  sum(case when errors > 0 then 1 else 0 end) as deploys_with_errors
from chains
where repository is not null and writes > 0
group by strftime(started_at, '%Y-%m-%d'), repository, environment
order by day desc, deploys desc, repository, environment
