//! A subject's key wherever a text holds it.

use super::super::limits::within_scope;
use crate::store::Owner;
use crate::subject::SubjectKey;

/// Fields of facts whose texts are anybody's words.
const WORDS_IN: [&str; 2] = ["reason", "frozen"];

/// One subject key and what takes its place.
pub(super) struct Words {
    from: String,
    to: String,
}

/// As it stands within a JSON text.
fn within_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

impl Words {
    pub(super) fn new(from: &SubjectKey, to: &SubjectKey) -> Self {
        Self { from: from.as_str().to_owned(), to: to.as_str().to_owned() }
    }

    /// Each way in which a row may hold the key.
    pub(super) fn all(&self) -> Vec<String> {
        let plain = [self.from.clone(), within_scope(&self.from)];
        let mut all: Vec<String> = plain.iter().cloned().chain(plain.iter().map(|text| within_json(text))).collect();
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn is(&self, key: &SubjectKey) -> bool {
        key.as_str() == self.from
    }

    pub(super) fn key(&self, key: &SubjectKey) -> SubjectKey {
        if self.is(key) { SubjectKey::from_stored(self.to.clone()) } else { key.clone() }
    }

    /// The account is the same, under another name.
    pub(super) fn owner(&self, owner: &Owner) -> Owner {
        match owner {
            Owner::Holder(key) => Owner::Holder(self.key(key)),
            Owner::Scope(scope) => Owner::Scope(self.scope(scope)),
            Owner::System | Owner::Book(_) | Owner::Card(_) | Owner::Channel(_) => owner.clone(),
        }
    }

    /// `template:a/holder:customer:4711/store:s1`.
    fn scope(&self, scope: &str) -> String {
        let (from, to) = (within_scope(&self.from), within_scope(&self.to));
        let one = |text: &str| match text.split_once(':') {
            Some((name @ ("holder" | "subject"), key)) if key == from => format!("{name}:{to}"),
            _ => text.to_owned(),
        };
        scope.split('/').map(one).collect::<Vec<_>>().join("/")
    }

    /// A text that is a key, or the owner of an account.
    pub(super) fn name(&self, text: &str) -> String {
        if text == self.from {
            return self.to.clone();
        }
        Owner::from_text(text).map_or_else(|| text.to_owned(), |owner| self.owner(&owner).text())
    }

    /// Words of anybody: the key is replaced where it stands by itself.
    pub(super) fn words(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        let mut before = None;
        while let Some((head, tail)) = rest.split_once(self.from.as_str()) {
            out.push_str(head);
            before = head.chars().next_back().or(before);
            let alone = before.is_none_or(|it| !(it.is_ascii_alphanumeric() || it == '_')) && self.ends_before(tail);
            out.push_str(if alone { &self.to } else { &self.from });
            before = self.from.chars().next_back();
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// Whether the key ends where this text goes on: `customer:4711` is not in `customer:47110`, nor in `customer:4711-b`, but it is in
    /// `customer:4711.` at the end of a sentence.
    fn ends_before(&self, tail: &str) -> bool {
        let foreign = |it: char| !it.is_ascii() && self.from.is_ascii();
        match tail.chars().next() {
            None => true,
            Some(next) if next.is_whitespace() || ",;()[]{}<>\"'|".contains(next) || foreign(next) => true,
            Some(next) if next.is_alphanumeric() => false,
            Some(_) => {
                let behind = tail.trim_start_matches(|it: char| !it.is_alphanumeric() && !it.is_whitespace());
                behind.chars().next().is_none_or(|next| next.is_whitespace() || foreign(next))
            }
        }
    }

    /// A text of facts. Where one begins like a key it is taken for one, unless it is known to be somebody's words.
    fn fact(&self, text: &str, is_words: bool) -> String {
        let named = self.name(text);
        let is_kind = |kind: &str| {
            (1..=32).contains(&kind.len())
                && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let like_key =
            text.split_once(':').is_some_and(|(kind, value)| is_kind(kind) && !value.starts_with(char::is_whitespace));
        if named != text || (like_key && !is_words) { named } else { self.words(text) }
    }

    /// JSON: every text in it, and all else byte for byte.
    pub(super) fn json(&self, json: &str, is_words: bool) -> String {
        let (mut out, mut rest, mut field) = (String::with_capacity(json.len()), json, String::new());
        while let Some(start) = rest.find('"') {
            let (head, literal) = rest.split_at(start);
            out.push_str(head);
            let (literal, tail) = literal.split_at(literal_end(literal));
            rest = tail;
            let Ok(text) = serde_json::from_str::<String>(literal) else {
                out.push_str(literal);
                continue;
            };
            let told = self.fact(&text, is_words || WORDS_IN.contains(&field.as_str()));
            if told == text {
                out.push_str(literal);
            } else {
                out.push_str(&serde_json::to_string(&told).unwrap_or_default());
            }
            if tail.trim_start().starts_with(':') {
                field = text;
            }
        }
        out.push_str(rest);
        out
    }
}

/// Where the text ends that begins with this quotation mark.
fn literal_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, it) in text.char_indices().skip(1) {
        match it {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: &str) -> Words {
        let key = |text: &str| SubjectKey::from_stored(text.to_owned());
        Words::new(&key(from), &key("erased:1"))
    }

    #[test]
    fn a_key_is_found_where_it_stands_by_itself_and_nowhere_else() {
        let it = words("customer:4711");
        for (text, told) in [
            ("customer:4711", "erased:1"),
            ("of customer:4711.", "of erased:1."),
            ("(customer:4711), customer:4711!", "(erased:1), erased:1!"),
            ("\u{987e}\u{5ba2}customer:4711\u{6295}\u{8bc9}", "\u{987e}\u{5ba2}erased:1\u{6295}\u{8bc9}"),
            ("who=customer:4711 went", "who=erased:1 went"),
            ("customer:47110", "customer:47110"),
            ("customer:4711-b", "customer:4711-b"),
            ("customer:4711.5 is another", "customer:4711.5 is another"),
            ("old_customer:4711", "old_customer:4711"),
        ] {
            assert_eq!(it.words(text), told);
        }
    }

    #[test]
    fn facts_are_rewritten_text_by_text_and_else_byte_for_byte() {
        let it = words("customer:a\"/%");
        let json = r#"{ "n":1.50, "holder" : "customer:a\"/%","all":["customer:a\"/%","customer:b"],"reason":"customer:a\"/% rang","owner":"scope:template:t/holder:customer:a\"%2F%25/store:s","other":"customer:a\"/% jr"}"#;
        let told = r#"{ "n":1.50, "holder" : "erased:1","all":["erased:1","customer:b"],"reason":"erased:1 rang","owner":"scope:template:t/holder:erased:1/store:s","other":"customer:a\"/% jr"}"#;
        assert_eq!(it.json(json, false), told);
        assert_eq!(it.json("", false), "");
        assert!(it.all().iter().any(|text| json.contains(text.as_str())));
        assert_eq!(it.json(r#"{"customer:a\"/%": 1}"#, true), r#"{"erased:1": 1}"#);
        let it = words("customer:1");
        let json = r#"{"greeting":"for: customer:1","holder":"device:customer:1 x","other":"customer:1 x"}"#;
        let told = r#"{"greeting":"for: erased:1","holder":"device:customer:1 x","other":"customer:1 x"}"#;
        assert_eq!(it.json(json, false), told);
    }

    #[test]
    fn accounts_go_by_whole_parts() {
        let it = words("customer:1");
        for (owner, told) in [
            ("holder:customer:1", "holder:erased:1"),
            ("holder:customer:12", "holder:customer:12"),
            ("scope:template:t/subject:customer:1", "scope:template:t/subject:erased:1"),
            (
                "scope:template:t/holder:customer:12/store:customer:1",
                "scope:template:t/holder:customer:12/store:customer:1",
            ),
            ("channel:customer:1", "channel:customer:1"),
        ] {
            assert_eq!(it.name(owner), told);
        }
    }
}
