//! What this library is: versions, operations, the words of statuses.

use std::ffi::{CStr, c_char};

use cardmint_bridge::{Operation, Status};
use serde_json::json;

use crate::args::Out;
use crate::guard::answer;
use crate::status::{cardmint_status, code_of};
use crate::text::cardmint_text;

/// Raised when something that was there changes or goes. A program built for another major number must not be run.
pub const CARDMINT_ABI_MAJOR: u32 = 1;
/// Raised when something is added. A program needs a library whose minor number is at least the one it was built with.
pub const CARDMINT_ABI_MINOR: u32 = 0;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The ABI of the library that was loaded: `CARDMINT_ABI_MAJOR << 16 | CARDMINT_ABI_MINOR` as they were when it was built.
#[unsafe(no_mangle)]
pub extern "C" fn cardmint_abi_version() -> u32 {
    CARDMINT_ABI_MAJOR << 16 | CARDMINT_ABI_MINOR
}

/// The version of the library that was loaded, as in `CARDMINT_VERSION`. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cardmint_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The stable code of a status, such as `limit_reached`; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cardmint_status_code(status: i32) -> *const c_char {
    code_of(status).as_ptr()
}

/// The operations of the library that was loaded, as a JSON array of `{"name", "kind", "keyless", "since"}`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_operations(
    operations: *mut *mut cardmint_text,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let place = Out::new(operations, "operations")?;
            let rows = Operation::all()
                .iter()
                .map(|row| json!({"name": row.name, "kind": row.kind, "keyless": row.keyless, "since": row.since}));
            place.put(cardmint_text::new(rows.collect::<serde_json::Value>().to_string().into_bytes()));
            Ok(Status::Ok)
        })
    }
}
