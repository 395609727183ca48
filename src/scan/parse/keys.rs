//! Looks top-level keys up without a branch: a perfect hash of the first eight bytes, and one wide comparison.

use super::field::Field;

/// Bytes of text that a look-up wants to see from the key's first one on. No known key is longer.
pub(super) const REACH: usize = 32;
/// Multiplying by this sends the first eight bytes of every known key to a slot of its own, in the upper seven bits.
const SPREAD: u64 = 0x6239_7bc7_0176_2741;
const SLOTS: usize = 128;

/// The known keys.
pub(super) const KEYS: [(&str, Field); 35] = [
    ("eventVersion", Field::EventVersion),
    ("eventTime", Field::EventTime),
    ("eventSource", Field::EventSource),
    ("eventName", Field::EventName),
    ("awsRegion", Field::Region),
    ("sourceIPAddress", Field::SourceIp),
    ("userAgent", Field::UserAgent),
    ("errorCode", Field::ErrorCode),
    ("errorMessage", Field::ErrorMessage),
    ("readOnly", Field::ReadOnly),
    ("eventID", Field::EventId),
    ("sharedEventID", Field::SharedEventId),
    ("requestID", Field::RequestId),
    ("eventType", Field::EventType),
    ("eventCategory", Field::EventCategory),
    ("recipientAccountId", Field::RecipientAccount),
    ("vpcEndpointId", Field::VpcEndpoint),
    ("sessionCredentialFromConsole", Field::FromConsole),
    ("userIdentity", Field::UserIdentity),
    ("requestParameters", Field::RequestParameters),
    ("responseElements", Field::ResponseElements),
    ("additionalEventData", Field::AdditionalEventData),
    ("resources", Field::Resources),
    ("tlsDetails", Field::TlsDetails),
    ("addendum", Field::Addendum),
    ("Records", Field::Records),
    ("Events", Field::Records),
    ("events", Field::Records),
    ("logEvents", Field::Records),
    ("detail", Field::Envelope),
    ("CloudTrailEvent", Field::Envelope),
    ("message", Field::Envelope),
    ("_raw", Field::Envelope),
    ("digestS3Object", Field::Envelope),
    ("digestEndTime", Field::Envelope),
];

/// A key padded with zeros: JSON has no zero byte inside a string.
type Padded = [u64; 4];

static TABLE: [(Padded, Field); SLOTS] = table();
static MASKS: [Padded; REACH + 1] = masks();

/// Looks up the key of `length` bytes that `text` starts with.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the one call is in the innermost loop, and the outlined form costs a tenth")]
pub(super) fn look_up(text: &[u8; REACH], length: usize) -> Field {
    let Some(mask) = MASKS.get(length) else { return Field::Other };
    let (words, _) = text.as_chunks::<8>();
    let &[a, b, c, d] = words else { return Field::Other };
    let key = [
        u64::from_le_bytes(a) & mask[0],
        u64::from_le_bytes(b) & mask[1],
        u64::from_le_bytes(c) & mask[2],
        u64::from_le_bytes(d) & mask[3],
    ];
    let Some((known, field)) = TABLE.get(slot(key[0])) else { return Field::Other };
    let difference = (key[0] ^ known[0]) | (key[1] ^ known[1]) | (key[2] ^ known[2]) | (key[3] ^ known[3]);
    if difference == 0 { *field } else { Field::Other }
}

/// Looks a key up wherever it stands.
pub(crate) fn field_of(key: &[u8]) -> Field {
    let mut text = [0; REACH];
    match text.get_mut(..key.len()) {
        Some(head) if !key.contains(&0) => {
            head.copy_from_slice(key);
            look_up(&text, key.len())
        }
        _ => Field::Other,
    }
}

#[expect(clippy::as_conversions, reason = "seven bits fit, and `From` is not there when compiling")]
const fn slot(first: u64) -> usize {
    (first.wrapping_mul(SPREAD) >> 57) as usize
}

#[expect(clippy::as_conversions, clippy::indexing_slicing, reason = "runs when compiling")]
const fn table() -> [(Padded, Field); SLOTS] {
    let mut table = [([0; 4], Field::Other); SLOTS];
    let mut next = 0;
    while next < KEYS.len() {
        let (name, field) = KEYS[next];
        let (mut padded, name) = ([0_u64; 4], name.as_bytes());
        let mut at = 0;
        while at < name.len() {
            padded[at / 8] |= (name[at] as u64) << (at % 8 * 8);
            at += 1;
        }
        assert!(matches!(table[slot(padded[0])].1, Field::Other), "two keys in one slot: SPREAD needs another value");
        table[slot(padded[0])] = (padded, field);
        next += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "runs when compiling")]
const fn masks() -> [Padded; REACH + 1] {
    let mut masks = [[0; 4]; REACH + 1];
    let mut length = 0;
    while length <= REACH {
        let mut at = 0;
        while at < length {
            masks[length][at / 8] |= 0xff << (at % 8 * 8);
            at += 1;
        }
        length += 1;
    }
    masks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KEYS, field_of};
    use crate::parse::field::Field;

    #[test]
    fn every_known_key_is_found_and_nothing_near_it() {
        for (name, field) in KEYS {
            assert_eq!(field_of(name.as_bytes()), field);
            for near in
                [&name[1..], &name[..name.len() - 1], &format!("{name}x"), &format!("{name}\0"), &name.to_uppercase()]
            {
                assert_eq!(field_of(near.as_bytes()), Field::Other, "{near}");
            }
        }
        assert_eq!(field_of(b""), Field::Other);
        assert_eq!(field_of(&[b'x'; 100]), Field::Other);
    }

    proptest! {
        #[test]
        fn any_other_key_is_other(key in "[a-zA-Z]{0,40}") {
            prop_assume!(KEYS.iter().all(|(name, _)| *name != key));
            prop_assert_eq!(field_of(key.as_bytes()), Field::Other);
        }
    }
}
