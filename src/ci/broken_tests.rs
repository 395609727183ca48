//! Files in every order, broken in every place, read in pieces of any size.

use std::io;
use std::io::Read;

use proptest::prelude::*;

use super::Facts;
use super::tests::facts;
use super::tests::files;

/// Gives one byte after another.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

/// Reads a file whole and byte by byte: both say the same.
fn in_pieces(name: &str, bytes: &[u8]) -> Facts {
    let whole = facts(&[(name, bytes.to_vec())]);
    let mut drops = Facts::default();
    drops.read(name, Drops(bytes)).unwrap();
    drops.settle();
    assert_eq!(drops, whole);
    whole
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_order_nor_repetition_matters(order in prop::collection::vec(0..files().len(), 0..40), seed in Just(files()).prop_shuffle()) {
        let expected = facts(&files());
        let all = files();
        let more = order.into_iter().filter_map(|at| all.get(at).cloned());
        prop_assert_eq!(&facts(&seed.into_iter().chain(more).collect::<Vec<_>>()), &expected);
    }

    #[test]
    fn no_cut_and_no_change_of_a_byte_is_too_much(file in 0..files().len(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (name, mut bytes) = files().swap_remove(file);
        let at = at.index(bytes.len());
        prop_assert_eq!(in_pieces(name, &bytes[..at]).files.len(), 1);
        bytes[at] = byte;
        prop_assert_eq!(in_pieces(name, &bytes).files.len(), 1);
    }

    #[test]
    fn nothing_is_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",:\\n 0-9a-z]{0,200}") {
        prop_assert_eq!(in_pieces("a", &bytes).files.len(), 1);
        prop_assert_eq!(in_pieces("b", text.as_bytes()).files.len(), 1);
    }
}

/// Reads files, and returns whether the run's approvals count as asked for, and how many there are.
fn approvals(files: &[(&str, String)]) -> (bool, usize) {
    let mut facts = Facts::default();
    for (name, text) in files {
        facts.read(name, text.as_bytes()).unwrap();
    }
    facts.settle();
    let run = facts.runs.values().next().unwrap();
    (run.approvals_asked, run.approvals.len())
}

/// An approval of which a part is not understood, or whose giver is gone, is not none.
#[test]
fn approvals_that_are_not_understood_are_not_none() {
    let whole = r#"{"state":"approved","environments":[{"name":"prod"}],"user":{"login":"sam","id":502}}"#;
    let line = |list: &str| format!(r#"{{"run_id":7,"approvals":[{list}]}}"#);
    let file = |list: &str| ("approvals-7.json", format!("[{list}]"));
    assert_eq!(approvals(&[("a", line(""))]), (true, 0));
    assert_eq!(approvals(&[file("")]), (true, 0));
    for good in [whole, &whole.replace("approved", "APPROVED"), &whole.replace(r#"{"name":"prod"}"#, "\"prod\"")] {
        assert_eq!(approvals(&[("a", line(good))]), (true, 1), "{good}");
        assert_eq!(approvals(&[file(good)]), (true, 1), "{good}");
    }
    let other = whole.replace("approved", "pending");
    assert_eq!(approvals(&[("a", line(&other))]), (true, 0));
    for odd in [
        whole.replace(r#""environments":[{"name":"prod"}],"#, ""),
        whole.replace(r#"[{"name":"prod"}]"#, "null"),
        whole.replace(r#"[{"name":"prod"}]"#, "[7]"),
        whole.replace("approved", "okayed"),
        whole.replace(r#"{"login":"sam","id":502}"#, "null"),
        r#"{"message":"Bad credentials"}"#.to_owned(),
        "7".to_owned(),
        "null".to_owned(),
        "[]".to_owned() + ",7",
    ] {
        for list in [odd.clone(), format!("{whole},{odd}"), format!("{odd},{whole}")] {
            let count = usize::from(list.contains("\"approved\",\"environments\":[{\"name\":\"prod\"}],\"user\":{"));
            for files in [
                vec![("a", line(&list))],
                vec![("a", line(&list)), ("b", line(""))],
                vec![file(&list), ("b", line(""))],
            ] {
                assert_eq!(approvals(&files), (false, count), "{files:?}");
            }
        }
    }
    // What is broken behind the first one may be another.
    assert_eq!(approvals(&[("approvals-7.json", format!("[{whole},{{"))]), (false, 1));
}

#[test]
fn commits_meet_however_they_are_written() {
    let sha = "9288178ccb359c1e99390babc2e8b4bd38c6d27b";
    for written in [sha.to_owned(), sha.to_uppercase()] {
        let run = format!(
            r#"{{"id":7,"run_number":1,"head_sha":"{written}","html_url":"https://github.com/acme/orders/actions/runs/7"}}"#
        );
        let mut facts = Facts::default();
        facts.read("a", run.as_bytes()).unwrap();
        facts.read("b", format!(r#"{{"repo":"acme/orders","commit":"{written}","pulls":[]}}"#).as_bytes()).unwrap();
        facts.settle();
        let (key, run) = facts.runs.first_key_value().unwrap();
        assert!(facts.commit(key, run).unwrap().pulls_asked);
    }
}
