//! The table of operations and the types on the wire, as every generator needs them: read through the compiled crate, the JSON
//! schemas taken apart into a few shapes.

use std::collections::{BTreeMap, BTreeSet};

use cardmint::operation::{Kind, Operation};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Where schemas look for named types.
const DEFS: &str = "#/$defs/";

/// A type on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Any text.
    Text,
    /// This text and no other.
    Literal(String),
    /// A whole number.
    Integer,
    /// A number that may have a fraction; no amount ever is one.
    Number,
    /// True or false.
    Boolean,
    /// Whatever JSON can say.
    Any,
    /// A list of one type.
    List(Box<Type>),
    /// Texts to values of one type.
    Map(Box<Type>),
    /// An object with these fields.
    Object(Vec<Field>),
    /// One of several.
    Union(Vec<Type>),
    /// The type or null.
    Nullable(Box<Type>),
    /// A type with a name of its own, in [`Model::types`].
    Named(String),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// What it means, in one paragraph; may be empty.
    pub doc: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its type.
    pub of: Type,
}

/// A named type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedType {
    /// Its name, in camel case.
    pub name: String,
    /// What it means; may be empty.
    pub doc: String,
    /// What it is made of.
    pub of: Type,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Op {
    /// The row of the table.
    pub row: &'static Operation,
    /// The fields of the request: `meta` first, then those that must be there, then the others.
    pub fields: Vec<Field>,
    /// The name of the request's type.
    pub request: String,
    /// The reply's type; of one item where it is a stream.
    pub reply: Type,
    /// The JSON schemas of both, as schemars makes them.
    pub schemas: [Value; 2],
}

/// Everything that the generators write from.
#[derive(Debug)]
pub struct Model {
    /// The operations, in the order of the table.
    pub operations: Vec<Op>,
    /// The named types by name, those of requests and replies alike.
    pub types: BTreeMap<String, NamedType>,
    /// The JSON schemas of the named types, as schemars makes them.
    pub schemas: Map<String, Value>,
}

impl Op {
    /// The doc without the blank ends of its lines.
    pub fn doc(&self) -> String {
        self.row.doc.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Whether it is begun and walked rather than called.
    pub fn is_cursor(&self) -> bool {
        matches!(self.row.kind, Kind::Stream | Kind::Job)
    }
}

/// `CardNumber` for `card_number`.
pub fn camel(words: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    };
    words.split(['_', '-']).map(word).collect()
}

impl Model {
    /// Reads the table.
    ///
    /// # Errors
    /// A schema of a shape that no generator knows; says where.
    pub fn read() -> Result<Self, String> {
        let mut schemas = SchemaSettings::draft2020_12().into_generator();
        let mut raw = Vec::new();
        for row in Operation::all() {
            raw.push((row, (row.request_schema)(&mut schemas), (row.reply_schema)(&mut schemas)));
        }
        // Every failure has this shape, whatever the operation.
        let _ = schemas.subschema_for::<cardmint::operation::Failure>();
        let _ = schemas.subschema_for::<cardmint::Progress>();
        let schemas = schemas.take_definitions(true);
        let mut types = BTreeMap::new();
        for (name, schema) in &schemas {
            let of = type_of(schema).map_err(|wrong| format!("{name}: {wrong}"))?;
            types.insert(name.clone(), NamedType { name: name.clone(), doc: doc_of(schema), of });
        }
        let mut operations = Vec::new();
        for (row, request, reply) in raw {
            let Type::Named(name) = type_of(request.as_value())? else {
                return Err(format!("{}: its request has no name", row.name));
            };
            let Some(NamedType { of: Type::Object(fields), .. }) = types.get(&name) else {
                return Err(format!("{}: its request {name} is no object", row.name));
            };
            let mut fields = fields.clone();
            fields.sort_by_key(|field| (!field.required, field.name != "meta"));
            let (reply, schemas) = (type_of(reply.as_value())?, [request.to_value(), reply.to_value()]);
            operations.push(Op { row, fields, request: name, reply, schemas });
        }
        Ok(Self { operations, types, schemas })
    }

    /// The named types within replies.
    pub fn replied(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.operations.iter().for_each(|op| self.names_within(&op.reply, &mut names));
        names
    }

    fn names_within(&self, of: &Type, into: &mut BTreeSet<String>) {
        match of {
            Type::Named(name) => {
                if into.insert(name.clone())
                    && let Some(named) = self.types.get(name)
                {
                    self.names_within(&named.of, into);
                }
            }
            Type::List(of) | Type::Map(of) | Type::Nullable(of) => self.names_within(of, into),
            Type::Object(fields) => fields.iter().for_each(|field| self.names_within(&field.of, into)),
            Type::Union(parts) => parts.iter().for_each(|part| self.names_within(part, into)),
            Type::Text | Type::Literal(_) | Type::Integer | Type::Number | Type::Boolean | Type::Any => {}
        }
    }
}

fn doc_of(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Takes a schema apart.
fn type_of(schema: &Value) -> Result<Type, String> {
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        return Ok(Type::Named(path.trim_start_matches(DEFS).to_owned()));
    }
    if let Some(text) = schema.get("const") {
        return text.as_str().map(|text| Type::Literal(text.to_owned())).ok_or_else(|| format!("a constant {text}"));
    }
    if let Some(texts) = schema.get("enum").and_then(Value::as_array) {
        let literals = texts.iter().filter_map(Value::as_str).map(|text| Type::Literal(text.to_owned()));
        let nullable = texts.iter().any(Value::is_null);
        let union = union_of(literals.collect());
        return Ok(if nullable { Type::Nullable(Box::new(union)) } else { union });
    }
    if let Some(parts) = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)?.as_array()) {
        let is_null = |part: &Value| part.get("type").and_then(Value::as_str) == Some("null");
        let nullable = parts.iter().any(is_null);
        let parts = parts.iter().filter(|part| !is_null(part)).map(type_of).collect::<Result<Vec<_>, _>>()?;
        let union = union_of(parts);
        return Ok(if nullable { Type::Nullable(Box::new(union)) } else { union });
    }
    match schema.get("type") {
        None => Ok(Type::Any),
        Some(Value::String(word)) => plain(word, schema),
        Some(Value::Array(words)) => {
            let mut words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            let count = words.len();
            words.retain(|word| *word != "null");
            match words.as_slice() {
                [word] if count == 2 => Ok(Type::Nullable(Box::new(plain(word, schema)?))),
                _ => Err(format!("a type of {words:?}")),
            }
        }
        Some(other) => Err(format!("a type {other}")),
    }
}

fn union_of(mut parts: Vec<Type>) -> Type {
    if parts.len() == 1 { parts.remove(0) } else { Type::Union(parts) }
}

fn plain(word: &str, schema: &Value) -> Result<Type, String> {
    Ok(match word {
        "string" => Type::Text,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "boolean" => Type::Boolean,
        "array" => Type::List(Box::new(schema.get("items").map_or(Ok(Type::Any), type_of)?)),
        "object" => match (schema.get("properties"), schema.get("additionalProperties")) {
            (Some(Value::Object(properties)), _) => Type::Object(fields_of(properties, schema)?),
            (None, Some(values @ Value::Object(_))) => Type::Map(Box::new(type_of(values)?)),
            (None, Some(Value::Bool(true))) => Type::Map(Box::new(Type::Any)),
            _ => Type::Object(Vec::new()),
        },
        other => return Err(format!("a type `{other}`")),
    })
}

fn fields_of(properties: &Map<String, Value>, schema: &Value) -> Result<Vec<Field>, String> {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let field = |(name, schema): (&String, &Value)| {
        let of = type_of(schema).map_err(|wrong| format!("{name}: {wrong}"))?;
        Ok(Field { name: name.clone(), doc: doc_of(schema), required: required.contains(&name.as_str()), of })
    };
    properties.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use cardmint::Status;

    use super::*;

    #[test]
    fn every_operation_has_a_request_whose_fields_are_no_keywords() {
        let model = Model::read().unwrap();
        assert_eq!(model.operations.len(), Operation::all().len());
        let keywords = ["from", "class", "default", "in", "is", "not", "pass", "import", "function", "new", "delete"];
        for op in &model.operations {
            assert!(!op.doc().is_empty(), "{}", op.row.name);
            for field in &op.fields {
                assert!(!keywords.contains(&field.name.as_str()), "{}.{}", op.row.name, field.name);
            }
        }
    }

    #[test]
    fn every_named_type_that_is_used_is_there() {
        fn names<'a>(of: &'a Type, into: &mut Vec<&'a str>) {
            match of {
                Type::Named(name) => into.push(name),
                Type::List(of) | Type::Map(of) | Type::Nullable(of) => names(of, into),
                Type::Object(fields) => fields.iter().for_each(|field| names(&field.of, into)),
                Type::Union(parts) => parts.iter().for_each(|part| names(part, into)),
                _ => {}
            }
        }
        let model = Model::read().unwrap();
        let mut used = Vec::new();
        model.types.values().for_each(|named| names(&named.of, &mut used));
        model.operations.iter().for_each(|op| names(&op.reply, &mut used));
        for name in used {
            assert!(model.types.contains_key(name), "{name}");
        }
    }

    #[test]
    fn every_denial_of_the_table_has_a_status() {
        for op in Model::read().unwrap().operations {
            for denial in op.row.denials {
                let code = denial.split(' ').next().unwrap();
                assert!(Status::ALL.iter().any(|status| status.is_denial() && status.code() == code), "{denial}");
            }
        }
    }
}
