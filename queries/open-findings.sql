-- Question: What is wrong, the worst first, and which event proves it?
-- Columns: severity, confidence, rule, title, the role and account, how many occurrences and chains, first and
--   last, and the first event of its evidence with the file that holds it.
-- Answer: `rolechain explain RULE` says what each means and what to do. What is accepted goes into rolechain.toml
--   with an owner and an expiry.
with first_evidence as (
  select fingerprint, event_id, object from evidence where evidence_number = 1
)
select
  f.severity,
  f.confidence,
  f.rule,
  f.title,
  f.role_arn,
  f.account_id,
  f.occurrences,
  f.chains,
  f.first_seen,
  f.last_seen,
  e.event_id,
  e.object
from findings f
left join first_evidence e on f.fingerprint = e.fingerprint
where f.is_open
order by f.severity_rank desc, f.confidence_rank desc, f.occurrences desc, f.rule, f.title
