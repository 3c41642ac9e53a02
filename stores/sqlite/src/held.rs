//! Statements in use.

use rusqlite::{CachedStatement, Connection};

use crate::error::Fault;

/// The statements of a group or a load, each taken out of the connection's cache once and not once per row.
pub(crate) struct Held<'db> {
    db: &'db Connection,
    statements: Vec<(&'static str, CachedStatement<'db>)>,
}

impl<'db> Held<'db> {
    pub(crate) fn new(db: &'db Connection) -> Self {
        Self { db, statements: Vec::new() }
    }

    pub(crate) fn db(&self) -> &'db Connection {
        self.db
    }

    pub(crate) fn get(&mut self, sql: &'static str) -> Result<&mut CachedStatement<'db>, Fault> {
        // The texts are constants: the same text is the same place in memory.
        let place = match self.statements.iter().position(|(held, _)| std::ptr::eq(*held, sql)) {
            Some(place) => place,
            None => {
                self.statements.push((sql, self.db.prepare_cached(sql)?));
                self.statements.len() - 1
            }
        };
        let found = self.statements.get_mut(place).map(|(_, statement)| statement);
        found.ok_or_else(|| Fault::Row("a statement that was just prepared".into()))
    }
}
