//! Looks at files around every commit. They ask for a file's identity, names and length, and never for its times: since Linux 6.13 a
//! file whose times somebody asked for gets new ones with its next write. Each flush of the log would have to make those durable,
//! too, by a commit of the file system's own journal, which takes a quarter as long again.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// What a look sees.
pub(crate) struct Seen {
    pub(crate) inode: (u64, u64),
    /// How many names it has; none once it was removed. A guess where the system does not tell.
    pub(crate) names: u64,
    pub(crate) bytes: u64,
}

/// Looks at what a path means now.
pub(crate) fn at(path: &Path) -> io::Result<Seen> {
    #[cfg(target_os = "linux")]
    if let Some(seen) = linux::at(path) {
        return seen;
    }
    std::fs::metadata(path).map(|found| of(&found))
}

/// Looks at an open file, whatever became of its path.
pub(crate) fn into(file: &File) -> io::Result<Seen> {
    #[cfg(target_os = "linux")]
    if let Some(seen) = linux::into(file) {
        return seen;
    }
    file.metadata().map(|found| of(&found))
}

fn of(found: &Metadata) -> Seen {
    Seen { inode: inode(found), names: names(found), bytes: found.len() }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{File, Path, Seen, io};
    use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, makedev, statx};
    use rustix::io::Errno;

    const ASKED: StatxFlags = StatxFlags::INO.union(StatxFlags::NLINK).union(StatxFlags::SIZE);

    pub(super) fn at(path: &Path) -> Option<io::Result<Seen>> {
        told(statx(CWD, path, AtFlags::empty(), ASKED))
    }

    pub(super) fn into(file: &File) -> Option<io::Result<Seen>> {
        told(statx(file, c"", AtFlags::EMPTY_PATH, ASKED))
    }

    /// Nothing where the kernel, or what it is kept in, knows no such call.
    fn told(found: Result<Statx, Errno>) -> Option<io::Result<Seen>> {
        match found {
            Ok(found) => Some(Ok(Seen {
                inode: (makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino),
                names: found.stx_nlink.into(),
                bytes: found.stx_size,
            })),
            Err(Errno::NOSYS) => None,
            Err(errno) => Some(Err(errno.into())),
        }
    }
}

/// Device and inode; zeros where the system has no such numbers.
#[cfg(unix)]
pub(crate) fn inode(of: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (of.dev(), of.ino())
}

#[cfg(not(unix))]
pub(crate) fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(unix)]
fn names(of: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    of.nlink()
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_looks_see_what_the_system_says_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, [0; 70_000]).unwrap();
        let file = File::open(&path).unwrap();
        let says = of(&file.metadata().unwrap());
        for seen in [at(&path).unwrap(), into(&file).unwrap()] {
            assert_eq!((seen.inode, seen.names, seen.bytes), (says.inode, says.names, says.bytes));
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(at(&path).err().map(|error| error.kind()), Some(io::ErrorKind::NotFound));
        if cfg!(unix) {
            assert_eq!(into(&file).unwrap().names, 0);
        }
    }
}
