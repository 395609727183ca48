#!/usr/bin/env python3
"""Makes rolechain's observations from CloudTrail logs with Apache Spark.

    spark-submit observe.py --logs s3a://bucket/AWSLogs --to s3a://scratch/observations
    rolechain audit observations/

Reads gzip files in CloudTrail's own shape, runs the SQL beside this file, and writes one folder of Parquet for each
table. Needs PySpark 4; `--master local[2]` tries it on one machine.
"""

import argparse
import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

HERE = Path(__file__).resolve().parent
# The tables with a folder for each day of events, and those without.
DAILY = ("principals", "assumptions", "changes", "activity", "contacts", "coverage")
WHOLE = ("objects", "defects")
# Both ends of all days, as text: the queries take a stretch of days because Athena must.
ALL_DAYS = ["", "9999-12-31"]


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", nargs="+", required=True, metavar="PATH", help="folders or files of logs")
    parser.add_argument("--to", required=True, metavar="DIR", help="where the tables go; must not exist")
    parser.add_argument("--glob", default="*.json.gz", help="names of the log files (default: %(default)s)")
    parser.add_argument(
        "--names-from",
        action="append",
        default=[],
        metavar="PREFIX=AS",
        help="call files that begin with PREFIX by AS instead (default: as --logs names them)",
    )
    parser.add_argument("--master", help="where Spark runs (default: as spark-submit says)")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE", help="a setting of Spark")
    return parser.parse_args()


def session(arguments):
    builder = SparkSession.builder.appName("rolechain observe")
    if arguments.master:
        builder = builder.master(arguments.master)
    settings = {
        # Text in, text out: nothing may depend on a clock or a zone.
        "spark.sql.session.timeZone": "UTC",
        # A file that cannot be unpacked has no text, and ends as a defect: it must not end the run.
        "spark.sql.files.ignoreCorruptFiles": "true",
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
        "spark.sql.parquet.compression.codec": "zstd",
    }
    settings.update(pair.split("=", 1) for pair in arguments.conf)
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def filesystem(spark, path):
    """Returns Hadoop's view of a path, and the file system that it is on."""
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    system = place.getFileSystem(spark._jsc.hadoopConfiguration())
    return system, place


def before_wildcards(path):
    """Returns the folders that a path names in full."""
    parts = path.split("/")
    wild = next((at for at, part in enumerate(parts) if set(part) & set("*?[{")), len(parts))
    return "/".join(parts[:wild])


def renaming(spark, arguments):
    """Returns pairs of a prefix of Spark's names and what rolechain calls it."""
    pairs = [tuple(pair.split("=", 1)) for pair in arguments.names_from]
    for path in map(before_wildcards, arguments.logs):
        system, place = filesystem(spark, path)
        own = system.makeQualified(place).toString()
        # Spark calls buckets s3a, and everybody else s3.
        said = "s3://" + path[6:] if path.startswith(("s3a://", "s3n://")) else path
        pairs.append((own, said))
    return pairs


def named(column, pairs):
    """Returns the name of a file by the first prefix that fits."""
    # Both of Spark's spellings of local files are one.
    path = F.regexp_replace(column, "^file:/+", "file:/")
    result = path
    for prefix, said in reversed(pairs):
        prefix, said = prefix.rstrip("/"), said.rstrip("/")
        prefix = "file:/" + prefix[5:].lstrip("/") if prefix.startswith("file:") else prefix
        fits = (path == prefix) | path.startswith(f"{prefix}/")
        result = F.when(fits, F.concat(F.lit(said), F.substring(path, len(prefix) + 1, 1 << 20))).otherwise(result)
    return result


def query(name):
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def main():
    arguments = options()
    spark = session(arguments)
    system, target = filesystem(spark, arguments.to)
    if system.exists(target):
        sys.exit(f"{arguments.to} is there already: name a folder that is not")
    pairs = renaming(spark, arguments)
    where = {"recursiveFileLookup": "true", "pathGlobFilter": arguments.glob}
    listing = spark.read.format("binaryFile").options(**where).load(arguments.logs)
    listing = listing.select(named(F.col("path"), pairs).alias("object"), F.col("length").alias("stored_bytes"))
    listing.distinct().createOrReplaceTempView("listing")
    texts = spark.read.format("text").options(wholetext="true", **where).load(arguments.logs)
    # As in an address, where the listing has it plain; a plus is not a space here.
    path = F.url_decode(F.replace(F.col("_metadata.file_path"), F.lit("+"), F.lit("%2B")))
    texts = texts.select(named(path, pairs).alias("object"), F.col("value").alias("text"))
    texts.createOrReplaceTempView("texts")
    spark.sql(query("logs")).createOrReplaceTempView("logs")

    # Work tables: the logs are read once. A leading dot hides them from whoever reads the result.
    work = arguments.to.rstrip("/") + "/.work"
    for name, bounds in (("records", ALL_DAYS), ("events", [])):
        spark.sql(query(name), args=bounds).write.parquet(f"{work}/{name}")
        spark.read.parquet(f"{work}/{name}").createOrReplaceTempView(name)
    for name in DAILY:
        rows = spark.sql(query(name), args=ALL_DAYS)
        rows.repartition("dt").write.partitionBy("dt").parquet(f"{arguments.to}/{name}")
    for name in WHOLE:
        spark.sql(query(name)).coalesce(1).write.parquet(f"{arguments.to}/{name}")
    system.delete(filesystem(spark, work)[1], True)
    spark.stop()


if __name__ == "__main__":
    main()
