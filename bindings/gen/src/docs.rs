//! What people and tools read: the table as JSON with its schemas, and the pages of operations and denials.

use std::fmt::Write as _;

use cardmint::Status;
use serde_json::{Value, json};

use crate::File;
use crate::model::{Model, Op, Type};

/// `docs/api.json`: operations, statuses, and the schemas of every type on the wire.
pub fn api_json(model: &Model) -> Result<File, String> {
    let operations = model.operations.iter().map(|op| {
        let [request, reply] = &op.schemas;
        json!({
            "name": op.row.name,
            "doc": op.doc(),
            "kind": op.row.kind,
            "since": op.row.since,
            "keyless": op.row.keyless,
            "denials": op.row.denials,
            "request": request,
            "reply": reply,
        })
    });
    let statuses = Status::ALL.iter().map(|status| {
        json!({
            "number": status.number(),
            "code": status.code(),
            "doc": status.doc(),
            "denial": status.is_denial(),
            "may_retry": status.may_retry(),
        })
    });
    let api = json!({
        "operations": operations.collect::<Vec<_>>(),
        "statuses": statuses.collect::<Vec<_>>(),
        "$defs": Value::Object(model.schemas.clone()),
    });
    let text = serde_json::to_string_pretty(&api).map_err(|error| error.to_string())?;
    Ok(File { path: "docs/api.json", text: text + "\n" })
}

/// `docs/api.md`: the operations, for people.
pub fn api_md(model: &Model) -> File {
    let mut text = String::from(
        "# Operations\n\nWritten by `cargo xtask gen` from the table in `core/src/operation/table.rs`; do not edit. Every row is a \
         method of a tenant in Rust, C, Python and Node. The wire is JSON, the same in all of them: `api.json` beside this page has \
         the schemas.\n\nA `read` answers from what the store says now. A `change` is durable when it is answered, once per \
         idempotency key: `meta` is that key, alone or with `reason` and `origin`. A `stream` gives items as they are asked for. \
         A `job` works in steps and replies at the end. *Keyless* operations work on a handle that was opened without keys.\n",
    );
    for op in &model.operations {
        let _ = write!(text, "\n## {}\n\n{}\n\n", op.row.name, op.doc());
        let keyless = if op.row.keyless { ", keyless" } else { "" };
        let _ = writeln!(text, "*{}{keyless}, since {}*\n", op.row.kind.name(), op.row.since);
        let _ = writeln!(text, "| field | type | |\n|---|---|---|");
        for field in &op.fields {
            let need = if field.required { "" } else { "optional. " };
            let _ = writeln!(text, "| `{}` | {} | {need}{} |", field.name, words(&field.of), one_line(&field.doc));
        }
        let _ = writeln!(
            text,
            "\nReply{}: {}",
            if op.is_cursor() { " (one item, or the job's)" } else { "" },
            words(&op.reply)
        );
        let denials = denials_of(op);
        if !denials.is_empty() {
            let _ = writeln!(text, "\nDenials, in this order: {denials}");
        }
    }
    File { path: "docs/api.md", text }
}

fn denials_of(op: &Op) -> String {
    let quoted = op.row.denials.iter().map(|denial| match denial.split_once(' ') {
        Some((code, more)) => format!("`{code}` {more}"),
        None => format!("`{denial}`"),
    });
    quoted.collect::<Vec<_>>().join(", ")
}

fn one_line(doc: &str) -> String {
    doc.replace('\n', " ").replace('|', "\\|")
}

/// A type in words, in Markdown.
pub fn words(of: &Type) -> String {
    match of {
        Type::Text => "text".to_owned(),
        Type::Literal(text) => format!("`\"{text}\"`"),
        Type::Integer => "whole number".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Any => "any".to_owned(),
        Type::List(of) => format!("list of {}", words(of)),
        Type::Map(of) => format!("map to {}", words(of)),
        Type::Object(_) => "object".to_owned(),
        Type::Union(parts) => parts.iter().map(words).collect::<Vec<_>>().join(" or "),
        Type::Nullable(of) => format!("{} or null", words(of)),
        Type::Named(name) => format!("`{name}`"),
    }
}

/// `docs/denials.md`: every status with its number.
pub fn denials_md() -> File {
    let mut text = String::from(
        "# Denials and faults\n\nWritten by `cargo xtask gen` from `core/src/status.rs`; do not edit. The numbers are those of the \
         C ABI; the codes are the same in every language. Numbers are never given out twice. A denial (200 to 899) is a lawful \
         *no*: nothing was written, and the facts say why.\n\n| number | code | | ask again |\n|---|---|---|---|\n",
    );
    for status in Status::ALL {
        let again = if status.may_retry() { "yes" } else { "" };
        let _ = writeln!(text, "| {} | `{}` | {} | {again} |", status.number(), status.code(), status.doc());
    }
    File { path: "docs/denials.md", text }
}
