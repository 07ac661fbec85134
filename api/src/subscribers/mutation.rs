use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::types::{Party, Residency};
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::account::Account;

payload!(
    /// What became of an act on an account.
    AccountPayload {
        /// The account after it.
        account: Account
    }
);

payload!(
    /// What became of a count of residents.
    ResidencyPayload {
        /// The count as recorded.
        residency: Residency
    }
);

payload!(
    /// What became of an act on a person.
    PersonPayload {
        /// The person after it.
        person: Party
    }
);

#[derive(Default)]
pub struct SubscribersMutation;

#[Object]
impl SubscribersMutation {
    /// Opens an account on a premise (открыть лицевой счёт).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_open(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new account.")] input: AccountOpenInput,
    ) -> Result<AccountPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::open_account(tx, app, input).boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Changes the consumer group of an account from today on; `consumerGroupSet` does so from any day (изменить лицевой счёт).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_update(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The change.")] input: AccountUpdateInput,
    ) -> Result<AccountPayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::update_account(tx, input, today).boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Gives an account another consumer group from a day on, also of closed months: a correction reckons those anew
    /// (изменить группу потребителей).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn consumer_group_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The group, its first day and the document.")] input: ConsumerGroupSetInput,
    ) -> Result<AccountPayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::set_group(tx, input, today).boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Gives an account a new holder from a day on (заселение, смена владельца).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_move_in(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who comes and when.")] input: AccountMoveInInput,
    ) -> Result<AccountPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::move_in(tx, app, input).boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Closes the account of a legal entity that leaves without a final bill: the run of the month bills its days. Flats and private
    /// houses are left with one, by `finalBillMake` (выезд, закрытие счёта).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_move_out(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which account and when.")] input: AccountMoveOutInput,
    ) -> Result<AccountPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::close_account(tx, app, input).boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Records a count of registered residents with its days and source (учёт проживающих).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn residents_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The count.")] input: ResidentsRecordInput,
    ) -> Result<ResidencyPayload> {
        let done = cx.write(move |tx| ops::record_residents(tx, input).boxed()).await?;
        Ok(ResidencyPayload::of(done, cx.language()))
    }

    /// Enters the heirs of an estate, by shares or one for all; what is owed stays on the account (внести наследников).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn heirs_enter(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who inherits, and on which document.")] input: HeirsEnterInput,
    ) -> Result<AccountPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| async move { ops::enter_heirs(tx, &app, input).await }.boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Records the joint owners of what an account supplies, with their shares (записать сособственников).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn owners_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who owns how much, and on which document.")] input: OwnersRecordInput,
    ) -> Result<AccountPayload> {
        let app = cx.app().clone();
        let done =
            cx.write(move |tx| async move { ops::record_owners(tx, &app, input).await }.boxed()).await?;
        Ok(AccountPayload::of(done, cx.language()))
    }

    /// Destroys the personal data of somebody who holds no account, owes nothing and is owed nothing; what the audit trail says
    /// about the person can't be read any more (уничтожить персональные данные).
    #[graphql(guard = "can(Permission::PersonErase)")]
    async fn person_erase(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who, and on which document.")] input: PersonEraseInput,
    ) -> Result<PersonPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::erase_person(tx, app, input).boxed()).await?;
        Ok(PersonPayload::of(done, cx.language()))
    }
}
