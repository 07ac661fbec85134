//! Paid services and other one-off charges: the price list by two people, a charge on the act of the deed, and its way back.

use chrono::{DateTime, NaiveDate, Utc};
use domain::BillingEvent;
use domain::billing::{OneOffState, OneOffSum, PaidServiceState, one_off as reckon};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::billing::one_off::{self, NewCharge, NewService, OneOff, PaidService};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::period;
use entities::subscribers::account;
use entities::tariffs;
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;

use crate::ledger::ops::due_on;
use crate::payments::ops::{Adjustment, adjust};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A deed and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    pub account: AccountId,
    pub service: PaidServiceId,
    pub quantity: u32,
    pub performed_on: NaiveDate,
}

/// What a deed would be charged.
#[derive(Debug, Clone)]
pub struct Priced {
    pub service: PaidService,
    pub vat_rate: Decimal,
    pub sum: OneOffSum,
}

/// Proposes a price of a paid service from a day on. Nobody is charged by it before a second person agrees.
pub async fn propose_service(tx: &mut Tx, new: NewService<'_>) -> Outcome<PaidService> {
    if !matches!(new.service, Service::Water | Service::SewerageCold) {
        refuse!(Refusal::new("PAID_SERVICE_OF").at("service"));
    }
    if new.net <= Decimal::ZERO || new.net.normalize().scale() > 4 || new.net >= Decimal::from(100_000_000) {
        refuse!(Refusal::new("PRICE_WRONG").at("net"));
    }
    let added =
        allow!(unless(one_off::propose(tx, &new).await, &[("code_check", "CODE_WRONG", Some("code"))])?);
    let Some(id) = added else { refuse!(Refusal::new("PROPOSAL_WAITS").at("code")) };
    let row = one_off::service(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("paid_service", id, "proposed").after(&row).document(Some(row.document_id)));
    tx.emit(BillingEvent::PaidServiceChanged { service: id });
    Ok(Ok(row))
}

/// Confirms or declines a price that somebody else proposed.
pub async fn decide_service(tx: &mut Tx, id: PaidServiceId, agreed: bool) -> Outcome<PaidService> {
    let Some(before) = one_off::lock_service(tx, id).await? else { refuse!("NOT_FOUND") };
    if before.state != PaidServiceState::Proposed.code() {
        refuse!("ALREADY_DECIDED");
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if agreed && one_off::later_version(tx, &before).await? {
        refuse!(Refusal::new("LATER_VERSION").at("from"));
    }
    let state = if agreed { PaidServiceState::Confirmed } else { PaidServiceState::Declined };
    one_off::decide_service(tx, &before, state).await?;
    let row = one_off::service(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(
        Change::new("paid_service", id, state.code())
            .before(&before)
            .after(&row)
            .document(Some(row.document_id)),
    );
    tx.emit(BillingEvent::PaidServiceChanged { service: id });
    Ok(Ok(row))
}

/// What a deed would be charged, by the price and the VAT of its day; nothing is kept.
pub async fn price_deed(
    db: &impl ConnectionTrait,
    deed: &Deed,
    sector: Sector,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Priced> {
    if deed.performed_on > today {
        refuse!(Refusal::new("FUTURE_DAY").at("performedOn"));
    }
    if deed.quantity == 0 || deed.quantity > 1_000 {
        refuse!(Refusal::new("QUANTITY_WRONG").at("quantity"));
    }
    let found = one_off::service(db, deed.service).await?;
    let Some(service) = found.filter(|row| row.state == PaidServiceState::Confirmed.code()) else {
        refuse!(Refusal::new("NOT_FOUND").at("serviceId"))
    };
    if deed.performed_on < service.from || service.to.is_some_and(|to| deed.performed_on >= to) {
        refuse!(Refusal::new("NO_PRICE_ON_DAY").at("performedOn"));
    }
    let day = deed.performed_on;
    let book = tariffs::book(db, day, day.succ_opt().unwrap_or(day), known_at).await?;
    let missing = |code: &str| Refusal::new("MISSING_SETTING").with("code", code);
    let vat_rate = match book.vat(day) {
        Ok(version) => version.value,
        Err(_) => refuse!(missing("vat")),
    };
    let rounding = match book.methods.rounding(sector, day) {
        Ok(setting) => setting.value,
        Err(gap) => refuse!(missing(&gap.to_string())),
    };
    let sum = reckon(service.net, deed.quantity, vat_rate, rounding);
    Ok(Ok(Priced { service, vat_rate, sum }))
}

/// Charges a deed on its act. The same act charges the same deed once: a repeat is answered with what it came to.
pub async fn charge_one_off(
    tx: &mut Tx,
    deed: Deed,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<OneOff> {
    let scope = tx.scope().clone();
    let Some(owner) = account::find(tx, &scope, deed.account).await? else { refuse!("NOT_FOUND") };
    account::lock(tx, owner.id).await?;
    if let Some(same) = one_off::same(tx, deed.account, deed.service, document).await? {
        if (same.quantity, same.performed_on) != (deed.quantity as i32, deed.performed_on) {
            refuse!(Refusal::new("CHARGED_DIFFERENTLY").at("documentId"));
        }
        tx.nothing_new("the deed was charged on this act before");
        return Ok(Ok(same));
    }
    let priced = allow!(price_deed(tx, &deed, owner.sector, today, known_at).await?);
    let Some(open) = period::posting_period(tx, today, owner.sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    let book = tariffs::book(tx, today, today.succ_opt().unwrap_or(today), known_at).await?;
    let due_on = match due_on(tx, &book.methods, open.period, today).await? {
        Ok(day) => day,
        Err(gap) => refuse!(Refusal::new("MISSING_SETTING").with("code", gap.to_string())),
    };
    let new = NewCharge {
        account: owner.id,
        service: deed.service,
        performed_on: deed.performed_on,
        quantity: deed.quantity,
        vat_rate: priced.vat_rate,
        net: priced.sum.net,
        vat: priced.sum.vat,
        period: open.period,
        due_on,
        document,
    };
    let row = allow!(unless(one_off::insert(tx, &new).await, &[])?);
    let adjustment = allow!(adjustment(&row, &priced.service, owner.sector, 1));
    allow!(adjust(tx, AdjustmentSource::OneOff, row.id, &[adjustment], today, known_at).await?);
    let id = OneOffId(row.id);
    tx.audit(Change::new("one_off", id, "charged").after(&row).document(Some(document.0)));
    tx.emit(BillingEvent::OneOffCharged { charge: id, account: owner.id });
    Ok(Ok(row))
}

/// Takes a one-off charge back in the open month, on a document; what was paid of it is freed for other debt.
pub async fn reverse_one_off(
    tx: &mut Tx,
    id: OneOffId,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<OneOff> {
    let scope = tx.scope().clone();
    let Some(before) = one_off::find(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    let Some(owner) = account::lock(tx, AccountId(before.account_id)).await? else { refuse!("NOT_FOUND") };
    if before.state != OneOffState::Posted.code() {
        refuse!("ALREADY_REVERSED");
    }
    let service = one_off::service(tx, PaidServiceId(before.paid_service_id)).await?;
    let service = service.ok_or_else(|| Broken::RecordNotFound(format!("paid service of {id}")))?;
    let Some(open) = period::posting_period(tx, today, owner.sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    let done = allow!(unless(one_off::reverse(tx, id, open.period, document).await, &[])?);
    let Some(row) = done else { refuse!("ALREADY_REVERSED") };
    let adjustment = allow!(adjustment(&row, &service, owner.sector, -1));
    allow!(adjust(tx, AdjustmentSource::OneOff, row.id, &[adjustment], today, known_at).await?);
    tx.audit(Change::new("one_off", id, "reversed").before(&before).after(&row).document(Some(document.0)));
    tx.emit(BillingEvent::OneOffReversed { charge: id, account: owner.id });
    Ok(Ok(row))
}

fn adjustment(row: &OneOff, of: &PaidService, sector: Sector, sign: i64) -> Result<Adjustment, Refusal> {
    Ok(Adjustment {
        account: AccountId(row.account_id),
        sector,
        service: Service::from_code(&of.service).ok_or_else(|| Refusal::new("PAID_SERVICE_OF"))?,
        component: Component::OneOff,
        origin: Period::of(row.period),
        due_on: row.due_on,
        net: Money::from_tiyn(sign * row.net),
        vat: Money::from_tiyn(sign * row.vat),
    })
}
