-- principals: who called. One row for each userIdentity of a day, as CloudTrail wrote it; rolechain reads it.
-- In: records. Parameters, in order: the first and the last day of events, as 2026-11-01 and 2026-11-30; an empty text
-- as the first takes in records without a time.
INSERT INTO rolechain.principals
SELECT
    principal,
    from_console,
    MIN(user_identity) AS user_identity,
    dt
FROM rolechain.records
WHERE fate = 'record' AND COALESCE(dt, '') BETWEEN ? AND ?
GROUP BY principal, from_console, dt
