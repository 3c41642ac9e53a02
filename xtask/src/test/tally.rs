//! Counting, and reading what test runners print.

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    pub const fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    pub const fn success() -> Self {
        Self { passed: 1, failed: 0, skipped: 0 }
    }

    pub const fn failure() -> Self {
        Self { passed: 0, failed: 1, skipped: 0 }
    }

    pub const fn of(passed: bool) -> Self {
        if passed { Self::success() } else { Self::failure() }
    }

    /// A runner that ends badly without having named a failed test (it did not compile, it was killed) has failed once.
    pub const fn with_exit(self, success: bool) -> Self {
        if success || self.failed > 0 { self } else { Self { failed: 1, ..self } }
    }
}

/// Reads libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; …`. An ignored test counts as skipped.
pub fn libtest(line: &str) -> Option<Tally> {
    // A test that printed without a newline may stand before it.
    let (_, result) = line.split_once("test result: ")?;
    let number = |word: &str| -> Option<u64> {
        let (before, _) = result.split_once(&format!(" {word}"))?;
        before.rsplit(' ').next()?.parse().ok()
    };
    Some(Tally { passed: number("passed;")?, failed: number("failed;")?, skipped: number("ignored;")? })
}

/// Reads the end of a `unittest` run: `Ran 7 tests in …`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`.
pub fn unittest(output: &str) -> Option<Tally> {
    let ran: u64 = output.lines().rev().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok())?;
    let verdict = output.lines().rev().find(|line| line.starts_with("OK") || line.starts_with("FAILED"))?;
    let number = |word: &str| -> u64 {
        verdict
            .split(['(', ')', ','])
            .find_map(|part| part.trim().strip_prefix(word)?.strip_prefix('=')?.parse().ok())
            .unwrap_or(0)
    };
    let failed = number("failures") + number("errors") + number("unexpected successes");
    let skipped = number("skipped");
    // A test with several failing subtests fails several times; the count of the rest never goes below nothing.
    Some(Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped })
}

/// Reads the end of a TAP report of Node's runner: `# pass 3`, `# fail 1`, `# cancelled 0`, `# skipped 2`, `# todo 0`.
pub fn tap(output: &str) -> Option<Tally> {
    let number = |word: &str| -> Option<u64> {
        output
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("# ")?.strip_prefix(word)?.strip_prefix(' ')?.parse().ok())
    };
    Some(Tally {
        passed: number("pass")?,
        failed: number("fail")? + number("cancelled")?,
        skipped: number("skipped")? + number("todo")?,
    })
}

/// Reads the last line of a program of ours, `3 passed, 1 failed`.
pub fn programs(output: &str) -> Option<Tally> {
    let (passed, failed) = output.trim_end().lines().next_back()?.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()?, skipped: 0 })
}

#[cfg(test)]
mod tests {
    use super::{Tally, libtest, programs, tap, unittest};

    #[test]
    fn libtest_lines_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(libtest(line), Some(Tally { passed: 12, failed: 3, skipped: 2 }));
        assert_eq!(libtest(&format!("noise{line}")), Some(Tally { passed: 12, failed: 3, skipped: 2 }));
        assert_eq!(libtest("test a ... ok"), None);
    }

    #[test]
    fn unittest_ends_are_read() {
        let fine = "Ran 7 tests in 0.1s\n\nOK\n";
        assert_eq!(unittest(fine), Some(Tally { passed: 7, failed: 0, skipped: 0 }));
        let skips = "Ran 7 tests in 0.1s\n\nOK (skipped=2)\n";
        assert_eq!(unittest(skips), Some(Tally { passed: 5, failed: 0, skipped: 2 }));
        let bad = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1, unexpected successes=1)\n";
        assert_eq!(unittest(bad), Some(Tally { passed: 2, failed: 4, skipped: 1 }));
        assert_eq!(unittest("Traceback"), None);
    }

    #[test]
    fn tap_reports_are_read() {
        let report =
            "ok 1 - x\n1..1\n# tests 7\n# suites 0\n# pass 4\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n";
        assert_eq!(tap(report), Some(Tally { passed: 4, failed: 2, skipped: 1 }));
        assert_eq!(tap("TAP version 13"), None);
    }

    #[test]
    fn counts_of_programs_are_read() {
        assert_eq!(programs("failed: x\n4 passed, 1 failed\n"), Some(Tally { passed: 4, failed: 1, skipped: 0 }));
        assert_eq!(programs("4 passed, 1 failed\nmore"), None);
        assert_eq!(programs(""), None);
    }

    #[test]
    fn a_bad_exit_is_never_a_pass() {
        assert_eq!(Tally::default().with_exit(false), Tally::failure());
        assert_eq!(Tally::success().with_exit(true), Tally::success());
        let one = Tally { passed: 4, failed: 1, skipped: 0 };
        assert_eq!(one.with_exit(false), one);
    }
}
