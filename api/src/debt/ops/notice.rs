//! Warnings of disconnection and what follows them.

use chrono::{DateTime, Days, NaiveDate, Utc};
use documents::{NoticeDocument, Words};
use domain::DebtEvent;
use domain::consumption::SpecialKind;
use domain::debt::NoticeState;
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::consumption::special;
use entities::debt::notice::{self, NewNotice, Notice, Terms};
use entities::debt::{certificate, plan};
use entities::kernel::{Broken, Change, Page, Result, Tx};
use entities::ledger::period;
use entities::subscribers::account;
use rust_decimal::Decimal;
use serde_json::json;

use super::certificate::kept;
use super::{due_on, missing, settings};
use crate::app::App;
use crate::billing::paper::letterhead;
use crate::consumption::inputs::SpecialRecordInput;
use crate::consumption::ops::{record_special, take_back_special};
use crate::payments::ops::{Adjustment, adjust};
use crate::platform::graphql::{Date, Gid};
use crate::platform::messages::{self, Language};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts warned in one transaction.
const AT_ONCE: u64 = 5_000;

/// Whom the settings of today have warned.
pub async fn notice_terms(
    tx: &Tx,
    sector: Option<Sector>,
    district: Option<DistrictId>,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<(Terms, NaiveDate)> {
    let debt = settings(tx, today, known_at).await?.methods.debt;
    let terms = Terms {
        day: today,
        months: allow!(debt.notice_months(today).map_err(missing)),
        least: allow!(debt.notice_least(today).map_err(missing)),
        sector,
        district,
    };
    let days = allow!(debt.notice_days(today).map_err(missing));
    Ok(Ok((terms, today + Days::new(days.into()))))
}

/// Warns the next accounts; how many. None are left at zero.
pub async fn issue_page(tx: &mut Tx, terms: &Terms, deadline: NaiveDate) -> Outcome<u64> {
    let scope = tx.scope().clone();
    let page = Page { first: AT_ONCE, after: None };
    let found = notice::candidates(tx, &scope, terms, page).await?.rows;
    let say = |language, row: &notice::Candidate| {
        let args = [
            ("account", row.number.clone()),
            ("debt", messages::Value::from(Money::from_tiyn(row.debt)).worded(language)),
            ("months", row.months.to_string()),
            ("day", messages::day(language, &deadline.to_string())),
        ];
        messages::text(language, "NOTICE_TEXT", &args)
    };
    let rows: Vec<NewNotice> = found
        .iter()
        .map(|row| NewNotice {
            account: row.account_id,
            sector: row.sector.clone(),
            debt: row.debt,
            months: row.months,
            text_kk: say(Language::Kk, row),
            text_ru: say(Language::Ru, row),
        })
        .collect();
    let kept = notice::issue(tx, terms.day, deadline, &rows).await?;
    let sum: Money = rows.iter().map(|row| Money::from_tiyn(row.debt)).sum();
    if kept == 0 {
        tx.nothing_new("nobody is left to warn");
    } else {
        tx.audit(Change::bulk(
            "notice",
            "issued",
            json!({ "count": kept, "sum": sum, "deadline": deadline }),
        ));
        tx.emit(DebtEvent::Noticed { rows: kept as i64 });
    }
    Ok(Ok(kept))
}

async fn standing(tx: &Tx, id: NoticeId, today: NaiveDate) -> Outcome<Notice> {
    notice::lock(tx, id).await?;
    match notice::find(tx, tx.scope(), id, today).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!("NOT_FOUND"),
    }
}

/// Records a disconnection on its act: after the deadline, while something is still overdue that is neither disputed, claimed nor paid by
/// instalments. It looks by itself: the watch that ends warnings comes by the hour. From that day on nothing is charged for want of a
/// meter at the points that have water: days without service begin on the same act.
pub async fn disconnect(
    tx: &mut Tx,
    id: NoticeId,
    on: NaiveDate,
    act: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Notice> {
    let before = allow!(standing(tx, id, today).await?);
    if before.state != NoticeState::Warned.code() {
        refuse!("NOTICE_STATE");
    }
    if on > today {
        refuse!(Refusal::new("FUTURE_DAY").at("on"));
    }
    if on <= before.deadline {
        refuse!(Refusal::new("NOTICE_DEADLINE").at("on").with("day", before.deadline));
    }
    if plan::is_kept(tx, AccountId(before.account_id)).await? {
        refuse!("PLAN_EXISTS");
    }
    if before.overdue <= 0 {
        refuse!("NOTHING_OWED");
    }
    let row = allow!(
        moved(tx, &before, NoticeState::Disconnected, today, Some(act), Some(on), None, "disconnected")
            .await?
    );
    let owner = AccountId(before.account_id);
    let mut cases = Vec::new();
    for point in special::watered(tx, owner, on).await? {
        let input = SpecialRecordInput {
            account_id: Gid(owner),
            point_id: Some(Gid(point)),
            kind: SpecialKind::NoService,
            from: Date(on),
            to: None,
            people: None,
            diameter_mm: None,
            start_known: None,
            document_id: Gid(act),
        };
        cases.push(allow!(record_special(tx, input, today, known_at).await?).id);
    }
    notice::cut_off(tx, id, &cases).await?;
    Ok(Ok(row))
}

/// Records that an account is connected again, with the charge of the settings where there is one. The days without service that its
/// disconnection began end before that day; where bills have charged none for later days, a recalculation does.
pub async fn reconnect(
    tx: &mut Tx,
    id: NoticeId,
    on: NaiveDate,
    act: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Notice> {
    let before = allow!(standing(tx, id, today).await?);
    if before.state != NoticeState::Disconnected.code() {
        refuse!("NOTICE_STATE");
    }
    if on > today || before.disconnected_on.is_some_and(|day| on < day) {
        refuse!(Refusal::new("DATES_WRONG").at("on"));
    }
    let book = settings(tx, today, known_at).await?;
    let fee = book.methods.debt.reconnection_fee(today).filter(|fee| fee.is_positive());
    if let Some(gross) = fee {
        let scope = tx.scope().clone();
        let Some(owner) = account::find(tx, &scope, AccountId(before.account_id)).await? else {
            refuse!("NOT_FOUND")
        };
        let Some(open) = period::posting_period(tx, today, owner.sector).await? else {
            refuse!("NO_OPEN_PERIOD")
        };
        let rate = match book.vat(today) {
            Ok(version) => version.value,
            Err(_) => refuse!(Refusal::new("MISSING_SETTING").with("code", "vat")),
        };
        let net = Money::rounded(gross.to_decimal() / (Decimal::ONE + rate), Rounding::HalfUp);
        let charge = Adjustment {
            account: owner.id,
            sector: owner.sector,
            service: Service::Water,
            component: Component::OneOff,
            origin: open.period,
            due_on: allow!(due_on(tx, &book, open.period, today).await?),
            net,
            vat: gross - net,
        };
        // One-off charges of other acts have ids of their own; those of notices stand on the other side of zero.
        allow!(adjust(tx, AdjustmentSource::OneOff, -before.id, &[charge], today, known_at).await?);
    }
    for case in notice::cases(tx, id).await? {
        // Somebody may have ended or taken it back since.
        let Some(known) = special::find(tx, case).await? else { continue };
        if known.to.is_some_and(|to| to <= on) {
            continue;
        }
        let last = on.pred_opt().filter(|last| *last >= known.from);
        allow!(take_back_special(tx, case, last, act).await?);
    }
    moved(tx, &before, NoticeState::Reconnected, today, Some(act), Some(on), fee, "reconnected").await
}

/// Takes a warning back that should not have been.
pub async fn withdraw_notice(tx: &mut Tx, id: NoticeId, today: NaiveDate) -> Outcome<Notice> {
    let before = allow!(standing(tx, id, today).await?);
    if before.state != NoticeState::Warned.code() {
        refuse!("NOTICE_STATE");
    }
    moved(tx, &before, NoticeState::Withdrawn, today, None, None, None, "withdrawn").await
}

#[allow(clippy::too_many_arguments)]
async fn moved(
    tx: &mut Tx,
    before: &Notice,
    state: NoticeState,
    today: NaiveDate,
    act: Option<DocumentId>,
    on: Option<NaiveDate>,
    fee: Option<Money>,
    action: &'static str,
) -> Outcome<Notice> {
    let id = NoticeId(before.id);
    allow!(unless(
        notice::set_state(tx, id, state, today, act, on, fee).await,
        &[("act_id_fkey", "NO_SUCH_DOCUMENT", Some("actId"))]
    )?);
    let row = notice::find(tx, tx.scope(), id, today).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("notice", id, action).before(before).after(&row).document(act.map(|id| id.0)));
    tx.emit(DebtEvent::NoticeChanged { notice: id, account: AccountId(row.account_id) });
    Ok(Ok(row))
}

/// The paper of a warning, with the requisites, the holder and the address of its day.
pub async fn notice_paper(app: &App, row: &Notice) -> Result<std::result::Result<NoticeDocument, Refusal>> {
    let head = match letterhead(&app.db, row.issued_on).await? {
        Ok(head) => head,
        Err(gap) => return Ok(Err(Refusal::new("MISSING_SETTING").with("code", gap.0))),
    };
    let account = AccountId(row.account_id);
    let subject = certificate::subject(&app.db, account, row.issued_on).await?;
    let subject = subject.ok_or_else(|| Broken::RecordNotFound(format!("the subject of {account}")))?;
    let named = kept(app, &subject);
    Ok(Ok(NoticeDocument {
        number: row.id.to_string(),
        on: row.issued_on,
        account: named.account,
        holder: subject.holder.unwrap_or_else(|| "—".to_owned()),
        identification: named.identification,
        contract: named.contract,
        address: Words::new(named.address_kk, named.address_ru),
        debt: Money::from_tiyn(row.debt),
        months: row.months,
        deadline: row.deadline,
        text: Words::new(row.text_kk.clone(), row.text_ru.clone()),
        withdrawn: row.state == NoticeState::Withdrawn.code(),
        issuer: head.issuer().clone(),
    }))
}
