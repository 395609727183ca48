-- assumptions: attempts to issue a session. One row for each record, copies included; rolechain reads the raw columns
-- and settles the copies.
-- In: records. Parameters, in order: the first and the last day of events, as 2026-11-01 and 2026-11-30; an empty text
-- as the first takes in records without a time.
INSERT INTO rolechain.assumptions
SELECT
    event_id,
    shared_event_id,
    request_id,
    event_name,
    event_time,
    region,
    account_id,
    principal,
    source_ip,
    user_agent,
    error_code,
    error_message,
    object,
    record_index,
    request_parameters,
    response_elements,
    additional_event_data,
    resources,
    dt
FROM rolechain.records
WHERE fate = 'record' AND is_assumption AND COALESCE(dt, '') BETWEEN ? AND ?
