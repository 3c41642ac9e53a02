//! A keyring in a file that only its owner may read.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardmint::Invalid;
use cardmint::code::Keyring;

use crate::OsEntropy;

/// Why a keyring file could not be used. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyringFileError {
    /// The file system.
    #[error("keyring file `{path}`: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// What stands in the file.
    #[error("keyring file `{path}`: {source}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: Invalid,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyringFileError + '_ {
    move |source| KeyringFileError::Io { path: path.to_owned(), source }
}

/// Reads a keyring.
///
/// # Errors
/// When the file cannot be read or is no keyring.
pub fn load_keyring(path: &Path) -> Result<Keyring, KeyringFileError> {
    let text = std::fs::read_to_string(path).map_err(io_error(path))?;
    Keyring::from_json(&text).map_err(|source| KeyringFileError::Content { path: path.to_owned(), source })
}

/// Makes a keyring with one minting key from the operating system's entropy and writes it to a new file, mode 0600.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn create_keyring(path: &Path) -> Result<Keyring, KeyringFileError> {
    let keyring = Keyring::generate(&OsEntropy);
    let mut file = owner_only().create_new(true).open(path).map_err(io_error(path))?;
    write(&mut file, &keyring).map_err(io_error(path))?;
    Ok(keyring)
}

/// Writes a keyring over its file, after a rotation: wholly or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn save_keyring(path: &Path, keyring: &Keyring) -> Result<(), KeyringFileError> {
    let fresh = path.with_extension("fresh");
    let mut file = owner_only().create(true).truncate(true).open(&fresh).map_err(io_error(&fresh))?;
    write(&mut file, keyring).map_err(io_error(&fresh))?;
    std::fs::rename(&fresh, path).map_err(io_error(path))
}

fn write(file: &mut File, keyring: &Keyring) -> io::Result<()> {
    file.write_all(keyring.to_json().as_bytes())?;
    file.sync_all()
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
