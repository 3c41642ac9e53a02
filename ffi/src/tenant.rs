//! Tenants, and the three ways in: call, submit, begin.

use std::ffi::c_char;

use cardmint_bridge::{Operation, Status, Tenant};

use crate::args::{Out, borrow, bytes, free, give, text};
use crate::call::cardmint_call;
use crate::cursor::cardmint_cursor;
use crate::guard::answer;
use crate::status::cardmint_status;
use crate::text::cardmint_text;

/// One tenant in one world; operations are called on it. Any threads may use it at once.
pub struct cardmint_tenant {
    tenant: Tenant,
}

impl cardmint_tenant {
    pub(crate) fn new(tenant: Tenant) -> *mut Self {
        give(Self { tenant })
    }
}

/// Calls a read or a change by its name and blocks until the reply is there, durable where it is a change. `request` and
/// `reply` are JSON; the bytes of a reply are the same in every language.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_tenant_call(
    tenant: *const cardmint_tenant,
    operation: *const c_char,
    operation_len: usize,
    request: *const c_char,
    request_len: usize,
    reply: *mut *mut cardmint_text,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (tenant, reply) = (borrow(tenant, "tenant")?, Out::new(reply, "reply")?);
            let operation = Operation::named(text(operation, operation_len, "operation")?)?;
            let said = operation.call(&tenant.tenant, bytes(request, request_len, "request")?)?;
            reply.put(cardmint_text::new(said));
            Ok(Status::Ok)
        })
    }
}

/// Hands a read or a change in by its name without waiting for it. It is decided as soon as this or any other call is waited for,
/// on the thread that waits; or polled, in the background. A request that cannot be meant is refused at once. Free the call with
/// `cardmint_call_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_tenant_submit(
    tenant: *const cardmint_tenant,
    operation: *const c_char,
    operation_len: usize,
    request: *const c_char,
    request_len: usize,
    call: *mut *mut cardmint_call,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (tenant, call) = (borrow(tenant, "tenant")?, Out::new(call, "call")?);
            let operation = Operation::named(text(operation, operation_len, "operation")?)?;
            let pending = operation.submit(&tenant.tenant, bytes(request, request_len, "request")?)?;
            call.put(cardmint_call::new(pending));
            Ok(Status::Ok)
        })
    }
}

/// Begins a stream or a job by its name. Free the cursor with `cardmint_cursor_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_tenant_begin(
    tenant: *const cardmint_tenant,
    operation: *const c_char,
    operation_len: usize,
    request: *const c_char,
    request_len: usize,
    cursor: *mut *mut cardmint_cursor,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (tenant, cursor) = (borrow(tenant, "tenant")?, Out::new(cursor, "cursor")?);
            let operation = Operation::named(text(operation, operation_len, "operation")?)?;
            let begun = operation.begin(&tenant.tenant, bytes(request, request_len, "request")?)?;
            cursor.put(cardmint_cursor::new(begun));
            Ok(Status::Ok)
        })
    }
}

/// Frees a tenant's handle; NULL is fine. Its cursors go on working; its calls do while the engine is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_tenant_free(tenant: *mut cardmint_tenant) {
    // SAFETY: NULL, or a tenant of ours that was not freed.
    unsafe { free(tenant) }
}
