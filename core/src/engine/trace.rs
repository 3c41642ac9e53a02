//! Spans for `tracing`, where the feature of that name is on; nothing otherwise. They hold sizes, never what cards are called.

#[cfg(feature = "tracing")]
type Span = tracing::span::EnteredSpan;

/// Stands for a span.
#[cfg(not(feature = "tracing"))]
pub(super) struct Span;

/// A group that is decided, made durable and answered.
#[cfg(feature = "tracing")]
pub(super) fn group(calls: usize) -> Span {
    tracing::debug_span!(target: "cardmint", "group", calls).entered()
}

/// A commit on its way into the store.
#[cfg(feature = "tracing")]
pub(super) fn commit(changesets: usize) -> Span {
    tracing::debug_span!(target: "cardmint", "commit", changesets).entered()
}

/// Rows read for a group.
#[cfg(feature = "tracing")]
pub(super) fn load(rows: usize) -> Span {
    tracing::debug_span!(target: "cardmint", "load", rows).entered()
}

#[cfg(not(feature = "tracing"))]
pub(super) fn group(_: usize) -> Span {
    Span
}

#[cfg(not(feature = "tracing"))]
pub(super) fn commit(_: usize) -> Span {
    Span
}

#[cfg(not(feature = "tracing"))]
pub(super) fn load(_: usize) -> Span {
    Span
}
