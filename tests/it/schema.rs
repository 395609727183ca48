//! `docs/report.schema.json` is what the report's types say; `UPDATE_EXPECT=1` rewrites it.

use expect_test::expect_file;
use rolechain::report;

#[test]
fn the_published_schema_is_up_to_date() {
    expect_file!["../../docs/report.schema.json"].assert_eq(&report::schema());
}
