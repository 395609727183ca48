-- events: every record once. Records are the same when they agree on the event id, the account and all that is counted;
-- those without an id, when they say the same. Of equal ones, the file that comes first by name is kept.
-- In: records. Out: a work table; drop it when the tables are made.
CREATE TABLE rolechain.events
WITH (
    format = 'PARQUET',
    write_compression = 'ZSTD',
    external_location = 's3://example-scratch/steps/events/'
) AS
SELECT
    event_time,
    event_id,
    event_id_order,
    content,
    account_id,
    region,
    principal,
    event_source,
    event_name,
    error_code,
    read_only,
    source_ip,
    user_agent,
    via_vpc_endpoint,
    is_assumption,
    MIN(object) AS object,
    COUNT(*) AS copies,
    dt
FROM rolechain.records
WHERE fate = 'record'
GROUP BY
    event_time, event_id, event_id_order, content, account_id, region, principal, event_source, event_name, error_code,
    read_only, source_ip, user_agent, via_vpc_endpoint, is_assumption, dt
