-- defects: bad input, by file and record.
-- In: listing, records.
-- Translated from queries/athena by .ci/queries.py: change it there.
SELECT
  object,
  record_index,
  CASE WHEN fate IN ('not_an_object', 'untimed') THEN 'malformed_record' ELSE 'missing_field' END AS kind,
  CASE fate
    WHEN 'not_an_object'
    THEN 'not a JSON object'
    WHEN 'untimed'
    THEN 'the event time is not a time'
    WHEN 'unnamed'
    THEN 'no event name and no event source'
    ELSE 'none of the keys of a CloudTrail record'
  END AS message
FROM records
WHERE
  fate IN ('not_an_object', 'untimed', 'unnamed', 'unknown')
UNION ALL
SELECT
  object,
  record_index,
  'unreadable_caller' AS kind,
  caller_fault AS message
FROM records
WHERE
  fate = 'record' AND NOT caller_fault IS NULL
UNION ALL
SELECT
  object,
  CAST(NULL AS INT) AS record_index,
  'malformed_object' AS kind,
  'not a CloudTrail log file, or its JSON is broken: the engine passed over all of it' AS message
FROM records
WHERE
  shape = 'other'
UNION ALL
SELECT
  listing.object,
  CAST(NULL AS INT) AS record_index,
  'corrupt_compression' AS kind,
  'could not be unpacked: the engine passed over all of it' AS message
FROM listing AS listing
LEFT JOIN records AS records
  ON listing.object = records.object
WHERE
  records.object IS NULL
