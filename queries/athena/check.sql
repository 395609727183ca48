-- check: do the nested parts arrive as JSON text? Run it on one day before anything else.
-- Parameters: the day folder, as 2026/11/02, twice.
-- `odd_identities` and `odd_responses` must be 0, and `identities` must not. If not, the tables would be wrong: stop,
-- and use Spark.
SELECT
    COUNT(*) AS records,
    COUNT(CASE WHEN useridentity LIKE '{"%}' THEN 1 END) AS identities,
    COUNT(CASE WHEN useridentity NOT LIKE '{%}' THEN 1 END) AS odd_identities,
    COUNT(CASE WHEN responseelements NOT LIKE '{%}' AND responseelements <> 'null' THEN 1 END) AS odd_responses
FROM rolechain.logs
WHERE day BETWEEN ? AND ?
