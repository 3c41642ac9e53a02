//! The C binding: one exported function for each operation, the statuses, and the header.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cardmint::Status;
use cardmint::operation::Kind;
use cbindgen::{Builder, EnumConfig, Language, RenameRule};

use crate::model::{Field, Model, Op, Type, camel};
use crate::{File, docs};

/// The generated sources, and the header over them and those written by hand.
///
/// # Errors
/// The sources written by hand cannot be read, or are not what cbindgen understands.
pub fn files(model: &Model) -> Result<Vec<File>, String> {
    let (statuses, operations) = (statuses_rs(), operations_rs(model));
    let header = header(&[("status.rs", &statuses), ("operations.rs", &operations)])?;
    Ok(vec![
        File { path: "ffi/src/status.rs", text: statuses },
        File { path: "ffi/src/operations.rs", text: operations },
        File { path: "include/cardmint.h", text: header },
    ])
}

fn statuses_rs() -> String {
    let mut text = String::from(
        "//! Written by `cargo xtask gen` from `core/src/status.rs`; do not edit.\n\nuse std::ffi::CStr;\n\n\
         /// How a call ended. Below 100 it went well, 100 to 199 it could not be begun, 200 to 899 the rules said no (a denial: \
         nothing\n/// was written), from 900 on something is broken or not there. Numbers are never given out twice; expect new \
         ones.\n#[repr(i32)]\n#[derive(Clone, Copy)]\npub enum cardmint_status {\n",
    );
    for status in Status::ALL {
        let again = if status.may_retry() { ". May go better later" } else { "" };
        let _ = writeln!(text, "    /// `{}`: {}{again}.", status.code(), status.doc().trim_end_matches('.'));
        let _ = writeln!(text, "    {} = {},", camel(status.code()), status.number());
    }
    text.push_str(
        "}\n\nimpl cardmint_status {\n    /// The status of that number.\n    pub(crate) fn of(number: u16) -> Self {\n        \
         match number {\n",
    );
    for status in Status::ALL {
        let _ = writeln!(text, "            {} => Self::{},", status.number(), camel(status.code()));
    }
    text.push_str(
        "            _ => Self::Internal,\n        }\n    }\n}\n\n/// The code of the status of that number.\n\
         pub(crate) fn code_of(number: i32) -> &'static CStr {\n    match number {\n",
    );
    for status in Status::ALL {
        let _ = writeln!(text, "        {} => c\"{}\",", status.number(), status.code());
    }
    text.push_str("        _ => c\"\",\n    }\n}\n");
    text
}

fn operations_rs(model: &Model) -> String {
    let mut text = String::from(
        "//! Written by `cargo xtask gen` from `core/src/operation/table.rs`; do not edit.\n\nuse std::ffi::c_char;\n\n\
         use crate::cursor::cardmint_cursor;\nuse crate::status::cardmint_status;\n\
         use crate::tenant::{cardmint_tenant, cardmint_tenant_begin, cardmint_tenant_call};\nuse crate::text::cardmint_text;\n",
    );
    for op in &model.operations {
        let name = op.row.name;
        let (raw, out, of) = if op.is_cursor() {
            ("cardmint_tenant_begin", "cursor", "cardmint_cursor")
        } else {
            ("cardmint_tenant_call", "reply", "cardmint_text")
        };
        text.push('\n');
        for line in doc_of(op).lines() {
            let _ = writeln!(text, "{}", format!("/// {line}").trim_end());
        }
        let _ = write!(
            text,
            "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn cardmint_{name}(\n    tenant: *const cardmint_tenant,\n    \
             request: *const c_char,\n    request_len: usize,\n    {out}: *mut *mut {of},\n    error: *mut *mut cardmint_text,\n\
             ) -> cardmint_status {{\n    let name = \"{name}\";\n    \
             // SAFETY: what this function asks of its caller is what that one asks.\n    \
             unsafe {{ {raw}(tenant, name.as_ptr().cast(), name.len(), request, request_len, {out}, error) }}\n}}\n"
        );
    }
    text
}

/// The doc of an operation, its kind, the fields of its request and its denials.
fn doc_of(op: &Op) -> String {
    let mut text = wrapped(&op.doc().replace('\n', " "), "");
    let keyless = if op.row.keyless { ", keyless" } else { "" };
    let _ = writeln!(text, "\nA {}{keyless}, since {}. The request:\n", op.row.kind.name(), op.row.since);
    for field in &op.fields {
        text.push_str(&wrapped(&format!("- {}", line_of(field)), "  "));
    }
    let what = match op.row.kind {
        Kind::Stream => "Each item",
        Kind::Job => "The reply, at the end",
        Kind::Read | Kind::Change => "The reply",
    };
    let _ = writeln!(text, "\n{what}: {}.", words(&op.reply));
    if !op.row.denials.is_empty() {
        text.push('\n');
        text.push_str(&wrapped(&format!("Denials, in this order: {}.", op.row.denials.join(", ")), ""));
    }
    text
}

fn line_of(field: &Field) -> String {
    let need = if field.required { "" } else { ", may be left out" };
    let line = format!("`{}` ({}{need}): {}", field.name, words(&field.of), field.doc.replace('\n', " "));
    line.trim_end().trim_end_matches(':').to_owned()
}

/// A type in words; C comments need no marks around names.
fn words(of: &Type) -> String {
    docs::words(of).replace('`', "")
}

/// Words in lines of at most 110 characters, the second and later ones indented.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 110 {
            lines.push_str(&line);
            lines.push('\n');
            line = indent.to_owned() + word;
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines + &line + "\n"
}

/// The sources written by hand, in the order in which a reader of the header wants them.
const BY_HAND: [&str; 7] = ["about.rs", "text.rs", "engine.rs", "tenant.rs", "call.rs", "cursor.rs", "keyring.rs"];

/// The header over all sources; those that are generated are handed over as texts, since those on disk may be stale.
fn header(fresh: &[(&str, &String)]) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut builder = Builder::new();
    for (name, text) in fresh.iter().take(1) {
        builder = builder.with_src(put(folder.path(), name, text)?);
    }
    for name in BY_HAND {
        let path = sources().join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        builder = builder.with_src(put(folder.path(), name, &text)?);
    }
    for (name, text) in fresh.iter().skip(1) {
        builder = builder.with_src(put(folder.path(), name, text)?);
    }
    let bindings = builder.with_config(config()).generate().map_err(|error| format!("cbindgen: {error}"))?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).map_err(|error| error.to_string())
}

fn put(folder: &Path, name: &str, text: &str) -> Result<PathBuf, String> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| format!("{name}: {error}"))?;
    Ok(path)
}

/// Asked at run time: a binary in a shared target folder may have been built from another checkout.
fn sources() -> PathBuf {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.join("../../ffi/src")
}

const HEAD: &str = "\
/*
 * cardmint: an embeddable engine for digital cards. Written by `cargo xtask gen` from the sources in ffi/; do not edit.
 *
 * Texts go in as a pointer and a length in bytes, UTF-8, and are borrowed for the call only. Every call says how it ended; a
 * result is written to its place only when it went well. When it failed and `error` is not NULL, the JSON of the failure is
 * written there: {kind, code, status, message, may_retry, facts, texts}. Whatever is handed out is freed once, with the
 * function of its type that ends in _free; these take NULL. NULL for anything else is CARDMINT_STATUS_NULL_ARGUMENT.
 *
 * Engines and tenants: any threads at once. Calls and cursors: one thread at a time; others wait. No call runs code of yours.
 * ffi/README.md tells the rest; docs/api.md and docs/api.json describe requests and replies.
 */";

fn config() -> cbindgen::Config {
    let version = env!("CARGO_PKG_VERSION");
    let mut numbers = version.split('.').chain(std::iter::repeat("0"));
    let mut versions = format!(
        "\n/* The version of this header; cardmint_version() tells that of the library. */\n#define CARDMINT_VERSION \"{version}\"\n"
    );
    for part in ["MAJOR", "MINOR", "PATCH"] {
        let _ = writeln!(versions, "#define CARDMINT_VERSION_{part} {}", numbers.next().unwrap_or("0"));
    }
    cbindgen::Config {
        language: Language::C,
        header: Some(HEAD.to_owned()),
        include_guard: Some("CARDMINT_H".to_owned()),
        after_includes: Some(versions.trim_end().to_owned()),
        cpp_compat: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        usize_is_size_t: true,
        line_length: 120,
        enumeration: EnumConfig {
            rename_variants: RenameRule::ScreamingSnakeCase,
            prefix_with_name: true,
            ..EnumConfig::default()
        },
        ..cbindgen::Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_status_is_in_the_header_once() {
        let model = Model::read().unwrap();
        let files = files(&model).unwrap();
        let header = &files.iter().find(|file| file.path == "include/cardmint.h").unwrap().text;
        for op in &model.operations {
            let function = format!("cardmint_status cardmint_{}(const struct cardmint_tenant *tenant,", op.row.name);
            assert_eq!(header.matches(&function).count(), 1, "{function}");
        }
        for status in Status::ALL {
            let constant = format!("CARDMINT_STATUS_{} = {},", status.code().to_uppercase(), status.number());
            assert_eq!(header.matches(&constant).count(), 1, "{constant}");
        }
    }

    #[test]
    fn every_source_with_a_function_is_read() {
        let known = |name: &str| BY_HAND.contains(&name) || ["status.rs", "operations.rs"].contains(&name);
        for entry in std::fs::read_dir(sources()).unwrap() {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let name = entry.file_name().into_string().unwrap();
            assert!(known(&name) || !text.contains("no_mangle"), "{name}");
        }
    }

    #[test]
    fn words_are_put_into_lines() {
        assert_eq!(wrapped(" one  two\nthree ", "  "), "one two three\n");
        let long = wrapped(&"word ".repeat(40), "  ");
        assert!(long.lines().all(|line| line.len() <= 110) && long.lines().skip(1).all(|line| line.starts_with("  ")));
        assert_eq!(long.split_whitespace().count(), 40);
        assert_eq!(camel("not_found_or_invalid"), "NotFoundOrInvalid");
    }
}
