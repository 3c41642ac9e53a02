//! A measured figure: as a row for people, as a JSON line for machines.

use serde_json::{Value, json};

/// Which side of the bar is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// At least the bar.
    Min,
    /// At most the bar.
    Max,
}

/// The ratio that a figure should reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    pub sense: Sense,
    pub ratio: f64,
}

/// How a figure stands to its bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    Below,
    /// The peer, or our half, is missing.
    Skipped,
    /// There is no bar.
    Shown,
}

/// One line of the result.
#[derive(Debug, Clone)]
pub struct Figure {
    id: String,
    metric: &'static str,
    unit: &'static str,
    against: Option<String>,
    bar: Option<Bar>,
    /// Pieces of work in one round.
    n: u64,
    /// By round.
    ours: Vec<f64>,
    reference: Vec<f64>,
    ratios: Vec<f64>,
    /// The ratio is a distance: as far from 1 upwards as downwards.
    either_way: bool,
    skipped: Option<String>,
}

/// The head of the table.
pub const HEAD: &str = "figure                                   median (min..max)                    reference                            \
                        ratio (min..max)         bar      verdict";

impl Figure {
    /// A value without a reference.
    pub fn shown(id: impl Into<String>, metric: &'static str, unit: &'static str, n: u64, values: Vec<f64>) -> Self {
        Self {
            id: id.into(),
            metric,
            unit,
            against: None,
            bar: None,
            n,
            ours: values,
            reference: Vec::new(),
            ratios: Vec::new(),
            either_way: false,
            skipped: None,
        }
    }

    /// The same values beside those of the reference, round by round: ratio = ours / reference.
    #[must_use]
    pub fn against(mut self, reference: impl Into<String>, values: Vec<f64>) -> Self {
        self.ratios = self.ours.iter().zip(&values).map(|(ours, theirs)| ours / theirs).collect();
        self.reference = values;
        self.against = Some(reference.into());
        self
    }

    /// The ratio becomes a distance: the larger over the smaller, 1 when they are equal. Taken of the median, not of every
    /// round, or noise in both directions would add up to a distance.
    #[must_use]
    pub const fn either_way(mut self) -> Self {
        self.either_way = true;
        self
    }

    /// The median of the rounds' own ratios.
    fn ratio(&self) -> Option<f64> {
        let ratio = median(&self.ratios)?;
        Some(if self.either_way { ratio.max(1.0 / ratio) } else { ratio })
    }

    /// With the bar that the median ratio has to reach.
    #[must_use]
    pub fn bar(mut self, sense: Sense, ratio: f64) -> Self {
        self.bar = Some(Bar { sense, ratio });
        self
    }

    /// Marks a comparison that could not be made. It never passes.
    #[must_use]
    pub fn skipped(mut self, why: impl Into<String>) -> Self {
        self.skipped = Some(why.into());
        self
    }

    pub fn outcome(&self) -> Outcome {
        if self.skipped.is_some() {
            return Outcome::Skipped;
        }
        match (self.bar, self.ratio()) {
            (None, _) => Outcome::Shown,
            (Some(Bar { sense: Sense::Min, ratio }), Some(measured)) if measured >= ratio => Outcome::Pass,
            (Some(Bar { sense: Sense::Max, ratio }), Some(measured)) if measured <= ratio => Outcome::Pass,
            // Also a ratio that is no number.
            (Some(_), _) => Outcome::Below,
        }
    }

    /// For people.
    pub fn row(&self) -> String {
        let bar = self.bar.map_or_else(String::new, |bar| {
            format!("{} {}", if bar.sense == Sense::Min { "≥" } else { "≤" }, bar.ratio)
        });
        let verdict = match self.outcome() {
            Outcome::Pass => "pass".to_owned(),
            Outcome::Below => "below".to_owned(),
            Outcome::Shown => String::new(),
            Outcome::Skipped => format!("skipped: {}", self.skipped.as_deref().unwrap_or_default()),
        };
        let row = format!(
            "{:<40} {:<36} {:<36} {:<24} {bar:<8} {verdict}",
            self.id,
            with_unit(&self.ours, self.unit),
            with_unit(&self.reference, self.unit),
            with_middle(self.ratio(), &self.ratios, ""),
        );
        row.trim_end().to_owned()
    }

    /// For machines. `value`, `reference_value` and `ratio` are medians over the rounds; `ratio` is the median of the
    /// rounds' own ratios (`ratio_spread` is theirs, whichever way they point).
    pub fn json(&self, bench: &str) -> Value {
        let mut line = json!({
            "id": self.id,
            "bench": bench,
            "metric": self.metric,
            "value": median(&self.ours),
            "unit": self.unit,
            "against": self.against,
            "reference_value": median(&self.reference),
            "ratio": self.ratio(),
            "sense": self.bar.map(|bar| if bar.sense == Sense::Min { "min" } else { "max" }),
            "bar": self.bar.map(|bar| bar.ratio),
            "n": self.n,
            "runs": self.ours.len().max(self.reference.len()),
            "spread": spread(&self.ours),
            "reference_spread": spread(&self.reference),
            "ratio_spread": spread(&self.ratios),
        });
        if let (Some(why), Some(fields)) = (&self.skipped, line.as_object_mut()) {
            fields.insert("skipped".to_owned(), json!(why));
        }
        line
    }
}

/// The middle value; the mean of the two middle ones of an even count.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

fn spread(values: &[f64]) -> Option<[f64; 2]> {
    let min = values.iter().copied().min_by(f64::total_cmp)?;
    let max = values.iter().copied().max_by(f64::total_cmp)?;
    Some([min, max])
}

fn with_unit(values: &[f64], unit: &str) -> String {
    with_middle(median(values), values, unit)
}

fn with_middle(middle: Option<f64>, values: &[f64], unit: &str) -> String {
    match (middle, spread(values)) {
        (Some(middle), Some([min, max])) => {
            format!("{} ({}..{}) {unit}", short(middle), short(min), short(max)).trim_end().to_owned()
        }
        _ => String::new(),
    }
}

/// Three or four digits.
fn short(value: f64) -> String {
    for (size, letter) in [(1e9, "G"), (1e6, "M"), (1e4, "k")] {
        if value.abs() >= size {
            let unit = if letter == "k" { 1e3 } else { size };
            return format!("{:.2}{letter}", value / unit);
        }
    }
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Outcome, Sense, median};

    fn figure(ours: [f64; 3], theirs: [f64; 3]) -> Figure {
        Figure::shown("x", "rate", "1/s", 1, ours.to_vec()).against("y", theirs.to_vec())
    }

    #[test]
    fn medians_are_middles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_ratio_is_taken_round_by_round() {
        // The machine halves its speed in the middle: medians of the sides would say 1, every round says 2.
        let wandering = figure([200.0, 100.0, 50.0], [100.0, 50.0, 25.0]).bar(Sense::Min, 2.0);
        assert_eq!(wandering.json("b")["ratio"], 2.0);
        assert_eq!(wandering.outcome(), Outcome::Pass);
    }

    #[test]
    fn a_bar_is_kept_or_not() {
        let slow = figure([1.0; 3], [2.0; 3]);
        assert_eq!(slow.outcome(), Outcome::Shown);
        assert_eq!(slow.clone().bar(Sense::Min, 0.7).outcome(), Outcome::Below);
        assert_eq!(slow.clone().bar(Sense::Max, 0.7).outcome(), Outcome::Pass);
        assert_eq!(slow.clone().either_way().bar(Sense::Max, 1.5).outcome(), Outcome::Below);
        assert_eq!(slow.bar(Sense::Max, 0.7).skipped("no peer").outcome(), Outcome::Skipped);
    }

    #[test]
    fn a_distance_is_taken_of_the_median() {
        // Noise to both sides of 1 is no distance.
        let noisy = figure([1.2, 1.0, 0.8], [1.0; 3]).either_way();
        assert_eq!(noisy.json("b")["ratio"], 1.0);
        let slow = figure([0.5; 3], [1.0; 3]).either_way();
        assert_eq!(slow.json("b")["ratio"], 2.0);
    }

    #[test]
    fn nothing_measured_is_no_pass() {
        let empty = Figure::shown("x", "rate", "1/s", 1, Vec::new()).against("y", Vec::new()).bar(Sense::Max, 1.0);
        assert_eq!(empty.outcome(), Outcome::Below);
        let nan = figure([f64::NAN; 3], [1.0; 3]).bar(Sense::Min, 0.0);
        assert_eq!(nan.outcome(), Outcome::Below);
    }
}
