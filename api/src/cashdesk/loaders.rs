//! Edges of the cash desk: one statement each per list.

use domain::cashdesk::Turnover;
use domain::kernel::*;
use entities::cashdesk::count::{self, Count, CountLine};
use entities::cashdesk::desk::{self, Desk};
use entities::cashdesk::operation::{self, Line};
use entities::cashdesk::order::{self, CashOrder};
use entities::cashdesk::receipt::{self, Queue, Receipt};
use entities::cashdesk::shift::{self, Shift};

use crate::edge;
use crate::platform::graphql::loaders::gather;

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
