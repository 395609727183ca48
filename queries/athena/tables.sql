-- tables: the observations, empty. Athena runs one statement at a time.
-- Put in: a bucket of your own. Nothing else may be below this path.
CREATE EXTERNAL TABLE rolechain.principals (
    principal STRING,
    from_console BOOLEAN,
    user_identity STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/principals/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.assumptions (
    event_id STRING,
    shared_event_id STRING,
    request_id STRING,
    event_name STRING,
    event_time STRING,
    region STRING,
    account_id STRING,
    principal STRING,
    source_ip STRING,
    user_agent STRING,
    error_code STRING,
    error_message STRING,
    object STRING,
    record_index INT,
    request_parameters STRING,
    response_elements STRING,
    additional_event_data STRING,
    resources STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/assumptions/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.changes (
    event_id STRING,
    event_time STRING,
    event_source STRING,
    event_name STRING,
    region STRING,
    account_id STRING,
    principal STRING,
    error_code STRING,
    user_agent STRING,
    object STRING,
    request_parameters STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/changes/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.activity (
    account_id STRING,
    region STRING,
    principal STRING,
    event_source STRING,
    event_name STRING,
    read_only BOOLEAN,
    error_code STRING,
    event_count BIGINT,
    first_time STRING,
    first_event_id STRING,
    first_object STRING,
    last_time STRING,
    last_event_id STRING,
    last_object STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/activity/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.contacts (
    account_id STRING,
    region STRING,
    principal STRING,
    source_ip STRING,
    user_agent STRING,
    via_vpc_endpoint BOOLEAN,
    event_count BIGINT,
    first_time STRING,
    first_event_id STRING,
    first_object STRING,
    last_time STRING,
    last_event_id STRING,
    last_object STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/contacts/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.coverage (
    account_id STRING,
    region STRING,
    records BIGINT,
    read_only_records BIGINT,
    sts_records BIGINT,
    first_event STRING,
    last_event STRING
)
PARTITIONED BY (dt STRING)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/coverage/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.objects (
    object STRING,
    size BIGINT,
    state STRING,
    kind STRING,
    stored_bytes BIGINT,
    inflated_bytes BIGINT,
    unique_records BIGINT,
    duplicate_records BIGINT,
    malformed_records BIGINT,
    unsupported_records BIGINT,
    defects BIGINT
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/objects/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');

CREATE EXTERNAL TABLE rolechain.defects (
    object STRING,
    record_index INT,
    kind STRING,
    message STRING
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://example-scratch/observations/defects/'
TBLPROPERTIES ('parquet.compression' = 'ZSTD');
