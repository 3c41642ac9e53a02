// Written by `cargo xtask gen` from the table of operations; do not edit.
// What requests and replies are made of: plain data.

/** Whatever JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An instant of a request: a date, or RFC 3339 as the replies have it. */
export type Moment = string | Date;

/** An account, as records hold it. */
export type AccountOf = { holder: SubjectKey; } | { channel: string; } | { system: string; };

/** An account, as a request names it. What cards hold is moved by redeeming, loading and adjusting them. */
export type AccountPick = { holder: Subject; } | { channel: string; } | { system: string; };

/** Something that the host is to do: nothing comes off for it. */
export type Action = { gifts: { /** How many entries may be chosen each time. */ choose: number; /** What there is. */ of: Array<GiftItem>; /** How many times. */ times: number; }; } | { host: { /** What it is to know. */ data?: Json | undefined; /** The host's name for it. */ name: string; /** How many times. */ times: number; }; };

/** Lists subjects as a campaign's audience. Those that are listed already stay so. */
export interface AddAudience {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** 1 to 1,000 subjects. */
  subjects: Array<Subject>;
}

/** Sets right what a gift card holds; needs a reason. */
export interface Adjust {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** By how much, in minor units of the card's currency; below 0 to take away. */
  delta_minor: number;
  /** Key, reason, origin. */
  meta: Meta;
}

/** How long a card is good once it was claimed or given to a holder. */
export type AfterClaim = { days: Setting; } | { seconds: number; };

/** A line's share of a discount: it lowers what the invoice (发票) says of the line. */
export interface Allocation {
  /** What it cost before, in minor units. */
  before_minor: number;
  /** Who bears what of it, where the template says so. */
  funded?: Array<Funded> | undefined;
  /** The line's id within the order. */
  line: string;
  /** What comes off, from 0 to `before_minor`. */
  off_minor: number;
}

/** Among which pieces a deal picks. */
export type Among = "each" | "all";

/** For what the figure of a deal stands. */
export type Apply = "across" | "each" | "once";

/** Puts a batch out of the way. */
export interface ArchiveBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Puts a campaign out of the way, for good. */
export interface ArchiveCampaign {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Takes a promotion off orders for good. */
export interface ArchivePromotion {
  /** The promotion. */
  id: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** The value of an attribute, as its declared type asks. Debug does not show it: it may be personal. */
export type AttrValue = boolean | number | string | Array<string>;

/** A fact of the host's own that conditions may speak of. */
export interface Attribute {
  /** Its name: `order.attr.NAME` in conditions. */
  name: string;
  /** Whose it is. */
  of: AttributeOf;
  /** What people call it; 1 to 200 characters. */
  title?: string | null | undefined;
  /** The type of its values; once declared it stays. Times of day, weekdays and places are none. */
  type: FactType;
  /** Of texts and sets of texts: the values that there are. Any, where none is listed. */
  values?: Array<string> | undefined;
}

/** Whose attribute it is. */
export type AttributeOf = "order" | "line" | "holder";

/** Who may claim a campaign's cards. */
export type Audience = "open" | "listed";

/** How many subjects were new on the list. */
export interface AudienceAdded {
  /** Subjects that were not listed before. */
  added: number;
}

/** Works everything out again from the journal. */
export interface Audit {
  /** Chain heads that the host kept from the feed, at most 100,000: an end of a card's history that was cut off shows only by them. */
  heads?: Array<ChainHead> | undefined;
}

/** What an audit came to. */
export interface AuditReport {
  /** Accounts. */
  accounts: number;
  /** Cards with rows. */
  cards: number;
  /** Whether the chains of HMACs were checked: not without keys. */
  chains_checked: boolean;
  /** Events of cards. */
  events: number;
  /** What differs, at most 1,000. */
  findings: Array<Finding>;
  /** How much differs in all, as far as it was gone into. */
  findings_total: number;
  /** Redemptions. */
  redemptions: number;
  /** Refunds. */
  refunds: number;
  /** Whether nobody wrote meanwhile. If somebody did, sums that are written all the time may have been passed over. */
  stood_still: boolean;
}

/** Makes a backup of the store while it is in use. */
export interface BackUp {
  /** The path of a file that is not there yet. */
  to: string;
}

/** What templates that need not be saved would have come to on the orders of a sample, all together: what they cost, whom they reach, by segment. */
export interface Backtest {
  /** The moment of which it is told; by default when each order was placed, and now for one that does not say. */
  at?: Moment | null | undefined;
  /** Of which currency orders are looked at; needed where the sample holds several. */
  currency?: Currency | null | undefined;
  /** What is offered on each order, as in `quote_drafts`: at most 1,000, in any order. */
  offers: Array<DraftOffer>;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
  /** The sample's name. */
  sample: string;
  /** By what orders are told apart, at most 10. */
  segments?: Array<SegmentBy> | undefined;
}

/** What one offer comes to beside the others. */
export interface BacktestOffer {
  /** What it takes off in all. */
  discount_minor: number;
  /** Who bears what it takes off, where its template says so. */
  funding?: Array<Funded> | undefined;
  /** Its id. */
  id: string;
  /** Orders that it applies to. */
  orders: number;
  /** What it pays in all. */
  tender_minor: number;
}

/** What templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up. */
export interface BacktestOrders {
  /** The moment of which it is told; by default when each order was placed, and now for one that does not say. */
  at?: Moment | null | undefined;
  /** Of which currency orders are looked at; needed where the sample holds several. */
  currency?: Currency | null | undefined;
  /** What is offered on each order, as in `quote_drafts`: at most 1,000, in any order. */
  offers: Array<DraftOffer>;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
  /** The sample's name. */
  sample: string;
}

/** What drafts would have come to. Amounts in minor units. */
export interface BacktestReport {
  /** Lines and shipping of all orders, before anything comes off. */
  before_minor: number;
  /** The currency of every amount. */
  currency: Currency;
  /** What comes off. */
  discount_minor: number;
  /** Each offer, in the order in which they were given. */
  offers: Array<BacktestOffer>;
  /** Orders that were looked at. */
  orders: number;
  /** Orders of the sample in another currency, which were not. */
  other_orders: number;
  /** What is left to pay. */
  payable_minor: number;
  /** The sample. */
  sample: string;
  /** What comes off the orders touched; nothing where none is. */
  saving?: SavingSpread | null | undefined;
  /** Each segmentation that was asked for. */
  segments?: Array<Segments> | undefined;
  /** What stored value pays. */
  tender_minor: number;
  /** Orders that at least one offer applies to. */
  touched: number;
}

/** What an order would have come to. Amounts in minor units. */
export interface BacktestedOrder {
  /** Lines and shipping, before anything comes off. */
  before_minor: number;
  /** Through which channel it was sold. */
  channel?: string | null | undefined;
  /** What comes off. */
  discount_minor: number;
  /** For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply. */
  offers_minor: Array<number | null>;
  /** The order's id. */
  order: string;
  /** What is left to pay. */
  payable_minor: number;
  /** When it was placed, where it says so. */
  placed_at?: Instant | null | undefined;
  /** Where it was sold. */
  store?: string | null | undefined;
  /** What stored value pays. */
  tender_minor: number;
}

/** A backup that was made. */
export interface BackupFile {
  /** How long it is. */
  bytes: number;
  /** Where it lies; its checksum lies beside it. */
  path: string;
  /** Its SHA-256, in hex digits. */
  sha256: string;
}

/** What an account holds in a unit. */
export interface Balance {
  /** In its smallest part; never below 0. */
  balance_minor: number;
  /** The unit. */
  unit: string;
}

/** Asks what an account holds in a unit. */
export interface BalanceNow {
  /** A holder's or channel's account. */
  account: AccountPick;
  /** The unit. */
  unit: string;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface BalancePage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Balance>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** Of which price a deal is reckoned. Nothing comes off below nothing or a floor in any case. */
export type Base = "running" | "initial" | "list";

/** A batch. Its cards have no rows until they are touched. */
export interface Batch {
  /** The campaign that it belongs to. */
  campaign?: string | null | undefined;
  /** The channel that it was made for. */
  channel?: string | null | undefined;
  /** When it was issued. */
  created_at: Instant;
  /** How its cards show themselves, over the template's own. */
  display: Record<string, Display>;
  /** Whether its codes may no longer be exported. */
  export_closed: boolean;
  /** How often all of its cards were prolonged, oldest first. */
  extensions?: Array<BatchExtension> | undefined;
  /** The format of its codes. */
  format: CodeFormat;
  /** Why all of its cards are frozen, while they are. */
  frozen?: string | null | undefined;
  /** The host's id. */
  id: string;
  /** What the host says of it. */
  labels: BatchLabels;
  /** Where it stands. */
  life?: BatchLife | undefined;
  /** Ceilings on what its cards together are used for. */
  limits?: Array<Limit> | undefined;
  /** Its number, which stands in its codes. */
  no: BatchNo;
  /** How its public code is folded, where it has one. */
  normalisation?: Normalisation | null | undefined;
  /** Values of parameters for all of its cards. */
  parameters: Record<string, ParameterValue>;
  /** When it grows by itself. */
  refill?: Refill | null | undefined;
  /** How many cards: serials run from 0 to `size − 1`. */
  size: number;
  /** The key slot of its codes; another one after it was re-keyed. */
  slot: number;
  /** The template and the version that its cards follow for ever. */
  template: string;
  /** See `template`. */
  template_version: number;
  /** The state of its cards before anybody touched them. */
  untouched: CardState;
}

/** All cards of a batch were prolonged. */
export interface BatchExtension {
  /** When that was said. */
  at: Instant;
  /** To this end, as far as the template allows for each card. */
  until: Instant;
}

/** What became of the cards of a batch. Cards by state sum to `size`. */
export interface BatchFigures {
  /** What living gift cards hold together, in minor units; at most 9007199254740991 is told. */
  balance_minor?: number | undefined;
  /** The batch. */
  batch: string;
  /** Cards that their holders tied to something. */
  bound?: number | undefined;
  /** Cards that their holders took. */
  claimed: number;
  /** Cards that are frozen, whatever their state. */
  frozen: number;
  /** Cards that were given out. */
  issued: number;
  /** Cards that nobody was given. */
  minted: number;
  /** Its cards. */
  size: number;
  /** Cards without a use left. */
  spent: number;
  /** Uses captured and not given back; of gift cards those on which nothing is left. */
  uses: number;
  /** Dead cards. */
  void: number;
}

/** What a host says of a batch, beside its campaign and channel. */
export interface BatchLabels {
  /** The activity it is for. */
  activity?: string | undefined;
  /** Whom it is meant for. */
  audience?: string | undefined;
  /** The date of that activity, as the host writes it. */
  date?: string | undefined;
  /** Where it is given out. */
  source?: string | undefined;
}

/** Where a batch stands. Frozen lies across. */
export type BatchLife = "active" | "closed" | "void" | "archived";

/** The number of a batch within a tenant: the width of its codes (12, 16, 20 or 24) and its number among those. */
export interface BatchNo {
  /** Its number among the batches of that width. */
  number: number;
  /** How many symbols the batch's codes have. */
  symbols: number;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface BatchPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Batch>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** What a card gives. */
export type Benefit = { amount_off: { /** Minor units, 1 or more. */ minor: Setting; /** What it is taken over. */ over?: Over | undefined; }; } | { percent_off: { /** The most that comes off, in minor units of the template's currency. */ cap_minor?: number | null | undefined; /** 1 to 10,000. */ off_bp: Setting; /** What it is taken over. */ over?: Over | undefined; }; } | { value: { /** Minor units, 0 or more: a card of 0 waits to be loaded. */ minor: Setting; }; } | { entitlement: { /** What of an order the card is good for. */ over?: Over | undefined; }; } | { goods: { /** Which. */ lines: LineFilter; /** How many pieces at most, 1 or more. */ quantity?: number | undefined; }; } | { cards: { /** What they are taken from: 1 to 100 cards together. */ cards: Array<CardsOf>; /** Of choices: how many of those batches a holder may choose. */ choose?: number | null | undefined; }; } | { deal: Deal; };

/** A card to use. */
export interface BestCard {
  /** The card, where the code is good; none for a public code, which takes any card of its batch. */
  card?: CardId | null | undefined;
  /** Why it does not apply. */
  denial?: Refusal | null | undefined;
  /** The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them. */
  limits: Array<QuotedLimit>;
  /** What would bring more (凑单). */
  next?: NextStep | null | undefined;
  /** Its place among the cards of the request, from 0; none for one of the wallet, to be named by its id. */
  place?: number | null | undefined;
  /** What it gives of what the ones before it left. */
  pricing?: Pricing | null | undefined;
  /** What becomes of it, in one word. */
  verdict: Verdict;
}

/** Which of several templates, none of which need be saved, are best on an order. */
export interface BestDrafts {
  /** The moment of which it is told; now by default. */
  at?: Moment | null | undefined;
  /** What is better; for the customer by default. */
  objective?: Objective | undefined;
  /** What is offered, as in `quote_drafts`: at most 200, in any order. An offer ends when its template's validity does. */
  offers: Array<DraftOffer>;
  /** The order. */
  order: Order;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
  /**
   * Whose cost counts as the shop's, where the shop's cost decides: a party of the offers' funding; `shop` by default. What an offer
   * without funding takes off, the shop bears.
   */
  shop?: string | null | undefined;
  /**
   * Steps after which the search ends, 0 to 10,000,000: an offer tried, or a rest looked at; 200,000 by default, which wallets of 20
   * cards come nowhere near.
   */
  steps_max?: number | null | undefined;
}

/** A card or a promotion that is not used. */
export interface BestLeftOut {
  /** The card, where there is one; none for a public code. */
  card?: CardId | null | undefined;
  /** Why it does not apply beside them. */
  denial?: Refusal | null | undefined;
  /** What would come off in all with it, in minor units; nothing is told where it is not good at all. */
  discount_minor?: number | null | undefined;
  /** Of a card of the request: its place, from 0. */
  place?: number | null | undefined;
  /** The promotion. */
  promotion?: string | null | undefined;
  /** What it would come to beside those that are used: `applied` where less would come off in all, or no more. */
  verdict: Verdict;
}

/** The best of several templates on an order. */
export interface BestOfDrafts {
  /** Stands for all that the plan says, as in `quote_drafts`. */
  digest: string;
  /**
   * Whether nothing is better. If not, the search ended early: no single offer, and none of the combinations that a step by step choice finds,
   * takes more off, yet another one may.
   */
  exact: boolean;
  /** The offers that are not used, and why. */
  left_out: Array<LeftOut2>;
  /** The offers to use, in the order in which they were given. */
  offers: Array<string>;
  /** What they come to: those alone. */
  plan: Plan;
  /** The second best, if there is any. */
  runner_up?: RunnerUp | null | undefined;
  /** How often an offer was tried or a rest looked at. */
  steps: number;
}

/** What is best on an order. */
export interface BestOfOrder {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate?: Array<RateShare> | undefined;
  /** The cards to use, in the order in which to hand them in: of those that pay, what ends first pays first. */
  cards: Array<BestCard>;
  /** The currency of every amount. */
  currency: Currency;
  /** What it came to, for a hold or a redemption of these `cards` with these `promotions_off`; nothing where nothing applies. */
  digest?: string | null | undefined;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /**
   * Whether nothing is better. If not, the search ended early, or a money budget that several cards share had no room for a better
   * combination, and another one may be.
   */
  exact: boolean;
  /** The cards and promotions that are not used, and why. */
  left_out: Array<BestLeftOut>;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether the holder has cards that were not looked at. */
  more: boolean;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** The promotions that come off beside them, by id. */
  promotions: Array<QuotedPromotion>;
  /** The promotions that have to stay off, where one that runs is in the way; to be handed in with the cards. */
  promotions_off: Array<string>;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** The second best, if there is any that the limits of all have room for. */
  runner_up?: NextBest | null | undefined;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** How often a card or promotion was tried, or a rest looked at. */
  steps: number;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** Which cards and promotions are best on an order. */
export interface BestOrder {
  /** Cards that may be used, at most 50, each once. */
  cards?: Array<OrderCard> | undefined;
  /** Who would redeem. Needed for the wallet. */
  holder?: Subject | null | undefined;
  /**
   * Whether promotions stay off the order. Without it they are offers as cards are; which of those that run stand in the way of
   * something better, the reply says.
   */
  no_promotions?: boolean | undefined;
  /** What is better; for the customer by default. */
  objective?: Objective | undefined;
  /** The order. */
  order: Order;
  /** Promotions that stay off the order in any case, by id; at most 1,000. */
  promotions_off?: Array<string> | undefined;
  /**
   * Whose cost counts as the shop's, where the shop's cost decides: a party of the cards' funding; `shop` by default. What a card without
   * funding takes off, the shop bears.
   */
  shop?: string | null | undefined;
  /** Steps after which the search ends, 0 to 10,000,000: a card tried, or a rest looked at; 200,000 by default. */
  steps_max?: number | null | undefined;
  /** Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
  /**
   * Whether the holder's own cards may be used, too: the 200 that end first, of the first 5,000 that stand under this holder. Cards that
   * only give cards or an entitlement are not looked at.
   */
  wallet?: boolean | undefined;
}

/** Ties a claimed card to a subject (绑定). */
export interface Bind {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Whose it is: who asks. */
  holder: Subject;
  /** Key, reason, origin. */
  meta: Meta;
  /** What it is tied to, of a kind that the template allows. */
  to: Subject;
}

/** How cards may be bound (绑定). */
export interface BindPolicy {
  /** Kinds of subjects that a card may be bound to: `device`, `customer`, the host's own. 1 to 16. */
  kinds: Array<string>;
  /** How often a bound card may be bound to another subject; never by default. */
  rebinds_max?: number | undefined;
}

/** a fact of type boolean, and one operator */
export interface BooleanAttributeTest {
  eq?: boolean | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  type?: "boolean" | undefined;
}

/** a fact of type boolean, and one operator */
export interface BooleanOptionalTest {
  eq?: boolean | undefined;
  exists?: boolean | undefined;
  fact: "holder.new_customer";
}

/**
 * Who buys, for profiles that ask for it: facts by name, or the host's own record of them. The facts are kept as HMACs under the
 * subject key and never in clear, and are not shown.
 */
export interface Buyer {
  /** Identity facts by name: `name`, `id_number`, `contact`, or the host's own. At most 16, of 1 to 200 characters. */
  facts?: Record<string, string> | undefined;
  /** The host's id of its own record of the buyer; nothing personal. */
  reference?: string | null | undefined;
}

/** Groups batches under a goal and a time. */
export interface Campaign {
  /** Who may claim. */
  audience: Audience;
  /** What it is meant to reach. */
  goal?: Goal | null | undefined;
  /** The host's id. */
  id: string;
  /** The stored part of its life. */
  life: Life;
  /** Ceilings on what all of its cards together are used for: uses, and money budgets. */
  limits?: Array<Limit> | undefined;
  /** What people call it. */
  title: string;
  /** When its cards may move. */
  window: Window;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface CampaignPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Campaign>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** How far a campaign has come. */
export interface CampaignProgress {
  /** Its batches. */
  batches: number;
  /** The campaign. */
  campaign: string;
  /** Their cards. */
  cards: number;
  /** Cards that holders took. */
  claims: number;
  /** What it is meant to reach. */
  goal?: Goal | null | undefined;
  /** Its life at the moment the count began, as one word. */
  life: string;
  /** How far it has come, in the goal's measure: `claims` or `redemptions`. Other measures are the host's own to count. */
  reached?: number | null | undefined;
  /** Uses captured and not given back. */
  redemptions: number;
}

/** Makes what a hold keeps final: the order was paid. The key becomes the redemption's id. */
export interface CaptureHold {
  /**
   * How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once.
   * All by default. Nothing for other cards.
   */
  amount_minor?: number | null | undefined;
  /** The hold. */
  hold: HoldId;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Makes what several holds of an order keep final, all of them or none. */
export interface CaptureOrder {
  /** The holds, 1 to 50 of one order, each once. */
  holds: Array<CapturePart>;
  /** Key, reason, origin. The key is at most 124 bytes: that of each hold's redemption is the same with `#` and its place from 1. */
  meta: Meta;
}

/** What capturing a hold came to. */
export type CaptureOutcome = "captured" | "reacquired" | "backordered" | "refund_required";

/** A hold that is captured. */
export interface CapturePart {
  /**
   * How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once.
   * All by default. Nothing for other cards.
   */
  amount_minor?: number | null | undefined;
  /** The hold. */
  hold: HoldId;
}

/** The reply to a capture. The same for every repetition of the request. */
export interface Captured {
  /** The hold. */
  hold: HoldId;
  /** What it came to. */
  outcome: CaptureOutcome;
  /** The redemption, where something was taken. */
  receipt?: Receipt | null | undefined;
}

/** Looks a card up as it was. */
export interface CardAsOf {
  /** A moment that has passed. What happened at this very moment had happened. */
  at: Moment;
  /** By id, by card number, or by the code that it has now. */
  card: CardPick;
}

/** What a card that took something off gets back. */
export interface CardGotBack {
  /** The card. */
  card: CardId;
  /** How much of its discount limits count no more, in minor units. */
  counted_back_minor?: number | undefined;
  /** Cards that it had given beside, and that stay: they have been used or moved since. */
  kept?: Array<CardId> | undefined;
  /** Its redemption. */
  redemption: string;
  /** Why nothing came back to it though it was due: the code of a denial. The money is paid out all the same. */
  refused?: string | null | undefined;
  /** Cards that the redemption had given, and that died with it. */
  taken_back?: Array<CardId> | undefined;
  /** How many uses came back. */
  uses: number;
  /** How many it has now. */
  uses_left?: number | null | undefined;
}

/** symbols, batch number and serial, such as 16-3-41 */
export type CardId = string;

/** The kind of a card. */
export type CardKind = "coupon" | "gift_card" | "times" | "exchange" | "membership" | "pack" | "choice";

/** Asks for the public number of a card. */
export interface CardNumber {
  /** The card. */
  card: CardId;
}

/** How a request names a card. */
export type CardPick = { code: CodeText; } | { id: CardId; } | { number: string; };

/** Where a card stands. Frozen lies across, expired is derived from the clock; neither is a state. */
export type CardState = "minted" | "issued" | "claimed" | "spent" | "void" | "bound";

/** A card as people look at it. */
export interface CardView {
  /** What a gift card holds, in minor units of `currency`. */
  balance_minor?: number | null | undefined;
  /** The id of its batch. */
  batch: string;
  /** What it is tied to. */
  bound?: SubjectKey | null | undefined;
  /** The campaign of its batch. */
  campaign?: string | null | undefined;
  /** The channel that it was given out through. */
  channel?: string | null | undefined;
  /** When it was issued to or claimed by its holder. */
  claimed_at?: Instant | null | undefined;
  /** The currency of a gift card. */
  currency?: Currency | null | undefined;
  /** First moment at which it is no longer good. */
  expires_at?: Instant | null | undefined;
  /** Why it is frozen, while it is. */
  frozen?: string | null | undefined;
  /** Whose it is. */
  holder?: SubjectKey | null | undefined;
  /** Which card. */
  id: CardId;
  /** The issue number of its living code. */
  issue_no: number;
  /** The level of a membership card. */
  level?: string | null | undefined;
  /** Where it came from. */
  origin: Origin;
  /** Every declared parameter with the value that holds for this card. */
  parameters: Record<string, ParameterValue>;
  /** Where it stands. */
  state: CardState;
  /** The template that it follows. */
  template: string;
  /** The version of that template. */
  template_version: number;
  /** Uses left; of a gift card 1, and 0 once nothing is left on it; of a membership card 1. */
  uses_left: number;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface CardViewPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<CardView>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** A card as it was. */
export interface CardWas {
  /** The card. */
  card: CardView;
  /** How many of its events had happened; of an untouched card none. */
  events: number;
  /**
   * Whether something happened to the card after that moment: then the answer is the same for ever. Without, it is as long as no
   * process with a slow clock still has an earlier moment to write.
   */
  settled: boolean;
}

/** A card together with its living code. Debug does not show the code. */
export interface CardWithCode {
  /** The card as it was when the request was done. */
  card: CardView;
  /** Its code; `None` when a request is repeated after that code died. */
  code?: string | null | undefined;
}

/** So many cards of a batch. */
export interface CardsOf {
  /** A batch to claim from; it is there before a batch of this template is issued. */
  batch: string;
  /** How many, 1 by default. */
  quantity?: number | undefined;
}

/** The head of a card's chain at one of its events, as the feed gave it. */
export interface ChainHead {
  /** The card. */
  card: CardId;
  /** 32 hex digits. */
  chain: string;
  /** The event's place among the card's own. */
  place: number;
}

/** How often a membership card may be presented. */
export interface CheckIns {
  /** So many times, 1 to 1,000,000, */
  limit: number;
  /** in each day, week (from Monday), month or year of the template's zone. */
  per: Period;
}

/** All points that are no farther away than so many metres. */
export interface Circle {
  /** Latitude of the middle, in millionths of a degree. */
  lat_e6: number;
  /** Longitude of the middle, in millionths of a degree. */
  lon_e6: number;
  /** 1 to 20,000,000 metres. */
  metres: number;
}

/** Takes a card as its holder. */
export interface Claim {
  /** The channel that it is given out through; the batch's by default. */
  channel?: string | null | undefined;
  /** Whose it becomes. */
  holder: Subject;
  /** Key, reason, origin. */
  meta: Meta;
  /** Where from: `{"batch": …}` or `{"code": …}`. */
  take: ClaimFrom;
}

/** Where to claim from. */
export type ClaimFrom = { batch: string; } | { code: CodeText; };

/** Gives no more cards of a batch out. */
export interface CloseBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Closes a batch for export. */
export interface CloseExport {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** How long codes are, and what stands before them. */
export interface CodeFormat {
  /** up to 8 letters and digits; none by default */
  prefix?: string | undefined;
  /** 12, 16, 20 or 24 */
  symbols: number;
}

/** A code as it was typed. Debug never shows it. */
export type CodeText = string;

/** What of a group applies. A group is what has one lane and one rank. */
export type Combine = "all" | "first" | "best_for_customer" | "best_for_shop" | "exclusive";

/** What two sets of templates, none of which need be saved, would have come to on the orders of a sample, and on which they differ. */
export interface CompareDrafts {
  /** The moment of which it is told; by default when each order was placed, and now for one that does not say. */
  at?: Moment | null | undefined;
  /** Of which currency orders are looked at; needed where the sample holds several. */
  currency?: Currency | null | undefined;
  /** How many of the orders that differ are told, 0 to 10,000, those that differ most first; 100 by default. */
  differing?: number | null | undefined;
  /** What is offered on one side, as in `quote_drafts`: at most 1,000, in any order. */
  left: Array<DraftOffer>;
  /** What is offered on the other. */
  right: Array<DraftOffer>;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
  /** The sample's name. */
  sample: string;
}

/** An order that comes to different amounts. */
export interface ComparedOrder {
  /** Its lines and shipping. */
  before_minor: number;
  /** What is left to pay on the left. */
  left_payable_minor: number;
  /** The order's id. */
  order: string;
  /** What is left to pay on the right. */
  right_payable_minor: number;
}

/** One operator of a whole number. */
export interface Comparison {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  eq?: number | undefined;
  gt?: number | undefined;
  in?: Array<number> | undefined;
  lt?: number | undefined;
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
}

/** Two sets of drafts side by side. Amounts in minor units. */
export interface Comparison2 {
  /** Lines and shipping of all orders, before anything comes off. */
  before_minor: number;
  /** The currency of every amount. */
  currency: Currency;
  /** What is left to pay on the right less what is on the left, of the orders that differ; nothing where none does. */
  difference?: SavingSpread | null | undefined;
  /** The orders that differ most. */
  differing: Array<ComparedOrder>;
  /** One side. */
  left: Side;
  /** Orders of which less is left to pay on the left. */
  left_lower: number;
  /** Orders that were looked at. */
  orders: number;
  /** Orders of the sample in another currency, which were not. */
  other_orders: number;
  /** The other. */
  right: Side;
  /** Orders of which less is left to pay on the right. */
  right_lower: number;
  /** Orders that come to the same on both. */
  same: number;
  /** The sample. */
  sample: string;
}

/** One thing that must be true of the order. A template's conditions must all hold. */
export type Condition = { min_spend: { /** Minor units, 1 or more. */ minor: number; /** Whose sum; the whole order by default. */ over?: Over | undefined; }; } | { has_line: { /** The filter. */ lines: LineFilter; }; } | { all: Array<Condition>; } | { any: Array<Condition>; } | { not: Condition; } | { fact: FactTest; } | { lines: LinesTest; };

/** Counts what became of the cards of a batch. */
export interface CountBatch {
  /** The batch. */
  batch: string;
}

/** Counts what parties bear of the discounts (结算). */
export interface CountFunding {
  /** Only this batch; of a promotion it is that of one revision. */
  batch?: string | null | undefined;
  /** Only the batches of this campaign. */
  campaign?: string | null | undefined;
  /** From this moment on; from the first by default. */
  since?: Moment | null | undefined;
  /** Up to this moment, which is no part of it; up to the last by default. What is told of a time that is over does not change later. */
  until?: Moment | null | undefined;
}

/** What a deal's steps and `every` count. */
export type Counted = "before" | "after";

/** an ISO 4217 code in capitals, such as CNY */
export type Currency = string;

/** a fact of type date, and one operator */
export interface DateAttributeTest {
  /** a day, such as 2026-11-11 */
  at_least?: string | undefined;
  /** a day, such as 2026-11-11 */
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  eq?: string | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  /** a day, such as 2026-11-11 */
  gt?: string | undefined;
  in?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  lt?: string | undefined;
  /** a day, such as 2026-11-11 */
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  type?: "date" | undefined;
}

/** a fact of type date, and one operator */
export interface DateOptionalTest {
  /** a day, such as 2026-11-11 */
  at_least?: string | undefined;
  /** a day, such as 2026-11-11 */
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  eq?: string | undefined;
  exists?: boolean | undefined;
  fact: "order.placed_at.date";
  /** a day, such as 2026-11-11 */
  gt?: string | undefined;
  in?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  lt?: string | undefined;
  /** a day, such as 2026-11-11 */
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
}

/** a fact of type date, and one operator */
export interface DateTest {
  /** a day, such as 2026-11-11 */
  at_least?: string | undefined;
  /** a day, such as 2026-11-11 */
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  eq?: string | undefined;
  fact: "now.date";
  /** a day, such as 2026-11-11 */
  gt?: string | undefined;
  in?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  lt?: string | undefined;
  /** a day, such as 2026-11-11 */
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
}

/** What comes off, or is given, once so much is reached. */
export interface Deal {
  /** Where `every` counts pieces: whether they are picked in each set of so many, or in all of them together. */
  among?: Among | undefined;
  /** For what the figure stands. */
  apply?: Apply | undefined;
  /** Of which price it is reckoned. */
  base?: Base | undefined;
  /** The most that comes off one line, in minor units. */
  cap_line_minor?: number | null | undefined;
  /** The most that comes off the order, in minor units. */
  cap_minor?: number | null | undefined;
  /** What counts: the order as it came, or what earlier discounts left of it. */
  counted?: Counted | undefined;
  /** Once for each so much that counts; once in all by default. */
  every?: Every | null | undefined;
  /** What gets it. */
  on?: On | undefined;
  /** What counts, and gets it unless `on` says otherwise. */
  over?: Over | undefined;
  /** Which pieces of what gets it. */
  pick?: Pick | undefined;
  /** How many pieces for each time, where `pick` is `cheapest` or `dearest`; 1 by default. */
  pieces?: number | null | undefined;
  /** The most pieces that get it. */
  pieces_max?: number | null | undefined;
  /** What comes off, from which amount or pieces on: 1 to 50 steps, each from more than the one before. The last one that is reached counts. */
  steps: Array<Step>;
  /** The most times that `every` gives. */
  times_max?: number | null | undefined;
}

/** A benefit of the host's own that templates may give. */
export interface DeclaredBenefit {
  /** Its name, as templates have it in `host.name`. */
  name: string;
  /** What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep. */
  schema: Json;
  /** What people call it; 1 to 200 characters. */
  title?: string | null | undefined;
}

/** How much is told of each order. */
export type Detail = "by_line" | "by_offer" | "by_order";

/** Compares two versions of a template. */
export interface DiffTemplates {
  /** The version after; the newest by default. */
  after?: number | null | undefined;
  /** The version before. */
  before: number;
  /** The template. */
  id: string;
}

/** What becomes of a card's discount, in minor units. */
export interface DiscountBack {
  /** What comes back to whoever bears the discount, where its terms say so: at the rates of the purchase. */
  funded?: Array<Funded> | undefined;
  /** What is left of its discount. */
  left_minor: number;
  /** What its terms say of refunds of lines. */
  lines: RefundLines;
  /** Its shares of the pieces that come back. */
  of_pieces_minor: number;
  /** The card's redemption. */
  redemption: string;
  /** What the pieces that stay do not earn any more and is taken off the pay-out; below 0 where they earn more than their shares. */
  taken_back_minor?: number | undefined;
}

/** How a card shows itself to people, in one language. */
export interface Display {
  /** A short badge. */
  badge?: string | undefined;
  /** A colour such as `#d81e06`. */
  colour?: string | undefined;
  /** How to use it. */
  how_to_use?: string | undefined;
  /** Address of a picture. */
  image?: string | undefined;
  /** What it covers, in words. */
  scope?: string | undefined;
  /** The headline. */
  title: string;
}

/** The reply of a change that has nothing to say but that it was made. */
export type Done = Record<string, never>;

/** A template that is tried on an order, as one card of it or as a promotion that needs no card. */
export interface DraftOffer {
  /** What the card holds, of a gift card, in minor units; what a new one holds by default. */
  balance_minor?: number | null | undefined;
  /** What it is called in the plan; each once. */
  id: string;
  /** Values of its parameters; their defaults where none is given. */
  parameters?: Record<string, ParameterValue> | undefined;
  /** Its terms. Product sets are the newest, unless a version is named. */
  template: TemplateDraft;
  /** How many uses are taken, of a times card; all that the order has by default. */
  units?: number | null | undefined;
}

/** One return. */
export interface DraftsBack {
  /** Whether all comes back that is not back yet; lines and shipping are not named then. */
  everything?: boolean | undefined;
  /** The lines that come back, each once. */
  lines?: Array<LineReturn> | undefined;
  /** Whether shipping comes back. */
  shipping?: boolean | undefined;
}

/** What templates come to on an order, together. */
export interface DraftsQuoted {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate: Array<RateShare>;
  /** The currency of every amount. */
  currency: Currency;
  /** Stands for all that the plan says: two plans with one digest are the same. */
  digest: string;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** Every offer, in the order in which they were given. */
  offers: Array<OfferPlan>;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** What returns would come to. */
export interface DraftsRefunded {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate?: Array<RateShare> | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** What each return comes to. Under each way of treating discounts all returns before it were treated so, too. */
  returns: Array<StepFigures>;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** Forgets a sample. */
export interface DropSample {
  /** The sample's name. */
  sample: string;
}

/** Ends a campaign now. */
export interface EndCampaign {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** What an engine counted of itself since it was opened, over all tenants. Counts only grow until the engine is opened again. */
export interface EngineFigures {
  /** Changes that were handed in. */
  calls: number;
  /** Commits of the store, in microseconds. */
  commit_us: Spread;
  /** Commits that the store answered with an error, unknown outcomes among them. */
  commits_failed: number;
  /** Changesets that fell out of their group because another process had changed what they rest on, or with one that did. */
  conflicts: number;
  /** Changes that were decided once more, for whatever reason. */
  decided_again: number;
  /** How many changes ended in each status, by code: `ok`, denials, faults. */
  ended: Record<string, number>;
  /** Changesets in each commit. */
  group_size: Spread;
  /** Reads that groups needed. */
  loads: number;
  /** Commits whose outcome was unknown at first. */
  outcomes_unknown: number;
  /** Decisions and groups that panicked: bugs. */
  panics: number;
  /** Changes that wait to be decided at this moment. */
  queued: number;
  /** From being handed in to the reply, in microseconds. */
  reply_us: Spread;
  /** From being handed in to being decided first, in microseconds. */
  wait_us: Spread;
  /** Changes whose callers went away before they were decided. */
  withdrawn: number;
}

/** What an event moved, and what its card, holder or channel has since. */
export interface Entry {
  /** The end of the card, from which on what it holds is breakage. */
  ends?: Instant | null | undefined;
  /** What the own account holds afterwards. */
  holds_minor: number;
  /** What moved; nothing where the event changed no value. */
  transfers: Array<Transfer2>;
  /** In which unit. */
  unit: string;
}

/** Erases a subject: its key goes from every row, and something that tells of nobody takes its place. */
export interface Erase {
  /** Key, reason, origin; the reason is needed. */
  meta: Meta;
  /** Whom. Of a person with several subjects each is erased by itself. */
  subject: Subject;
}

/** What became of a subject. */
export interface Erased {
  /** What stands in its place: `erased:` and a number that has to do with nothing. */
  pseudonym: SubjectKey;
}

/** Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold. */
export interface EvaluateMany {
  /** At which moment; now by default. */
  at?: Moment | null | undefined;
  /** Whose conditions. */
  of: ExplainOf;
  /** The orders. */
  orders: Orders;
}

/** For which orders conditions hold. */
export interface EvaluatedMany {
  /** One for each order, in order. */
  hold: Array<boolean>;
}

/** What happened. */
export type EventKind = "settings_saved" | "campaign_saved" | "audience_added" | "product_set_saved" | "template_saved" | "batch_issued" | "batch_grown" | "batch_rekeyed" | "export_closed" | "codes_exported" | "code_revealed" | "public_code_saved" | "issued" | "claimed" | "redeemed" | "refunded" | "frozen" | "unfrozen" | "replaced" | "voided" | "observed" | "loaded" | "adjusted" | "fenced" | "held" | "held_again" | "captured" | "captured_late" | "released" | "bound" | "rebound" | "transferred" | "extended" | "batch_frozen" | "batch_unfrozen" | "batch_voided" | "batch_extended" | "batch_closed" | "batch_archived" | "batch_refill_set" | "campaign_moved" | "unit_saved" | "buyer_recorded" | "succeeded" | "account_moved" | "person_linked" | "person_unlinked" | "person_erased";

/** Asks for what was written into the journal behind a cursor. */
export interface Events {
  /** The `cursor` of the page before; from the beginning without. Keep it once the page is worked through: that acknowledges it. */
  after?: string | null | undefined;
  /** Only events of this batch and its cards. */
  batch?: string | null | undefined;
  /** Only events of this campaign, its batches and their cards. */
  campaign?: string | null | undefined;
  /** Only events of these kinds; of all where it is empty. What a filter leaves out counts as read. */
  kinds?: Array<EventKind> | undefined;
  /** Most events, 1 to 1,000; 100 where it is 0. */
  limit?: number | undefined;
}

/** Some events behind a cursor. */
export interface EventsPage {
  /** Where to go on. Opaque. */
  cursor: string;
  /** The events: those of a card in order of place. May be empty though more is true. */
  items: Array<JournalEvent>;
  /** Whether there was more when this page was read. */
  more: boolean;
}

/** For how much a deal gives once. */
export type Every = { minor: number; } | { pieces: number; } | { set: Array<SetPart>; };

/** Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order. */
export interface Explain {
  /** At which moment; now by default. */
  at?: Moment | null | undefined;
  /** Whose conditions. */
  of: ExplainOf;
  /** The order. */
  order: Order;
}

/** Whose conditions are explained. */
export type ExplainOf = { card: CardPick; } | { template: TemplateDraft; };

/** How one node of a condition came out. */
export interface Explained {
  /** What the order has: an amount, a number or words. Values of a person are not repeated. */
  have: Json;
  /** Whether it holds. */
  holds: boolean;
  /** Whether the whole asks for the opposite: it stands within a `not`. */
  inverted: boolean;
  /** What it asks for. */
  need: Json;
  /** Where it stands in the template, such as `conditions[0].any[2].fact`. */
  path: string;
  /** How much more would do, where that is an amount or a number. */
  short?: Json | undefined;
  /** A sentence in each language. */
  texts: ExplainedTexts;
}

/** A sentence in each language. */
export interface ExplainedTexts {
  /** English. */
  en: string;
  /** Simplified Chinese. */
  "zh-CN": string;
}

/** How conditions came out. */
export interface Explanation {
  /** `condition_failed`, as a redemption would hear it, where they do not. */
  denial?: Refusal | null | undefined;
  /** Whether all of them hold. Nothing else of the card was looked at; a quote looks at everything. */
  holds: boolean;
  /** Each node, those within another behind it. */
  nodes: Array<Explained>;
}

/** Exports codes of a batch. */
export interface ExportCodes {
  /** The batch. */
  batch: string;
  /** Most serials; to the end of the batch by default. */
  count?: number | null | undefined;
  /** First serial; where a stream broke off, the one behind the last that arrived. */
  first?: number | undefined;
  /** Key, reason, origin: who takes the codes, and why; the reason is needed. */
  meta: Meta;
}

/** A code of an export. Debug does not show it. */
export interface ExportedCode {
  /** Its living code. */
  code: string;
  /** The card's serial in its batch. */
  serial: number;
}

/** Puts off the end of a card (延期), as far as its template allows. */
export interface Extend {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Key, reason, origin. */
  meta: Meta;
  /**
   * The new end, later than the old one: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does
   * not).
   */
  until: string;
}

/** Puts off the end of all cards of a batch, as far as its template allows for each. */
export interface ExtendBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** The new end: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not). */
  until: string;
}

/** How far cards may be extended (延期). */
export interface ExtendPolicy {
  /** At most so many days behind the end that the terms give, 1 to 36,500; all extensions together. */
  days_max: number;
  /** Whether cards that have expired may be extended, too. */
  expired?: boolean | undefined;
}

/** A fact of a denial: an amount with its currency, or words. */
export type Fact = { /** Of this currency. */ currency: Currency; /** Minor units. */ minor: number; } | number | string | string;

/** A test of one fact. */
export type FactTest = MoneyTest | IntegerTest | TextTest | TextOptionalTest | TextsOptionalTest | BooleanOptionalTest | InstantTest | InstantOptionalTest | DateTest | DateOptionalTest | TimeOfDayTest | TimeOfDayOptionalTest | WeekdayTest | WeekdayOptionalTest | PlaceOptionalTest | MoneyAttributeTest | IntegerAttributeTest | TextAttributeTest | TextsAttributeTest | BooleanAttributeTest | InstantAttributeTest | DateAttributeTest;

/** What kind of value a fact has. It says which tests can be made of it. */
export type FactType = "money" | "integer" | "text" | "texts" | "boolean" | "instant" | "date" | "time_of_day" | "weekday" | "place";

/** A denial, a request that cannot be meant, or a fault. Its JSON is the same in every language. */
export interface Failure {
  /** The stable code. */
  code: string;
  /** The facts by name. Of an invalid request: `field`, `given`, `allowed`. */
  facts: Record<string, Json>;
  /** `denied`, `invalid` or `fault`. */
  kind: string;
  /** Whether the same request under the same key may go better later, with nobody changing anything. */
  may_retry: boolean;
  /** One sentence for developers. */
  message: string;
  /** Its number. */
  status: number;
  /** Sentences for people, where it is a denial. */
  texts?: LocaleTexts | null | undefined;
}

/** One thing that is not what the journal says. */
export interface Finding {
  /** Which field of it. */
  field: string;
  /** What the journal says. */
  journal: string;
  /** The row, by its key: `card 16-3-41`, `redemption A-1 of card 16-3-41`, `account holder:customer:4711 uses:ten-off`. */
  row: string;
  /** What stands there. */
  stands: string;
}

/** Stops a card; needs a reason. */
export interface Freeze {
  /** The card: by code, id or card number. */
  card: CardPick;
  /**
   * Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an
   * order holds stays as it is.
   */
  force?: boolean | undefined;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Stops all cards of a batch; needs a reason. */
export interface FreezeBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** What a party bears of a share. */
export interface Funded {
  /** How much, in minor units. */
  off_minor: number;
  /** Who. */
  party: string;
}

/** Who bears a part of what a benefit takes off. */
export interface Funding {
  /** Their part, in basis points of what comes off, 1 to 10,000. */
  off_bp: number;
  /** The host's name for them: `platform`, `merchant`, a supplier. */
  party: string;
}

/** What parties bear of the discounts of a time. */
export interface FundingFigures {
  /** By batch, party and currency; none of those of which nothing was used or given back in that time. */
  lines: Array<FundingLine>;
}

/** What a party bears of the discounts of a batch. */
export interface FundingLine {
  /** The batch. */
  batch: string;
  /** What it bears of them, in minor units; at most 9007199254740991 is told. */
  borne_minor: number;
  /** Its campaign. */
  campaign?: string | null | undefined;
  /** The currency of the amounts. */
  currency: Currency;
  /** The party, as the template names it. */
  party: string;
  /** Redemptions of which it bears something. */
  redemptions: number;
  /** What it gets back with the refunds of that time, of whenever the redemptions were; what it owes is the difference. */
  returned_minor: number;
}

/** Asks for a batch. */
export interface GetBatch {
  /** Its id. */
  id: string;
}

/** Asks for a campaign. */
export interface GetCampaign {
  /** Its id. */
  id: string;
}

/** Asks an engine what it counted of itself. */
export type GetEngineFigures = Record<string, never>;

/** Asks for a hold. */
export interface GetHold {
  /** Its id. */
  hold: HoldId;
}

/** Asks for a redemption. */
export interface GetRedemption {
  /** Its id: the idempotency key that it was made under. */
  id: string;
}

/** Asks for a template. */
export interface GetTemplate {
  /** Its id. */
  id: string;
  /** Its version; the newest by default. */
  version?: number | null | undefined;
}

/** A card that redeeming gives to its holder (下单返券). */
export interface Gift {
  /** A batch to claim from; it is there before a batch of this template is issued. */
  batch: string;
  /** What must be true of the order for it; all of them. */
  conditions?: Array<Condition> | undefined;
  /** How many, 1 by default. */
  quantity?: number | undefined;
}

/** A present. */
export interface GiftItem {
  /** The product's id. */
  product: string;
  /** Pieces, 1 to 10,000. */
  quantity?: number | undefined;
}

/** Presents, of which a shopper may choose some. */
export interface Gifts {
  /** How many entries may be chosen each time; all of them by default. */
  choose?: number | null | undefined;
  /** What there is: 1 to 100 entries. */
  of: Array<GiftItem>;
}

/** A card that a redemption gave, as it was then. */
export interface Given {
  /** The card. */
  card: CardId;
  /** How many events it had: with more it was touched since. */
  events: number;
  /** The issue number of its code. */
  issue_no: number;
}

/** A card that a redemption gave. Debug does not show its code. */
export interface GivenCard {
  /** The id of its batch. */
  batch: string;
  /** The card. */
  card: CardId;
  /** Its code; nothing when a request is repeated after that code died. */
  code?: CodeText | null | undefined;
}

/** What a campaign is meant to reach. */
export interface Goal {
  /** The host's name for the measure, such as `redemptions` or `new_customers`. */
  measure: string;
  /** The figure to reach, 1 or more. */
  target: number;
}

/** Makes a batch larger. */
export interface GrowBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** How many cards it has then, more than now. */
  size: number;
}

/** A line of which less came off than would have. */
export interface HeldBack {
  /** Why. */
  by: HeldBy;
  /** The line's id within the order. */
  line: string;
  /** How much less, in minor units, where a floor held it back. */
  minor?: number | null | undefined;
}

/** What held something back. */
export type HeldBy = "floor" | "not_discountable";

/** A card's events. */
export interface History {
  /** By code, id or card number. */
  card: CardPick;
}

/** One entry of a card's history. */
export interface HistoryEntry {
  /** When, never before the entry in front of it. */
  at: Instant;
  /** Whether the chain of HMACs holds up to and with this event; `None` without keys to tell. */
  chained?: boolean | null | undefined;
  /** What it moved on the ledger, of a card that holds value. */
  entry?: Entry | null | undefined;
  /** What else there is to say; for a request, the reply to it. */
  facts?: Json | undefined;
  /** What happened. */
  kind: EventKind;
  /** Where it came from. */
  origin: Origin;
  /** Its place among the card's events, from 1. */
  place: number;
  /** Why, in the words of whoever asked. */
  reason?: string | null | undefined;
  /** Whether it names somebody who was erased since, and therefore no longer says what it said. Its chain holds all the same. */
  redacted?: boolean | undefined;
  /** The operation and idempotency key that it is the effect of; a redemption's stand in its own row. */
  request?: RequestKey | null | undefined;
}

/** Names a hold: `16-3-41/A-1001`. */
export type HoldId = string;

/** Keeps several cards for an order, all of them or none, until they are captured, released, or their time is over. */
export interface HoldOrder {
  /** The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order. */
  cards: Array<OrderCard>;
  /** Who holds. Needed for cards that have a holder, for limits per holder and for public codes. */
  holder?: Subject | null | undefined;
  /** Whether a card that is denied is left out, and told; without it the first one refuses the whole. */
  leave_out?: boolean | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** Whether promotions stay off the order; they come off it by themselves. */
  no_promotions?: boolean | undefined;
  /** The order, as it will be captured. */
  order: Order;
  /** Promotions that stay off the order, by id, as `best_order` says; at most 1,000. */
  promotions_off?: Array<string> | undefined;
  /** The digest of a quote: the holds are made only if the order comes to the same. */
  quote?: string | null | undefined;
  /** Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
  /**
   * How long, in seconds: 1 to what each template allows; each template's own by default. Rounded up by less than a 64th of it, and at
   * least to a whole second.
   */
  ttl_s?: number | null | undefined;
}

/** Where a hold stands. */
export type HoldState = "open" | "expired" | "captured" | "released" | "refunded" | "backordered" | "refund_required";

/** What a template says about holds of its cards. */
export interface HoldTerms {
  /** What capturing a hold comes to that was not captured in time. */
  late?: LateCapture | undefined;
  /** Most open holds on cards of one batch. */
  open_per_batch?: number | null | undefined;
  /** Most open holds on cards of this template in one campaign. */
  open_per_campaign?: number | null | undefined;
  /** Most open holds of one holder on cards of this template, 1 or more; 20 by default. */
  open_per_holder?: number | undefined;
  /** The longest that a request may ask for, in seconds, up to 30 days; 86,400 by default. */
  ttl_max_s?: number | undefined;
  /** How long a hold lasts where the request does not say, in seconds; 900 by default. */
  ttl_s?: number | undefined;
}

/** A hold as people look at it. */
export interface HoldView {
  /** When it was made. */
  at: Instant;
  /** The card. */
  card: CardId;
  /** First moment at which what it keeps is free again. */
  expires_at: Instant;
  /** The hold's id, for capture and release. */
  hold: HoldId;
  /** Who holds, where the request said so. */
  holder?: SubjectKey | null | undefined;
  /** The host's order id. */
  order: string;
  /** What the card gives on the order, frozen. */
  pricing: Pricing;
  /** The redemption that it was captured by. */
  redemption?: string | null | undefined;
  /** Where it stands. */
  state: HoldState;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface HoldViewPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<HoldView>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** The holds of an order. */
export interface HoldsOfOrder {
  /** The host's order id. */
  order: string;
  /** Which page. */
  page?: Paging | undefined;
}

/** A benefit of the host's own. */
export interface HostBenefit {
  /** What it is to know: at most 4,096 bytes of JSON. Nothing personal. */
  data?: Json | undefined;
  /** The host's name for it. */
  name: string;
}

/** RFC 3339 in whole milliseconds, such as 2026-11-11T00:00:00.000Z */
export type Instant = string;

/** a fact of type instant, and one operator */
export interface InstantAttributeTest {
  at_least?: string | undefined;
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  gt?: string | undefined;
  lt?: string | undefined;
  type?: "instant" | undefined;
}

/** a fact of type instant, and one operator */
export interface InstantOptionalTest {
  at_least?: string | undefined;
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  exists?: boolean | undefined;
  fact: "order.placed_at";
  gt?: string | undefined;
  lt?: string | undefined;
}

/** a fact of type instant, and one operator */
export interface InstantTest {
  at_least?: string | undefined;
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  fact: "now";
  gt?: string | undefined;
  lt?: string | undefined;
}

/** a fact of type integer, and one operator */
export interface IntegerAttributeTest {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  eq?: number | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  gt?: number | undefined;
  in?: Array<number> | undefined;
  lt?: number | undefined;
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
  type?: "integer" | undefined;
}

/** a fact of type integer, and one operator */
export interface IntegerTest {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  eq?: number | undefined;
  fact: "order.lines" | "order.quantity";
  gt?: number | undefined;
  in?: Array<number> | undefined;
  lt?: number | undefined;
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
}

/** Gives a card to a holder. */
export interface Issue {
  /** The batch that the next card is taken from. */
  batch: string;
  /** The channel that it is given out through; the batch's by default. */
  channel?: string | null | undefined;
  /** Whose it becomes. */
  holder: Subject;
  /** Key, reason, origin. */
  meta: Meta;
  /** Values of the template's parameters for this card, frozen in it. */
  parameters?: Record<string, ParameterValue> | undefined;
}

/** Issues a batch of cards. */
export interface IssueBatch {
  /** The campaign that it belongs to. */
  campaign?: string | null | undefined;
  /** The channel that it is made for. */
  channel?: string | null | undefined;
  /** How its cards show themselves, over the template's own. */
  display?: Record<string, Display> | undefined;
  /** The format of its codes. */
  format: CodeFormat;
  /** The host's id. */
  id: string;
  /** What the host says of it. */
  labels?: BatchLabels | undefined;
  /** Ceilings on what its cards together are used for: uses, and money budgets. At most 20; they stay as they are. */
  limits?: Array<Limit> | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** Values of the template's parameters for all of its cards. */
  parameters?: Record<string, ParameterValue> | undefined;
  /** How many cards, 1 to 2^30 (2^18 in codes of 12 symbols). */
  size: number;
  /** The template. */
  template: string;
  /** Its version; the newest by default. The cards follow it for ever. */
  template_version?: number | null | undefined;
}

/** An event as the feed gives it. */
export interface JournalEvent {
  /** When, never before the event that the same card had last. */
  at: Instant;
  /** The card. */
  card?: CardId | null | undefined;
  /**
   * The head of the card's chain with this event, 32 hex digits. Whoever keeps the last of each card can have `audit` look
   * whether its end was cut off.
   */
  chain?: string | null | undefined;
  /** What it moved on the ledger. */
  entry?: Entry | null | undefined;
  /** What else there is to say; for a request, the reply to it. */
  facts?: Json | undefined;
  /** Unique in the store: an event that comes twice has the same. */
  id: string;
  /** What happened. */
  kind: EventKind;
  /** The name of the thing, where it is no card; the kind says of which sort. */
  name?: string | null | undefined;
  /** Where it came from. */
  origin: Origin;
  /** The event's place among the card's own, from 1. */
  place?: number | null | undefined;
  /** Why, in the words of whoever asked. */
  reason?: string | null | undefined;
  /** Whether it is of a card and names somebody who was erased since it was written: it no longer says what it said. */
  redacted?: boolean | undefined;
  /** The operation and idempotency key that it is the effect of. */
  request?: RequestKey | null | undefined;
}

/** A name in the languages of the catalogue. */
export interface Labels {
  /** English. */
  en: string;
  /** Simplified Chinese. */
  "zh-CN": string;
}

/** In which order benefits come off: each lane sees what the lanes before it left. */
export type Lane = "item" | "order" | "shipping" | "tender";

/** What capturing a hold comes to that was not captured in time (G-08). */
export type LateCapture = "reacquire" | "backorder" | "refund";

/** So much money, or so many pieces. */
export type Least = { minor: number; } | { pieces: number; };

/** A card of an order that does not apply, and why. */
export interface LeftOut {
  /** The card, where the request found one; none for a public code. */
  card?: CardId | null | undefined;
  /** The code of the denial. */
  code: string;
  /** Its facts. */
  facts?: Record<string, Json> | undefined;
  /** Its place among the cards of the request, from 0. */
  place: number;
  /** What became of it, in one word. */
  verdict: Verdict;
}

/** An offer that is not used. */
export interface LeftOut2 {
  /** Why it does not apply beside them. */
  denial?: Refusal | null | undefined;
  /** What would come off in all with it, in minor units. */
  discount_minor: number;
  /** The offer. */
  id: string;
  /** What it would come to beside those that are used: `applied` where less would come off in all, or no more. */
  verdict: Verdict;
}

/** What is owed, by unit and cohort. A campaign is the sum of its batches. */
export interface Liability {
  /** The moment. */
  at: Instant;
  /**
   * Whether all of it is told exactly. Not before the moment at which a file of an earlier build was first opened by one with
   * a ledger, where cards had moved by then.
   */
  exact: boolean;
  /** By unit, and within it by batch; first what holders and channels have. */
  lines: Array<LiabilityLine>;
}

/** Asks what was owed at a moment. */
export interface LiabilityAt {
  /** A moment that is not ahead; what happened at this very moment had happened. Now by default. */
  at?: Moment | null | undefined;
  /** Only of this batch. */
  batch?: string | null | undefined;
}

/**
 * What is owed in a unit on the cards of a batch, or on the accounts of holders and channels. Amounts in the smallest part of the
 * unit; none is told beyond 9007199254740991.
 */
export interface LiabilityLine {
  /** What was set right; below 0 where more was taken away. */
  adjusted_minor: number;
  /** The batch; nothing where the line is about holders and channels. */
  batch?: string | null | undefined;
  /** What is booked as breakage: of cards that were touched since their end. */
  booked_breakage_minor: number;
  /** What had become breakage by that moment, booked or not, untouched cards included. Told of a moment only. */
  breakage_minor?: number | null | undefined;
  /** What the touched cards hold of a batch that was voided as a whole: owed to nobody. */
  dead_minor?: number | undefined;
  /** Face value that came onto touched cards. */
  issued_minor: number;
  /** What was loaded. */
  loaded_minor: number;
  /** What the touched cards of the batch hold that are not void, expired ones included; or what the accounts hold. */
  outstanding_minor: number;
  /** What was paid, less what was given back. */
  redeemed_minor: number;
  /** Cards that were touched. */
  touched_cards: number;
  /** What the untouched cards would hold of a batch that is claimed from: nobody has them yet. */
  ungiven_minor: number;
  /** The unit. */
  unit: string;
  /** Cards that were not. */
  untouched_cards: number;
  /** What the untouched cards hold of a batch whose codes were issued as a whole. */
  untouched_minor: number;
  /** What cards held that were killed before their end. */
  voided_minor: number;
}

/** Asks what is owed now. */
export interface LiabilityNow {
  /** Only of this batch. */
  batch?: string | null | undefined;
}

/** The stored part of a campaign's life. Scheduled and ended are derived from its window by the clock, never stored. */
export type Life = "draft" | "running" | "paused" | "archived";

/**
 * A ceiling on what cards of a template, a batch or a campaign are used for.
 *
 * What is held counts as used until it is captured or comes back. What a refund gives back goes back to the window that it was taken
 * from.
 */
export interface Limit {
  /** What is counted. */
  measure: Measure;
  /** The most: uses, or minor units. */
  most: number;
  /** The limit's name, once in its template, batch or campaign. All versions of a template count under the same name together. */
  name: string;
  /**
   * What happens where less is left than a use asks for (G-12): `deny` by default. `cap`, for lines, pieces and money: a coupon takes
   * off, or a gift card pays, as much as is left, the first lines and pieces of the order first. Cards of other kinds, and an amount
   * that was asked for, are denied all the same.
   */
  partial_policy?: PartialPolicy | undefined;
  /** Whether what a refund gives back may be used again; true unless said otherwise. */
  refill?: boolean | undefined;
  /**
   * For whom it is counted apart: `["holder"]` for each holder, `["holder", "store"]` for each holder in each store; for all
   * together where it is empty.
   */
  scope?: Array<Scope> | undefined;
  /** Over which time; for ever by default. */
  window?: LimitWindow | undefined;
}

/** Over which time a limit counts. */
export type LimitWindow = "total" | { calendar: Period; } | { rolling_s: number; };

/** Ceilings of a template. Each counts captured uses; a refund gives back. */
export interface Limits {
  /** The most that a gift card may hold, in minor units of the template's currency. */
  balance_max_minor?: number | null | undefined;
  /** How many cards of this template one holder may claim. */
  claims_per_holder?: number | null | undefined;
  /** Ceilings on what its cards are used for, by whom, where, and over which time. */
  list?: Array<Limit> | undefined;
  /**
   * How often one card may be redeemed, one use per order; of a times card how many uses it has. A gift card is good until nothing
   * is left on it, a membership card as long as it is good: they have no such ceiling.
   */
  uses_per_card?: number | undefined;
  /** How often one holder may redeem cards of this template, whichever version. */
  uses_per_holder?: number | null | undefined;
}

/** One line of an order. */
export interface Line {
  /** What the whole line costs before cards, in minor units, 0 or more. */
  amount_minor: number;
  /** Attributes of the line that the tenant declares, for conditions. */
  attrs?: Record<string, AttrValue> | undefined;
  /** Categories of the product. */
  categories?: Array<string> | undefined;
  /** Whether anything may come off it; true unless said otherwise. It can always be paid for by a gift card. */
  discountable?: boolean | undefined;
  /** The lowest that the whole line may come to through discounts (控价), in minor units; 0 by default. */
  floor_minor?: number | undefined;
  /** The line's id within the order. */
  id: string;
  /** What the whole line costs at its list price (划线价), in minor units, `amount_minor` or more; the same by default. */
  list_minor?: number | null | undefined;
  /** The product's id. */
  product: string;
  /** Pieces, 1 to 2^31 − 1. */
  quantity: number;
  /** The host's tags of the line, for conditions; at most 100. */
  tags?: Array<string> | undefined;
  /** Its tax rate in basis points, 0 to 10,000: carried, so that shares can be told by rate. Taxes are the host's. */
  tax_rate_bp?: number | null | undefined;
}

/** What comes back of a line, and what is paid out for it, in minor units. */
export interface LineBack {
  /** What they cost before cards. */
  before_minor: number;
  /** What of that came off. */
  discount_minor: number;
  /** The line's id within the order; of shipping nothing. */
  line?: string | null | undefined;
  /** What was paid for them, by cards of value and otherwise: the rest. */
  paid_minor: number;
  /** Their share of what is paid out. */
  payout_minor: number;
  /** How many pieces come back. */
  pieces: number;
}

/** a fact of type boolean, and one operator */
export interface LineBooleanAttributeTest {
  eq?: boolean | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  type?: "boolean" | undefined;
}

/** What must be true of a line. */
export type LineCondition = { all: Array<LineCondition>; } | { any: Array<LineCondition>; } | { not: LineCondition; } | { fact: LineFactTest; } | { product_set: SetRef; };

/** a fact of type date, and one operator */
export interface LineDateAttributeTest {
  /** a day, such as 2026-11-11 */
  at_least?: string | undefined;
  /** a day, such as 2026-11-11 */
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  eq?: string | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  /** a day, such as 2026-11-11 */
  gt?: string | undefined;
  in?: Array<string> | undefined;
  /** a day, such as 2026-11-11 */
  lt?: string | undefined;
  /** a day, such as 2026-11-11 */
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  type?: "date" | undefined;
}

/** A test of one fact. */
export type LineFactTest = LineMoneyTest | LineIntegerTest | LineTextTest | LineTextsOptionalTest | LineMoneyAttributeTest | LineIntegerAttributeTest | LineTextAttributeTest | LineTextsAttributeTest | LineBooleanAttributeTest | LineInstantAttributeTest | LineDateAttributeTest;

/**
 * Which lines of an order are meant: those of the products (when any is listed), in the product set (when one is named) and in one of
 * the categories (when any is).
 */
export interface LineFilter {
  /** Categories of which a line must have one. */
  categories?: Array<string> | undefined;
  /** Name of a saved product set. */
  product_set?: string | null | undefined;
  /** The version of that set; the newest when the template is saved, and pinned from then on. */
  product_set_version?: number | null | undefined;
  /** Product ids of which a line must have one; a long list is better saved as a product set. */
  products?: Array<string> | undefined;
}

/** a fact of type instant, and one operator */
export interface LineInstantAttributeTest {
  at_least?: string | undefined;
  at_most?: string | undefined;
  between?: Array<string> | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  gt?: string | undefined;
  lt?: string | undefined;
  type?: "instant" | undefined;
}

/** a fact of type integer, and one operator */
export interface LineIntegerAttributeTest {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  eq?: number | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  gt?: number | undefined;
  in?: Array<number> | undefined;
  lt?: number | undefined;
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
  type?: "integer" | undefined;
}

/** a fact of type integer, and one operator */
export interface LineIntegerTest {
  at_least?: number | undefined;
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  eq?: number | undefined;
  fact: "line.quantity";
  gt?: number | undefined;
  in?: Array<number> | undefined;
  lt?: number | undefined;
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
}

/** a fact of type money, and one operator */
export interface LineMoneyAttributeTest {
  /** minor units */
  at_least?: number | undefined;
  /** minor units */
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  /** minor units */
  eq?: number | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  /** minor units */
  gt?: number | undefined;
  in?: Array<number> | undefined;
  /** minor units */
  lt?: number | undefined;
  /** minor units */
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
  type?: "money" | undefined;
}

/** a fact of type money, and one operator */
export interface LineMoneyTest {
  /** minor units */
  at_least?: number | undefined;
  /** minor units */
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  /** minor units */
  eq?: number | undefined;
  fact: "line.amount" | "line.unit_price";
  /** minor units */
  gt?: number | undefined;
  in?: Array<number> | undefined;
  /** minor units */
  lt?: number | undefined;
  /** minor units */
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
}

/** Pieces of a line that come back. */
export interface LineReturn {
  /** The line's id within the order. */
  line: string;
  /** How many pieces, 1 or more; all that are not back yet by default. */
  pieces?: number | null | undefined;
}

/** a fact of type text, and one operator */
export interface LineTextAttributeTest {
  eq?: string | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  in?: Array<string> | undefined;
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  prefix?: string | undefined;
  type?: "text" | undefined;
}

/** a fact of type text, and one operator */
export interface LineTextTest {
  eq?: string | undefined;
  fact: "line.product";
  in?: Array<string> | undefined;
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  prefix?: string | undefined;
}

/** a fact of type texts, and one operator */
export interface LineTextsAttributeTest {
  contains_all?: Array<string> | undefined;
  contains_any?: Array<string> | undefined;
  contains_none?: Array<string> | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  type?: "texts" | undefined;
}

/** a fact of type texts, and one operator */
export interface LineTextsOptionalTest {
  contains_all?: Array<string> | undefined;
  contains_any?: Array<string> | undefined;
  contains_none?: Array<string> | undefined;
  exists?: boolean | undefined;
  fact: "line.categories" | "line.tags";
}

/** What is asked of the lines together: one of `match`, `count`, `quantity` and `sum`. */
export interface LinesTest {
  /** How many such lines there are. */
  count?: Comparison | null | undefined;
  /** How many of the order's lines must be as `where` says. */
  match?: Matching | null | undefined;
  /** How many pieces they have. */
  quantity?: Comparison | null | undefined;
  /** What they come to, in minor units. */
  sum?: Comparison | null | undefined;
  /** Which lines are meant; all of them by default. */
  where?: LineCondition | null | undefined;
}

/**
 * Says that several subjects are one natural person (自然人): an openid, a phone number, a customer. From then on what any of them
 * uses and takes counts for all, what each did before included, and each may use what another holds.
 */
export interface Link {
  /** Key, reason, origin. */
  meta: Meta;
  /** 2 to 16 subjects. Those that are linked already bring all whom they are linked with. */
  subjects: Array<Subject>;
}

/** Asks for the accounts of a holder or channel. */
export interface ListAccounts {
  /** A holder's or channel's account. */
  account: AccountPick;
  /** Which page. */
  page?: Paging | undefined;
}

/** Asks for the declared attributes. */
export type ListAttributes = Record<string, never>;

/** Batches. */
export interface ListBatches {
  /** Which page. */
  page?: Paging | undefined;
}

/** Campaigns. */
export interface ListCampaigns {
  /** Which page. */
  page?: Paging | undefined;
}

/** Which cards of a batch. */
export interface ListCards {
  /** The batch. */
  batch: string;
  /** Only those given out through this channel. */
  channel?: string | null | undefined;
  /** Which page. */
  page?: Paging | undefined;
  /** Only those in this state. Untouched cards count as what their batch made them. */
  state?: CardState | null | undefined;
}

/** Asks for the declared benefits of the host's own. */
export type ListHostBenefits = Record<string, never>;

/** Asks what moved on the accounts of a holder or channel. */
export interface ListMovements {
  /** A holder's or channel's account. */
  account: AccountPick;
  /** Which page. */
  page?: Paging | undefined;
}

/** Asks for the promotions. */
export type ListPromotions = Record<string, never>;

/** Lists the samples of a tenant. */
export type ListSamples = Record<string, never>;

/** Templates. */
export interface ListTemplates {
  /** Which page. */
  page?: Paging | undefined;
}

/** Asks for the declared units. */
export interface ListUnits {
  /** Which page. */
  page?: Paging | undefined;
}

/** Puts value on a gift card (充值). */
export interface Load {
  /** How much, in minor units of the card's currency; 1 or more. */
  amount_minor: number;
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Key, reason, origin. */
  meta: Meta;
}

/** The sentences of a denial by language. */
export interface LocaleTexts {
  /** English. */
  en: Texts;
  /** Simplified Chinese. */
  "zh-CN": Texts;
}

/** Looks a card up. */
export interface LookUp {
  /** By code, id or card number. */
  card: CardPick;
}

/** How many lines of an order. */
export type Matching = "any" | "all" | "none";

/** What a limit counts. */
export type Measure = { uses: { /** What counts as one. */ usage_unit: UsageUnit; }; } | { money: { /** Of this currency. */ currency: Currency; }; };

/** Counts how far a campaign has come. */
export interface MeasureCampaign {
  /** The campaign. */
  campaign: string;
}

/** What a membership is. */
export interface Membership {
  /** How often a card may be presented; as often as its holder likes by default. */
  check_ins?: CheckIns | null | undefined;
  /** What the host wants to know of a member beside: at most 32 texts of 1 to 200 characters. */
  facts?: Record<string, string> | undefined;
  /** The host's name for the level. */
  level?: string | null | undefined;
}

/** The idempotency key of a change, alone or with who asks why. */
export type Meta = string | MetaObject;

/** [`Meta`] in full. */
export interface MetaObject {
  /** Who buys, where a policy profile asks for it. Its facts are kept as HMACs, apart from the request. */
  buyer?: Buyer | null | undefined;
  /**
   * How long the request may wait to be decided, in milliseconds, instead of the engine's own bound; 0 for as long as it
   * takes. It is no part of the request: a repetition may name another one.
   */
  deadline_ms?: number | null | undefined;
  /** Unique within the tenant and the operation; 1 to 128 bytes without spaces. */
  key: string;
  /** Where the request came from. */
  origin?: Origin | undefined;
  /** Why, in words for the journal; at most 500 bytes. */
  reason?: string | null | undefined;
  /**
   * Whether it was sent before and nobody knows what became of it: after `outcome_unknown`, or where whoever sent it ended before
   * the answer. Its answer then holds for all tries: a *no* is told once none of them can be done any more, and what cannot be
   * said of all of them is `outcome_unknown`. It is no part of the request.
   */
  retry?: boolean | undefined;
}

/** a fact of type money, and one operator */
export interface MoneyAttributeTest {
  /** minor units */
  at_least?: number | undefined;
  /** minor units */
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  /** minor units */
  eq?: number | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  /** minor units */
  gt?: number | undefined;
  in?: Array<number> | undefined;
  /** minor units */
  lt?: number | undefined;
  /** minor units */
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
  type?: "money" | undefined;
}

/** a fact of type money, and one operator */
export interface MoneyTest {
  /** minor units */
  at_least?: number | undefined;
  /** minor units */
  at_most?: number | undefined;
  between?: Array<number> | undefined;
  /** minor units */
  eq?: number | undefined;
  fact: "order.subtotal";
  /** minor units */
  gt?: number | undefined;
  in?: Array<number> | undefined;
  /** minor units */
  lt?: number | undefined;
  /** minor units */
  ne?: number | undefined;
  not_in?: Array<number> | undefined;
}

/** Moves value from one account to another; needs a reason. */
export interface MoveValue {
  /** How much, in the smallest part of the unit; 1 or more. */
  amount_minor: number;
  /** From which account. */
  from_account: AccountPick;
  /** Key, reason, origin. */
  meta: Meta;
  /** To which; not both are the tenant's own. */
  to_account: AccountPick;
  /** In which unit: a declared one, or the code of a currency. */
  unit: string;
}

/** What moved on an account at once. */
export interface Movement {
  /** The account of the tenant's that stands against it; `between` where it was another holder's or channel's. */
  against: string;
  /** When. */
  at: Instant;
  /** What the account held afterwards. */
  balance_minor: number;
  /** By how much, in its smallest part; below 0 where it was taken away. */
  delta_minor: number;
  /** Where the request came from. */
  origin: Origin;
  /** Why. */
  reason?: string | null | undefined;
  /** The operation and key that it is the effect of; of two sides the one that it was taken from has it. */
  request?: RequestKey | null | undefined;
  /** In which unit. */
  unit: string;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface MovementPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Movement>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** Points at a declared parameter. */
export interface NamedSetting {
  /** The parameter's name. */
  parameter: string;
}

/** The second best combination of what takes something off. */
export interface NextBest {
  /** What they take off, in minor units. */
  discount_minor: number;
  /** Its cards and promotions. */
  offers: Array<OfferOf>;
}

/** What would bring more. */
export interface NextStep {
  /** What the order has: money, or pieces. */
  have: Fact;
  /** What it would need. */
  need: Fact;
  /** Which part of the template asks for it. */
  path: string;
  /** The difference. */
  short: Fact;
}

/** How a batch compares words. Fixed per batch: a later change would make words that are already out unfindable. */
export type Normalisation = "word" | "case_sensitive";

/** Cards that a redemption would have given but could not. */
export interface NotGiven {
  /** The batch that they would have been of. */
  batch: string;
  /** The code of the denial. */
  code: string;
}

/** What makes one combination better than another. */
export type Objective = "customer" | "shop";

/** Something that happened at the host, for the journal: a visit, a sign-up, a level reached. */
export interface Observe {
  /** When, as the host says. */
  at: Moment;
  /** What else there is to say; at most 32 texts of 1 to 200 characters, nothing personal. */
  facts?: Record<string, string> | undefined;
  /** The host's name for it. */
  kind: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** Whom it is about. */
  subject: Subject;
}

/** What comes off, or is given. */
export type Off = { minor: Setting; } | { off_bp: Setting; } | { price_minor: Setting; } | { gifts: Gifts; } | { host: HostBenefit; };

/** A card or a promotion that may be used. */
export interface OfferOf {
  /** The card, where there is one; none for a public code. */
  card?: CardId | null | undefined;
  /** Of a card of the request: its place, from 0. */
  place?: number | null | undefined;
  /** The promotion. */
  promotion?: string | null | undefined;
}

/** What an offer comes to. */
export interface OfferPlan {
  /** What the host is to do. */
  actions: Array<Action>;
  /** Why it does not apply. */
  denial?: Refusal | null | undefined;
  /** What it takes off. */
  discount_minor: number;
  /** Lines of which less came off than would have, and why. */
  held_back: Array<HeldBack>;
  /** The offer. */
  id: string;
  /** The lane in which it comes off. */
  lane: Lane;
  /** What would bring more (凑单). */
  next?: NextStep | null | undefined;
  /** Its share of each line that has one, in the order's own order. */
  shares: Array<PlanShare>;
  /** Who bears what of that, where the template says so. */
  shipping_funded: Array<Funded>;
  /** What of it falls on shipping. */
  shipping_minor: number;
  /** The template's id. */
  template: string;
  /** What it pays. */
  tender_minor: number;
  /** What became of it. */
  verdict: Verdict;
}

/** What gets a deal. */
export type On = "counted" | { lines: LineFilter; } | "shipping";

/** Tells a genuine code from any other text. */
export interface Open {
  /** The code, as a person typed or scanned it. */
  code: CodeText;
}

/** Tells genuine codes from any other texts. */
export interface OpenMany {
  /** At most 100,000 codes. */
  codes: Array<CodeText>;
}

/** An order: its lines, and the facts that a redemption keeps. */
export interface Order {
  /** Attributes of the order that the tenant declares, for conditions. */
  attrs?: Record<string, AttrValue> | undefined;
  /** Through which channel. */
  channel?: string | null | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** On what it is bought, in the host's word, such as `app`. */
  device_kind?: string | null | undefined;
  /** Attributes of the buyer that the tenant declares, for conditions. */
  holder_attrs?: Record<string, AttrValue> | undefined;
  /** The host's order id. */
  id: string;
  /** 1 to 10,000 lines. */
  lines: Array<Line>;
  /** Whether the host counts the buyer as new. */
  new_customer?: boolean | null | undefined;
  /** How it is paid, in the host's word. */
  payment_method?: string | null | undefined;
  /** Where it is bought. */
  place?: Place | null | undefined;
  /** When it was placed, as the host says. */
  placed_at?: Moment | null | undefined;
  /** Whether its amounts hold the tax already: carried, as tax rates are. */
  prices_include_tax?: boolean | null | undefined;
  /** The host's segments of the buyer. */
  segments?: Array<string> | undefined;
  /** Whether anything may come off shipping; true unless said otherwise. */
  shipping_discountable?: boolean | undefined;
  /** What shipping costs before cards, in minor units; 0 by default. It is no part of the lines. */
  shipping_minor?: number | undefined;
  /** The host's word for where the buyer came from. */
  source?: string | null | undefined;
  /** Where it is sold. */
  store?: string | null | undefined;
}

/** What capturing the holds of an order came to. The same for every repetition of the request. */
export interface OrderCaptured {
  /** The holds that were captured, all of them or none, and those for which nothing was free, in the order of the request. */
  holds: Array<Captured>;
  /** The host's order id. */
  order: string;
  /**
   * What it came to as a whole: `reacquired` where one of them was; `refund_required` or `backordered` where one of them came to
   * that, and then nothing was taken.
   */
  outcome: CaptureOutcome;
  /** The holds that stood and were given back, since another came to `refund_required`. */
  released?: Array<HoldView> | undefined;
}

/** A card that an order uses. */
export interface OrderCard {
  /**
   * The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by default.
   * Nothing for other cards.
   */
  amount_minor?: number | null | undefined;
  /** By its code, as the shopper typed or scanned it, a public one too; by id or number where the shopper picked it from a list of theirs. */
  card: CardPick;
  /** Which batches of those that a choice lists its holder chooses. Nothing for other cards. */
  choose?: Array<string> | undefined;
  /** How many uses of a times card are taken; all that the order has by default. Nothing for other cards. */
  units?: number | null | undefined;
}

/** What an order comes to with several offers, as bare figures in minor units. */
export interface OrderFigures {
  /** What comes off in all. */
  discount_minor: number;
  /** For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply. */
  offers_minor?: Array<number | null> | null | undefined;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /**
   * For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last
   * of shipping; nothing for one that does not apply.
   */
  shares?: Array<Array<number> | null> | null | undefined;
  /** What stored value pays. */
  tender_minor: number;
}

/** What an order keeps. The same for every repetition of the request. */
export interface OrderHeld {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate?: Array<RateShare> | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** The first moment at which one of them is free again. */
  expires_at: Instant;
  /** A hold for each card that applies, in the order of the request, and behind them for each promotion, by its id. */
  holds: Array<HoldView>;
  /** The cards that do not apply, where they may be left out. */
  left_out?: Array<LeftOut> | undefined;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** The host's order id. */
  order: string;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** Which holds are of promotions. */
  promotions?: Array<PromotionUse> | undefined;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** What several cards come to on an order. */
export interface OrderQuoted {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate?: Array<RateShare> | undefined;
  /** Every card, in the order of the request. */
  cards: Array<QuotedCard>;
  /** The currency of every amount. */
  currency: Currency;
  /**
   * What it came to, for a hold or a redemption that is to come to the same; nothing where no card applies. Cards that do not apply
   * have to be left out, or be allowed to be.
   */
  digest?: string | null | undefined;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** Every promotion that runs, by its id. */
  promotions: Array<QuotedPromotion>;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** What a redemption of several cards came to. The same for every repetition of the request. */
export interface OrderReceipt {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate?: Array<RateShare> | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** The cards that do not apply, where they may be left out. */
  left_out?: Array<LeftOut> | undefined;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** The host's order id. */
  order: string;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** Which receipts are of promotions. */
  promotions?: Array<PromotionUse> | undefined;
  /**
   * A receipt for each card that applies, in the order of the request, and behind them for each promotion, by its id. Of one that came off behind another its pricing begins with
   * what that left to pay.
   */
  receipts: Array<Receipt>;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** What an order gave back. The same for every repetition of the request. */
export interface OrderReleased {
  /** The holds, in the order of the request. */
  holds: Array<HoldView>;
  /** The host's order id. */
  order: string;
}

/** Many orders: a list of 1 to 10,000, or the name of a sample that the engine holds. */
export type Orders = Array<Order> | string;

/** What templates come to on each of many orders. */
export interface OrdersQuoted {
  /** One for each order, in order. `quote_drafts` says of one of them why. */
  orders: Array<OrderFigures>;
}

/** Where a card or an event came from. All parts are the host's names, none is needed. */
export interface Origin {
  /** The automation that did it. */
  automation?: string | null | undefined;
  /** The campaign. */
  campaign?: string | null | undefined;
  /** The channel. */
  channel?: string | null | undefined;
  /** Who of the staff did it. */
  operator?: string | null | undefined;
  /** The card that it came out of. */
  parent_card?: CardId | null | undefined;
  /** The redemption that gave it. */
  redemption?: string | null | undefined;
  /** Who brought the holder. */
  referrer?: string | null | undefined;
  /** Poster, partner, message: the host's word for the source. */
  source?: string | null | undefined;
}

/** What a benefit or a sum is taken over. */
export type Over = "order" | { lines: LineFilter; };

/** Which page of a list. */
export interface Paging {
  /** The `next` of the page before. */
  after?: string | null | undefined;
  /** Most items, 1 to 1,000; 100 where it is 0. */
  limit?: number | undefined;
}

/** A parameter that a template declares, with its bounds and its default. */
export type Parameter = { integer: { /** The value where nothing is set. */ default: number; /** Largest value. */ max: number; /** Smallest value. */ min: number; }; } | { text: { /** Most characters. */ chars_max: number; /** The text where nothing is set. */ default: string; }; };

/** The value of a parameter. */
export type ParameterValue = number | string;

/** What happens where a card has fewer uses left, or a limit less, than is asked of it. */
export type PartialPolicy = "deny" | "cap";

/** Lets the cards of a campaign stand still. */
export interface PauseCampaign {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Takes a promotion off orders for now. */
export interface PausePromotion {
  /** The promotion. */
  id: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** A stretch of the calendar. */
export type Period = "day" | "week" | "month" | "year";

/** Asks who is one person with a subject. */
export interface PersonOf {
  /** The subject. */
  subject: Subject;
}

/** A person. */
export interface PersonView {
  /** `person:` and a number of its own; nothing for a subject that is linked with nobody. */
  person?: SubjectKey | null | undefined;
  /** The subjects as records hold them, in order: phone numbers and mail addresses as HMACs. */
  subjects: Array<SubjectKey>;
}

/** Which pieces get a deal. */
export type Pick = "all" | "cheapest" | "dearest";

/** Where an order is bought. Debug does not show it: it is personal. */
export interface Place {
  /** The point, where it is known. */
  point?: Point | null | undefined;
  /** The host's word for the region. */
  region?: string | null | undefined;
}

/** Keeps a card for an order until it is captured, released, or the time is over. The same order asking again gets the same hold. */
export interface PlaceHold {
  /**
   * The most that a gift card is held for, in minor units of the order's currency, at most the order's total; all that it can by
   * default. Nothing for other cards.
   */
  amount_minor?: number | null | undefined;
  /** The code, as the shopper typed or scanned it; a public code counts, too, for a holder. */
  code: CodeText;
  /** Who holds. Needed for cards that have a holder, for limits per holder and for public codes. */
  holder?: Subject | null | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** The order, as it will be captured. */
  order: Order;
  /** The digest of a quote: the hold is made only if it comes to the same. */
  quote?: string | null | undefined;
  /** Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
  /**
   * How long, in seconds: 1 to what the template allows; the template's own by default. Rounded up by less than a 64th of it,
   * and at least to a whole second.
   */
  ttl_s?: number | null | undefined;
}

/** a fact of type place, and one operator */
export interface PlaceOptionalTest {
  exists?: boolean | undefined;
  fact: "place";
  inside?: Array<Point> | undefined;
  within?: Circle | undefined;
}

/** What an order comes to with several offers. What lines and shipping say sums to the totals exactly. */
export interface Plan {
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** The lines by their tax rates, where they name any; shipping has none. */
  by_tax_rate: Array<RateShare>;
  /** The currency of every amount. */
  currency: Currency;
  /** What comes off in all: it lowers the invoice (发票). */
  discount_minor: number;
  /** Every line, in the order's own order. */
  lines: Array<PlanLine>;
  /** Whether nothing is left to pay: most ways to pay refuse an amount of 0. */
  nothing_to_pay: boolean;
  /** Every offer, in the order in which they were given. */
  offers: Array<OfferPlan>;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Shipping, where the order has any. */
  shipping?: PlanShipping | null | undefined;
  /** What stored value pays: it does not. */
  tender_minor: number;
}

/** What becomes of a line. */
export interface PlanLine {
  /** What it cost before, in minor units. */
  before_minor: number;
  /** What comes off: it lowers the invoice. */
  discount_minor: number;
  /** The line's id within the order. */
  line: string;
  /** What is left to pay. */
  payable_minor: number;
  /** What stored value pays of it: it does not. */
  tender_minor: number;
}

/** A line's share of an offer: what comes off it, or what is paid of it. */
export interface PlanShare {
  /** Who bears what of it, where the template says so. */
  funded: Array<Funded>;
  /** The line's id within the order. */
  line: string;
  /** How much, in minor units. */
  minor: number;
}

/** What becomes of shipping, in minor units. */
export interface PlanShipping {
  /** What it cost before. */
  before_minor: number;
  /** What comes off. */
  discount_minor: number;
  /** What is left to pay. */
  payable_minor: number;
  /** What stored value pays of it. */
  tender_minor: number;
}

/** A point in degrees of WGS 84, in whole millionths: a tenth of a metre. */
export interface Point {
  /** Latitude in millionths of a degree, −90,000,000 to 90,000,000. */
  lat_e6: number;
  /** Longitude in millionths of a degree, −180,000,000 to 180,000,000. */
  lon_e6: number;
}

/** What may be done with a template's cards. What is not declared is denied. */
export interface Policies {
  /** Cards may be bound; `not_bindable` otherwise. */
  bind?: BindPolicy | null | undefined;
  /** Cards may be extended; `not_extendable` otherwise. */
  extend?: ExtendPolicy | null | undefined;
  /** What comes back when an order comes back line by line; by default the discount stays, and the use comes back with the last of it. */
  refund?: RefundPolicy | null | undefined;
  /** Cards may be transferred; `not_transferable` otherwise. */
  transfer?: TransferPolicy | null | undefined;
}

/** What a card gives on an order. Allocations and what comes off shipping sum to `discount_minor` exactly. */
export interface Pricing {
  /** What the host is to do beside. */
  actions?: Array<Action> | undefined;
  /** The shares of the lines that get one above 0, in order of the lines. */
  allocations: Array<Allocation>;
  /** The order's total before, shipping included, in minor units. */
  before_minor: number;
  /** What comes off in all. */
  discount_minor: number;
  /** Lines of which less came off than would have, and why. */
  held_back?: Array<HeldBack> | undefined;
  /** What is left to pay, 0 or more. */
  payable_minor: number;
  /** How a share that was not whole became whole. */
  rounding: Rounding;
  /** Who bears what of that, where the template says so. */
  shipping_funded?: Array<Funded> | undefined;
  /** What of `discount_minor` comes off shipping. */
  shipping_off_minor?: number | undefined;
  /** What the card itself pays, in minor units: of gift cards only. Value pays and is no discount, so no line has a share of it. */
  tender_minor?: number | undefined;
}

/** Rules for stored value. A broken one is `policy_violation`. */
export type Profile = "none" | { cn_single_purpose: { /** Whether the card is registered to a person (记名卡) or good for its bearer (不记名卡). */ registered: boolean; }; } | { eu_voucher: { /** When VAT is due: with every transfer of the voucher, or when it is redeemed. */ purpose: VoucherPurpose; /** How many years a voucher is good at least, where national law says so. */ valid_years_min?: number | null | undefined; /** What is known of the supply when the voucher is issued; needed of single-purpose vouchers, and of those only. */ vat?: VoucherVat | null | undefined; }; };

/** How far a stream or a job has come. */
export interface Progress {
  /** What is done, in the unit of the stream or job: serials, cards. */
  done: number;
  /** What there is to do in all. */
  total: number;
}

/** A promotion. Its uses are cards of its batch; a new revision has a new batch, and what was redeemed under an earlier one stays. */
export interface Promotion {
  /** The id of the batch whose cards are its uses. */
  batch: string;
  /** The campaign whose window, life and limits hold for it. */
  campaign?: string | null | undefined;
  /** The host's id. */
  id: string;
  /** Where it stands. */
  life: PromotionLife;
  /** The number of that batch. */
  no: BatchNo;
  /** Counted from 1 with each time that it was saved. */
  revision: number;
  /** When it was saved. */
  saved_at: Instant;
  /** The template that says what it gives, and when. */
  template: string;
  /** The version of that template. */
  template_version: number;
}

/** Where a promotion stands. Whether it is its time is another question, of its template's window and its campaign. */
export type PromotionLife = "running" | "paused" | "archived";

/** A promotion that came off an order. */
export interface PromotionUse {
  /** Where its receipt or its hold stands among those of the reply, from 0. */
  place: number;
  /** The promotion. */
  promotion: string;
}

/** What a card would give on an order, without changing anything. */
export interface Quote {
  /** The most that a gift card would pay, in minor units; all that it can by default. */
  amount_minor?: number | null | undefined;
  /** The card. */
  card: CardPick;
  /** Who would redeem. */
  holder?: Subject | null | undefined;
  /** The order. */
  order: Order;
  /** Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
  /** How many uses of a times card would be taken; all that the order has by default. */
  units?: number | null | undefined;
}

/** What templates would come to on an order, together, without being saved. */
export interface QuoteDrafts {
  /** The moment of which it is told; now by default. */
  at?: Moment | null | undefined;
  /** What is offered: at most 1,000, in any order. */
  offers: Array<DraftOffer>;
  /** The order. */
  order: Order;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
}

/** What several cards would come to on an order, without changing anything. */
export interface QuoteOrder {
  /** The cards, at most 50, each once. */
  cards: Array<OrderCard>;
  /** Who would redeem. */
  holder?: Subject | null | undefined;
  /** Whether promotions stay off the order; they come off it by themselves. */
  no_promotions?: boolean | undefined;
  /** The order. */
  order: Order;
  /** Promotions that stay off the order, by id, as `best_order` says; at most 1,000. */
  promotions_off?: Array<string> | undefined;
  /** Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
}

/** What templates would come to on each of many orders, each by itself, without being saved. */
export interface QuoteOrders {
  /** The moment of which it is told; by default when each order was placed, and now for one that does not say. */
  at?: Moment | null | undefined;
  /** How much is told; by line unless said otherwise. */
  detail?: Detail | undefined;
  /** What is offered on each of them, as in `quote_drafts`: at most 1,000, in any order. */
  offers: Array<DraftOffer>;
  /** The orders; at most 200,000 pairs of an order and an offer, 5,000,000 where shares are not told by line. */
  orders: Orders;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
}

/** The outcome of a quote on the wire. */
export type QuoteOutcome = { applies: Pricing; } | { denied: Refusal; };

/** What each of a holder's cards would come to on an order, alone. */
export interface QuoteWallet {
  /** Whether cards that are void, used up or expired are told, too. */
  ended?: boolean | undefined;
  /** Whose cards. Of a person of several subjects, those that stand under this one. */
  holder: Subject;
  /** The order. */
  order: Order;
  /**
   * Which page. Cards come page by page in the order of batch and serial, and are sorted within their page: whoever wants all of them in
   * one order asks for a page that holds them.
   */
  page?: Paging | undefined;
  /** Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
}

/** What a quote came to: the price with the card, or why there is none. */
export interface Quoted {
  /** The card, where the code is good; `None` for a public code, which takes any card of its batch. */
  card?: CardId | null | undefined;
  /** What it came to, for a hold that is to come to the same; nothing where the card would not apply. */
  digest?: string | null | undefined;
  /** The ceilings that a use meets, in the order in which they are looked at, where the code is good. */
  limits: Array<QuotedLimit>;
  /** What would bring more (凑单), where it applies. */
  next?: NextStep | null | undefined;
  /** The pricing, or the denial that a redemption at this moment would meet. */
  outcome: QuoteOutcome;
  /** What became of it, in one word. */
  verdict: Verdict;
}

/** What becomes of a card of an order. */
export interface QuotedCard {
  /** The card, where the code is good; none for a public code, which takes any card of its batch. */
  card?: CardId | null | undefined;
  /** Why it does not apply. */
  denial?: Refusal | null | undefined;
  /** The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them. */
  limits: Array<QuotedLimit>;
  /** What would bring more (凑单). */
  next?: NextStep | null | undefined;
  /** What it gives of what the ones before it left. */
  pricing?: Pricing | null | undefined;
  /** What becomes of it, in one word. */
  verdict: Verdict;
}

/**
 * A ceiling that a use of the card meets, in the words of its denial.
 *
 * Where it was `checked`, a redemption or a hold at the same moment hears the same of it as the quote. It was not where the quote ended
 * in an earlier *no*, where the request does not say what it counts apart, and where it counts what is no use: open holds.
 */
export interface QuotedLimit {
  /** What the use takes of it, or asks for in vain. */
  asked?: number | null | undefined;
  /** Whether the quote looked at it. */
  checked: boolean;
  /** Of a budget; its figures are minor units. */
  currency?: Currency | null | undefined;
  /** What other orders hold, where it was looked at. */
  held?: number | null | undefined;
  /** What is left for this order, where it was looked at. */
  left?: number | null | undefined;
  /** The ceiling. */
  limit: number;
  /**
   * The limit's name; `uses_per_card`, `uses_per_holder`, `claims_per_holder`, `check_ins`, `open_holds_per_holder`,
   * `open_holds_per_batch` or `open_holds_per_campaign` of those that are fields of the template.
   */
  name: string;
  /** For whom it counts apart; for all together where it is empty. */
  per: Array<string>;
  /** Whose it is: `template`, `batch` or `campaign`. */
  scope: string;
  /** What is used, where it was looked at. */
  used?: number | null | undefined;
  /** Over which time: `total`, `day`, `week`, `month`, `year`, `rolling 3600 s`. */
  window: string;
}

/** What becomes of a promotion on an order. */
export interface QuotedPromotion {
  /** The card, where the code is good; none for a public code, which takes any card of its batch. */
  card?: CardId | null | undefined;
  /** Why it does not apply. */
  denial?: Refusal | null | undefined;
  /** The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them. */
  limits: Array<QuotedLimit>;
  /** What would bring more (凑单). */
  next?: NextStep | null | undefined;
  /** What it gives of what the ones before it left. */
  pricing?: Pricing | null | undefined;
  /** The promotion. */
  promotion: string;
  /** What becomes of it, in one word. */
  verdict: Verdict;
}

/** What becomes of the lines of one tax rate, in minor units. */
export interface RateShare {
  /** What they cost before. */
  before_minor: number;
  /** What comes off. */
  discount_minor: number;
  /** What is left to pay. */
  payable_minor: number;
  /** The rate in basis points; nothing for lines that name none. */
  tax_rate_bp?: number | null | undefined;
  /** What stored value pays of them. */
  tender_minor: number;
}

/** Ties a bound card to another subject (换绑). */
export interface Rebind {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Whose it is: who asks. */
  holder: Subject;
  /** Key, reason, origin. */
  meta: Meta;
  /** What it is tied to from now on. */
  to: Subject;
}

/** What a redemption came to. The same for every repetition of the request. */
export interface Receipt {
  /** When. */
  at: Instant;
  /** What a gift card holds now, in minor units of the order's currency. */
  balance_minor?: number | null | undefined;
  /** The card. */
  card: CardId;
  /** The cards that the holder was given. */
  given?: Array<GivenCard> | undefined;
  /** What the template gives but could not. */
  not_given?: Array<NotGiven> | undefined;
  /** The host's order id. */
  order: string;
  /** Totals, the discount and its share per line. */
  pricing: Pricing;
  /** The redemption's id: the idempotency key it was made under. */
  redemption: string;
  /** How many uses were taken of a times card: fewer than were asked for where its template caps them. */
  units?: number | null | undefined;
}

/** Uses a card on an order. The order is charged what the reply says, or nothing happened. */
export interface Redeem {
  /**
   * The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by
   * default. Nothing for other cards.
   */
  amount_minor?: number | null | undefined;
  /** Which batches of those that a choice lists its holder chooses. Nothing for other cards. */
  choose?: Array<string> | undefined;
  /** The code, as the shopper typed or scanned it; a public code counts, too. */
  code: CodeText;
  /** Who redeems. Needed for cards that have a holder and for limits per holder. */
  holder?: Subject | null | undefined;
  /** Key, reason, origin. The key becomes the redemption's id. */
  meta: Meta;
  /** The order. */
  order: Order;
  /** Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
  /** How many uses of a times card are taken; all that the order has by default. Nothing for other cards. */
  units?: number | null | undefined;
}

/** From which state a template's cards may be redeemed. */
export type RedeemFrom = "issued" | "claimed" | "bound";

/** Uses several cards on an order, all of them or none. The order is charged what the reply says, or nothing happened. */
export interface RedeemOrder {
  /** The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order. */
  cards: Array<OrderCard>;
  /** Who redeems. Needed for cards that have a holder and for limits per holder. */
  holder?: Subject | null | undefined;
  /** Whether a card that is denied is left out, and told; without it the first one refuses the whole. */
  leave_out?: boolean | undefined;
  /** Key, reason, origin. The key is at most 124 bytes: that of each card's redemption is the same with `#` and its place from 1. */
  meta: Meta;
  /** Whether promotions stay off the order; they come off it by themselves. */
  no_promotions?: boolean | undefined;
  /** The order. */
  order: Order;
  /** Promotions that stay off the order, by id, as `best_order` says; at most 1,000. */
  promotions_off?: Array<string> | undefined;
  /** The digest of a quote: the order is charged only if it comes to the same. */
  quote?: string | null | undefined;
  /** Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16. */
  subjects?: Array<Subject> | undefined;
}

/** A captured use of a card on an order. Its id is the idempotency key that it was made under. */
export interface Redemption {
  /** When. */
  at: Instant;
  /** What a gift card held afterwards, in minor units. */
  balance_minor?: number | null | undefined;
  /** The campaign of the card's batch. */
  campaign?: string | null | undefined;
  /** The card. */
  card: CardId;
  /** Through which channel it was sold. */
  channel?: string | null | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** The cards that it gave to the holder. */
  given?: Array<Given> | undefined;
  /** The hold that it was captured from. */
  hold?: HoldId | null | undefined;
  /** Who redeemed, where the request said so. */
  holder?: SubjectKey | null | undefined;
  /** The idempotency key, unique within the tenant. */
  key: string;
  /** Whether the host counted the buyer as new. */
  new_customer?: boolean | null | undefined;
  /** What it would have given but could not. */
  not_given?: Array<NotGiven> | undefined;
  /** Who of the staff did it. */
  operator?: string | null | undefined;
  /** The host's order id. */
  order: string;
  /** When the order was placed, as the host says. */
  ordered_at?: Instant | null | undefined;
  /** Totals before and after, the discount and its share per line, frozen. */
  pricing: Pricing;
  /** The host's segments of the buyer. */
  segments: Array<string>;
  /** The host's word for where the buyer came from. */
  source?: string | null | undefined;
  /** Where it was sold. */
  store?: string | null | undefined;
  /** How many uses were taken of a times card. */
  units?: number | null | undefined;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface RedemptionPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Redemption>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** The redemptions of an order. */
export interface RedemptionsOfOrder {
  /** The host's order id. */
  order: string;
  /** Which page. */
  page?: Paging | undefined;
}

/** When a batch grows by itself. */
export interface Refill {
  /** When fewer than so many cards are left to give out, 1 or more, */
  below: number;
  /** it grows by so many, 1 or more, */
  by: number;
  /** and never beyond so many in all. */
  up_to: number;
}

/** Lets a batch grow by itself as it runs low, or no longer. */
export interface RefillBatch {
  /** The batch; its cards are claimed. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** When and by how much; nothing to stop it. */
  refill?: Refill | null | undefined;
}

/** What returns of an order would come to, one after another, that was bought with templates which need not be saved. */
export interface RefundDrafts {
  /** The moment of which it is told; now by default. */
  at?: Moment | null | undefined;
  /** What it was bought with: at most 1,000. What does not apply is not in the way. */
  offers: Array<DraftOffer>;
  /** The order. */
  order: Order;
  /** What comes back, one return after another: 1 to 100. */
  returns: Array<DraftsBack>;
  /** How a share that is not whole becomes whole; as the tenant's settings say by default. */
  rounding?: Rounding | null | undefined;
  /** In which order pay-outs go back to what the order was paid with; what pays is called by its offer's id. */
  tenders?: TenderOrder | undefined;
}

/** What a refund would pay out, in minor units. */
export interface RefundFigures {
  /** What becomes of each discount. */
  discounts: Array<DiscountBack>;
  /** What of the paid total would not be paid out yet. */
  left_minor: number;
  /** What comes back, and last shipping. */
  lines: Array<LineBack>;
  /** What is paid out. */
  payout_minor: number;
  /** What could not be taken off it, since it is never below 0. */
  short_minor: number;
  /** What goes back to each way of paying, where anything does. */
  tenders: Array<TenderShare>;
  /** Cards of which uses are given back by then, this refund counted. */
  uses: Array<UsesBack>;
}

/** What becomes of a discount when lines of its order come back. */
export type RefundLines = "keep" | "clawback" | "reprice";

/** Gives lines of an order back, or pieces of them: works out what is paid out and to whom, and gives each card what is its own, in one write. */
export interface RefundOrder {
  /** Whether all comes back that is not back yet; lines and shipping are not named then. */
  everything?: boolean | undefined;
  /** The lines that come back, each once. */
  lines?: Array<LineReturn> | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** The order as it was bought: the same in every word as when its cards were used or held. */
  order: Order;
  /** The redemptions of the order, promotions among them; all that it has by default. */
  redemptions?: Array<string> | undefined;
  /** Whether shipping comes back. */
  shipping?: boolean | undefined;
  /** What becomes of value whose card cannot get it. */
  stranded?: Stranded | undefined;
  /** In which order the pay-out goes back to what the order was paid with. */
  tenders?: TenderOrder | undefined;
}

/** What comes back when lines of an order do (退货退款). */
export interface RefundPolicy {
  /** What becomes of the discount. */
  lines?: RefundLines | undefined;
  /** When the use comes back to the card. */
  use_back?: UseBack | undefined;
}

/** What a refund gave back. */
export interface RefundReceipt {
  /** In minor units of the order's currency. */
  amount_minor: number;
  /** When. */
  at: Instant;
  /** What a gift card holds now, in minor units of the order's currency. */
  balance_minor?: number | null | undefined;
  /** The card, which has its use again. */
  card: CardId;
  /** What parties get back of what they bear, in proportion, where the template names any. */
  funded?: Array<Funded> | undefined;
  /** Cards that it had given beside, and that stay: they have been used or moved since. */
  kept?: Array<CardId> | undefined;
  /** What may still be given back of a payment by gift card, in minor units of the order's currency. */
  left_minor?: number | null | undefined;
  /** The redemption that was given back. */
  redemption: string;
  /** Cards that the redemption had given, and that died with it. */
  taken_back?: Array<CardId> | undefined;
  /** How many uses of a times card went back. */
  units?: number | null | undefined;
  /** How many more may go back. */
  units_left?: number | null | undefined;
  /** Whether only a share of what it took off came back with lines of its order, and the use stays taken. */
  use_stays?: boolean | undefined;
  /** Uses that the card has now. */
  uses_left: number;
}

/** Gives a redemption back: a use in full; of a payment by gift card all that is left of it, or an amount. */
export interface RefundRedemption {
  /**
   * How much goes back to a gift card, in minor units of the order's currency; all that is left by default. Nothing for other
   * cards.
   */
  amount_minor?: number | null | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** The redemption's id. */
  redemption: string;
  /** How many uses go back to a times card; all that are left by default. Nothing for other cards. */
  units?: number | null | undefined;
}

/** What a refund would come to. */
export interface RefundSimulated {
  /** As the terms of each card say: what `refund_order` does. */
  by_terms: RefundFigures;
  /** As if all of them said `clawback`. */
  clawback: RefundFigures;
  /** The currency of every amount. */
  currency: Currency;
  /** As if all of them said `keep`. */
  keep: RefundFigures;
  /** The host's order id. */
  order: string;
  /** What was paid for the order in all, in minor units. */
  paid_minor: number;
  /** What was paid out so far. */
  paid_out_minor: number;
  /** As if all of them said `reprice`. */
  reprice: RefundFigures;
  /** All that would be back. */
  returned: Returned;
}

/** Who gets back what was taken before a card was transferred. */
export type RefundTo = "present_holder" | "original_only";

/** What a refund of lines came to. The same for every repetition of the request. */
export interface RefundedOrder {
  /** When. */
  at: Instant;
  /** Cards that get something back beside value, and those that should have. */
  cards?: Array<CardGotBack> | undefined;
  /** The currency of every amount. */
  currency: Currency;
  /** What becomes of each discount. */
  discounts?: Array<DiscountBack> | undefined;
  /** Whether that is everything. */
  is_whole: boolean;
  /** What of the paid total is not paid out yet. */
  left_minor: number;
  /** What comes back, and last shipping. */
  lines: Array<LineBack>;
  /** The host's order id. */
  order: string;
  /** What is paid out, in minor units: what goes back to cards and otherwise, together. */
  payout_minor: number;
  /** Its place among the refunds of the order, from 0. */
  place: number;
  /** All that is back by now. */
  returned: Returned;
  /** What could not be taken off it, since it is never below 0; it is made up for as more comes back. */
  short_minor?: number | undefined;
  /** What goes back to each way of paying. */
  tenders: Array<TenderBack>;
}

/** A denial with all that there is to say, as it goes over the wire. */
export interface Refusal {
  /** The stable code. */
  code: string;
  /** The facts by name: amounts as `{"minor", "currency"}`, instants as RFC 3339. */
  facts: Record<string, Json>;
  /** Its number. */
  status: number;
  /** Sentences for people. */
  texts: LocaleTexts;
}

/** Seals a batch anew. */
export interface RekeyBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Gives back what a hold keeps: the order came to nothing. */
export interface ReleaseHold {
  /** The hold. */
  hold: HoldId;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Gives back what several holds of an order keep, all of them or none. */
export interface ReleaseOrder {
  /** The holds, 1 to 50 of one order, each once. */
  holds: Array<HoldId>;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Gives a card a new code. */
export interface Replace {
  /** The card: by code, id or card number. */
  card: CardPick;
  /**
   * Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an
   * order holds stays as it is.
   */
  force?: boolean | undefined;
  /** Key, reason, origin. */
  meta: Meta;
}

/** An operation and the key that it was asked under. */
export interface RequestKey {
  /** The caller's key. */
  key: string;
  /** The operation. */
  op: string;
}

/** Lets the cards of a paused campaign move again. */
export interface ResumeCampaign {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Lets a paused promotion come off orders again. */
export interface ResumePromotion {
  /** The promotion. */
  id: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** What is back of an order. */
export interface Returned {
  /** Lines of which something is back, with how many pieces. */
  lines?: Record<string, number> | undefined;
  /** Whether shipping is back. */
  shipping?: boolean | undefined;
}

/** Shows the code of a card; needs a reason. */
export interface Reveal {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Key, reason, origin. */
  meta: Meta;
}

/** How a share that is not whole becomes whole. Recorded with each redemption. */
export type Rounding = "half_up" | "half_even";

/** The second best combination of discounts. */
export interface RunnerUp {
  /** What they take off, in minor units. */
  discount_minor: number;
  /** Its offers, in the order in which they were given. */
  offers: Array<string>;
}

/** A sample: orders that an engine holds in memory. */
export interface Sample {
  /** When the first was placed, of those that say so. */
  first_placed_at?: Instant | null | undefined;
  /** Its name. */
  id: string;
  /** When the last was. */
  last_placed_at?: Instant | null | undefined;
  /** Their lines. */
  lines: number;
  /** Its orders. */
  orders: number;
}

/** Puts orders into a sample, which is made by its first. The engine holds it in its memory: nothing is stored, and it ends with the engine. */
export interface SampleOrders {
  /** 1 to 10,000 orders, of ids that the sample does not hold yet; at most 4,000,000 lines in all samples of an engine. */
  orders: Array<Order>;
  /** The sample's name. */
  sample: string;
}

/** Declares an attribute of orders, lines or holders. */
export interface SaveAttribute {
  /** Key, reason, origin. */
  meta: Meta;
  /** Its name: `order.attr.NAME`, `line.attr.NAME` or `holder.attr.NAME` in conditions. */
  name: string;
  /** Whose it is. */
  of: AttributeOf;
  /** What people call it; 1 to 200 characters. */
  title?: string | null | undefined;
  /** The type of its values; once declared it stays. */
  type: FactType;
  /** Of texts and sets of texts: the values that there are, at most 1,000. Any, where none is listed. */
  values?: Array<string> | undefined;
}

/** Saves a campaign, new or over the one of the same id. */
export interface SaveCampaign {
  /** Who may claim. */
  audience?: Audience | undefined;
  /** A date (that day still counts) or an RFC 3339 instant (which does not). */
  end?: string | null | undefined;
  /** What it is meant to reach. */
  goal?: Goal | null | undefined;
  /** The host's id. */
  id: string;
  /** Draft, running, paused or archived. */
  life?: Life | undefined;
  /** Ceilings on what all of its cards together are used for: uses, and money budgets. At most 20. */
  limits?: Array<Limit> | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** A date (the start of that local day) or an RFC 3339 instant. */
  start?: string | null | undefined;
  /** What people call it; 1 to 200 characters. */
  title: string;
}

/** Declares a benefit of the host's own, new or over the one of the same name. Templates that were saved before stay as they are. */
export interface SaveHostBenefit {
  /** Key, reason, origin. */
  meta: Meta;
  /** Its name, as templates have it in `host.name`. */
  name: string;
  /** What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep. */
  schema: Json;
  /** What people call it; 1 to 200 characters. */
  title?: string | null | undefined;
}

/** Saves a version of a product set. */
export interface SaveProductSet {
  /** Key, reason, origin. */
  meta: Meta;
  /** The host's name for it. */
  name: string;
  /** 1 to 100,000 product ids. */
  products: Array<string>;
}

/**
 * Saves a promotion: what a template gives comes off every order by itself. Of one that is there a new revision is made, which counts on
 * its own what is limited per batch; limits of the template and of the campaign go on counting.
 */
export interface SavePromotion {
  /** The campaign whose window, life and limits hold for it. */
  campaign?: string | null | undefined;
  /** The host's id, at most 48 bytes. */
  id: string;
  /** Ceilings on what this revision is used for: uses, and money budgets. At most 20. */
  limits?: Array<Limit> | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** Values of the template's parameters. */
  parameters?: Record<string, ParameterValue> | undefined;
  /** The template: of coupons that are claimed (`redeem_from: claimed`) and used once. */
  template: string;
  /** Its version; the newest by default. */
  template_version?: number | null | undefined;
}

/** Gives a batch a public code. */
export interface SavePublicCode {
  /** The batch; its template has `redeem_from` claimed. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
  /** How words are compared; the same for all words of a batch. */
  normalisation: Normalisation;
  /** The word, 3 to 40 characters. */
  word: CodeText;
}

/** Sets what holds for the whole tenant. Until then it is UTC and half-up. */
export interface SaveSettings {
  /** Key, reason, origin. */
  meta: Meta;
  /** The policy profile of templates of value that name none; templates that are saved already keep their own. */
  profile?: Profile | null | undefined;
  /** How shares that are not whole become whole. */
  rounding?: Rounding | undefined;
  /** IANA zone in which dates become instants; what was saved before keeps its own. */
  zone: string;
}

/** Saves a version of a template. Batches keep the version that they were issued from. */
export interface SaveTemplate {
  /** Key, reason, origin. */
  meta: Meta;
  /** The template. */
  template: TemplateDraft;
}

/** Declares a unit of value. */
export interface SaveUnit {
  /** Whether holders may give it to each other. */
  between_holders?: boolean | undefined;
  /** How many decimals a whole one has, 0 to 6; amounts are whole numbers of the smallest part. Once declared it stays. */
  decimals?: number | undefined;
  /** How it shows itself, by locale. */
  display?: Record<string, UnitDisplay> | undefined;
  /** Key, reason, origin. */
  meta: Meta;
  /** Its name, without colon: `points`, `growth`, `quota`; or the code of a currency, to say whether holders may give it away. */
  name: string;
}

/** The version that a save made, from 1. */
export interface Saved {
  /** The number of the version. */
  version: number;
}

/** How much comes off orders, from the least to the most. */
export interface SavingSpread {
  /** The average, in minor units, rounded half up. */
  average_minor: number;
  /** 21 amounts in minor units: the least, then what 5, 10 … 95 of a hundred orders come to at most, then the most. */
  quantiles_minor: Array<number>;
}

/** For whom a limit counts apart. */
export type Scope = "card" | "batch" | "template" | "campaign" | "holder" | "store" | "channel" | { subject: string; };

/** By which fact orders are told apart. */
export interface SegmentBy {
  /** Of amounts and whole numbers, which need them: where one band ends and the next begins; 1 to 50, rising. */
  bands?: Array<number> | undefined;
  /**
   * A fact of the order as conditions name it, such as `store.id`, `holder.segments`, `now.weekday` or `order.subtotal`. Moments, times of
   * day and places are none.
   */
  fact: string;
}

/** What drafts come to on the orders of a segment. */
export interface SegmentFigures {
  /** What comes off an order touched, on average, rounded half up; 0 where none is. */
  average_minor: number;
  /** Lines and shipping. */
  before_minor: number;
  /** Of a band: the least number beyond it; nothing for the highest band. */
  below?: number | null | undefined;
  /** What comes off. */
  discount_minor: number;
  /** Of a band: the least number of it; nothing for the lowest band. */
  from?: number | null | undefined;
  /** Its orders. */
  orders: number;
  /** What is left to pay. */
  payable_minor: number;
  /** What stored value pays. */
  tender_minor: number;
  /** Those that at least one offer applies to. */
  touched: number;
  /** What the fact says; nothing for a band, and for orders that lack the fact. */
  value?: string | null | undefined;
}

/** Orders by one fact. */
export interface Segments {
  /** One for each value that occurs, at most 1,000; bands and days in order, orders without the fact last. An order lies in one for each text of a set. */
  each: Array<SegmentFigures>;
  /** The fact. */
  fact: string;
  /** Orders, one for each text of a set, whose values found no room among the 1,000. */
  left_out?: number | undefined;
}

/** A part of a set. */
export interface SetPart {
  /** Of which lines. */
  lines: LineFilter;
  /** How many pieces, 1 to 10,000. */
  pieces?: number | undefined;
}

/** Points at a saved product set. */
export interface SetRef {
  /** Its name. */
  name: string;
  /** Its version; the newest when the template is saved, and pinned from then on. */
  version?: number | null | undefined;
}

/** A figure of a template: fixed, or named so that each batch or issue may set it within declared bounds. */
export type Setting = number | NamedSetting;

/** What one side comes to. */
export interface Side {
  /** What comes off. */
  discount_minor: number;
  /** What is left to pay. */
  payable_minor: number;
  /** What comes off the orders touched; nothing where none is. */
  saving?: SavingSpread | null | undefined;
  /** What stored value pays. */
  tender_minor: number;
  /** Orders that at least one of its offers applies to. */
  touched: number;
}

/** What giving lines of an order back would come to. */
export interface SimulateRefund {
  /** Whether all would come back that is not back yet; lines and shipping are not named then. */
  everything?: boolean | undefined;
  /** The lines that would come back, each once. */
  lines?: Array<LineReturn> | undefined;
  /** The order as it was bought: the same in every word as when its cards were used or held. */
  order: Order;
  /** The redemptions of the order, promotions among them; all that it has by default. */
  redemptions?: Array<string> | undefined;
  /** Whether shipping would come back. */
  shipping?: boolean | undefined;
  /** In which order the pay-out would go back to what the order was paid with. */
  tenders?: TenderOrder | undefined;
}

/** How values are spread, in steps of powers of two. */
export interface Spread {
  /** How many values. */
  count: number;
  /** The largest. */
  max: number;
  /** How many lie above the step before and up to this one; steps without any are left out. */
  steps: Array<SpreadStep>;
  /** Their sum. */
  sum: number;
}

/** One step of a [`Spread`]. */
export interface SpreadStep {
  /** How many values. */
  count: number;
  /** The upper end of the step, included. */
  up_to: number;
}

/** How what a template gives goes together with others. */
export interface Stacking {
  /** What of its group applies. Where members of a group say different things, the narrowest counts: the last in the list of these words. */
  combine?: Combine | undefined;
  /** Tags that it does not go together with; `*` is every other discount. Whichever of two says so, it holds for both. */
  excludes?: Array<string> | undefined;
  /**
   * The lane; by default that of its benefit: value pays, what is on shipping comes off shipping, what is on some lines comes off
   * items, all else off the order.
   */
  lane?: Lane | null | undefined;
  /** The most that comes off an order on which it applies, whatever takes it off, in minor units. */
  order_cap_minor?: number | null | undefined;
  /** How many offers of this template one order takes; any number by default. */
  per_order_max?: number | null | undefined;
  /** The group within the lane: lower ranks come first. */
  rank?: number | undefined;
  /** What others call it that do not go together with it: at most 20 names. */
  tags?: Array<string> | undefined;
}

/** Lets a draft run, from its start on. */
export interface StartCampaign {
  /** The campaign. */
  campaign: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** What comes off from somewhere on. */
export interface Step {
  /** From where; from the beginning by default, for the first step only. */
  from?: Least | null | undefined;
  /** What comes off. */
  off: Off;
}

/** The same return under each way of treating discounts. */
export interface StepFigures {
  /** As the terms of each card say: what `refund_order` does. */
  by_terms: RefundFigures;
  /** As if all of them said `clawback`. */
  clawback: RefundFigures;
  /** As if all of them said `keep`. */
  keep: RefundFigures;
  /** As if all of them said `reprice`. */
  reprice: RefundFigures;
}

/** What becomes of value whose card cannot get it: it was killed, or handed on where its template gives back only to whoever redeemed. */
export type Stranded = "deny" | "other";

/** A kind and an opaque value: `customer` 4711, `phone` +86…, `order` A-1, or a kind of the host's own. */
export interface Subject {
  /** `customer`, `wechat_openid`, `wechat_unionid`, `phone`, `email`, `device`, `ip`, `order`, or the host's own. */
  kind: string;
  /** The value, as the host knows it; 1 to 128 characters. */
  value: string;
}

/** A subject as records hold it: `kind:value`, the value of a personal kind replaced by an HMAC under the subject key. */
export type SubjectKey = string;

/** Moves what an expired card of value holds onto a successor. */
export interface Succeed {
  /** The card that has ended: by code, id or card number. */
  card: CardPick;
  /** Key, reason, origin. */
  meta: Meta;
  /**
   * When the successor ends: a date (that day still counts) or an RFC 3339 instant. By default what its template gives a card of
   * today; where that has passed, the least that its policy profile asks.
   */
  until?: string | null | undefined;
}

/** A saved version of a template. Its terms never change. */
export interface Template {
  /** What the host wrote, with the versions of its product sets pinned. */
  draft: TemplateDraft;
  /** Counted from 1 with every save. */
  version: number;
  /** The fixed part of its validity, resolved in the tenant's zone of that day. */
  window: Window;
  /** The zone in which days are counted. */
  zone: Zone;
}

/** One thing that differs between two versions of a template. */
export interface TemplateChange {
  /** What stands there now; nothing where the newer version took it out. */
  after?: Json | undefined;
  /** What stood there; nothing where the newer version added it. */
  before?: Json | undefined;
  /** What the part of the template is called. */
  label: Labels;
  /** Where it stands, such as `limits.uses_per_card` or `conditions[0].min_spend.minor`. */
  path: string;
}

/** A template as the host writes it. */
export interface TemplateDraft {
  /** What a card gives. */
  benefit: Benefit;
  /** What must be true of the order; all of them. */
  conditions?: Array<Condition> | undefined;
  /** The currency of every amount in it; needed as soon as there is one. */
  currency?: Currency | null | undefined;
  /** How its cards show themselves. */
  display?: Record<string, Display> | undefined;
  /** Who bears what comes off: parts that sum to 10,000. By default it is nobody's business. */
  funding?: Array<Funding> | undefined;
  /** Cards that redeeming gives to the holder: at most 100 together. One that cannot be given is left out, and the receipt says why. */
  gives?: Array<Gift> | undefined;
  /** How long its cards may be held for an order, how many at once, and what comes of a late capture. */
  holds?: HoldTerms | undefined;
  /** The host's id; saving again under the same id adds a version. */
  id: string;
  /** The kind of its cards. */
  kind?: CardKind | undefined;
  /** Ceilings. */
  limits?: Limits | undefined;
  /** What a membership card says of its holder, and how often it may be presented. */
  membership?: Membership | null | undefined;
  /** What a batch or an issue may set. */
  parameters?: Record<string, Parameter> | undefined;
  /** What may be done with its cards. */
  policies?: Policies | undefined;
  /** What the law of a place asks of it, of cards that hold value; the tenant's by default. */
  profile?: Profile | null | undefined;
  /** From which state its cards may be redeemed. */
  redeem_from?: RedeemFrom | undefined;
  /** How what it gives goes together with others on one order. */
  stacking?: Stacking | null | undefined;
  /** How the uses of a times card are counted; needed there. */
  usage?: Usage | null | undefined;
  /** When its cards are good. */
  validity?: ValidityDraft | undefined;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface TemplatePage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Template>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** Asks what a template may say. */
export type TemplateSchema = Record<string, never>;

/** What goes back to a way of paying. */
export interface TenderBack {
  /** What the card holds now. */
  balance_minor?: number | null | undefined;
  /** That card. */
  card?: CardId | null | undefined;
  /** Whether the card has ended: what it got is kept for its holder, and `succeed` or `extend` lets it be used again. */
  expired?: boolean | undefined;
  /** Of what is paid out the other way since a card could not get it: that card's redemption. */
  instead_of?: string | null | undefined;
  /** How much, in minor units of the order's currency. */
  minor: number;
  /** And why it could not. */
  refused?: string | null | undefined;
  /** `other`, or the redemption of a card of value. */
  to: string;
}

/** In which order a pay-out goes back to what the order was paid with. Nothing gets more than it paid. */
export type TenderOrder = "cards_first" | "cards_last" | "in_proportion" | { listed: Array<string>; };

/** What would go back to a way of paying. */
export interface TenderShare {
  /** How much, in minor units. */
  minor: number;
  /** `other`, or the redemption of a card of value. */
  to: string;
}

/** a fact of type text, and one operator */
export interface TextAttributeTest {
  eq?: string | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  in?: Array<string> | undefined;
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  prefix?: string | undefined;
  type?: "text" | undefined;
}

/** a fact of type text, and one operator */
export interface TextOptionalTest {
  eq?: string | undefined;
  exists?: boolean | undefined;
  fact: "order.source" | "store.id" | "channel" | "payment.method" | "device.kind" | "place.region";
  in?: Array<string> | undefined;
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  prefix?: string | undefined;
}

/** a fact of type text, and one operator */
export interface TextTest {
  eq?: string | undefined;
  fact: "order.currency";
  in?: Array<string> | undefined;
  ne?: string | undefined;
  not_in?: Array<string> | undefined;
  prefix?: string | undefined;
}

/** The sentences of a denial in one language. */
export interface Texts {
  /** For the person at the till or in the app. */
  shopper: string;
  /** For the merchant's own people. */
  staff: string;
}

/** a fact of type texts, and one operator */
export interface TextsAttributeTest {
  contains_all?: Array<string> | undefined;
  contains_any?: Array<string> | undefined;
  contains_none?: Array<string> | undefined;
  exists?: boolean | undefined;
  /** an attribute that the tenant declares */
  fact: string;
  type?: "texts" | undefined;
}

/** a fact of type texts, and one operator */
export interface TextsOptionalTest {
  contains_all?: Array<string> | undefined;
  contains_any?: Array<string> | undefined;
  contains_none?: Array<string> | undefined;
  exists?: boolean | undefined;
  fact: "holder.segments";
}

/** a fact of type time_of_day, and one operator */
export interface TimeOfDayOptionalTest {
  between?: Array<string> | undefined;
  exists?: boolean | undefined;
  fact: "order.placed_at.time";
}

/** a fact of type time_of_day, and one operator */
export interface TimeOfDayTest {
  between?: Array<string> | undefined;
  fact: "now.time";
}

/** Hands a card to another holder (转赠). */
export interface Transfer {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Whose it is: who asks. */
  holder: Subject;
  /** Key, reason, origin. */
  meta: Meta;
  /** Whose it becomes. */
  to: Subject;
}

/** Value that went from one account to another. */
export interface Transfer2 {
  /** How much, in minor units; 1 or more. */
  amount_minor: number;
  /** Where it belongs to an earlier moment than its event: the end of the card. */
  at?: Instant | null | undefined;
  /** `own` for the account of the card, holder or channel that the event is about; otherwise an account of the tenant's. */
  from: string;
  /** The same for where it went. */
  to: string;
}

/** How cards may be handed on (转赠). */
export interface TransferPolicy {
  /** Whether the code stays; by default it dies and the new holder gets another. */
  keep_code?: boolean | undefined;
  /** Who gets what is refunded of a use before the transfer. */
  refund_to?: RefundTo | undefined;
  /** How often one card may be transferred, 1 or more; once by default. */
  transfers_max?: number | undefined;
}

/** Lets a frozen card move again. */
export interface Unfreeze {
  /** The card: by code, id or card number. */
  card: CardPick;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Lets the cards of a frozen batch move again. */
export interface UnfreezeBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** A unit of value. */
export interface Unit {
  /** Whether holders may give it to each other. */
  between_holders: boolean;
  /** How many decimals a whole one has, 0 to 6: with 2 an amount of 150 is 1.50. */
  decimals: number;
  /** How it shows itself, by locale. */
  display: Record<string, UnitDisplay>;
  /** Its name: the host's, or the code of a currency. */
  name: string;
}

/** How a unit shows itself to people, in one language. */
export interface UnitDisplay {
  /** What stands behind an amount: `pts`, `分`; at most 16 bytes. */
  sign?: string | undefined;
  /** What it is called: `Points`, `积分`; 1 to 200 characters. */
  title: string;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface UnitPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<Unit>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** Says that a subject is a person of its own again. What was counted while they were one stays with the others. */
export interface Unlink {
  /** Key, reason, origin. */
  meta: Meta;
  /** The subject. */
  subject: Subject;
}

/** How the uses of a times card are counted. */
export interface Usage {
  /** What happens where too few are left. */
  partial_policy?: PartialPolicy | undefined;
  /** What one use is. */
  unit: UsageUnit;
}

/** What counts as one use. */
export type UsageUnit = "order" | "line" | "unit";

/** When the use of a card comes back as lines of its order do. */
export type UseBack = "when_undone" | "never";

/** How many uses of a card would be given back by then. */
export interface UsesBack {
  /** Its redemption. */
  redemption: string;
  /** How many. */
  uses: number;
}

/** When a template's cards are good, as the host writes it. */
export interface ValidityDraft {
  /** Counted from the claim, within `start` and `end`. */
  after_claim?: AfterClaim | null | undefined;
  /** Whether a card also ends with its campaign; true unless said otherwise. */
  cap_at_campaign_end?: boolean | undefined;
  /** A date (that day still counts) or an RFC 3339 instant (which does not). */
  end?: string | null | undefined;
  /** A date (the start of that local day) or an RFC 3339 instant. */
  start?: string | null | undefined;
}

/** What was moved onto a card or off it. */
export interface ValueMoved {
  /** When. */
  at: Instant;
  /** What the card holds now, in minor units. */
  balance_minor: number;
  /** The card. */
  card: CardId;
  /** Of this currency. */
  currency: Currency;
  /** By how much, in minor units; below 0 where it was taken away. */
  delta_minor: number;
}

/** Value that went from one account to another. */
export interface ValueTransfer {
  /** How much, in the smallest part of the unit. */
  amount_minor: number;
  /** When. */
  at: Instant;
  /** From which account. */
  from: AccountOf;
  /** What that holds now; nothing is told of the tenant's own. */
  from_balance_minor?: number | null | undefined;
  /** To which account. */
  to: AccountOf;
  /** What that holds now; nothing is told of the tenant's own. */
  to_balance_minor?: number | null | undefined;
  /** In which unit. */
  unit: string;
}

/** What became of an offer. */
export type Verdict = "applied" | "near_miss" | "no_effect" | "refused";

/** Kills a card. */
export interface Void {
  /** The card: by code, id or card number. */
  card: CardPick;
  /**
   * Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an
   * order holds stays as it is.
   */
  force?: boolean | undefined;
  /** Key, reason, origin. */
  meta: Meta;
}

/** Kills all cards of a batch; needs a reason. */
export interface VoidBatch {
  /** The batch. */
  batch: string;
  /** Key, reason, origin. */
  meta: Meta;
}

/** What a voucher can be used for, as VAT sees it. */
export type VoucherPurpose = "single" | "multi";

/** VAT of what a single-purpose voucher is for. */
export interface VoucherVat {
  /** The country of the supply, two letters. */
  country: string;
  /** The rate in basis points, 0 to 10,000. */
  rate_bp: number;
}

/** A holder's cards. */
export interface Wallet {
  /** Whose. */
  holder: Subject;
  /** Which page. */
  page?: Paging | undefined;
}

/** One of a holder's cards on an order, alone: no other card and no promotion beside it. */
export interface WalletCard {
  /** What the host would have to do. */
  actions: Array<Action>;
  /** The card. */
  card: CardView;
  /** Why it cannot be used. */
  denial?: Refusal | null | undefined;
  /** What it would take off, in minor units of the order's currency. */
  discount_minor: number;
  /** What would bring more (凑单). */
  next?: NextStep | null | undefined;
  /** What it would pay. */
  tender_minor: number;
  /** What becomes of it, in one word: it can be used where it is `applied`. */
  verdict: Verdict;
}

/** A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile. */
export interface WalletCardPage {
  /** The items. A page may be short, even empty, and still not be the last. */
  items: Array<WalletCard>;
  /** Where to go on; `None` at the end. Opaque. */
  next?: string | null | undefined;
}

/** a fact of type weekday, and one operator */
export interface WeekdayOptionalTest {
  exists?: boolean | undefined;
  fact: "order.placed_at.weekday";
  in?: Array<"monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"> | undefined;
  not_in?: Array<"monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"> | undefined;
}

/** a fact of type weekday, and one operator */
export interface WeekdayTest {
  fact: "now.weekday";
  in?: Array<"monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"> | undefined;
  not_in?: Array<"monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"> | undefined;
}

/** A half-open span of time: `start` belongs to it, `end` does not. An absent side is open. */
export interface Window {
  /** First moment outside. */
  end?: Instant | null | undefined;
  /** First moment inside. */
  start?: Instant | null | undefined;
}

/** an IANA time zone, such as Asia/Shanghai */
export type Zone = string;
