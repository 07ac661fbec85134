//! Edges of the cash desk: one statement each per list.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use domain::cashdesk::Turnover;
use domain::kernel::*;
use entities::cashdesk::count::{self, Count, CountLine};
use entities::cashdesk::desk::{self, Desk};
use entities::cashdesk::operation::{self, Line, Operation};
use entities::cashdesk::order::{self, CashOrder};
use entities::cashdesk::receipt::{self, Queue, Receipt};
use entities::cashdesk::shift::{self, Shift};
use entities::kernel::{Page, Slice};

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows, gather};

fn ids<T: Into<i64>>(ids: Vec<T>) -> Vec<i64> {
    ids.into_iter().map(Into::into).collect()
}

edge!(
    /// A desk.
    DeskById(DeskId) => Desk, |app, keys| async {
        let rows = desk::by_ids(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().map(|row| (row.desk_id(), row)).collect())
    }
);

edge!(
    /// The shift that is open at a desk.
    OpenShiftOf(DeskId) => Shift, |app, keys| async {
        let rows = shift::open_of(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().map(|row| (row.desk(), row)).collect())
    }
);

edge!(
    /// How the queue of a desk's register stands.
    QueueOf(DeskId) => Queue, |app, keys| async {
        let rows = receipt::queues(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().map(|row| (DeskId(row.desk_id), row)).collect())
    }
);

edge!(
    /// What is on its way to a desk or from it; a hundred at most.
    OnTheWayOf(DeskId) => Vec<Operation>, |app, keys| async {
        let rows = operation::on_the_way(&app.db, ids(keys.clone())).await?;
        let at = |desk: DeskId| {
            let of = rows.iter().filter(|row| row.desk_id == desk.0 || row.to_desk_id == Some(desk.0));
            (desk, of.take(100).cloned().collect())
        };
        Ok(keys.into_iter().map(at).collect())
    }
);

edge!(
    /// A shift.
    ShiftById(ShiftId) => Shift, |app, keys| async {
        let rows = shift::by_ids(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().map(|row| (row.shift_id(), row)).collect())
    }
);

edge!(
    /// What went through a shift so far.
    TurnoverOf(ShiftId) => Turnover, |app, keys| async {
        let shifts = shift::by_ids(&app.db, ids(keys)).await?;
        shift::turnovers(&app.db, &shifts).await
    }
);

edge!(
    /// The last operation of a shift; none before the first.
    LastOf(ShiftId) => i64, |app, keys| async { operation::lasts_of(&app.db, ids(keys)).await }
);

edge!(
    /// The orders of a shift, newest first; a hundred at most.
    OrdersOf(ShiftId) => Vec<CashOrder>, |app, keys| async {
        let rows = order::of_shifts(&app.db, ids(keys)).await?;
        Ok(gather(rows.into_iter().map(|row| (ShiftId(row.shift_id), row))))
    }
);

/// A page of what moved money in a shift, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OperationsOf {
    pub shift: ShiftId,
    pub first: u64,
    pub after: Option<i64>,
}

#[async_trait::async_trait]
impl Loader<OperationsOf> for Rows {
    type Value = Slice<Operation>;
    type Error = LoadError;

    async fn load(&self, keys: &[OperationsOf]) -> Result<HashMap<OperationsOf, Self::Value>, LoadError> {
        let mut found = HashMap::new();
        for ((first, after), shifts) in gather(keys.iter().map(|key| ((key.first, key.after), key.shift))) {
            let rows = operation::of_shifts(&self.app.db, ids(shifts.clone()), &Page { first, after })
                .await
                .map_err(Arc::new)?;
            let mut lists: HashMap<ShiftId, Vec<Operation>> =
                gather(rows.into_iter().map(|row| (row.shift(), row))).into_iter().collect();
            for shift in shifts {
                let rows = lists.remove(&shift).unwrap_or_default();
                found.insert(OperationsOf { shift, first, after }, Slice::of(rows, first));
            }
        }
        Ok(found)
    }
}

edge!(
    /// The counts of a shift, newest first.
    CountsOf(ShiftId) => Vec<Count>, |app, keys| async {
        let rows = count::of_shifts(&app.db, ids(keys)).await?;
        Ok(gather(rows.into_iter().map(|row| (ShiftId(row.shift_id), row))))
    }
);

edge!(
    /// Z of a shift at the register.
    ZReceiptOf(ShiftId) => Receipt, |app, keys| async {
        let rows = receipt::z_of(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().map(|row| (ShiftId(row.shift_id), row)).collect())
    }
);

edge!(
    /// What a count was made of.
    PiecesOf(CashCountId) => Vec<CountLine>, |app, keys| async {
        let rows = count::lines(&app.db, ids(keys)).await?;
        Ok(gather(rows.into_iter().map(|row| (CashCountId(row.count_id), row))))
    }
);

edge!(
    /// The lines of an operation.
    LinesOf(CashOperationId) => Vec<Line>, |app, keys| async {
        let rows = operation::lines(&app.db, ids(keys)).await?;
        Ok(gather(rows.into_iter().map(|row| (CashOperationId(row.operation_id), row))))
    }
);

edge!(
    /// The order of an operation.
    OrderOf(CashOperationId) => CashOrder, |app, keys| async {
        let rows = order::of_operations(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().filter_map(|row| Some((CashOperationId(row.operation_id?), row))).collect())
    }
);

edge!(
    /// The fiscal document of an operation.
    ReceiptOf(CashOperationId) => Receipt, |app, keys| async {
        let rows = receipt::of_operations(&app.db, ids(keys)).await?;
        Ok(rows.into_iter().filter_map(|row| Some((CashOperationId(row.operation_id?), row))).collect())
    }
);
