//! Versions of tariffs between two people: proposed by one, confirmed, declined or taken back. Until then no reader of the
//! versions sees them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::TariffId;
use domain::tariffs::{ProposalState, TariffKind};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value};
use serde::Serialize;

use super::version::{BASIS, BandSet, Basis, Norm, Price, Vat, Version};
use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

/// A version of any kind, read from a row that says its `kind`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyVersion {
    Price(Price),
    Vat(Vat),
    Norm(Norm),
    Bands(BandSet),
}

/// The same for the version inside, whatever its kind.
macro_rules! of_any {
    ($any:expr, $version:ident => $do:expr) => {
        match $any {
            AnyVersion::Price($version) => $do,
            AnyVersion::Vat($version) => $do,
            AnyVersion::Norm($version) => $do,
            AnyVersion::Bands($version) => $do,
        }
    };
}

impl FromQueryResult for AnyVersion {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(match row.try_get::<TariffKind>(prefix, "kind")? {
            TariffKind::Price => Self::Price(Price::from_query_result(row, prefix)?),
            TariffKind::Vat => Self::Vat(Vat::from_query_result(row, prefix)?),
            TariffKind::Norm => Self::Norm(Norm::from_query_result(row, prefix)?),
            TariffKind::Bands => Self::Bands(BandSet::from_query_result(row, prefix)?),
        })
    }
}

impl AnyVersion {
    pub fn basis(&self) -> &Basis {
        of_any!(self, version => version.basis())
    }

    /// The word of the audit trail.
    pub fn name(&self) -> &'static str {
        fn word<V: Version>(_: &V) -> &'static str {
            V::NAME
        }
        of_any!(self, version => word(version))
    }
}

/// A proposal; its id is the one that the version has once it is confirmed.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Proposal {
    pub id: TariffId,
    #[sea_orm(nested)]
    pub version: AnyVersion,
    pub state: ProposalState,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was declined.
    pub reason: Option<String>,
}

const SELECT: &str = "SELECT id, kind, service, consumer_group, amenity, net, rate, liters, mode, bands, suspended, \
        lower(valid) AS from, upper(valid) AS to, source, demo, document_id, proposed_by AS recorded_by, \
        CASE state WHEN 'confirmed' THEN decided_by END AS confirmed_by, \
        state, proposed_by, proposed_at, decided_by, decided_at, reason \
     FROM tariffs.proposal";

/// Newest first.
pub async fn list(db: &Db, state: Option<ProposalState>, page: Page) -> Result<Slice<Proposal>> {
    let rows = sql::all(
        db,
        &format!(
            "{SELECT} WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
        ),
        [state.map(ProposalState::code).into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn find(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<Proposal>> {
    sql::one(db, &format!("{SELECT} WHERE id = $1"), [id.0.into()]).await
}

/// What waits and would decide money on some day of from..to.
pub async fn waiting(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Vec<Proposal>> {
    sql::all(
        db,
        &format!("{SELECT} WHERE state = 'proposed' AND valid && daterange($1, $2) ORDER BY id"),
        [from.into(), to.into()],
    )
    .await
}

/// What became of a wish to propose.
pub enum Proposed {
    New(TariffId),
    /// The caller proposed exactly this already, and it waits.
    Again(TariffId),
    /// Something else of the same kind and key waits for some of these days.
    Waits,
}

/// Proposes a version by the caller; `values` in the order of the version's columns.
pub async fn propose<V: Version>(
    tx: &Tx,
    values: Vec<Value>,
    (from, to): (NaiveDate, Option<NaiveDate>),
    source: &str,
    document: i64,
) -> Result<Proposed> {
    let columns = V::COLUMNS;
    let said: Vec<Value> = [
        V::KIND.code().into(),
        from.into(),
        to.into(),
        source.into(),
        document.into(),
        tx.actor().label.clone().into(),
    ]
    .into_iter()
    .chain(values)
    .collect();
    let places: Vec<String> = (7..=said.len()).map(|n| format!("${n}")).collect();
    let places = places.join(", ");
    let new = format!(
        "INSERT INTO tariffs.proposal (kind, valid, source, document_id, proposed_by, {columns})
         VALUES ($1, daterange($2, $3), $4, $5, $6, {places}) ON CONFLICT DO NOTHING RETURNING id"
    );
    if let Some(id) = sql::scalar(tx, &new, said.clone()).await? {
        return Ok(Proposed::New(TariffId(id)));
    }
    let same = format!(
        "SELECT id FROM tariffs.proposal
         WHERE state = 'proposed' AND kind = $1 AND valid = daterange($2, $3) AND source = $4 AND document_id = $5
           AND proposed_by = $6 AND ({columns}) = ({places})"
    );
    let id = sql::scalar(tx, &same, said).await?;
    Ok(id.map_or(Proposed::Waits, |id| Proposed::Again(TariffId(id))))
}

/// Records what is proposed, confirmed by the caller at a moment: what was in force on its days ends or gives way, and stays
/// readable as it was known.
pub async fn confirm(tx: &Tx, proposal: &Proposal, at: DateTime<Utc>) -> Result<()> {
    of_any!(&proposal.version, version => record(tx, proposal.id, version, at).await)?;
    decide(tx, proposal.id, ProposalState::Confirmed, None, at).await
}

async fn record<V: Version>(tx: &Tx, id: TariffId, version: &V, at: DateTime<Utc>) -> Result<()> {
    let (table, columns, basis) = (V::REGISTER.table, V::COLUMNS, version.basis());
    V::REGISTER.make_room(tx, version.key(), basis.from, basis.to, at).await?;
    sql::run(
        tx,
        &format!(
            "INSERT INTO {table} (id, {columns}, valid, recorded, source, document_id, demo, recorded_by, confirmed_by)
             SELECT id, {columns}, valid, tstzrange($2, NULL), source, document_id, demo, proposed_by, $3
             FROM tariffs.proposal WHERE id = $1"
        ),
        [id.0.into(), at.into(), tx.actor().label.clone().into()],
    )
    .await
    .map(drop)
}

/// Says who decided, when and how.
pub async fn decide(
    tx: &Tx,
    id: TariffId,
    state: ProposalState,
    reason: Option<String>,
    at: DateTime<Utc>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE tariffs.proposal SET state = $2, decided_by = $3, decided_at = $4, reason = $5 WHERE id = $1",
        [id.0.into(), state.code().into(), tx.actor().label.clone().into(), at.into(), reason.into()],
    )
    .await
    .map(drop)
}

/// What gives way to each proposal, or gave way when it was confirmed; in the order of days.
pub async fn replaced(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<(TariffId, AnyVersion)>> {
    let mut all = give_way::<Price>(db, &ids).await?;
    all.extend(give_way::<Vat>(db, &ids).await?);
    all.extend(give_way::<Norm>(db, &ids).await?);
    all.extend(give_way::<BandSet>(db, &ids).await?);
    Ok(all)
}

async fn give_way<V: Version>(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<(TariffId, AnyVersion)>> {
    #[derive(FromQueryResult)]
    struct Row {
        proposal: TariffId,
        #[sea_orm(nested)]
        version: AnyVersion,
    }
    let (table, key, same, columns) = (V::REGISTER.table, V::KEY, V::SAME_KEY, V::COLUMNS);
    let rows: Vec<Row> = sql::all(
        db,
        &format!(
            "SELECT proposal, kind, id, {columns}, {BASIS}
             FROM {table}
             JOIN (SELECT id AS proposal, kind, {key} valid AS days, state, decided_at
                   FROM tariffs.proposal WHERE kind = $1 AND id = ANY ($2)) wanted {same}
             WHERE valid && days AND CASE state
                 WHEN 'proposed' THEN upper_inf(recorded)
                 WHEN 'confirmed' THEN upper(recorded) = decided_at
                 ELSE false END
             ORDER BY proposal, lower(valid)"
        ),
        [V::KIND.code().into(), ids.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.proposal, row.version)).collect())
}
