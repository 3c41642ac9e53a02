//! What stops the demo.

use std::path::Path;

/// Why the demo stopped. The text says what to do about it where there is something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An option that cannot be meant.
    #[error("{0}")]
    Usage(String),
    /// A data file that is missing or cannot be read.
    #[error("{file}: {what}")]
    Data {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// A row of a data file that cannot be meant.
    #[error("{file}, line {line}: {what}")]
    Row {
        /// The file.
        file: String,
        /// The line, from 1, the header counted.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The engine said no where the story needs a yes, or is broken.
    #[error("{doing}: {source}")]
    Engine {
        /// What was asked of it.
        doing: String,
        /// What it answered.
        source: cardmint::Error,
    },
    /// A file of the demo's own.
    #[error("{doing}: {source}")]
    File {
        /// What was done with it.
        doing: String,
        /// What the system answered.
        source: std::io::Error,
    },
    /// Something does not fit together.
    #[error("{0}")]
    Story(String),
}

impl Error {
    /// Whether the input is to blame: an option, or the data.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::Usage(_) | Self::Data { .. } | Self::Row { .. })
    }

    /// Says what was done with a file when it went wrong.
    pub(crate) fn file(verb: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let doing = format!("cannot {verb} {}", path.display());
        |source| Self::File { doing, source }
    }

    /// Says what was asked of the engine when it went wrong.
    pub(crate) fn engine<E: Into<cardmint::Error>>(doing: impl Into<String>) -> impl FnOnce(E) -> Self {
        let doing = doing.into();
        |source| Self::Engine { doing, source: source.into() }
    }
}
