//! Wakes the relay for facts whose transactions did not: many payments, one NOTIFY.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entities::kernel::{Db, outbox};

/// Facts of so long go together.
const GATHER: Duration = Duration::from_millis(50);

#[derive(Default)]
pub struct Nudge(Arc<AtomicBool>);

impl Nudge {
    /// Soon, once, however many ask. One that is lost costs what a lost NOTIFY costs: the relay looks by itself.
    pub fn soon(&self, db: &Db) {
        if self.0.swap(true, Ordering::AcqRel) {
            return;
        }
        let (due, db) = (self.0.clone(), db.clone());
        tokio::spawn(async move {
            tokio::time::sleep(GATHER).await;
            due.store(false, Ordering::Release);
            if let Err(error) = outbox::wake(&db).await {
                tracing::debug!(error = %error, "the relay wakes by itself");
            }
        });
    }
}
