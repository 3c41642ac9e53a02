//! JSON schemas of tests: each fact with the operators that its type has, so that a form can be built from them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::attribute::{Attribute, Attributes};
use super::fact::{AttributeOf, FactOf, FactType, KnownFact};
use super::operator::{Comparison, FactTest, Scalar};
use crate::time::WEEKDAYS;

/// Stands for [`FactTest`] where the facts are those of lines.
pub(super) struct LineFactTest;

/// One of the four measures of lines.
pub(super) fn one_measure() -> Value {
    let one = ["match", "count", "quantity", "sum"].map(|name| json!({"required": [name]}));
    json!([{"oneOf": one}])
}

/// What one value of a type looks like.
fn value_schema(of: FactType, values: &[String]) -> Value {
    match of {
        FactType::Money => json!({"type": "integer", "description": "minor units"}),
        FactType::Integer => json!({"type": "integer"}),
        FactType::Boolean => json!({"type": "boolean"}),
        FactType::Instant => json!({"type": "string", "format": "date-time"}),
        FactType::Date => {
            json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "a day, such as 2026-11-11"})
        }
        FactType::TimeOfDay => {
            json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$|^24:00$", "description": "a time of day, such as 21:30"})
        }
        FactType::Weekday => json!({"type": "string", "enum": WEEKDAYS}),
        FactType::Text | FactType::Texts | FactType::Place if values.is_empty() => {
            json!({"type": "string", "minLength": 1, "maxLength": 256})
        }
        FactType::Text | FactType::Texts | FactType::Place => json!({"type": "string", "enum": values}),
    }
}

/// What stands behind an operator.
fn operand_schema(of: FactType, operator: &str, values: &[String], schemas: &mut SchemaGenerator) -> Value {
    let one = value_schema(of, values);
    match operator {
        "between" => json!({"type": "array", "items": one, "minItems": 2, "maxItems": 2}),
        "in" | "not_in" | "contains_any" | "contains_all" | "contains_none" => {
            json!({"type": "array", "items": one, "minItems": 1, "maxItems": 1_000})
        }
        "prefix" => json!({"type": "string", "minLength": 1, "maxLength": 256}),
        "exists" => json!({"type": "boolean"}),
        "within" => schemas.subschema_for::<super::Circle>().to_value(),
        "inside" => {
            let point = schemas.subschema_for::<super::Point>().to_value();
            json!({"type": "array", "items": point, "minItems": 3, "maxItems": 1_000})
        }
        _ => one,
    }
}

/// One object: a fact of this type, and one of its operators.
struct Shape<'a> {
    of: FactType,
    fact: Value,
    /// Attributes may say their type.
    typed: bool,
    exists: bool,
    values: &'a [String],
}

impl Shape<'_> {
    /// A name of its own, for the shapes that are the same for every tenant: types of other languages are called so.
    fn name(&self, of: FactOf) -> String {
        let line = match of {
            FactOf::Order => "",
            FactOf::Line => "Line",
        };
        let what = match (self.typed, self.exists) {
            (true, _) => "Attribute",
            (false, true) => "Optional",
            (false, false) => "",
        };
        let words = self.of.name().split('_').map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        });
        format!("{line}{}{what}Test", words.collect::<String>())
    }

    /// The shape under its name, among the definitions.
    fn named(&self, of: FactOf, schemas: &mut SchemaGenerator) -> Value {
        let (name, schema) = (self.name(of), self.schema(schemas));
        let path = format!("#{}/{name}", schemas.settings().definitions_path);
        schemas.definitions_mut().insert(name, schema);
        json!({ "$ref": path })
    }

    fn schema(&self, schemas: &mut SchemaGenerator) -> Value {
        let operators = self.of.operators().iter().filter(|name| self.exists || **name != "exists");
        let mut properties = serde_json::Map::new();
        properties.insert("fact".to_owned(), self.fact.clone());
        if self.typed {
            properties.insert("type".to_owned(), json!({"const": self.of.name()}));
        }
        let mut one_of = Vec::new();
        for operator in operators {
            properties.insert((*operator).to_owned(), operand_schema(self.of, operator, self.values, schemas));
            one_of.push(json!({"required": [operator]}));
        }
        json!({
            "type": "object",
            "description": format!("a fact of type {}, and one operator", self.of.name()),
            "properties": properties,
            "required": ["fact"],
            "additionalProperties": false,
            "allOf": [{"oneOf": one_of}],
        })
    }
}

/// The facts that are there of each type, those that an order may lack apart, since they alone have `exists`.
fn known_shapes(of: FactOf) -> Vec<Shape<'static>> {
    let mut shapes = Vec::new();
    for fact_type in FactType::ALL.iter().copied() {
        for exists in [false, true] {
            let has_exists = |known: &KnownFact| known.may_lack() || fact_type == FactType::Texts;
            let here =
                |known: &&KnownFact| known.of() == of && known.fact_type() == fact_type && has_exists(known) == exists;
            let names: Vec<_> = KnownFact::ALL.iter().filter(here).map(|known| known.name()).collect();
            if !names.is_empty() {
                let fact = json!({"type": "string", "enum": names});
                shapes.push(Shape { of: fact_type, fact, typed: false, exists, values: &[] });
            }
        }
    }
    shapes
}

/// Attributes that are not known here: any name, of any type that they can have.
fn any_attributes(of: FactOf) -> Vec<Shape<'static>> {
    let pattern = match of {
        FactOf::Order => "^(order|holder)\\.attr\\.[^\\s]+$",
        FactOf::Line => "^line\\.attr\\.[^\\s]+$",
    };
    let types = FactType::ALL.iter().copied();
    let types = types.filter(|of| !matches!(of, FactType::TimeOfDay | FactType::Weekday | FactType::Place));
    let fact = json!({"type": "string", "pattern": pattern, "description": "an attribute that the tenant declares"});
    types.map(|of| Shape { of, fact: fact.clone(), typed: true, exists: true, values: &[] }).collect()
}

fn declared(of: FactOf, attributes: &[Attribute]) -> Vec<Shape<'_>> {
    let here = |attribute: &&Attribute| (attribute.of == AttributeOf::Line) == (of == FactOf::Line);
    let shape = |attribute: &'_ Attribute| {
        let name = format!("{}{}", attribute.of.prefix(), attribute.name);
        let fact = json!({"const": name, "title": attribute.title.as_deref().unwrap_or(&attribute.name)});
        (attribute.fact_type, fact)
    };
    let all = attributes.iter().filter(here);
    all.map(|attribute| {
        let (of, fact) = shape(attribute);
        Shape { of, fact, typed: true, exists: true, values: &attribute.values }
    })
    .collect()
}

fn test_schema(of: FactOf, attributes: Option<&Attributes>, schemas: &mut SchemaGenerator) -> Value {
    let known: Vec<Value> = known_shapes(of).iter().map(|shape| shape.named(of, schemas)).collect();
    let attributes: Vec<Value> = match attributes {
        Some(attributes) => declared(of, &attributes.0).iter().map(|shape| shape.schema(schemas)).collect(),
        None => any_attributes(of).iter().map(|shape| shape.named(of, schemas)).collect(),
    };
    let shapes = [known, attributes].concat();
    json!({"description": "A test of one fact.", "anyOf": shapes})
}

fn schema_of(value: Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}

impl JsonSchema for FactTest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FactTest".into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        schema_of(test_schema(FactOf::Order, None, schemas))
    }
}

impl JsonSchema for LineFactTest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LineFactTest".into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        schema_of(test_schema(FactOf::Line, None, schemas))
    }
}

impl JsonSchema for Comparison {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Comparison".into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let shape = Shape { of: FactType::Integer, fact: json!({}), typed: false, exists: false, values: &[] };
        let mut schema = shape.schema(schemas);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), json!("One operator of a whole number."));
            object.remove("required");
            object.get_mut("properties").and_then(Value::as_object_mut).map(|properties| properties.remove("fact"));
        }
        schema_of(schema)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "boolean"}]})
    }
}

/// The schema of templates, with the attributes that the tenant declares in the place of any.
pub(crate) fn template_schema(attributes: &Attributes) -> Value {
    let mut schemas = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let mut root = schemas.root_schema_for::<crate::card::TemplateDraft>().to_value();
    for (name, of) in [("FactTest", FactOf::Order), ("LineFactTest", FactOf::Line)] {
        let schema = test_schema(of, Some(attributes), &mut schemas);
        if let Some(defs) = root.get_mut("$defs").and_then(Value::as_object_mut) {
            // Any attribute is none of these.
            defs.retain(|shape, _| !shape.ends_with("AttributeTest"));
            defs.insert(name.to_owned(), schema);
        }
    }
    root
}
