//! Edges of claims: one statement each per list.

use chrono::NaiveDate;
use domain::kernel::*;
use entities::debt::claim;
use entities::tariffs;

use crate::edge;
use crate::platform::graphql::loaders::gather;

edge!(
    /// The claimed parts of items.
    ClaimItemsOf(ClaimId) => Vec<claim::Item>, |app, ids| async {
        let rows = claim::items(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (ClaimId(row.claim_id), row))))
    }
);

edge!(
    /// What happened to a claim, in order.
    ClaimStepsOf(ClaimId) => Vec<claim::Step>, |app, ids| async {
        let rows = claim::steps(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (ClaimId(row.claim_id), row))))
    }
);

edge!(
    /// What a claim costs.
    ClaimCostsOf(ClaimId) => Vec<claim::Cost>, |app, ids| async {
        let rows = claim::costs(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (ClaimId(row.claim_id), row))))
    }
);

edge!(
    /// What lessened claimed sums, newest first.
    ClaimSettledOf(ClaimId) => Vec<claim::Settled>, |app, ids| async {
        let rows = claim::settled(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (ClaimId(row.claim_id), row))))
    }
);

edge!(
    /// Within how many years a debt may be claimed, by the setting of a day; no row where none says so.
    LimitationYears(NaiveDate) => u32, |app, days| async {
        let mut found = Vec::new();
        for day in days {
            let book = tariffs::book(&app.db, day, day.succ_opt().unwrap_or(day), app.clock.now()).await?;
            found.extend(book.methods.debt.limitation_years(day).ok().map(|years| (day, years)));
        }
        Ok(found)
    }
);
