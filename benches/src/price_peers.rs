//! Pricing and conditions in bulk from Node and Python, beside what shops install for it.
//!
//! **Rules.** 512 orders are asked whether a typical condition holds: from Node `evaluateMany` beside npm's `json-rules-engine`, made once, and
//! `@gorules/zen-engine`, whose synchronous interface evaluates an expression. Once with one rule and once with ten, all of which are answered.
//! **Pricing.** Carts of 5 and 50 lines with 1, 10 and 100 promotions, percentages and sums by turns: from Node `quoteOrders` beside the real
//! `computeActions` of `@medusajs/promotion` with its database stubbed, from Python `quote_orders` beside `apply` of `stateset-embedded`.
//!
//! Orders and carts lie ready on both sides: ours in a sample of the engine, theirs in objects of their own. Rules and promotions are sent, checked and
//! compiled with every call of ours. `listed` is timed whole: plain data of the language in, plain data out, with all that lies between. Each
//! script says at its head what is compared, compares the answers, and takes turns with the peer in one process.

use std::process::Command;

use serde_json::Value;

use crate::bindings::packages::{node_folder, python_folder, wheels_folder};
use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure};
use crate::peers;

pub struct PricePeers;

/// A script with a peer, and what it is to show.
struct Contest {
    folder: &'static str,
    prefix: &'static str,
    metric: &'static str,
    /// What the script calls it, the peer, and the bar where there is one.
    figures: &'static [(&'static str, &'static str, Option<f64>)],
}

const RULES: Contest = Contest {
    folder: "rules",
    prefix: "price-peers/node/",
    metric: "orders asked per second",
    figures: &[
        ("json-rules-engine/1", "json-rules-engine", Some(20.0)),
        ("json-rules-engine/10", "json-rules-engine", Some(20.0)),
        ("json-rules-engine/1/listed", "json-rules-engine", None),
        ("zen-engine/1", "@gorules/zen-engine", Some(5.0)),
        ("zen-engine/10", "@gorules/zen-engine", Some(5.0)),
        ("zen-engine/1/listed", "@gorules/zen-engine", None),
    ],
};

const MEDUSA: Contest = Contest {
    folder: "medusa",
    prefix: "price-peers/node/medusa/",
    metric: "carts priced per second",
    figures: &[
        ("5x1", "@medusajs/promotion", Some(1.0)),
        ("5x10", "@medusajs/promotion", Some(10.0)),
        ("5x100", "@medusajs/promotion", Some(100.0)),
        ("5x100/listed", "@medusajs/promotion", None),
        ("50x1", "@medusajs/promotion", None),
        ("50x10", "@medusajs/promotion", None),
        ("50x100", "@medusajs/promotion", None),
    ],
};

const STATESET: Contest = Contest {
    folder: "stateset",
    prefix: "price-peers/python/stateset/",
    metric: "carts priced per second",
    figures: &[
        ("5x1", "stateset-embedded", None),
        ("5x10", "stateset-embedded", None),
        ("5x100", "stateset-embedded", Some(20.0)),
        ("5x100/listed", "stateset-embedded", None),
    ],
};

impl Bench for PricePeers {
    fn id(&self) -> &'static str {
        "price-peers"
    }

    fn compares(&self) -> &'static str {
        "rules and pricing in bulk from Node and Python with json-rules-engine, zen-engine, @medusajs/promotion and stateset-embedded"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let node = node_folder();
        let rounds = context.rounds().to_string();
        let of_node = |contest: &Contest, script: &str| {
            let (ours, peer) = (node.clone()?, peers::install(contest.folder)?);
            let mut command = Command::new("node");
            command.arg(script).arg(ours).arg(&rounds).current_dir(peer);
            Ok(command)
        };
        let of_python = || {
            let script = peers::folder(STATESET.folder);
            let (ours, peer) = (python_folder()?, wheels_folder("stateset", &script.join("requirements.txt"))?);
            let mut command = Command::new("python3");
            command.arg(script.join("pricing.py")).args([ours, peer]).arg(&rounds);
            Ok(command)
        };
        let mut figures = RULES.run(of_node(&RULES, "rules.mjs"))?;
        figures.extend(MEDUSA.run(of_node(&MEDUSA, "pricing.mjs"))?);
        figures.extend(STATESET.run(of_python())?);
        Ok(figures)
    }
}

impl Contest {
    /// Runs the script, or says why it cannot run.
    fn run(&self, command: Result<Command, String>) -> Result<Vec<Figure>, Failure> {
        let told = match command {
            Ok(command) => peers::tell(command)?,
            Err(why) => {
                return Ok(self.figures.iter().map(|one| self.figure(one, &[], &[]).skipped(why.as_str())).collect());
            }
        };
        let each = self.figures.iter().map(|one| {
            let of = |side: &str| numbers(&told[one.0][side]).ok_or_else(|| format!("no times of `{}`", one.0));
            Ok::<_, Failure>(self.figure(one, &of("ours")?, &of("theirs")?))
        });
        each.collect()
    }

    /// Times are told; what is compared is how many fit into a second.
    fn figure(&self, (name, peer, bar): &(&str, &str, Option<f64>), ours: &[f64], theirs: &[f64]) -> Figure {
        let rate = |times: &[f64]| times.iter().map(|micros| 1e6 / micros).collect::<Vec<_>>();
        let id = format!("{}{name}", self.prefix);
        let figure = Figure::shown(id, self.metric, "/s", 1, rate(ours)).against(*peer, rate(theirs));
        match bar {
            Some(bar) => figure.bar(Sense::Min, *bar),
            None => figure,
        }
    }
}

pub fn numbers(of: &Value) -> Option<Vec<f64>> {
    of.as_array()?.iter().map(Value::as_f64).collect()
}
