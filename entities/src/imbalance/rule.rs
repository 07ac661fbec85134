//! What is known of a house besides its readings: whether it heats its own water, who bears no share.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::bitemporal::Register;
use crate::kernel::{Result, ScopeArgs, Tx, sql};

pub const HEATING: Register = Register {
    table: "imbalance.heating",
    key: "building_id = $4",
    says: "building_id, own, document_id, recorded_by",
};

pub const EXCLUSION: Register = Register {
    table: "imbalance.exclusion",
    key: "account_id = $4",
    says: "account_id, reason, document_id, recorded_by",
};

/// Records that a house heats its own water, or that it does not, from a day on.
pub async fn record_heating(
    tx: &Tx,
    building: BuildingId,
    own: bool,
    document: DocumentId,
    from: NaiveDate,
    at: DateTime<Utc>,
) -> Result<i64> {
    HEATING.end(tx, [building.0.into()], from, at).await?;
    let says = [building.0.into(), own.into(), document.0.into(), tx.actor().label.clone().into()];
    HEATING.record(tx, says, from, None, at).await
}

/// Records that an account bears no share on the days from..to.
pub async fn record_exclusion(
    tx: &Tx,
    account: AccountId,
    reason: &str,
    document: DocumentId,
    (from, to): (NaiveDate, Option<NaiveDate>),
    at: DateTime<Utc>,
) -> Result<i64> {
    EXCLUSION.make_room(tx, [account.0.into()], from, to, at).await?;
    let says = [account.0.into(), reason.into(), document.0.into(), tx.actor().label.clone().into()];
    EXCLUSION.record(tx, says, from, to, at).await
}

/// Ends the exclusion of an account on a day; whether there was one.
pub async fn end_exclusion(tx: &Tx, account: AccountId, from: NaiveDate, at: DateTime<Utc>) -> Result<bool> {
    Ok(EXCLUSION.end(tx, [account.0.into()], from, at).await? > 0)
}

/// An account that bears no share of its house.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ExclusionRow {
    pub account_id: AccountId,
    pub reason: String,
    pub document_id: DocumentId,
    pub from_day: NaiveDate,
    pub to_day: Option<NaiveDate>,
    pub recorded_by: String,
}

/// What is known now of the exclusions of a house, in the month or later.
pub async fn exclusions(
    db: &impl ConnectionTrait,
    building: BuildingId,
    period: Period,
) -> Result<Vec<ExclusionRow>> {
    sql::all(
        db,
        "SELECT x.account_id, x.reason, x.document_id, lower(x.valid) AS from_day, upper(x.valid) AS to_day, x.recorded_by
         FROM imbalance.exclusion x JOIN subscribers.account a ON a.id = x.account_id
         WHERE a.building_id = $1 AND upper_inf(x.recorded) AND x.valid && daterange($2, NULL) ORDER BY x.account_id, x.valid",
        [building.0.into(), period.first_day().into()],
    )
    .await
}

pub const MEMBER: Register = Register {
    table: "imbalance.member",
    key: "account_id = $4",
    says: "account_id, document_id, recorded_by",
};

/// A legal entity of a house, and the days on which it stands on the list; none where it does not.
#[derive(Debug, Clone, FromQueryResult)]
pub struct MemberRow {
    pub account_id: AccountId,
    pub document_id: Option<DocumentId>,
    pub from_day: Option<NaiveDate>,
    /// First day without it.
    pub to_day: Option<NaiveDate>,
}

/// The legal entities of a house in a month or later, those of the scope, with what is known now of the list; a hundred at most.
pub async fn members(
    db: &impl ConnectionTrait,
    scope: &Scope,
    building: BuildingId,
    period: Period,
) -> Result<Vec<MemberRow>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::all(
        db,
        &format!(
            "SELECT a.id AS account_id, m.document_id, lower(m.valid) AS from_day, upper(m.valid) AS to_day
             FROM subscribers.account a
             LEFT JOIN imbalance.member m ON m.account_id = a.id AND upper_inf(m.recorded) AND m.valid && daterange($5, NULL)
             WHERE {} AND a.building_id = $4 AND a.sector = 'legal' AND (a.closed_on IS NULL OR a.closed_on > $5)
             ORDER BY a.number, m.valid LIMIT 100",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, building.0.into(), period.first_day().into()],
    )
    .await
}

/// Records that a legal entity stands on the list of its condominium from a day on, or that it does not any more. Whether anything
/// changed.
pub async fn set_member(
    tx: &Tx,
    account: AccountId,
    member: bool,
    document: DocumentId,
    from: NaiveDate,
    at: DateTime<Utc>,
) -> Result<bool> {
    let ended = MEMBER.end(tx, [account.0.into()], from, at).await? > 0;
    if member {
        let says = [account.0.into(), document.0.into(), tx.actor().label.clone().into()];
        MEMBER.record(tx, says, from, None, at).await?;
    }
    Ok(ended || member)
}
