//! Keyring files.

use std::path::PathBuf;

use cardmint_bridge as bridge;
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;

use crate::work::{Work, in_pool};

/// Makes a keyring in a new file that only its owner may read.
#[napi]
pub fn create_keyring(path: String) -> AsyncTask<Work<()>> {
    in_pool(move || bridge::create_keyring(&PathBuf::from(path)))
}

/// Adds a minting key and returns its slot; the old keys go on opening.
#[napi]
pub fn rotate_keyring(path: String) -> AsyncTask<Work<u8>> {
    in_pool(move || bridge::rotate_keyring(&PathBuf::from(path)))
}

/// Retires a key: codes under it no longer open.
#[napi]
pub fn retire_key(path: String, slot: u8) -> AsyncTask<Work<()>> {
    in_pool(move || bridge::retire_key(&PathBuf::from(path), slot))
}

/// Forgets a retired key for good.
#[napi]
pub fn forget_key(path: String, slot: u8) -> AsyncTask<Work<()>> {
    in_pool(move || bridge::forget_key(&PathBuf::from(path), slot))
}
