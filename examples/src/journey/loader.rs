//! Reads the data of the story and refuses what it cannot mean, by file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use cardmint::time::Instant;
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Deserialize;

use super::Error;

/// The zone that the chain's local times are read in. The publisher names none; the stores are in the United States.
pub const ZONE: &str = "America/New_York";

/// One campaign and to whom it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: u32,
    /// The publisher's word for its kind, such as `Type A`.
    pub kind: String,
    /// First day.
    pub start: Date,
    /// Last day; it still counts.
    pub end: Date,
    /// The households that it was sent to, each once.
    pub mailed: BTreeSet<u32>,
}

/// One coupon of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// The campaign.
    pub campaign: u32,
    /// The number printed on it.
    pub upc: u64,
    /// The products that it names.
    pub products: BTreeSet<u32>,
}

impl Coupon {
    /// The name of its template, its batch and its product set.
    pub fn name(&self) -> String {
        format!("c{}-{}", self.campaign, self.upc)
    }
}

/// A line of a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketLine {
    /// What was bought.
    pub product: u32,
    /// The publisher's category; empty where there is none.
    pub category: String,
    /// Pieces, 1 or more.
    pub quantity: u32,
    /// What the whole line cost, in cents.
    pub cents: i64,
}

/// What a household bought at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// Its number.
    pub id: u64,
    /// The store.
    pub store: u32,
    /// When it was paid.
    pub at: Instant,
    /// Its lines; never none.
    pub lines: Vec<BasketLine>,
}

/// A redemption as it was recorded: that it was handed in, not what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its row in the file, from 1, the header not counted.
    pub row: u32,
    /// Place of its coupon among [`Journey::coupons`].
    pub coupon: usize,
}

/// All redemptions of a household on one day, in the order of the file, and its baskets of that day by time and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdDay {
    /// The household.
    pub household: u32,
    /// The local day.
    pub day: Date,
    /// Noon of that day: when its coupons are claimed where no basket is on file.
    pub noon: Instant,
    /// The redemptions.
    pub redemptions: Vec<Recorded>,
    /// The baskets; none on some days.
    pub baskets: Vec<Basket>,
}

/// The year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// Campaigns by number.
    pub campaigns: Vec<Campaign>,
    /// Coupons by campaign and number.
    pub coupons: Vec<Coupon>,
    /// What was handed in, in the order of the file.
    pub days: Vec<HouseholdDay>,
    /// Basket lines of quantity 0, which no order can hold.
    pub lines_dropped: u32,
}

#[derive(Deserialize)]
struct CampaignRow {
    campaign_id: u32,
    campaign_type: String,
    start_date: String,
    end_date: String,
}

#[derive(Deserialize)]
struct MailingRow {
    campaign_id: u32,
    household_id: u32,
}

#[derive(Deserialize)]
struct ProductRow {
    coupon_upc: u64,
    product_id: u32,
    campaign_id: u32,
}

#[derive(Deserialize)]
struct RedemptionRow {
    household_id: u32,
    coupon_upc: u64,
    campaign_id: u32,
    day: String,
}

/// What a till saw. The discounts that were recorded are not read: the engine works out its own.
#[derive(Deserialize)]
struct LineRow {
    household_id: u32,
    basket_id: u64,
    store_id: u32,
    at: String,
    product_id: u32,
    product_category: String,
    quantity: u32,
    sales_cents: i64,
}

/// Baskets of a household's day, by time and number.
type Baskets = BTreeMap<(u32, Date), BTreeMap<(DateTime, u64), Basket>>;

impl Journey {
    /// Reads the five files of the folder.
    ///
    /// # Errors
    /// [`Error::Data`] and [`Error::Row`].
    pub fn load(folder: &Path) -> Result<Self, Error> {
        if !folder.is_dir() {
            let what = "no such folder; run from the root of the repository, or name the data with --data DIR";
            return Err(Error::Data { file: folder.display().to_string(), what: what.to_owned() });
        }
        let zone = TimeZoneDatabase::bundled().get(ZONE);
        let zone = zone.map_err(|error| Error::Story(format!("time zone {ZONE}: {error}")))?;
        let campaigns = campaigns(folder)?;
        let coupons = coupons(folder, &campaigns)?;
        let (mut baskets, lines_dropped) = baskets(folder, &zone)?;
        let days = days(folder, &zone, &campaigns, &coupons, &mut baskets)?;
        Ok(Self { campaigns: campaigns.into_values().collect(), coupons, days, lines_dropped })
    }

    /// How many households the campaigns were sent to, a household counted for each.
    pub fn mailed(&self) -> usize {
        self.campaigns.iter().map(|campaign| campaign.mailed.len()).sum()
    }

    /// How many redemptions were recorded.
    pub fn recorded(&self) -> usize {
        self.days.iter().map(|day| day.redemptions.len()).sum()
    }

    /// How many were recorded of each coupon, in the order of [`Journey::coupons`].
    pub fn recorded_of_coupons(&self) -> Vec<u32> {
        let mut counts = vec![0; self.coupons.len()];
        for recorded in self.days.iter().flat_map(|day| &day.redemptions) {
            if let Some(count) = counts.get_mut(recorded.coupon) {
                *count += 1;
            }
        }
        counts
    }
}

fn campaigns(folder: &Path) -> Result<BTreeMap<u32, Campaign>, Error> {
    let mut campaigns = BTreeMap::new();
    rows(folder, "campaigns.csv.gz", |_, row: CampaignRow| {
        let (start, end) = (date(&row.start_date)?, date(&row.end_date)?);
        if end < start {
            return Err(format!("end_date {end} lies before start_date {start}"));
        }
        let id = row.campaign_id;
        let campaign = Campaign { id, kind: row.campaign_type, start, end, mailed: BTreeSet::new() };
        campaigns.insert(id, campaign).map_or(Ok(()), |_| Err(format!("campaign {id} stands twice in the file")))
    })?;
    rows(folder, "mailings.csv.gz", |_, MailingRow { campaign_id, household_id }| {
        let campaign = campaigns.get_mut(&campaign_id).ok_or_else(|| no_campaign(campaign_id))?;
        if campaign.mailed.insert(household_id) {
            return Ok(());
        }
        Err(format!("campaign {campaign_id} was sent to household {household_id} twice"))
    })?;
    Ok(campaigns)
}

fn coupons(folder: &Path, campaigns: &BTreeMap<u32, Campaign>) -> Result<Vec<Coupon>, Error> {
    let mut products: BTreeMap<(u32, u64), BTreeSet<u32>> = BTreeMap::new();
    rows(folder, "coupon_products.csv.gz", |_, row: ProductRow| {
        if !campaigns.contains_key(&row.campaign_id) {
            return Err(no_campaign(row.campaign_id));
        }
        products.entry((row.campaign_id, row.coupon_upc)).or_default().insert(row.product_id);
        Ok(())
    })?;
    Ok(products.into_iter().map(|((campaign, upc), products)| Coupon { campaign, upc, products }).collect())
}

fn baskets(folder: &Path, zone: &TimeZone) -> Result<(Baskets, u32), Error> {
    let (mut baskets, mut dropped) = (Baskets::new(), 0);
    rows(folder, "basket_lines.csv.gz", |_, row: LineRow| {
        let local: DateTime = row.at.parse().map_err(|_| format!("at: `{}` is no local time", row.at))?;
        let at = instant(local, zone)?;
        if row.sales_cents < 0 {
            return Err(format!("sales_cents: {} is below 0", row.sales_cents));
        }
        if row.quantity == 0 {
            dropped += 1;
            return Ok(());
        }
        let basket = baskets.entry((row.household_id, local.date())).or_default();
        let basket = basket.entry((local, row.basket_id)).or_insert_with(|| Basket {
            id: row.basket_id,
            store: row.store_id,
            at,
            lines: Vec::new(),
        });
        basket.lines.push(BasketLine {
            product: row.product_id,
            category: row.product_category,
            quantity: row.quantity,
            cents: row.sales_cents,
        });
        Ok(())
    })?;
    Ok((baskets, dropped))
}

fn days(
    folder: &Path,
    zone: &TimeZone,
    campaigns: &BTreeMap<u32, Campaign>,
    coupons: &[Coupon],
    baskets: &mut Baskets,
) -> Result<Vec<HouseholdDay>, Error> {
    let mut days: Vec<HouseholdDay> = Vec::new();
    rows(folder, "redemptions.csv.gz", |row_number, row: RedemptionRow| {
        let (day, household) = (date(&row.day)?, row.household_id);
        if !campaigns.contains_key(&row.campaign_id) {
            return Err(no_campaign(row.campaign_id));
        }
        let wanted = (row.campaign_id, row.coupon_upc);
        let Ok(coupon) = coupons.binary_search_by_key(&wanted, |coupon| (coupon.campaign, coupon.upc)) else {
            return Err(format!("campaign {} has no coupon {}", row.campaign_id, row.coupon_upc));
        };
        let recorded = Recorded { row: row_number, coupon };
        match days.last_mut() {
            Some(last) if (last.household, last.day) == (household, day) => last.redemptions.push(recorded),
            // Its baskets are not taken out of the map: the same day may stand in the file again further down.
            Some(_) | None => days.push(HouseholdDay {
                household,
                day,
                noon: instant(day.at(12, 0, 0, 0), zone)?,
                redemptions: vec![recorded],
                baskets: baskets.get(&(household, day)).into_iter().flat_map(BTreeMap::values).cloned().collect(),
            }),
        }
        Ok(())
    })?;
    Ok(days)
}

fn no_campaign(id: u32) -> String {
    format!("campaigns.csv.gz has no campaign {id}")
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no date such as 2017-03-01"))
}

/// A local time as a moment. One that summer time swallows is read as if it had not, one that occurs twice as the first.
fn instant(local: DateTime, zone: &TimeZone) -> Result<Instant, String> {
    let zoned = local.to_zoned(zone.clone()).map_err(|error| error.to_string())?;
    Instant::from_millis("at", zoned.timestamp().as_millisecond()).map_err(|error| error.to_string())
}

/// Hands every row of a file, with its number from 1, to `take`.
fn rows<R: serde::de::DeserializeOwned>(
    folder: &Path,
    name: &str,
    mut take: impl FnMut(u32, R) -> Result<(), String>,
) -> Result<(), Error> {
    let path = folder.join(name);
    let broken = |what: String| Error::Data { file: path.display().to_string(), what };
    let file = File::open(&path).map_err(|error| broken(error.to_string()))?;
    let mut reader = ReaderBuilder::new().from_reader(MultiGzDecoder::new(BufReader::new(file)));
    let bad_row = |line: u64, what: String| Error::Row { file: path.display().to_string(), line, what };
    let refuse = |error: csv::Error| match (error.position().map(csv::Position::line), error.kind()) {
        (Some(line), ErrorKind::UnequalLengths { expected_len, len, .. }) => {
            bad_row(line, format!("{len} fields where the header has {expected_len}"))
        }
        (Some(line), ErrorKind::Deserialize { err, .. }) => bad_row(line, err.to_string()),
        (Some(line), _) => bad_row(line, error.to_string()),
        (None, _) => broken(error.to_string()),
    };
    let header = reader.headers().map_err(refuse)?.clone();
    let (mut record, mut number) = (StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(refuse)? {
        let row: R = record.deserialize(Some(&header)).map_err(|error| match error.kind() {
            ErrorKind::Deserialize { err, .. } => {
                let field = err.field().and_then(|place| header.get(usize::try_from(place).unwrap_or(usize::MAX)));
                let field = field.map(|name| format!("{name}: ")).unwrap_or_default();
                let line = record.position().map_or(0, csv::Position::line);
                bad_row(line, format!("{field}{}", err.kind()))
            }
            _ => refuse(error),
        })?;
        number += 1;
        take(number, row).map_err(|what| bad_row(record.position().map_or(0, csv::Position::line), what))?;
    }
    if number == 0 { Err(broken("no rows".to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// A small year: two campaigns, two coupons, three redemptions, one of them on a day without a basket.
    const FILES: [(&str, &str); 5] = [
        ("campaigns", "campaign_id,campaign_type,start_date,end_date\n1,Type A,2017-03-01,2017-03-31\n"),
        ("mailings", "campaign_id,household_id\n1,7\n1,8\n"),
        ("coupon_products", "coupon_upc,product_id,campaign_id\n55,101,1\n55,102,1\n66,103,1\n"),
        (
            "redemptions",
            "household_id,coupon_upc,campaign_id,day\n7,55,1,2017-03-12\n7,66,1,2017-03-12\n8,55,1,2017-03-13\n",
        ),
        (
            "basket_lines",
            "household_id,basket_id,store_id,at,product_id,department,product_category,quantity,sales_cents,retail_discount_cents,coupon_discount_cents\n\
             7,902,4,2017-03-12T09:00:00,103,GROCERY,TEA,2,500,0,0\n\
             7,901,4,2017-03-12T01:59:59,101,GROCERY,,1,99,0,0\n\
             7,901,4,2017-03-12T01:59:59,9,,,0,0,0,100\n",
        ),
    ];

    fn folder(change: impl Fn(&str, &str) -> String) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in FILES {
            let file = File::create(folder.path().join(format!("{name}.csv.gz"))).unwrap();
            let mut gzip = GzEncoder::new(file, Compression::fast());
            gzip.write_all(change(name, text).as_bytes()).unwrap();
            gzip.finish().unwrap();
        }
        folder
    }

    fn refused(file: &'static str, from: &'static str, to: &'static str) -> String {
        let folder = folder(|name, text| if name == file { text.replacen(from, to, 1) } else { text.to_owned() });
        let error = Journey::load(folder.path()).unwrap_err();
        assert!(error.is_bad_input(), "{error}");
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn a_small_year_is_read() {
        let folder = folder(|_, text| text.to_owned());
        let journey = Journey::load(folder.path()).unwrap();
        assert_eq!((journey.mailed(), journey.recorded(), journey.lines_dropped), (2, 3, 1));
        assert_eq!(journey.recorded_of_coupons(), [2, 1]);
        let [first, second] = &journey.days[..] else { panic!("two household-days") };
        assert_eq!(first.redemptions.iter().map(|recorded| recorded.row).collect::<Vec<_>>(), [1, 2]);
        let times: Vec<_> = first.baskets.iter().map(|basket| (basket.id, basket.at.to_string())).collect();
        // The night to summer time lies between the two baskets.
        assert_eq!(times, [(901, "2017-03-12T06:59:59Z".to_owned()), (902, "2017-03-12T13:00:00Z".to_owned())]);
        assert_eq!(first.baskets[0].lines.len(), 1);
        assert!(second.baskets.is_empty());
        assert_eq!(second.noon.to_string(), "2017-03-13T16:00:00Z");
    }

    #[test]
    fn a_bad_row_is_refused_by_file_and_line() {
        let refusals = [
            ("mailings", "1,8", "1,eight", "mailings.csv.gz, line 3: household_id: invalid digit found in string"),
            ("mailings", "1,8", "1", "mailings.csv.gz, line 3: 1 fields where the header has 2"),
            ("mailings", "1,8", "2,8", "mailings.csv.gz, line 3: campaigns.csv.gz has no campaign 2"),
            ("mailings", "1,8", "1,7", "mailings.csv.gz, line 3: campaign 1 was sent to household 7 twice"),
            (
                "campaigns",
                "2017-03-31",
                "2017-02-28",
                "campaigns.csv.gz, line 2: end_date 2017-02-28 lies before start_date 2017-03-01",
            ),
            ("redemptions", "7,66", "7,77", "redemptions.csv.gz, line 3: campaign 1 has no coupon 77"),
            (
                "redemptions",
                "2017-03-13",
                "yesterday",
                "redemptions.csv.gz, line 4: `yesterday` is no date such as 2017-03-01",
            ),
            (
                "basket_lines",
                "T09:00:00",
                "T25:00:00",
                "basket_lines.csv.gz, line 2: at: `2017-03-12T25:00:00` is no local time",
            ),
            ("basket_lines", ",500,", ",-500,", "basket_lines.csv.gz, line 2: sales_cents: -500 is below 0"),
            ("coupon_products", "product_id", "product", "coupon_products.csv.gz, line 2: missing field `product_id`"),
        ];
        for (file, from, to, text) in refusals {
            assert_eq!(refused(file, from, to), text);
        }
    }

    #[test]
    fn what_is_missing_or_no_gzip_is_refused_by_name() {
        let gone = Journey::load(Path::new("no/such/folder")).unwrap_err();
        assert!(gone.is_bad_input() && gone.to_string().starts_with("no/such/folder: "), "{gone}");
        let folder = folder(|_, text| text.to_owned());
        let path = folder.path().join("mailings.csv.gz");
        std::fs::write(&path, "campaign_id,household_id\n1,7\n").unwrap();
        let garbled = Journey::load(folder.path()).unwrap_err();
        assert!(garbled.is_bad_input() && garbled.to_string().contains("mailings.csv.gz"), "{garbled}");
        std::fs::remove_file(&path).unwrap();
        let missing = Journey::load(folder.path()).unwrap_err();
        assert!(missing.is_bad_input() && missing.to_string().contains("mailings.csv.gz"), "{missing}");
    }
}
