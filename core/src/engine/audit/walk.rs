//! One range of rows, a page in memory at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::Tenant;
use super::super::error::Error;
use super::super::reads::PAGE_MAX;
use crate::store::{Record, Scan, ScanOf, Stored};

pub(super) struct Walk {
    of: ScanOf,
    after: Option<String>,
    page: VecDeque<Arc<Stored>>,
    ended: bool,
}

impl Walk {
    pub(super) fn over(of: ScanOf) -> Self {
        Self { of, after: None, page: VecDeque::new(), ended: false }
    }

    /// The next record, which stays the next one until it is taken. A fault leaves the walk where it is.
    pub(super) fn peek(&mut self, tenant: &Tenant) -> Result<Option<&Record>, Error> {
        Ok(self.peek_row(tenant)?.map(|stored| &stored.record))
    }

    /// The next record with its version.
    pub(super) fn peek_row(&mut self, tenant: &Tenant) -> Result<Option<&Stored>, Error> {
        while self.page.is_empty() && !self.ended {
            let (of, after) = (self.of.clone(), self.after.clone());
            let scan = Scan { tenant: tenant.realm.key.clone(), of, after, limit: PAGE_MAX };
            let page = tenant.realm.store.scan(&scan)?;
            self.ended = page.next.is_none();
            self.after = page.next;
            self.page.extend(page.items);
        }
        Ok(self.page.front().map(|stored| &**stored))
    }

    /// Takes the row that was looked at.
    pub(super) fn take(&mut self) -> Option<Arc<Stored>> {
        self.page.pop_front()
    }
}
