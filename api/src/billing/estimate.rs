//! What a reading will cost: the part that billing adds to the intake's answer. The same facts and rule as the run.

use async_graphql::{Context, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::*;
use domain::readings::Verdict;
use entities::readings::Reading;

use super::loaders::PreviewOf;
use super::types::ChargeLine;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::loaders::AccountById;

/// The price of a reading if the month ended now (сколько это будет стоить).
#[derive(SimpleObject)]
pub struct Estimate {
    /// Volume since the reading that is billed already, m³ (расход).
    pub consumption: Option<Volume>,
    /// To pay for it with VAT (к оплате).
    pub gross: Money,
    /// Lines of the reading's point (строки).
    pub lines: Vec<ChargeLine>,
}

pub struct ReadingEstimate(Reading);

impl From<&Reading> for ReadingEstimate {
    fn from(row: &Reading) -> Self {
        Self(row.clone())
    }
}

#[Object]
impl ReadingEstimate {
    /// What it will cost; null unless it is accepted (предварительная стоимость).
    #[graphql(
        guard = "can_any([Permission::ReadingRead, Permission::OwnAccounts])",
        complexity = "10 + child_complexity"
    )]
    async fn estimate(&self, cx: &Context<'_>) -> Result<Option<Estimate>> {
        if self.0.verdict != Verdict::Accepted {
            return Ok(None);
        }
        let account =
            cx.loader().load_one(AccountById(self.0.account_id)).await?.ok_or_else(ApiError::not_found)?;
        let key = PreviewOf { account: account.id, sector: account.sector, period: self.0.period() };
        let Some(lines) = cx.loader().load_one(key).await? else { return Ok(None) };
        let lines: Vec<ChargeLine> =
            lines.iter().filter(|line| line.point == self.0.point_id).map(Into::into).collect();
        Ok(Some(Estimate {
            consumption: self.0.consumption,
            gross: lines.iter().map(|line| line.gross).sum(),
            lines,
        }))
    }
}
