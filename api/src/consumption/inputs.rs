use async_graphql::InputObject;
use domain::consumption::SpecialKind;
use domain::kernel::*;
use domain::tariffs::Amenity;

use crate::platform::graphql::*;

/// What happened at a point, on a document (особый случай).
#[derive(Debug, Clone, InputObject)]
pub struct SpecialRecordInput {
    /// The account.
    pub account_id: Gid<AccountId>,
    /// The point of supply; every point of the account unless said. A full capacity and a meter without access are always of one point.
    pub point_id: Option<Gid<PointId>>,
    /// What happened.
    pub kind: SpecialKind,
    /// First day; of a full capacity the day of the last check by the utility, or of the beginning where it is known.
    pub from: Date,
    /// Last day; nothing while it goes on. Of tampering the day on which it was found, which is never left out.
    pub to: Option<Date>,
    /// Of an absence: how many of the registered were away.
    pub people: Option<i32>,
    /// Of a full capacity: inner diameter of the inlet in mm.
    pub diameter_mm: Option<i32>,
    /// Of a full capacity: `from` is the day it began, not the last check; no cap applies then.
    pub start_known: Option<bool>,
    /// The act or certificate.
    pub document_id: Gid<DocumentId>,
}

/// The end of a special case (окончание особого случая).
#[derive(Debug, Clone, InputObject)]
pub struct SpecialEndInput {
    /// Which one.
    pub id: Gid<SpecialId>,
    /// Last day: the day before the re-sealing, before the service came back.
    pub on: Date,
    /// The act.
    pub document_id: Gid<DocumentId>,
}

/// A special case that was recorded wrongly (отмена особого случая).
#[derive(Debug, Clone, InputObject)]
pub struct SpecialWithdrawInput {
    /// Which one.
    pub id: Gid<SpecialId>,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// A special case that bills have charged and that was not, or not for so long (отмена начисленного особого случая).
#[derive(Debug, Clone, InputObject)]
pub struct SpecialTakeBackInput {
    /// Which one.
    pub id: Gid<SpecialId>,
    /// The last day that stays; nothing takes all of it back.
    pub on: Option<Date>,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// The area of a watered plot (площадь полива).
#[derive(Debug, Clone, InputObject)]
pub struct PlotSetInput {
    /// The point that it is watered from.
    pub point_id: Gid<PointId>,
    /// In m², a sotka is 100; nothing where no plot is watered any more.
    pub square_meters: Option<i32>,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// The paper.
    pub document_id: Gid<DocumentId>,
}

/// What a point of supply is supplied with (услуги и благоустройство точки).
#[derive(Debug, Clone, InputObject)]
pub struct SupplySetInput {
    /// The point.
    pub point_id: Gid<PointId>,
    /// The utility supplies water here; never at a hot point, whose water is another supplier's.
    pub water: bool,
    /// The utility takes sewage away.
    pub sewerage: bool,
    /// What chooses the norm where no meter counts.
    pub amenity: Amenity,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// The paper.
    pub document_id: Gid<DocumentId>,
}

/// Who pays for a house (порядок оплаты дома).
#[derive(Debug, Clone, InputObject)]
pub struct BulkBillingSetInput {
    /// Any account of the house; the whole house is meant.
    pub account_id: Gid<AccountId>,
    /// Whether one contract with the condominium pays: its flats are not billed then.
    pub bulk: bool,
    /// The number of the condominium's own account, a legal entity's: it pays for the inlets of the house by the house meter on these
    /// days. Needed where one contract pays.
    pub payer: Option<String>,
    /// First day of the first month.
    pub from: Period,
    /// Last month; no end unless said.
    pub to: Option<Period>,
    /// The contract with the condominium.
    pub document_id: Gid<DocumentId>,
}

/// Who pays for a meter together (общий прибор).
#[derive(Debug, Clone, InputObject)]
pub struct SharingSetInput {
    /// The point where the meter stands and is read; one of the points.
    pub meter_point_id: Gid<PointId>,
    /// By registered residents; by the parts of the document otherwise.
    pub by_residents: bool,
    /// Everybody who shares; none ends the sharing.
    pub points: Vec<SharingPartInput>,
    /// First month.
    pub from: Period,
    /// Last month; no end unless said.
    pub to: Option<Period>,
    /// The agreement.
    pub document_id: Gid<DocumentId>,
}

/// One of those who share a meter (доля общего прибора).
#[derive(Debug, Clone, InputObject)]
pub struct SharingPartInput {
    /// His point of supply, without a meter of its own.
    pub point_id: Gid<PointId>,
    /// His whole parts; nothing by residents.
    pub parts: Option<i32>,
}
