//! Acts on bills that two people sign.

use domain::access::{Permission, SignedAct};
use domain::kernel::*;
use entities::billing::one_off;
use entities::kernel::Tx;
use entities::subscribers::account;
use serde::{Deserialize, Serialize};

use super::ops;
use crate::access::ops::{About, Seen, Signed, subject};
use crate::allow;
use crate::app::App;
use crate::platform::Outcome;

/// Takes a one-off charge back in the open month.
#[derive(Debug, Serialize, Deserialize)]
pub struct OneOffReversal {
    pub charge: OneOffId,
}

#[async_trait::async_trait]
impl Signed for OneOffReversal {
    const ACT: SignedAct = SignedAct::OneOffReverse;

    fn subject(&self) -> String {
        subject(self.charge)
    }

    async fn perform(&self, app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let (today, now) = (app.clock.today(), app.clock.now());
        let row = allow!(ops::reverse_one_off(tx, self.charge, document, today, now).await?);
        let account = AccountId(row.account_id);
        let owner = account::by_ids(tx, vec![account]).await?.pop();
        let service = one_off::service(tx, PaidServiceId(row.paid_service_id)).await?;
        Ok(Ok(Seen {
            right: Permission::CorrectionConfirm,
            least: Permission::CorrectionWrite,
            sector: owner.as_ref().map(|owner| owner.sector),
            district: owner.map(|owner| owner.district_id),
            account: Some(account),
            about: About {
                title: service.map(|service| [service.title_kk, service.title_ru, service.title_en]),
                month: Some(Period::of(row.period)),
                sum: Some(Money::from_tiyn(row.gross)),
                ..About::default()
            },
        }))
    }
}
