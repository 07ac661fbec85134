//! Edges of consumption: one statement each per list.

use chrono::NaiveDate;
use domain::kernel::{AccountId, BuildingId, SpecialId};
use entities::consumption::sharing::{self, SharingRow};
use entities::consumption::special::{self, BulkRow, PlotRow, SpecialRow};

use crate::edge;
use crate::platform::graphql::loaders::gather;

edge!(
    /// Special cases of an account.
    SpecialsOf(AccountId) => Vec<SpecialRow>, |app, ids| async {
        let rows = special::of_accounts(&app.db, ids.into_iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (row.account_id, row))))
    }
);
edge!(
    /// The first day that no bill charges for a special case yet.
    ChargedUpto(SpecialId) => NaiveDate, |app, ids| async { special::charged(&app.db, ids).await }
);
edge!(
    /// Plots watered from the points that an account pays for on the business date.
    PlotsOf(AccountId) => Vec<PlotRow>, |app, ids| async {
        let rows = special::plots(&app.db, app.clock.today(), ids).await?;
        Ok(gather(rows.into_iter().map(|row| (row.account_id, row))))
    }
);
edge!(
    /// Days on which one contract pays for a house.
    BulkOf(BuildingId) => Vec<BulkRow>, |app, ids| async {
        Ok(gather(special::bulks(&app.db, ids).await?.into_iter().map(|row| (row.building_id, row))))
    }
);
edge!(
    /// Meters that an account shares on the business date, each with everybody's part.
    SharingsOf(AccountId) => Vec<SharingRow>, |app, ids| async {
        let rows = sharing::of_accounts(&app.db, app.clock.today(), ids).await?;
        Ok(gather(rows.into_iter().map(|row| (row.viewer_id, row))))
    }
);
