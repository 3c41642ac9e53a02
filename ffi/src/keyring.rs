//! Keyring files. No key ever comes out.

use std::ffi::c_char;
use std::path::Path;

use cardmint_bridge::{Status, create_keyring, forget_key, retire_key, rotate_keyring};

use crate::args::{Out, text};
use crate::guard::answer;
use crate::status::cardmint_status;
use crate::text::cardmint_text;

/// Makes a keyring with one minting key and writes it to a new file that only its owner may read. A file that is there stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_create_keyring(
    path: *const c_char,
    path_len: usize,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            create_keyring(Path::new(text(path, path_len, "path")?))?;
            Ok(Status::Ok)
        })
    }
}

/// Adds a new minting key to a keyring file and writes its slot to `slot`; the old ones go on opening. Engines that are open
/// keep what they have read: open them again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_rotate_keyring(
    path: *const c_char,
    path_len: usize,
    slot: *mut u8,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (path, slot) = (text(path, path_len, "path")?, Out::new(slot, "slot")?);
            slot.put(rotate_keyring(Path::new(path))?);
            Ok(Status::Ok)
        })
    }
}

/// Retires a key of a keyring file: codes under it no longer open, until it is taken back by hand.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_retire_key(
    path: *const c_char,
    path_len: usize,
    slot: u8,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            retire_key(Path::new(text(path, path_len, "path")?), slot)?;
            Ok(Status::Ok)
        })
    }
}

/// Forgets a retired key of a keyring file for good.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_forget_key(
    path: *const c_char,
    path_len: usize,
    slot: u8,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            forget_key(Path::new(text(path, path_len, "path")?), slot)?;
            Ok(Status::Ok)
        })
    }
}
