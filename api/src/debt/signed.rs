//! Acts of collection that two people sign.

use domain::access::{Permission, SignedAct};
use domain::kernel::*;
use entities::debt::penalty::{Moratorium, NewMoratorium};
use entities::kernel::{Result, Tx};
use entities::subscribers::account;
use serde::{Deserialize, Serialize};

use super::mutation::queued;
use super::ops;
use crate::access::ops::{About, Seen, Signed, subject};
use crate::allow;
use crate::app::App;
use crate::platform::Outcome;

/// Takes a posted accrual back as a whole.
#[derive(Debug, Serialize, Deserialize)]
pub struct PenaltyReversal {
    pub accrual: AccrualId,
}

#[async_trait::async_trait]
impl Signed for PenaltyReversal {
    const ACT: SignedAct = SignedAct::PenaltyReverse;

    fn subject(&self) -> String {
        subject(self.accrual)
    }

    async fn perform(&self, _app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let row = allow!(ops::reverse(tx, self.accrual, document).await?);
        let row = allow!(queued(tx, row).await?);
        Ok(Ok(Seen {
            right: Permission::DebtAccrue,
            least: Permission::DebtAccrue,
            sector: Some(row.sector()),
            district: None,
            account: None,
            about: About {
                month: Some(row.month()),
                sum: Some(Money::from_tiyn(row.added - row.taken_back)),
                rows: Some(row.accounts),
                ..About::default()
            },
        }))
    }
}

#[async_trait::async_trait]
impl Signed for NewMoratorium {
    const ACT: SignedAct = SignedAct::MoratoriumRecord;

    fn subject(&self) -> String {
        let sector = self.sector.map_or("all", Sector::code);
        let group = self.group.map_or("all", ConsumerGroup::code);
        let account = self.account.map_or_else(|| "all".to_owned(), |id| id.to_string());
        format!("{sector} {group} {account} {}", self.from)
    }

    async fn perform(&self, _app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let new = NewMoratorium { document, ..self.clone() };
        let row = allow!(ops::record_moratorium(tx, new).await?);
        seen(tx, &row).await.map(Ok)
    }
}

/// Takes a moratorium out of force, for all of its days.
#[derive(Debug, Serialize, Deserialize)]
pub struct MoratoriumWithdrawal {
    pub moratorium: MoratoriumId,
}

#[async_trait::async_trait]
impl Signed for MoratoriumWithdrawal {
    const ACT: SignedAct = SignedAct::MoratoriumWithdraw;

    fn subject(&self) -> String {
        subject(self.moratorium)
    }

    async fn perform(&self, _app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let row = allow!(ops::withdraw_moratorium(tx, self.moratorium, document).await?);
        seen(tx, &row).await.map(Ok)
    }
}

async fn seen(tx: &Tx, row: &Moratorium) -> Result<Seen> {
    let account = row.account_id.map(AccountId);
    let owner = match account {
        Some(id) => account::by_ids(tx, vec![id]).await?.pop(),
        None => None,
    };
    let sector = row.sector.as_deref().and_then(Sector::from_code);
    Ok(Seen {
        right: Permission::DebtAccrue,
        least: Permission::DebtAccrue,
        sector: owner.as_ref().map(|owner| owner.sector).or(sector),
        district: owner.map(|owner| owner.district_id),
        account,
        about: About {
            from: Some(row.from),
            to: row.to,
            group: row.consumer_group.as_deref().and_then(ConsumerGroup::from_code),
            reason: Some(row.reason.clone()),
            ..About::default()
        },
    })
}
