use async_graphql::{Context, Object, SimpleObject};
use domain::access::{Permission, Scope};
use domain::contracts::ContractKind;
use domain::kernel::*;
use entities::contracts::{contract, limit, volume};
use entities::subscribers::account;

use super::loaders::{ContractOf, ContractsOf, LimitsOf, VolumesOf};
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::loaders::HolderOf;
use crate::subscribers::types::{Party, party};
use crate::wiring::account::{Account, account_by_id};

/// A contract (договор).
pub struct Contract(pub contract::Contract);

impl From<contract::Contract> for Contract {
    fn from(row: contract::Contract) -> Self {
        Self(row)
    }
}

/// A contract (договор).
#[Object]
impl Contract {
    /// Node id.
    pub async fn id(&self) -> Gid<ContractId> {
        Gid(self.0.id)
    }

    /// Its number (номер).
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Public or individual (вид).
    async fn kind(&self) -> ContractKind {
        self.0.kind
    }

    /// Day of signing (дата подписания).
    async fn signed_on(&self) -> Date {
        Date(self.0.signed_on)
    }

    /// First day in force (действует с).
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// Last day in force; nothing while no end is known (действует по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }

    /// The other side (абонент).
    async fn party(&self, cx: &Context<'_>) -> Result<Party> {
        party(cx, self.0.party_id).await
    }

    /// The account it is about (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// Volumes agreed for its points, newest first; fifty at most (договорные объёмы).
    async fn volumes(&self, cx: &Context<'_>) -> Result<Vec<AgreedVolume>> {
        let rows = cx.loader().load_one(VolumesOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Limits of consumption by its annexes, newest first; fifty at most (лимиты).
    async fn limits(&self, cx: &Context<'_>) -> Result<Vec<ContractLimit>> {
        let rows = cx.loader().load_one(LimitsOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().filter_map(ContractLimit::of).collect())
    }

    /// Version, for changes.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A monthly volume agreed for a point that nothing measures (договорной объём).
#[derive(SimpleObject)]
pub struct AgreedVolume {
    /// The point of supply (точка подключения).
    pub point_id: Gid<PointId>,
    /// m³ per calendar month.
    pub volume: Volume,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the value comes from; nothing for what came with a file of contracts (источник).
    pub source: Option<String>,
    /// The paper (документ).
    pub document_id: Option<Gid<DocumentId>>,
}

impl From<volume::AgreedVolume> for AgreedVolume {
    fn from(row: volume::AgreedVolume) -> Self {
        Self {
            point_id: Gid(row.point_id),
            volume: row.liters,
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
            document_id: row.document_id.map(Gid),
        }
    }
}

/// A limit of consumption of a legal entity (лимит). It is of a point, else of an object, else of everything of the contract that
/// has none of its own.
#[derive(Debug, Clone, SimpleObject)]
pub struct ContractLimit {
    /// What for (услуга).
    pub service: Service,
    /// The object; nothing for a limit of a point or of the contract (объект).
    pub premise_id: Option<Gid<PremiseId>>,
    /// The point of supply; nothing for a limit of an object or of the contract (точка подключения).
    pub point_id: Option<Gid<PointId>>,
    /// m³ per calendar month (на месяц).
    pub monthly: Option<Volume>,
    /// m³ per calendar year (на год).
    pub yearly: Option<Volume>,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where it comes from: the annex (источник).
    pub source: String,
    /// The annex itself (документ).
    pub document_id: Gid<DocumentId>,
}

impl ContractLimit {
    pub fn of(row: limit::ContractLimit) -> Option<Self> {
        Some(Self {
            service: row.service()?,
            premise_id: row.premise_id.map(Gid),
            point_id: row.point_id.map(Gid),
            monthly: row.monthly(),
            yearly: row.yearly(),
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
            document_id: Gid(row.document_id),
        })
    }
}

/// What contracts add to an account.
pub struct AccountContract(AccountId);

impl From<&account::Model> for AccountContract {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountContract {
    /// The contract in force on the business date (договор); a subscriber sees only one of his own.
    async fn contract(&self, cx: &Context<'_>) -> Result<Option<Contract>> {
        let Some(row) = cx.loader().load_one(ContractOf(self.0)).await? else { return Ok(None) };
        if let Scope::Own(_) = cx.scope()? {
            let holder = cx.loader().load_one(HolderOf(self.0)).await?;
            if holder.is_none_or(|holder| holder.party_id != row.party_id) {
                return Ok(None);
            }
        }
        Ok(Some(Contract(row)))
    }

    /// All its contracts, the one that begins last first; twenty at most (все договоры).
    #[graphql(guard = "can(Permission::ContractRead)", complexity = "5 + 5 * child_complexity")]
    async fn contracts(&self, cx: &Context<'_>) -> Result<Vec<Contract>> {
        let rows = cx.loader().load_one(ContractsOf(self.0)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Contract).collect())
    }
}
