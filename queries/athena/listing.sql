-- listing: the files that were read. Athena lists no files, so that those without records are not in it.
-- In: records.
CREATE OR REPLACE VIEW rolechain.listing AS
SELECT DISTINCT
    object,
    CAST(NULL AS BIGINT) AS stored_bytes
FROM rolechain.records
