use async_graphql::InputObject;
use domain::kernel::*;
use domain::meters::{RemovalReason, VerificationResult};

use crate::platform::graphql::{Date, Gid};

/// A meter comes to a point (установка прибора).
#[derive(Debug, Clone, InputObject)]
pub struct MeterInstallInput {
    /// The point of supply.
    pub point_id: Gid<PointId>,
    /// Model of the meter.
    pub model_id: Gid<MeterModelId>,
    /// Serial number (заводской номер).
    pub serial: String,
    /// First day at the point.
    pub installed_on: Date,
    /// What the register shows in m³.
    pub value: Volume,
    /// First day on which the meter no longer counts as verified.
    pub verified_until: Date,
    /// Number of the seal (пломба).
    pub seal: Option<String>,
    /// The act; of a day of a closed month it is needed.
    pub document_id: Option<Gid<DocumentId>>,
}

/// A meter leaves its point (снятие прибора).
#[derive(Debug, Clone, InputObject)]
pub struct MeterRemoveInput {
    /// The meter.
    pub meter_id: Gid<MeterId>,
    /// First day without it.
    pub removed_on: Date,
    /// What the register shows in m³.
    pub value: Volume,
    /// Why: for repair and verification the average stands for it until one is back.
    pub reason: RemovalReason,
    /// The act; of a day of a closed month it is needed.
    pub document_id: Option<Gid<DocumentId>>,
}

/// Another meter takes the place of the one at a point, on one day (замена прибора).
#[derive(Debug, Clone, InputObject)]
pub struct MeterReplaceInput {
    /// The point of supply.
    pub point_id: Gid<PointId>,
    /// First day of the new meter and first day without the old one.
    pub removed_on: Date,
    /// What the old register shows in m³.
    pub final_value: Volume,
    /// Model of the new meter.
    pub model_id: Gid<MeterModelId>,
    /// Serial number of the new meter.
    pub serial: String,
    /// What the new register shows in m³.
    pub value: Volume,
    /// First day on which the new meter no longer counts as verified.
    pub verified_until: Date,
    /// Number of the seal.
    pub seal: Option<String>,
    /// The act; of a day of a closed month it is needed.
    pub document_id: Option<Gid<DocumentId>>,
}

/// A verification of a meter (поверка).
#[derive(Debug, Clone, InputObject)]
pub struct MeterVerifyInput {
    /// The meter.
    pub meter_id: Gid<MeterId>,
    /// Day of the certificate, or of the paper of unfitness.
    pub verified_on: Date,
    /// How it ended; fit unless said. An unfit meter no longer counts from that day on.
    pub result: Option<VerificationResult>,
    /// First day on which the meter no longer counts as verified; by the model's interval unless said. Of an unfit meter never said.
    pub valid_until: Option<Date>,
    /// The certificate, or the paper of unfitness.
    pub document_id: Option<Gid<DocumentId>>,
}
