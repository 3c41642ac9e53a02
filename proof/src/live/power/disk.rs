//! What a disk holds for certain, what is only on its way to it, and what a loss of power could leave of both.

use std::collections::BTreeMap;

use super::log::{Entry, Synced};
use crate::dice::Dice;

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The page cache writes back whole pages of this size.
const PAGE: usize = 4_096;
/// A disk writes whole sectors of this size.
const SECTOR: usize = 512;

/// One file: as it was flushed last, as the process sees it, and the changes between.
#[derive(Debug, Clone, Default)]
struct File {
    durable: Vec<u8>,
    now: Vec<u8>,
    pending: Vec<(u64, Change)>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*at..end].copy_from_slice(bytes);
            }
            Self::Size(size) => to.resize(*size, 0),
        }
    }
}

/// A folder whose files are numbered: the system gives the inode of a removed file to the next one.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    files: Vec<File>,
    inodes: BTreeMap<u64, usize>,
    durable_names: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
    /// A name, and the file that it means from then on.
    pending_names: Vec<(u64, String, Option<usize>)>,
    /// How far flushes go that are under way.
    begun: BTreeMap<u64, u64>,
    /// Counts changes.
    clock: u64,
}

impl Disk {
    /// A disk that holds these files for certain.
    pub fn holding(files: &Files) -> Self {
        let mut disk = Self::default();
        for (name, bytes) in files {
            disk.names.insert(name.clone(), disk.files.len());
            disk.files.push(File { durable: bytes.clone(), now: bytes.clone(), pending: Vec::new() });
        }
        disk.durable_names = disk.names.clone();
        disk
    }

    /// The next thing happens.
    ///
    /// # Errors
    /// Words, for what does not fit what happened before.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        self.clock += 1;
        match entry {
            Entry::Opened { inode, name, created, truncated } => self.opened(*inode, name, *created, *truncated)?,
            Entry::Written { inode, at, bytes } => {
                self.change(*inode, |_| Change::Write { at: *at, bytes: bytes.clone() })?;
            }
            Entry::Sized { inode, size, grows_only } => {
                self.change(*inode, |now| Change::Size(if *grows_only { now.max(*size) } else { *size }))?;
            }
            Entry::SyncBegun { id, .. } => drop(self.begun.insert(*id, self.clock)),
            Entry::SyncEnded { id, of } => self.synced(*id, *of)?,
            Entry::Unlinked { name } => self.name(name, None),
            Entry::Renamed { from, to } => {
                let file = self.names.get(from).copied();
                self.name(to, file);
                self.name(from, None);
            }
            Entry::Acknowledged { .. } => {}
            Entry::NotModelled { what } => return Err(format!("the process did what is not modelled: {what}")),
        }
        Ok(())
    }

    fn opened(&mut self, inode: u64, name: &str, created: bool, truncated: bool) -> Result<(), String> {
        if created {
            let file = self.files.len();
            self.files.push(File::default());
            self.inodes.insert(inode, file);
            self.name(name, Some(file));
            return Ok(());
        }
        let file = *self.names.get(name).ok_or_else(|| format!("`{name}` was opened, and nothing made it"))?;
        self.inodes.insert(inode, file);
        if truncated { self.change(inode, |_| Change::Size(0)) } else { Ok(()) }
    }

    fn name(&mut self, name: &str, file: Option<usize>) {
        match file {
            Some(file) => self.names.insert(name.to_owned(), file),
            None => self.names.remove(name),
        };
        self.pending_names.push((self.clock, name.to_owned(), file));
    }

    fn file(&mut self, inode: u64) -> Result<&mut File, String> {
        let file = self.inodes.get(&inode).and_then(|file| self.files.get_mut(*file));
        file.ok_or_else(|| format!("inode {inode} was used, and nothing opened it"))
    }

    fn change(&mut self, inode: u64, what: impl FnOnce(usize) -> Change) -> Result<(), String> {
        let clock = self.clock;
        let file = self.file(inode)?;
        let change = what(file.now.len());
        change.apply(&mut file.now);
        file.pending.push((clock, change));
        Ok(())
    }

    /// All that came before the flush began is certain now.
    fn synced(&mut self, id: u64, of: Synced) -> Result<(), String> {
        let until = self.begun.remove(&id).ok_or("a flush ended that never began")?;
        match of {
            Synced::File(inode) => {
                let file = self.file(inode)?;
                let (certain, pending) = std::mem::take(&mut file.pending).into_iter().partition(|(at, _)| *at < until);
                let certain: Vec<_> = certain;
                certain.iter().for_each(|(_, change)| change.apply(&mut file.durable));
                file.pending = pending;
            }
            Synced::Folder => {
                let (certain, pending) =
                    std::mem::take(&mut self.pending_names).into_iter().partition(|(at, _, _)| *at < until);
                let certain: Vec<_> = certain;
                for (_, name, file) in certain {
                    match file {
                        Some(file) => self.durable_names.insert(name, file),
                        None => self.durable_names.remove(&name),
                    };
                }
                self.pending_names = pending;
            }
        }
        Ok(())
    }

    /// The files as the process sees them.
    pub fn seen(&self) -> Files {
        self.names.iter().map(|(name, file)| (name.clone(), self.files[*file].now.clone())).collect()
    }

    /// What could be left when the power goes now; counts the pieces that are lost.
    pub fn after_power_loss(&self, dice: &mut Dice, dropped: &mut u64) -> Files {
        let fate = Fate::thrown(dice);
        let mut left = Files::new();
        for (name, file) in self.names_left(fate, dice, dropped) {
            // One file may be behind while another is ahead.
            let fate = if dice.in_thousand(250) { Fate::thrown(dice) } else { fate };
            left.insert(name, self.files[file].left(fate, dice, dropped));
        }
        left
    }

    /// Each name means what it meant for certain, or what it meant at some moment since.
    fn names_left(&self, fate: Fate, dice: &mut Dice, dropped: &mut u64) -> BTreeMap<String, usize> {
        let mut meant: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
        for (_, name, file) in &self.pending_names {
            let before = || vec![self.durable_names.get(name).copied()];
            meant.entry(name).or_insert_with(before).push(*file);
        }
        let mut names = self.durable_names.clone();
        for (name, meant) in meant {
            let version = fate.version(meant.len(), dice);
            *dropped += (meant.len() - 1 - version) as u64;
            match meant[version] {
                Some(file) => names.insert(name.to_owned(), file),
                None => names.remove(name),
            };
        }
        names
    }
}

/// How much of what was on its way arrives.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// All of it: as if only the process had ended.
    All,
    /// Nothing of it.
    Nothing,
    /// Each piece by chance: so many in a thousand are as new as can be, and of so many in a thousand some sectors are older than others.
    Some { newest: u64, torn: u64 },
}

impl Fate {
    fn thrown(dice: &mut Dice) -> Self {
        let newest = [100, 500, 900][dice.place(3)];
        match dice.below(12) {
            0 => Self::All,
            1..=2 => Self::Nothing,
            _ => Self::Some { newest, torn: [0, 250][dice.place(2)] },
        }
    }

    /// Which of so many versions is found, the oldest being 0.
    fn version(self, versions: usize, dice: &mut Dice) -> usize {
        match self {
            Self::All => versions - 1,
            Self::Nothing => 0,
            Self::Some { newest, .. } if dice.in_thousand(newest) => versions - 1,
            Self::Some { .. } => dice.place(versions),
        }
    }

    fn tears(self, dice: &mut Dice) -> bool {
        matches!(self, Self::Some { torn, .. } if dice.in_thousand(torn))
    }
}

impl File {
    /// Pages and the length are written back each by itself, in any order, at any of the versions that they had.
    fn left(&self, fate: Fate, dice: &mut Dice, dropped: &mut u64) -> Vec<u8> {
        if self.pending.is_empty() {
            return self.durable.clone();
        }
        let (pages, lengths) = self.versions();
        let version = fate.version(lengths.len(), dice);
        *dropped += (lengths.len() - 1 - version) as u64;
        let length = lengths[version];
        let mut left = self.durable.clone();
        left.resize(left.len().max(length), 0);
        for (page, versions) in pages {
            let whole = fate.version(versions.len(), dice);
            *dropped += u64::from(whole + 1 < versions.len());
            let torn = fate.tears(dice);
            for sector in 0..PAGE / SECTOR {
                let version = if torn { dice.place(versions.len()) } else { whole };
                let from = page * PAGE + sector * SECTOR;
                let to = (from + SECTOR).min(left.len());
                if from < to {
                    let within = sector * SECTOR;
                    left[from..to].copy_from_slice(&versions[version][within..within + (to - from)]);
                }
            }
        }
        left.truncate(length);
        left
    }

    /// Every version that each touched page had since the last flush, and every length; the oldest are the durable ones.
    fn versions(&self) -> (BTreeMap<usize, Vec<Vec<u8>>>, Vec<usize>) {
        let mut now = self.durable.clone();
        let mut lengths = vec![now.len()];
        let mut pages: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        for (_, change) in &self.pending {
            let before = now.len();
            let (from, to) = match change {
                Change::Write { at, bytes } => (*at, at + bytes.len()),
                // What is cut off reads as zeros when the file grows again.
                Change::Size(size) => (*size, before.max(*size)),
            };
            change.apply(&mut now);
            for page in from / PAGE..to.div_ceil(PAGE) {
                let versions = pages.entry(page).or_insert_with(|| vec![page_of(&self.durable, page)]);
                versions.push(page_of(&now, page));
            }
            if now.len() != before {
                lengths.push(now.len());
            }
        }
        (pages, lengths)
    }
}

fn page_of(bytes: &[u8], page: usize) -> Vec<u8> {
    let from = (page * PAGE).min(bytes.len());
    let mut found = bytes[from..(from + PAGE).min(bytes.len())].to_vec();
    found.resize(PAGE, 0);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(inode: u64, name: &str) -> Entry {
        Entry::Opened { inode, name: name.to_owned(), created: true, truncated: false }
    }

    fn written(inode: u64, at: usize, bytes: &[u8]) -> Entry {
        Entry::Written { inode, at, bytes: bytes.to_vec() }
    }

    fn disk(entries: &[Entry]) -> Disk {
        let mut disk = Disk::default();
        entries.iter().for_each(|entry| disk.apply(entry).unwrap());
        disk
    }

    /// All that a few hundred losses of power leave.
    fn outcomes(disk: &Disk) -> std::collections::BTreeSet<Files> {
        let mut dice = Dice::new(1, 1);
        (0..400).map(|_| disk.after_power_loss(&mut dice, &mut 0)).collect()
    }

    fn synced(of: Synced, id: u64) -> [Entry; 2] {
        [Entry::SyncBegun { id, of }, Entry::SyncEnded { id, of }]
    }

    #[test]
    fn what_was_flushed_is_there_and_what_came_during_the_flush_may_be() {
        let of = Synced::File(1);
        let mut entries = vec![opened(1, "a"), written(1, 0, b"old"), Entry::SyncBegun { id: 1, of }];
        entries.extend(synced(Synced::Folder, 2));
        entries.extend([written(1, 0, b"new"), Entry::SyncEnded { id: 1, of }]);
        let left: Vec<_> = outcomes(&disk(&entries)).into_iter().map(|files| files["a"].clone()).collect();
        assert_eq!(left, [b"new".to_vec(), b"old".to_vec()]);
    }

    #[test]
    fn a_name_that_was_not_flushed_may_be_missing_and_one_that_was_removed_may_be_back() {
        let mut entries = vec![opened(1, "kept"), opened(2, "gone")];
        entries.extend(synced(Synced::Folder, 1));
        entries.extend([Entry::Unlinked { name: "gone".to_owned() }, opened(2, "new")]);
        let names: std::collections::BTreeSet<Vec<String>> =
            outcomes(&disk(&entries)).into_iter().map(|files| files.into_keys().collect()).collect();
        let all = [vec!["gone", "kept"], vec!["gone", "kept", "new"], vec!["kept"], vec!["kept", "new"]];
        assert_eq!(names, all.map(|names| names.into_iter().map(str::to_owned).collect()).into());
    }

    #[test]
    fn pages_arrive_in_any_order_and_the_length_may_be_an_older_one() {
        let mut entries = vec![opened(1, "a")];
        entries.extend(synced(Synced::Folder, 1));
        entries.extend([written(1, 0, &[1; PAGE]), written(1, PAGE, &[2; PAGE])]);
        let left: Vec<_> = outcomes(&disk(&entries)).into_iter().map(|files| files["a"].clone()).collect();
        let has = |first: &[u8], second: &[u8]| left.iter().any(|bytes| *bytes == [first, second].concat());
        let (zero, one, two) = ([0; PAGE], [1; PAGE], [2; PAGE]);
        assert!(has(&zero, &two) && has(&one, &zero) && has(&one, &two) && has(&one, &[]) && has(&[], &[]));
        let torn = |bytes: &Vec<u8>| bytes.chunks(SECTOR).any(|sector| sector != bytes.chunks(SECTOR).next().unwrap());
        assert!(left.iter().any(|bytes| bytes.len() == PAGE && torn(bytes)), "no page is torn");
    }

    #[test]
    fn what_is_not_modelled_is_refused() {
        let what = Entry::NotModelled { what: "x".to_owned() };
        assert!(Disk::default().apply(&what).is_err());
        assert!(Disk::default().apply(&written(9, 0, b"x")).is_err());
    }
}
