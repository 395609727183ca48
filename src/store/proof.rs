//! What the check of digest files needs, of every object that was ever read with it.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::entry::State;
use super::error::StoreError;
use super::ledger::Ledger;
use super::tables::Digests;
use super::view::View;
use crate::model::receipt::Content;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;

/// What is known of a digest file: its text, and its signature when the object's metadata was there.
pub(super) type Digest = (Option<String>, Option<String>);

/// Lends a digest file as its table takes it.
pub(super) fn lent<'d>((object, digest): (&'d String, &'d Digest)) -> (&'d str, Option<&'d str>, Option<&'d str>) {
    (object, digest.0.as_deref(), digest.1.as_deref())
}

impl View {
    /// Returns a receipt for each object, as a scan with contents would have made it. Objects that were read without the
    /// check have no content: nothing can be said of them.
    pub fn receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        let mut digests = self.digests()?;
        let ledger = Ledger::read(self)?;
        let deleted = ledger.deleted();
        // What somebody deleted is not there, whatever was known of it: digest files that name it say so.
        let objects = ledger.rows().filter(|entry| {
            matches!(entry.state, State::Read | State::Failed | State::Lost) && !deleted.contains(entry.object.as_str())
        });
        Ok(objects.map(|entry| receipt(entry, digests.remove(&entry.object))).collect())
    }

    /// Returns the last word on each digest file.
    pub(super) fn digests(&self) -> Result<BTreeMap<String, Digest>, StoreError> {
        let mut digests = BTreeMap::new();
        self.each::<Digests>(&mut (), |_, (object, text, signature)| {
            digests.insert(object, (text, signature));
        })?;
        Ok(digests)
    }
}

fn receipt(entry: &Entry, digest: Option<Digest>) -> Receipt {
    let (text, signature) = digest.unwrap_or_default();
    // Without its text, nothing can be said of a digest file: it is not a forged one.
    let is_lost = entry.kind == Some(ObjectKind::Digest) && text.is_none();
    let content = entry.has_trailing_bytes.map(|has_trailing_bytes| Content {
        sha256: entry.sha256.as_deref().and_then(bytes),
        has_trailing_bytes,
        digest: text.map(String::into_bytes),
        signature,
    });
    Receipt {
        object: entry.object.clone(),
        version: entry.version.clone(),
        size: entry.size,
        stored_bytes: entry.stored_bytes,
        inflated_bytes: entry.inflated_bytes,
        kind: entry.kind,
        unique: entry.unique,
        duplicate: entry.duplicate,
        malformed: entry.malformed,
        unsupported: entry.unsupported,
        defects: entry.defects,
        set_aside: entry.set_aside.clone(),
        content: content.filter(|_| entry.state == State::Read && !is_lost),
    }
}

/// Reads 64 hexadecimal digits.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::bytes;
    use super::receipt;
    use crate::model::receipt::Content;
    use crate::model::receipt::Receipt;
    use crate::model::record::ObjectKind;
    use crate::store::entry::Entry;

    #[test]
    fn nothing_is_said_of_a_digest_file_whose_text_is_lost() {
        let content = Content { sha256: Some([7; 32]), has_trailing_bytes: false, digest: None, signature: None };
        let read = Receipt {
            object: "digest.json.gz".to_owned(),
            version: Some("1".to_owned()),
            size: 9,
            stored_bytes: 9,
            inflated_bytes: 20,
            kind: Some(ObjectKind::Digest),
            unique: 0,
            duplicate: 0,
            malformed: 0,
            unsupported: 0,
            defects: 0,
            set_aside: BTreeMap::new(),
            content: Some(content),
        };
        let entry = Entry::of(&read);
        assert_eq!(receipt(&entry, None).content, None);
        assert_eq!(receipt(&entry, Some((None, Some("00".to_owned())))).content, None);
        let known = receipt(&entry, Some((Some("{}".to_owned()), None))).content.unwrap();
        assert_eq!((known.sha256, known.digest), (Some([7; 32]), Some(b"{}".to_vec())));
        let log = Entry { kind: Some(ObjectKind::Records), ..entry };
        assert!(receipt(&log, None).content.is_some());
    }

    #[test]
    fn digits_are_read_as_they_are_written() {
        let digits = "00ff7a10".repeat(8);
        assert_eq!(bytes(&digits).unwrap()[28..], [0, 0xff, 0x7a, 0x10]);
        assert_eq!((bytes(""), bytes(&"x".repeat(64)), bytes(&digits[1..])), (None, None, None));
    }
}
