//! Joint owners and heirs with their shares, in two times.

use chrono::NaiveDate;
use domain::kernel::{AccountId, PartyId};
use domain::subscribers::Fraction;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Register, Result, sql};

pub const OWNERS: Register = Register {
    table: "subscribers.owner",
    key: "account_id = $4",
    says: "account_id, party_id, numerator, denominator, recorded_by, document_id",
};

/// An owner of what an account supplies on a day, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Owner {
    pub account_id: AccountId,
    pub party_id: PartyId,
    pub numerator: i32,
    pub denominator: i32,
    pub from: NaiveDate,
    pub document_id: i64,
}

impl Owner {
    pub fn share(&self) -> Fraction {
        Fraction { numerator: self.numerator.unsigned_abs(), denominator: self.denominator.unsigned_abs() }
    }
}

/// The owners of accounts on a day, those recorded first coming first; an account of one holder only has none.
pub async fn on(db: &impl ConnectionTrait, day: NaiveDate, ids: Vec<AccountId>) -> Result<Vec<Owner>> {
    sql::all(
        db,
        "SELECT account_id, party_id, numerator, denominator, lower(valid) AS from, document_id FROM subscribers.owner
         WHERE account_id = ANY ($2) AND valid @> $1::date AND upper_inf(recorded) ORDER BY account_id, id",
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}
