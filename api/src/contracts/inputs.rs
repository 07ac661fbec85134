use async_graphql::InputObject;
use domain::contracts::ContractKind;
use domain::kernel::*;

use crate::platform::graphql::{Date, Gid};

/// A contract to record (подписание договора).
#[derive(Debug, Clone, InputObject)]
pub struct ContractSignInput {
    /// Its number, unique.
    pub number: String,
    /// Public or individual.
    pub kind: ContractKind,
    /// The account it is about; the other side is its holder on the first day.
    pub account_id: Gid<AccountId>,
    /// Day of signing.
    pub signed_on: Date,
    /// First day in force.
    pub from: Date,
    /// Last day in force; no end unless said.
    pub to: Option<Date>,
    /// The paper.
    pub document_id: Option<Gid<DocumentId>>,
}

/// The end of a contract (расторжение договора).
#[derive(Debug, Clone, InputObject)]
pub struct ContractTerminateInput {
    /// The contract.
    pub id: Gid<ContractId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// Last day in force.
    pub on: Date,
    /// The paper.
    pub document_id: Option<Gid<DocumentId>>,
}

/// A monthly volume for a point that nothing measures (договорной объём).
#[derive(Debug, Clone, InputObject)]
pub struct VolumeAgreeInput {
    /// The contract.
    pub contract_id: Gid<ContractId>,
    /// The point of supply; the contract's account pays for it.
    pub point_id: Gid<PointId>,
    /// m³ per calendar month; nothing where no volume is agreed any more.
    pub volume: Option<Volume>,
    /// First day.
    pub from: Date,
    /// Last day; the end of the contract unless said.
    pub to: Option<Date>,
    /// Where the value comes from.
    pub source: String,
    /// The paper: annex, calculation, act.
    pub document_id: Gid<DocumentId>,
}

/// A limit of consumption, by an annex (лимит). Of a point, of an object, or of everything of the contract that has none of its own.
#[derive(Debug, Clone, InputObject)]
pub struct LimitSetInput {
    /// The contract of a legal entity.
    pub contract_id: Gid<ContractId>,
    /// One object of it.
    pub premise_id: Option<Gid<PremiseId>>,
    /// One point of supply of it.
    pub point_id: Option<Gid<PointId>>,
    /// What for.
    pub service: Service,
    /// m³ per calendar month.
    pub monthly: Option<Volume>,
    /// m³ per calendar year; with neither there is no limit any more.
    pub yearly: Option<Volume>,
    /// First month.
    pub from: Period,
    /// Last month; the end of the contract unless said.
    pub to: Option<Period>,
    /// Where the value comes from.
    pub source: String,
    /// The annex.
    pub document_id: Gid<DocumentId>,
}
