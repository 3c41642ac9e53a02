// cardmint: an embeddable engine for digital cards.
//
//     const engine = await open("shop.db", { keyring: "keys.json" });
//     const receipt = await engine.tenant().redeem({ meta: "A-1", code, order });

/// <reference lib="esnext.disposable" />

import type { Operations } from "./operations.cjs";
import type { Json, Moment } from "./types.cjs";

export type * from "./types.cjs";
export type { Operations } from "./operations.cjs";

/** Sentences for people, by language (`en`, `zh-CN`): one for the shopper, one for the staff. */
export type ErrorTexts = Partial<Record<string, { shopper: string; staff: string }>>;

/** Every failure of cardmint. `code` is stable; `message` is for developers, `texts` are for people. */
export class CardmintError extends Error {
  protected constructor();
  /** `denied`, `invalid` or `fault`. */
  readonly kind: "denied" | "invalid" | "fault";
  /** The stable code, the same in every language. */
  readonly code: string;
  /** Its number. */
  readonly status: number;
  /** Whether the same call may go better later. */
  readonly may_retry: boolean;
  /** Facts by name. */
  readonly facts: Record<string, Json>;
  /** Sentences for people; of denials only. */
  readonly texts: ErrorTexts;
}

/** A lawful *no*: nothing was written, and `facts` and `texts` say why. */
export class DeniedError extends CardmintError {}

/** The request cannot be meant; `facts` name the `field`, what was `given` and what is `allowed`. */
export class InvalidError extends CardmintError {}

/** Something is broken or not there. `may_retry` tells whether the same call may go better later. */
export class FaultError extends CardmintError {}

/** What every operation takes beside its request. */
export interface CallOptions {
  /**
   * Withdraws a change that was not decided yet, and rejects the promise with the signal's reason. One that was decided stays
   * done: ask again under the same key to learn what came of it. A stream or a job ends before its next step.
   */
  signal?: AbortSignal | undefined;
}

/** How far a stream or a job has come, in its own unit: serials, cards. */
export interface Progress {
  done: number;
  total: number;
}

/** Items one after another, fetched by the page. Leaving the loop ends it. */
export class Stream<T> implements AsyncIterableIterator<T> {
  private constructor();
  /** How far it has come. */
  readonly progress: Progress;
  next(): Promise<IteratorResult<T, undefined>>;
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): this;
  /** Ends it. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Work in steps: iterate over it for its progress, or ask for its result at once. */
export class Job<T> implements AsyncIterable<Progress> {
  private constructor();
  /** How far it has come. */
  readonly progress: Progress;
  [Symbol.asyncIterator](): AsyncIterator<Progress, undefined>;
  /** Works to the end and gives the reply. */
  result(): Promise<T>;
  /** Ends it. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An open engine. Close it when you are done; a process that ends without loses nothing that was answered. */
export class Engine {
  private constructor();
  /** Whether it was opened without keys, for reading only. */
  readonly keyless: boolean;
  /** Whose cards: a name, and `live` (the default) or `test`. */
  tenant(name?: string, world?: "live" | "test"): Tenant;
  /** Moves the clock of an engine that was opened with `now`. */
  setNow(now: Moment): void;
  /** Takes no more changes: those under way become durable, those behind them fail as `closed`. Reads still work. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A tenant's operations. A change is durable when its promise is fulfilled; while it waits it occupies no thread. */
export class Tenant {
  private constructor();
  /** Whose cards. */
  readonly name: string;
  /** `live` or `test`. */
  readonly world: "live" | "test";
  /**
   * The same operations for scripts, workers and whoever has nothing else to do: each waits on the thread that asks and gives its
   * reply, or throws. A server's loop stands still meanwhile.
   */
  readonly blocking: BlockingTenant;
  /** The raw wire: the JSON of a request for the JSON of the reply. */
  call(operation: string, request: string): Promise<string>;
}
export interface Tenant extends Operations {}

/** An operation as `blocking` has it. */
type Blocking<Method> = Method extends (request: infer Request, options?: CallOptions) => Promise<infer Reply>
  ? undefined extends Request ? (request?: Request) => Reply : (request: Request) => Reply
  : Method extends (request: infer Request, options?: CallOptions) => Stream<infer Item>
    ? (request: Request) => BlockingStream<Item>
    : Method extends (request: infer Request, options?: CallOptions) => Job<infer Reply>
      ? undefined extends Request ? (request?: Request) => BlockingJob<Reply> : (request: Request) => BlockingJob<Reply>
      : never;

/** A tenant's operations, each of which waits on the thread that asks. */
export type BlockingTenant = { readonly [Name in keyof Operations]: Blocking<Operations[Name]> };

/** A stream whose pages are fetched on the thread that asks. Leaving the loop ends it. */
export class BlockingStream<T> implements Iterable<T> {
  private constructor();
  /** How far it has come. */
  readonly progress: Progress;
  [Symbol.iterator](): Iterator<T, undefined>;
  /** Ends it. */
  close(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** A job whose steps are done on the thread that asks: iterate over it for its progress, or ask for its result at once. */
export class BlockingJob<T> implements Iterable<Progress> {
  private constructor();
  /** How far it has come. */
  readonly progress: Progress;
  [Symbol.iterator](): Iterator<Progress, undefined>;
  /** Works to the end and gives the reply. */
  result(): T;
  /** Ends it. */
  close(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** How an engine is opened. */
export interface OpenOptions {
  /** The keyring's file, or a function that gives a keyring's JSON (from a vault); without: keyless, read-only. */
  keyring?: string | URL | (() => string | Promise<string>) | undefined;
  /** A clock that stands there until `setNow` moves it, for tests and replays; the machine's by default. */
  now?: Moment | undefined;
  /** Whether a missing database is made; true. */
  create?: boolean | undefined;
  /** `full` (survives a loss of power; the default) or `normal` (survives a crash of the process). */
  durability?: "full" | "normal" | undefined;
  /** How long a call waits for another process that holds the file. */
  busy_timeout_ms?: number | undefined;
  /** Code formats beside or instead of the four plain ones. */
  formats?: Json[] | undefined;
  /** Most calls that wait at once. */
  queue_max?: number | undefined;
  /** Most calls that become durable together. */
  group_max?: number | undefined;
  /** How long a cached control row may be behind another process. */
  control_lag_ms?: number | undefined;
  /** How long a change waits in the queue, and is tried again, before it fails as `deadline_passed`; 0: as long as it takes. */
  deadline_ms?: number | undefined;
}

/** Opens a SQLite file, or `:memory:`. */
export function open(path: string | URL, options?: OpenOptions): Promise<Engine>;

/** Makes a keyring in a new file that only its owner may read. Whoever has it can mint. */
export function createKeyring(path: string | URL): Promise<void>;

/** Adds a minting key and gives its slot; the old keys go on opening. Engines that are open keep what they have read. */
export function rotateKeyring(path: string | URL): Promise<number>;

/** Retires a key: codes under it no longer open. */
export function retireKey(path: string | URL, slot: number): Promise<void>;

/** Forgets a retired key for good. */
export function forgetKey(path: string | URL, slot: number): Promise<void>;

/** The operations of the compiled library: name and kind. */
export function operations(): Array<[name: string, kind: "read" | "change" | "stream" | "job"]>;

/** The version of the library. */
export const version: string;
