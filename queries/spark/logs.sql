-- logs: every record of the files, as text, one field for each column that the tables need. Files without records have
-- one row, so that they can be distinguished from files that could not be unpacked.
-- In: texts (object, text). Out: a view.
-- CloudTrail's own shape only: {"Records":[…]}. What is nested stays the JSON that it is: nothing here looks into it.
WITH opened AS (
  SELECT
    object,
    text,
    FROM_JSON(
      text,
      'Records ARRAY<STRING>, digestS3Object STRING, digestEndTime STRING, broken STRING',
      MAP('columnNameOfCorruptRecord', 'broken')
    ) AS file
  FROM texts
), measured AS (
  -- Before records are distinguished: what stands beside them in a row is copied for each of them.
  SELECT
    object,
    CASE
      WHEN file.broken IS NULL AND NOT file.Records IS NULL THEN 'records'
      WHEN file.broken IS NULL AND COALESCE(file.digestS3Object, file.digestEndTime) <> '' THEN 'digest'
      ELSE 'other'
    END AS shape,
    CAST(OCTET_LENGTH(text) AS BIGINT) AS inflated_bytes,
    CASE WHEN file.broken IS NULL THEN file.Records END AS records
  FROM opened
), numbered AS (
  SELECT
    object,
    shape,
    inflated_bytes,
    POSEXPLODE_OUTER(records) AS (record_index, record)
  FROM measured
), fields AS (
  SELECT
    object,
    shape,
    inflated_bytes,
    record_index,
    NOT record_index IS NULL AS is_record,
    COALESCE(record LIKE '{%', FALSE) AS is_object,
    FROM_JSON(
      record,
      'eventVersion STRING, userIdentity STRING, eventTime STRING, eventSource STRING, eventName STRING, awsRegion STRING, sourceIPAddress STRING, userAgent STRING, errorCode STRING, errorMessage STRING, requestParameters STRING, responseElements STRING, additionalEventData STRING, requestID STRING, eventID STRING, readOnly STRING, resources STRING, eventType STRING, recipientAccountId STRING, sharedEventID STRING, vpcEndpointId STRING, eventCategory STRING, sessionCredentialFromConsole STRING'
    ) AS record
  FROM numbered
)
SELECT
  object,
  shape,
  inflated_bytes,
  record_index,
  is_record,
  is_object,
  record.eventVersion AS eventversion,
  record.userIdentity AS useridentity,
  record.eventTime AS eventtime,
  record.eventSource AS eventsource,
  record.eventName AS eventname,
  record.awsRegion AS awsregion,
  record.sourceIPAddress AS sourceipaddress,
  record.userAgent AS useragent,
  record.errorCode AS errorcode,
  record.errorMessage AS errormessage,
  record.requestParameters AS requestparameters,
  record.responseElements AS responseelements,
  record.additionalEventData AS additionaleventdata,
  record.requestID AS requestid,
  record.eventID AS eventid,
  record.readOnly AS readonly,
  record.resources AS resources,
  record.eventType AS eventtype,
  record.recipientAccountId AS recipientaccountid,
  record.sharedEventID AS sharedeventid,
  record.vpcEndpointId AS vpcendpointid,
  record.eventCategory AS eventcategory,
  record.sessionCredentialFromConsole AS sessioncredentialfromconsole,
  '' AS day
FROM fields
