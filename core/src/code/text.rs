//! Texts that must be given out again, such as imported codes, encrypted where they lie.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::book::CodeBook;
use super::mac::MacKey;
use crate::Invalid;

/// Longest text that is sealed, in bytes.
pub const TEXT_BYTES_MAX: usize = 65_536;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// One key encrypts, another makes nonces.
pub(super) struct TextKeys {
    pub(super) cipher: MacKey,
    pub(super) nonce: MacKey,
}

impl CodeBook {
    /// Encrypts `plaintext` for one place: the item `item_id` and a `purpose` such as `stock`. It opens nowhere else.
    ///
    /// XChaCha20-Poly1305 with a nonce made from item, purpose and plaintext: no random state, hence nothing that a forked or
    /// restored process could repeat. The same text in the same place gives the same bytes.
    ///
    /// # Errors
    /// `plaintext`: longer than [`TEXT_BYTES_MAX`].
    pub fn seal_text(&self, item_id: &[u8], purpose: &str, plaintext: &[u8]) -> Result<Vec<u8>, Invalid> {
        let refused = || {
            let given = format!("{} bytes", plaintext.len());
            Invalid::new("plaintext", given, format!("at most {TEXT_BYTES_MAX} bytes"))
        };
        if plaintext.len() > TEXT_BYTES_MAX {
            return Err(refused());
        }
        let mut nonce = [0; NONCE_BYTES];
        let full = self.texts.nonce.mac(&[item_id, purpose.as_bytes(), plaintext]);
        nonce.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        let aad = place(item_id, purpose);
        let encrypted = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &aad })
            .map_err(|_| refused())?;
        Ok([&[VERSION], nonce.as_slice(), &encrypted].concat())
    }

    /// What [`CodeBook::seal_text`] encrypted for this place; `None` if it was changed, belongs elsewhere, or is of another
    /// tenant or world. The text zeroes itself when dropped.
    pub fn open_text(&self, item_id: &[u8], purpose: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(&[VERSION])?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let aad = place(item_id, purpose);
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad: &aad }).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.texts.cipher.bytes().into())
    }
}

/// Item and purpose as authenticated data: the version, then each behind its length, as [`MacKey::mac`] joins parts.
fn place(item_id: &[u8], purpose: &str) -> Vec<u8> {
    let mut aad = vec![VERSION];
    for part in [item_id, purpose.as_bytes()] {
        aad.extend((part.len() as u64).to_be_bytes());
        aad.extend(part);
    }
    aad
}

#[cfg(test)]
mod tests {
    use crate::ChaChaEntropy;
    use crate::code::{CodeBook, Formats, Keyring, TEXT_BYTES_MAX, World};

    #[test]
    fn g30_a_text_opens_only_in_its_place() {
        let keyring = Keyring::generate(&ChaChaEntropy::from_seed([5; 32]));
        let book = |tenant| CodeBook::new(&keyring, tenant, World::Live, &Formats::default());
        let ours = book("a");
        let secret = b"AAAA-1111-SECRET";
        let sealed = ours.seal_text(b"item 1", "stock", secret).unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"1111"));
        assert_eq!(ours.open_text(b"item 1", "stock", &sealed).unwrap().as_slice(), secret);
        assert_eq!(ours.seal_text(b"item 1", "stock", secret).unwrap(), sealed, "the same bytes again");
        assert_ne!(ours.seal_text(b"item 2", "stock", secret).unwrap()[..25], sealed[..25]);
        assert!(ours.open_text(b"item 2", "stock", &sealed).is_none());
        assert!(ours.open_text(b"item 1", "stocks", &sealed).is_none());
        assert!(ours.open_text(b"item 1s", "tock", &sealed).is_none());
        assert!(book("b").open_text(b"item 1", "stock", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ours.open_text(b"item 1", "stock", &changed).is_none());
            assert!(ours.open_text(b"item 1", "stock", &sealed[..at]).is_none());
        }
        assert!(ours.seal_text(b"", "", &vec![0; TEXT_BYTES_MAX + 1]).is_err());
        assert!(ours.open_text(b"", "", &ours.seal_text(b"", "", b"").unwrap()).unwrap().is_empty());
    }
}
