//! What comes in from C, and where results go: one answer for NULL, one for what is no UTF-8.

use std::ffi::c_char;
use std::ptr::NonNull;

use cardmint_bridge::{Failure, Status, caught};

fn null(name: &str) -> Failure {
    Failure::fault(Status::NullArgument, format!("`{name}` is NULL"))
}

/// A handle, for as long as the call lasts.
pub(crate) unsafe fn borrow<'a, T>(handle: *const T, name: &str) -> Result<&'a T, Failure> {
    // SAFETY: NULL is refused here; the caller vouches that the handle came from us and was not freed.
    unsafe { handle.as_ref() }.ok_or_else(|| null(name))
}

/// Bytes of the caller's, for as long as the call lasts.
pub(crate) unsafe fn bytes<'a>(data: *const c_char, len: usize, name: &str) -> Result<&'a [u8], Failure> {
    if data.is_null() {
        return Err(null(name));
    }
    if isize::try_from(len).is_err() {
        return Err(Failure::fault(Status::TooLarge, format!("`{name}` cannot be that long")));
    }
    // SAFETY: not NULL and not longer than memory can be; the caller vouches that `len` bytes are there.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), len) })
}

/// A text of the caller's, for as long as the call lasts.
pub(crate) unsafe fn text<'a>(data: *const c_char, len: usize, name: &str) -> Result<&'a str, Failure> {
    // SAFETY: as the caller vouches.
    let bytes = unsafe { bytes(data, len, name) }?;
    std::str::from_utf8(bytes).map_err(|_| Failure::fault(Status::NotUtf8, format!("`{name}` is not UTF-8")))
}

/// A place of the caller's for a result. Looked at before any work is done, written only when it went well.
#[derive(Clone, Copy)]
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    pub(crate) unsafe fn new(place: *mut T, name: &str) -> Result<Self, Failure> {
        NonNull::new(place).map(Self).ok_or_else(|| null(name))
    }

    pub(crate) fn put(self, value: T) {
        // SAFETY: not NULL; whoever made the `Out` vouches for the place, which holds nothing to be dropped.
        unsafe { self.0.write(value) };
    }
}

/// Gives a new handle out.
pub(crate) fn give<T>(handle: T) -> *mut T {
    Box::into_raw(Box::new(handle))
}

/// Takes a handle back and drops it; NULL is nothing to drop.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: made by `give`, and the caller vouches that it was not freed before.
        let handle = unsafe { Box::from_raw(handle) };
        caught(|| drop(handle));
    }
}
