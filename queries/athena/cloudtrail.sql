-- cloudtrail: the logs where they lie, one row for each record. Nested parts stay text, which rolechain reads itself.
-- Put in: the bucket (twice), the organization's id, its accounts, its regions, and the first day. For the trail of one
-- account, leave `o-exampleorgid/` out of both paths.
-- Partitions are computed from the paths, so that there is nothing to load and a query reads only the days it names.
CREATE EXTERNAL TABLE rolechain.cloudtrail (
    eventversion STRING,
    useridentity STRING,
    eventtime STRING,
    eventsource STRING,
    eventname STRING,
    awsregion STRING,
    sourceipaddress STRING,
    useragent STRING,
    errorcode STRING,
    errormessage STRING,
    requestparameters STRING,
    responseelements STRING,
    additionaleventdata STRING,
    requestid STRING,
    eventid STRING,
    readonly STRING,
    resources STRING,
    eventtype STRING,
    recipientaccountid STRING,
    sharedeventid STRING,
    vpcendpointid STRING,
    eventcategory STRING,
    sessioncredentialfromconsole STRING
)
PARTITIONED BY (account STRING, region STRING, day STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://example-logs/AWSLogs/o-exampleorgid/'
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.account.type' = 'enum',
    'projection.account.values' = '111111111111,222222222222',
    'projection.region.type' = 'enum',
    'projection.region.values' = 'us-east-1,eu-central-1',
    'projection.day.type' = 'date',
    'projection.day.format' = 'yyyy/MM/dd',
    'projection.day.range' = '2026/01/01,NOW',
    'projection.day.interval' = '1',
    'projection.day.interval.unit' = 'DAYS',
    'storage.location.template'
    = 's3://example-logs/AWSLogs/o-exampleorgid/${account}/CloudTrail/${region}/${day}'
)
