//! A batch as large as they come: its codes are streamed into a file, counted there, and opened again.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cardmint::card::{Batch, Benefit, Setting, TemplateDraft};
use cardmint::code::CodeFormat;
use cardmint::id::CardId;
use cardmint::rule::Over;
use cardmint::{ExportCodes, IssueBatch, Meta, SaveTemplate, Tenant, resume_after};

use super::figures::per_second;
use super::story::usd;
use super::{Error, Progress};

/// How many codes are opened again.
const OPENED: u64 = 100_000;

/// How many codes of a file that was complete already are sealed again and compared.
const COMPARED: u32 = 1_000_000;

/// What minting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minted {
    /// Codes in the file, counted line by line.
    pub codes: u64,
    /// Codes sealed in a second: written to the file, or compared with a file that was complete already.
    pub mint_per_s: u64,
    /// Codes opened in a second, on one thread.
    pub open_per_s: u64,
}

/// Where the codes of a batch of this size go.
pub fn codes_file(out: &Path, size: u32) -> PathBuf {
    out.join(format!("codes-{size}.csv"))
}

/// Issues a batch of `size` cards, writes its codes as `serial,code` lines, counts them and opens a hundred thousand of them.
///
/// A file that broke off is continued behind its last whole line; one that is complete is kept. Both are trusted only as far
/// as they open: a file of other keys is written anew.
///
/// # Errors
/// Whatever the engine or the file system answers; a code that does not open as what it was sealed for.
pub fn mint(
    tenant: &Tenant,
    format: CodeFormat,
    size: u32,
    out: &Path,
    progress: &mut Progress,
) -> Result<Minted, Error> {
    let batch = issue(tenant, format, size)?;
    let file = CodesFile { tenant, batch: &batch, path: codes_file(out, size) };
    let from = file.resume()?;
    match file.fill(from, progress) {
        // Only what an earlier run left can be wrong in a way that a fresh file is not.
        Err(Error::Story(_)) if from > 0 => {
            file.clear()?;
            file.fill(0, progress)
        }
        done => done,
    }
}

/// One row, whatever the size.
fn issue(tenant: &Tenant, format: CodeFormat, size: u32) -> Result<Batch, Error> {
    let benefit = Benefit::AmountOff { minor: Setting::Fixed(100), over: Over::Order };
    let template = TemplateDraft { currency: Some(usd()?), ..TemplateDraft::new("bearer", benefit) };
    let saved = tenant.save_template(SaveTemplate { meta: Meta::key("template-bearer"), template });
    saved.wait().map_err(Error::engine("saving the template of the large batch"))?;
    let id = format!("mint-{size}");
    let batch = IssueBatch::new(Meta::key(format!("batch-{id}")), id, "bearer", size, format);
    let issued = tenant.issue_batch(batch).wait();
    issued.map(|batch| (*batch).clone()).map_err(Error::engine(format!("issuing a batch of {size}")))
}

struct CodesFile<'a> {
    tenant: &'a Tenant,
    batch: &'a Batch,
    path: PathBuf,
}

impl CodesFile<'_> {
    /// Writes from that serial on, then counts and opens all that is in the file.
    fn fill(&self, from: u32, progress: &mut Progress) -> Result<Minted, Error> {
        let size = self.batch.size;
        let mint_per_s = if from < size {
            let time = self.write(from, progress)?;
            per_second(u64::from(size - from), time)
        } else {
            let compared = size.min(COMPARED);
            per_second(u64::from(compared), self.compare(compared, progress)?)
        };
        let (codes, sample) = self.count(progress)?;
        let open_per_s = self.open(&sample, progress)?;
        Ok(Minted { codes, mint_per_s, open_per_s })
    }

    /// Cuts off what does not belong, and returns the serial to go on with.
    fn resume(&self) -> Result<u32, Error> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            opened => opened.map_err(Error::file("read", &self.path))?,
        };
        let bytes = file.metadata().map_err(Error::file("read", &self.path))?.len();
        // Two lines are below a hundred bytes each.
        file.seek(SeekFrom::Start(bytes.saturating_sub(4_096))).map_err(Error::file("read", &self.path))?;
        let mut tail = Vec::new();
        file.take(4_096).read_to_end(&mut tail).map_err(Error::file("read", &self.path))?;
        match resume_after(&tail) {
            (torn, Some(next)) if next <= self.batch.size => {
                self.cut(bytes.saturating_sub(torn as u64))?;
                Ok(next)
            }
            (_, Some(_) | None) => {
                self.clear()?;
                Ok(0)
            }
        }
    }

    fn clear(&self) -> Result<(), Error> {
        self.cut(0)
    }

    fn cut(&self, bytes: u64) -> Result<(), Error> {
        let file = OpenOptions::new().write(true).open(&self.path);
        file.and_then(|file| file.set_len(bytes)).map_err(Error::file("shorten", &self.path))
    }

    fn export(&self, what: &str, first: u32, count: Option<u32>) -> Result<cardmint::CodeStream, Error> {
        let key = format!("export-{}-{what}-{first}", self.batch.id);
        let meta = Meta { reason: Some("demo: codes for a file".to_owned()), ..Meta::key(key) };
        let export = ExportCodes { meta, batch: self.batch.id.clone(), first, count };
        self.tenant.export_codes(export).map_err(Error::engine("exporting codes"))
    }

    /// Appends the codes from that serial to the end.
    fn write(&self, from: u32, progress: &mut Progress) -> Result<Duration, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        // Codes are worth money: for their owner alone.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path).map_err(Error::file("write", &self.path))?;
        let mut file = BufWriter::with_capacity(1 << 16, file);
        let started = Instant::now();
        let mut codes = self.export("from", from, None)?;
        let mut code = String::new();
        while let Some(serial) = codes.next_into(&mut code).map_err(Error::engine("sealing a code"))? {
            if serial % 10_000 == 0 {
                progress.step("codes minted", u64::from(serial), u64::from(self.batch.size));
            }
            writeln!(file, "{serial},{code}").map_err(Error::file("write", &self.path))?;
        }
        let written = file.into_inner().map_err(|error| error.into_error()).and_then(|file| file.sync_all());
        written.map_err(Error::file("write", &self.path))?;
        let time = started.elapsed();
        let all = u64::from(self.batch.size);
        progress.step("codes minted", all, all);
        Ok(time)
    }

    /// Seals the first codes again and compares them with the file.
    fn compare(&self, count: u32, progress: &mut Progress) -> Result<Duration, Error> {
        let started = Instant::now();
        let mut codes = self.export("compare", 0, Some(count))?;
        let (mut code, mut line) = (String::new(), String::new());
        self.lines(|number, text| {
            let Some(serial) = codes.next_into(&mut code).map_err(Error::engine("sealing a code"))? else {
                return Ok(false);
            };
            if serial % 10_000 == 0 {
                progress.step("codes compared", u64::from(serial), u64::from(count));
            }
            line.clear();
            line.push_str(&serial.to_string());
            line.push(',');
            line.push_str(&code);
            if line == text { Ok(true) } else { Err(self.wrong(number)) }
        })?;
        progress.step("codes compared", u64::from(count), u64::from(count));
        Ok(started.elapsed())
    }

    /// Counts the lines, checks their serials, and takes codes from all over the file.
    fn count(&self, progress: &mut Progress) -> Result<(u64, Vec<(u32, String)>), Error> {
        let size = u64::from(self.batch.size);
        let stride = (size / OPENED).max(1);
        let (mut count, mut sample) = (0, Vec::new());
        self.lines(|number, line| {
            let place = number - 1;
            if place % 100_000 == 0 {
                progress.step("codes counted", place.min(size), size);
            }
            let parts = line.split_once(',').and_then(|(serial, code)| Some((serial.parse::<u32>().ok()?, code)));
            match parts {
                Some((serial, code)) if u64::from(serial) == place => {
                    if place % stride == 0 && (sample.len() as u64) < OPENED {
                        sample.push((serial, code.to_owned()));
                    }
                }
                Some(_) | None => return Err(self.wrong(number)),
            }
            count = number;
            Ok(true)
        })?;
        progress.step("codes counted", size, size);
        if count == size {
            return Ok((count, sample));
        }
        Err(Error::Story(format!("{} holds {count} codes, not {size}", self.path.display())))
    }

    fn open(&self, sample: &[(u32, String)], progress: &mut Progress) -> Result<u64, Error> {
        let total = sample.len() as u64;
        progress.step("codes opened", 0, total);
        let started = Instant::now();
        for (serial, code) in sample {
            let card = self.tenant.open(code.as_str()).map_err(Error::engine("opening a code"))?;
            if card != Some(CardId { batch: self.batch.no, serial: *serial }) {
                return Err(self.wrong(u64::from(*serial) + 1));
            }
        }
        let time = started.elapsed();
        progress.step("codes opened", total, total);
        Ok(per_second(total, time))
    }

    /// Hands every line, with its number from 1, to `take` until it says that it has enough.
    fn lines(&self, mut take: impl FnMut(u64, &str) -> Result<bool, Error>) -> Result<(), Error> {
        let file = File::open(&self.path).map_err(Error::file("read", &self.path))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let (mut line, mut number) = (String::new(), 0);
        loop {
            line.clear();
            if file.read_line(&mut line).map_err(Error::file("read", &self.path))? == 0 {
                return Ok(());
            }
            number += 1;
            if !take(number, line.trim_end_matches('\n'))? {
                return Ok(());
            }
        }
    }

    fn wrong(&self, line: u64) -> Error {
        let path = self.path.display();
        Error::Story(format!("{path}, line {line}: not the code of this card under the present keys"))
    }
}
