//! What cardmint costs, measured beside what it would be replaced by: `cargo xtask bench --help`.
//!
//! Own harness, not criterion: a figure here is a *ratio* to a reference that runs interleaved with ours, so that it means
//! the same on any machine; criterion measures one thing after the other and compares with its own past.

mod args;
mod audit;
mod backtest;
mod best;
mod bindings;
mod cards_on_file;
mod checkout;
mod conditions;
mod export;
mod figure;
mod harness;
mod limits;
mod limits_reference;
mod machine;
mod manner;
mod mint_1m;
mod mint_npm;
mod open;
mod open_band;
mod ours_code;
mod peers;
mod price_peers;
mod promotions;
mod public_code;
mod redeem;
mod redeem_reference;
mod redeem_waits;
mod shop;
mod tills;

use std::io::Write as _;
use std::process::ExitCode;

use args::{Args, Asked};
use figure::{Figure, Outcome};
use harness::{Bench, Context};

/// Every bench, in the order in which they run.
const BENCHES: [&dyn Bench; 18] = [
    &mint_1m::Mint1m,
    &mint_npm::MintNpm,
    &open::Open,
    &open_band::OpenBand,
    &export::Export,
    &redeem::Redeem,
    &redeem_waits::RedeemWaits,
    &limits::Limits,
    &conditions::Conditions,
    &cards_on_file::CardsOnFile,
    &public_code::PublicCode,
    &bindings::Bindings,
    &audit::Audit,
    &best::BestOf,
    &checkout::Checkout,
    &promotions::Promotions,
    &price_peers::PricePeers,
    &backtest::Backtest,
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rest = words.get(1..).unwrap_or_default();
    match words.first().map(String::as_str) {
        Some(mint_1m::CHILD) => return mint_1m::child(rest),
        Some(mint_npm::CHILD) => return mint_npm::child(rest),
        Some(bindings::CHILD) => return bindings::child(rest),
        Some(export::CHILD) => return export::child(rest),
        Some(audit::CHILD) => return audit::child(rest),
        Some(limits::CHILD) => return limits::child(rest),
        Some(public_code::CHILD) => return public_code::child(rest),
        Some(redeem_waits::CHILD) => return redeem_waits::child(rest),
        Some(_) | None => {}
    }
    match args::parse(&words, &BENCHES.map(Bench::id)) {
        Ok(Asked::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Asked::List) => {
            for bench in BENCHES {
                println!("{:<14} {}", bench.id(), bench.compares());
            }
            ExitCode::SUCCESS
        }
        Ok(Asked::Run(args)) => run(&args),
        Err(wrong) => {
            eprintln!("{wrong}\n\n{}", args::HELP);
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> ExitCode {
    let context = Context { depth: args.depth, dir: args.dir.clone() };
    let mut json = match args.json.as_ref().map(std::fs::File::create).transpose() {
        Ok(file) => file,
        Err(error) => {
            eprintln!("--json: {error}");
            return ExitCode::from(2);
        }
    };
    match machine::describe(&context.dir) {
        Ok(text) => print!("{text}"),
        Err(error) => {
            eprintln!("{}: {error}", context.dir.display());
            return ExitCode::from(2);
        }
    }
    println!("depth: {:?}, {} rounds, ours and the reference taking turns\n", args.depth, context.rounds());
    println!("{}", figure::HEAD);

    let mut errors = 0;
    let mut figures: Vec<Figure> = Vec::new();
    for bench in BENCHES.iter().filter(|bench| args.wants(bench.id())) {
        let measured = bench.run(&context);
        let lines = measured.unwrap_or_else(|error| {
            errors += 1;
            eprintln!("{}: {error}", bench.id());
            Vec::new()
        });
        for line in lines {
            println!("{}", line.row());
            if let Some(file) = &mut json
                && let Err(error) = writeln!(file, "{}", line.json(bench.id()))
            {
                eprintln!("--json: {error}");
                errors += 1;
            }
            figures.push(line);
        }
    }

    let count = |outcome: Outcome| figures.iter().filter(|figure| figure.outcome() == outcome).count();
    let (below, skipped) = (count(Outcome::Below), count(Outcome::Skipped));
    println!("\n{} pass, {below} below, {skipped} skipped, {errors} errors", count(Outcome::Pass));
    // A peer that is missing never passes; where skips are forbidden it fails like a bench that broke.
    let skips_forbidden = std::env::var_os("CARDMINT_NO_SKIP").is_some_and(|value| value == "1");
    let failed = errors > 0 || (args.strict && below > 0) || (skips_forbidden && skipped > 0);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
