//! What conditions speak of: the facts of an order, a line, a holder, a place and a moment, each with its type.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// What kind of value a fact has. It says which tests can be made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    /// An amount, in minor units.
    Money,
    /// A whole number.
    Integer,
    /// One text.
    Text,
    /// A set of texts, perhaps an empty one.
    Texts,
    /// True or false.
    Boolean,
    /// A moment, RFC 3339 in whole milliseconds.
    Instant,
    /// A local day, `2026-11-11`.
    Date,
    /// A local time of day, `21:30` or `21:30:15`.
    TimeOfDay,
    /// A local day of the week, `monday` to `sunday`.
    Weekday,
    /// A point on the earth.
    Place,
}

/// As what an order's values of a type are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole numbers: amounts, moments and days among them.
    Int,
    Text,
    Texts,
    Place,
}

/// The tests that a type has, by their names in JSON.
const OPERATORS: &[(FactType, &[&str])] = &[
    (FactType::Money, NUMBERS),
    (FactType::Integer, NUMBERS),
    (FactType::Text, &["eq", "ne", "in", "not_in", "prefix", "exists"]),
    (FactType::Texts, &["contains_any", "contains_all", "contains_none", "exists"]),
    (FactType::Boolean, &["eq", "exists"]),
    (FactType::Instant, &["gt", "at_least", "lt", "at_most", "between", "exists"]),
    (FactType::Date, NUMBERS),
    (FactType::TimeOfDay, &["between", "exists"]),
    (FactType::Weekday, &["in", "not_in", "exists"]),
    (FactType::Place, &["within", "inside", "exists"]),
];

const NUMBERS: &[&str] = &["eq", "ne", "gt", "at_least", "lt", "at_most", "between", "in", "not_in", "exists"];

impl FactType {
    pub(super) const fn form(self) -> Form {
        match self {
            Self::Text => Form::Text,
            Self::Texts => Form::Texts,
            Self::Place => Form::Place,
            Self::Money
            | Self::Integer
            | Self::Boolean
            | Self::Instant
            | Self::Date
            | Self::TimeOfDay
            | Self::Weekday => Form::Int,
        }
    }

    /// Every type.
    pub const ALL: &'static [Self] = &[
        Self::Money,
        Self::Integer,
        Self::Text,
        Self::Texts,
        Self::Boolean,
        Self::Instant,
        Self::Date,
        Self::TimeOfDay,
        Self::Weekday,
        Self::Place,
    ];

    /// The type's name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Integer => "integer",
            Self::Text => "text",
            Self::Texts => "texts",
            Self::Boolean => "boolean",
            Self::Instant => "instant",
            Self::Date => "date",
            Self::TimeOfDay => "time_of_day",
            Self::Weekday => "weekday",
            Self::Place => "place",
        }
    }

    /// The tests that can be made of it. `exists` is for facts that an order may lack.
    pub fn operators(self) -> &'static [&'static str] {
        OPERATORS.iter().find(|(of, _)| *of == self).map_or(&[], |(_, operators)| operators)
    }
}

/// What a fact is a fact of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactOf {
    /// The order as a whole, its holder, its place, the moment.
    Order,
    /// Each line.
    Line,
}

/// One row for each fact: its name, type, whose it is, whether an order may lack it, and its titles.
macro_rules! facts {
    ($($name:ident = $text:literal, $of:ident, $type:ident, $may_lack:literal, $en:literal, $zh:literal;)*) => {
        /// A fact that every order has, or may have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum KnownFact {
            $(#[doc = $en] $name,)*
        }

        impl KnownFact {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in conditions.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Its type.
            pub const fn fact_type(self) -> FactType {
                match self { $(Self::$name => FactType::$type,)* }
            }

            /// Whose it is.
            pub const fn of(self) -> FactOf {
                match self { $(Self::$name => FactOf::$of,)* }
            }

            /// Whether an order may lack it.
            pub const fn may_lack(self) -> bool {
                match self { $(Self::$name => $may_lack,)* }
            }

            /// What people call it, in English and Chinese.
            pub const fn titles(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($en, $zh),)* }
            }
        }
    };
}

facts! {
    OrderSubtotal = "order.subtotal", Order, Money, false, "the sum of the lines", "订单金额";
    OrderLines = "order.lines", Order, Integer, false, "how many lines there are", "商品行数";
    OrderQuantity = "order.quantity", Order, Integer, false, "how many pieces all lines have", "商品件数";
    OrderCurrency = "order.currency", Order, Text, false, "the currency", "币种";
    OrderSource = "order.source", Order, Text, true, "where the buyer came from", "来源";
    OrderPlacedAt = "order.placed_at", Order, Instant, true, "when the order was placed", "下单时间";
    OrderPlacedDate = "order.placed_at.date", Order, Date, true, "the day on which it was placed", "下单日期";
    OrderPlacedTime = "order.placed_at.time", Order, TimeOfDay, true, "the time of day at which it was placed", "下单时刻";
    OrderPlacedWeekday = "order.placed_at.weekday", Order, Weekday, true, "the day of the week on which it was placed", "下单星期";
    StoreId = "store.id", Order, Text, true, "the store", "门店";
    Channel = "channel", Order, Text, true, "the channel", "渠道";
    PaymentMethod = "payment.method", Order, Text, true, "the way of payment", "支付方式";
    DeviceKind = "device.kind", Order, Text, true, "the kind of device", "设备类型";
    Place = "place", Order, Place, true, "where it is bought", "位置";
    PlaceRegion = "place.region", Order, Text, true, "the region", "地区";
    HolderSegments = "holder.segments", Order, Texts, false, "the buyer's segments", "人群标签";
    HolderNewCustomer = "holder.new_customer", Order, Boolean, true, "whether the buyer is new", "是否新客";
    Now = "now", Order, Instant, false, "the moment", "当前时间";
    NowDate = "now.date", Order, Date, false, "the day", "当前日期";
    NowTime = "now.time", Order, TimeOfDay, false, "the time of day", "当前时刻";
    NowWeekday = "now.weekday", Order, Weekday, false, "the day of the week", "当前星期";
    LineProduct = "line.product", Line, Text, false, "the product", "商品";
    LineCategories = "line.categories", Line, Texts, false, "the product's categories", "商品分类";
    LineTags = "line.tags", Line, Texts, false, "the line's tags", "商品标签";
    LineQuantity = "line.quantity", Line, Integer, false, "how many pieces", "数量";
    LineAmount = "line.amount", Line, Money, false, "what the line costs", "行金额";
    LineUnitPrice = "line.unit_price", Line, Money, false, "what a piece costs, rounded down", "单价";
}

/// Whose attribute it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeOf {
    /// The order's.
    Order,
    /// Each line's.
    Line,
    /// The holder's.
    Holder,
}

impl AttributeOf {
    /// What its attributes' names in conditions begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Order => "order.attr.",
            Self::Line => "line.attr.",
            Self::Holder => "holder.attr.",
        }
    }
}

/// A fact as a condition names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FactName {
    Known(KnownFact),
    /// An attribute that the tenant declares.
    Attr(AttributeOf, String),
}

impl FactName {
    /// Reads a name; `field` is where it stands.
    pub(super) fn parse(field: &str, name: &str, of: FactOf) -> Result<Self, Invalid> {
        let known = KnownFact::ALL.iter().find(|known| known.name() == name && known.of() == of);
        let attributes: &[AttributeOf] = match of {
            FactOf::Order => &[AttributeOf::Order, AttributeOf::Holder],
            FactOf::Line => &[AttributeOf::Line],
        };
        let attribute = attributes.iter().find_map(|of| {
            let rest = name.strip_prefix(of.prefix()).filter(|rest| !rest.is_empty())?;
            Some(Self::Attr(*of, rest.to_owned()))
        });
        known.copied().map(Self::Known).or(attribute).ok_or_else(|| {
            let allowed = match of {
                FactOf::Order => "a fact of the order, such as order.subtotal or store.id (facts of lines stand within `lines.where`)",
                FactOf::Line => "a fact of a line, such as line.product or line.tags",
            };
            let given = if crate::id::check_name("fact", name).is_ok() { name } else { "a text that is no name" };
            Invalid::new(field, given, allowed)
        })
    }

    /// Whether an order may lack it.
    pub(super) fn may_lack(&self) -> bool {
        match self {
            Self::Known(known) => known.may_lack(),
            Self::Attr(..) => true,
        }
    }

    /// Whether its value is a person's own and stays out of denials.
    pub(super) fn is_private(&self, of: FactType) -> bool {
        let plain = matches!(of, FactType::Money | FactType::Integer | FactType::Boolean);
        matches!(self, Self::Attr(AttributeOf::Holder, _)) && !plain || of == FactType::Place
    }

    /// What people call it.
    pub(super) fn title_zh(&self) -> String {
        match self {
            Self::Known(known) => known.titles().1.to_owned(),
            Self::Attr(..) => self.to_string(),
        }
    }
}

impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => f.write_str(known.name()),
            Self::Attr(of, name) => write!(f, "{}{name}", of.prefix()),
        }
    }
}
