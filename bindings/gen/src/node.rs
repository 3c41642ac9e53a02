//! The npm module's generated files: the types of the wire, and the methods of a tenant with their types.

use std::fmt::Write as _;

use cardmint::operation::Kind;

use crate::File;
use crate::model::{Field, Model, Op, Type, camel};

const HEAD: &str = "// Written by `cargo xtask gen` from the table of operations; do not edit.\n";

/// Every file of the npm module that is generated.
pub fn files(model: &Model) -> Vec<File> {
    vec![
        File { path: "bindings/node/lib/types.d.cts", text: types(model) },
        File { path: "bindings/node/lib/operations.cjs", text: operations(model) },
        File { path: "bindings/node/lib/operations.d.cts", text: declared(model) },
    ]
}

/// `cardNumber` for `card_number`.
fn method_of(name: &str) -> String {
    let camel = camel(name);
    let (first, rest) = camel.split_at(camel.chars().next().map_or(0, char::len_utf8));
    first.to_lowercase() + rest
}

/// A comment for editors, indented; nothing for an empty text.
fn comment(text: &str, indent: &str) -> String {
    let text = text.trim().replace("*/", "* /");
    if text.is_empty() {
        return String::new();
    }
    if !text.contains('\n') {
        return format!("{indent}/** {text} */\n");
    }
    let lines = text.lines().fold(String::new(), |all, line| all + format!("{indent} * {line}").trim_end() + "\n");
    format!("{indent}/**\n{lines}{indent} */\n")
}

/// `lib/types.d.cts`.
fn types(model: &Model) -> String {
    let mut text = format!(
        "{HEAD}// What requests and replies are made of: plain data.\n\n\
         /** Whatever JSON can say. */\n\
         export type Json = null | boolean | number | string | Json[] | {{ [key: string]: Json }};\n\n\
         /** An instant of a request: a date, or RFC 3339 as the replies have it. */\n\
         export type Moment = string | Date;\n"
    );
    let replied = model.replied();
    for named in model.types.values() {
        let is_sent = !replied.contains(&named.name);
        text += "\n";
        text += &comment(&named.doc, "");
        let _ = match &named.of {
            Type::Object(fields) if !fields.is_empty() => {
                write!(text, "export interface {} {{\n{}}}\n", named.name, members(fields, is_sent, "  "))
            }
            of => writeln!(text, "export type {} = {};", named.name, spelled(of, is_sent)),
        };
    }
    text
}

fn members(fields: &[Field], is_sent: bool, indent: &str) -> String {
    let mut text = String::new();
    for field in fields {
        text += &comment(&field.doc, indent);
        let name = if is_identifier(&field.name) { field.name.clone() } else { format!("\"{}\"", field.name) };
        let of = spelled(&field.of, is_sent);
        let _ = match field.required {
            true => writeln!(text, "{indent}{name}: {of};"),
            false => writeln!(text, "{indent}{name}?: {of} | undefined;"),
        };
    }
    text
}

/// A type in TypeScript's words.
fn spelled(of: &Type, is_sent: bool) -> String {
    match of {
        Type::Text => "string".to_owned(),
        Type::Literal(text) => format!("\"{text}\""),
        Type::Integer | Type::Number => "number".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Any => "Json".to_owned(),
        Type::List(of) => format!("Array<{}>", spelled(of, is_sent)),
        Type::Map(of) => format!("Record<string, {}>", spelled(of, is_sent)),
        Type::Object(fields) if fields.is_empty() => "Record<string, never>".to_owned(),
        Type::Object(fields) => {
            // All of its members and their comments in one line.
            format!("{{ {} }}", members(fields, is_sent, "").trim_end().replace('\n', " "))
        }
        Type::Union(parts) => parts.iter().map(|part| spelled(part, is_sent)).collect::<Vec<_>>().join(" | "),
        Type::Nullable(of) => format!("{} | null", spelled(of, is_sent)),
        Type::Named(name) if is_sent && name == "Instant" => "Moment".to_owned(),
        Type::Named(name) => name.clone(),
    }
}

fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Which of its tenant's hooks serves an operation.
fn hook(op: &Op) -> &'static str {
    match op.row.kind {
        Kind::Read => "_read",
        Kind::Change => "_change",
        Kind::Stream => "_stream",
        Kind::Job => "_job",
    }
}

/// `lib/operations.cjs`.
fn operations(model: &Model) -> String {
    let mut text = format!(
        "{HEAD}\"use strict\";\n\n\
         /** One method for each operation; _read, _change, _stream and _job are their tenant's. */\nclass Operations {{\n"
    );
    for (place, op) in model.operations.iter().enumerate() {
        let (method, hook, name) = (method_of(op.row.name), hook(op), op.row.name);
        let blank = if place == 0 { "" } else { "\n" };
        let _ = write!(
            text,
            "{blank}  {method}(request, options) {{\n    return this.{hook}(\"{name}\", request, options);\n  }}\n"
        );
    }
    text + "}\n\nmodule.exports = { Operations };\n"
}

/// `lib/operations.d.cts`.
fn declared(model: &Model) -> String {
    let mut names: Vec<&str> = vec!["Json"];
    let mut methods = String::new();
    for op in &model.operations {
        let request = &op.request;
        names.push(request);
        named_in(&op.reply, &mut names);
        let reply = spelled(&op.reply, false);
        let reply = match op.row.kind {
            Kind::Read | Kind::Change => format!("Promise<{reply}>"),
            Kind::Stream => format!("Stream<{reply}>"),
            Kind::Job => format!("Job<{reply}>"),
        };
        let need = if op.fields.iter().any(|field| field.required) { "" } else { "?" };
        methods += "\n";
        methods += &comment(&doc(op), "  ");
        let _ = writeln!(
            methods,
            "  {}(request{need}: {request}, options?: CallOptions): {reply};",
            method_of(op.row.name)
        );
    }
    names.sort_unstable();
    names.dedup();
    names.retain(|name| methods.contains(name));
    let names: String = names.iter().fold(String::new(), |all, name| all + "  " + name + ",\n");
    format!(
        "{HEAD}import type {{ CallOptions, Job, Stream }} from \"./index.cjs\";\nimport type {{\n{names}}} from \
         \"./types.cjs\";\n\n/** The operations as methods. */\nexport interface Operations {{{methods}}}\n"
    )
}

fn named_in<'a>(of: &'a Type, names: &mut Vec<&'a str>) {
    match of {
        Type::Named(name) => names.push(name),
        Type::List(of) | Type::Map(of) | Type::Nullable(of) => named_in(of, names),
        Type::Object(fields) => fields.iter().for_each(|field| named_in(&field.of, names)),
        Type::Union(parts) => parts.iter().for_each(|part| named_in(part, names)),
        Type::Text | Type::Literal(_) | Type::Integer | Type::Number | Type::Boolean | Type::Any => {}
    }
}

fn doc(op: &Op) -> String {
    match op.row.denials {
        [] => op.doc(),
        denials => format!("{}\n\nDenials, in this order: {}.", op.doc(), denials.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_in_camel_case() {
        assert_eq!([method_of("open_many"), method_of("redeem")], ["openMany", "redeem"]);
    }

    #[test]
    fn a_comment_cannot_be_left_early() {
        assert_eq!(comment("a */ b", ""), "/** a * / b */\n");
        assert_eq!(comment("a\n\nb", "  "), "  /**\n   * a\n   *\n   * b\n   */\n");
        assert_eq!(comment(" ", ""), "");
    }

    #[test]
    fn no_type_is_any() {
        let model = Model::read().unwrap();
        for File { path, text } in files(&model) {
            assert!(!text.contains(": any") && !text.contains("<any"), "{path}");
        }
    }
}
