/*
 * cardmint: an embeddable engine for digital cards. Written by `cargo xtask gen` from the sources in ffi/; do not edit.
 *
 * Texts go in as a pointer and a length in bytes, UTF-8, and are borrowed for the call only. Every call says how it ended; a
 * result is written to its place only when it went well. When it failed and `error` is not NULL, the JSON of the failure is
 * written there: {kind, code, status, message, may_retry, facts, texts}. Whatever is handed out is freed once, with the
 * function of its type that ends in _free; these take NULL. NULL for anything else is CARDMINT_STATUS_NULL_ARGUMENT.
 *
 * Engines and tenants: any threads at once. Calls and cursors: one thread at a time; others wait. No call runs code of yours.
 * ffi/README.md tells the rest; docs/api.md and docs/api.json describe requests and replies.
 */

#ifndef CARDMINT_H
#define CARDMINT_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; cardmint_version() tells that of the library. */
#define CARDMINT_VERSION "0.1.0"
#define CARDMINT_VERSION_MAJOR 0
#define CARDMINT_VERSION_MINOR 1
#define CARDMINT_VERSION_PATCH 0

/**
 * Raised when something that was there changes or goes. A program built for another major number must not be run.
 */
#define CARDMINT_ABI_MAJOR 1

/**
 * Raised when something is added. A program needs a library whose minor number is at least the one it was built with.
 */
#define CARDMINT_ABI_MINOR 0

/**
 * How a call ended. Below 100 it went well, 100 to 199 it could not be begun, 200 to 899 the rules said no (a denial: nothing
 * was written), from 900 on something is broken or not there. Numbers are never given out twice; expect new ones.
 */
enum cardmint_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * `ok`: it was done.
   */
  CARDMINT_STATUS_OK = 0,
  /**
   * `pending`: not yet; ask again.
   */
  CARDMINT_STATUS_PENDING = 1,
  /**
   * `end`: nothing is left.
   */
  CARDMINT_STATUS_END = 2,
  /**
   * `null_argument`: an argument that must not be NULL is.
   */
  CARDMINT_STATUS_NULL_ARGUMENT = 101,
  /**
   * `not_utf8`: a text is not UTF-8.
   */
  CARDMINT_STATUS_NOT_UTF8 = 102,
  /**
   * `invalid`: the request cannot be meant; facts name the field, what was given and what is allowed.
   */
  CARDMINT_STATUS_INVALID = 103,
  /**
   * `unknown_operation`: no operation of that name, or of that name and this kind.
   */
  CARDMINT_STATUS_UNKNOWN_OPERATION = 104,
  /**
   * `no_keys`: the handle was opened without keys and cannot do this.
   */
  CARDMINT_STATUS_NO_KEYS = 105,
  /**
   * `too_large`: the request has more than 8 MiB.
   */
  CARDMINT_STATUS_TOO_LARGE = 106,
  /**
   * `not_found_or_invalid`: malformed, forged, foreign, retired or superseded code, or no such card.
   */
  CARDMINT_STATUS_NOT_FOUND_OR_INVALID = 201,
  /**
   * `unknown`: a named thing does not exist.
   */
  CARDMINT_STATUS_UNKNOWN = 202,
  /**
   * `exists`: the name is taken.
   */
  CARDMINT_STATUS_EXISTS = 203,
  /**
   * `key_reused`: the idempotency key belongs to another request.
   */
  CARDMINT_STATUS_KEY_REUSED = 204,
  /**
   * `void`: the card was killed for good.
   */
  CARDMINT_STATUS_VOID = 205,
  /**
   * `frozen`: the card is stopped for now.
   */
  CARDMINT_STATUS_FROZEN = 206,
  /**
   * `wrong_state`: the card stands where the command does not reach it.
   */
  CARDMINT_STATUS_WRONG_STATE = 207,
  /**
   * `not_owner`: the card is somebody else's.
   */
  CARDMINT_STATUS_NOT_OWNER = 208,
  /**
   * `holder_required`: the template counts per holder, and the request names none.
   */
  CARDMINT_STATUS_HOLDER_REQUIRED = 209,
  /**
   * `not_in_audience`: the campaign is not meant for this subject.
   */
  CARDMINT_STATUS_NOT_IN_AUDIENCE = 210,
  /**
   * `campaign_not_running`: the campaign is a draft, paused or archived.
   */
  CARDMINT_STATUS_CAMPAIGN_NOT_RUNNING = 211,
  /**
   * `not_started`: too early.
   */
  CARDMINT_STATUS_NOT_STARTED = 212,
  /**
   * `expired`: too late.
   */
  CARDMINT_STATUS_EXPIRED = 213,
  /**
   * `limit_reached`: a ceiling.
   */
  CARDMINT_STATUS_LIMIT_REACHED = 214,
  /**
   * `sold_out`: every card of the batch was given out.
   */
  CARDMINT_STATUS_SOLD_OUT = 215,
  /**
   * `currency_mismatch`: the order is in another currency.
   */
  CARDMINT_STATUS_CURRENCY_MISMATCH = 216,
  /**
   * `condition_failed`: a condition does not hold; facts say what it needs, has and is short of.
   */
  CARDMINT_STATUS_CONDITION_FAILED = 217,
  /**
   * `no_effect`: nothing would come off the order.
   */
  CARDMINT_STATUS_NO_EFFECT = 218,
  /**
   * `odds_too_low`: too many cards for codes of this length.
   */
  CARDMINT_STATUS_ODDS_TOO_LOW = 219,
  /**
   * `batch_numbers_used_up`: codes of this length have no batch number left.
   */
  CARDMINT_STATUS_BATCH_NUMBERS_USED_UP = 220,
  /**
   * `batch_too_large`: more cards than the format can count.
   */
  CARDMINT_STATUS_BATCH_TOO_LARGE = 221,
  /**
   * `issue_numbers_used_up`: the card was given its last code.
   */
  CARDMINT_STATUS_ISSUE_NUMBERS_USED_UP = 222,
  /**
   * `export_closed`: the batch is closed for export.
   */
  CARDMINT_STATUS_EXPORT_CLOSED = 223,
  /**
   * `already_refunded`: the redemption was given back already.
   */
  CARDMINT_STATUS_ALREADY_REFUNDED = 224,
  /**
   * `insufficient_balance`: the card or account holds less than was asked of it, or nothing.
   */
  CARDMINT_STATUS_INSUFFICIENT_BALANCE = 225,
  /**
   * `refund_too_large`: more is to be given back than is left of the redemption.
   */
  CARDMINT_STATUS_REFUND_TOO_LARGE = 226,
  /**
   * `wrong_kind`: the command is not for cards of this kind.
   */
  CARDMINT_STATUS_WRONG_KIND = 227,
  /**
   * `held`: what is left is held for other orders; facts say until when.
   */
  CARDMINT_STATUS_HELD = 230,
  /**
   * `has_open_hold`: an order holds the card; `force` kills its holds first.
   */
  CARDMINT_STATUS_HAS_OPEN_HOLD = 231,
  /**
   * `quote_changed`: what was quoted or held is not what the card gives now; facts say what that is.
   */
  CARDMINT_STATUS_QUOTE_CHANGED = 232,
  /**
   * `stale`: the card was released or refunded since, or the hold is over.
   */
  CARDMINT_STATUS_STALE = 233,
  /**
   * `already_captured`: the hold was captured already; facts name the redemption.
   */
  CARDMINT_STATUS_ALREADY_CAPTURED = 234,
  /**
   * `too_many_holds`: as many holds are open as the template allows.
   */
  CARDMINT_STATUS_TOO_MANY_HOLDS = 235,
  /**
   * `capture_too_large`: more is to be captured than is held.
   */
  CARDMINT_STATUS_CAPTURE_TOO_LARGE = 236,
  /**
   * `scope_required`: a limit counts per store, channel or subject, and the request names none.
   */
  CARDMINT_STATUS_SCOPE_REQUIRED = 237,
  /**
   * `insufficient_uses`: the card has fewer uses left than were asked of it.
   */
  CARDMINT_STATUS_INSUFFICIENT_USES = 250,
  /**
   * `not_bindable`: the template lets no card be bound to such a subject.
   */
  CARDMINT_STATUS_NOT_BINDABLE = 251,
  /**
   * `not_bound`: the card is bound to a subject that the request does not present.
   */
  CARDMINT_STATUS_NOT_BOUND = 252,
  /**
   * `not_transferable`: the template lets no card be handed on.
   */
  CARDMINT_STATUS_NOT_TRANSFERABLE = 253,
  /**
   * `not_extendable`: the template lets no card be extended.
   */
  CARDMINT_STATUS_NOT_EXTENDABLE = 254,
  /**
   * `extension_too_long`: later than the template lets a card be extended to.
   */
  CARDMINT_STATUS_EXTENSION_TOO_LONG = 255,
  /**
   * `refund_to_original_only`: the card was handed on since, and its template gives back only to whoever redeemed.
   */
  CARDMINT_STATUS_REFUND_TO_ORIGINAL_ONLY = 256,
  /**
   * `given_card_touched`: a card that the redemption gave has been used or moved since.
   */
  CARDMINT_STATUS_GIVEN_CARD_TOUCHED = 257,
  /**
   * `batch_not_active`: the batch gives no more cards out, or its cards do not move any more.
   */
  CARDMINT_STATUS_BATCH_NOT_ACTIVE = 258,
  /**
   * `wrong_life`: the batch or campaign stands where the command does not reach it.
   */
  CARDMINT_STATUS_WRONG_LIFE = 259,
  /**
   * `cursor_ahead`: the journal ends before the cursor: the store was put back to an earlier state.
   */
  CARDMINT_STATUS_CURSOR_AHEAD = 270,
  /**
   * `policy_violation`: it would break a rule of the policy profile; facts name the rule, what is allowed and the law.
   */
  CARDMINT_STATUS_POLICY_VIOLATION = 280,
  /**
   * `not_between_holders`: holders cannot give each other this unit.
   */
  CARDMINT_STATUS_NOT_BETWEEN_HOLDERS = 281,
  /**
   * `not_expired`: only a card that has ended has a successor.
   */
  CARDMINT_STATUS_NOT_EXPIRED = 282,
  /**
   * `not_combinable`: it does not go together with another offer of the order.
   */
  CARDMINT_STATUS_NOT_COMBINABLE = 285,
  /**
   * `price_held`: nothing may come off the lines that it is about, or they are at their floor.
   */
  CARDMINT_STATUS_PRICE_HELD = 286,
  /**
   * `card_denied`: a card of the order does not apply; facts name its place, its code of denial and the facts of that.
   */
  CARDMINT_STATUS_CARD_DENIED = 300,
  /**
   * `order_changed`: the order is not the one that its cards were used on; facts say what of it.
   */
  CARDMINT_STATUS_ORDER_CHANGED = 306,
  /**
   * `order_not_kept`: a redemption was made by a build that kept no mark of its order: it is refunded by itself.
   */
  CARDMINT_STATUS_ORDER_NOT_KEPT = 307,
  /**
   * `too_many_back`: more pieces of a line are to come back than are left.
   */
  CARDMINT_STATUS_TOO_MANY_BACK = 308,
  /**
   * `all_back`: everything of the order is back already.
   */
  CARDMINT_STATUS_ALL_BACK = 309,
  /**
   * `busy`: too many calls wait, or others kept changing what this one needs; ask again. May go better later.
   */
  CARDMINT_STATUS_BUSY = 901,
  /**
   * `store_busy`: another process holds the database for too long; ask again. May go better later.
   */
  CARDMINT_STATUS_STORE_BUSY = 902,
  /**
   * `store_failed`: the database cannot be reached, read or written; nothing was written. May go better later.
   */
  CARDMINT_STATUS_STORE_FAILED = 903,
  /**
   * `outcome_unknown`: it may have happened or not; the same request under the same key tells. May go better later.
   */
  CARDMINT_STATUS_OUTCOME_UNKNOWN = 904,
  /**
   * `store_damaged`: what was read is not what was written.
   */
  CARDMINT_STATUS_STORE_DAMAGED = 905,
  /**
   * `read_only`: the store is open for reading only.
   */
  CARDMINT_STATUS_READ_ONLY = 906,
  /**
   * `closed`: the engine was closed, or the call withdrawn, before it was decided.
   */
  CARDMINT_STATUS_CLOSED = 907,
  /**
   * `internal`: a bug of cardmint; nothing of this request was written.
   */
  CARDMINT_STATUS_INTERNAL = 908,
  /**
   * `panic`: a bug of cardmint that was contained; the idempotency key tells what happened.
   */
  CARDMINT_STATUS_PANIC = 909,
  /**
   * `keyring`: the keyring cannot be read, is none, or the file is there already.
   */
  CARDMINT_STATUS_KEYRING = 910,
  /**
   * `deadline_passed`: the call waited for longer than it may; nothing was written; ask again. May go better later.
   */
  CARDMINT_STATUS_DEADLINE_PASSED = 911,
  /**
   * `forked`: the handle belongs to the parent of this process, which was forked; open it again here.
   */
  CARDMINT_STATUS_FORKED = 912,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cardmint_status cardmint_status;
#else
typedef int32_t cardmint_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A call that was handed in. One thread at a time; where several use it all the same, they wait for each other.
 */
typedef struct cardmint_call cardmint_call;

/**
 * A stream or a job on its way. No thread of ours works ahead. One thread at a time; where several use it all the same, they
 * wait for each other.
 */
typedef struct cardmint_cursor cardmint_cursor;

/**
 * An open engine: one file, or one store in memory. Any threads may use it at once; one per process is enough for all tenants.
 */
typedef struct cardmint_engine cardmint_engine;

/**
 * One tenant in one world; operations are called on it. Any threads may use it at once.
 */
typedef struct cardmint_tenant cardmint_tenant;

/**
 * A text of ours: UTF-8, nearly always JSON. Free it with `cardmint_text_free`. Any threads may read it at once.
 */
typedef struct cardmint_text cardmint_text;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The ABI of the library that was loaded: `CARDMINT_ABI_MAJOR << 16 | CARDMINT_ABI_MINOR` as they were when it was built.
 */
uint32_t cardmint_abi_version(void);

/**
 * The version of the library that was loaded, as in `CARDMINT_VERSION`. Static.
 */
const char *cardmint_version(void);

/**
 * The stable code of a status, such as `limit_reached`; empty for a number that is none. Static.
 */
const char *cardmint_status_code(int32_t status);

/**
 * The operations of the library that was loaded, as a JSON array of `{"name", "kind", "keyless", "since"}`.
 */
cardmint_status cardmint_operations(struct cardmint_text **operations, struct cardmint_text **error);

/**
 * Where a text begins. It ends after `cardmint_text_len` bytes, and a NUL follows. It is there until the text is freed; NULL
 * for NULL.
 */
const char *cardmint_text_data(const struct cardmint_text *text);

/**
 * How many bytes a text has, without the NUL behind it; 0 for NULL.
 */
size_t cardmint_text_len(const struct cardmint_text *text);

/**
 * Frees a text; NULL is fine.
 */
void cardmint_text_free(struct cardmint_text *text);

/**
 * Opens an engine. `options` is a JSON object; unknown fields are refused:
 *
 * - `path`: the SQLite file, or `:memory:` for a store that is gone with the engine. Must be there.
 * - `keyring`: `{"file": PATH}`, or `{"json": TEXT}` with the JSON of a keyring. Without it the engine is *keyless*: it reads
 *   a file that is there, and cannot mint, open, reveal or write.
 * - `create`: whether a missing file is made; true.
 * - `durability`: `full` (what was acknowledged survives a loss of power; the default) or `normal` (a crash of the process).
 * - `busy_timeout_ms`: how long a call waits for another process that holds the file.
 * - `formats`: code formats beside or instead of the four plain ones.
 * - `queue_max`, `group_max`: most calls that wait, and that become durable together.
 * - `now`: an instant; the engine's clock stands there until `cardmint_engine_set_now`. For tests and replays.
 * - `control_lag_ms`: how long templates, campaigns and settings may be behind another process.
 * - `deadline_ms`: how long a change may wait before it is answered `deadline_passed`; 0 for as long as it takes.
 */
cardmint_status cardmint_engine_open(const char *options,
                                     size_t options_len,
                                     struct cardmint_engine **engine,
                                     struct cardmint_text **error);

/**
 * Opens another engine from the same options. For the child of a `fork`, where everything that the parent opened answers
 * `forked`, this call alone works; what the parent opened may be freed there, which leaves it as it is.
 */
cardmint_status cardmint_engine_reopen(const struct cardmint_engine *engine,
                                       struct cardmint_engine **reopened,
                                       struct cardmint_text **error);

/**
 * Gives the handle of a tenant: `default` where there is a single shop. `world` is `live` or `test`. Free it with
 * `cardmint_tenant_free`; it may outlive the engine's handle, and keeps the store open until then.
 */
cardmint_status cardmint_engine_tenant(const struct cardmint_engine *engine,
                                       const char *name,
                                       size_t name_len,
                                       const char *world,
                                       size_t world_len,
                                       struct cardmint_tenant **tenant,
                                       struct cardmint_text **error);

/**
 * Moves the clock of an engine that was opened with `now`: RFC 3339 in whole milliseconds.
 */
cardmint_status cardmint_engine_set_now(const struct cardmint_engine *engine,
                                        const char *now,
                                        size_t now_len,
                                        struct cardmint_text **error);

/**
 * Takes no more changes: the group under way becomes durable, what waits behind it is answered `closed`. Reads still work.
 * Blocks until that is done. The handle is still to be freed.
 */
cardmint_status cardmint_engine_close(const struct cardmint_engine *engine,
                                      struct cardmint_text **error);

/**
 * Frees an engine's handle; NULL is fine. Its tenants and cursors go on working. With the last of all these the engine is closed,
 * as by `cardmint_engine_close`, and so is its file.
 */
void cardmint_engine_free(struct cardmint_engine *engine);

/**
 * Calls a read or a change by its name and blocks until the reply is there, durable where it is a change. `request` and
 * `reply` are JSON; the bytes of a reply are the same in every language.
 */
cardmint_status cardmint_tenant_call(const struct cardmint_tenant *tenant,
                                     const char *operation,
                                     size_t operation_len,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * Hands a read or a change in by its name without waiting for it. It is decided as soon as this or any other call is waited for,
 * on the thread that waits; or polled, in the background. A request that cannot be meant is refused at once. Free the call with
 * `cardmint_call_free`.
 */
cardmint_status cardmint_tenant_submit(const struct cardmint_tenant *tenant,
                                       const char *operation,
                                       size_t operation_len,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_call **call,
                                       struct cardmint_text **error);

/**
 * Begins a stream or a job by its name. Free the cursor with `cardmint_cursor_free`.
 */
cardmint_status cardmint_tenant_begin(const struct cardmint_tenant *tenant,
                                      const char *operation,
                                      size_t operation_len,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_cursor **cursor,
                                      struct cardmint_text **error);

/**
 * Frees a tenant's handle; NULL is fine. Its cursors go on working; its calls do while the engine is open.
 */
void cardmint_tenant_free(struct cardmint_tenant *tenant);

/**
 * `CARDMINT_STATUS_PENDING` until the reply is there; then the reply, or what the call failed with, as often as asked. Never
 * blocks.
 */
cardmint_status cardmint_call_poll(const struct cardmint_call *call,
                                   struct cardmint_text **reply,
                                   struct cardmint_text **error);

/**
 * Blocks until the reply is there and gives it, or what the call failed with, as often as asked.
 */
cardmint_status cardmint_call_wait(const struct cardmint_call *call,
                                   struct cardmint_text **reply,
                                   struct cardmint_text **error);

/**
 * Withdraws a call that was not decided yet; from now on it is answered `closed`. One that was decided stays done: the same
 * request under the same key tells what came of it. A reply that was taken already stays.
 */
cardmint_status cardmint_call_cancel(const struct cardmint_call *call,
                                     struct cardmint_text **error);

/**
 * Frees a call, withdrawing it as `cardmint_call_cancel` does; NULL is fine.
 */
void cardmint_call_free(struct cardmint_call *call);

/**
 * Does the next piece of work: at most `most` items of a stream (1 to 100,000), or one step of a job.
 *
 * `CARDMINT_STATUS_OK` with the next items of a stream as a JSON array, or with the reply of a job; `CARDMINT_STATUS_PENDING`
 * while a job goes on; `CARDMINT_STATUS_END` when nothing is left. After a failure the place stays: ask again.
 */
cardmint_status cardmint_cursor_next(const struct cardmint_cursor *cursor,
                                     size_t most,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * How far it has come, and how far there is to go in all, in the unit of the stream or job: serials, cards.
 */
cardmint_status cardmint_cursor_progress(const struct cardmint_cursor *cursor,
                                         uint64_t *done,
                                         uint64_t *total,
                                         struct cardmint_text **error);

/**
 * Ends a stream or a job wherever it is, and frees it; NULL is fine.
 */
void cardmint_cursor_free(struct cardmint_cursor *cursor);

/**
 * Makes a keyring with one minting key and writes it to a new file that only its owner may read. A file that is there stays.
 */
cardmint_status cardmint_create_keyring(const char *path,
                                        size_t path_len,
                                        struct cardmint_text **error);

/**
 * Adds a new minting key to a keyring file and writes its slot to `slot`; the old ones go on opening. Engines that are open
 * keep what they have read: open them again.
 */
cardmint_status cardmint_rotate_keyring(const char *path,
                                        size_t path_len,
                                        uint8_t *slot,
                                        struct cardmint_text **error);

/**
 * Retires a key of a keyring file: codes under it no longer open, until it is taken back by hand.
 */
cardmint_status cardmint_retire_key(const char *path, size_t path_len, uint8_t slot, struct cardmint_text **error);

/**
 * Forgets a retired key of a keyring file for good.
 */
cardmint_status cardmint_forget_key(const char *path, size_t path_len, uint8_t slot, struct cardmint_text **error);

/**
 * Sets zone and rounding of the tenant. Until then it is UTC and half-up.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `zone` (text): IANA zone in which dates become instants; what was saved before keeps its own.
 * - `profile` (Profile or null, may be left out): The policy profile of templates of value that name none;
 *   templates that are saved already keep their own.
 * - `rounding` (Rounding, may be left out): How shares that are not whole become whole.
 *
 * The reply: Done.
 */
cardmint_status cardmint_save_settings(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Saves a campaign, new or over the one of the same id, and returns it with its window resolved in the tenant's
 * zone.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `id` (text): The host's id.
 * - `title` (text): What people call it; 1 to 200 characters.
 * - `audience` (Audience, may be left out): Who may claim.
 * - `end` (text or null, may be left out): A date (that day still counts) or an RFC 3339 instant (which does
 *   not).
 * - `goal` (Goal or null, may be left out): What it is meant to reach.
 * - `life` (Life, may be left out): Draft, running, paused or archived.
 * - `limits` (list of Limit, may be left out): Ceilings on what all of its cards together are used for: uses,
 *   and money budgets. At most 20.
 * - `start` (text or null, may be left out): A date (the start of that local day) or an RFC 3339 instant.
 *
 * The reply: Campaign.
 */
cardmint_status cardmint_save_campaign(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Lists subjects as a campaign's audience and returns how many were new. Those that are listed already stay so.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 * - `subjects` (list of Subject): 1 to 1,000 subjects.
 *
 * The reply: AudienceAdded.
 *
 * Denials, in this order: unknown (campaign).
 */
cardmint_status cardmint_add_audience(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Saves a version of a product set and returns its number, from 1.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `name` (text): The host's name for it.
 * - `products` (list of text): 1 to 100,000 product ids.
 *
 * The reply: Saved.
 */
cardmint_status cardmint_save_product_set(const struct cardmint_tenant *tenant,
                                          const char *request,
                                          size_t request_len,
                                          struct cardmint_text **reply,
                                          struct cardmint_text **error);

/**
 * Saves a version of a template and returns its number, from 1. Batches keep the version that they were issued
 * from.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `template` (TemplateDraft): The template.
 *
 * The reply: Saved.
 *
 * Denials, in this order: unknown (product_set, host_benefit), policy_violation.
 */
cardmint_status cardmint_save_template(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Saves a promotion (自动优惠): what a template gives comes off every order of `quote_order`, `hold_order` and
 * `redeem_order` by itself. Over the one of the same id it makes a new revision; `diff_templates` tells what its
 * template's versions differ in.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `id` (text): The host's id, at most 48 bytes.
 * - `template` (text): The template: of coupons that are claimed (`redeem_from: claimed`) and used once.
 * - `campaign` (text or null, may be left out): The campaign whose window, life and limits hold for it.
 * - `limits` (list of Limit, may be left out): Ceilings on what this revision is used for: uses, and money
 *   budgets. At most 20.
 * - `parameters` (map to ParameterValue, may be left out): Values of the template's parameters.
 * - `template_version` (whole number or null, may be left out): Its version; the newest by default.
 *
 * The reply: Promotion.
 *
 * Denials, in this order: wrong_life (archived), exists (batch), unknown (template, campaign),
 * campaign_not_running (archived), batch_numbers_used_up, odds_too_low.
 */
cardmint_status cardmint_save_promotion(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Takes a promotion off orders for now.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `id` (text): The promotion.
 *
 * The reply: Promotion.
 *
 * Denials, in this order: unknown (promotion), wrong_life.
 */
cardmint_status cardmint_pause_promotion(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Lets a paused promotion come off orders again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `id` (text): The promotion.
 *
 * The reply: Promotion.
 *
 * Denials, in this order: unknown (promotion), wrong_life.
 */
cardmint_status cardmint_resume_promotion(const struct cardmint_tenant *tenant,
                                          const char *request,
                                          size_t request_len,
                                          struct cardmint_text **reply,
                                          struct cardmint_text **error);

/**
 * Takes a promotion off orders for good. What was redeemed can still be refunded.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `id` (text): The promotion.
 *
 * The reply: Promotion.
 *
 * Denials, in this order: unknown (promotion), wrong_life.
 */
cardmint_status cardmint_archive_promotion(const struct cardmint_tenant *tenant,
                                           const char *request,
                                           size_t request_len,
                                           struct cardmint_text **reply,
                                           struct cardmint_text **error);

/**
 * The promotions by id, those that are over among them.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: list of Promotion.
 */
cardmint_status cardmint_list_promotions(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Declares an attribute of orders, lines or holders, new or over the one of the same name, so that conditions
 * may speak of it.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `name` (text): Its name: `order.attr.NAME`, `line.attr.NAME` or `holder.attr.NAME` in conditions.
 * - `of` (AttributeOf): Whose it is.
 * - `type` (FactType): The type of its values; once declared it stays.
 * - `title` (text or null, may be left out): What people call it; 1 to 200 characters.
 * - `values` (list of text, may be left out): Of texts and sets of texts: the values that there are, at most
 *   1,000. Any, where none is listed.
 *
 * The reply: Attribute.
 */
cardmint_status cardmint_save_attribute(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * The attributes that were declared, by whose they are and name.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: list of Attribute.
 */
cardmint_status cardmint_list_attributes(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Declares a benefit of the host's own (a name and a JSON Schema of its data), new or over the one of the same
 * name. From the first one on templates give declared ones only, with data that fits.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `name` (text): Its name, as templates have it in `host.name`.
 * - `schema` (any): What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16
 *   KiB of JSON, nested at most 16 deep.
 * - `title` (text or null, may be left out): What people call it; 1 to 200 characters.
 *
 * The reply: DeclaredBenefit.
 */
cardmint_status cardmint_save_host_benefit(const struct cardmint_tenant *tenant,
                                           const char *request,
                                           size_t request_len,
                                           struct cardmint_text **reply,
                                           struct cardmint_text **error);

/**
 * The benefits of the host's own that were declared, by name.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: list of DeclaredBenefit.
 */
cardmint_status cardmint_list_host_benefits(const struct cardmint_tenant *tenant,
                                            const char *request,
                                            size_t request_len,
                                            struct cardmint_text **reply,
                                            struct cardmint_text **error);

/**
 * Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order:
 * what it has, what it needs and what is short. Nothing else of the card is looked at.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `of` (ExplainOf): Whose conditions.
 * - `order` (Order): The order.
 * - `at` (Instant or null, may be left out): At which moment; now by default.
 *
 * The reply: Explanation.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card, product_set, host_benefit).
 */
cardmint_status cardmint_explain(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold.
 * Nothing else is looked at.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `of` (ExplainOf): Whose conditions.
 * - `orders` (Orders): The orders.
 * - `at` (Instant or null, may be left out): At which moment; now by default.
 *
 * The reply: EvaluatedMany.
 *
 * Denials, in this order: unknown (sample), not_found_or_invalid, unknown (card, product_set, host_benefit).
 */
cardmint_status cardmint_evaluate_many(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * The JSON Schema of templates, with the attributes that the tenant declares: what a form for templates is built
 * from.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: any.
 */
cardmint_status cardmint_template_schema(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Writes a host's event into the journal: a visit, a sign-up, a level reached.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `at` (Instant): When, as the host says.
 * - `kind` (text): The host's name for it.
 * - `subject` (Subject): Whom it is about.
 * - `facts` (map to text, may be left out): What else there is to say; at most 32 texts of 1 to 200 characters,
 *   nothing personal.
 *
 * The reply: Done.
 */
cardmint_status cardmint_observe(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Issues a batch: the same few rows for ten cards and for a thousand million.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `format` (CodeFormat): The format of its codes.
 * - `id` (text): The host's id.
 * - `size` (whole number): How many cards, 1 to 2^30 (2^18 in codes of 12 symbols).
 * - `template` (text): The template.
 * - `campaign` (text or null, may be left out): The campaign that it belongs to.
 * - `channel` (text or null, may be left out): The channel that it is made for.
 * - `display` (map to Display, may be left out): How its cards show themselves, over the template's own.
 * - `labels` (BatchLabels, may be left out): What the host says of it.
 * - `limits` (list of Limit, may be left out): Ceilings on what its cards together are used for: uses, and money
 *   budgets. At most 20; they stay as they are.
 * - `parameters` (map to ParameterValue, may be left out): Values of the template's parameters for all of its
 *   cards.
 * - `template_version` (whole number or null, may be left out): Its version; the newest by default. The cards
 *   follow it for ever.
 *
 * The reply: Batch.
 *
 * Denials, in this order: exists, unknown (template, campaign, batch that it gives), policy_violation,
 * campaign_not_running (archived), batch_numbers_used_up, batch_too_large, odds_too_low.
 */
cardmint_status cardmint_issue_batch(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * Makes a batch larger. The odds of all cards in its format are checked again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 * - `size` (whole number): How many cards it has then, more than now.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), batch_too_large, wrong_life, odds_too_low.
 */
cardmint_status cardmint_grow_batch(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * Seals a batch anew under the minting key: all of its codes die, and others take their place. For after a leak.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), odds_too_low.
 */
cardmint_status cardmint_rekey_batch(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * Closes a batch for export: from now on a code is given out only by replacing it or by a single reveal.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch).
 */
cardmint_status cardmint_close_export(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Gives a batch a public code: one word, as many uses as the batch has cards. All words of a batch are read
 * alike.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch; its template has `redeem_from` claimed.
 * - `normalisation` (Normalisation): How words are compared; the same for all words of a batch.
 * - `word` (CodeText): The word, 3 to 40 characters.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), exists (public_code).
 */
cardmint_status cardmint_save_public_code(const struct cardmint_tenant *tenant,
                                          const char *request,
                                          size_t request_len,
                                          struct cardmint_text **reply,
                                          struct cardmint_text **error);

/**
 * Stops all cards of a batch until it is unfrozen, at the cost of one row; needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life.
 */
cardmint_status cardmint_freeze_batch(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Lets the cards of a frozen batch move again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life.
 */
cardmint_status cardmint_unfreeze_batch(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Kills all cards of a batch for good, but for what was used up; needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life.
 */
cardmint_status cardmint_void_batch(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * Puts off the end of all cards of a batch, as far as its template allows for each.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 * - `until` (text): The new end: a date of the template's zone (that day still counts) or an RFC 3339 instant
 *   (which does not).
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), not_extendable, wrong_life.
 */
cardmint_status cardmint_extend_batch(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Gives no more cards of a batch out. Those that are out are good.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life.
 */
cardmint_status cardmint_close_batch(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * Puts a batch out of the way instead of deleting it: its cards stand still, and its history stays.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life.
 */
cardmint_status cardmint_archive_batch(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Lets a batch grow by itself as it runs low, in the commit that takes a card of it; or no longer.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch; its cards are claimed.
 * - `refill` (Refill or null, may be left out): When and by how much; nothing to stop it.
 *
 * The reply: Batch.
 *
 * Denials, in this order: unknown (batch), wrong_life, batch_too_large.
 */
cardmint_status cardmint_refill_batch(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Lets a draft campaign run, from its start on.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 *
 * The reply: Campaign.
 *
 * Denials, in this order: unknown (campaign), wrong_life.
 */
cardmint_status cardmint_start_campaign(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Lets the cards of a campaign stand still.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 *
 * The reply: Campaign.
 *
 * Denials, in this order: unknown (campaign), wrong_life.
 */
cardmint_status cardmint_pause_campaign(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Lets the cards of a paused campaign move again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 *
 * The reply: Campaign.
 *
 * Denials, in this order: unknown (campaign), wrong_life.
 */
cardmint_status cardmint_resume_campaign(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Ends a campaign now.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 *
 * The reply: Campaign.
 *
 * Denials, in this order: unknown (campaign), wrong_life.
 */
cardmint_status cardmint_end_campaign(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Puts a campaign that does not run out of the way, for good, instead of deleting it.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `campaign` (text): The campaign.
 *
 * The reply: Campaign.
 *
 * Denials, in this order: unknown (campaign), wrong_life.
 */
cardmint_status cardmint_archive_campaign(const struct cardmint_tenant *tenant,
                                          const char *request,
                                          size_t request_len,
                                          struct cardmint_text **reply,
                                          struct cardmint_text **error);

/**
 * Takes a card as its holder: the next of a batch, or the one of a code.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `holder` (Subject): Whose it becomes.
 * - `take` (ClaimFrom): Where from: `{"batch": …}` or `{"code": …}`.
 * - `channel` (text or null, may be left out): The channel that it is given out through; the batch's by default.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: unknown (batch), not_found_or_invalid (code), batch_not_active, sold_out,
 * campaign_not_running, not_started, expired (campaign), not_in_audience, limit_reached (holder_claims), void,
 * frozen, wrong_state, not_owner, expired, policy_violation.
 */
cardmint_status cardmint_claim(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_text **reply,
                               struct cardmint_text **error);

/**
 * Gives the next card of a batch to a holder, who finds it in the wallet.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `batch` (text): The batch that the next card is taken from.
 * - `holder` (Subject): Whose it becomes.
 * - `channel` (text or null, may be left out): The channel that it is given out through; the batch's by default.
 * - `parameters` (map to ParameterValue, may be left out): Values of the template's parameters for this card,
 *   frozen in it.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: unknown (batch), void (batch), batch_not_active, frozen (batch), wrong_state (a bearer
 * batch), sold_out, campaign_not_running, not_started, expired, policy_violation.
 */
cardmint_status cardmint_issue(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_text **reply,
                               struct cardmint_text **error);

/**
 * Stops a card until it is unfrozen; needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `force` (boolean, may be left out): Kills the card's open holds first: capturing one of them answers
 *   `refund_required`. Without it a card that an order holds stays as it is.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, has_open_hold.
 */
cardmint_status cardmint_freeze(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Lets a frozen card move again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (not frozen).
 */
cardmint_status cardmint_unfreeze(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_text **reply,
                                  struct cardmint_text **error);

/**
 * Kills a card for good.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `force` (boolean, may be left out): Kills the card's open holds first: capturing one of them answers
 *   `refund_required`. Without it a card that an order holds stays as it is.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (spent), has_open_hold.
 */
cardmint_status cardmint_void(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Gives a card a new code and returns it; the old one is dead at once.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `force` (boolean, may be left out): Kills the card's open holds first: capturing one of them answers
 *   `refund_required`. Without it a card that an order holds stays as it is.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, issue_numbers_used_up,
 * has_open_hold.
 */
cardmint_status cardmint_replace(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Shows the code of one card, also after its batch was closed for export; needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), void.
 */
cardmint_status cardmint_reveal(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Ties a claimed card to a subject (绑定): from then on it is redeemed only where that is presented.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `holder` (Subject): Whose it is: who asks.
 * - `to` (Subject): What it is tied to, of a kind that the template allows.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state,
 * not_owner, expired.
 */
cardmint_status cardmint_bind(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Ties a bound card to another subject (换绑), as often as its template allows.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `holder` (Subject): Whose it is: who asks.
 * - `to` (Subject): What it is tied to from now on.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state,
 * not_owner, expired, limit_reached (rebinds).
 */
cardmint_status cardmint_rebind(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Hands a card to another holder (转赠) and returns its new code; the old one is dead, unless the template keeps
 * it. Its time goes on, and what it was bound to is undone.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `holder` (Subject): Whose it is: who asks.
 * - `to` (Subject): Whose it becomes.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), not_transferable, void, frozen, wrong_state,
 * not_owner, expired, limit_reached (transfers), issue_numbers_used_up.
 */
cardmint_status cardmint_transfer(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_text **reply,
                                  struct cardmint_text **error);

/**
 * Puts off the end of a card (延期), as far as its template allows.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `until` (text): The new end, later than the old one: a date of the template's zone (that day still counts)
 *   or an RFC 3339 instant (which does not).
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), not_extendable, void, frozen, expired,
 * extension_too_long.
 */
cardmint_status cardmint_extend(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Redeems a card on an order: a coupon takes something off, a gift card pays what it holds or a part of it, of a
 * times card uses are taken, an exchange voucher makes goods free, a membership card checks in, a pack or choice
 * opens. The order is charged what the receipt says, or nothing happened. A visit without a sale is an order of
 * one line that costs nothing.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin. The key becomes the redemption's id.
 * - `code` (CodeText): The code, as the shopper typed or scanned it; a public code counts, too.
 * - `order` (Order): The order.
 * - `amount_minor` (whole number or null, may be left out): The most that a gift card pays, in minor units of
 *   the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
 * - `choose` (list of text, may be left out): Which batches of those that a choice lists its holder chooses.
 *   Nothing for other cards.
 * - `holder` (Subject or null, may be left out): Who redeems. Needed for cards that have a holder and for limits
 *   per holder.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or the card is bound to, such as a `device`. At most 16.
 * - `units` (whole number or null, may be left out): How many uses of a times card are taken; all that the order
 *   has by default. Nothing for other cards.
 *
 * The reply: Receipt.
 *
 * Denials, in this order: key_reused, not_found_or_invalid, batch_not_active, sold_out (public code),
 * not_in_audience (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card),
 * insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, not_bound,
 * campaign_not_running, insufficient_uses, currency_mismatch, condition_failed, insufficient_balance, held,
 * price_held, no_effect, holder_required, limit_reached (holder_uses), held (holder_uses), scope_required
 * (limits), currency_mismatch (budgets), limit_reached (limits), held (limits), limit_reached (check_ins),
 * holder_required (pack), unknown (batch, pack), sold_out (pack).
 */
cardmint_status cardmint_redeem(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Gives a redemption back: a use, and what counted it, in full; of what a gift card paid all that is left, or an
 * amount; of a times card's uses all that are left, or some. Parts never add up to more than was taken. Cards
 * that it gave die with its last part; those of a pack must be untouched, others stay out where they are not.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `redemption` (text): The redemption's id.
 * - `amount_minor` (whole number or null, may be left out): How much goes back to a gift card, in minor units of
 *   the order's currency; all that is left by default. Nothing for other cards.
 * - `units` (whole number or null, may be left out): How many uses go back to a times card; all that are left by
 *   default. Nothing for other cards.
 *
 * The reply: RefundReceipt.
 *
 * Denials, in this order: key_reused, unknown (redemption), refund_to_original_only, already_refunded,
 * refund_too_large, void, given_card_touched (pack).
 */
cardmint_status cardmint_refund(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Gives lines of an order back, or pieces of them (退货退款): what is paid out by frozen shares and the refund terms
 * of each card, to what the order was paid with in the declared order; value goes back to its cards, uses once
 * their discount is undone. All in one write. Repeated refunds never pay out more than was paid, and all of them
 * together exactly that.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `order` (Order): The order as it was bought: the same in every word as when its cards were used or held.
 * - `everything` (boolean, may be left out): Whether all comes back that is not back yet; lines and shipping are
 *   not named then.
 * - `lines` (list of LineReturn, may be left out): The lines that come back, each once.
 * - `redemptions` (list of text, may be left out): The redemptions of the order, promotions among them; all that
 *   it has by default.
 * - `shipping` (boolean, may be left out): Whether shipping comes back.
 * - `stranded` (Stranded, may be left out): What becomes of value whose card cannot get it.
 * - `tenders` (TenderOrder, may be left out): In which order the pay-out goes back to what the order was paid
 *   with.
 *
 * The reply: RefundedOrder.
 *
 * Denials, in this order: key_reused, unknown (redemption), order_not_kept, order_changed, all_back, unknown
 * (line), too_many_back, card_denied (void or refund_to_original_only of a card that paid).
 */
cardmint_status cardmint_refund_order(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Keeps a card for an order until it is captured, released, or its time is over (预占). The same order asking
 * again gets the same hold.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `code` (CodeText): The code, as the shopper typed or scanned it; a public code counts, too, for a holder.
 * - `order` (Order): The order, as it will be captured.
 * - `amount_minor` (whole number or null, may be left out): The most that a gift card is held for, in minor
 *   units of the order's currency, at most the order's total; all that it can by default. Nothing for other
 *   cards.
 * - `holder` (Subject or null, may be left out): Who holds. Needed for cards that have a holder, for limits per
 *   holder and for public codes.
 * - `quote` (text or null, may be left out): The digest of a quote: the hold is made only if it comes to the
 *   same.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or the card is bound to, such as a `device`. At most 16.
 * - `ttl_s` (whole number or null, may be left out): How long, in seconds: 1 to what the template allows; the
 *   template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.
 *
 * The reply: HoldView.
 *
 * Denials, in this order: key_reused, not_found_or_invalid, not_owner (of the order's hold), quote_changed (the
 * order's hold), already_captured, holder_required (public code), sold_out (public code), not_in_audience
 * (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card),
 * insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, campaign_not_running,
 * currency_mismatch, condition_failed, insufficient_balance, held, price_held, no_effect, stale, quote_changed,
 * holder_required, scope_required (limits), currency_mismatch (budgets), limit_reached (holder_uses), held
 * (holder_uses), too_many_holds, limit_reached (limits), held (limits).
 */
cardmint_status cardmint_hold(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Makes final what a hold keeps, or a part of what a gift card's hold keeps. After its time it is taken again
 * where the template says so and it is still free; the reply says what came of it.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `hold` (HoldId): The hold.
 * - `amount_minor` (whole number or null, may be left out): How much of a gift card's hold is captured, in minor
 *   units of the order's currency, 1 or more; the rest comes back at once. All by default. Nothing for other
 *   cards.
 *
 * The reply: Captured.
 *
 * Denials, in this order: key_reused, unknown (hold), already_captured, stale, capture_too_large.
 */
cardmint_status cardmint_capture(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Gives back what a hold keeps, at once and everywhere that it counts.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `hold` (HoldId): The hold.
 *
 * The reply: HoldView.
 *
 * Denials, in this order: key_reused, unknown (hold), already_captured, stale.
 */
cardmint_status cardmint_release(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Uses several cards on one order, all of them or none, in one write: discounts in the order that their
 * templates say, what pays behind them in the order of the request. Each card that applies has a redemption of
 * its own, and is refunded by it. A card that is denied refuses the whole and is named, unless it may be left
 * out.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin. The key is at most 124 bytes: that of each card's redemption is the same
 *   with `#` and its place from 1.
 * - `cards` (list of OrderCard): The cards, at most 50, each once; none where promotions alone are meant.
 *   Discounts come off in the order that their templates say; what pays, pays in this order.
 * - `order` (Order): The order.
 * - `holder` (Subject or null, may be left out): Who redeems. Needed for cards that have a holder and for limits
 *   per holder.
 * - `leave_out` (boolean, may be left out): Whether a card that is denied is left out, and told; without it the
 *   first one refuses the whole.
 * - `no_promotions` (boolean, may be left out): Whether promotions stay off the order; they come off it by
 *   themselves.
 * - `promotions_off` (list of text, may be left out): Promotions that stay off the order, by id, as `best_order`
 *   says; at most 1,000.
 * - `quote` (text or null, may be left out): The digest of a quote: the order is charged only if it comes to the
 *   same.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or cards are bound to, such as a `device`. At most 16.
 *
 * The reply: OrderReceipt.
 *
 * Denials, in this order: key_reused, card_denied (as redeem, and not_combinable), stale, quote_changed.
 */
cardmint_status cardmint_redeem_order(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Keeps several cards for one order, all of them or none, in one write. Each card that applies has a hold of its
 * own. The same order asking for the same again gets the holds that it has; for anything else it is told that it
 * keeps one of them.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `cards` (list of OrderCard): The cards, at most 50, each once; none where promotions alone are meant.
 *   Discounts come off in the order that their templates say; what pays, pays in this order.
 * - `order` (Order): The order, as it will be captured.
 * - `holder` (Subject or null, may be left out): Who holds. Needed for cards that have a holder, for limits per
 *   holder and for public codes.
 * - `leave_out` (boolean, may be left out): Whether a card that is denied is left out, and told; without it the
 *   first one refuses the whole.
 * - `no_promotions` (boolean, may be left out): Whether promotions stay off the order; they come off it by
 *   themselves.
 * - `promotions_off` (list of text, may be left out): Promotions that stay off the order, by id, as `best_order`
 *   says; at most 1,000.
 * - `quote` (text or null, may be left out): The digest of a quote: the holds are made only if the order comes
 *   to the same.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or cards are bound to, such as a `device`. At most 16.
 * - `ttl_s` (whole number or null, may be left out): How long, in seconds: 1 to what each template allows; each
 *   template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.
 *
 * The reply: OrderHeld.
 *
 * Denials, in this order: key_reused, card_denied (not_owner, has_open_hold or already_captured of the order's
 * hold, then as hold, and not_combinable), stale, quote_changed.
 */
cardmint_status cardmint_hold_order(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * Makes final what several holds of one order keep, all of them or none. Where one of them is over and nothing
 * is free, nothing is taken, and the reply says what came of the others.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin. The key is at most 124 bytes: that of each hold's redemption is the same
 *   with `#` and its place from 1.
 * - `holds` (list of CapturePart): The holds, 1 to 50 of one order, each once.
 *
 * The reply: OrderCaptured.
 *
 * Denials, in this order: key_reused, card_denied (unknown, already_captured, stale or capture_too_large of a
 * hold).
 */
cardmint_status cardmint_capture_order(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Gives back what several holds of one order keep, all of them or none.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `holds` (list of HoldId): The holds, 1 to 50 of one order, each once.
 *
 * The reply: OrderReleased.
 *
 * Denials, in this order: key_reused, card_denied (unknown, already_captured or stale of a hold).
 */
cardmint_status cardmint_release_order(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Puts value on a gift card (充值).
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `amount_minor` (whole number): How much, in minor units of the card's currency; 1 or more.
 * - `card` (CardPick): The card: by code, id or card number.
 *
 * The reply: ValueMoved.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted),
 * expired, limit_reached (balance), policy_violation.
 */
cardmint_status cardmint_load(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Sets right what a gift card holds, up or down; needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card: by code, id or card number.
 * - `delta_minor` (whole number): By how much, in minor units of the card's currency; below 0 to take away.
 *
 * The reply: ValueMoved.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, insufficient_balance, held,
 * limit_reached (balance).
 */
cardmint_status cardmint_adjust(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Moves what an expired card of value holds onto a successor of the same batch and returns that with its code.
 * The card keeps its history; what a late refund brings may go on again.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `card` (CardPick): The card that has ended: by code, id or card number.
 * - `until` (text or null, may be left out): When the successor ends: a date (that day still counts) or an RFC
 *   3339 instant. By default what its template gives a card of today; where that has passed, the least that its
 *   policy profile asks.
 *
 * The reply: CardWithCode.
 *
 * Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted),
 * not_expired, has_open_hold, insufficient_balance, policy_violation, batch_too_large, odds_too_low.
 */
cardmint_status cardmint_succeed(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * Declares a unit of value (points, growth, quota), new or over the one of the same name. Currencies need no
 * declaration.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `name` (text): Its name, without colon: `points`, `growth`, `quota`; or the code of a currency, to say
 *   whether holders may give it away.
 * - `between_holders` (boolean, may be left out): Whether holders may give it to each other.
 * - `decimals` (whole number, may be left out): How many decimals a whole one has, 0 to 6; amounts are whole
 *   numbers of the smallest part. Once declared it stays.
 * - `display` (map to UnitDisplay, may be left out): How it shows itself, by locale.
 *
 * The reply: Unit.
 */
cardmint_status cardmint_save_unit(const struct cardmint_tenant *tenant,
                                   const char *request,
                                   size_t request_len,
                                   struct cardmint_text **reply,
                                   struct cardmint_text **error);

/**
 * Moves value between accounts of holders, channels and the tenant itself: grants, spends, takes back, hands on;
 * needs a reason.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `amount_minor` (whole number): How much, in the smallest part of the unit; 1 or more.
 * - `from_account` (AccountPick): From which account.
 * - `to_account` (AccountPick): To which; not both are the tenant's own.
 * - `unit` (text): In which unit: a declared one, or the code of a currency.
 *
 * The reply: ValueTransfer.
 *
 * Denials, in this order: unknown (unit), not_between_holders, insufficient_balance, limit_reached (balance).
 */
cardmint_status cardmint_move_value(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * What the account of a holder or channel holds in a unit; 0 where nothing ever moved.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `account` (AccountPick): A holder's or channel's account.
 * - `unit` (text): The unit.
 *
 * The reply: Balance.
 */
cardmint_status cardmint_balance(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * The accounts of a holder or channel, by unit.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `account` (AccountPick): A holder's or channel's account.
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: BalancePage.
 */
cardmint_status cardmint_list_accounts(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * What moved on the accounts of a holder or channel. Movements that one engine wrote come in order; those of
 * several engines one engine after another.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `account` (AccountPick): A holder's or channel's account.
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: MovementPage.
 */
cardmint_status cardmint_list_movements(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Says that several subjects are one natural person (自然人): they count together, and each may use what another
 * holds.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `subjects` (list of Subject): 2 to 16 subjects. Those that are linked already bring all whom they are linked
 *   with.
 *
 * The reply: PersonView.
 */
cardmint_status cardmint_link(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Says that a subject is a person of its own again. What was counted while they were one stays with the others.
 *
 * A change, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin.
 * - `subject` (Subject): The subject.
 *
 * The reply: PersonView.
 *
 * Denials, in this order: unknown (person).
 */
cardmint_status cardmint_unlink(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * Who is one person with a subject.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `subject` (Subject): The subject.
 *
 * The reply: PersonView.
 */
cardmint_status cardmint_person(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * The units that were declared, by name.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: UnitPage.
 */
cardmint_status cardmint_list_units(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * What is owed on cards and accounts now, by unit and batch, from sums that every commit keeps up: no card is
 * read.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `batch` (text or null, may be left out): Only of this batch.
 *
 * The reply: Liability.
 *
 * Denials, in this order: unknown (batch).
 */
cardmint_status cardmint_liability(const struct cardmint_tenant *tenant,
                                   const char *request,
                                   size_t request_len,
                                   struct cardmint_text **reply,
                                   struct cardmint_text **error);

/**
 * What was owed at a moment, and what had become breakage by then: told by the journal alone, a page of events
 * each step.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `at` (Instant or null, may be left out): A moment that is not ahead; what happened at this very moment had
 *   happened. Now by default.
 * - `batch` (text or null, may be left out): Only of this batch.
 *
 * The reply, at the end: Liability.
 *
 * Denials, in this order: unknown (batch).
 */
cardmint_status cardmint_liability_at(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_cursor **cursor,
                                      struct cardmint_text **error);

/**
 * Says what a card would give on an order. Changes nothing; a denial is part of the reply. Whether the cards
 * that it opens into or gives are there is not looked at.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `card` (CardPick): The card.
 * - `order` (Order): The order.
 * - `amount_minor` (whole number or null, may be left out): The most that a gift card would pay, in minor units;
 *   all that it can by default.
 * - `holder` (Subject or null, may be left out): Who would redeem.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or the card is bound to, such as a `device`. At most 16.
 * - `units` (whole number or null, may be left out): How many uses of a times card would be taken; all that the
 *   order has by default.
 *
 * The reply: Quoted.
 */
cardmint_status cardmint_quote(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_text **reply,
                               struct cardmint_text **error);

/**
 * Says what several cards would come to on one order, all together, and of each whether it applies, why not,
 * what would bring more and which ceilings it meets. Changes nothing; denials are part of the reply.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `cards` (list of OrderCard): The cards, at most 50, each once.
 * - `order` (Order): The order.
 * - `holder` (Subject or null, may be left out): Who would redeem.
 * - `no_promotions` (boolean, may be left out): Whether promotions stay off the order; they come off it by
 *   themselves.
 * - `promotions_off` (list of text, may be left out): Promotions that stay off the order, by id, as `best_order`
 *   says; at most 1,000.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or cards are bound to, such as a `device`. At most 16.
 *
 * The reply: OrderQuoted.
 */
cardmint_status cardmint_quote_order(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * A holder's cards on an order, each as if it were alone: those that can be used and what they would take off,
 * what ends soonest in front; behind them those that cannot be, and why. Cards that count promotions are left
 * out. Changes nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `holder` (Subject): Whose cards. Of a person of several subjects, those that stand under this one.
 * - `order` (Order): The order.
 * - `ended` (boolean, may be left out): Whether cards that are void, used up or expired are told, too.
 * - `page` (Paging, may be left out): Which page. Cards come page by page in the order of batch and serial, and
 *   are sorted within their page: whoever wants all of them in one order asks for a page that holds them.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or cards are bound to, such as a `device`. At most 16.
 *
 * The reply: WalletCardPage.
 */
cardmint_status cardmint_quote_wallet(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Says what templates that need not be saved would come to on an order, all together: what comes off each line
 * and shipping, what is paid, who bears it, and of each offer whether it applies, why not, and what would bring
 * more. Changes nothing. Cards of them and promotions without a card are asked for alike.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What is offered: at most 1,000, in any order.
 * - `order` (Order): The order.
 * - `at` (Instant or null, may be left out): The moment of which it is told; now by default.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 *
 * The reply: DraftsQuoted.
 *
 * Denials, in this order: unknown (product_set, host_benefit).
 */
cardmint_status cardmint_quote_drafts(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Finds the combination of templates that need not be saved that is best on an order: what to use, what it comes
 * to, the second best, and why the others are left out. Exact within a number of steps, and says so. Changes
 * nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What is offered, as in `quote_drafts`: at most 200, in any order. An offer
 *   ends when its template's validity does.
 * - `order` (Order): The order.
 * - `at` (Instant or null, may be left out): The moment of which it is told; now by default.
 * - `objective` (Objective, may be left out): What is better; for the customer by default.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 * - `shop` (text or null, may be left out): Whose cost counts as the shop's, where the shop's cost decides: a
 *   party of the offers' funding; `shop` by default. What an offer without funding takes off, the shop bears.
 * - `steps_max` (whole number or null, may be left out): Steps after which the search ends, 0 to 10,000,000: an
 *   offer tried, or a rest looked at; 200,000 by default, which wallets of 20 cards come nowhere near.
 *
 * The reply: BestOfDrafts.
 *
 * Denials, in this order: unknown (product_set, host_benefit).
 */
cardmint_status cardmint_best_drafts(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * Finds the combination of cards and promotions that is best on an order: which to use, what they come to, the
 * second best, and why the others are left out. The cards are named, or the holder's own, or both. States and
 * limits are looked at as by `quote_order`; with its digest, the order is charged exactly that. Exact within a
 * number of steps, and says so. Changes nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `order` (Order): The order.
 * - `cards` (list of OrderCard, may be left out): Cards that may be used, at most 50, each once.
 * - `holder` (Subject or null, may be left out): Who would redeem. Needed for the wallet.
 * - `no_promotions` (boolean, may be left out): Whether promotions stay off the order. Without it they are
 *   offers as cards are; which of those that run stand in the way of something better, the reply says.
 * - `objective` (Objective, may be left out): What is better; for the customer by default.
 * - `promotions_off` (list of text, may be left out): Promotions that stay off the order in any case, by id; at
 *   most 1,000.
 * - `shop` (text or null, may be left out): Whose cost counts as the shop's, where the shop's cost decides: a
 *   party of the cards' funding; `shop` by default. What a card without funding takes off, the shop bears.
 * - `steps_max` (whole number or null, may be left out): Steps after which the search ends, 0 to 10,000,000: a
 *   card tried, or a rest looked at; 200,000 by default.
 * - `subjects` (list of Subject, may be left out): Who else it is, and on what: subjects that limits may count
 *   or cards are bound to, such as a `device`. At most 16.
 * - `wallet` (boolean, may be left out): Whether the holder's own cards may be used, too: the 200 that end
 *   first, of the first 5,000 that stand under this holder. Cards that only give cards or an entitlement are not
 *   looked at.
 *
 * The reply: BestOfOrder.
 */
cardmint_status cardmint_best_order(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * Says what giving lines of an order back would come to, by the terms of its cards and beside that as if all
 * discounts were kept, clawed back, or the rest priced anew. Changes nothing.
 *
 * A read, since 0.1.0. The request:
 *
 * - `order` (Order): The order as it was bought: the same in every word as when its cards were used or held.
 * - `everything` (boolean, may be left out): Whether all would come back that is not back yet; lines and
 *   shipping are not named then.
 * - `lines` (list of LineReturn, may be left out): The lines that would come back, each once.
 * - `redemptions` (list of text, may be left out): The redemptions of the order, promotions among them; all that
 *   it has by default.
 * - `shipping` (boolean, may be left out): Whether shipping would come back.
 * - `tenders` (TenderOrder, may be left out): In which order the pay-out would go back to what the order was
 *   paid with.
 *
 * The reply: RefundSimulated.
 *
 * Denials, in this order: unknown (redemption), order_not_kept, order_changed, all_back, unknown (line),
 * too_many_back.
 */
cardmint_status cardmint_simulate_refund(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_text **reply,
                                         struct cardmint_text **error);

/**
 * Says what returns of an order would come to, one after another, that was bought with templates which need not
 * be saved: by their own terms, and under each way of treating discounts. Changes nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What it was bought with: at most 1,000. What does not apply is not in the
 *   way.
 * - `order` (Order): The order.
 * - `returns` (list of DraftsBack): What comes back, one return after another: 1 to 100.
 * - `at` (Instant or null, may be left out): The moment of which it is told; now by default.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 * - `tenders` (TenderOrder, may be left out): In which order pay-outs go back to what the order was paid with;
 *   what pays is called by its offer's id.
 *
 * The reply: DraftsRefunded.
 *
 * Denials, in this order: unknown (product_set, host_benefit), all_back, unknown (line), too_many_back.
 */
cardmint_status cardmint_refund_drafts(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Says what templates that need not be saved would come to on each of many orders, each by itself. The templates
 * are made ready once. Figures alone; `quote_drafts` explains one order, and `backtest` sums up. Changes
 * nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What is offered on each of them, as in `quote_drafts`: at most 1,000, in any
 *   order.
 * - `orders` (Orders): The orders; at most 200,000 pairs of an order and an offer, 5,000,000 where shares are
 *   not told by line.
 * - `at` (Instant or null, may be left out): The moment of which it is told; by default when each order was
 *   placed, and now for one that does not say.
 * - `detail` (Detail, may be left out): How much is told; by line unless said otherwise.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 *
 * The reply: OrdersQuoted.
 *
 * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
 */
cardmint_status cardmint_quote_orders(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Puts orders into a sample, which the engine holds in its memory, so that they are sent and read once and asked
 * as often as you like by `evaluate_many`, `quote_orders`, `backtest` and `compare_drafts`. Nothing is stored: a
 * sample ends with its engine.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `orders` (list of Order): 1 to 10,000 orders, of ids that the sample does not hold yet; at most 4,000,000
 *   lines in all samples of an engine.
 * - `sample` (text): The sample's name.
 *
 * The reply: Sample.
 */
cardmint_status cardmint_sample_orders(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_text **reply,
                                       struct cardmint_text **error);

/**
 * Forgets a sample. A job that walks over it goes on.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `sample` (text): The sample's name.
 *
 * The reply: Done.
 *
 * Denials, in this order: unknown (sample).
 */
cardmint_status cardmint_drop_sample(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * The samples that the engine holds of the tenant, by name.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: list of Sample.
 */
cardmint_status cardmint_list_samples(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * Says what templates that need not be saved would have come to on the orders of a sample, all together, each at
 * the moment at which the order was placed: cost, orders touched, the spread of savings, who bears them, and all
 * of it by segment. Conditions and windows are asked; ceilings count nothing.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What is offered on each order, as in `quote_drafts`: at most 1,000, in any
 *   order.
 * - `sample` (text): The sample's name.
 * - `at` (Instant or null, may be left out): The moment of which it is told; by default when each order was
 *   placed, and now for one that does not say.
 * - `currency` (Currency or null, may be left out): Of which currency orders are looked at; needed where the
 *   sample holds several.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 * - `segments` (list of SegmentBy, may be left out): By what orders are told apart, at most 10.
 *
 * The reply, at the end: BacktestReport.
 *
 * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
 */
cardmint_status cardmint_backtest(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_cursor **cursor,
                                  struct cardmint_text **error);

/**
 * Streams what templates that need not be saved would have come to on each order of a sample: the rows that
 * `backtest` sums up, for tables of your own. Conditions and windows are asked; ceilings count nothing.
 *
 * A stream, keyless, since 0.1.0. The request:
 *
 * - `offers` (list of DraftOffer): What is offered on each order, as in `quote_drafts`: at most 1,000, in any
 *   order.
 * - `sample` (text): The sample's name.
 * - `at` (Instant or null, may be left out): The moment of which it is told; by default when each order was
 *   placed, and now for one that does not say.
 * - `currency` (Currency or null, may be left out): Of which currency orders are looked at; needed where the
 *   sample holds several.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 *
 * Each item: BacktestedOrder.
 *
 * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
 */
cardmint_status cardmint_backtest_orders(const struct cardmint_tenant *tenant,
                                         const char *request,
                                         size_t request_len,
                                         struct cardmint_cursor **cursor,
                                         struct cardmint_text **error);

/**
 * Puts two sets of templates side by side over the orders of a sample: what each comes to, and which orders
 * differ most.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `left` (list of DraftOffer): What is offered on one side, as in `quote_drafts`: at most 1,000, in any order.
 * - `right` (list of DraftOffer): What is offered on the other.
 * - `sample` (text): The sample's name.
 * - `at` (Instant or null, may be left out): The moment of which it is told; by default when each order was
 *   placed, and now for one that does not say.
 * - `currency` (Currency or null, may be left out): Of which currency orders are looked at; needed where the
 *   sample holds several.
 * - `differing` (whole number or null, may be left out): How many of the orders that differ are told, 0 to
 *   10,000, those that differ most first; 100 by default.
 * - `rounding` (Rounding or null, may be left out): How a share that is not whole becomes whole; as the tenant's
 *   settings say by default.
 *
 * The reply, at the end: Comparison2.
 *
 * Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
 */
cardmint_status cardmint_compare_drafts(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_cursor **cursor,
                                        struct cardmint_text **error);

/**
 * Tells whether a code is genuine under some key of the ring, without a look at the store: the card that it
 * names, or nothing. Whether it is that card's code now, `look_up` tells.
 *
 * A read, since 0.1.0. The request:
 *
 * - `code` (CodeText): The code, as a person typed or scanned it.
 *
 * The reply: CardId or null.
 */
cardmint_status cardmint_open(const struct cardmint_tenant *tenant,
                              const char *request,
                              size_t request_len,
                              struct cardmint_text **reply,
                              struct cardmint_text **error);

/**
 * Opens many codes at once, without a look at the store: for each the card that it names, or nothing.
 *
 * A read, since 0.1.0. The request:
 *
 * - `codes` (list of CodeText): At most 100,000 codes.
 *
 * The reply: list of CardId or null.
 */
cardmint_status cardmint_open_many(const struct cardmint_tenant *tenant,
                                   const char *request,
                                   size_t request_len,
                                   struct cardmint_text **reply,
                                   struct cardmint_text **error);

/**
 * The card that a code, an id or a card number means now.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `card` (CardPick): By code, id or card number.
 *
 * The reply: CardView.
 *
 * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
 */
cardmint_status cardmint_look_up(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * The public card number (卡号) of a card: 16 digits and a Luhn digit, good for talking about it, never for
 * spending it.
 *
 * A read, since 0.1.0. The request:
 *
 * - `card` (CardId): The card.
 *
 * The reply: text.
 */
cardmint_status cardmint_card_number(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_text **reply,
                                     struct cardmint_text **error);

/**
 * The cards of a batch, by serial. Untouched cards are listed as well, though they have no rows.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `batch` (text): The batch.
 * - `channel` (text or null, may be left out): Only those given out through this channel.
 * - `page` (Paging, may be left out): Which page.
 * - `state` (CardState or null, may be left out): Only those in this state. Untouched cards count as what their
 *   batch made them.
 *
 * The reply: CardViewPage.
 *
 * Denials, in this order: unknown (batch).
 */
cardmint_status cardmint_list_cards(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * A holder's cards, by batch and serial.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `holder` (Subject): Whose.
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: CardViewPage.
 */
cardmint_status cardmint_wallet(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * A card's events, oldest first, each checked against the chain.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `card` (CardPick): By code, id or card number.
 *
 * The reply: list of HistoryEntry.
 *
 * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
 */
cardmint_status cardmint_history(const struct cardmint_tenant *tenant,
                                 const char *request,
                                 size_t request_len,
                                 struct cardmint_text **reply,
                                 struct cardmint_text **error);

/**
 * A campaign, or nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `id` (text): Its id.
 *
 * The reply: Campaign or null.
 */
cardmint_status cardmint_campaign(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_text **reply,
                                  struct cardmint_text **error);

/**
 * A version of a template, or the newest one; or nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `id` (text): Its id.
 * - `version` (whole number or null, may be left out): Its version; the newest by default.
 *
 * The reply: Template or null.
 */
cardmint_status cardmint_template(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_text **reply,
                                  struct cardmint_text **error);

/**
 * What changed between two versions of a template: path by path, what stood there and what stands there now.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `before` (whole number): The version before.
 * - `id` (text): The template.
 * - `after` (whole number or null, may be left out): The version after; the newest by default.
 *
 * The reply: list of TemplateChange.
 *
 * Denials, in this order: unknown (template).
 */
cardmint_status cardmint_diff_templates(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * A batch, or nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `id` (text): Its id.
 *
 * The reply: Batch or null.
 */
cardmint_status cardmint_batch(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_text **reply,
                               struct cardmint_text **error);

/**
 * A redemption by its id, or nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `id` (text): Its id: the idempotency key that it was made under.
 *
 * The reply: Redemption or null.
 */
cardmint_status cardmint_redemption(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * A hold by its id, or nothing.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `hold` (HoldId): Its id.
 *
 * The reply: HoldView or null.
 */
cardmint_status cardmint_get_hold(const struct cardmint_tenant *tenant,
                                  const char *request,
                                  size_t request_len,
                                  struct cardmint_text **reply,
                                  struct cardmint_text **error);

/**
 * The holds of an order, by what they keep.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `order` (text): The host's order id.
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: HoldViewPage.
 */
cardmint_status cardmint_holds_of_order(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Campaigns by id.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: CampaignPage.
 */
cardmint_status cardmint_list_campaigns(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * All versions of all templates, by id and version.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: TemplatePage.
 */
cardmint_status cardmint_list_templates(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Batches by number.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: BatchPage.
 */
cardmint_status cardmint_list_batches(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_text **reply,
                                      struct cardmint_text **error);

/**
 * The redemptions of an order, by id.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `order` (text): The host's order id.
 * - `page` (Paging, may be left out): Which page.
 *
 * The reply: RedemptionPage.
 */
cardmint_status cardmint_redemptions_of_order(const struct cardmint_tenant *tenant,
                                              const char *request,
                                              size_t request_len,
                                              struct cardmint_text **reply,
                                              struct cardmint_text **error);

/**
 * What the engine counted of itself since it was opened, over all tenants: calls and what they ended in, groups
 * and their sizes, waits, commits, conflicts. No code, key or holder is in it.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 *
 * The reply: EngineFigures.
 */
cardmint_status cardmint_engine_figures(const struct cardmint_tenant *tenant,
                                        const char *request,
                                        size_t request_len,
                                        struct cardmint_text **reply,
                                        struct cardmint_text **error);

/**
 * Writes the event of an export, then streams the living codes of a batch by serial; needs a reason. A stream
 * that broke off goes on with the serial behind the last that arrived, as a request of its own.
 *
 * A stream, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin: who takes the codes, and why; the reason is needed.
 * - `batch` (text): The batch.
 * - `count` (whole number or null, may be left out): Most serials; to the end of the batch by default.
 * - `first` (whole number, may be left out): First serial; where a stream broke off, the one behind the last
 *   that arrived.
 *
 * Each item: ExportedCode.
 *
 * Denials, in this order: unknown (batch), export_closed, void (batch), batch_not_active, key_reused.
 */
cardmint_status cardmint_export_codes(const struct cardmint_tenant *tenant,
                                      const char *request,
                                      size_t request_len,
                                      struct cardmint_cursor **cursor,
                                      struct cardmint_text **error);

/**
 * Counts what became of the cards of a batch, a page of cards each step.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `batch` (text): The batch.
 *
 * The reply, at the end: BatchFigures.
 *
 * Denials, in this order: unknown (batch).
 */
cardmint_status cardmint_count_batch(const struct cardmint_tenant *tenant,
                                     const char *request,
                                     size_t request_len,
                                     struct cardmint_cursor **cursor,
                                     struct cardmint_text **error);

/**
 * Counts what parties bear of the discounts of a time, by batch and party, and what they get back with its
 * refunds: from the events of redemptions and refunds, a page of them each step.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `batch` (text or null, may be left out): Only this batch; of a promotion it is that of one revision.
 * - `campaign` (text or null, may be left out): Only the batches of this campaign.
 * - `since` (Instant or null, may be left out): From this moment on; from the first by default.
 * - `until` (Instant or null, may be left out): Up to this moment, which is no part of it; up to the last by
 *   default. What is told of a time that is over does not change later.
 *
 * The reply, at the end: FundingFigures.
 *
 * Denials, in this order: unknown (batch, campaign).
 */
cardmint_status cardmint_count_funding(const struct cardmint_tenant *tenant,
                                       const char *request,
                                       size_t request_len,
                                       struct cardmint_cursor **cursor,
                                       struct cardmint_text **error);

/**
 * Counts how far a campaign has come towards its goal, over all of its batches, a page of cards each step.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `campaign` (text): The campaign.
 *
 * The reply, at the end: CampaignProgress.
 *
 * Denials, in this order: unknown (campaign).
 */
cardmint_status cardmint_measure_campaign(const struct cardmint_tenant *tenant,
                                          const char *request,
                                          size_t request_len,
                                          struct cardmint_cursor **cursor,
                                          struct cardmint_text **error);

/**
 * What was written into the journal behind a cursor, in order for each card, whoever wrote it. Every event comes
 * at least once: keep the cursor of a page once the page is worked through, and a page that was not is read
 * again.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `after` (text or null, may be left out): The `cursor` of the page before; from the beginning without. Keep
 *   it once the page is worked through: that acknowledges it.
 * - `batch` (text or null, may be left out): Only events of this batch and its cards.
 * - `campaign` (text or null, may be left out): Only events of this campaign, its batches and their cards.
 * - `kinds` (list of EventKind, may be left out): Only events of these kinds; of all where it is empty. What a
 *   filter leaves out counts as read.
 * - `limit` (whole number, may be left out): Most events, 1 to 1,000; 100 where it is 0.
 *
 * The reply: EventsPage.
 *
 * Denials, in this order: cursor_ahead, unknown (batch, campaign).
 */
cardmint_status cardmint_events(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_text **reply,
                                struct cardmint_text **error);

/**
 * A card as it was at a moment, told by the journal: whatever happens later, the answer stays.
 *
 * A read, keyless, since 0.1.0. The request:
 *
 * - `at` (Instant): A moment that has passed. What happened at this very moment had happened.
 * - `card` (CardPick): By id, by card number, or by the code that it has now.
 *
 * The reply: CardWas.
 *
 * Denials, in this order: not_found_or_invalid (code, number), unknown (card).
 */
cardmint_status cardmint_card_as_of(const struct cardmint_tenant *tenant,
                                    const char *request,
                                    size_t request_len,
                                    struct cardmint_text **reply,
                                    struct cardmint_text **error);

/**
 * Works every card, counter and sum out again from the journal, checks the chain of every card, and names each
 * difference with its row, what stands there and what the journal says. Without keys the chains are not checked.
 * For a verdict on everything let nobody write meanwhile, or audit a backup.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `heads` (list of ChainHead, may be left out): Chain heads that the host kept from the feed, at most 100,000:
 *   an end of a card's history that was cut off shows only by them.
 *
 * The reply, at the end: AuditReport.
 */
cardmint_status cardmint_audit(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_cursor **cursor,
                               struct cardmint_text **error);

/**
 * Makes a backup of the whole store, whosever tenants are in it, while it is in use: one file as of one moment,
 * and its checksum beside it. docs/storage.md says how it is put back.
 *
 * A job, keyless, since 0.1.0. The request:
 *
 * - `to` (text): The path of a file that is not there yet.
 *
 * The reply, at the end: BackupFile.
 */
cardmint_status cardmint_backup(const struct cardmint_tenant *tenant,
                                const char *request,
                                size_t request_len,
                                struct cardmint_cursor **cursor,
                                struct cardmint_text **error);

/**
 * Erases a subject: its key goes from every row, `erased:` and a number takes its place, and every sum stays
 * what it was. It is out of its person and of audiences; whoever comes with the same subject later is somebody
 * new. Needs a reason; docs/persons.md says what is not reached. Nobody else commits while its one step runs.
 *
 * A job, since 0.1.0. The request:
 *
 * - `meta` (Meta): Key, reason, origin; the reason is needed.
 * - `subject` (Subject): Whom. Of a person with several subjects each is erased by itself.
 *
 * The reply, at the end: Erased.
 *
 * Denials, in this order: key_reused.
 */
cardmint_status cardmint_erase(const struct cardmint_tenant *tenant,
                               const char *request,
                               size_t request_len,
                               struct cardmint_cursor **cursor,
                               struct cardmint_text **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CARDMINT_H */
