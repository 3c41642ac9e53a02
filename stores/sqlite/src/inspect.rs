//! Looking into a store's file with SQL, without a second copy of SQLite.

use std::path::{Path, PathBuf};

use cardmint::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::types::{Value as Sql, ValueRef};
use serde_json::Value;

use crate::config::Options;
use crate::error::Fault;
use crate::link::open_site_read_only;
use crate::pool::Reader;
use crate::waiting::within;

/// A read-only look into a store's file, also while shops write to it. Made for analysts and reports; the tables and views are
/// described in docs/storage.md.
///
/// A query keeps checkpoints of all processes waiting while it runs, so the log grows during a long one.
pub struct Inspector {
    reader: std::sync::Mutex<Reader>,
    path: PathBuf,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryResult {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows; integers and floats are numbers, blobs are texts of hex digits.
    pub rows: Vec<Vec<Value>>,
    /// Whether there were more rows than asked for.
    pub truncated: bool,
}

impl Inspector {
    /// Opens a store's file for looking.
    ///
    /// # Errors
    /// As [`SqliteStore::open_read_only`](crate::SqliteStore::open_read_only).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let site = open_site_read_only(path, &Options { create: false, ..Options::default() })?;
        let reader = within(&site.patience(), || Reader::open(&site))?;
        for write in [DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE] {
            reader.link.db.set_db_config(write, false).map_err(|error| Fault::from(error).at(path))?;
        }
        Ok(Self { reader: reader.into(), path: path.to_owned() })
    }

    /// Runs one reading statement and returns at most `rows_max` rows. `params` fill `?1`, `?2`, …; a list or an object among
    /// them is passed as its JSON text.
    ///
    /// # Errors
    /// - `ReadOnly`: the statement writes.
    /// - `Unavailable`: it is no SQL, or names what does not exist; the text says which.
    /// - `Busy`, `Damaged`.
    pub fn query(&self, sql: &str, params: &[Value], rows_max: usize) -> Result<QueryResult, StoreError> {
        self.read(|db| {
            let mut statement = db.prepare(sql)?;
            if !statement.readonly() {
                return Ok(None);
            }
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            for (place, param) in params.iter().enumerate() {
                statement.raw_bind_parameter(place + 1, to_sql(param))?;
            }
            let mut found = statement.raw_query();
            let (mut rows, mut truncated) = (Vec::new(), false);
            while let Some(row) = found.next()? {
                if rows.len() == rows_max {
                    truncated = true;
                    break;
                }
                let values = (0..columns.len()).map(|column| row.get_ref(column).map(from_sql));
                rows.push(values.collect::<Result<Vec<_>, _>>()?);
            }
            Ok(Some(QueryResult { columns, rows, truncated }))
        })?
        .ok_or(StoreError::ReadOnly)
    }

    /// Checks every page and index of the file; reads all of it.
    ///
    /// # Errors
    /// `Damaged` with the first findings; `Busy`, `Unavailable`.
    pub fn integrity_check(&self) -> Result<(), StoreError> {
        let found = self.query("PRAGMA integrity_check(10)", &[], 10)?;
        let lines: Vec<&str> = found.rows.iter().flatten().filter_map(Value::as_str).collect();
        if lines == ["ok"] {
            return Ok(());
        }
        let shown = self.path.display();
        Err(StoreError::Damaged(format!("`{shown}`: {}; keep the file, restore a backup", lines.join("; "))))
    }

    /// How many rows each table has, by name; counts them all.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Damaged`.
    pub fn table_counts(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let named = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let names = self.query(named, &[], usize::MAX)?;
        let names = names.rows.iter().flatten().filter_map(Value::as_str);
        let count = |name: &str| {
            let found = self.query(&format!("SELECT count(*) FROM \"{name}\""), &[], 1)?;
            let count = found.rows.iter().flatten().find_map(Value::as_u64);
            Ok((name.to_owned(), count.unwrap_or(0)))
        };
        names.map(count).collect()
    }

    fn read<T>(&self, read: impl FnOnce(&rusqlite::Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        let reader = self.reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut patience = reader.link.site.patience();
        reader.read(&mut patience, |link| read(&link.db).map_err(|fault| fault.at(&self.path)))
    }
}

fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(yes) => Sql::Integer(i64::from(*yes)),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Sql::Integer(int),
            None => Sql::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Sql::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Sql::Text(value.to_string()),
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(int) => int.into(),
        ValueRef::Real(real) => real.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(blob) => blob.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
    }
}
