//! Edges of bills: one statement each per list.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use domain::access::Scope;
use domain::billing::{ChargeLine, Side, charge};
use domain::kernel::*;
use entities::billing::bill::{self, Bill, LineRow};
use entities::billing::{correction, input, one_off, preview, run, scenario};
use entities::kernel::{Page, Slice};
use entities::tariffs;

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows, gather};

edge!(
    /// A run by id.
    RunById(RunId) => run::Run, |app, ids| async {
        let rows = run::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (row.run_id(), row)).collect())
    }
);

edge!(
    /// A correction by id.
    CorrectionById(CorrectionId) => correction::Correction, |app, ids| async {
        let rows = correction::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (row.correction_id(), row)).collect())
    }
);

edge!(
    /// A version of a line of the price list of paid services by id.
    PaidServiceById(PaidServiceId) => one_off::PaidService, |app, ids| async {
        let rows = one_off::services(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (PaidServiceId(row.id), row)).collect())
    }
);

/// What a preview found, besides its sums.
#[derive(Debug, Clone, Default)]
pub struct PreviewParts {
    pub totals: Vec<preview::Total>,
    pub exceptions: Vec<preview::Exception>,
    pub changes: Vec<preview::ChangeRow>,
}

edge!(
    /// What a preview found, by its id.
    PartsOf(RunPreviewId) => PreviewParts, |app, ids| async {
        let mut found: HashMap<i64, PreviewParts> = ids.iter().map(|id| (id.0, PreviewParts::default())).collect();
        let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
        let (totals, exceptions, changes) = preview::parts(&app.db, &ids).await?;
        totals.into_iter().for_each(|row| found.entry(row.preview_id).or_default().totals.push(row));
        exceptions.into_iter().for_each(|row| found.entry(row.preview_id).or_default().exceptions.push(row));
        changes.into_iter().for_each(|row| found.entry(row.preview_id).or_default().changes.push(row));
        Ok::<_, entities::kernel::Broken>(found.into_iter().map(|(id, parts)| (RunPreviewId(id), parts)).collect())
    }
);

/// What a scenario came to.
#[derive(Debug, Clone, Default)]
pub struct ScenarioParts {
    pub parts: Vec<scenario::Part>,
    pub largest: Vec<scenario::DifferenceRow>,
}

edge!(
    /// What a scenario came to, by its id.
    ScenarioPartsOf(ScenarioId) => ScenarioParts, |app, ids| async {
        let mut found: HashMap<i64, ScenarioParts> = ids.iter().map(|id| (id.0, ScenarioParts::default())).collect();
        let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
        let (parts, largest) = scenario::parts(&app.db, &ids).await?;
        parts.into_iter().for_each(|row| found.entry(row.scenario_id).or_default().parts.push(row));
        largest.into_iter().for_each(|row| found.entry(row.scenario_id).or_default().largest.push(row));
        Ok::<_, entities::kernel::Broken>(found.into_iter().map(|(id, parts)| (ScenarioId(id), parts)).collect())
    }
);

/// A bill's lines, named by account, month and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinesOf {
    pub account: AccountId,
    pub period: Period,
    pub run: RunId,
}

#[async_trait::async_trait]
impl Loader<LinesOf> for Rows {
    type Value = Vec<ChargeLine>;
    type Error = LoadError;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Self::Value>, LoadError> {
        let bills: Vec<_> = keys.iter().map(|key| (key.account, key.period, key.run)).collect();
        let rows = bill::lines(&self.app.db, &bills).await.map_err(Arc::new)?;
        let mut found: HashMap<LinesOf, Self::Value> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for row in rows {
            let key = LinesOf {
                account: AccountId(row.account_id),
                period: Period::of(row.period),
                run: RunId(row.run_id),
            };
            found.entry(key).or_default().push(row.to_line().map_err(Arc::new)?);
        }
        Ok(found)
    }
}

edge!(
    /// The pairs of an account in a correction, by month, point and service: each line with its side.
    PairsOf((CorrectionId, AccountId)) => Vec<(Side, LineRow)>, |app, keys| async {
        let mut all = Vec::new();
        for side in [Side::Minus, Side::Plus] {
            let rows = correction::lines(&app.db, &keys, side).await?;
            all.extend(rows.into_iter().map(|row| (side, row)));
        }
        all.sort_by_cached_key(|(side, row)| {
            (row.period, row.point_id, row.service.clone(), *side as u8, row.line)
        });
        let key = |row: &LineRow| (CorrectionId(row.run_id), AccountId(row.account_id));
        Ok::<_, entities::kernel::Broken>(gather(all.into_iter().map(|(side, row)| (key(&row), (side, row)))))
    }
);

/// The corrections on a bill, named by account, month and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CorrectionsOn(pub LinesOf);

#[async_trait::async_trait]
impl Loader<CorrectionsOn> for Rows {
    type Value = Vec<correction::OnBill>;
    type Error = LoadError;

    async fn load(&self, keys: &[CorrectionsOn]) -> Result<HashMap<CorrectionsOn, Self::Value>, LoadError> {
        let bills: Vec<_> = keys.iter().map(|key| (key.0.account, key.0.period, key.0.run)).collect();
        let rows = correction::on_bills(&self.app.db, &bills).await.map_err(Arc::new)?;
        let mut found: HashMap<CorrectionsOn, Self::Value> =
            keys.iter().map(|key| (*key, Vec::new())).collect();
        for row in rows {
            let key = LinesOf {
                account: AccountId(row.account_id),
                period: Period::of(row.period),
                run: RunId(row.run_id),
            };
            found.entry(CorrectionsOn(key)).or_default().push(row);
        }
        Ok(found)
    }
}

/// A page of an account's bills. `own` hides those not issued yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BillsOf {
    pub account: AccountId,
    pub own: bool,
    /// Only from the month of this day on: the time of the account's present holder.
    pub since: Option<NaiveDate>,
    pub first: u64,
    pub after: Option<NaiveDate>,
}

#[async_trait::async_trait]
impl Loader<BillsOf> for Rows {
    type Value = Slice<Bill>;
    type Error = LoadError;

    async fn load(&self, keys: &[BillsOf]) -> Result<HashMap<BillsOf, Self::Value>, LoadError> {
        let asked = gather(keys.iter().map(|key| ((key.own, key.since, key.first, key.after), key.account)));
        let mut found = HashMap::new();
        for ((own, since, first, after), accounts) in asked {
            let scope = if own { Scope::Own(accounts.iter().copied().collect()) } else { Scope::City };
            let ids = accounts.iter().map(|id| id.0).collect();
            let page = Page { first, after };
            let rows = bill::of_accounts(&self.app.db, &scope, ids, since, &page).await.map_err(Arc::new)?;
            let mut lists: HashMap<i64, Vec<Bill>> =
                gather(rows.into_iter().map(|row| (row.account_id, row))).into_iter().collect();
            for account in accounts {
                let rows = lists.remove(&account.0).unwrap_or_default();
                found.insert(BillsOf { account, own, since, first, after }, Slice::of(rows, first));
            }
        }
        Ok(found)
    }
}

/// What an account would be charged for a month if it were run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PreviewOf {
    pub account: AccountId,
    pub sector: Sector,
    pub period: Period,
}

#[async_trait::async_trait]
impl Loader<PreviewOf> for Rows {
    type Value = Vec<ChargeLine>;
    type Error = LoadError;

    async fn load(&self, keys: &[PreviewOf]) -> Result<HashMap<PreviewOf, Self::Value>, LoadError> {
        let (db, now) = (&self.app.db, self.app.clock.now());
        let mut found = HashMap::new();
        for ((sector, period), accounts) in
            gather(keys.iter().map(|key| ((key.sector, key.period), key.account)))
        {
            let inputs = input::preview(db, period, sector, now, &accounts).await.map_err(Arc::new)?;
            let book = tariffs::book_of(db, period, now).await.map_err(Arc::new)?;
            for inputs in inputs {
                // What the registers do not let be charged has no price to show.
                if let Ok(charges) = charge(&inputs, &book) {
                    found.insert(PreviewOf { account: inputs.account, sector, period }, charges.lines);
                }
            }
        }
        Ok(found)
    }
}
