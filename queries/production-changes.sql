-- Question: Which changes to production were made, by which run, by whom, and who approved them?
-- Columns: when the change began, the account and the role, where it began, what was written and how often, the CI
--   run, the person who started it, the commit, who approved it, what is missing for a full answer, whether it was
--   expected and the rule of the worst finding, and the id for `rolechain trace`. Production is what rolechain.toml
--   calls so, and what a token's environment calls so. Person, commit and approval need `--ci`.
-- Answer: this is the population that auditors draw samples from (SOC 2 CC8.1, ISO 27001 8.32). Every line should
--   have a person, a commit and an approver, and no gap.
select
  first_event,
  account_name,
  role_name,
  origin,
  writes,
  actions,
  run_id,
  person,
  commit_sha,
  approved_by,
  gap,
  expected,
  worst_rule,
  coalesce(chain_id, access_key_id) as id
from production_changes
order by first_event, id
