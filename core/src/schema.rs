//! JSON schemas of values that are plain texts on the wire.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A text with a form of its own: its name, its form in words and, where there is one, the standard's name for it.
macro_rules! text_schema {
    ($($type:ty, $name:literal, $form:literal $(, $format:literal)?;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "description": $form $(, "format": $format)?})
            }
        }
    )*};
}

text_schema! {
    crate::time::Instant, "Instant", "RFC 3339 in whole milliseconds, such as 2026-11-11T00:00:00.000Z", "date-time";
    crate::time::Zone, "Zone", "an IANA time zone, such as Asia/Shanghai";
    crate::money::Currency, "Currency", "an ISO 4217 code in capitals, such as CNY";
    crate::id::CardId, "CardId", "symbols, batch number and serial, such as 16-3-41";
}

impl JsonSchema for crate::code::CodeFormat {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CodeFormat".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "How long codes are, and what stands before them.",
            "properties": {
                "symbols": {"type": "integer", "format": "uint8", "description": "12, 16, 20 or 24"},
                "prefix": {"type": "string", "description": "up to 8 letters and digits; none by default"},
            },
            "required": ["symbols"],
            "additionalProperties": false,
        })
    }
}
