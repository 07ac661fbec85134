//! Acts on special cases that two people sign.

use chrono::NaiveDate;
use domain::access::{Permission, SignedAct};
use domain::kernel::*;
use entities::kernel::Tx;
use serde::{Deserialize, Serialize};

use super::ops;
use crate::access::ops::{About, Seen, Signed, subject};
use crate::allow;
use crate::app::App;
use crate::platform::Outcome;
use crate::platform::messages::{self, Language};

/// Takes a charged case back, or its days after one.
#[derive(Debug, Serialize, Deserialize)]
pub struct SpecialTakingBack {
    pub special: SpecialId,
    /// The last day that stays; all of it goes where none is given.
    pub on: Option<NaiveDate>,
}

#[async_trait::async_trait]
impl Signed for SpecialTakingBack {
    const ACT: SignedAct = SignedAct::SpecialTakeBack;

    fn subject(&self) -> String {
        subject(self.special)
    }

    async fn perform(&self, _app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let (owner, before, after) =
            allow!(ops::take_back_special(tx, self.special, self.on, document).await?);
        let code = format!("SPECIAL_{}", before.kind.to_uppercase());
        // The days that go.
        let from = after.and_then(|after| after.to).unwrap_or(before.from);
        Ok(Ok(Seen {
            right: Permission::CorrectionConfirm,
            least: Permission::CorrectionWrite,
            sector: Some(owner.sector),
            district: Some(owner.district_id),
            account: Some(owner.id),
            about: About {
                title: Some(
                    [Language::Kk, Language::Ru, Language::En].map(|of| messages::text(of, &code, &[])),
                ),
                from: Some(from),
                to: before.to,
                ..About::default()
            },
        }))
    }
}
