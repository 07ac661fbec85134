//! Edges of contracts: one statement each per list.

use domain::kernel::{AccountId, ContractId};
use entities::contracts::{contract, limit, volume};

use crate::edge;
use crate::platform::graphql::loaders::gather;

edge!(
    /// The contract of an account in force on the business date.
    ContractOf(AccountId) => contract::Contract, |app, ids| async {
        let contracts = contract::on(&app.db, app.clock.today(), ids).await?;
        Ok(contracts.into_iter().map(|row| (row.account_id, row)).collect())
    }
);
edge!(
    /// All contracts of an account, the one that begins last first.
    ContractsOf(AccountId) => Vec<contract::Contract>, |app, ids| async {
        let contracts = contract::of_accounts(&app.db, ids).await?;
        Ok(gather(contracts.into_iter().map(|row| (row.account_id, row))))
    }
);
edge!(
    /// The volumes agreed in a contract.
    VolumesOf(ContractId) => Vec<volume::AgreedVolume>, |app, ids| async {
        Ok(gather(volume::of_contracts(&app.db, ids).await?))
    }
);
edge!(
    /// The limits of a contract.
    LimitsOf(ContractId) => Vec<limit::ContractLimit>, |app, ids| async {
        Ok(gather(limit::of_contracts(&app.db, ids).await?))
    }
);
