//! Identifiers as AWS makes them, from a seed: the same seed gives the same identifiers.

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALNUM: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A splitmix64 generator.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    /// Starts at a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns 64 bits that look random.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`, and 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.bits().checked_rem(bound).unwrap_or(0)
    }

    /// Writes a version 4 UUID.
    pub(crate) fn write_uuid(&mut self, out: &mut String) {
        let value = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        let mut bytes = value.to_be_bytes();
        bytes[6] = 0x40 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                out.push('-');
            }
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }

    /// Returns a version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let mut out = String::with_capacity(36);
        self.write_uuid(&mut out);
        out
    }

    /// Returns `length` letters and digits.
    pub(crate) fn alnum(&mut self, length: usize) -> String {
        self.pick(ALNUM, length)
    }

    /// Returns `length` hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.pick(HEX, length)
    }

    fn pick(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| {
                let place = usize::try_from(self.below(alphabet.len() as u64)).unwrap_or(0);
                char::from(alphabet[place])
            })
            .collect()
    }
}

/// Returns the FNV-1a hash of a name: the number of a thing that has the same identifier in every story.
pub(crate) fn number_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns the `n`th access key id of an account: `ASIA` or `AKIA`, and 16 characters that encode the account.
pub(crate) fn access_key(prefix: &str, account: u64, n: u64) -> String {
    format!("{prefix}{}", encoded(account, n))
}

/// Returns the `n`th unique id of an account: `AROA` or `AIDA`, and 17 characters that encode the account.
pub(crate) fn unique_id(prefix: &str, account: u64, n: u64) -> String {
    let last = usize::try_from(Ids::new(!n).below(32)).unwrap_or(0);
    format!("{prefix}{}{}", encoded(account, n), char::from(BASE32[last]))
}

/// Six bytes of `1 << 47 | account << 7 | 7 random bits`, then four random bytes, in base 32.
fn encoded(account: u64, n: u64) -> String {
    let random = Ids::new(n).bits();
    let head = (1 << 47) | ((account & 0xff_ffff_ffff) << 7) | (random & 0x7f);
    let mut bits = (u128::from(head) << 32) | u128::from(random >> 32);
    let mut out = [0; 16];
    for place in out.iter_mut().rev() {
        *place = BASE32[usize::try_from(bits & 31).unwrap_or(0)];
        bits >>= 5;
    }
    out.iter().map(|byte| char::from(*byte)).collect()
}
