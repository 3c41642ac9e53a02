//! Reading of JSON where serde alone would let something pass, and what fields are that are not told.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

pub(crate) fn yes() -> bool {
    true
}

pub(crate) fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
pub(crate) fn is_one(count: &u32) -> bool {
    *count == 1
}

/// Whether a field says nothing.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why a text does not fit, in serde's words but for what would say nothing to a merchant.
pub(crate) fn what_fits(error: &serde_json::Error) -> String {
    let words = error.to_string();
    not_so_deep(&words).unwrap_or(words)
}

/// How deep is allowed, where serde says that a text is nested too deep for it: only conditions nest so.
pub(crate) fn not_so_deep(words: &str) -> Option<String> {
    let too_deep = words.starts_with("recursion limit exceeded");
    too_deep.then(|| format!("conditions nested at most {} deep", crate::rule::DEPTH_MAX))
}

/// A map whose keys are the host's own: a key that comes twice is refused, where serde would keep the last.
pub(crate) fn no_doubles<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    deserializer.deserialize_map(NoDoubles(PhantomData))
}

struct NoDoubles<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for NoDoubles<V> {
    type Value = BTreeMap<String, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<String, V>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("duplicate key `{key}`")));
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}
