//! The harness as a program: each verb prints what it does on stderr, and one JSON object as its last line on stdout.

use std::process::ExitCode;

use cardmint::card::TemplateDraft;
use cardmint_proof::args::Args;
use cardmint_proof::live::burst::{self, Burst};
use cardmint_proof::live::race::{self, Contest};
use cardmint_proof::live::{Failure, SETUP_VALUES, Setup, crash, endure};
use cardmint_proof::sim::{Options, StoreKind};
use cardmint_proof::soak::{self, Soak};

const HELP: &str = "\
cardmint-proof VERB [options]

  soak      deterministic simulation of callers, engines and trouble
      --seeds N          how many seeds (default 200)
      --minutes M        for how long, instead
      --first-seed S     the first seed (default 0)
      --store KIND       memory (default) or sqlite
      --steps N          steps of each seed (default 600)
      --callers N        most open calls (default 12)
      --without LIST     kinds of fault that are left out, by comma; `all` for all
      --jobs N           seeds at the same time (default 2)
      --defects          seeded defects instead: each must be caught within 200 seeds (needs the feature `defects`)
      --defect NAME      with --defects only this one; without, the soak runs with it
      --quick            with --defects only some that are caught soon
      --table FILE       with --defects: writes what caught each into that file, in the place that it has for it
  crash     processes that are killed at random moments while they redeem on a real database
      --kills N          how many (default 300)
      --seed S           of the moments (default 0; they are real ones all the same)
  power     one process is recorded while it works, then the power goes at many moments of it (64-bit Linux with a C compiler)
      --cuts N           moments for each scene (default 300); two disks are opened for each
      --scene NAME       full, normal, migration (default all)
      --rounds N         rounds of work of three callers (default 12)
      --seed S           of the moments and of what is left (default 0)
      --lies             the disk never flushes: that must be found
      --unflushed        the store does not flush what it promises: acknowledged answers must be missing
  endure    processes that join, leave and are killed on one database for so long; everything adds up
      --processes N      at the same time (default 4)
      --minutes M, or --seconds S   for how long (default 60 seconds)
      --seed S           of who goes when (default 0)
  race      threads, or processes, for what is scarce
      --contest NAME     one-card, hundred-uses, hundred-cards, holder-limit, hot-batch, word, retries (default all)
      --threads N        of this process (default 8)
      --processes N      processes on one database instead, each with two threads
  burst     generated orders against a template: counts and latencies
      --template FILE    JSON as for save_template (default: a fifth off, bearer)
      --orders N         how many (default 10000)
      --threads N        from how many threads (default 4)
      --seed S           of the orders (default 0)
  help      this page

Settings of crash, power, endure, race and burst, as your host has them:
      --file PATH        the SQLite database, a new one or an empty one for crash, endure and race (default: a temporary one;
                         race by threads and burst: in memory)
      --durability KIND  full (default) or normal
      --busy-timeout-ms N, --checkpoint-pages N, --queue-max N, --group-max N, --control-lag-ms N

Exit code: 0 all well, 1 a guarantee is broken, 2 wrong arguments.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = args.split_first().map_or(("", &[][..]), |(verb, rest)| (verb.as_str(), rest));
    let done = match verb {
        "soak" => soak(rest),
        "crash" => crash(rest),
        "power" => power(rest),
        "race" => race(rest),
        "burst" => burst(rest),
        "killed" => killed(rest),
        "endure" => endure(rest),
        "member" => member(rest),
        "racer" => racer(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(true)
        }
        other => Err(format!("unknown verb `{other}`")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            eprintln!("{wrong}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn setup_args(args: &[String], values: &[&str]) -> Result<(Args, Setup), String> {
    let args = Args::read(args, &[&SETUP_VALUES[..], values].concat(), &[])?;
    let setup = Setup::read(&args)?;
    Ok((args, setup))
}

/// A run that could not be made is told apart from one that broke a guarantee.
fn made<T>(run: Result<T, Failure>) -> Result<T, String> {
    run.map_err(|failure| format!("could not run: {failure}"))
}

/// On the database that was named, or on a new one that vanishes.
fn somewhere(setup: Setup) -> Result<(Setup, Option<tempfile::TempDir>), String> {
    if setup.file.is_some() {
        return Ok((setup, None));
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    Ok((setup.on(&folder.path().join("shop.db")), Some(folder)))
}

fn myself() -> Result<std::path::PathBuf, String> {
    std::env::current_exe().map_err(|error| error.to_string())
}

fn crash(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--kills", "--seed"])?;
    let (setup, _folder) = somewhere(setup)?;
    let (kills, seed) = (args.number("--kills")?.unwrap_or(300), args.number("--seed")?.unwrap_or(0));
    let tell =
        |report: &crash::Report| eprintln!("{} kills, {} answers found again", report.kills, report.found.acknowledged);
    let report = made(crash::run(&myself()?, &setup, kills, seed, tell))?;
    print_json(&report);
    Ok(report.violations.is_empty())
}

fn killed(args: &[String]) -> Result<bool, String> {
    let args = Args::read(args, &[&SETUP_VALUES[..], &["--run", "--rounds"]].concat(), &["--prepare"])?;
    let (run, rounds) = (args.number("--run")?.unwrap_or(0), args.number("--rounds")?);
    let work = crash::Work { run, prepare: args.has("--prepare"), rounds };
    made(crash::killed_main(&Setup::read(&args)?, work)).map(|()| true)
}

#[cfg(target_os = "linux")]
fn power(args: &[String]) -> Result<bool, String> {
    use cardmint_proof::live::power::{self, Power, Scene, Seeded};
    let values = [&SETUP_VALUES[..], &["--cuts", "--scene", "--rounds", "--seed"]].concat();
    let args = Args::read(args, &values, &["--lies", "--unflushed"])?;
    let setup = Setup::read(&args)?;
    let scenes = match args.text("--scene") {
        None => Scene::ALL.to_vec(),
        Some(name) => {
            let named = Scene::ALL.into_iter().find(|scene| scene.name() == name);
            vec![named.ok_or_else(|| format!("no scene is called {name}"))?]
        }
    };
    let power = Power {
        cuts: args.number("--cuts")?.unwrap_or(300),
        rounds: args.number("--rounds")?.unwrap_or(12),
        seed: args.number("--seed")?.unwrap_or(0),
        seeded: match (args.has("--lies"), args.has("--unflushed")) {
            (true, _) => Some(Seeded::DiskLies),
            (false, true) => Some(Seeded::CommitsNotFlushed),
            (false, false) => None,
        },
    };
    let mut reports = Vec::new();
    for scene in scenes {
        eprintln!("power: {}", scene.name());
        reports.push(made(power::run(&myself()?, &setup, scene, power))?);
    }
    print_json(&serde_json::json!({"power": reports}));
    Ok(reports.iter().all(|report| report.violations.is_empty()))
}

#[cfg(not(target_os = "linux"))]
fn power(_: &[String]) -> Result<bool, String> {
    Err("power needs 64-bit Linux".to_owned())
}

fn endure(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--processes", "--minutes", "--seconds", "--seed"])?;
    let (setup, _folder) = somewhere(setup)?;
    let minutes: Option<u64> = args.number("--minutes")?;
    let seconds = args.number("--seconds")?.or(minutes.map(|minutes| minutes * 60)).unwrap_or(60);
    let (processes, seed) = (args.number("--processes")?.unwrap_or(4), args.number("--seed")?.unwrap_or(0));
    let tell = |report: &endure::Report| {
        eprintln!("{} answers, {} killed, {} left", report.answers, report.killed, report.left);
    };
    let most = std::time::Duration::from_secs(seconds);
    let report = made(endure::run(&myself()?, &setup, processes, most, seed, tell))?;
    print_json(&report);
    Ok(report.violations.is_empty())
}

fn member(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--member"])?;
    made(cardmint_proof::live::member::main(&setup, args.number("--member")?.unwrap_or(0))).map(|()| true)
}

fn contest(args: &Args) -> Result<Vec<Contest>, String> {
    match args.text("--contest") {
        None => Ok(Contest::ALL.to_vec()),
        Some(name) => Contest::named(name).map(|one| vec![one]).ok_or_else(|| format!("no contest is called {name}")),
    }
}

fn race(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--contest", "--threads", "--processes"])?;
    let threads = args.number("--threads")?.unwrap_or(8);
    let mut well = true;
    for contest in contest(&args)? {
        let score = match args.number("--processes")? {
            Some(processes) => {
                let (setup, _folder) = somewhere(setup.clone())?;
                made(race::by_processes(&myself()?, &setup, contest, processes))?
            }
            None => made(race::by_threads(&setup, contest, threads))?,
        };
        let wrong = score.wrong(contest);
        well &= wrong.is_none();
        let (won, others) = (score.won.len(), &score.others);
        print_json(&serde_json::json!({"contest": contest.name(), "won": won, "others": others, "wrong": wrong}));
    }
    Ok(well)
}

fn racer(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--contest", "--place", "--of"])?;
    let one = *contest(&args)?.first().ok_or("a racer needs --contest")?;
    let (place, of) = (args.number("--place")?.unwrap_or(0), args.number("--of")?.unwrap_or(1));
    made(race::racer_main(&setup, one, place, of)).map(|()| true)
}

fn burst(args: &[String]) -> Result<bool, String> {
    let (args, setup) = setup_args(args, &["--template", "--orders", "--threads", "--seed"])?;
    let template = match args.text("--template") {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            Some(TemplateDraft::from_json(&text).map_err(|invalid| invalid.to_string())?)
        }
    };
    let burst = Burst {
        template,
        orders: args.number("--orders")?.unwrap_or(10_000),
        threads: args.number("--threads")?.unwrap_or(4),
        seed: args.number("--seed")?.unwrap_or(0),
    };
    print_json(&made(burst::run(&setup, &burst))?);
    Ok(true)
}

fn store(args: &Args) -> Result<StoreKind, String> {
    match args.text("--store") {
        None | Some("memory") => Ok(StoreKind::Memory),
        Some("sqlite") => Ok(StoreKind::Sqlite),
        Some(other) => Err(format!("--store is memory or sqlite, not `{other}`")),
    }
}

fn print_json(report: &impl serde::Serialize) {
    match serde_json::to_string(report) {
        Ok(line) => println!("{line}"),
        Err(error) => eprintln!("{error}"),
    }
}

fn soak(args: &[String]) -> Result<bool, String> {
    let values = [
        "--seeds",
        "--minutes",
        "--first-seed",
        "--store",
        "--steps",
        "--callers",
        "--without",
        "--jobs",
        "--defect",
        "--table",
    ];
    let args = Args::read(args, &values, &["--defects", "--quick"])?;
    if args.has("--defects") {
        return defects(&args);
    }
    if let Some(name) = args.text("--defect") {
        seed_defect(name)?;
    }
    let (seeds, minutes) = (args.number("--seeds")?, args.number("--minutes")?);
    let like = Options::of(0);
    let soak = Soak {
        first_seed: args.number("--first-seed")?.unwrap_or(0),
        seeds: if minutes.is_none() { Some(seeds.unwrap_or(200)) } else { seeds },
        minutes,
        jobs: args.number("--jobs")?.unwrap_or(2),
        store: store(&args)?,
        like: Options {
            steps: args.number("--steps")?.unwrap_or(like.steps),
            callers: args.number("--callers")?.unwrap_or(like.callers),
            faults: args.text("--without").map_or(Ok(like.faults), soak::without)?,
            ..like
        },
    };
    let report = soak::run(soak);
    print_json(&report);
    Ok(report.violations.is_empty())
}

#[cfg(feature = "defects")]
fn seed_defect(name: &str) -> Result<(), String> {
    cardmint_proof::defects::seed(name)
}

#[cfg(not(feature = "defects"))]
fn seed_defect(_: &str) -> Result<(), String> {
    Err("seeded defects need a build with the feature `defects`: `cargo xtask soak --defects`".to_owned())
}

#[cfg(feature = "defects")]
fn defects(args: &Args) -> Result<bool, String> {
    use cardmint_proof::defects;
    let first_seed = args.number("--first-seed")?.unwrap_or(0);
    let only: Vec<&str> = match args.text("--defect") {
        Some(name) => vec![name],
        None if args.has("--quick") => defects::QUICK.to_vec(),
        None => Vec::new(),
    };
    let caught = defects::run(&only, first_seed, print_json)?;
    if let Some(path) = args.text("--table") {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        std::fs::write(path, defects::with_table(&text, &caught)?).map_err(|error| format!("{path}: {error}"))?;
    }
    let missed = caught.iter().filter(|one| one.caught_at_seed.is_none()).count();
    for (defect, room) in defects::WAITING {
        eprintln!("waits for {room}: {defect}");
    }
    let summary = serde_json::json!({"defects": caught.len(), "missed": missed, "waiting": defects::WAITING.len()});
    print_json(&summary);
    Ok(missed == 0)
}

#[cfg(not(feature = "defects"))]
fn defects(_: &Args) -> Result<bool, String> {
    seed_defect("").map(|()| false)
}
