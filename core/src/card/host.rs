//! Benefits of the host's own: names that a tenant declares, each with a JSON Schema of what it is to know.
//!
//! Of JSON Schema there is what forms are made of, in one spelling each. A keyword that is not here is refused by name: one that was taken
//! and not looked at would promise what nobody keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::deal::{HostBenefit, Off};
use super::{Benefit, TemplateDraft, check_title};
use crate::Invalid;
use crate::denial::Denial;
use crate::id::check_name;
use crate::money::AMOUNT_MAX;

/// A benefit of the host's own that templates may give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredBenefit {
    /// Its name, as templates have it in `host.name`.
    pub name: String,
    /// What people call it; 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep.
    pub schema: Value,
}

/// What a tenant declares of them, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeclaredBenefits(pub Vec<DeclaredBenefit>);

const DECLARED_MAX: usize = 200;
const SCHEMA_BYTES_MAX: usize = 16 * 1_024;
const DEPTH_MAX: usize = 16;
/// Most values of an `enum`.
const VALUES_MAX: usize = 1_000;

/// Keywords of all types, and of each of them.
const OF_ALL: [&str; 4] = ["type", "title", "description", "enum"];
const TYPES: [(&str, &[&str]); 5] = [
    ("object", &["properties", "required", "additionalProperties"]),
    ("array", &["items", "minItems", "maxItems"]),
    ("string", &["minLength", "maxLength"]),
    ("integer", &["minimum", "maximum"]),
    ("boolean", &[]),
];

impl DeclaredBenefit {
    /// Refuses a declaration that cannot be meant.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_name("name", &self.name)?;
        self.title.as_ref().map_or(Ok(()), |title| check_title("title", title))?;
        let bytes = self.schema.to_string().len();
        if bytes > SCHEMA_BYTES_MAX {
            let allowed = format!("at most {SCHEMA_BYTES_MAX} bytes of JSON");
            return Err(Invalid::new("schema", format!("{bytes} bytes"), allowed));
        }
        check_schema("schema", &self.schema, DEPTH_MAX)
    }
}

impl DeclaredBenefits {
    /// Whether none is declared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With one declared, new or over the one of the same name; sorted.
    pub(crate) fn with(&self, benefit: DeclaredBenefit) -> Result<Self, Invalid> {
        let mut all: Vec<_> = self.0.iter().filter(|have| have.name != benefit.name).cloned().collect();
        if all.len() >= DECLARED_MAX {
            return Err(Invalid::new("name", "one more", format!("at most {DECLARED_MAX} benefits of the host's own")));
        }
        all.push(benefit);
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self(all))
    }

    /// Refuses a template that gives a benefit of the host's own that is not declared, or with other data than its schema allows. Where
    /// none is declared, templates name whatever they like.
    pub(crate) fn check_template(&self, draft: &TemplateDraft) -> Result<(), CannotGive> {
        if self.is_empty() {
            return Ok(());
        }
        for (place, HostBenefit { name, data }) in draft.host_benefits() {
            let Some(declared) = self.0.iter().find(|declared| declared.name == *name) else {
                return Err(CannotGive::Denied(Denial::Unknown { kind: "host_benefit", id: name.clone() }));
            };
            let field = format!("benefit.deal.steps[{place}].off.host.data");
            check_fits(&field, &declared.schema, data).map_err(CannotGive::Invalid)?;
        }
        Ok(())
    }
}

/// Why a template cannot give a benefit of the host's own.
pub(crate) enum CannotGive {
    Denied(Denial),
    Invalid(Invalid),
}

impl TemplateDraft {
    /// The benefits of the host's own that it gives, by step.
    fn host_benefits(&self) -> impl Iterator<Item = (usize, &HostBenefit)> {
        let steps = match &self.benefit {
            Benefit::Deal(deal) => deal.steps.as_slice(),
            _ => &[],
        };
        steps.iter().enumerate().filter_map(|(place, step)| match &step.off {
            Off::Host(host) => Some((place, host)),
            _ => None,
        })
    }
}

fn refuse<T>(
    field: impl Into<String>,
    given: impl std::fmt::Display,
    allowed: impl Into<String>,
) -> Result<T, Invalid> {
    Err(Invalid::new(field, given, allowed))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A schema is an object with one type and the keywords of that type.
fn check_schema(field: &str, schema: &Value, depth: usize) -> Result<(), Invalid> {
    let Value::Object(keywords) = schema else {
        return refuse(field, type_of(schema), "a schema: an object with a `type`");
    };
    if depth == 0 {
        return refuse(field, "a schema", format!("schemas nested at most {DEPTH_MAX} deep"));
    }
    let named = keywords.get("type").and_then(Value::as_str);
    let Some((name, own)) = TYPES.iter().find(|(name, _)| named == Some(name)) else {
        let given = keywords.get("type").map_or("nothing".to_owned(), ToString::to_string);
        return refuse(format!("{field}.type"), given, "object, array, string, integer or boolean");
    };
    for (keyword, value) in keywords {
        if !OF_ALL.contains(&keyword.as_str()) && !own.contains(&keyword.as_str()) {
            let allowed: Vec<&str> = OF_ALL.iter().chain(own.iter()).copied().collect();
            return refuse(format!("{field}.{keyword}"), "a keyword", format!("of {name}: {}", allowed.join(", ")));
        }
        check_keyword(&format!("{field}.{keyword}"), keyword, value, (keywords, depth))?;
    }
    Ok(())
}

fn check_keyword(
    field: &str,
    keyword: &str,
    value: &Value,
    (keywords, depth): (&Map<String, Value>, usize),
) -> Result<(), Invalid> {
    let whole = |least: i64| match value.as_i64() {
        Some(count) if (least..=AMOUNT_MAX).contains(&count) => Ok(()),
        _ => refuse(field, value, format!("a whole number, {least} to {AMOUNT_MAX}")),
    };
    match (keyword, value) {
        ("title" | "description", Value::String(_)) | ("additionalProperties", Value::Bool(_)) => Ok(()),
        ("type", _) => Ok(()),
        ("title" | "description", _) => refuse(field, type_of(value), "a text"),
        ("additionalProperties", _) => refuse(field, type_of(value), "true or false"),
        ("minItems" | "maxItems" | "minLength" | "maxLength", _) => whole(0),
        ("minimum" | "maximum", _) => whole(-AMOUNT_MAX),
        ("items", schema) => check_schema(field, schema, depth - 1),
        ("properties", Value::Object(all)) => all.iter().try_for_each(|(name, schema)| {
            check_name(field, name)?;
            check_schema(&format!("{field}.{name}"), schema, depth - 1)
        }),
        ("properties", _) => refuse(field, type_of(value), "an object of schemas by name"),
        ("required", Value::Array(names)) => {
            let known = keywords.get("properties").and_then(Value::as_object);
            let is_known =
                |name: &&Value| name.as_str().is_some_and(|name| known.is_some_and(|all| all.contains_key(name)));
            match names.iter().find(|name| !is_known(name)) {
                Some(name) => refuse(field, name, "names of `properties`"),
                None => Ok(()),
            }
        }
        ("required", _) => refuse(field, type_of(value), "a list of names of `properties`"),
        ("enum", Value::Array(values)) if (1..=VALUES_MAX).contains(&values.len()) => {
            let named = keywords.get("type").and_then(Value::as_str).unwrap_or_default();
            match values.iter().find(|value| type_of(value) != named) {
                Some(value) => refuse(field, value, format!("values of the type {named}")),
                None => Ok(()),
            }
        }
        ("enum", _) => refuse(field, type_of(value), format!("a list of 1 to {VALUES_MAX} values")),
        (other, _) => refuse(field, other, "a keyword of its type"),
    }
}

/// Whether a value is what a checked schema asks for; else where it is not, and what is asked for there.
fn check_fits(field: &str, schema: &Value, value: &Value) -> Result<(), Invalid> {
    let named = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    if type_of(value) != named {
        return refuse(field, type_of(value), named);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        let all: Vec<String> = values.iter().map(ToString::to_string).collect();
        return refuse(field, value, format!("one of {}", all.join(", ")));
    }
    match value {
        Value::Object(fields) => check_fields(field, schema, fields),
        Value::Array(items) => {
            check_bounds(field, schema, ("minItems", "maxItems"), length(items.len()), "items")?;
            let Some(of) = schema.get("items") else { return Ok(()) };
            items.iter().enumerate().try_for_each(|(at, item)| check_fits(&format!("{field}[{at}]"), of, item))
        }
        Value::String(text) => {
            check_bounds(field, schema, ("minLength", "maxLength"), length(text.chars().count()), "characters")
        }
        Value::Number(number) => {
            check_bounds(field, schema, ("minimum", "maximum"), number.as_i64().unwrap_or_default(), "")
        }
        Value::Bool(_) | Value::Null => Ok(()),
    }
}

fn check_fields(field: &str, schema: &Value, fields: &Map<String, Value>) -> Result<(), Invalid> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = required.into_iter().find(|name| !fields.contains_key(*name)) {
        return refuse(format!("{field}.{name}"), "nothing", "what the schema requires");
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let open = schema.get("additionalProperties").and_then(Value::as_bool).unwrap_or(true);
    fields.iter().try_for_each(|(name, value)| match known.and_then(|known| known.get(name)) {
        Some(of) => check_fits(&format!("{field}.{name}"), of, value),
        None if open => Ok(()),
        None => refuse(format!("{field}.{name}"), type_of(value), "nothing: the schema has no such property"),
    })
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn check_bounds(field: &str, schema: &Value, (least, most): (&str, &str), has: i64, of: &str) -> Result<(), Invalid> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
    let words = |count: i64| format!("{count} {of}").trim_end().to_owned();
    match (bound(least), bound(most)) {
        (Some(least), _) if has < least => refuse(field, words(has), format!("at least {}", words(least))),
        (_, Some(most)) if has > most => refuse(field, words(has), format!("at most {}", words(most))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared(schema: Value) -> Result<(), Invalid> {
        DeclaredBenefit { name: "points".to_owned(), title: None, schema }.check()
    }

    #[test]
    fn a_keyword_that_is_not_looked_at_is_refused_by_name() {
        let refused = |schema| declared(schema).unwrap_err().field;
        for keyword in ["pattern", "format", "$ref", "oneOf", "multipleOf", "minimum", "default"] {
            assert_eq!(refused(json!({"type": "string", keyword: 1})), format!("schema.{keyword}"));
        }
        assert_eq!(refused(json!(true)), "schema");
        assert_eq!(refused(json!({})), "schema.type");
        assert_eq!(refused(json!({"type": "number"})), "schema.type");
        assert_eq!(refused(json!({"type": ["string", "integer"]})), "schema.type");
        assert_eq!(refused(json!({"type": "integer", "maximum": 1.5})), "schema.maximum");
        assert_eq!(refused(json!({"type": "string", "maxLength": -1})), "schema.maxLength");
        assert_eq!(refused(json!({"type": "string", "enum": ["a", 1]})), "schema.enum");
        assert_eq!(refused(json!({"type": "string", "enum": []})), "schema.enum");
        assert_eq!(refused(json!({"type": "object", "required": ["a"]})), "schema.required");
        let inner = json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "text"}}}});
        assert_eq!(refused(inner), "schema.properties.a.items.type");
        let deep =
            |depth| (1..depth).fold(json!({"type": "array"}), |items, _| json!({"type": "array", "items": items}));
        assert!(declared(deep(DEPTH_MAX)).is_ok());
        assert!(refused(deep(DEPTH_MAX + 1)).ends_with(".items"));
        let long = json!({"type": "string", "description": "x".repeat(SCHEMA_BYTES_MAX)});
        assert_eq!(refused(long), "schema");
    }

    #[test]
    fn data_fits_its_schema_or_is_told_where_it_does_not() {
        let schema = json!({
            "type": "object", "title": "Double points", "required": ["factor"], "additionalProperties": false,
            "properties": {
                "factor": {"type": "integer", "minimum": 2, "maximum": 5},
                "of": {"type": "string", "enum": ["order", "line"]},
                "note": {"type": "string", "minLength": 1, "maxLength": 3},
                "weekend": {"type": "boolean"},
                "days": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "object", "properties": {"day": {"type": "integer"}}}},
            },
        });
        declared(schema.clone()).unwrap();
        let fits = |data: Value| check_fits("d", &schema, &data).map_err(|invalid| invalid.field);
        assert_eq!(
            fits(
                json!({"factor": 2, "of": "line", "note": "三个字", "weekend": true, "days": [{"day": 1, "x": null}]})
            ),
            Ok(())
        );
        for (data, field) in [
            (json!(null), "d"),
            (json!({}), "d.factor"),
            (json!({"factor": 1}), "d.factor"),
            (json!({"factor": 6}), "d.factor"),
            (json!({"factor": 2.0}), "d.factor"),
            (json!({"factor": "2"}), "d.factor"),
            (json!({"factor": 2, "of": "shop"}), "d.of"),
            (json!({"factor": 2, "note": ""}), "d.note"),
            (json!({"factor": 2, "note": "four"}), "d.note"),
            (json!({"factor": 2, "more": 1}), "d.more"),
            (json!({"factor": 2, "weekend": null}), "d.weekend"),
            (json!({"factor": 2, "days": []}), "d.days"),
            (json!({"factor": 2, "days": [{}, {}, {}]}), "d.days"),
            (json!({"factor": 2, "days": [{}, {"day": "mon"}]}), "d.days[1].day"),
        ] {
            assert_eq!(fits(data.clone()), Err(field.to_owned()), "{data}");
        }
        assert_eq!(check_fits("d", &json!({"type": "object"}), &json!({"any": [1.5]})), Ok(()));
    }
}
