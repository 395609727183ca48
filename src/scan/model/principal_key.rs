//! What tells principals apart, as bytes, and their key in tables: the same for the same identity, in every run and on
//! every machine.

use sha2::Digest as _;
use sha2::Sha256;

use super::principal::Principal;
use super::symbols::Symbols;
use super::width::wide;

/// Bytes of a key: no two of a hundred billion principals share one by chance.
const LENGTH: usize = 12;

/// Lays out who a principal is: all its fields but the slot. Neither symbols nor seeds go in.
///
/// The recipe never changes: keys that are stored come from it.
pub fn principal_bytes(principal: &Principal, symbols: &Symbols) -> Vec<u8> {
    let mut bytes = principal.kind.name().as_bytes().to_vec();
    for part in [
        principal.principal_id,
        principal.arn,
        principal.account,
        principal.access_key,
        principal.user_name,
        principal.invoked_by,
        principal.identity_provider,
        principal.issuer_arn,
        principal.issuer_id,
        principal.federated_provider,
        principal.source_identity,
        principal.on_behalf_of,
        principal.issued_to,
    ] {
        // Lengths keep `a` + `bc` apart from `ab` + `c`, and nothing apart from an empty text.
        let text = symbols.opt(part);
        bytes.extend(text.map_or(u64::MAX, |text| wide(text.len())).to_le_bytes());
        bytes.extend(text.unwrap_or_default().as_bytes());
    }
    bytes.extend(principal.created.map_or(i64::MIN, |created| created.0).to_le_bytes());
    bytes.extend([principal.mfa.map_or(2, u8::from)]);
    bytes.extend([principal.assumed_root, principal.from_console].map(u8::from));
    // What was not read when the recipe was made: it changes no key of who has none of it.
    for (tag, part) in
        [(b's', principal.federated_subject), (b'a', principal.federated_audience), (b'd', principal.delegate)]
    {
        if let Some(text) = symbols.opt(part) {
            bytes.push(tag);
            bytes.extend(wide(text.len()).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
    }
    if let Some(called) = principal.called {
        bytes.push(b'c');
        bytes.extend(called.0.to_le_bytes());
    }
    bytes
}

/// Hashes who a principal is.
pub fn principal_key(principal: &Principal, symbols: &Symbols) -> [u8; LENGTH] {
    let mut key = [0; LENGTH];
    for (to, from) in key.iter_mut().zip(Sha256::digest(principal_bytes(principal, symbols))) {
        *to = from;
    }
    key
}

/// Writes a key as tables hold it: 24 hexadecimal digits.
pub fn key_text(key: [u8; LENGTH]) -> String {
    let number = key.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:024x}")
}
