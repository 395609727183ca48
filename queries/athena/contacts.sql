-- contacts: from where each principal called on a day.
-- In: events. Parameters, in order: the first and the last day of events, as 2026-11-01 and 2026-11-30; an empty text
-- as the first takes in records without a time.
INSERT INTO rolechain.contacts
WITH moments AS (
    -- Events of one time and id become one, so that the earliest and the latest can be found by text alone.
    SELECT
        account_id,
        region,
        principal,
        source_ip,
        user_agent,
        via_vpc_endpoint,
        dt,
        CONCAT(COALESCE(event_time, ''), CHR(1), event_id_order, CHR(1), MIN(object)) AS mark,
        COUNT(*) AS events
    FROM rolechain.events
    WHERE COALESCE(dt, '') BETWEEN ? AND ?
    GROUP BY
        account_id, region, principal, source_ip, user_agent, via_vpc_endpoint, dt, event_time, event_id_order
),

spans AS (
    SELECT
        account_id,
        region,
        principal,
        source_ip,
        user_agent,
        via_vpc_endpoint,
        dt,
        SUM(events) AS event_count,
        MIN(mark) AS first_mark,
        MAX(mark) AS last_mark
    FROM moments
    GROUP BY account_id, region, principal, source_ip, user_agent, via_vpc_endpoint, dt
)

SELECT
    account_id,
    region,
    principal,
    source_ip,
    user_agent,
    via_vpc_endpoint,
    event_count,
    NULLIF(SPLIT_PART(first_mark, CHR(1), 1), '') AS first_time,
    NULLIF(SUBSTR(SPLIT_PART(first_mark, CHR(1), 2), 2), '') AS first_event_id,
    SPLIT_PART(first_mark, CHR(1), 3) AS first_object,
    NULLIF(SPLIT_PART(last_mark, CHR(1), 1), '') AS last_time,
    NULLIF(SUBSTR(SPLIT_PART(last_mark, CHR(1), 2), 2), '') AS last_event_id,
    SPLIT_PART(last_mark, CHR(1), 3) AS last_object,
    dt
FROM spans
