//! Engines.

use std::ffi::c_char;

use cardmint_bridge::{Engine, Status};

use crate::args::{Out, borrow, free, give, text};
use crate::guard::answer;
use crate::status::cardmint_status;
use crate::tenant::cardmint_tenant;
use crate::text::cardmint_text;

/// An open engine: one file, or one store in memory. Any threads may use it at once; one per process is enough for all tenants.
pub struct cardmint_engine {
    engine: Engine,
}

/// Opens an engine. `options` is a JSON object; unknown fields are refused:
///
/// - `path`: the SQLite file, or `:memory:` for a store that is gone with the engine. Must be there.
/// - `keyring`: `{"file": PATH}`, or `{"json": TEXT}` with the JSON of a keyring. Without it the engine is *keyless*: it reads
///   a file that is there, and cannot mint, open, reveal or write.
/// - `create`: whether a missing file is made; true.
/// - `durability`: `full` (what was acknowledged survives a loss of power; the default) or `normal` (a crash of the process).
/// - `busy_timeout_ms`: how long a call waits for another process that holds the file.
/// - `formats`: code formats beside or instead of the four plain ones.
/// - `queue_max`, `group_max`: most calls that wait, and that become durable together.
/// - `now`: an instant; the engine's clock stands there until `cardmint_engine_set_now`. For tests and replays.
/// - `control_lag_ms`: how long templates, campaigns and settings may be behind another process.
/// - `deadline_ms`: how long a change may wait before it is answered `deadline_passed`; 0 for as long as it takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_open(
    options: *const c_char,
    options_len: usize,
    engine: *mut *mut cardmint_engine,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (options, engine) = (text(options, options_len, "options")?, Out::new(engine, "engine")?);
            let opened = cardmint_bridge::open(options.as_bytes())?;
            engine.put(give(cardmint_engine { engine: opened }));
            Ok(Status::Ok)
        })
    }
}

/// Opens another engine from the same options. For the child of a `fork`, where everything that the parent opened answers
/// `forked`, this call alone works; what the parent opened may be freed there, which leaves it as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_reopen(
    engine: *const cardmint_engine,
    reopened: *mut *mut cardmint_engine,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (engine, reopened) = (borrow(engine, "engine")?, Out::new(reopened, "reopened")?);
            reopened.put(give(cardmint_engine { engine: engine.engine.reopen()? }));
            Ok(Status::Ok)
        })
    }
}

/// Gives the handle of a tenant: `default` where there is a single shop. `world` is `live` or `test`. Free it with
/// `cardmint_tenant_free`; it may outlive the engine's handle, and keeps the store open until then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_tenant(
    engine: *const cardmint_engine,
    name: *const c_char,
    name_len: usize,
    world: *const c_char,
    world_len: usize,
    tenant: *mut *mut cardmint_tenant,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (engine, tenant) = (borrow(engine, "engine")?, Out::new(tenant, "tenant")?);
            let (name, world) = (text(name, name_len, "name")?, text(world, world_len, "world")?);
            tenant.put(cardmint_tenant::new(engine.engine.tenant(name, world)?));
            Ok(Status::Ok)
        })
    }
}

/// Moves the clock of an engine that was opened with `now`: RFC 3339 in whole milliseconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_set_now(
    engine: *const cardmint_engine,
    now: *const c_char,
    now_len: usize,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (engine, now) = (borrow(engine, "engine")?, text(now, now_len, "now")?);
            engine.engine.set_now(now)?;
            Ok(Status::Ok)
        })
    }
}

/// Takes no more changes: the group under way becomes durable, what waits behind it is answered `closed`. Reads still work.
/// Blocks until that is done. The handle is still to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_close(
    engine: *const cardmint_engine,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            borrow(engine, "engine")?.engine.close()?;
            Ok(Status::Ok)
        })
    }
}

/// Frees an engine's handle; NULL is fine. Its tenants and cursors go on working. With the last of all these the engine is closed,
/// as by `cardmint_engine_close`, and so is its file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_engine_free(engine: *mut cardmint_engine) {
    // SAFETY: NULL, or an engine of ours that was not freed.
    unsafe { free(engine) }
}
