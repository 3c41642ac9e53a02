//! Streams as Arrow: pages of items become record batches, which whoever knows Arrow's C stream interface takes over without a copy.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use bridge::{Cursor, DroppedElsewhere, Failure, Status, Step};
use cardmint_bridge as bridge;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use serde_json::{Map, Value};

use crate::failed::raised;

/// The rest of a stream as Arrow. It is read once.
#[pyclass(frozen, module = "cardmint._native")]
pub struct ArrowStream {
    schema: SchemaRef,
    pages: Mutex<Option<Pages>>,
}

/// Items, some at a time, as record batches.
struct Pages {
    cursor: DroppedElsewhere<Mutex<Cursor>>,
    kinds: Vec<Kind>,
    schema: SchemaRef,
    rows: usize,
}

/// What a column is of. Each may be null.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Integer,
    /// Milliseconds in UTC.
    Instant,
    Integers,
}

impl ArrowStream {
    /// `columns`: names, and what they are of.
    pub fn new(cursor: Cursor, columns: &[(String, String)], rows: usize) -> Result<Self, Failure> {
        let kinds = columns.iter().map(|(_, kind)| Kind::named(kind)).collect::<Result<Vec<_>, _>>()?;
        let fields = columns.iter().zip(&kinds).map(|((name, _), kind)| Field::new(name, kind.of(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let cursor = DroppedElsewhere::new(Mutex::new(cursor));
        let pages = Pages { cursor, kinds, schema: Arc::clone(&schema), rows };
        Ok(Self { schema, pages: Mutex::new(Some(pages)) })
    }
}

#[pymethods]
impl ArrowStream {
    /// Arrow's C schema of a row.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(|wrong| raised(py, &fault(&wrong)))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// Arrow's C stream. Whoever reads it cannot have it in another schema.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(pages) = pages else { return Err(raised(py, &Failure::fault(Status::Closed, "it was read before"))) };
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(pages)), c"arrow_array_stream")
    }
}

fn fault(wrong: &ArrowError) -> Failure {
    Failure::fault(Status::Internal, wrong.to_string())
}

impl RecordBatchReader for Pages {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Iterator for Pages {
    type Item = Result<RecordBatch, ArrowError>;

    /// Whoever reads may hold the interpreter's lock or not: it is neither taken nor given up here.
    fn next(&mut self) -> Option<Self::Item> {
        let page = bridge::guarded(|| {
            let mut cursor = self.cursor.get()?.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                match cursor.next(self.rows)? {
                    Step::Reply(json) => return Ok(Some(self.batch(&json)?)),
                    Step::Working => {}
                    Step::End => return Ok(None),
                }
            }
        });
        page.map_err(|failure| ArrowError::ExternalError(failure.to_string().into())).transpose()
    }
}

impl Pages {
    fn batch(&self, json: &[u8]) -> Result<RecordBatch, Failure> {
        let unread = |wrong: serde_json::Error| Failure::fault(Status::Internal, wrong.to_string());
        let items: Vec<Map<String, Value>> = serde_json::from_slice(json).map_err(unread)?;
        let columns = self.schema.fields().iter().zip(&self.kinds);
        let columns = columns.map(|(field, kind)| kind.column(items.iter().map(|item| item.get(field.name()))));
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect()).map_err(|wrong| fault(&wrong))
    }
}

impl Kind {
    fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "text" => Ok(Self::Text),
            "integer" => Ok(Self::Integer),
            "instant" => Ok(Self::Instant),
            "integers" => Ok(Self::Integers),
            _ => Err(Failure::fault(Status::Internal, "no such kind of column")),
        }
    }

    fn of(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Integers => DataType::new_list(DataType::Int64, true),
        }
    }

    /// A column of an item's fields; what is missing is null.
    fn column<'a>(self, values: impl Iterator<Item = Option<&'a Value>>) -> ArrayRef {
        match self {
            Self::Text => {
                let mut column = StringBuilder::new();
                values.for_each(|value| column.append_option(value.and_then(Value::as_str)));
                Arc::new(column.finish())
            }
            Self::Integer => {
                let mut column = Int64Builder::new();
                values.for_each(|value| column.append_option(value.and_then(Value::as_i64)));
                Arc::new(column.finish())
            }
            Self::Instant => {
                let mut column = TimestampMillisecondBuilder::new().with_timezone("UTC");
                let millis = |value: &Value| value.as_str().and_then(bridge::millis);
                values.for_each(|value| column.append_option(value.and_then(millis)));
                Arc::new(column.finish())
            }
            Self::Integers => {
                let mut column = ListBuilder::new(Int64Builder::new());
                for value in values {
                    let list = value.and_then(Value::as_array);
                    list.into_iter().flatten().for_each(|one| column.values().append_option(one.as_i64()));
                    column.append(list.is_some());
                }
                Arc::new(column.finish())
            }
        }
    }
}
