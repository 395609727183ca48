-- Question: Which routes are taken most?
-- Columns: the origin, the roles on the way, the account at the end, how many chains, calls, writes and errors,
--   and the first and last event.
-- Answer: this is the map of how deployment really works. Draw it next to how it should work; the routes that
--   nobody can explain are your list of work.
select
  origin_kind,
  origin,
  role_path,
  last_account_id,
  last_account_name,
  chains,
  calls,
  writes,
  errors,
  first_event,
  last_event
from routes
order by chains desc, writes desc, origin, role_path
limit 50
