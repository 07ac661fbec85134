use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::tariffs::ProposalState;
use entities::tariffs::{proposal, setting, version};

use super::types::*;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct TariffsQuery;

#[Object]
impl TariffsQuery {
    /// Prices in force on a day, or all versions known now (прейскурант); 200 at most.
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn prices(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only those in force on this day.")] on: Option<Date>,
    ) -> Result<Vec<Price>> {
        let rows = version::list::<version::Price>(cx.db(), on.map(|day| day.0)).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// VAT rates (ставки НДС); 200 at most.
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn vat_rates(&self, cx: &Context<'_>) -> Result<Vec<VatRate>> {
        Ok(version::list::<version::Vat>(cx.db(), None).await?.into_iter().map(Into::into).collect())
    }

    /// Norms in force on a day, or all versions known now (нормативы); 200 at most.
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn norms(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only those in force on this day.")] on: Option<Date>,
    ) -> Result<Vec<Norm>> {
        let rows = version::list::<version::Norm>(cx.db(), on.map(|day| day.0)).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Sets of bands (дифференциация тарифа); 200 at most.
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn band_sets(&self, cx: &Context<'_>) -> Result<Vec<BandSet>> {
        Ok(version::list::<version::BandSet>(cx.db(), None).await?.into_iter().map(Into::into).collect())
    }

    /// Proposed versions of prices, norms, VAT and bands with what became of them, newest first (предложения тарифов).
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn tariff_proposals(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only those that stand so; PROPOSED are waiting for a second person.")]
        state: Option<ProposalState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<TariffProposal>> {
        let page = page_of::<i64>(first, after)?;
        let slice = proposal::list(cx.db(), state, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, TariffProposal::from))
    }

    /// Settings that decide money, newest first (настройки).
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn settings(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only versions of this code.")] code: Option<String>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Setting>> {
        let page = page_of::<i64>(first, after)?;
        let slice = setting::list(cx.db(), code, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, |row| -> Setting { row.into() }))
    }
}
