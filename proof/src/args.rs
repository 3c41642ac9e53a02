//! Arguments of the verbs: `--name value` and `--flag`, each known by name.

use std::collections::BTreeMap;

/// What was given.
#[derive(Debug, Default)]
pub struct Args(BTreeMap<String, String>);

impl Args {
    /// Reads arguments of which `values` take a value and `flags` do not.
    ///
    /// # Errors
    /// Words, for what is unknown or lacks its value.
    pub fn read(args: &[String], values: &[&str], flags: &[&str]) -> Result<Self, String> {
        let mut read = BTreeMap::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (arg.as_str(), None),
            };
            let value = match value {
                Some(value) if values.contains(&name) => value,
                None if flags.contains(&name) => String::new(),
                None if values.contains(&name) => {
                    args.next().cloned().ok_or_else(|| format!("{name} needs a value"))?
                }
                _ => return Err(format!("unknown argument `{arg}`")),
            };
            read.insert(name.to_owned(), value);
        }
        Ok(Self(read))
    }

    /// Whether it was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Its value, where it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Its value as a number.
    ///
    /// # Errors
    /// Words, where it is none.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{name} needs a number, not `{text}`"))
    }
}
