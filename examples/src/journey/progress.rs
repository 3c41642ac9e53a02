//! Says how far the demo is, on stderr: one line that is rewritten on a terminal, a plain line now and then elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Where progress is shown. Never fails: who closes stderr wants none.
pub struct Progress {
    shown: Shown,
    label: &'static str,
    last: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Rewritten,
    Plain,
    Not,
}

impl Progress {
    /// On stderr.
    pub fn on_stderr() -> Self {
        let shown = if stderr().is_terminal() { Shown::Rewritten } else { Shown::Plain };
        Self { shown, label: "", last: None }
    }

    /// Nowhere.
    pub fn silent() -> Self {
        Self { shown: Shown::Not, label: "", last: None }
    }

    /// `done` of `total` of a step. A step that is all done ends its line.
    pub fn step(&mut self, label: &'static str, done: u64, total: u64) {
        let every = match self.shown {
            Shown::Rewritten => Duration::from_millis(100),
            Shown::Plain => Duration::from_secs(5),
            Shown::Not => return,
        };
        let fresh = label != self.label;
        if !fresh && done < total && self.last.is_some_and(|last| last.elapsed() < every) {
            return;
        }
        (self.label, self.last) = (label, Some(Instant::now()));
        let line = format!("{label}: {} of {}", grouped(done), grouped(total));
        let mut stderr = stderr().lock();
        let _ = match self.shown {
            Shown::Rewritten if done < total => write!(stderr, "\r\x1b[2K{line}"),
            Shown::Rewritten => writeln!(stderr, "\r\x1b[2K{line}"),
            Shown::Plain | Shown::Not => writeln!(stderr, "{line}"),
        };
        let _ = stderr.flush();
        if done >= total {
            self.label = "";
        }
    }
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.len();
    let mut text = String::with_capacity(places + places / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (places - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 10_000_000].map(grouped), ["0", "999", "1,000", "10,000,000"]);
    }
}
