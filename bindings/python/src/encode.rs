//! Plain data as JSON, in one walk. What is not wholly plain (a subclass, a datetime, a number beyond 64 bits, half a surrogate
//! pair, data within itself) is left to the Python half, which also knows how to refuse by the path of a field.

use std::io::Write;

use bridge::caught;
use cardmint_bridge as bridge;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};

/// Deeper than any request is.
const DEPTH_MAX: usize = 100;

/// The JSON of plain data; `None` where something in it is not plain.
#[pyfunction]
pub fn encode<'py>(request: &Bound<'py, PyAny>) -> Option<Bound<'py, PyBytes>> {
    // Behind the guard: a dictionary that changes under the walk would be a panic.
    let json = caught(|| {
        let mut json = Vec::with_capacity(512);
        write(&mut json, request, 0).map(|()| json)
    });
    Some(PyBytes::new(request.py(), &json??))
}

fn write(json: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> Option<()> {
    // By exact type: a subclass may say something else of itself.
    if let Ok(text) = value.cast_exact::<PyString>() {
        return write_text(json, text);
    }
    if let Ok(number) = value.cast_exact::<PyInt>() {
        return write!(json, "{}", number.extract::<i64>().ok()?).ok();
    }
    if let Ok(dictionary) = value.cast_exact::<PyDict>() {
        return write_dictionary(json, dictionary, deeper(depth)?);
    }
    if let Ok(list) = value.cast_exact::<PyList>() {
        return write_items(json, list.iter(), deeper(depth)?);
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return write_items(json, tuple.iter(), deeper(depth)?);
    }
    if let Ok(truth) = value.cast_exact::<PyBool>() {
        json.extend_from_slice(if truth.is_true() { b"true" } else { b"false" });
        return Some(());
    }
    if value.is_none() {
        json.extend_from_slice(b"null");
        return Some(());
    }
    None
}

const fn deeper(depth: usize) -> Option<usize> {
    if depth < DEPTH_MAX { Some(depth + 1) } else { None }
}

fn write_text(json: &mut Vec<u8>, text: &Bound<'_, PyString>) -> Option<()> {
    serde_json::to_writer(json, &*text.to_cow().ok()?).ok()
}

fn write_dictionary(json: &mut Vec<u8>, dictionary: &Bound<'_, PyDict>, depth: usize) -> Option<()> {
    json.push(b'{');
    for (place, (key, item)) in dictionary.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        write_text(json, key.cast_exact().ok()?)?;
        json.push(b':');
        write(json, &item, depth)?;
    }
    json.push(b'}');
    Some(())
}

fn write_items<'py>(json: &mut Vec<u8>, items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) -> Option<()> {
    json.push(b'[');
    for (place, item) in items.enumerate() {
        if place > 0 {
            json.push(b',');
        }
        write(json, &item, depth)?;
    }
    json.push(b']');
    Some(())
}
