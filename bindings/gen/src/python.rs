//! The Python package's generated files: the types of the wire as `TypedDict`s, and the methods of both tenants.
//!
//! They run on Python 3.9 with nothing but the standard library: optional fields stand in a class of their own (`total=False`),
//! since `NotRequired` came later.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cardmint::operation::Kind;

use crate::File;
use crate::model::{Field, Model, NamedType, Op, Type, camel};

const HEAD: &str = "# Written by `cargo xtask gen` from the table of operations; do not edit.\n";

/// Words that a class body cannot use as a field's name.
const KEYWORDS: [&str; 12] = ["and", "as", "class", "def", "from", "global", "if", "import", "in", "is", "not", "or"];

/// Every file of the Python package that is generated.
pub fn files(model: &Model) -> Vec<File> {
    vec![
        File { path: "bindings/python/python/cardmint/types.py", text: types(model) },
        File { path: "bindings/python/python/cardmint/_operations.py", text: operations(model, Face::Blocking) },
        File { path: "bindings/python/python/cardmint/_aio_operations.py", text: operations(model, Face::Awaited) },
    ]
}

/// A docstring, indented.
fn docstring(text: &str, indent: &str) -> String {
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "'''");
    let mut lines = text.lines();
    let mut doc = format!("{indent}\"\"\"{}", lines.next().unwrap_or_default());
    let mut several = false;
    for line in lines {
        several = true;
        let _ = write!(doc, "\n{}", format!("{indent}{line}").trim_end());
    }
    if several {
        let _ = write!(doc, "\n{indent}");
    }
    doc + "\"\"\"\n"
}

/// Types as they are written down one after another.
struct Types {
    text: String,
    names: Vec<String>,
    /// Named types that a reply can hold: instants in them are texts. A request takes an aware datetime, too.
    replied: BTreeSet<String>,
    /// Whether what is written now is only ever sent.
    is_sent: bool,
}

/// `cardmint/types.py`.
fn types(model: &Model) -> String {
    let mut types = Types { text: String::new(), names: Vec::new(), replied: model.replied(), is_sent: false };
    for named in model.types.values() {
        types.is_sent = !types.replied.contains(&named.name);
        types.named(named);
    }
    types.names.push("Moment".to_owned());
    types.names.sort();
    let names: String = types.names.iter().fold(String::new(), |all, name| all + "    \"" + name + "\",\n");
    format!(
        "{HEAD}\"\"\"What requests and replies are made of: plain data, described by `TypedDict`s.\"\"\"\n\n\
         from __future__ import annotations\n\n\
         from datetime import datetime\n\
         from typing import Any, Dict, List, Literal, Optional, TypedDict, Union\n\n\
         __all__ = [\n{names}]\n\n\
         # An instant of a request: an aware datetime in whole milliseconds, or RFC 3339 as the replies have it.\n\
         Moment = Union[str, datetime]\n{}",
        types.text
    )
}

impl Types {
    fn named(&mut self, named: &NamedType) {
        if let Type::Object(fields) = &named.of {
            self.object(&named.name, &named.doc, fields);
            return;
        }
        let of = self.spelled(&named.name, &named.of, true);
        if !named.doc.is_empty() {
            let _ = write!(self.text, "\n# {}", named.doc.replace('\n', " "));
        }
        let _ = writeln!(self.text, "\n{} = {of}", named.name);
        self.names.push(named.name.clone());
    }

    /// An object becomes a class; one with both kinds of fields becomes two.
    fn object(&mut self, name: &str, doc: &str, fields: &[Field]) {
        let (required, optional): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| field.required);
        let base = format!("_{name}Required");
        let spelled = |types: &mut Self, fields: &[&Field]| -> Vec<(String, String)> {
            fields
                .iter()
                .map(|field| {
                    (field.name.clone(), types.spelled(&(name.to_owned() + &camel(&field.name)), &field.of, false))
                })
                .collect()
        };
        let (required_types, optional_types) = (spelled(self, &required), spelled(self, &optional));
        self.names.push(name.to_owned());
        if required_types.iter().chain(&optional_types).any(|(field, _)| !is_identifier(field)) {
            self.called(name, &required_types, &optional_types);
            return;
        }
        match (required.is_empty(), optional.is_empty()) {
            (false, false) => {
                self.class(&base, "TypedDict", "", &required, &required_types);
                self.class(name, &format!("{base}, total=False"), doc, &optional, &optional_types);
            }
            (true, false) => self.class(name, "TypedDict, total=False", doc, &optional, &optional_types),
            (_, true) => self.class(name, "TypedDict", doc, &required, &required_types),
        }
    }

    /// An object with a field that no class can have, such as `from`: a call, or two and a class that has the fields of both.
    fn called(&mut self, name: &str, required: &[(String, String)], optional: &[(String, String)]) {
        let mut call = |name: &str, of: &[(String, String)], total: &str| {
            let fields: Vec<_> = of.iter().map(|(field, of)| format!("\"{field}\": {}", quoted(of))).collect();
            let _ = write!(self.text, "\n{name} = TypedDict(\"{name}\", {{{}}}{total})\n", fields.join(", "));
        };
        match (required.is_empty(), optional.is_empty()) {
            (_, true) => call(name, required, ""),
            (true, false) => call(name, optional, ", total=False"),
            (false, false) => {
                let bases = [format!("_{name}Required"), format!("_{name}Optional")];
                call(&bases[0], required, "");
                call(&bases[1], optional, ", total=False");
                let _ = write!(self.text, "\n\nclass {name}({}):\n    pass\n", bases.join(", "));
            }
        }
    }

    fn class(&mut self, name: &str, bases: &str, doc: &str, fields: &[&Field], of: &[(String, String)]) {
        let _ = writeln!(self.text, "\n\nclass {name}({bases}):");
        if !doc.is_empty() {
            self.text += &docstring(doc, "    ");
            self.text += "\n";
        }
        for (field, (name, of)) in fields.iter().zip(of) {
            if !field.doc.is_empty() {
                let _ = writeln!(self.text, "    # {}", field.doc.replace('\n', " "));
            }
            let _ = writeln!(self.text, "    {name}: {of}");
        }
        if fields.is_empty() && doc.is_empty() {
            self.text += "    pass\n";
        }
    }

    /// A type in Python's words; what has no name gets one from its `owner`. An alias is evaluated when the module is imported,
    /// so the names in it are quoted.
    fn spelled(&mut self, owner: &str, of: &Type, alias: bool) -> String {
        match of {
            Type::Text => "str".to_owned(),
            Type::Literal(text) => format!("Literal[\"{text}\"]"),
            Type::Integer => "int".to_owned(),
            Type::Number => "float".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Any => "Any".to_owned(),
            Type::List(of) => format!("List[{}]", self.spelled(owner, of, alias)),
            Type::Map(of) => format!("Dict[str, {}]", self.spelled(owner, of, alias)),
            Type::Nullable(of) => format!("Optional[{}]", self.spelled(owner, of, alias)),
            Type::Named(name) if self.is_sent && name == "Instant" => "Moment".to_owned(),
            Type::Named(name) => named(name, alias),
            Type::Union(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.variant(owner, part, alias)).collect();
                format!("Union[{}]", parts.join(", "))
            }
            Type::Object(fields) if fields.is_empty() => "Dict[str, Any]".to_owned(),
            Type::Object(fields) => {
                self.object(owner, "", fields);
                named(owner, alias)
            }
        }
    }

    /// One of several: an object is called after its first field, and what stands in that field after both.
    fn variant(&mut self, owner: &str, of: &Type, alias: bool) -> String {
        match of {
            Type::Object(fields) if !fields.is_empty() => {
                let first = fields.first().map_or("", |field| field.name.as_str());
                let name = owner.to_owned() + &camel(first);
                self.object(&name, "", fields);
                named(&name, alias)
            }
            _ => self.spelled(owner, of, alias),
        }
    }
}

fn named(name: &str, is_quoted: bool) -> String {
    if is_quoted { quoted(name) } else { name.to_owned() }
}

/// A type as a text; there may be texts in it.
fn quoted(of: &str) -> String {
    let mark = if of.contains('"') { '\'' } else { '"' };
    format!("{mark}{of}{mark}")
}

fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !KEYWORDS.contains(&name)
}

/// Which tenant the methods belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Blocking,
    Awaited,
}

/// `cardmint/_operations.py` and its asyncio twin.
fn operations(model: &Model, face: Face) -> String {
    let mut used = BTreeSet::new();
    let mut methods = String::new();
    for op in &model.operations {
        methods += "\n";
        methods += &method(op, face, &mut used);
    }
    let used: String = used.iter().fold(String::new(), |all, name| all + "        " + name + ",\n");
    let (module, hooks) = match face {
        Face::Blocking => ("_engine", "_call"),
        Face::Awaited => ("aio", "_read and _change"),
    };
    format!(
        "{HEAD}\"\"\"The operations as methods; {hooks}, _stream and _job are their tenant's.\"\"\"\n\
         # mypy: disable-error-code=\"no-any-return\"\n\n\
         from __future__ import annotations\n\n\
         from abc import ABC, abstractmethod\nfrom typing import TYPE_CHECKING, Any\n\n\
         if TYPE_CHECKING:\n    from .{module} import Job, Stream\n    from .types import (\n{used}    )\n\n\n\
         class Operations(ABC):\n    \"\"\"One method for each operation.\"\"\"\n\n{}{methods}",
        hooks_of(face)
    )
}

/// What a tenant has to bring along.
fn hooks_of(face: Face) -> String {
    let hook = |words: &str, name: &str, reply: &str| {
        format!(
            "    @abstractmethod\n    {words} {name}(self, operation: str, request: dict[str, Any]) -> {reply}: ...\n\n"
        )
    };
    let calls = match face {
        Face::Blocking => hook("def", "_call", "Any"),
        Face::Awaited => hook("async def", "_read", "Any") + &hook("async def", "_change", "Any"),
    };
    let begins = hook("def", "_stream", "Stream[Any]") + &hook("def", "_job", "Job[Any]");
    (calls + &begins).trim_end().to_owned() + "\n"
}

fn method(op: &Op, face: Face, used: &mut BTreeSet<String>) -> String {
    let mut arguments = String::new();
    for field in &op.fields {
        let of = in_method(&field.of, true, used);
        let of = match (field.required, of.ends_with(" | None")) {
            (true, _) => of,
            (false, true) => of + " = None",
            (false, false) => of + " | None = None",
        };
        let _ = writeln!(arguments, "        {}: {of},", field.name);
    }
    let reply = in_method(&op.reply, false, used);
    let (def, hook, reply) = match (op.row.kind, face) {
        (Kind::Stream, _) => ("def", "self._stream", format!("Stream[{reply}]")),
        (Kind::Job, _) => ("def", "self._job", format!("Job[{reply}]")),
        (_, Face::Blocking) => ("def", "self._call", reply),
        (Kind::Read, Face::Awaited) => ("async def", "await self._read", reply),
        (Kind::Change, Face::Awaited) => ("async def", "await self._change", reply),
    };
    let name = op.row.name;
    for field in &op.fields {
        assert!(is_identifier(&field.name), "`{}` of {name} is a word of Python's and can be no argument", field.name);
    }
    let required = op.fields.iter().filter(|field| field.required).map(|field| format!("\"{0}\": {0}", field.name));
    let required = required.collect::<Vec<_>>().join(", ");
    let star = if op.fields.is_empty() { "" } else { "        *,\n" };
    let mut text = format!("    {def} {name}(\n        self,\n{star}{arguments}    ) -> {reply}:\n");
    text += &docstring(&doc(op), "        ");
    let optional: Vec<&Field> = op.fields.iter().filter(|field| !field.required).collect();
    if optional.is_empty() {
        let _ = writeln!(text, "        return {hook}(\"{name}\", {{{required}}})");
        return text;
    }
    let _ = writeln!(text, "        request: dict[str, Any] = {{{required}}}");
    for field in optional {
        let _ = writeln!(text, "        if {0} is not None:\n            request[\"{0}\"] = {0}", field.name);
    }
    let _ = writeln!(text, "        return {hook}(\"{name}\", request)");
    text
}

fn doc(op: &Op) -> String {
    let mut doc = op.doc();
    doc += "\n";
    for field in &op.fields {
        let _ = write!(doc, "\n{}: {}", field.name, field.doc.replace('\n', " "));
    }
    if !op.row.denials.is_empty() {
        let _ = write!(doc, "\n\nDenials, in this order: {}.", op.row.denials.join(", "));
    }
    doc
}

/// A type in an annotation of a method, which nobody evaluates.
fn in_method(of: &Type, is_sent: bool, used: &mut BTreeSet<String>) -> String {
    match of {
        Type::Text => "str".to_owned(),
        Type::Literal(text) => {
            used.insert("Literal".to_owned());
            format!("Literal[\"{text}\"]")
        }
        Type::Integer => "int".to_owned(),
        Type::Number => "float".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Any => "Any".to_owned(),
        Type::List(of) => format!("list[{}]", in_method(of, is_sent, used)),
        Type::Map(of) => format!("dict[str, {}]", in_method(of, is_sent, used)),
        Type::Object(_) => "dict[str, Any]".to_owned(),
        Type::Union(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| in_method(part, is_sent, used)).collect();
            parts.join(" | ")
        }
        Type::Nullable(of) => in_method(of, is_sent, used) + " | None",
        Type::Named(name) => {
            let name = if is_sent && name == "Instant" { "Moment" } else { name };
            used.insert(name.to_owned());
            name.to_owned()
        }
    }
}
