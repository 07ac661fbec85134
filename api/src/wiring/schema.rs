//! The roots of the graph: merged per tier first, since a flat chain of thirty members does not compile.

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};

use crate::access::{
    AccessMutation, AccessQuery, RoleChangeMutation, RoleChangeQuery, SecondFactorMutation,
    SecondFactorQuery, SessionMutation, SessionQuery, SignatureMutation, SignatureQuery,
};
use crate::amendments::{AmendmentsMutation, AmendmentsQuery};
use crate::archive::{ArchiveMutation, ArchiveQuery};
use crate::billing::{
    BillingMutation, BillingQuery, BillingSubscription, CorrectionMutation, CorrectionQuery,
    DivisionMutation, DivisionQuery, FinalBillMutation, FinalBillQuery, OneOffMutation, OneOffQuery,
    PointsMutation,
};
use crate::cashdesk::{CashdeskMutation, CashdeskQuery};
use crate::consumption::{ConsumptionMutation, ConsumptionQuery};
use crate::contracts::{ContractsMutation, ContractsQuery};
use crate::debt::{
    CertificateMutation, CertificateQuery, ClaimMutation, ClaimQuery, DebtMutation, DebtQuery,
    SuccessionQuery,
};
use crate::exports::ExportsMutation;
use crate::imbalance::{ImbalanceMutation, ImbalanceQuery};
use crate::imports::{ImportsMutation, ImportsQuery, ImportsSubscription};
use crate::ledger::{LedgerMutation, LedgerQuery};
use crate::meters::{MetersMutation, MetersQuery};
use crate::payments::{
    ChannelMutation, ChannelQuery, LinkMutation, LinkQuery, PaymentsMutation, PaymentsQuery,
    ReconcileMutation, ReconcileQuery, RefundMutation, RefundQuery, SuspenseMutation, SuspenseQuery,
    TargetMutation, TransferMutation, TransferQuery,
};
use crate::platform::audit::AuditQuery;
use crate::platform::graphql::switches::{SwitchMutation, SwitchQuery};
use crate::platform::jobs::graph::{JobMutation, JobQuery, JobSubscription};
use crate::platform::outbox::graph::EventSubscription;
use crate::premises::{PremisesMutation, PremisesQuery};
use crate::readings::{ReadingsMutation, ReadingsQuery};
use crate::stats::{StatsQuery, StatsSubscription};
use crate::subscribers::{SubscribersMutation, SubscribersQuery};
use crate::tariffs::{TariffsMutation, TariffsQuery};
use crate::wiring::node::NodeQuery;

#[derive(MergedObject, Default)]
pub struct GroundQueries(
    AccessQuery,
    SessionQuery,
    SecondFactorQuery,
    RoleChangeQuery,
    SignatureQuery,
    ArchiveQuery,
    AuditQuery,
    JobQuery,
    NodeQuery,
    SwitchQuery,
);
#[derive(MergedObject, Default)]
pub struct RegisterQueries(PremisesQuery, SubscribersQuery, ContractsQuery, TariffsQuery, MetersQuery);
#[derive(MergedObject, Default)]
pub struct FieldQueries(ReadingsQuery, ConsumptionQuery, ImportsQuery);
#[derive(MergedObject, Default)]
pub struct BaseQueries(LedgerQuery, ImbalanceQuery);
#[derive(MergedObject, Default)]
pub struct MoneyQueries(
    BillingQuery,
    CorrectionQuery,
    DivisionQuery,
    FinalBillQuery,
    OneOffQuery,
    PaymentsQuery,
    ChannelQuery,
    LinkQuery,
    ReconcileQuery,
    RefundQuery,
    SuspenseQuery,
    TransferQuery,
    CashdeskQuery,
    DebtQuery,
    CertificateQuery,
    ClaimQuery,
    SuccessionQuery,
    AmendmentsQuery,
);
#[derive(MergedObject, Default)]
pub struct OutwardQueries(StatsQuery);

#[derive(MergedObject, Default)]
pub struct GroundMutations(
    AccessMutation,
    SessionMutation,
    SecondFactorMutation,
    RoleChangeMutation,
    SignatureMutation,
    ArchiveMutation,
    JobMutation,
    SwitchMutation,
);
#[derive(MergedObject, Default)]
pub struct RegisterMutations(
    PremisesMutation,
    SubscribersMutation,
    ContractsMutation,
    TariffsMutation,
    MetersMutation,
);
#[derive(MergedObject, Default)]
pub struct FieldMutations(ReadingsMutation, ConsumptionMutation, ImportsMutation);
#[derive(MergedObject, Default)]
pub struct BaseMutations(LedgerMutation, ImbalanceMutation);
#[derive(MergedObject, Default)]
pub struct MoneyMutations(
    BillingMutation,
    CorrectionMutation,
    DivisionMutation,
    FinalBillMutation,
    PointsMutation,
    OneOffMutation,
    PaymentsMutation,
    ChannelMutation,
    LinkMutation,
    ReconcileMutation,
    RefundMutation,
    SuspenseMutation,
    TargetMutation,
    TransferMutation,
    CashdeskMutation,
    DebtMutation,
    CertificateMutation,
    ClaimMutation,
    AmendmentsMutation,
);
#[derive(MergedObject, Default)]
pub struct OutwardMutations(ExportsMutation);

/// Everything that can be asked (запросы).
#[derive(MergedObject, Default)]
pub struct Query(GroundQueries, RegisterQueries, FieldQueries, BaseQueries, MoneyQueries, OutwardQueries);

/// Everything that can be done (изменения).
#[derive(MergedObject, Default)]
pub struct Mutation(
    GroundMutations,
    RegisterMutations,
    FieldMutations,
    BaseMutations,
    MoneyMutations,
    OutwardMutations,
);

/// Everything that can be watched as it happens (подписки).
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    EventSubscription,
    JobSubscription,
    ImportsSubscription,
    BillingSubscription,
    StatsSubscription,
);

pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// What a request needs is put into the request, so this wants no database. No extension: with one, every field of every answer is
/// boxed and looked up for it; caps are held before (`limits`).
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
}

/// The schema that every process serves and that `api/schema.graphql` shows.
pub fn schema() -> ApiSchema {
    builder().finish()
}
