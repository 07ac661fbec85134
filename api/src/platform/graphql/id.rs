//! Opaque typed node ids: `Account:42` in base64url. An id of another type is refused as input, not looked up.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{
    ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::*;

/// Gives an id its type's name in the graph.
pub trait NodeKind: From<i64> + Into<i64> + Copy + Send + Sync {
    const KIND: &'static str;
}

macro_rules! kinds {
    ($($id:ident => $kind:literal),* $(,)?) => {$(
        impl NodeKind for $id { const KIND: &'static str = $kind; }
    )*};
}

kinds! {
    UserId => "User", ClientId => "Client", DocumentId => "Document", DistrictId => "District", StreetId => "Street",
    BuildingId => "Building", PremiseId => "Premise", PointId => "Point", PartyId => "Party", AccountId => "Account",
    ResidencyId => "Residency", ContractId => "Contract", SpecialId => "Special", TariffId => "Tariff", SettingId => "Setting",
    MeterModelId => "MeterModel", MeterId => "Meter", InstallationId => "Installation", ReadingId => "Reading",
    RunId => "Run", RunPreviewId => "RunPreview", ScenarioId => "Scenario", BillId => "Bill", ChargeLineId => "ChargeLine", EntryId => "Entry", OpenItemId => "OpenItem",
    AccrualId => "PenaltyAccrual", DisputeId => "Dispute", MoratoriumId => "Moratorium", WriteOffId => "WriteOff",
    NoticeId => "Notice", PlanId => "Plan", CampaignId => "Campaign", CertificateId => "Certificate",
    ClaimId => "Claim", ClaimCostId => "ClaimCost",
    PaidServiceId => "PaidService", OneOffId => "OneOff", CorrectionId => "Correction", AmendmentId => "Amendment",
    ReckoningId => "ImbalanceReckoning", ImbalanceDecisionId => "ImbalanceDecision",
    AgentId => "Agent", ChannelId => "PayChannel", IncidentId => "Incident", ChannelRequestId => "ChannelRequest", PaymentLinkId => "PaymentLink",
    DeskId => "CashDesk", ShiftId => "CashShift", CashOperationId => "CashOperation", CashCountId => "CashCount",
    CashOrderId => "CashOrder", DenominationId => "Denomination", FiscalReceiptId => "FiscalReceipt",
    EarmarkId => "Earmark", RefundId => "Refund", SuspenseId => "Suspense", RegistryId => "Registry", StatementId => "Statement",
    SignatureId => "SecondSignature",
    PaymentId => "Payment", TransferId => "Transfer", DivisionId => "Division", ImportBatchId => "ImportBatch", JobId => "Job", FileId => "File",
}

/// A node id of one type, as the scalar `ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Gid<T>(pub T);

impl<T: NodeKind> Gid<T> {
    pub fn encode(&self) -> String {
        encode(T::KIND, self.0.into())
    }

    pub fn decode(text: &str) -> Option<Self> {
        let (kind, id) = decode(text)?;
        (kind == T::KIND).then(|| Self(T::from(id)))
    }
}

impl<T: NodeKind> From<Gid<T>> for ID {
    fn from(id: Gid<T>) -> Self {
        Self(id.encode())
    }
}

impl<T: NodeKind> From<&Gid<T>> for ID {
    fn from(id: &Gid<T>) -> Self {
        Self(id.encode())
    }
}

/// Kind and row id as one opaque word.
pub fn encode(kind: &str, id: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

/// The kind and row id of an opaque word.
pub fn decode(text: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (kind, id) = text.split_once(':')?;
    Some((kind.to_owned(), id.parse().ok()?))
}

impl<T: NodeKind> InputType for Gid<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Self::decode(&text)
                .ok_or_else(|| InputValueError::custom(format!("not an id of {}", T::KIND))),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.encode())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

#[async_trait::async_trait]
impl<T: NodeKind> OutputType for Gid<T> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &async_graphql::ContextSelectionSet<'_>,
        _: &Positioned<async_graphql::parser::types::Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(self.encode()))
    }
}
