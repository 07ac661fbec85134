//! Paid services and one-off charges in the graph: the price list, what an account was charged, and the acts on both.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::billing::{OneOffState, PaidServiceState};
use domain::kernel::*;
use entities::billing::one_off::{self, NewService};
use entities::subscribers::account;
use futures_util::FutureExt;
use rust_decimal::Decimal;

use super::loaders::PaidServiceById;
use super::ops::{self, Deed};
use super::signed::OneOffReversal;
use crate::access::{SecondSignaturePayload, ask_second};
use crate::archive::types::{Document, DocumentById};
use crate::payload;
use crate::platform::Refusal;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::refuse;
use crate::subscribers::types::own_since;
use crate::wiring::account::{Account, account_by_id};

/// A version of a line of the price list of paid services (расценка платной услуги).
#[derive(Clone)]
pub struct PaidService(pub one_off::PaidService);

impl From<one_off::PaidService> for PaidService {
    fn from(row: one_off::PaidService) -> Self {
        Self(row)
    }
}

/// A version of a line of the price list of paid services (расценка платной услуги).
#[Object]
impl PaidService {
    /// Node id.
    async fn id(&self) -> Gid<PaidServiceId> {
        Gid(PaidServiceId(self.0.id))
    }

    /// What its versions have in common (код).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in Kazakh (название на казахском).
    async fn title_kk(&self) -> &str {
        &self.0.title_kk
    }

    /// Name in Russian (название на русском).
    async fn title_ru(&self) -> &str {
        &self.0.title_ru
    }

    /// Name in English (название на английском).
    async fn title_en(&self) -> &str {
        &self.0.title_en
    }

    /// Whose receivable a charge of it stands in (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(&self.0.service)
    }

    /// Tenge for one deed without VAT, like "1000.00" (цена без НДС).
    async fn net(&self) -> String {
        self.0.net.normalize().to_string()
    }

    /// First day of the deed that it prices (с).
    async fn from(&self) -> Date {
        self.0.from.into()
    }

    /// Last such day; null while no later version is confirmed (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }

    /// Where it comes from (источник).
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// The document it rests on (основание).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        let found = cx.loader().load_one(DocumentById(DocumentId(self.0.document_id))).await?;
        Ok(found.map(Document::from))
    }

    /// Where it stands (состояние).
    async fn state(&self) -> PaidServiceState {
        PaidServiceState::from_code(&self.0.state).unwrap_or(PaidServiceState::Proposed)
    }

    /// Who proposed it (кто предложил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// When (когда предложил).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }

    /// Who confirmed or declined it (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// When (когда решил).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}

/// A one-off charge of an account (разовое начисление).
#[derive(Clone)]
pub struct OneOff(pub one_off::OneOff);

impl From<one_off::OneOff> for OneOff {
    fn from(row: one_off::OneOff) -> Self {
        Self(row)
    }
}

/// A one-off charge of an account (разовое начисление).
#[Object]
impl OneOff {
    /// Node id.
    async fn id(&self) -> Gid<OneOffId> {
        Gid(OneOffId(self.0.id))
    }

    /// Whose (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// The line of the price list (услуга прейскуранта).
    async fn paid_service(&self, cx: &Context<'_>) -> Result<PaidService> {
        let found = cx.loader().load_one(PaidServiceById(PaidServiceId(self.0.paid_service_id))).await?;
        found.map(PaidService).ok_or_else(ApiError::not_found)
    }

    /// Day of the deed (дата выполнения).
    async fn performed_on(&self) -> Date {
        self.0.performed_on.into()
    }

    /// How many times (количество).
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// VAT rate of its day, 0.16 stands for 16 % (ставка НДС).
    async fn vat_rate(&self) -> String {
        self.0.vat_rate.normalize().to_string()
    }

    /// Without VAT (сумма без НДС).
    async fn net(&self) -> Money {
        Money::from_tiyn(self.0.net)
    }

    /// VAT (НДС).
    async fn vat(&self) -> Money {
        Money::from_tiyn(self.0.vat)
    }

    /// What is owed (сумма с НДС).
    async fn gross(&self) -> Money {
        Money::from_tiyn(self.0.gross)
    }

    /// Month it is posted in (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// By when it is to be paid (срок оплаты).
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }

    /// The act of the deed (акт).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        let found = cx.loader().load_one(DocumentById(DocumentId(self.0.document_id))).await?;
        Ok(found.map(Document::from))
    }

    /// Where it stands (состояние).
    async fn state(&self) -> OneOffState {
        OneOffState::from_code(&self.0.state).unwrap_or(OneOffState::Posted)
    }

    /// Who charged it (кто начислил).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// When (когда начислено).
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Who took it back (кто сторнировал).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn reversed_by(&self) -> Option<&str> {
        self.0.reversed_by.as_deref()
    }

    /// When (когда сторнировано).
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }
}

/// A price to propose.
#[derive(InputObject)]
pub struct PaidServiceProposeInput {
    /// Latin letters, digits and underscores; a known one gets a new version (код).
    #[graphql(validator(min_length = 2, max_length = 40))]
    pub code: String,
    /// Name in Kazakh (название на казахском).
    #[graphql(validator(min_length = 3, max_length = 200))]
    pub title_kk: String,
    /// Name in Russian (название на русском).
    #[graphql(validator(min_length = 3, max_length = 200))]
    pub title_ru: String,
    /// Name in English (название на английском).
    #[graphql(validator(min_length = 3, max_length = 200))]
    pub title_en: String,
    /// Whose receivable its charges stand in: water or sewerage of cold water (услуга).
    pub service: Service,
    /// Tenge for one deed without VAT, four decimals at most (цена без НДС).
    pub net: String,
    /// First day of the deed that it prices (с).
    pub from: Date,
    /// Where it comes from (источник).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub source: String,
    /// The document it rests on (основание).
    pub document_id: Gid<DocumentId>,
}

/// What is decided about a proposed price.
#[derive(InputObject)]
pub struct PaidServiceDecideInput {
    /// Node id of the version.
    pub id: Gid<PaidServiceId>,
    /// Agreed to (согласовано).
    pub agreed: bool,
}

/// A deed to charge.
#[derive(InputObject)]
pub struct OneOffChargeInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Node id of the line of the price list (услуга прейскуранта).
    pub service_id: Gid<PaidServiceId>,
    /// How many times (количество).
    #[graphql(validator(minimum = 1, maximum = 1000))]
    pub quantity: i32,
    /// Day of the deed (дата выполнения).
    pub performed_on: Date,
    /// The act of the deed; on the same act the same deed is charged once (акт).
    pub document_id: Gid<DocumentId>,
}

/// A charge to take back.
#[derive(InputObject)]
pub struct OneOffReverseInput {
    /// Node id of the charge.
    pub id: Gid<OneOffId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// What a deed would be charged (предварительный расчёт разового начисления).
#[derive(SimpleObject)]
pub struct OneOffPreview {
    /// The line of the price list (услуга прейскуранта).
    pub paid_service: PaidService,
    /// VAT rate of the day, 0.16 stands for 16 % (ставка НДС).
    pub vat_rate: String,
    /// Without VAT (сумма без НДС).
    pub net: Money,
    /// VAT (НДС).
    pub vat: Money,
    /// What would be owed (сумма с НДС).
    pub gross: Money,
}

payload!(
    /// What became of a price (итог действия над расценкой).
    PaidServicePayload {
        /// The version (расценка).
        paid_service: PaidService
    }
);
payload!(
    /// What became of a one-off charge (итог действия над разовым начислением).
    OneOffPayload {
        /// The charge (разовое начисление).
        one_off: OneOff
    }
);
payload!(
    /// What a deed would be charged, or why it can't be (итог предварительного расчёта).
    OneOffPreviewPayload {
        /// The sums (суммы).
        preview: OneOffPreview
    }
);

fn deed(account: Gid<AccountId>, service: Gid<PaidServiceId>, quantity: i32, on: Date) -> Deed {
    Deed { account: account.0, service: service.0, quantity: quantity.unsigned_abs(), performed_on: on.0 }
}

#[derive(Default)]
pub struct OneOffQuery;

#[Object]
impl OneOffQuery {
    /// The price list of paid services on a day, with what waits for a second person (прейскурант платных услуг).
    #[graphql(guard = "can(Permission::TariffRead)")]
    async fn paid_services(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "On this day; today by default.")] on: Option<Date>,
        #[graphql(desc = "Every version there was.")] all: Option<bool>,
    ) -> Result<Vec<PaidService>> {
        let day = on.map_or_else(|| cx.app().clock.today(), |day| day.0);
        let rows = one_off::price_list(cx.db(), day, all.unwrap_or(false)).await?;
        Ok(rows.into_iter().map(PaidService).collect())
    }

    /// What a deed would be charged by the price and VAT of its day (рассчитать разовое начисление).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn one_off_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account: Gid<AccountId>,
        #[graphql(desc = "Node id of the line of the price list.")] service: Gid<PaidServiceId>,
        #[graphql(desc = "How many times.", validator(minimum = 1, maximum = 1000))] quantity: i32,
        #[graphql(desc = "Day of the deed.")] performed_on: Date,
    ) -> Result<OneOffPreviewPayload> {
        let owner = account::find(cx.db(), cx.scope()?, account.0).await?.ok_or_else(ApiError::not_found)?;
        let clock = &cx.app().clock;
        let deed = deed(account, service, quantity, performed_on);
        let done = ops::price_deed(cx.db(), &deed, owner.sector, clock.today(), clock.now()).await?;
        let done = done.map(|priced| OneOffPreview {
            paid_service: PaidService(priced.service),
            vat_rate: priced.vat_rate.normalize().to_string(),
            net: priced.sum.net,
            vat: priced.sum.vat,
            gross: priced.sum.gross,
        });
        Ok(OneOffPreviewPayload::of(done, cx.language()))
    }
}

#[derive(Default)]
pub struct OneOffMutation;

#[Object]
impl OneOffMutation {
    /// Proposes a price of a paid service, on a document; a second person confirms it (предложить расценку).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn paid_service_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The price.")] input: PaidServiceProposeInput,
    ) -> Result<PaidServicePayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let Ok(net) = input.net.trim().parse::<Decimal>() else {
                        refuse!(Refusal::new("PRICE_WRONG").at("net"))
                    };
                    let new = NewService {
                        code: input.code.trim(),
                        titles: [input.title_kk.trim(), input.title_ru.trim(), input.title_en.trim()],
                        service: input.service,
                        net,
                        from: input.from.0,
                        source: input.source.trim(),
                        document: input.document_id.0,
                    };
                    ops::propose_service(tx, new).await
                }
                .boxed()
            })
            .await?;
        Ok(PaidServicePayload::of(done, cx.language()))
    }

    /// Confirms or declines a price that somebody else proposed (решить о расценке).
    #[graphql(guard = "can(Permission::SettingConfirm)")]
    async fn paid_service_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: PaidServiceDecideInput,
    ) -> Result<PaidServicePayload> {
        let done = cx.write(move |tx| ops::decide_service(tx, input.id.0, input.agreed).boxed()).await?;
        Ok(PaidServicePayload::of(done, cx.language()))
    }

    /// Charges a deed of the price list on its act (начислить платную услугу).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn one_off_charge(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The deed.")] input: OneOffChargeInput,
    ) -> Result<OneOffPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                let deed = deed(input.account_id, input.service_id, input.quantity, input.performed_on);
                ops::charge_one_off(tx, deed, input.document_id.0, today, now).boxed()
            })
            .await?;
        Ok(OneOffPayload::of(done, cx.language()))
    }

    /// Asks to take a one-off charge back in the open month, on a document; done once a second person agrees
    /// (сторнировать разовое начисление).
    #[graphql(guard = "can_any([Permission::CorrectionWrite, Permission::CorrectionConfirm])")]
    async fn one_off_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, on what.")] input: OneOffReverseInput,
    ) -> Result<SecondSignaturePayload> {
        let act = OneOffReversal { charge: input.id.0 };
        ask_second(cx, act, input.document_id.0).await
    }
}

/// What paid services add to an account.
pub struct AccountOneOffs(AccountId);

impl From<&account::Model> for AccountOneOffs {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountOneOffs {
    /// Paid services that it was charged, newest first (разовые начисления).
    #[graphql(
        guard = "can_any([Permission::BillRead, Permission::OwnAccounts])",
        complexity = "20 + child_complexity"
    )]
    async fn one_offs(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<OneOff>> {
        let page = page_of::<i64>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let slice = one_off::of_account(cx.db(), self.0, since, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, OneOff))
    }
}
