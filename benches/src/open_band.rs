//! Codes that are no good take as long as good ones (G-31).
//!
//! Reference: a genuine code. Beside it, text that is no code, a code of another tenant, a forged code, and one whose batch
//! does not exist. Opening uses no store, so this is the whole time a stranger can measure before a look-up. The figure is a
//! distance, the longer time over the shorter: too fast gives as much away as too slow.

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds};
use crate::open::nanos_open;
use crate::ours_code;

/// The stated band: at most this far apart, as a ratio.
const BAR: f64 = 1.15;

pub struct OpenBand;

impl Bench for OpenBand {
    fn id(&self) -> &'static str {
        "open-band"
    }

    fn compares(&self) -> &'static str {
        "opening malformed, foreign, forged and unknown-batch codes with opening a genuine one"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let iterations = context.size(200_000, 1_000_000);
        let figure = |kind: &str, ours: Vec<f64>, genuine: Vec<f64>| {
            Figure::shown(format!("open-band/{kind}"), "time to open", "ns", iterations, ours)
                .against("a genuine code", genuine)
                .either_way()
                .bar(Sense::Max, BAR)
        };
        let opening = ours_code::opening()?;
        let texts = &opening.texts;
        // Genuine to its key, though no batch of that number exists: that is for the look-up to find.
        let kinds = [
            ("genuine", &texts.genuine, true),
            ("malformed", &texts.malformed, false),
            ("foreign", &texts.foreign, false),
            ("forged", &texts.forged, false),
            ("unknown-batch", &texts.unknown_batch, true),
        ];
        for (kind, texts, opens) in kinds {
            if texts.is_empty() || !texts.iter().all(|text| (opening.open)(text) == opens) {
                return Err(format!("the {kind} codes should {}open", if opens { "" } else { "not " }).into());
            }
        }
        let opening = &opening;
        let mut sides: Vec<Side<'_>> = kinds
            .iter()
            .map(|(_, texts, _)| -> Side<'_> { Box::new(move || Ok(nanos_open(opening, texts, iterations))) })
            .collect();
        let values = rounds(context.rounds(), &mut sides)?;
        let genuine = values.first().cloned().unwrap_or_default();
        let others = kinds.iter().zip(values).skip(1);
        Ok(others.map(|((kind, _, _), times)| figure(kind, times, genuine.clone())).collect())
    }
}
