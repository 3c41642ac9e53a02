//! Codes: alphabet, format, seal and open, keyring.
