//! Promises of a store as tests.
