//! Files of money: control totals or nothing, and the one way that payments are recorded.

use std::sync::Arc;

use domain::imports::RowError;
use entities::imports::Batch;
use entities::imports::stage::{self, Level};
use entities::kernel::Tx;

use super::engine::{Refused, totals};
use crate::app::App;
use crate::payments::ops::{NewPayment, record_many};

/// The closing line must agree with what the file holds; else every line of it is refused.
pub async fn check_totals(tx: &Tx, batch: &Batch) -> anyhow::Result<Result<(), Refused>> {
    let (count, sum) = stage::totals(tx).await?;
    let Some((said_count, said_sum)) = batch.control_count.zip(batch.control_sum) else {
        stage::note_all(tx, RowError::NoControlTotals, Level::Rejected).await?;
        return Ok(Err(Refused::new("IMPORT_NO_CONTROL_TOTALS")));
    };
    if (said_count, said_sum) == (count, sum) {
        return Ok(Ok(()));
    }
    stage::note_all(tx, RowError::ControlTotalsDiffer, Level::Rejected).await?;
    let detail = format!("{} ≠ {}", totals(said_count, said_sum), totals(count, sum));
    Ok(Err(Refused::new("IMPORT_CONTROL_TOTALS_DIFFER").with("detail", detail)))
}

/// Records the right rows; each becomes its payment.
pub async fn write(app: &Arc<App>, tx: &mut Tx, batch: &Batch) -> anyhow::Result<Result<(), Refused>> {
    let staged = stage::payments(tx).await?;
    let payments: Vec<NewPayment> = staged
        .iter()
        .map(|row| NewPayment {
            account: row.account_id,
            sector: row.sector,
            channel: row.channel.clone(),
            external_id: row.external_id.clone(),
            amount: row.amount,
            paid_on: row.paid_on,
            import_batch: Some(batch.id),
            paid_at: None,
            target: None,
        })
        .collect();
    let recorded = match record_many(tx, &payments, app.clock.now()).await? {
        Ok(recorded) => recorded,
        Err(refused) => return Ok(Err(refused)),
    };
    let ids: Option<Vec<i64>> = recorded.into_iter().map(|one| one.payment().map(|id| id.0)).collect();
    let Some(ids) = ids else { return Ok(Err(Refused::new("PAYMENT_SENT_BACK"))) };
    stage::became(tx, staged.iter().map(|row| row.line).collect(), ids).await?;
    Ok(Ok(()))
}
