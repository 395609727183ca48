-- records: every record of the logs, once for each file that holds it, with what the tables need of it and nothing else.
-- In: logs. Out: a work table; drop it when the tables are made.
-- Parameters, in order: the first and the last day folder to read, as 2026/11/01 and 2026/11/30.
-- The session token is cut out here, before anything is written.
-- Translated from queries/athena by .ci/queries.py: change it there.
WITH spelled AS (
  SELECT
    object,
    shape,
    inflated_bytes,
    record_index,
    CASE
      WHEN NOT is_record
      THEN 'none'
      WHEN NOT is_object
      THEN 'not_an_object'
      WHEN eventcategory = 'Insight' OR eventtype = 'AwsCloudTrailInsight'
      THEN 'insight'
      WHEN eventcategory = 'Aggregated' OR eventtype = 'AwsAggregatedEvent'
      THEN 'unsupported'
      WHEN eventsource LIKE 'aws:%'
      THEN 'unsupported'
      WHEN COALESCE(eventsource, '') = '' AND COALESCE(eventname, '') = ''
      THEN CASE WHEN eventversion IS NULL AND useridentity IS NULL THEN 'unknown' ELSE 'unnamed' END
      ELSE 'record'
    END AS fate,
    CASE
      WHEN TRANSLATE(SUBSTRING(eventtime, 1, 19), '123456789 ', '000000000T') = '0000-00-00T00:00:00'
      AND (
        SUBSTRING(eventtime, 20) IN ('', 'Z', '+00:00', '+0000')
        OR (
          SUBSTRING(eventtime, 20, 1) = '.'
          AND TRANSLATE(SUBSTRING(eventtime, 21, 1), '123456789', '000000000') = '0'
          AND (
            TRANSLATE(SUBSTRING(eventtime, 21), 'Z0123456789', 'Z') = ''
            OR TRANSLATE(SUBSTRING(eventtime, 21), 'Z0123456789', 'Z') = 'Z'
            AND SUBSTRING(eventtime, -1) = 'Z'
          )
          AND LENGTH(eventtime) <= 30
        )
      )
      THEN CONCAT(SUBSTRING(eventtime, 1, 10), 'T', SUBSTRING(eventtime, 12, 8), 'Z')
      WHEN TRANSLATE(eventtime, '123456789', '000000000') = '00000000T000000Z'
      THEN CONCAT(
        SUBSTRING(eventtime, 1, 4),
        '-',
        SUBSTRING(eventtime, 5, 2),
        '-',
        SUBSTRING(eventtime, 7, 2),
        'T',
        SUBSTRING(eventtime, 10, 2),
        ':',
        SUBSTRING(eventtime, 12, 2),
        ':',
        SUBSTRING(eventtime, 14, 2),
        'Z'
      )
    END AS spelled_time,
    COALESCE(eventtime, '') <> '' AS has_time,
    NULLIF(eventid, '') AS event_id,
    NULLIF(sharedeventid, '') AS shared_event_id,
    NULLIF(requestid, '') AS request_id,
    NULLIF(eventsource, '') AS event_source,
    NULLIF(eventname, '') AS event_name,
    NULLIF(awsregion, '') AS region,
    NULLIF(recipientaccountid, '') AS account_id,
    NULLIF(sourceipaddress, '') AS source_ip,
    NULLIF(useragent, '') AS user_agent,
    COALESCE(
      NULLIF(errorcode, ''),
      CASE
        WHEN eventsource = 'signin.amazonaws.com'
        THEN COALESCE(NULLIF(errormessage, ''), CASE WHEN responseelements LIKE '%"Failure"%' THEN 'Failure' END)
      END
    ) AS error_code,
    NULLIF(errormessage, '') AS error_message,
    CASE readonly WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END AS read_only,
    COALESCE(vpcendpointid, '') <> '' AS via_vpc_endpoint,
    COALESCE(sessioncredentialfromconsole, '') = 'true' AS from_console,
    CASE WHEN useridentity LIKE '{%' THEN useridentity END AS user_identity,
    CASE
      WHEN useridentity = '{}'
      THEN 'userIdentity names nobody'
      WHEN useridentity LIKE '{%'
      THEN CAST(NULL AS STRING)
      WHEN COALESCE(useridentity, 'null') <> 'null'
      THEN 'userIdentity is no object'
      WHEN eventtype = 'AwsServiceEvent'
      THEN CAST(NULL AS STRING)
      WHEN COALESCE(eventtype, '') <> '' OR readonly = 'false'
      THEN 'userIdentity is missing'
    END AS caller_fault,
    CASE
      WHEN eventsource = 'sts.amazonaws.com'
      THEN eventname IN (
        'AssumeRole',
        'AssumeRoleWithWebIdentity',
        'AssumeRoleWithSAML',
        'AssumeRoot',
        'GetSessionToken',
        'GetFederationToken',
        'GetWebIdentityToken'
      )
      WHEN eventsource = 'eks-auth.amazonaws.com'
      THEN eventname = 'AssumeRoleForPodIdentity'
      WHEN eventsource = 'rolesanywhere.amazonaws.com'
      THEN eventname = 'CreateSession'
      ELSE FALSE
    END AS is_assumption,
    CASE
      WHEN readonly = 'true'
      THEN FALSE
      WHEN eventsource = 'iam.amazonaws.com'
      THEN eventname IN (
        'CreateRole',
        'UpdateAssumeRolePolicy',
        'DeleteRole',
        'PutRolePolicy',
        'AttachRolePolicy',
        'CreateOpenIDConnectProvider',
        'DeleteOpenIDConnectProvider',
        'AddClientIDToOpenIDConnectProvider',
        'UpdateOpenIDConnectProviderThumbprint',
        'CreateSAMLProvider',
        'UpdateSAMLProvider',
        'DeleteSAMLProvider',
        'CreateAccessKey',
        'UpdateAccessKey',
        'DeleteAccessKey',
        'CreateUser',
        'CreateLoginProfile',
        'CreateServiceSpecificCredential',
        'UploadSSHPublicKey',
        'AttachUserPolicy',
        'PutUserPolicy'
      )
      WHEN eventsource = 'cloudtrail.amazonaws.com'
      THEN eventname IN (
        'StopLogging',
        'StartLogging',
        'CreateTrail',
        'DeleteTrail',
        'UpdateTrail',
        'PutEventSelectors',
        'DeleteEventDataStore',
        'StopEventDataStoreIngestion',
        'UpdateEventDataStore'
      )
      WHEN eventsource = 's3.amazonaws.com'
      THEN eventname IN (
        'CreateBucket',
        'PutBucketLifecycle',
        'PutBucketLifecycleConfiguration',
        'PutBucketPolicy',
        'DeleteBucketPolicy',
        'DeleteBucket'
      )
      WHEN eventsource = 'rolesanywhere.amazonaws.com'
      THEN eventname IN ('CreateTrustAnchor', 'CreateProfile')
      WHEN eventsource = 'lambda.amazonaws.com'
      THEN eventname IN ('AddPermission20150331v2', 'CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig')
      ELSE FALSE
    END AS is_change,
    requestparameters,
    responseelements,
    additionaleventdata,
    resources
  FROM logs
  WHERE
    day BETWEEN ? AND ?
), timed AS (
  SELECT
    *,
    CASE
      WHEN NOT TRY_CAST(SUBSTRING(spelled_time, 1, 10) AS DATE) IS NULL
      AND SUBSTRING(spelled_time, 12, 2) <= '23'
      AND SUBSTRING(spelled_time, 15, 2) <= '59'
      AND SUBSTRING(spelled_time, 18, 2) <= '60'
      THEN spelled_time
    END AS event_time
  FROM spelled
)
SELECT
  object,
  shape,
  inflated_bytes,
  record_index,
  CASE WHEN fate = 'record' AND has_time AND event_time IS NULL THEN 'untimed' ELSE fate END AS fate,
  event_time,
  event_id,
  shared_event_id,
  request_id,
  event_source,
  event_name,
  region,
  account_id,
  source_ip,
  user_agent,
  error_code,
  error_message,
  read_only,
  via_vpc_endpoint,
  from_console,
  user_identity,
  caller_fault,
  is_assumption,
  is_change,
  CASE
    WHEN event_id IS NULL
    THEN ''
    WHEN TRANSLATE(event_id, '123456789abcdef', '000000000000000') = '00000000-0000-0000-0000-000000000000'
    AND SUBSTRING(event_id, 1, 8) <> '00000000'
    AND SUBSTRING(event_id, 15, 1) <> 'f'
    THEN CONCAT('0', event_id)
    ELSE CONCAT('1', event_id)
  END AS event_id_order,
  MD5(CONCAT(CASE WHEN from_console THEN '1' ELSE '0' END, COALESCE(user_identity, ''))) AS principal,
  CASE
    WHEN event_id IS NULL
    THEN MD5(
      CONCAT(
        COALESCE(requestparameters, ''),
        CHR(1),
        COALESCE(responseelements, ''),
        CHR(1),
        COALESCE(additionaleventdata, ''),
        CHR(1),
        COALESCE(request_id, '')
      )
    )
  END AS content,
  CASE
    WHEN is_assumption OR is_change
    THEN REGEXP_REPLACE(requestparameters, '"sessionToken" *: *"[^"]*"', '"sessionToken":""')
  END AS request_parameters,
  CASE
    WHEN is_assumption
    THEN REGEXP_REPLACE(responseelements, '"sessionToken" *: *"[^"]*"', '"sessionToken":""')
  END AS response_elements,
  CASE
    WHEN is_assumption
    THEN REGEXP_REPLACE(additionaleventdata, '"sessionToken" *: *"[^"]*"', '"sessionToken":""')
  END AS additional_event_data,
  CASE
    WHEN is_assumption
    THEN REGEXP_REPLACE(resources, '"sessionToken" *: *"[^"]*"', '"sessionToken":""')
  END AS resources,
  SUBSTRING(event_time, 1, 10) AS dt
FROM timed
