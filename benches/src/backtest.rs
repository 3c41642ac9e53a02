//! What a promotion would have cost on past orders: `backtest` from Python beside the same by hand, in polars and as a loop of Python. The script says
//! at its head what is compared, and compares the amounts.

use std::process::Command;

use crate::bindings::packages::{python_folder, wheels_folder};
use crate::figure::Figure;
use crate::harness::{Bench, Context, Failure};
use crate::peers;
use crate::price_peers::numbers;

pub struct Backtest;

const SIDES: [(&str, &str); 2] =
    [("polars", "polars, by hand for this promotion"), ("loop", "a loop of Python, by hand")];

impl Bench for Backtest {
    fn id(&self) -> &'static str {
        "backtest"
    }

    fn compares(&self) -> &'static str {
        "a promotion tried on past orders, from Python, with polars and with a loop written by hand"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let command = || {
            let script = peers::folder("backtest");
            let (ours, peer) = (python_folder()?, wheels_folder("backtest", &script.join("requirements.txt"))?);
            let mut command = Command::new("python3");
            command.arg(script.join("backtest.py")).args([ours, peer]).arg(context.rounds().to_string());
            Ok::<_, String>(command)
        };
        let told = match command() {
            Ok(command) => peers::tell(command)?,
            Err(why) => return Ok(SIDES.iter().map(|side| figure(side, &[], &[]).skipped(why.as_str())).collect()),
        };
        let each = SIDES.iter().map(|side| {
            let of = |who: &str| numbers(&told[side.0][who]).ok_or_else(|| format!("no rates of `{}`", side.0));
            Ok::<_, Failure>(figure(side, &of("ours")?, &of("theirs")?))
        });
        each.collect()
    }
}

fn figure((name, peer): &(&str, &str), ours: &[f64], theirs: &[f64]) -> Figure {
    let id = format!("backtest/{name}");
    Figure::shown(id, "orders tried per second", "/s", 20_000, ours.to_vec()).against(*peer, theirs.to_vec())
}
