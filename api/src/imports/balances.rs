//! Files of opening balances: what subscribers owed and had paid ahead in an earlier system.

use std::sync::Arc;

use domain::kernel::{Component, Period, Service};
use entities::imports::{Batch, stage};
use entities::kernel::Tx;

use super::engine::Refused;
use crate::app::App;
use crate::payments::ops::{OpeningBalance, open_balances};

/// Posts the right rows; each becomes its open item.
pub async fn write(app: &Arc<App>, tx: &mut Tx, batch: &Batch) -> anyhow::Result<Result<(), Refused>> {
    let staged = stage::balances(tx).await?;
    let balances: Vec<OpeningBalance> = staged
        .iter()
        .map(|row| OpeningBalance {
            account: row.account_id,
            sector: row.sector,
            service: row.service.unwrap_or(Service::Water),
            component: Component::from_code(&row.component).unwrap_or(Component::Charge),
            origin: Some(Period::of(row.month)),
            amount: row.amount,
        })
        .collect();
    let items = match open_balances(tx, &balances, app.clock.today(), batch.id.0).await? {
        Ok(items) => items,
        Err(refused) => return Ok(Err(refused)),
    };
    stage::became(tx, staged.iter().map(|row| row.line).collect(), items).await?;
    Ok(Ok(()))
}
