-- Question: How much of the picture is missing, and why?
-- Columns: the reasons (joined by commas; null for complete chains), the least sure link, how many chains, how
--   many accounts they end in, and their writes.
-- Answer: `account_not_covered` is mended by reading that account's logs, `issued_before_window` by an earlier
--   --since. Writes at the end of an incomplete chain are writes whose author is not proven.
select
  gap_kinds,
  weakest_link,
  count(*) as chains,
  count(distinct last_account_id) as accounts,
  sum(writes) as writes
from chains
group by gap_kinds, weakest_link
order by chains desc, gap_kinds, weakest_link
