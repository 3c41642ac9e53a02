//! Processes that come and go on one database for as long as one likes: they join, leave and are killed, and everything adds up.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cardmint::id::CardId;
use cardmint::store::{Key, Record};
use serde::Serialize;

use super::member::{
    self, CALLERS, HOLDERS, ROUND, SCARCE, SCARCE_CARDS, SCARCE_USES, SHARED, SHARED_CARDS, STOCK, Step, USES,
};
use super::{Failure, Live, Setup, counted};
use crate::dice::Dice;

/// What a run came to. Its bounds are constants of this file.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Processes at the same time.
    pub processes: u64,
    /// For how long.
    pub seconds: u64,
    /// Processes that were started, left by themselves, and were killed.
    pub joined: u64,
    /// See `joined`.
    pub left: u64,
    /// See `joined`.
    pub killed: u64,
    /// How often all stood still and everything was counted.
    pub checks: u64,
    /// Answers, of which so many were denials because nothing was left.
    pub answers: u64,
    /// See `answers`.
    pub denied: u64,
    /// Requests that were on their way when their process went, and were asked again.
    pub settled: u64,
    /// Memory of the process that stays, after it is warm, and at the end; 0 where the system does not tell.
    pub rss_first_kib: u64,
    /// See `rss_first_kib`.
    pub rss_last_kib: u64,
    /// Database, and the longest that its log was at a check.
    pub file_bytes: u64,
    /// See `file_bytes`.
    pub log_bytes_max: u64,
    /// The database's bytes by answers that stored something.
    pub bytes_per_effect: u64,
    /// What may not be.
    pub violations: Vec<String>,
}

/// Most that the process that stays may grow once it is warm: a tenth, and this.
const RSS_GROWTH_KIB: u64 = 16 * 1_024;
/// Most bytes of the database for each answer that stored something, and for an empty one.
const EFFECT_BYTES: u64 = 1_200;
/// See `EFFECT_BYTES`.
const EMPTY_BYTES: u64 = 1 << 20;
/// Most bytes of the log: four times the length at which it is moved into the database.
const LOGS: u64 = 4;
const LOG_PAGE_BYTES: u64 = 4_096 + 24;

/// What all answers add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counts {
    claims: u64,
    /// Uses that stand, and events, of each shared card.
    shared: Vec<(u32, u32)>,
    /// The same of each scarce one.
    scarce: Vec<(u32, u32)>,
    holders: Vec<i64>,
    answers: u64,
    denied: u64,
}

impl Counts {
    fn new() -> Self {
        let none = |count| (0..count).map(|_| (0, 0)).collect();
        let (shared, scarce) = (none(SHARED_CARDS), none(SCARCE_CARDS));
        Self { claims: 0, shared, scarce, holders: (0..HOLDERS).map(|_| 0).collect(), answers: 0, denied: 0 }
    }

    fn add(&mut self, step: Step, good: bool) {
        self.answers += 1;
        if !good {
            self.denied += 1;
            return;
        }
        let at = |place: u64| usize::try_from(place).unwrap_or(0);
        let holder = match step {
            Step::Use(_, holder) => Some((holder, 1)),
            Step::Back(_, holder) => Some((holder, -1)),
            Step::Claim | Step::Want(_) | Step::Yield(_) => None,
        };
        if let Some((holder, by)) = holder {
            self.holders[at(holder)] += by;
        }
        let (card, used) = match step {
            Step::Claim => {
                self.claims += 1;
                return;
            }
            Step::Use(card, _) => (&mut self.shared[at(card)], true),
            Step::Back(card, _) => (&mut self.shared[at(card)], false),
            Step::Want(card) => (&mut self.scarce[at(card)], true),
            Step::Yield(card) => (&mut self.scarce[at(card)], false),
        };
        card.0 = if used { card.0 + 1 } else { card.0.saturating_sub(1) };
        card.1 += 1;
    }
}

/// How far a caller was heard.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    next: u64,
    won: bool,
}

struct Member {
    number: u64,
    child: Child,
    stdin: ChildStdin,
    /// Ends with the process, and says how far each caller came.
    hears: JoinHandle<Vec<Heard>>,
    paused: Receiver<()>,
}

struct Run<'a> {
    program: &'a Path,
    setup: &'a Setup,
    live: Live,
    counts: Arc<Mutex<Counts>>,
    report: Report,
}

/// Lets processes come and go for so long. `program` is this program.
///
/// # Errors
/// What kept it from being run.
pub fn run(
    program: &Path,
    setup: &Setup,
    processes: u64,
    most: Duration,
    seed: u64,
    tell: impl Fn(&Report),
) -> Result<Report, Failure> {
    let live = setup.open()?;
    member::prepare(&live)?;
    let report = Report { processes, ..Report::default() };
    let mut run = Run { program, setup, live, counts: Arc::new(Mutex::new(Counts::new())), report };
    let mut members = Vec::new();
    for _ in 0..processes.max(2) {
        members.push(run.join()?);
    }
    let began = Instant::now();
    let every = (most / 8).min(Duration::from_secs(60));
    let (mut dice, mut next_check) = (Dice::new(seed, 11), every);
    while began.elapsed() < most && run.report.violations.is_empty() {
        std::thread::sleep(Duration::from_millis(50 + dice.below(950)));
        // The first stays: what it needs after an hour is what it needed after a minute.
        let place = 1 + dice.place(members.len() - 1);
        let member = members.swap_remove(place);
        if dice.in_thousand(500) {
            run.kill(member)?
        } else {
            run.leave(member)?
        }
        members.push(run.join()?);
        if began.elapsed() >= next_check {
            next_check += every;
            run.check(&mut members)?;
            tell(&run.report);
        }
    }
    run.check(&mut members)?;
    for member in members {
        run.leave(member)?;
    }
    run.report.seconds = began.elapsed().as_secs();
    run.measure()?;
    run.count()?;
    Ok(run.report)
}

impl Run<'_> {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&mut self) -> Result<Member, Failure> {
        let number = self.report.joined;
        self.report.joined += 1;
        let mut child = Command::new(self.program)
            .arg("member")
            .args(self.setup.args())
            .arg(format!("--member={number}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no input of a process")?;
        let stdout = child.stdout.take().ok_or("no output of a process")?;
        let (pauses, paused) = channel();
        let counts = Arc::clone(&self.counts);
        let hears = std::thread::spawn(move || hear(BufReader::new(stdout), number, &counts, &pauses));
        Ok(Member { number, child, stdin, hears, paused })
    }

    fn kill(&mut self, mut member: Member) -> Result<(), Failure> {
        member.child.kill()?;
        member.child.wait()?;
        self.report.killed += 1;
        self.settle(member)
    }

    fn leave(&mut self, mut member: Member) -> Result<(), Failure> {
        writeln!(member.stdin, "leave")?;
        let status = member.child.wait()?;
        if !status.success() {
            self.report.violations.push(format!("member {} ended with {status}", member.number));
        }
        self.report.left += 1;
        self.settle(member)
    }

    /// What the callers of a process had on its way, and the rest of their rounds: whoever asks again hears what became of it.
    fn settle(&mut self, member: Member) -> Result<(), Failure> {
        let heard = member.hears.join().map_err(|_| "the reader of a process panicked")?;
        for (caller, Heard { mut next, mut won }) in (0..).zip(heard) {
            let mut asked_any = false;
            while !asked_any || !next.is_multiple_of(ROUND) {
                if let Some(step) = member::step(member.number, caller, next, won) {
                    let asked = member::asked(member.number, caller, next, step);
                    let good = member::done(&self.live, &asked, step)?;
                    won = if matches!(step, Step::Want(_)) { good } else { won };
                    self.counts().add(step, good);
                    self.report.settled += u64::from(!asked_any);
                    asked_any = true;
                }
                next += 1;
            }
        }
        Ok(())
    }

    /// All stand still, and everything is counted.
    fn check(&mut self, members: &mut [Member]) -> Result<(), Failure> {
        for member in &mut *members {
            writeln!(member.stdin, "pause")?;
        }
        for member in &*members {
            let stands = member.paused.recv_timeout(Duration::from_secs(60));
            stands.map_err(|_| format!("member {} does not stand still", member.number))?;
        }
        self.report.checks += 1;
        self.count()?;
        self.measure()?;
        let rss = members.first().and_then(|member| rss_kib(member.child.id())).unwrap_or(0);
        // Warm by the second check: its caches are as full as they get.
        if self.report.checks <= 2 {
            self.report.rss_first_kib = rss;
        }
        self.report.rss_last_kib = rss;
        let first = self.report.rss_first_kib;
        if rss > first + first / 10 + RSS_GROWTH_KIB {
            self.report.violations.push(format!("the process that stays grew from {first} to {rss} KiB"));
        }
        for member in members {
            writeln!(member.stdin, "go")?;
        }
        Ok(())
    }

    /// Compares the rows with what was answered.
    fn count(&mut self) -> Result<(), Failure> {
        let counts = self.counts().clone();
        let mut wrong = Vec::new();
        let mut same = |what: String, found: u64, told: u64| {
            if found != told {
                wrong.push(format!("{what}: {found} in the store, {told} by the answers"));
            }
        };
        for (batch, uses, cards) in [(SHARED, USES, &counts.shared), (SCARCE, SCARCE_USES, &counts.scarce)] {
            let no = self.live.tenant.batch(batch)?.ok_or("a batch is gone")?.no;
            for (serial, (used, events)) in (0..).zip(cards) {
                let id = CardId { batch: no, serial };
                let (left, told) = match counted::row(&*self.live.store, Key::Card(id))? {
                    Some(Record::Card(card)) => (card.uses_left, card.events),
                    _ => (uses, 0),
                };
                same(format!("uses of {batch} {serial}"), u64::from(uses - left), u64::from(*used));
                same(format!("events of {batch} {serial}"), u64::from(told), u64::from(*events));
            }
        }
        for (holder, told) in (0..).zip(&counts.holders) {
            let found = counted::account(&*self.live.store, &format!("h{holder}"), &format!("uses:{SHARED}"))?;
            same(format!("uses of h{holder}"), found.unsigned_abs(), told.unsigned_abs());
        }
        let no = self.live.tenant.batch(STOCK)?.ok_or("a batch is gone")?.no;
        let next = match counted::row(&*self.live.store, Key::Stock(no))? {
            Some(Record::Stock(stock)) => u64::from(stock.next),
            _ => 0,
        };
        same("cards claimed".to_owned(), next, counts.claims);
        (self.report.answers, self.report.denied) = (counts.answers, counts.denied);
        self.report.violations.extend(wrong);
        Ok(())
    }

    fn measure(&mut self) -> Result<(), Failure> {
        let Some(file) = &self.setup.file else { return Err("it needs a file".into()) };
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let (file_bytes, log_bytes) = (bytes(file), bytes(Path::new(&log)));
        let effects = self.report.answers - self.report.denied;
        self.report.file_bytes = file_bytes;
        self.report.log_bytes_max = self.report.log_bytes_max.max(log_bytes);
        self.report.bytes_per_effect = file_bytes / effects.max(1);
        if file_bytes > EMPTY_BYTES + EFFECT_BYTES * effects {
            self.report.violations.push(format!("{file_bytes} bytes for {effects} effects"));
        }
        let most = LOGS * LOG_PAGE_BYTES * u64::from(self.setup.options.checkpoint_pages);
        if log_bytes > most {
            self.report.violations.push(format!("the log has {log_bytes} bytes, more than {most}"));
        }
        Ok(())
    }
}

/// Takes in what a process tells until it ends. A line that was cut off by a kill was told to nobody.
fn hear(lines: impl BufRead, number: u64, counts: &Mutex<Counts>, pauses: &Sender<()>) -> Vec<Heard> {
    let mut heard = vec![Heard::default(); usize::try_from(CALLERS).unwrap_or(0)];
    for line in lines.lines().map_while(Result::ok) {
        if line == "\"paused\"" {
            // Nobody waits for it any more when the run is over.
            let _ = pauses.send(());
            continue;
        }
        let Ok((caller, step, good)) = serde_json::from_str::<(u64, u64, bool)>(&line) else { continue };
        let Some(of) = usize::try_from(caller).ok().and_then(|caller| heard.get_mut(caller)) else { continue };
        if let Some(what) = member::step(number, caller, step, of.won) {
            counts.lock().unwrap_or_else(PoisonError::into_inner).add(what, good);
            of.won = if matches!(what, Step::Want(_)) { good } else { of.won };
        }
        of.next = step + 1;
    }
    heard
}

/// Memory that a process holds, where the system tells.
fn rss_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
