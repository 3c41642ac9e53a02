//! Stories on real data.
