//! The demo from its options to its last line.

use std::io::Write;

use super::figures::per_second;
use super::{
    Args, Error, Figures, Journey, Outcome, Progress, Stage, Summary, code_format, mint, replay, report, set_up,
    what_if,
};

/// Sets the year up, replays it, and counts.
///
/// # Errors
/// See [`set_up`] and [`replay`].
pub fn play(stage: &Stage, journey: &Journey, progress: &mut Progress) -> Result<(Figures, Outcome), Error> {
    set_up(&stage.tenant, journey, code_format(), progress)?;
    let outcome = replay(&stage.tenant, &stage.clock, journey, progress)?;
    Ok((Figures::of(journey, &outcome), outcome))
}

/// Runs the whole demo: the year, the report, the large batch. Figures go to `out`.
///
/// # Errors
/// Whatever stops it, in words for the person who started it.
pub fn run(args: &Args, progress: &mut Progress, out: &mut impl Write) -> Result<Summary, Error> {
    let journey = Journey::load(&args.data)?;
    let stage = Stage::open(args)?;
    let (figures, outcome) = play(&stage, &journey, progress)?;
    let report = args.out.join("report.html");
    let what_if = what_if(&stage.tenant, &journey, progress)?;
    std::fs::write(&report, report::page(&figures, &what_if)).map_err(Error::file("write", &report))?;
    let print = |error| Error::File { doing: "cannot print".to_owned(), source: error };
    write!(out, "{}\nreport: {}\n", figures.table(), report.display()).map_err(print)?;

    let minted = mint::mint(&stage.tenant, code_format(), args.codes, &args.out, progress)?;
    writeln!(out, "codes:  {}\n", mint::codes_file(&args.out, args.codes).display()).map_err(print)?;
    let totals = figures.totals;
    let summary = Summary {
        mailed: totals.mailed,
        claimed: totals.claimed,
        tried: totals.tried,
        redeemed: totals.redeemed,
        denied_no_matching_product: totals.denied_no_matching_product,
        denied_no_effect: totals.denied_no_effect,
        lines_dropped: totals.lines_dropped,
        codes_minted: minted.codes,
        mint_codes_per_s: minted.mint_per_s,
        open_codes_per_s: minted.open_per_s,
        redeem_per_s: per_second(totals.redeemed.into(), outcome.redeeming),
    };
    let line = serde_json::to_string(&summary);
    let line = line.map_err(|error| Error::Story(format!("the last line cannot be written: {error}")))?;
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(print)?;
    Ok(summary)
}
