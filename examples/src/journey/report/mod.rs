//! The year as a page: one file with everything in it, for a browser without a network.

mod html;
mod svg;

pub use html::page;
