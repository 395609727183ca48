-- changes: attempts to change trust, keys or trails. One row for each record, copies included.
-- In: records. Parameters, in order: the first and the last day of events, as 2026-11-01 and 2026-11-30; an empty text
-- as the first takes in records without a time.
INSERT INTO rolechain.changes
SELECT
    event_id,
    event_time,
    event_source,
    event_name,
    region,
    account_id,
    principal,
    error_code,
    user_agent,
    object,
    request_parameters,
    dt
FROM rolechain.records
WHERE fate = 'record' AND is_change AND COALESCE(dt, '') BETWEEN ? AND ?
