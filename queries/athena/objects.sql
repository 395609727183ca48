-- objects: what became of each log file.
-- In: listing, records, events.
INSERT INTO rolechain.objects
WITH read_ones AS (
    SELECT
        object,
        MIN(shape) AS shape,
        MIN(inflated_bytes) AS inflated_bytes,
        COUNT(CASE WHEN fate = 'record' THEN 1 END) AS sound,
        COUNT(CASE WHEN fate IN ('not_an_object', 'untimed', 'unnamed', 'unknown') THEN 1 END) AS malformed,
        COUNT(CASE WHEN fate = 'record' THEN caller_fault END) AS unreadable_callers,
        COUNT(CASE WHEN fate = 'unsupported' THEN 1 END) AS unsupported,
        COUNT(CASE WHEN fate = 'insight' THEN 1 END) AS insights
    FROM rolechain.records
    GROUP BY object
),

fresh AS (
    SELECT
        object,
        COUNT(*) AS records
    FROM rolechain.events
    GROUP BY object
),

judged AS (
    SELECT
        listing.object,
        listing.stored_bytes,
        COALESCE(read_ones.inflated_bytes, 0) AS inflated_bytes,
        CASE
            WHEN read_ones.shape = 'digest' THEN 'digest'
            WHEN read_ones.shape IS NULL OR read_ones.shape <> 'records' THEN 'broken'
            WHEN
                read_ones.insights > 0 AND read_ones.sound + read_ones.malformed + read_ones.unsupported = 0
                THEN 'insight'
            ELSE 'records'
        END AS kind,
        COALESCE(fresh.records, 0) AS fresh_records,
        COALESCE(read_ones.sound, 0) AS sound,
        COALESCE(read_ones.malformed, 0) AS malformed,
        COALESCE(read_ones.unreadable_callers, 0) AS unreadable_callers,
        COALESCE(read_ones.unsupported, 0) AS unsupported,
        COALESCE(read_ones.insights, 0) AS insights
    FROM rolechain.listing AS listing
    LEFT JOIN read_ones ON listing.object = read_ones.object
    LEFT JOIN fresh ON listing.object = fresh.object
)

SELECT
    object,
    stored_bytes AS size,
    'read' AS state,
    kind,
    stored_bytes,
    inflated_bytes,
    fresh_records AS unique_records,
    sound - fresh_records AS duplicate_records,
    malformed AS malformed_records,
    CASE WHEN kind = 'insight' THEN 0 ELSE unsupported + insights END AS unsupported_records,
    malformed + unreadable_callers + CASE WHEN kind = 'broken' THEN 1 ELSE 0 END AS defects
FROM judged
