//! `node(id)`: a thing by its opaque id, whatever it is. One line per kind, each with the right and the rows it needs.

use async_graphql::{Context, ID, Interface, Object};
use domain::access::Permission;
use domain::kernel::*;
use entities::access::{client, staff};
use entities::billing::{bill, preview, run, scenario};
use entities::contracts::contract;
use entities::kernel::jobs;
use entities::ledger::period;
use entities::meters::meter;
use entities::payments::payment;
use entities::premises::premise;
use entities::subscribers::account;

use crate::access::types::Client;
use crate::archive::Document;
use crate::billing::preview::RunPreview;
use crate::billing::scenario::Scenario;
use crate::billing::types::{Bill, Run};
use crate::contracts::types::Contract;
use crate::ledger::types::LedgerPeriod;
use crate::meters::types::Meter;
use crate::payments::types::Payment;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::Job;
use crate::premises::Premise;
use crate::subscribers::types::own_since;
use crate::wiring::account::Account;
use crate::wiring::staff::User;

/// Anything with an id of its own (объект).
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, and different for different kinds of things."))]
pub enum Node {
    Account(Account),
    Bill(Bill),
    Client(Client),
    Contract(Contract),
    Document(Document),
    Job(Job),
    LedgerPeriod(LedgerPeriod),
    Meter(Meter),
    Payment(Payment),
    Premise(Premise),
    Run(Run),
    RunPreview(RunPreview),
    Scenario(Scenario),
    User(User),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// A thing by its id; NOT_FOUND for what the caller may not see (объект по идентификатору).
    #[graphql(guard = "signed_in()")]
    async fn node(&self, cx: &Context<'_>, #[graphql(desc = "Node id.")] id: ID) -> Result<Option<Node>> {
        let (kind, row) = id::decode(&id).ok_or_else(|| ApiError::bad_input("id"))?;
        let found = find(cx, &kind, row).await?;
        Ok(Some(found.ok_or_else(ApiError::not_found)?))
    }
}

/// A subscriber sees nothing of the time before he came: what was on a day is his from his first one on.
async fn in_own_time(cx: &Context<'_>, account: i64, day: chrono::NaiveDate) -> Result<bool> {
    Ok(own_since(cx, AccountId(account)).await?.is_none_or(|since| since <= day))
}

async fn find(cx: &Context<'_>, kind: &str, row: i64) -> Result<Option<Node>> {
    let (db, scope) = (cx.db(), cx.scope()?);
    let may = |permission| cx.may(permission) || cx.may(Permission::OwnAccounts);
    Ok(match kind {
        "Account" if may(Permission::AccountRead) => {
            account::find(db, scope, AccountId(row)).await?.map(|row| Node::Account(row.into()))
        }
        "Bill" if may(Permission::BillRead) => match bill::visible_to(db, scope, BillId(row)).await? {
            Some(row) if in_own_time(cx, row.account_id, row.period().last_day()).await? => {
                Some(Node::Bill(Bill(row)))
            }
            _ => None,
        },
        "Payment" if may(Permission::PaymentRead) => {
            match payment::visible_to(db, scope, PaymentId(row)).await? {
                Some(row) if in_own_time(cx, row.account_id, row.paid_on).await? => {
                    Some(Node::Payment(Payment(row)))
                }
                _ => None,
            }
        }
        "Contract" if cx.may(Permission::ContractRead) => {
            contract::find(db, scope, ContractId(row)).await?.map(|row| Node::Contract(Contract(row)))
        }
        "Meter" if cx.may(Permission::MeterRead) => {
            meter::find(db, scope, MeterId(row)).await?.map(|row| Node::Meter(Meter(row)))
        }
        "Premise" if cx.may(Permission::PremisesRead) => {
            premise::find(db, scope, PremiseId(row)).await?.map(|row| Node::Premise(Premise(row)))
        }
        "Run" if cx.may(Permission::LedgerRead) => {
            let found = run::find(db, RunId(row)).await?.filter(|row| scope.has_sector(row.sector()));
            found.map(|row| Node::Run(Run(row)))
        }
        "RunPreview" if cx.may(Permission::LedgerRead) => preview::find(db, RunPreviewId(row))
            .await?
            .filter(|row| scope.has_sector(row.sector()))
            .map(|row| Node::RunPreview(row.into())),
        "Scenario" if cx.may(Permission::ScenarioRead) => {
            scenario::find(db, scope, ScenarioId(row)).await?.map(|row| Node::Scenario(row.into()))
        }
        "LedgerPeriod" if cx.may(Permission::LedgerRead) => match LedgerPeriod::of_row(row) {
            Some((month, sector)) if scope.has_sector(sector) => {
                period::find(db, month, sector).await?.map(|row| Node::LedgerPeriod(LedgerPeriod(row)))
            }
            _ => None,
        },
        "Document" if cx.may(Permission::DocumentRead) => {
            entities::archive::find(db, row).await?.map(|row| Node::Document(row.into()))
        }
        "Job" if cx.may(Permission::JobRead) => jobs::find(db, row).await?.map(|row| Node::Job(row.into())),
        "User" if cx.may(Permission::UserRead) => {
            staff::find(db, row).await?.map(|row| Node::User(row.into()))
        }
        "Client" if cx.may(Permission::UserRead) => {
            client::find(db, row).await?.map(|row| Node::Client(row.into()))
        }
        _ => None,
    })
}
