//! Texts that we hand out.

use std::ffi::c_char;

use crate::args::{free, give};

/// A text of ours: UTF-8, nearly always JSON. Free it with `cardmint_text_free`. Any threads may read it at once.
pub struct cardmint_text {
    /// With the NUL at the end, which is not part of the text.
    bytes: Vec<u8>,
}

impl cardmint_text {
    pub(crate) fn new(mut bytes: Vec<u8>) -> *mut Self {
        bytes.push(0);
        give(Self { bytes })
    }
}

/// Where a text begins. It ends after `cardmint_text_len` bytes, and a NUL follows. It is there until the text is freed; NULL
/// for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_text_data(text: *const cardmint_text) -> *const c_char {
    // SAFETY: NULL, or a text of ours that was not freed.
    unsafe { text.as_ref() }.map_or(std::ptr::null(), |text| text.bytes.as_ptr().cast())
}

/// How many bytes a text has, without the NUL behind it; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_text_len(text: *const cardmint_text) -> usize {
    // SAFETY: NULL, or a text of ours that was not freed.
    unsafe { text.as_ref() }.map_or(0, |text| text.bytes.len().saturating_sub(1))
}

/// Frees a text; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_text_free(text: *mut cardmint_text) {
    // SAFETY: NULL, or a text of ours that was not freed.
    unsafe { free(text) }
}
