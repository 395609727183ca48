//! What `--help` shows at the end: commands to copy.

pub(super) const EXAMPLES: &str = "\
Examples:
  rolechain audit logs/                        who came through which roles, and was it expected
  rolechain audit logs/ --fail-on high         for CI: exit 1 when a finding is high or critical
  rolechain who prod logs/ --since 12h         who acted in an account, a role, a repository, a day
  rolechain chains logs/ --role '*ci-deploy*'  how people and pipelines reach a role
  rolechain trace ASIA2EXAMPLEKEY logs/        one session from its origin to its last call
  rolechain explain missing-external-id        what a finding means and what to do";

pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  rolechain audit logs/                                        everything below a directory
  rolechain audit logs/ --since 7d                             the last seven days
  rolechain audit s3://bucket/AWSLogs --since 7d               the same, straight from the bucket
  rolechain audit logs/ --expectations rolechain.toml          judge by what the owners expect
  rolechain audit logs/ --min-severity medium                  less; what is left out is counted
  rolechain audit logs/ --baseline baseline.toml               only what is not known counts
  rolechain audit logs/ -o report.md -o findings.sarif         each file by its extension
  rolechain audit logs/ --report out/                          every format at once
  zcat *.json.gz | rolechain audit -                           from standard input

Exit status: 0 done; 1 findings at or above --fail-on; 2 usage or operational error;
3 when nothing was judged, and with --strict when some input was incomplete or unreadable.";

pub(super) const BASELINE_EXAMPLES: &str = "\
Examples:
  rolechain audit logs/ -o report.json
  rolechain baseline accept report.json --by octavia --reason 'old, moves in May' -o baseline.toml
  rolechain audit logs/ --baseline baseline.toml               only new findings stand out
  rolechain baseline accept report.json --by octavia --reason 'leaves' --rule idle-session --days 30

What is accepted is still judged, counted and shown, and comes back after the last day. Until then it is accepted
whenever it happens again: take attacks out of the file. docs/exceptions.md tells more.";

pub(super) const CHAINS_EXAMPLES: &str = "\
Examples:
  rolechain chains logs/                                      every route, the busiest first
  rolechain chains logs/ --subject 'repo:acme/orders:*'       what one repository reaches
  rolechain chains logs/ --origin long_term_key --account 222222222222
  rolechain chains logs/ --role '*/ci-deploy-role' --tree     one chain after the other, as trees

Exit status: 0 done; 2 usage or operational error; 3 when nothing was judged: no record in the sources or the window,
or no chain that fits the filters.";

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  rolechain export logs/ --to out/ --format parquet                      every table as one file
  rolechain export logs/ --to out/ --format csv --table findings         for a spreadsheet
  rolechain export logs/ --to out/ --format parquet --partition-by-day   for Athena and Spark

The directory is replaced as a whole: readers see the old export or the new one, never half of one.
docs/schema.md describes the tables, docs/export.md how BI tools read them.

Exit status: 0 done; 2 usage or operational error; 3 when nothing was judged: no record in the sources or the window.";

pub(super) const QUERY_EXAMPLES: &str = "\
Examples:
  rolechain query                                        the shipped queries
  rolechain query who-reached-prod logs/                 one of them, over logs
  rolechain query who-reached-prod out/ --format csv     the same over an export
  rolechain query --sql 'select * from chains' logs/     your own; see docs/schema.md
  rolechain query --file report.sql out/ -o report.csv    CSV, by its extension

Exit status: 0 done; 2 usage or operational error; 3 when nothing was judged: no record in the sources or the window.";

pub(super) const WHO_EXAMPLES: &str = "\
Examples:
  rolechain who prod s3://bucket/AWSLogs --since 12h    who deployed to prod last night
  rolechain who 222222222222 logs/                      the same by the id of the account
  rolechain who ci-deploy-role logs/                    who used a role; '*deploy*' fits several
  rolechain who acme/orders logs/                       what one repository did
  rolechain who AKIA2EXAMPLEKEY logs/                   what was done with a key
  rolechain who 198.51.100.7 logs/                      what was done from an address or a range
  rolechain who 2026-05-27 logs/ --account prod         what happened there on a day
  rolechain who 2026-05-27..2026-05-29 logs/            what happened on three days

Each line: the last call (UTC), who, through which roles, what was changed, whether it was expected, the CI run, and
the id that `rolechain trace` takes.

Exit status: 0 done, also when nobody acted; 2 usage or operational error; 3 when nothing was judged: no record in the
sources or the window, or nothing in them is called TARGET.";

pub(super) const TRACE_EXAMPLES: &str = "\
ID is whatever a report prints: a chain (ch-…), a route (rt-…), an access key, an event, a session ARN, an address, the
number of a CI run, or the fingerprint of a finding; its beginning is enough when nothing else begins like it.

Examples:
  rolechain trace ch-0f3c9a1be2d45678 logs/
  rolechain trace ASIA2EXAMPLEKEY logs/
  rolechain trace arn:aws:sts::222222222222:assumed-role/ci-deploy-role/GitHubActions logs/
  rolechain trace 19000000001 logs/ --format json

Exit status: 0 done; 2 usage or operational error, such as a beginning that fits several; 3 when nothing was judged: no
record in the sources or the window, or nothing in them is called ID.";

pub(super) const RULES_EXAMPLES: &str = "\
Examples:
  rolechain rules                             all of them, with their usual severity
  rolechain rules --markdown                  the catalogue of docs/rules/README.md
  rolechain rules --format json               the same for programs
  rolechain rules --color never | grep key    those that speak of keys";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rolechain explain missing-external-id       what it finds, when it stays silent, what to do
  rolechain explain unexpected-subject | less";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  rolechain completions bash > ~/.local/share/bash-completion/completions/rolechain
  rolechain completions zsh > \"${fpath[1]}/_rolechain\"
  rolechain completions fish > ~/.config/fish/completions/rolechain.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  rolechain man | man -l -                    one page with every command
  rolechain man --to ~/.local/share/man/man1  a page for each command";

pub(super) const VERIFY_EXAMPLES: &str = "\
Examples:
  rolechain verify s3://trail-bucket --list-public-keys --since 7d   asks for the keys
  aws cloudtrail list-public-keys --region eu-central-1 --start-time 2026-11-01 > keys.json
  rolechain verify logs/ --public-keys keys.json                     a local copy, offline
  rolechain verify logs/                                             no signatures

SOURCE holds the log files and the digest files (AWSLogs/…/CloudTrail/ and AWSLogs/…/CloudTrail-Digest/).
CloudTrail is asked for its keys only with --list-public-keys, once for each region.
Beside a copied digest file FILE, FILE.signature may hold its signature in hexadecimal, or what
aws s3api head-object prints of it.

Exit status: 0 done; 2 usage or operational error; 3 with --strict, when something failed or could not be read.";

pub(super) const INFER_EXAMPLES: &str = "\
Examples:
  aws iam get-account-authorization-details > details.json
  rolechain infer --iam details.json logs/ -o rolechain.toml     what is granted and used
  rolechain infer --iam tooling.json --iam prod.json             from policies alone
  rolechain infer logs/ -o rolechain.toml                        learned = true
  terraform show -json plan.out > plan.json; rolechain infer --iam plan.json

At least one --iam or SOURCE. Each stanza says what it rests on; what looks bad is never learned, and is named at the
end of the file. docs/infer.md tells more.

Exit status: 0 done; 2 usage or operational error; 3 when nothing was judged: no record in the sources or the window.";

pub(super) const STORE_EXAMPLES: &str = "\
Examples:
  rolechain audit s3://bucket/AWSLogs --store store/    makes a store, and adds to it every night
  rolechain store status store/                         what is in it
  rolechain store compact store/ --keep 400d            one file for each day, and old days go
  rolechain store merge other/ --into store/            what another one holds, too";
