//! Edges of accounts and people: one statement each per list.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use domain::access::Actor;
use domain::kernel::*;
use entities::kernel::{Page, Slice, person};
use entities::subscribers::{account, group, holder, owner, party, residency, successor};

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows, gather};

edge!(
    /// An account by id, without a scope: `wiring::account::account_by_id` asks it.
    AccountById(AccountId) => account::Model, |app, ids| async {
        Ok(account::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// A person or an organisation by id.
    PartyById(PartyId) => party::Model, |app, ids| async {
        Ok(party::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// Who holds an account on the business date.
    HolderOf(AccountId) => holder::Holder, |app, ids| async {
        let holders = holder::on(&app.db, app.clock.today(), ids).await?;
        Ok(holders.into_iter().map(|row| (row.account_id, row)).collect())
    }
);
edge!(
    /// The newest holder of an account, also one who has moved out.
    LastHolderOf(AccountId) => holder::Holder, |app, ids| async {
        Ok(holder::last_of(&app.db, ids).await?.into_iter().map(|row| (row.account_id, row)).collect())
    }
);
edge!(
    /// Everybody who has held an account, the newest first.
    HoldingsOf(AccountId) => Vec<holder::Holding>, |app, ids| async {
        Ok(gather(holder::of_accounts(&app.db, ids).await?.into_iter().map(|row| (row.account_id, row))))
    }
);
edge!(
    /// The groups of consumers of an account by days, the oldest first; nothing where it never changed.
    GroupsOf(AccountId) => Vec<group::Group>, |app, ids| async {
        Ok(gather(group::of_accounts(&app.db, &ids).await?.into_iter().map(|row| (row.account_id, row))))
    }
);
edge!(
    /// The count of residents of an account on the business date.
    ResidencyOf(AccountId) => residency::Residency, |app, ids| async {
        let counts = residency::on(&app.db, app.clock.today(), ids).await?;
        Ok(counts.into_iter().map(|row| (row.account_id, row)).collect())
    }
);

edge!(
    /// The joint owners of what an account supplies on the business date.
    OwnersOf(AccountId) => Vec<owner::Owner>, |app, ids| async {
        let mut found: HashMap<AccountId, Vec<owner::Owner>> = HashMap::new();
        for row in owner::on(&app.db, app.clock.today(), ids).await? {
            found.entry(row.account_id).or_default().push(row);
        }
        Ok(found.into_iter().collect())
    }
);

edge!(
    /// Accounts that took over from an account, then those that it took over from.
    LineOf(AccountId) => (Vec<AccountId>, Vec<AccountId>), |app, ids| async {
        let mut found: HashMap<AccountId, (Vec<AccountId>, Vec<AccountId>)> = HashMap::new();
        for row in successor::of_accounts(&app.db, &ids).await? {
            found.entry(row.account_id).or_default().0.push(row.next_id);
            found.entry(row.next_id).or_default().1.push(row.account_id);
        }
        Ok(found.into_iter().collect())
    }
);

/// A page of the counts of residents of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResidenciesOf {
    pub account: AccountId,
    pub since: Option<NaiveDate>,
    pub first: u64,
    pub after: Option<NaiveDate>,
}

#[async_trait::async_trait]
impl Loader<ResidenciesOf> for Rows {
    type Value = Slice<residency::Residency>;
    type Error = LoadError;

    async fn load(&self, keys: &[ResidenciesOf]) -> Result<HashMap<ResidenciesOf, Self::Value>, LoadError> {
        let asked = gather(keys.iter().map(|key| ((key.since, key.first, key.after), key.account)));
        let mut found = HashMap::new();
        for ((since, first, after), accounts) in asked {
            let page = Page { first, after };
            let slices =
                residency::of_accounts(&self.app.db, accounts, since, page).await.map_err(Arc::new)?;
            for (account, slice) in slices {
                found.insert(ResidenciesOf { account, since, first, after }, slice);
            }
        }
        Ok(found)
    }
}

/// A look at somebody's personal data. Loading it writes the audit trail: one row per person of the batch, all in one
/// statement, and before anything is shown.
#[derive(Debug, Clone)]
pub struct Look {
    pub party: PartyId,
    pub by: Arc<Actor>,
}

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        self.party == other.party
    }
}

impl Eq for Look {}

impl Hash for Look {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.party.hash(state);
    }
}

#[async_trait::async_trait]
impl Loader<Look> for Rows {
    type Value = ();
    type Error = LoadError;

    async fn load(&self, keys: &[Look]) -> Result<HashMap<Look, ()>, LoadError> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        let people: Vec<PartyId> = keys.iter().map(|key| key.party).collect();
        person::seen(&self.app.db, &first.by, &people).await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (key.clone(), ())).collect())
    }
}
