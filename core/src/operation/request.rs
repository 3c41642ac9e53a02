//! Bytes to requests and replies to bytes. A request that does not fit is refused by the path of the field, and the refusal
//! repeats no text of the caller's: it may be a code that stands in the wrong place.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::Invalid;
use crate::engine::Error;
use crate::status::Status;

/// The longest request.
pub const REQUEST_BYTES_MAX: usize = 8 << 20;

/// Reads what a binding hands over beside the requests of operations, refused as they are: by the path of the field, and without
/// the caller's text.
///
/// # Errors
/// `invalid`, `not_utf8`, `too_large`.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    Ok(request(bytes)?)
}

/// Reads a request.
pub(super) fn request<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > REQUEST_BYTES_MAX {
        return Err(Error::Misused(Status::TooLarge));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Err(Error::Misused(Status::NotUtf8)) };
    // Following the path costs time, so that is done only for those who want to know.
    serde_json::from_str(text).map_err(|_| refusal::<T>(text).into())
}

/// Why a text is no request.
fn refusal<T: DeserializeOwned>(text: &str) -> Invalid {
    let mut json = serde_json::Deserializer::from_str(text);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => ("request".to_owned(), json.end().err().map_or_else(String::new, |error| error.to_string())),
        Err(error) => (error.path().to_string(), error.inner().to_string()),
    };
    let twice = error.strip_prefix("duplicate field `").and_then(|message| message.split_once('`'));
    let field = match twice {
        // A field without a name is no path.
        _ if path != "." && !path.is_empty() => shown(&path),
        Some((field, _)) if !field.is_empty() => shown(field),
        _ => "request".to_owned(),
    };
    let (given, allowed) = explain(&error);
    Invalid::new(field, given, allowed)
}

/// A path as it may be repeated: a part that is no name, or longer than any of ours, may be the caller's text that slipped in front of a
/// colon, a key say.
fn shown(path: &str) -> String {
    let is_name = |part: &str| {
        part.chars().count() < 32 && part.chars().all(|char| char.is_alphanumeric() || "_-[]?".contains(char))
    };
    let parts: Vec<&str> = path.split('.').map(|part| if is_name(part) { part } else { "…" }).collect();
    parts.join(".")
}

/// Takes a message of serde's apart into what was given and what is allowed, without the caller's own text.
fn explain(message: &str) -> (String, String) {
    let message = message.rsplit_once(" at line ").map_or(message, |(front, _)| front);
    // A type of ours that refused a text: an `Invalid` in words, the text among them.
    if let Some((_, allowed)) = message.strip_prefix('`').and_then(|message| message.rsplit_once(", allowed ")) {
        return ("a text".to_owned(), allowed.to_owned());
    }
    if let Some(allowed) = crate::json::not_so_deep(message) {
        return ("JSON nested more than 127 deep".to_owned(), allowed);
    }
    let Some((given, allowed)) = message.split_once(", expected ") else {
        return match message.split_once('`') {
            Some((what @ ("missing field " | "duplicate field " | "duplicate key "), _)) => (
                message.to_owned(),
                if what.starts_with('m') { "a value for it" } else { "each field once" }.to_owned(),
            ),
            _ => {
                (format!("JSON that cannot be read ({message})"), "an object with the fields of the request".to_owned())
            }
        };
    };
    let given = given.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
    let given = match given.split_once(['"', '`']) {
        Some((what @ ("string " | "unknown variant "), _)) => format!("a text ({})", what.trim_end()),
        // The name of a field helps; what does not look like one may be anything.
        Some(("unknown field ", name)) if name.bytes().any(|byte| !matches!(byte, b'a'..=b'z' | b'_' | b'`')) => {
            "an unknown field".to_owned()
        }
        _ => given.to_owned(),
    };
    let allowed = match allowed {
        "i64" | "u64" => "a whole number",
        "u32" => "a whole number, 0 to 4294967295",
        "u8" => "a whole number, 0 to 255",
        other => other,
    };
    (given, allowed.to_owned())
}

/// Writes a reply.
pub(super) fn reply_json<T: Serialize>(reply: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write_json(&mut bytes, reply)?;
    Ok(bytes)
}

/// Writes a reply, or one item of several, behind what is there.
pub(super) fn write_json<T: Serialize>(bytes: &mut Vec<u8>, reply: &T) -> Result<(), Error> {
    serde_json::to_writer(bytes, reply).map_err(|_| Error::Internal("a reply cannot be written".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{LookUp, Redeem};

    fn refused<T: DeserializeOwned>(text: &str) -> (String, String, String) {
        match request::<T>(text.as_bytes()) {
            Err(Error::Invalid(Invalid { field, given, allowed })) => (field, given, allowed),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("{text} was read"),
        }
    }

    #[test]
    fn a_refusal_names_the_field_and_keeps_the_callers_text_to_itself() {
        let line = |amount: &str| {
            format!(
                r#"{{"meta":"k","code":"c","order":{{"id":"o","currency":"CNY","lines":[
                   {{"id":"1","product":"p","quantity":1,"amount_minor":{amount}}}]}}}}"#
            )
        };
        for (amount, given) in
            [("1.5", "floating point `1.5`"), ("true", "boolean `true`"), ("\"1\"", "a text (string)")]
        {
            let (field, said, allowed) = refused::<Redeem>(&line(amount));
            assert_eq!(
                (field.as_str(), said.as_str(), allowed.as_str()),
                ("order.lines[0].amount_minor", given, "a whole number")
            );
        }
        assert!(request::<Redeem>(line("1").as_bytes()).is_ok());
        for text in [
            r#"{"card":"SECRET00SECRET00"}"#,
            r#"{"card":{"id":"SECRET00SECRET00"}}"#,
            r#"{"card":{"id":["SECRET00SECRET00"]}}"#,
            r#"{"card":{"SECRET00SECRET00":1}}"#,
            r#""SECRET00SECRET00""#,
            r#"{"card":{"code":"x"}} SECRET00SECRET00"#,
            r#"{"card\":{\"code\":\"SECRET00SECRET00":1}"#,
            r#"{"SECRET00SECRET00SECRET00SECRET00":1}"#,
        ] {
            let said = format!("{:?}", refused::<LookUp>(text));
            assert!(!said.contains("SECRET"), "{said}");
        }
        let (_, given, _) = refused::<LookUp>(r#"{"card":{"code":"x"},"card":{"code":"y"}}"#);
        assert_eq!(given, "duplicate field `card`");
    }
}
