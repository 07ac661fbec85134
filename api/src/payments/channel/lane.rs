//! Connections of one thread of the server that carry nothing but channels' money.

use std::time::Duration;

use entities::kernel::{Broken, Db};
use tokio::sync::OnceCell;

use crate::app::App;

/// How long a payer waits for another one of the same account, or for a month that is being closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// A payment goes from its socket to the database and back on one thread: a connection opened on another one would wake that for
/// every word of the database. And whatever else is asked of the database meanwhile, payers have their own way to it.
#[derive(Default)]
pub struct Lane(OnceCell<Db>);

impl Lane {
    /// Opened by the first who needs them, on the thread whose they are.
    pub async fn db(&self, app: &App) -> Result<&Db, Broken> {
        self.0.get_or_try_init(|| app.share_of_a_thread(PATIENCE)).await
    }
}
