//! Keys that only ever compute HMACs, and the one way in which several parts become one message.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret of one purpose, tenant and world: it computes HMAC-SHA-256 and nothing else. Never printed; zeroed on drop.
pub struct MacKey(Zeroizing<[u8; 32]>);

impl MacKey {
    pub(super) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 over `parts`, each behind its length in bytes (64 bits, big endian), so that no two lists of parts
    /// make the same message: `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC pads short keys with zeros to a block itself; a whole block spares an error that cannot happen.
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// A key of its own for what `parts` name.
    pub(super) fn derive(&self, parts: &[&[u8]]) -> Self {
        Self(Zeroizing::new(self.mac(parts)))
    }

    /// For a cipher that takes the key itself. Stays inside this room.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = MacKey::from_bytes(Zeroizing::new([1; 32]));
        let lists: [&[&[u8]]; 6] = [&[], &[b""], &[b"", b""], &[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"]];
        let macs: std::collections::BTreeSet<_> = lists.iter().map(|parts| key.mac(parts)).collect();
        assert_eq!(macs.len(), lists.len());
    }
}
