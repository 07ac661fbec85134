//! Houses of a reckoning: written by COPY, read under a scope.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::imbalance::{ComparedBy, Distribution, House, HouseReason, HouseState, InletState, Share};
use domain::kernel::*;
use domain::tariffs::ImbalanceMethod;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::facts;
use super::reckoning::Reckoning;
use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, Tx, sql};

/// One house of a reckoning.
#[derive(Debug, Clone, FromQueryResult)]
pub struct HouseRow {
    pub reckoning_id: i64,
    pub building_id: BuildingId,
    pub district_id: i64,
    pub period: NaiveDate,
    pub state: HouseState,
    pub reason: Option<HouseReason>,
    pub compared_by: Option<ComparedBy>,
    pub measured: Option<Volume>,
    pub metered: Volume,
    pub averaged: Volume,
    pub normed: Volume,
    pub non_residential: Volume,
    pub hot: Volume,
    pub corrected: Volume,
    pub gap: Volume,
    pub carried_in: Volume,
    pub distributed: Volume,
    pub carried_out: Volume,
    pub dropped: Volume,
    pub method: ImbalanceMethod,
    pub decision_id: Option<i64>,
    pub flats: i32,
    pub sharing: i32,
    pub unreckoned: i32,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    /// |total| in hundredths of a percent of the house meter.
    pub parts_of_meter: Option<i64>,
}

pub(super) const COLUMNS: &str = "h.reckoning_id, h.building_id, h.district_id, h.period, h.state, h.reason, h.compared_by, \
     h.measured, h.metered, h.averaged, h.normed, h.non_residential, h.hot, h.corrected, h.gap, h.carried_in, h.distributed, \
     h.carried_out, h.dropped, h.method, h.decision_id, h.flats, h.sharing, h.unreckoned, h.from_day, h.to_day, h.parts_of_meter";

impl HouseRow {
    pub fn total(&self) -> Volume {
        self.gap + self.carried_in
    }
}

/// Houses, inlets and shares on their way in.
pub struct Batch<'a> {
    reckoning: &'a Reckoning,
    houses: Rows,
    inlets: Rows,
    shares: Rows,
}

impl<'a> Batch<'a> {
    pub fn new(reckoning: &'a Reckoning) -> Self {
        Self { reckoning, houses: Rows::default(), inlets: Rows::default(), shares: Rows::default() }
    }

    pub fn house(&mut self, row: &facts::House, house: &House, settings: &[SettingId], done: &Distribution) {
        let (from, to) = house.days_of(done);
        let of_settings: Vec<i64> = settings.iter().map(|id| id.0).collect();
        let counted = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        self.houses
            .row(27)
            .i64(self.reckoning.id)
            .i64(row.building_id.0)
            .i64(row.district_id)
            .date(self.reckoning.period)
            .text(done.state.code())
            .text_or_null(done.reason.map(HouseReason::code))
            .text_or_null(done.compared_by.map(ComparedBy::code))
            .i64_or_null(done.measured.map(Volume::liters))
            .i64(done.metered.liters())
            .i64(done.averaged.liters())
            .i64(done.normed.liters())
            .i64(done.non_residential.liters())
            .i64(done.hot.liters())
            .i64(done.corrected.liters())
            .i64(done.gap.liters())
            .i64(done.carried_in.liters())
            .i64(done.distributed.liters())
            .i64(done.carried_out.liters())
            .i64(done.dropped.liters())
            .text(done.method.code())
            .i64_array(&of_settings)
            .i64_or_null(row.decision_id)
            .i32(counted(house.flats.len()))
            .i32(counted(done.parts.iter().filter(|part| !part.volume.is_zero()).count()))
            .i32(counted(house.unreckoned.len()))
            .date(from)
            .date(to);
        for inlet in &house.inlets {
            self.inlets
                .row(13)
                .i64(self.reckoning.id)
                .i64(row.building_id.0)
                .i64(inlet.point.0)
                .i64(inlet.meter.0)
                .text(inlet.state(house.period).code())
                .date(inlet.verified_until)
                .i64_or_null(inlet.prev.map(|r| r.id.0))
                .date_or_null(inlet.prev.map(|r| r.day))
                .i64_or_null(inlet.prev.map(|r| r.value.liters()))
                .i64_or_null(inlet.last.map(|r| r.id.0))
                .date_or_null(inlet.last.map(|r| r.day))
                .i64_or_null(inlet.last.map(|r| r.value.liters()))
                .i64_or_null(inlet.volume().map(Volume::liters));
        }
    }

    pub fn share(&mut self, account: AccountId, share: &Share) {
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.shares
            .row(14)
            .date(self.reckoning.period)
            .i64(account.0)
            .i64(self.reckoning.id)
            .i64(share.building.0)
            .i64(share.point.0)
            .i64_or_null(share.meter.map(|id| id.0))
            .i64_or_null(share.reading_prev.map(|id| id.0))
            .i64_or_null(share.reading_last.map(|id| id.0))
            .date(share.from)
            .date(share.to)
            .i64(share.volume.liters())
            .i64(share.whole.liters())
            .i64(whole(share.weight))
            .i64(whole(share.weights));
    }

    pub async fn write(self, tx: &mut Tx) -> Result<()> {
        for (table, columns, rows) in [
            (
                "imbalance.house",
                "reckoning_id, building_id, district_id, period, state, reason, compared_by, measured, metered, averaged, normed, \
                 non_residential, hot, corrected, gap, carried_in, distributed, carried_out, dropped, method, settings, decision_id, \
                 flats, sharing, unreckoned, from_day, to_day",
                self.houses,
            ),
            (
                "imbalance.inlet",
                "reckoning_id, building_id, point_id, meter_id, state, verified_until, prev_id, prev_day, prev_liters, \
                 last_id, last_day, last_liters, liters",
                self.inlets,
            ),
            (
                "imbalance.share",
                "period, account_id, reckoning_id, building_id, point_id, meter_id, reading_prev, reading_last, from_day, \
                 to_day, liters, whole, weight, weights",
                self.shares,
            ),
        ] {
            if !rows.is_empty() {
                let sql = format!("COPY {table} ({columns}) FROM STDIN WITH (FORMAT binary)");
                copy_in(tx.pg(), &sql, rows).await?;
            }
        }
        Ok(())
    }
}

/// What the list of houses is sorted by, largest first but for the registers' own order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As the houses were registered.
    #[default]
    Registered,
    /// Litres of the difference, whatever its sign.
    Volume,
    /// Its share of what the house meter shows; a house without such a share comes last.
    Percent,
}

impl Order {
    const fn key(self) -> &'static str {
        match self {
            Self::Registered => "0::bigint",
            Self::Volume => "abs(h.gap + h.carried_in)",
            Self::Percent => "coalesce(h.parts_of_meter, -1)",
        }
    }

    pub fn of(self, row: &HouseRow) -> (i64, i64) {
        let key = match self {
            Self::Registered => 0,
            Self::Volume => row.total().liters().abs(),
            Self::Percent => row.parts_of_meter.unwrap_or(-1),
        };
        (key, row.building_id.0)
    }
}

/// What a caller asks of the list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<HouseState>,
    pub district: Option<DistrictId>,
    /// Words of the address.
    pub search: Option<String>,
    pub order: Order,
}

/// The condition over `imbalance.house h`: districts of the scope; a subscriber's own scope holds no houses.
const WHERE: &str = "($1::bigint[] IS NULL OR h.district_id = ANY ($1)) AND NOT $2";

fn scoped(scope: &Scope) -> [Value; 2] {
    let args = ScopeArgs::from(scope);
    [args.districts.into(), args.accounts.is_some().into()]
}

/// Houses of a reckoning in the scope.
pub async fn list(
    db: &Db,
    scope: &Scope,
    reckoning: i64,
    filter: &Filter,
    page: Page<(i64, i64)>,
) -> Result<Slice<HouseRow>> {
    let [districts, own] = scoped(scope);
    let key = filter.order.key();
    let (value, id) = page.after.unzip();
    let words: Vec<String> =
        filter.search.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.house h
             JOIN premises.building b ON b.id = h.building_id JOIN premises.street s ON s.id = b.street_id
             WHERE {WHERE} AND h.reckoning_id = $3 AND ($4::text IS NULL OR h.state = $4)
               AND ($5::bigint IS NULL OR h.district_id = $5)
               AND NOT EXISTS (SELECT FROM unnest($6::text[]) w (word)
                               WHERE strpos(s.folded || ' ' || platform.fold(b.house), platform.fold(w.word)) = 0)
               AND ($7::bigint IS NULL OR ({key}, -h.building_id) < ($7, -$8))
             ORDER BY {key} DESC, h.building_id LIMIT $9"
        ),
        [
            districts,
            own,
            reckoning.into(),
            filter.state.map(HouseState::code).into(),
            filter.district.map(|id| id.0).into(),
            words.into(),
            value.into(),
            id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// One house of a reckoning in the scope.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    reckoning: i64,
    building: BuildingId,
) -> Result<Option<HouseRow>> {
    let [districts, own] = scoped(scope);
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.house h WHERE {WHERE} AND h.reckoning_id = $3 AND h.building_id = $4"
        ),
        [districts, own, reckoning.into(), building.0.into()],
    )
    .await
}

/// The months of a house by their runs, newest first.
pub async fn history(db: &impl ConnectionTrait, building: BuildingId, months: i64) -> Result<Vec<HouseRow>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.house h
             JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.done_at IS NOT NULL
             JOIN billing.run r ON r.id = k.purpose_id AND r.state NOT IN ('reversed', 'failed')
             WHERE h.building_id = $1 ORDER BY h.period DESC LIMIT $2"
        ),
        [building.0.into(), months.into()],
    )
    .await
}

/// Houses and litres of a state.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Sum {
    pub state: HouseState,
    pub houses: i64,
    pub total: Volume,
    pub distributed: Volume,
    pub carried_out: Volume,
}

/// The sums of a reckoning by state, as far as the scope reaches.
pub async fn sums(db: &impl ConnectionTrait, scope: &Scope, reckoning: i64) -> Result<Vec<Sum>> {
    let [districts, own] = scoped(scope);
    sql::all(
        db,
        &format!(
            "SELECT h.state, count(*) AS houses, sum(h.gap + h.carried_in)::bigint AS total,
                    sum(h.distributed)::bigint AS distributed, sum(h.carried_out)::bigint AS carried_out
             FROM imbalance.house h WHERE {WHERE} AND h.reckoning_id = $3 GROUP BY h.state ORDER BY 2 DESC, 1"
        ),
        [districts, own, reckoning.into()],
    )
    .await
}

/// A meter of a house in a reckoning.
#[derive(Debug, Clone, FromQueryResult)]
pub struct InletRow {
    pub point_id: PointId,
    pub meter_id: MeterId,
    pub serial: String,
    pub state: InletState,
    pub verified_until: NaiveDate,
    pub prev_day: Option<NaiveDate>,
    pub prev_liters: Option<Volume>,
    pub last_day: Option<NaiveDate>,
    pub last_liters: Option<Volume>,
    pub liters: Option<Volume>,
}

/// The meters of a house.
pub async fn inlets(
    db: &impl ConnectionTrait,
    reckoning: i64,
    building: BuildingId,
) -> Result<Vec<InletRow>> {
    sql::all(
        db,
        "SELECT i.point_id, i.meter_id, m.serial, i.state, i.verified_until, i.prev_day, i.prev_liters, i.last_day,
                i.last_liters, i.liters
         FROM imbalance.inlet i JOIN meters.meter m ON m.id = i.meter_id
         WHERE i.reckoning_id = $1 AND i.building_id = $2 ORDER BY i.point_id, i.meter_id",
        [reckoning.into(), building.0.into()],
    )
    .await
}
