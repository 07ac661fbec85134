use async_graphql::{Context, Object, SimpleObject};
use domain::access::Permission;
use domain::consumption::SpecialKind;
use domain::kernel::*;
use entities::consumption::sharing::SharingRow;
use entities::consumption::special::{BulkRow, PlotRow, SpecialRow};
use entities::subscribers::account;
use rust_decimal::Decimal;

use super::loaders::{BulkOf, ChargedUpto, PlotsOf, SharingsOf, SpecialsOf};
use super::ops::SharingLook;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;

/// What happened at a point, on a document (особый случай).
pub struct Special(pub SpecialRow);

impl From<SpecialRow> for Special {
    fn from(row: SpecialRow) -> Self {
        Self(row)
    }
}

/// What happened at a point, on a document (особый случай).
#[Object]
impl Special {
    /// Its id.
    async fn id(&self) -> Gid<SpecialId> {
        Gid(self.0.id)
    }

    /// What happened (вид случая).
    async fn kind(&self) -> Option<SpecialKind> {
        SpecialKind::from_code(&self.0.kind)
    }

    /// The point of supply; nothing where it is every point of the account (точка подключения).
    async fn point_id(&self) -> Option<Gid<PointId>> {
        self.0.point_id.map(Gid)
    }

    /// First day that counts; of a full capacity after its cap (с).
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// Last day; nothing while it goes on (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }

    /// Of an absence: people away (отсутствовали).
    async fn people(&self) -> i32 {
        self.0.people
    }

    /// Of a full capacity: inner diameter of the inlet in mm (диаметр ввода).
    async fn diameter_mm(&self) -> i32 {
        self.0.diameter_mm
    }

    /// Of a full capacity: the last check by the utility (последняя проверка).
    async fn last_check_on(&self) -> Option<Date> {
        self.0.last_check_on.map(Date)
    }

    /// Of a full capacity that goes on: the last day that its cap lets be charged; nothing without a cap (начисляется не дольше).
    async fn capped_on(&self) -> Option<Date> {
        Date::last(self.0.charged_until)
    }

    /// The last day that a bill charges for it; nothing while no bill does (начислен по).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn charged_to(&self, cx: &Context<'_>) -> Result<Option<Date>> {
        Ok(Date::last(cx.loader().load_one(ChargedUpto(self.0.id)).await?))
    }

    /// The act or certificate (документ).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(self.0.document_id)
    }
}

/// A meter that several accounts pay for together (общий прибор). It is read at its point, once for everybody.
#[derive(Debug, Clone, SimpleObject)]
pub struct SharedMeter {
    /// The point where it stands and is read (где стоит).
    pub meter_point_id: Gid<PointId>,
    /// By registered residents; by the parts of a document otherwise (по проживающим).
    pub by_residents: bool,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Everybody's part, in the order of account numbers (доли).
    pub parts: Vec<SharedPart>,
}

/// A part of a shared meter (доля общего прибора).
#[derive(Debug, Clone, SimpleObject)]
pub struct SharedPart {
    /// Number of the account (лицевой счёт).
    pub account_number: String,
    /// The point that its part is charged at (точка подключения).
    pub point_id: Gid<PointId>,
    /// Its weight: parts of the document, or residents (доля).
    pub weight: i32,
    /// In a preview: its part of what the meter showed last, m³ (объём).
    pub volume: Option<Volume>,
    /// Whether it is the account that is looked at (этот счёт).
    pub own: bool,
}

impl SharedMeter {
    /// Rows of one meter stand together.
    fn gather(rows: Vec<SharingRow>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for row in rows {
            if all.last().is_none_or(|one| one.meter_point_id.0 != row.meter_point_id) {
                all.push(Self {
                    meter_point_id: Gid(row.meter_point_id),
                    by_residents: row.parts.is_none(),
                    from: Date(row.from),
                    to: Date::last(row.to),
                    parts: Vec::new(),
                });
            }
            if let Some(one) = all.last_mut() {
                one.parts.push(SharedPart {
                    own: row.viewer_id == row.account_id,
                    account_number: row.account_number,
                    point_id: Gid(row.point_id),
                    weight: row.parts.unwrap_or(row.residents),
                    volume: None,
                });
            }
        }
        all
    }
}

/// What everybody would get of a shared meter (проверка общего прибора).
#[derive(Debug, Clone, SimpleObject)]
pub struct SharingPreview {
    /// What the meter showed between its last two readings, m³ (по прибору).
    pub volume: Option<Volume>,
    /// How it would be shared; the parts add up to it (доли).
    pub parts: Vec<SharedPart>,
    /// Why it can't be shared so; empty when it can.
    pub errors: Vec<UserError>,
}

impl SharingPreview {
    pub fn of(look: SharingLook) -> Self {
        let part = |one: super::ops::Shared| SharedPart {
            account_number: one.account.number,
            point_id: Gid(one.point),
            weight: i32::try_from(one.weight).unwrap_or(i32::MAX),
            volume: Some(one.volume),
            own: false,
        };
        Self {
            volume: Some(look.volume),
            parts: look.parts.into_iter().map(part).collect(),
            errors: Vec::new(),
        }
    }
}

/// A plot that is watered from a point (полив участка).
#[derive(Debug, Clone, SimpleObject)]
pub struct Plot {
    /// The point that it is watered from (точка подключения).
    pub point_id: Gid<PointId>,
    /// Its area, m² (площадь); a sotka is 100.
    pub square_meters: String,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// The paper; nothing for what the registers began with (документ).
    pub document_id: Option<Gid<DocumentId>>,
}

impl From<PlotRow> for Plot {
    fn from(row: PlotRow) -> Self {
        Self {
            point_id: Gid(row.point_id),
            square_meters: Decimal::new(row.area_dm2.into(), 2).normalize().to_string(),
            from: Date(row.from),
            to: Date::last(row.to),
            document_id: row.document_id.map(Gid),
        }
    }
}

/// Days on which one contract with the condominium pays for a house (оплата дома одним договором).
#[derive(Debug, Clone, SimpleObject)]
pub struct BulkBilling {
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// The number of the account that pays for the inlets of the house; nothing for what was recorded before one had to be named
    /// (плательщик).
    pub payer: Option<String>,
    /// The contract (документ).
    pub document_id: Gid<DocumentId>,
}

impl From<BulkRow> for BulkBilling {
    fn from(row: BulkRow) -> Self {
        Self {
            from: Date(row.from),
            to: Date::last(row.to),
            payer: row.payer,
            document_id: Gid(row.document_id),
        }
    }
}

/// What consumption adds to an account.
pub struct AccountConsumption(AccountId, BuildingId);

impl From<&account::Model> for AccountConsumption {
    fn from(row: &account::Model) -> Self {
        Self(row.id, row.building_id)
    }
}

#[Object]
impl AccountConsumption {
    /// Special cases, newest first; fifty at most (особые случаи).
    async fn specials(&self, cx: &Context<'_>) -> Result<Vec<Special>> {
        let since = crate::subscribers::types::own_since(cx, self.0).await?;
        let rows = cx.loader().load_one(SpecialsOf(self.0)).await?.unwrap_or_default();
        // A subscriber sees nothing of the time before he came.
        let own = rows.into_iter().filter(|row| since.is_none_or(|since| row.to.is_none_or(|to| to > since)));
        Ok(own.map(Special).collect())
    }

    /// Plots watered from its points, the one that begins last first; fifty at most (полив участков).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn plots(&self, cx: &Context<'_>) -> Result<Vec<Plot>> {
        let rows = cx.loader().load_one(PlotsOf(self.0)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// When one contract pays for its whole house, the days that begin last first; fifty at most (оплата дома одним договором).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn bulk_billing(&self, cx: &Context<'_>) -> Result<Vec<BulkBilling>> {
        let rows = cx.loader().load_one(BulkOf(self.1)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Meters that the account pays for together with others on the business date (общие приборы).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn shared_meters(&self, cx: &Context<'_>) -> Result<Vec<SharedMeter>> {
        let rows = cx.loader().load_one(SharingsOf(self.0)).await?.unwrap_or_default();
        Ok(SharedMeter::gather(rows))
    }
}
