//! Edges of contracts: one statement each per list.

use domain::kernel::AccountId;
use entities::contracts::contract;

use crate::edge;

edge!(
    /// The contract of an account in force on the business date.
    ContractOf(AccountId) => contract::Contract, |app, ids| async {
        let contracts = contract::on(&app.db, app.clock.today(), ids).await?;
        Ok(contracts.into_iter().map(|row| (row.account_id, row)).collect())
    }
);
