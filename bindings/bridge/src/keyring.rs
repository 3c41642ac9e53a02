//! Keyring files: made, rotated, retired. No key ever comes out.

use std::path::Path;

use cardmint::Status;
use cardmint::code::Keyring;
use cardmint::operation::Failure;
use cardmint_system as system;

pub(crate) fn failure(error: impl std::fmt::Display) -> Failure {
    Failure::fault(Status::Keyring, error.to_string())
}

/// Makes a keyring with one minting key and writes it to a new file that only its owner may read.
///
/// # Errors
/// `keyring` when the file exists or cannot be written.
pub fn create_keyring(path: &Path) -> Result<(), Failure> {
    system::create_keyring(path).map(drop).map_err(failure)
}

/// Adds a new minting key; the old ones go on opening. Returns the new key's slot. Engines that are open keep what they have
/// read: open them again.
///
/// # Errors
/// `keyring` when the file cannot be read or written, or has no slot left.
pub fn rotate_keyring(path: &Path) -> Result<u8, Failure> {
    change(path, |keyring| {
        let entropy = system::system_entropy().map_err(failure)?;
        keyring.rotate(&entropy).map_err(failure)
    })
}

/// Retires a key: codes under it no longer open, until it is taken back by hand.
///
/// # Errors
/// `keyring` when the file cannot be read or written, or the key is not there or is the minting one.
pub fn retire_key(path: &Path, slot: u8) -> Result<(), Failure> {
    change(path, |keyring| keyring.retire(slot).map_err(failure))
}

/// Forgets a retired key for good.
///
/// # Errors
/// `keyring` when the file cannot be read or written, or the key is not there or not retired.
pub fn forget_key(path: &Path, slot: u8) -> Result<(), Failure> {
    change(path, |keyring| keyring.forget(slot).map_err(failure))
}

fn change<T>(path: &Path, change: impl FnOnce(&mut Keyring) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut keyring = system::load_keyring(path).map_err(failure)?;
    let done = change(&mut keyring)?;
    system::save_keyring(path, &keyring).map_err(failure)?;
    Ok(done)
}
