//! What is hashed while an object is inflated is what a plain decoder of one gzip member gives.

use std::io::Read as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rolechain::model::coverage::DefectKind;
use rolechain::model::receipt::Content;
use rolechain::model::record::ObjectKind;
use rolechain::model::record::Record;
use rolechain::model::record::RecordIndex;
use rolechain::model::record::RecordSink;
use rolechain::read;
use rolechain::read::Limits;
use sha2::Digest as _;

use crate::support::cases;

struct Nobody;

impl RecordSink for Nobody {
    fn record(&mut self, _: RecordIndex, _: &Record<'_>) {}
    fn defect(&mut self, _: Option<RecordIndex>, _: DefectKind, _: &str) {}
}

fn pack(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(level));
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn witness(bytes: &[u8], is_overlapped: bool) -> (ObjectKind, Option<Content>) {
    let mut scratch = read::Scratch::default();
    let (summary, content) = read::read_witnessed(bytes, is_overlapped, &mut scratch, &Limits::default(), &mut Nobody);
    // Hashing changes nothing of what is read. Of reserved distance codes only the faster decoder makes something: where
    // that is the very text that was packed, by its checksum and length, it is read.
    let plain = read::read_object(bytes, &mut scratch, &Limits::default(), &mut Nobody);
    let is_vouched_for = plain.kind == ObjectKind::Records && summary.kind == ObjectKind::Broken;
    if !(is_vouched_for && reference(bytes).is_none()) {
        assert_eq!((summary.kind, summary.not_json), (plain.kind, plain.not_json));
    }
    (summary.kind, content)
}

/// What an independent decoder says: the hash of the first member, and whether anything follows it.
fn reference(bytes: &[u8]) -> Option<([u8; 32], bool)> {
    let mut decoder = GzDecoder::new(bytes);
    let mut text = Vec::new();
    decoder.read_to_end(&mut text).ok()?;
    Some((sha2::Sha256::digest(&text).into(), !decoder.into_inner().is_empty()))
}

fn record(number: usize, padding: usize) -> String {
    format!(
        r#"{{"eventName":"ListRoles","eventSource":"iam.amazonaws.com","eventID":"{number}","x":"{}"}}"#,
        "y".repeat(padding)
    )
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn every_object_hashes_as_its_first_member_does(
        records in prop_oneof![4 => 0..20_usize, 1 => 2_000..6_000_usize],
        padding in 0..900_usize,
        level in 0..9_u32,
        tail in prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::collection::vec(any::<u8>(), 1..40),
            1 => Just(vec![0; 512]),
            1 => Just(pack(br#"{"Records":[{"eventName":"Forged","eventSource":"x"}]}"#, 6)),
        ],
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        flip in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let text = format!("{{\"Records\":[{}]}}", (0..records).map(|number| record(number, padding)).collect::<Vec<_>>().join(","));
        let mut bytes = pack(text.as_bytes(), level);
        bytes.extend(tail);
        if let Some(flip) = flip {
            // Not in the header, where flags decide about what decoders differ.
            let at = 10 + flip.index(bytes.len() - 10);
            bytes[at] ^= 0x10;
        }
        if let Some(cut) = cut {
            bytes.truncate(11 + cut.index(bytes.len() - 10));
        }
        for is_overlapped in [false, true] {
            let (_, content) = witness(&bytes, is_overlapped);
            let content = content.expect("it was read to its end");
            prop_assert!(content.digest.is_none());
            if let Some((sha256, trails)) = reference(&bytes) {
                prop_assert_eq!(content.sha256, Some(sha256));
                prop_assert_eq!(content.has_trailing_bytes, trails);
            } else {
                prop_assert_eq!(content.sha256, None);
            }
        }
    }
}

#[test]
fn bytes_that_imitate_the_end_of_a_member_are_seen() {
    let text = format!("{{\"Records\":[{}]}}", record(1, 100));
    let sound = pack(text.as_bytes(), 6);
    // A reader that trusts the last eight bytes, hash and length, takes this for one member.
    let mut forged = sound.clone();
    forged.extend(b"anything at all");
    forged.extend(&sound[sound.len() - 8..]);
    let (_, content) = witness(&forged, false);
    let content = content.unwrap();
    assert_eq!(content.sha256, Some(sha2::Sha256::digest(&text).into()));
    assert!(content.has_trailing_bytes);
    assert!(!witness(&sound, false).1.unwrap().has_trailing_bytes);
}

#[test]
fn a_packing_in_a_packing_is_not_what_cloudtrail_writes() {
    let text = format!("{{\"Records\":[{}]}}", record(1, 100));
    let twice = pack(&pack(text.as_bytes(), 6), 6);
    assert_eq!(witness(&twice, false).1.unwrap().sha256, None);
}

#[test]
fn copies_that_were_unpacked_hash_as_the_originals_do() {
    let text = format!("{{\"Records\":[{}]}}", record(1, 100));
    let sha256 = Some(sha2::Sha256::digest(&text).into());
    assert_eq!(witness(text.as_bytes(), false).1.unwrap().sha256, sha256);
    assert_eq!(witness(&zstd::encode_all(text.as_bytes(), 3).unwrap(), true).1.unwrap().sha256, sha256);
}

#[test]
fn digest_files_are_kept_whole_and_nothing_else_is() {
    for logs in [0, 3, 40_000] {
        let log = r#"{"s3Bucket":"b","s3Object":"k","hashValue":"00"}"#;
        let digest = format!(
            r#"{{"awsAccountId":"1","digestS3Object":"x","digestEndTime":"y","logFiles":[{}]}}"#,
            vec![log; logs].join(",")
        );
        let (kind, content) = witness(&pack(digest.as_bytes(), 6), false);
        assert_eq!(kind, ObjectKind::Digest);
        assert_eq!(content.unwrap().digest.as_deref(), Some(digest.as_bytes()), "{logs} log files");
    }
}

/// Fails in the middle, as a connection does.
struct Cut<'b>(&'b [u8]);

impl std::io::Read for Cut<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(std::io::ErrorKind::ConnectionReset.into()),
            count => Ok(count),
        }
    }
}

#[test]
fn nothing_is_said_of_what_was_not_fetched() {
    let text = format!("{{\"Records\":[{}]}}", record(1, 100_000));
    let bytes = pack(text.as_bytes(), 1);
    for is_overlapped in [false, true] {
        let mut scratch = read::Scratch::default();
        let half = Cut(&bytes[..bytes.len() / 2]);
        let (_, content) = read::read_witnessed(half, is_overlapped, &mut scratch, &Limits::default(), &mut Nobody);
        assert_eq!(content, None);
    }
    let limits = Limits { inflated_bytes: 1_000, ..Limits::default() };
    let mut scratch = read::Scratch::default();
    let (_, content) = read::read_witnessed(&bytes[..], false, &mut scratch, &limits, &mut Nobody);
    assert_eq!(content, None);
}
