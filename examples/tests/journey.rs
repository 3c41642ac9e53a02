//! The whole year on the memory store: its figures, its repetition, and that they come from the orders alone.

use std::fs;
use std::path::{Path, PathBuf};

use cardmint::store::MemoryStore;
use cardmint_examples::journey::{
    Figures, Journey, Progress, Stage, Totals, Verdict, code_format, fresh_keyring, mint, play, report, what_if,
};

fn journey() -> Journey {
    Journey::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/complete-journey")).unwrap()
}

fn stage() -> Stage {
    Stage::over(MemoryStore::new(), fresh_keyring().unwrap()).unwrap()
}

fn figures(stage: &Stage, journey: &Journey) -> Figures {
    play(stage, journey, &mut Progress::silent()).unwrap().0
}

#[test]
fn the_data_holds_what_its_readme_says() {
    let journey = journey();
    assert_eq!((journey.campaigns.len(), journey.coupons.len()), (27, 1_197));
    assert_eq!((journey.mailed(), journey.recorded(), journey.lines_dropped), (6_589, 2_102, 924));
    assert_eq!(journey.coupons.iter().map(|coupon| coupon.products.len()).max(), Some(14_477));
    let quantities = journey.days.iter().flat_map(|day| &day.baskets).flat_map(|basket| &basket.lines);
    assert_eq!(quantities.map(|line| line.quantity).max(), Some(29_383));
}

#[test]
fn the_year_comes_to_its_figures_and_a_second_run_to_the_same() {
    let (journey, stage) = (journey(), stage());
    let first = figures(&stage, &journey);
    let totals = Totals {
        mailed: 6_589,
        claimed: 2_102,
        tried: 2_102,
        redeemed: 1_592,
        denied_no_matching_product: 508,
        denied_no_effect: 2,
        lines_dropped: 924,
        discount_minor: 157_493,
    };
    assert_eq!(first.totals, totals);
    assert_eq!(first.weeks.iter().map(|week| week.redemptions).sum::<u32>(), 1_592);
    assert!(first.campaigns.iter().all(|campaign| campaign.redeemers <= campaign.mailed));
    // The order of the campaigns by what was handed in, from the data's own page.
    let mut by_claimed: Vec<_> = first.campaigns.iter().map(|campaign| (campaign.claimed, campaign.id)).collect();
    by_claimed.sort_by(|a, b| b.cmp(a));
    assert_eq!(by_claimed[..3], [(653, 18), (629, 13), (372, 8)]);
    assert_eq!(figures(&stage, &journey), first);

    let what_if = what_if(&stage.tenant, &journey, &mut Progress::silent()).unwrap();
    let page = report::page(&first, &what_if);
    assert!(page.contains("2,102") && page.contains("1,592") && page.contains("$1574.93"));
}

/// Two promotions over the year's baskets, beside sums of the baskets' own amounts.
#[test]
fn what_promotions_would_have_come_to() {
    let (journey, stage) = (journey(), stage());
    let tried = what_if(&stage.tenant, &journey, &mut Progress::silent()).unwrap();
    let baskets = journey.days.iter().flat_map(|day| &day.baskets);
    let totals: Vec<i64> = baskets.map(|basket| basket.lines.iter().map(|line| line.cents).sum()).collect();
    let off_from: Vec<i64> = totals.iter().map(|total| if *total >= 4_000 { 500 } else { 0 }).collect();
    let percent: Vec<i64> = totals.iter().map(|total| ((total + 5) / 10).min(500)).collect();
    for (report, off) in [(&tried.off_from, &off_from), (&tried.percent, &percent)] {
        assert_eq!(report.orders, totals.len() as u64);
        assert_eq!(report.before_minor, totals.iter().sum::<i64>());
        assert_eq!(report.discount_minor, off.iter().sum::<i64>());
        assert_eq!(report.touched, off.iter().filter(|off| **off > 0).count() as u64);
        let bands = &report.segments[0].each;
        assert_eq!((bands.len(), bands.iter().map(|band| band.orders).sum::<u64>()), (6, report.orders));
        assert_eq!(bands.iter().map(|band| band.discount_minor).sum::<i64>(), report.discount_minor);
    }
    let lower = |one: &[i64], other: &[i64]| one.iter().zip(other).filter(|(one, other)| one > other).count() as u64;
    let compared = &tried.comparison;
    assert_eq!((compared.left_lower, compared.right_lower), (lower(&off_from, &percent), lower(&percent, &off_from)));
    assert!(tried.off_from.discount_minor > 0 && compared.left_lower > 0 && compared.right_lower > 0);
    assert!(stage.tenant.list_samples(cardmint::ListSamples {}).unwrap().is_empty());
}

/// What a coupon names decides, so two coupons that swap their products come to other figures.
#[test]
fn the_figures_come_from_the_orders() {
    let mut journey = journey();
    let recorded = journey.recorded_of_coupons();
    let most = (0..recorded.len()).max_by_key(|place| recorded[*place]).unwrap();
    let strange = |place: &usize| {
        let (a, b) = (&journey.coupons[most], &journey.coupons[*place]);
        recorded[*place] > 0 && a.products.is_disjoint(&b.products)
    };
    let other = (0..recorded.len()).filter(strange).max_by_key(|place| recorded[*place]).unwrap();
    let (mine, its) = (journey.coupons[most].products.clone(), journey.coupons[other].products.clone());
    journey.coupons[most].products = its;
    journey.coupons[other].products = mine;

    let (figures, outcome) = play(&stage(), &journey, &mut Progress::silent()).unwrap();
    let totals = figures.totals;
    assert_eq!(totals.tried, 2_102);
    assert_eq!(totals.redeemed + totals.denied_no_matching_product + totals.denied_no_effect, 2_102);
    assert_ne!(totals.redeemed, 1_592);
    let moved = outcome.tried.iter().filter(|tried| tried.coupon == most || tried.coupon == other);
    assert!(moved.filter(|tried| tried.verdict == Verdict::NoMatchingProduct).count() > 0);
}

fn lines(path: &PathBuf) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn codes_are_streamed_continued_kept_and_written_anew() {
    const SIZE: u32 = 2_500;
    let (stage, out) = (stage(), tempfile::tempdir().unwrap());
    let path = mint::codes_file(out.path(), SIZE);
    let minted = || {
        let minted = mint::mint(&stage.tenant, code_format(), SIZE, out.path(), &mut Progress::silent());
        assert_eq!(minted.unwrap().codes, u64::from(SIZE));
        lines(&path)
    };
    let whole = minted();
    assert_eq!(whole.len(), 2_500);
    assert!(whole[2_499].starts_with("2499,"));
    assert_eq!(minted(), whole, "a complete file is kept");

    let broken = whole.iter().take(1_700).map(|line| format!("{line}\n")).collect::<String>();
    for torn in [format!("{broken}17"), broken.clone(), format!("{broken}1700,AB"), String::new(), "0,A".to_owned()] {
        fs::write(&path, torn).unwrap();
        assert_eq!(minted(), whole, "a broken file is continued");
    }
    let foreign = whole.iter().map(|line| line.replacen(',', ",Z", 1) + "\n").collect::<String>();
    for strange in [foreign, format!("{broken}9999999,AB\n"), "what is this\n".to_owned()] {
        fs::write(&path, strange).unwrap();
        assert_eq!(minted(), whole, "a file of something else is written anew");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::remove_file(&path).unwrap();
        assert_eq!(minted(), whole);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// What the demo prints, its last line apart.
fn demo(out: &Path) -> (String, String) {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_complete-journey"))
        .args(["--codes", "1_000", "--out"])
        .arg(out)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let printed = String::from_utf8(run.stdout).unwrap();
    let (figures, last) = printed.trim_end().rsplit_once('\n').unwrap();
    (figures.to_owned(), last.to_owned())
}

#[test]
fn the_demo_runs_on_a_file_and_again_without_a_change() {
    let out = tempfile::tempdir().unwrap();
    let (figures, last) = demo(out.path());
    let counts = "{\"mailed\":6589,\"claimed\":2102,\"tried\":2102,\"redeemed\":1592,\"denied_no_matching_product\":508,\
                  \"denied_no_effect\":2,\"lines_dropped\":924,\"codes_minted\":1000,\"mint_codes_per_s\":";
    assert!(last.starts_with(counts) && last.ends_with('}'), "{last}");
    let read = |name: &str| fs::read(out.path().join(name)).unwrap();
    let (codes, keys, page) = (read("codes-1000.csv"), read("complete-journey.keys.json"), read("report.html"));

    let (again, last) = demo(out.path());
    assert_eq!(again, figures);
    assert!(last.starts_with(counts), "{last}");
    assert!(codes == read("codes-1000.csv") && keys == read("complete-journey.keys.json"));
    assert!(page == read("report.html"));

    fs::remove_file(out.path().join("complete-journey.keys.json")).unwrap();
    let (code, text) = refused(&["--out", out.path().to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(text.contains("begin anew with --fresh"), "{text}");
}

/// Runs the binary and gives its exit code and stderr.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_complete-journey")).args(args).output().unwrap();
    assert!(out.stdout.is_empty(), "nothing is printed for a bad start");
    (out.status.code(), String::from_utf8(out.stderr).unwrap())
}

#[test]
fn bad_input_is_named_at_once_with_exit_code_2() {
    let (code, text) = refused(&["--nope"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("unknown option --nope"), "{text}");

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("gone");
    let out = folder.path().join("out");
    let (code, text) = refused(&["--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(2));
    assert!(text.contains("gone: no such folder"), "{text}");
    assert!(!out.exists(), "nothing is made for a bad start");
}
