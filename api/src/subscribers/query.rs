use async_graphql::{Context, Object};
use domain::access::{Permission, Principal, Scope};
use domain::kernel::*;
use domain::subscribers::AccountStatus;
use entities::kernel::crypto::Vault;
use entities::subscribers::account;
use entities::subscribers::search::{self, Blind, Filter, Key};

use super::types::AccountSort;
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};
use crate::wiring::me::Me;

#[derive(Default)]
pub struct SubscribersQuery;

#[Object]
impl SubscribersQuery {
    /// One account of the caller's scope, by id or by number (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Option<Gid<AccountId>>,
        #[graphql(desc = "Number, also one of an older system.")] number: Option<String>,
    ) -> Result<Option<Account>> {
        let found = match (id, number) {
            (Some(id), None) => account::find(cx.db(), cx.scope()?, id.0).await?,
            (None, Some(number)) => account::by_number(cx.db(), cx.scope()?, &number).await?,
            _ => return Err(ApiError::bad_input("id or number")),
        };
        Ok(Some(found.ok_or_else(ApiError::not_found)?.into()))
    }

    /// Accounts of the caller's scope (лицевые счета). The search takes the beginning of an account's or a meter's number, words
    /// of the holder's name or an address in either language and any spelling; with the right to personal data also a whole
    /// ИИН, БИН or phone. The likeliest come first: an account of exactly that number, then whole numbers of other kinds. When
    /// nothing is spelled so, the first page is what is spelled nearly so.
    #[graphql(guard = "can(Permission::AccountRead)")]
    #[allow(clippy::too_many_arguments)]
    async fn accounts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Number, name, address, meter, ИИН, БИН or phone.")] search: Option<String>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Only in this state.")] status: Option<AccountStatus>,
        #[graphql(desc = "Only those who owe something.")] debtors_only: Option<bool>,
        #[graphql(desc = "Only those who have paid something ahead.")] credit_only: Option<bool>,
        #[graphql(desc = "Only those that the utility's own people hold.")] staff_only: Option<bool>,
        #[graphql(desc = "Order; by number unless said.")] sort: Option<AccountSort>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Account>> {
        let page = page_of::<Key>(first, after)?;
        let may_look = cx.may(Permission::PersonalDataRead);
        let filter = Filter {
            blind: search
                .as_deref()
                .filter(|_| may_look)
                .map(|text| blind(&cx.app().vault, text))
                .unwrap_or_default(),
            search,
            sector,
            district: district.map(|d| d.0),
            status,
            debtors: debtors_only.unwrap_or(false),
            credit: credit_only.unwrap_or(false),
            staff: staff_only.unwrap_or(false),
            newest: sort == Some(AccountSort::Newest),
        };
        let slice = search::accounts(cx.db(), cx.scope()?, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| filter.key(row), |row| Account::from(row.account)))
    }

    /// The subscriber's own door (личный кабинет).
    #[graphql(guard = "can(Permission::OwnAccounts)")]
    async fn me(&self, cx: &Context<'_>) -> Result<Me> {
        let Principal::Subscriber(account) = cx.actor()?.principal else {
            return Err(ApiError::new(Code::Forbidden));
        };
        Ok(Me(MeCore(account)))
    }
}

/// The registers' part of the subscriber's own door: the account he signed in with.
pub struct MeCore(pub AccountId);

#[Object]
impl MeCore {
    /// Node id: the same as of the account signed in with.
    async fn id(&self) -> Gid<AccountId> {
        Gid(self.0)
    }

    /// The account signed in with (мой лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0).await
    }

    /// All accounts of the subscriber (мои лицевые счета), by number.
    async fn accounts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Account>> {
        let page = page_of::<Key>(first, after)?;
        let filter = Filter::default();
        let own = match cx.scope()? {
            scope @ Scope::Own(_) => scope,
            _ => return Err(ApiError::new(Code::Forbidden)),
        };
        let slice = search::accounts(cx.db(), own, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| filter.key(row), |row| Account::from(row.account)))
    }
}

/// Blind indexes of the personal data that a text may be.
pub fn blind(vault: &Vault, text: &str) -> Vec<Blind> {
    let identification = Identification::parse(text).ok();
    let phone = super::phone::normal(text);
    (identification.map(|number| Blind::Identification(vault.blind(number.as_str()))).into_iter())
        .chain(phone.map(|phone| Blind::Phone(vault.blind(&phone))))
        .collect()
}
