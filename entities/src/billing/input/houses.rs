//! The facts of the accounts of some houses, for the imbalance: it has to see what the bills are made of.

use chrono::{DateTime, Utc};
use domain::billing::Inputs;
use domain::kernel::*;

use super::{COLUMNS, SHARE, select_with, shares, stream};
use crate::kernel::tx::broken;
use crate::kernel::{Db, Result};

/// Streams what a run, or the final bills of the month, kept of some accounts or, without one, what a run would take of them now; in the order of their ids.
pub async fn of_accounts(
    db: &Db,
    sector: Sector,
    period: Period,
    known_at: DateTime<Utc>,
    run: Option<RunId>,
    accounts: &[AccountId],
    mut on_case: impl FnMut(Inputs) -> Result<()> + Send,
) -> Result<u64> {
    // What they bear of their house is what these facts are read for.
    let none = shares(period, "NULL");
    let facts = match run {
        Some(run) => {
            let ids = accounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let day = period.first_day();
            let columns =
                COLUMNS.split(", ").map(|c| format!("i.{}", c.trim())).collect::<Vec<_>>().join(", ");
            format!(
                "SELECT {columns}, {SHARE} FROM billing.run_input i {none}
                 WHERE i.period = '{day}' AND (i.run_id = {run} OR i.run_id IN (
                     SELECT id FROM billing.run WHERE period = '{day}' AND account_id IS NOT NULL AND state = 'issued'))
                   AND i.account_id = ANY ('{{{ids}}}'::bigint[]) ORDER BY 2, 3"
            )
        }
        None => {
            let inner = select_with(true, period, sector, RunId(0), known_at, Some(accounts));
            format!("SELECT i.*, {SHARE} FROM ({inner}) i {none} ORDER BY 2, 3")
        }
    };
    let sql = format!("COPY ({facts}) TO STDOUT WITH (FORMAT binary)");
    let mut pg = db.get_postgres_connection_pool().acquire().await.map_err(broken)?;
    let done = stream(&mut pg, &sql, sector, |_| (), |inputs, ()| on_case(inputs)).await;
    if done.is_err() {
        // What the server still wants to send would have to be read before the connection could be used again.
        pg.close_on_drop();
    }
    done
}
