//! The key of a principal in tables: the same text for the same identity, in every run and on every machine.

use sha2::Digest as _;
use sha2::Sha256;

use super::principal::Principal;
use super::symbols::Symbols;

/// Bytes of a key: no two of a hundred billion principals share one by chance.
const LENGTH: usize = 12;

/// Hashes who a principal is: all its fields but the slot. Neither symbols nor seeds go in.
pub fn principal_key(principal: &Principal, symbols: &Symbols) -> [u8; LENGTH] {
    let mut hash = Sha256::new();
    hash.update(principal.kind.name());
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
        hash.update(text.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX)).to_le_bytes());
        hash.update(text.unwrap_or_default());
    }
    hash.update(principal.created.map_or(i64::MIN, |created| created.0).to_le_bytes());
    let truth = |truth: Option<bool>| truth.map_or(2, u8::from);
    hash.update([truth(principal.mfa), u8::from(principal.assumed_root), u8::from(principal.from_console)]);
    let mut key = [0; LENGTH];
    for (to, from) in key.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    key
}

/// Writes a key as tables hold it: 24 hexadecimal digits.
pub fn key_text(key: [u8; LENGTH]) -> String {
    let number = key.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:024x}")
}
