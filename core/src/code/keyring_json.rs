//! The keyring as text, for a file or a secret manager.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use zeroize::Zeroizing;

use super::keyring::{CodeKey, KeyState, Keyring, SLOT_MAX};
use super::mac::MacKey;
use crate::Invalid;

const VERSION: u32 = 1;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyringJson {
    version: u32,
    base: HexKey,
    keys: Vec<KeyJson>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyJson {
    slot: u8,
    state: KeyState,
    key: HexKey,
}

/// 32 bytes as 64 hex digits, read without a copy of the text.
struct HexKey(Zeroizing<[u8; 32]>);

impl Keyring {
    /// The whole ring with all its secrets, as JSON of one line. The text zeroes itself when dropped; what the host copies
    /// of it is the host's to guard.
    pub fn to_json(&self) -> Zeroizing<String> {
        // Room for everything at once: a text that grows leaves copies of itself behind.
        let mut json = Zeroizing::new(String::with_capacity(160 + 160 * self.keys.len()));
        // Writing to a String cannot fail.
        let _ = write!(json, r#"{{"version":{VERSION},"base":"{}","keys":["#, Hex(&self.base));
        for (i, (slot, CodeKey { state, key })) in self.keys.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let state = match state {
                KeyState::Minting => "minting",
                KeyState::Opening => "opening",
                KeyState::Retired => "retired",
            };
            let _ = write!(json, r#"{comma}{{"slot":{slot},"state":"{state}","key":"{}"}}"#, Hex(key));
        }
        json.push_str("]}");
        json
    }

    /// Reads what [`Keyring::to_json`] wrote.
    ///
    /// # Errors
    /// `keyring`, without any of its text: not such JSON, a field that is unknown or missing, another version, a slot above
    /// 31 or used twice, not exactly one minting key.
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        let refused = |given: &str, allowed: &str| Invalid::new("keyring", given, allowed);
        let json: KeyringJson = serde_json::from_str(text).map_err(|error| {
            // The error's own words may quote a key that stands where something else belongs.
            let place = format!("a text that fails at line {}, column {}", error.line(), error.column());
            refused(&place, "JSON of a keyring: version, base, keys; a key: slot, state, key; secrets of 64 hex digits")
        })?;
        if json.version != VERSION {
            return Err(refused(&format!("version {}", json.version), "version 1"));
        }
        let mut keys = BTreeMap::new();
        for KeyJson { slot, state, key: HexKey(bytes) } in json.keys {
            let key = CodeKey { state, key: MacKey::from_bytes(bytes) };
            if slot > SLOT_MAX || keys.insert(slot, key).is_some() {
                return Err(refused(&format!("slot {slot}"), "slots 0 to 31, each once"));
            }
        }
        let minting = keys.values().filter(|key| key.state == KeyState::Minting).count();
        if minting != 1 {
            return Err(refused(&format!("{minting} minting keys"), "exactly one minting key"));
        }
        Ok(Self { base: MacKey::from_bytes(json.base.0), keys })
    }
}

/// A key's bytes as hex digits, only for [`Keyring::to_json`].
struct Hex<'a>(&'a MacKey);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for HexKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HexVisitor;
        impl Visitor<'_> for HexVisitor {
            type Value = HexKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 hex digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<HexKey, E> {
                hex_key(text).ok_or_else(|| E::custom("not 64 hex digits"))
            }
        }
        deserializer.deserialize_str(HexVisitor)
    }
}

fn hex_key(text: &str) -> Option<HexKey> {
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let value = pair.iter().try_fold(0, |value, hex| Some(value * 16 + digit(hex)?))?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(HexKey(bytes))
}
