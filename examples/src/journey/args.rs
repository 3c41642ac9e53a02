//! The options of the demo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Error;

/// What `--help` prints.
pub const HELP: &str = "\
complete-journey: one real year of coupons, replayed through cardmint

  --data DIR    the data (examples/data/complete-journey)
  --out DIR     where report.html and the codes go (out)
  --db FILE     the SQLite database (complete-journey.db in the out folder); its keyring lies beside it
  --codes N     size of the large batch, 1 to 1073741824 (10000000)
  --fresh       begin anew: deletes that database, its keyring and the codes
  --help        this page

Progress goes to stderr, the funnel to stdout; the last line of stdout is one JSON object. Run again on the same database, it
changes nothing and comes to the same figures. Exit code: 0 all well, 1 something failed, 2 bad options or data.
";

/// The largest batch.
const CODES_MAX: u32 = 1 << 30;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    /// Where the data lies.
    pub data: PathBuf,
    /// Where report and codes go.
    pub out: PathBuf,
    /// The database.
    pub db: PathBuf,
    /// Size of the large batch.
    pub codes: u32,
    /// Whether to delete what an earlier run left.
    pub fresh: bool,
}

impl Args {
    /// Reads the options; `None` asks for help. `root` is where the repository's own folders are.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub fn parse(args: impl IntoIterator<Item = OsString>, root: &Path) -> Result<Option<Self>, Error> {
        let (mut data, mut out, mut db) = (None, None, None);
        let (mut codes, mut fresh) = (10_000_000, false);
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let (name, inline) = split(&arg)?;
            let mut value = || {
                let value = inline.clone().or_else(|| args.next()).filter(|value| !value.is_empty());
                value.ok_or_else(|| usage(format!("{name} needs a value")))
            };
            match name.as_str() {
                "--data" => data = Some(PathBuf::from(value()?)),
                "--out" => out = Some(PathBuf::from(value()?)),
                "--db" => db = Some(PathBuf::from(value()?)),
                "--codes" => codes = number(&value()?)?,
                "--fresh" | "--help" | "-h" if inline.is_some() => return Err(usage(format!("{name} takes no value"))),
                "--fresh" => fresh = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(usage(format!("unknown option {name}"))),
            }
        }
        let data = data.unwrap_or_else(|| root.join("examples/data/complete-journey"));
        let out = out.unwrap_or_else(|| root.join("out"));
        let db = db.unwrap_or_else(|| out.join("complete-journey.db"));
        Ok(Some(Self { data, out, db, codes, fresh }))
    }

    /// The keyring beside the database.
    pub fn keyring(&self) -> PathBuf {
        self.db.with_extension("keys.json")
    }
}

/// `--name=value` apart; any other text is all name.
fn split(arg: &OsString) -> Result<(String, Option<OsString>), Error> {
    let Some(text) = arg.to_str() else {
        return Err(usage(format!("unknown option {}", arg.display())));
    };
    Ok(match text.split_once('=') {
        Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.into())),
        Some(_) | None => (text.to_owned(), None),
    })
}

fn number(value: &OsString) -> Result<u32, Error> {
    let number = value.to_str().and_then(|text| text.replace('_', "").parse::<u32>().ok());
    number
        .filter(|number| (1..=CODES_MAX).contains(number))
        .ok_or_else(|| usage(format!("--codes {}: not a number from 1 to {CODES_MAX}", value.display())))
}

fn usage(what: String) -> Error {
    Error::Usage(format!("{what}; --help lists the options"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Args>, Error> {
        Args::parse(args.iter().map(OsString::from), Path::new("repo"))
    }

    #[test]
    fn options_are_read_and_have_defaults() {
        let plain = parse(&[]).unwrap().unwrap();
        assert_eq!(plain.data, Path::new("repo/examples/data/complete-journey"));
        assert_eq!((plain.codes, plain.fresh), (10_000_000, false));
        assert_eq!(plain.keyring(), Path::new("repo/out/complete-journey.keys.json"));
        let set = parse(&["--out=o", "--codes", "5", "--data", "d", "--fresh"]).unwrap().unwrap();
        let (data, out, db) = (PathBuf::from("d"), PathBuf::from("o"), PathBuf::from("o/complete-journey.db"));
        assert_eq!(set, Args { data, out, db, codes: 5, fresh: true });
        assert_eq!(parse(&["--fresh", "--help"]).unwrap(), None);
    }

    #[test]
    fn bad_options_are_refused_by_name() {
        for (args, text) in [
            (&["--nope"][..], "unknown option --nope"),
            (&["data"], "unknown option data"),
            (&["--codes"], "--codes needs a value"),
            (&["--codes", "0"], "--codes 0: not a number from 1 to 1073741824"),
            (&["--codes", "-1"], "--codes -1: not a number"),
            (&["--data="], "--data needs a value"),
            (&["--fresh=yes"], "--fresh takes no value"),
        ] {
            let error = parse(args).unwrap_err();
            assert!(error.is_bad_input() && error.to_string().starts_with(text), "{error}");
        }
    }
}
