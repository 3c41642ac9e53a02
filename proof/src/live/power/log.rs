//! The log of `proof/c/power.c`, read.

use crate::live::Failure;

/// One thing that happened to the files of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file was opened under a name; new, or emptied, where it says so.
    Opened { inode: u64, name: String, created: bool, truncated: bool },
    /// Bytes at an offset.
    Written { inode: u64, at: usize, bytes: Vec<u8> },
    /// A new length; with `grows_only` at least that length.
    Sized { inode: u64, size: usize, grows_only: bool },
    /// A flush began, of a file or of the folder.
    SyncBegun { id: u64, of: Synced },
    /// And came back well.
    SyncEnded { id: u64, of: Synced },
    /// A name was removed.
    Unlinked { name: String },
    /// A name was changed.
    Renamed { from: String, to: String },
    /// The process told somebody of an answer.
    Acknowledged { text: String },
    /// Something that is not rebuilt from a log, in words.
    NotModelled { what: String },
}

/// What is flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    /// A file's bytes and length.
    File(u64),
    /// The names in the folder.
    Folder,
}

const MAGIC: u32 = 0x4344_5057;
const HEADER: usize = 40;

/// Reads a whole log.
///
/// # Errors
/// Words, where it is no such log or ends in the middle of an entry.
pub fn read(mut bytes: &[u8]) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let Some((header, rest)) = bytes.split_at_checked(HEADER) else { return Err("a cut entry in the log".into()) };
        let word = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().unwrap_or_default());
        let (first, inode, a, b) = (word(0), word(8), word(16), word(24));
        let length = usize::try_from(word(32))?;
        let Some((body, rest)) = rest.split_at_checked(length) else { return Err("a cut entry in the log".into()) };
        if first & u64::from(u32::MAX) != u64::from(MAGIC) {
            return Err("no log of power.c".into());
        }
        entries.push(entry(first >> 32, inode, (a, b), body)?);
        bytes = rest;
    }
    Ok(entries)
}

fn entry(kind: u64, inode: u64, (a, b): (u64, u64), body: &[u8]) -> Result<Entry, Failure> {
    let text = || String::from_utf8_lossy(body).into_owned();
    let of = if b == 1 { Synced::Folder } else { Synced::File(inode) };
    Ok(match kind {
        1 => Entry::Opened { inode, name: text(), created: a & 1 != 0, truncated: a & 2 != 0 },
        2 => Entry::Written { inode, at: usize::try_from(a)?, bytes: body.to_vec() },
        3 => Entry::Sized { inode, size: usize::try_from(a)?, grows_only: b == 1 },
        4 => Entry::SyncBegun { id: a, of },
        5 => Entry::SyncEnded { id: a, of },
        6 => Entry::Unlinked { name: text() },
        7 => {
            let text = text();
            let (from, to) = text.split_once('\0').ok_or("a rename without its second name")?;
            Entry::Renamed { from: from.to_owned(), to: to.to_owned() }
        }
        8 => Entry::Acknowledged { text: text() },
        9 => Entry::NotModelled { what: text() },
        _ => return Err(format!("an entry of kind {kind} in the log").into()),
    })
}
