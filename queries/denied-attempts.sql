-- Question: Who was refused a role, and how often?
-- Columns: the call, who asked (principal or token subject), the role, the error, attempts (retries within two
--   minutes are one), events, and from when to when.
-- Answer: steady denials are a broken pipeline. A principal that is refused at several roles in a short time is
--   looking for a way: see what else its session did with `rolechain trace`.
select
  event_name,
  principal,
  subject,
  role_arn,
  error_code,
  runs,
  events,
  first_event,
  last_event
from denied
order by runs desc, events desc, principal, subject, role_arn, error_code
