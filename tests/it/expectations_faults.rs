//! Every fault of an expectations file is told with its place and a way out.

#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use expect_test::{Expect, expect};
use rolechain::expect::Expectations;

const RULES: &[&str] = &["long-lived-key-assumes-role", "mutable-subject", "unexpected-subject"];

fn check(text: &str, expected: &Expect) {
    let error = Expectations::parse("rolechain.toml", text, RULES).expect_err("the file is faulty");
    expected.assert_eq(&error.to_string());
}

#[test]
fn an_unknown_key_names_the_nearest_one() {
    check(
        "[[role]]\narn = 'arn:aws:iam::111111111111:role/x'\nsubject = []\n",
        &expect![[r#"
        rolechain.toml:3:1: unknown key "subject" in [[role]]
          |
        3 | subject = []
          | ^^^^^^^
        hint: did you mean "subjects"?"#]],
    );
}

#[test]
fn a_key_by_another_name_is_known_by_its_synonym() {
    check(
        "[[exception]]\nrule = 'mutable-subject'\n",
        &expect![[r#"
        rolechain.toml:1:1: [[exception]] lacks the key "detection"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "match"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "reason"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "owner"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "created"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "expires"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:2:1: unknown key "rule" in [[exception]]
          |
        2 | rule = 'mutable-subject'
          | ^^^^
        hint: did you mean "detection"?"#]],
    );
}

#[test]
fn an_unquoted_account_id_must_be_quoted() {
    check(
        "[[account]]\nid = 111111111111\n",
        &expect![[r#"
        rolechain.toml:2:6: id must be quoted
          |
        2 | id = 111111111111
          |      ^^^^^^^^^^^^
        hint: write "111111111111": a number would lose leading zeros"#]],
    );
    check(
        "[[account]]\nid = 012345678901\n",
        &expect![[r#"
        rolechain.toml:2:6: not TOML: unexpected leading zero, expected nothing
          |
        2 | id = 012345678901
          |      ^
        hint: an account id is quoted: "012345678901""#]],
    );
}

#[test]
fn bad_account_ids_and_twins_are_all_told_at_once() {
    check(
        "[[account]]\nid = '1111'\n[[account]]\nid = '222222222222'\n[[account]]\nid = '222222222222'\n",
        &expect![[r#"
        rolechain.toml:2:6: id "1111" is not an account id of 12 digits
          |
        2 | id = '1111'
          |      ^^^^^^

        rolechain.toml:6:6: account 222222222222 is declared twice
          |
        6 | id = '222222222222'
          |      ^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn words_of_closed_lists_are_checked() {
    check(
        "[[role]]\narn = 'arn:aws:iam::111111111111:role/x'\nclass = 'deployment'\norigin = ['saml2', 'zebra']\n",
        &expect![[r#"
            rolechain.toml:3:9: unknown class "deployment"
              |
            3 | class = 'deployment'
              |         ^^^^^^^^^^^^
            hint: did you mean "deploy"?

            rolechain.toml:4:11: unknown origin "saml2"
              |
            4 | origin = ['saml2', 'zebra']
              |           ^^^^^^^
            hint: did you mean "saml"?

            rolechain.toml:4:20: unknown origin "zebra"
              |
            4 | origin = ['saml2', 'zebra']
              |                    ^^^^^^^
            hint: it is oidc, saml, identity_center, long_term_key, root, console, session_token, forward_access, aws_service, roles_anywhere, pod_identity, external_account, sso, key or iam-key"#]],
    );
}

#[test]
fn rules_must_exist() {
    check(
        "[severity]\nmutable-subjects = 'low'\nunexpected-subject = 'severe'\n",
        &expect![[r#"
        rolechain.toml:2:1: unknown rule "mutable-subjects"
          |
        2 | mutable-subjects = 'low'
          | ^^^^^^^^^^^^^^^^
        hint: did you mean "mutable-subject"?

        rolechain.toml:3:22: unknown severity "severe"
          |
        3 | unexpected-subject = 'severe'
          |                      ^^^^^^^^
        hint: it is info, low, medium, high or critical"#]],
    );
}

#[test]
fn arns_must_be_those_of_roles_and_users() {
    check(
        "[[role]]\narn = 'role/x'\n[[role]]\narn = 'arn:aws:iam::1111:role/x'\n[[role]]\n\
         arn = 'arn:aws:iam::111111111111:user/x'\n[[role]]\narn = 'arn:aws:sts::111111111111:assumed-role/x/y'\n\
         [[role]]\narn = 'arn:aws:iam::111111111111:role/x'\n\
         [[role.from]]\nprincipal = 'arn:aws:iam::111111111111:root'\n[[role.from]]\n",
        &expect![[r#"
            rolechain.toml:2:7: "role/x" is not an ARN: it has the form arn:aws:iam::<account>:role/<name>
              |
            2 | arn = 'role/x'
              |       ^^^^^^^^

            rolechain.toml:4:7: "1111" is not an account id of 12 digits, in the ARN "arn:aws:iam::1111:role/x"
              |
            4 | arn = 'arn:aws:iam::1111:role/x'
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^

            rolechain.toml:6:7: arn:aws:iam::111111111111:user/x is not the ARN of a role
              |
            6 | arn = 'arn:aws:iam::111111111111:user/x'
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: it has the form arn:aws:iam::<account>:role/<name>

            rolechain.toml:8:7: "arn:aws:sts::111111111111:assumed-role/x/y" is the ARN of a session: write its role, arn:aws:iam::<account>:role/<name>
              |
            8 | arn = 'arn:aws:sts::111111111111:assumed-role/x/y'
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            rolechain.toml:12:13: arn:aws:iam::111111111111:root is not the ARN of a role or user
               |
            12 | principal = 'arn:aws:iam::111111111111:root'
               |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            hint: write account = "111111111111" to admit a whole account

            rolechain.toml:13:1: [[role.from]] names neither a principal nor an account
               |
            13 | [[role.from]]
               | ^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn roles_are_declared_once() {
    let role = "[[role]]\narn = 'arn:aws:iam::111111111111:role/x'\n";
    check(
        &role.repeat(2),
        &expect![[r#"
        rolechain.toml:4:7: role arn:aws:iam::111111111111:role/x is declared twice
          |
        4 | arn = 'arn:aws:iam::111111111111:role/x'
          |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_exception_needs_reason_owner_and_an_end() {
    check(
        "[[exception]]\ndetection = 'mutable-subject'\nmatch = {}\n",
        &expect![[r#"
        rolechain.toml:1:1: [[exception]] lacks the key "reason"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "owner"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "created"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:1:1: [[exception]] lacks the key "expires"
          |
        1 | [[exception]]
          | ^^^^^^^^^^^^^

        rolechain.toml:3:9: match is empty: the exception would accept every finding of the rule
          |
        3 | match = {}
          |         ^^
        hint: name what it accepts, such as { role_arn = "arn:aws:iam::111111111111:role/ci" }"#]],
    );
    check(
        "[[exception]]\ndetection = 'mutable-subject'\nmatch = { subject = '*' }\nreason = 'r'\nowner = 'o'\n\
         created = 2026-01-01\nexpires = 2027-01-03\n",
        &expect![[r#"
            rolechain.toml:7:11: expires lies 367 days after created, and 366 are the most
              |
            7 | expires = 2027-01-03
              |           ^^^^^^^^^^
            hint: renew it when the time has come"#]],
    );
    check(
        "[[exception]]\ndetection = 'mutable-subject'\nmatch = { subject = '*' }\nreason = 'r'\nowner = 'o'\n\
         created = 2026-11-01\nexpires = '2027-01-03'\n",
        &expect![[r#"
            rolechain.toml:7:11: expires must be a date
              |
            7 | expires = '2027-01-03'
              |           ^^^^^^^^^^^^
            hint: leave the quotes out"#]],
    );
    check(
        "[[exception]]\ndetection = 'mutable-subject'\nmatch = { subject = '*' }\nreason = 'r'\nowner = 'o'\n\
         created = 2026-11-02\nexpires = 2026-11-01\n",
        &expect![[r#"
            rolechain.toml:7:11: expires lies before created
              |
            7 | expires = 2026-11-01
              |           ^^^^^^^^^^"#]],
    );
}

#[test]
fn an_exception_matches_what_findings_have_in_their_keys() {
    let stanza = |part: &str| {
        format!(
            "[[exception]]\ndetection = 'mutable-subject'\nmatch = {{ {part} = '*' }}\nreason = 'r'\nowner = 'o'\n\
             created = 2026-11-01\nexpires = 2026-11-02\n"
        )
    };
    check(
        &stanza("principle_arn"),
        &expect![[r#"
            rolechain.toml:3:11: no finding has a "principle_arn" in its key
              |
            3 | match = { principle_arn = '*' }
              |           ^^^^^^^^^^^^^
            hint: did you mean "principal_arn"?"#]],
    );
    check(
        &stanza("zzz"),
        &expect![[r#"
            rolechain.toml:3:11: no finding has a "zzz" in its key
              |
            3 | match = { zzz = '*' }
              |           ^^^
            hint: a finding's key names what it is about: `rolechain audit --format json` shows it"#]],
    );
}

#[test]
fn no_rule_can_be_turned_off() {
    check(
        "[severity]\nmutable-subject = 'off'\n",
        &expect![[r#"
            rolechain.toml:2:19: a rule cannot be turned off
              |
            2 | mutable-subject = 'off'
              |                   ^^^^^
            hint: grade it "info", or accept single findings with [[exception]], which has an owner and an end"#]],
    );
}

#[test]
fn globs_refs_and_digests_have_their_shape() {
    check(
        "[[role]]\narn = 'arn:aws:iam::111111111111:role/x'\nmay = ['AssumeRole']\nsession_name = '('\n\
         subjects = [{ repo = 'orders' }, { repo = 'acme/{a,b}' }, { ref = 'main' }, {}]\n\
         [[role.from]]\naccount = '222222222222'\nexternal_id = 'sha256:abc'\n",
        &expect![[r#"
            rolechain.toml:3:8: may "AssumeRole" is not an action, such as sts:AssumeRole
              |
            3 | may = ['AssumeRole']
              |        ^^^^^^^^^^^^

            rolechain.toml:4:16: session_name is not a regular expression: found open group without closing ')'
              |
            4 | session_name = '('
              |                ^^^
            hint: single quotes keep backslashes as they are

            rolechain.toml:5:22: repo "orders" is not owner/name
              |
            5 | subjects = [{ repo = 'orders' }, { repo = 'acme/{a,b}' }, { ref = 'main' }, {}]
              |                      ^^^^^^^^

            rolechain.toml:5:43: repo "acme/{a,b}" is not a good glob
              |
            5 | subjects = [{ repo = 'orders' }, { repo = 'acme/{a,b}' }, { ref = 'main' }, {}]
              |                                           ^^^^^^^^^^^^
            hint: * is any run of characters and ? is one; write several entries instead

            rolechain.toml:5:67: ref "main" is not a full git ref, such as refs/heads/main or refs/tags/v*
              |
            5 | subjects = [{ repo = 'orders' }, { repo = 'acme/{a,b}' }, { ref = 'main' }, {}]
              |                                                                   ^^^^^^
            hint: did you mean "refs/heads/main"?

            rolechain.toml:5:77: this entry of subjects admits every token
              |
            5 |  'acme/{a,b}' }, { ref = 'main' }, {}]
              |                                    ^^
            hint: give at least one key, such as repo = "acme/orders"

            rolechain.toml:8:15: a sha256 has 64 hexadecimal digits, and this has 3 characters
              |
            8 | external_id = 'sha256:abc'
              |               ^^^^^^^^^^^^
            hint: printf %s VALUE | sha256sum"#]],
    );
}

#[test]
fn an_environment_says_whose_it_is_and_asks_for_what_can_be() {
    check(
        "[[environment]]\nname = 'prod'\nrunners = 'mine'\napproval = 1\n\
         [[environment]]\nrepo = 'acme/orders'\nname = 'prod'\napprovals = 3\napprovers = ['priya', 'Priya']\n\
         [[environment]]\nrepo = 'Acme/orders'\nname = 'PROD'\n\
         [[role]]\narn = 'arn:aws:iam::111111111111:role/x'\nruns = 'maybe'\n",
        &expect![[r#"
            rolechain.toml:1:1: [[environment]] lacks the key "repo"
              |
            1 | [[environment]]
              | ^^^^^^^^^^^^^^^

            rolechain.toml:3:11: unknown runners "mine"
              |
            3 | runners = 'mine'
              |           ^^^^^^
            hint: it is hosted, self-hosted or any

            rolechain.toml:4:1: unknown key "approval" in [[environment]]
              |
            4 | approval = 1
              | ^^^^^^^^
            hint: did you mean "approvals"?

            rolechain.toml:8:13: 3 must approve, and approvers lists 1
              |
            8 | approvals = 3
              |             ^

            rolechain.toml:10:1: environment PROD of Acme/orders expects nothing
               |
            10 | [[environment]]
               | ^^^^^^^^^^^^^^^
            hint: give at least one key, such as approvals = 1

            rolechain.toml:10:1: environment PROD of Acme/orders is declared twice
               |
            10 | [[environment]]
               | ^^^^^^^^^^^^^^^

            rolechain.toml:15:8: unknown runs "maybe"
               |
            15 | runs = 'maybe'
               |        ^^^^^^^
            hint: it is required"#]],
    );
}

#[test]
fn a_list_is_written_as_a_list() {
    check(
        "[role]\narn = 'arn:aws:iam::111111111111:role/x'\n[keys]\nallow_users = 'x'\nmax_age_days = 'x'\n",
        &expect![[r#"
            rolechain.toml:1:1: role must be a list
              |
            1 | [role]
              | ^^^^^^
            hint: write [[role]] with two brackets on each side, or role = [{ … }]

            rolechain.toml:4:15: allow_users must be a list
              |
            4 | allow_users = 'x'
              |               ^^^
            hint: put it in brackets: allow_users = [ … ]

            rolechain.toml:5:16: max_age_days must be a whole number, and this is a string
              |
            5 | max_age_days = 'x'
              |                ^^^"#]],
    );
}

#[test]
fn networks_have_ranges_and_issuers_name_known_ones() {
    check(
        "[networks]\noffice = { cidrs = ['203.0.113.0/33'] }\nempty = {}\nhalf = { key = 'x' }\n\
         [[issuer]]\nurl = 'gitlab.com'\nkind = 'gitlub'\nnetworks = ['ofice']\naccounts = [222222222222]\n",
        &expect![[r#"
            rolechain.toml:2:21: "203.0.113.0/33" is not an address range such as 203.0.113.0/24
              |
            2 | office = { cidrs = ['203.0.113.0/33'] }
              |                     ^^^^^^^^^^^^^^^^

            rolechain.toml:3:9: network "empty" has no ranges
              |
            3 | empty = {}
              |         ^^
            hint: give cidrs = ["203.0.113.0/24"] or file = "ranges.json"

            rolechain.toml:4:16: key needs the file that it is a key of
              |
            4 | half = { key = 'x' }
              |                ^^^

            rolechain.toml:7:8: unknown issuer kind "gitlub"
              |
            7 | kind = 'gitlub'
              |        ^^^^^^^^
            hint: did you mean "gitlab"?

            rolechain.toml:8:13: unknown network "ofice"
              |
            8 | networks = ['ofice']
              |             ^^^^^^^
            hint: did you mean "office"?

            rolechain.toml:9:13: accounts must be quoted
              |
            9 | accounts = [222222222222]
              |             ^^^^^^^^^^^^
            hint: write "222222222222": a number would lose leading zeros"#]],
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_place() {
    check(
        "[org\nname = \"acme\"\n",
        &expect![[r#"
        rolechain.toml:1:5: not TOML: unclosed table, expected `]`
          |
        1 | [org
          |     ^"#]],
    );
}

#[test]
fn a_later_schema_is_refused() {
    check(
        "schema = 2\n",
        &expect![[r#"
        rolechain.toml:1:10: schema 2 is not known
          |
        1 | schema = 2
          |          ^
        hint: this version reads 1"#]],
    );
}

#[test]
fn the_caret_stands_below_wide_characters_and_in_long_lines() {
    let long = "x".repeat(300);
    check(
        &format!("org = {{ name = \"日本\", nmae = \"{long}\" }}\n"),
        &expect![[r#"
        rolechain.toml:1:22: unknown key "nmae" in [org]
          |
        1 | org = { name = "日本", nmae = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          |                        ^^^^
        hint: did you mean "name"?"#]],
    );
    check(
        &format!("org = {{ name = \"{long}\", nmae = 1 }}\n"),
        &expect![[r#"
        rolechain.toml:1:320: unknown key "nmae" in [org]
          |
        1 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", nmae = 1 }
          |                                    ^^^^
        hint: did you mean "name"?"#]],
    );
}
