//! The queue of fiscal documents. A document and its number are kept in the transaction of the operation; this sends it, one by one per
//! register, and asks for what nobody answered.

use std::sync::Arc;
use std::time::Duration;

use domain::CashdeskEvent;
use domain::access::Actor;
use domain::cashdesk::{FiscalKind, FiscalProviderCode, FiscalState, Next, next, pause};
use domain::kernel::*;
use entities::cashdesk::desk::Desk;
use entities::cashdesk::receipt::{self, NewReceipt, Receipt};
use entities::kernel::{Broken, Change, Result, Tx, jobs};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::adapters::fiscal::{Answer, Content, Position, Vat};
use crate::app::App;
use crate::cashdesk::jobs::{FISCAL, FiscalArgs};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// How long the answer to the cashier waits for the register. What takes longer goes on by itself and is seen on the screen.
const PATIENCE: Duration = Duration::from_secs(4);
/// Seconds after which a register that another process works off is looked at again.
const HELD: i64 = 2;
/// Seconds for which a worker holds a register unless it says that it is alive: so long one that was killed keeps others waiting.
const LEASE: u32 = 10;
/// How often it says so.
const BEAT: Duration = Duration::from_secs(3);

/// The lines of a receipt, VAT inside of each rounded once.
pub(super) fn positions<'a>(
    lines: impl Iterator<Item = (&'a str, Money)>,
    vat: Option<Decimal>,
) -> Vec<Position> {
    lines
        .map(|(number, amount)| Position {
            name: format!("Водоснабжение и водоотведение, л/с {number}"),
            amount,
            vat: vat.filter(|rate| !rate.is_zero()).map(|rate| Vat {
                percent: rate * Decimal::ONE_HUNDRED,
                amount: Money::rounded(amount.to_decimal() * rate / (Decimal::ONE + rate), Rounding::HalfUp),
            }),
        })
        .collect()
}

/// Keeps a document with a number of its own, before anybody is called. The number is nobody else's, also of a database that was put back to
/// an earlier day: what it calls a duplicate is this very document.
pub(super) async fn put(
    tx: &mut Tx,
    desk: &Desk,
    shift: ShiftId,
    operation: Option<CashOperationId>,
    kind: FiscalKind,
    content: &Content,
) -> Result<()> {
    let cashbox =
        desk.cashbox.clone().ok_or_else(|| Broken::Custom(format!("desk {} has no register", desk.code)))?;
    let new = NewReceipt {
        desk: desk.desk_id(),
        shift,
        operation,
        provider: desk.provider.code(),
        cashbox: cashbox.clone(),
        kind,
        external_number: format!("{}-{}", desk.code, Uuid::new_v4().simple()),
        content: serde_json::to_value(content).expect("plain data"),
    };
    receipt::insert(tx, new).await?;
    // The caller works the queue off at once; should its process end, a worker does.
    let key = format!("{cashbox} {}", Uuid::new_v4().simple());
    jobs::enqueue_later(tx, FISCAL, &FiscalArgs { cashbox }, &key, 5).await
}

/// Works the register of a desk off beside the request, and waits for it a little.
pub async fn go_on(app: &Arc<App>, desk: &Desk) {
    let Some(cashbox) = desk.cashbox.clone() else { return };
    let app = app.clone();
    // Of its own: whoever asked may go away in the middle of a call.
    let work = tokio::spawn(async move {
        if let Err(error) = work_off(&app, &cashbox).await {
            tracing::error!(error = %error, cashbox, "the queue of a register stopped");
        }
    });
    if tokio::time::timeout(PATIENCE, work).await.is_err() {
        tracing::info!(desk = desk.code, "the register takes its time");
    }
}

/// Sends what is due of a register, in its order; seconds until something of it is due again, if something is left.
pub async fn work_off(app: &Arc<App>, cashbox: &str) -> Result<Option<i64>> {
    // In this process whoever comes second waits; another process has the lease.
    let _one = app.drawing.lock(&format!("cashbox:{cashbox}")).await;
    let holder = Uuid::new_v4().to_string();
    if !receipt::hold_cashbox(&app.db, cashbox, &holder, LEASE).await? {
        return Ok(Some(HELD));
    }
    // Beside the work: whoever lost the register, because its beats did not come through for too long, calls it no more.
    let beating = async {
        loop {
            tokio::time::sleep(BEAT).await;
            match receipt::hold_cashbox(&app.db, cashbox, &holder, LEASE).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(error = %error, cashbox, "a worker could not say that it is alive")
                }
            }
        }
    };
    let left = tokio::select! {
        left = work(app, cashbox) => left,
        () = beating => {
            tracing::warn!(cashbox, "another worker took the register over");
            return Ok(Some(HELD));
        }
    };
    receipt::release_cashbox(&app.db, cashbox, &holder).await?;
    left
}

async fn work(app: &Arc<App>, cashbox: &str) -> Result<Option<i64>> {
    loop {
        let Some(head) = receipt::head(&app.db, cashbox).await? else { return Ok(None) };
        let wait = (head.next_at - app.clock.now()).num_milliseconds();
        if wait > 0 {
            return Ok(Some(wait / 1000 + 1));
        }
        if !step(app, &head).await? {
            return Ok(Some(i64::from(pause(u32::MAX))));
        }
    }
}

/// One call about one document. False when this installation has no access to its provider.
async fn step(app: &Arc<App>, head: &Receipt) -> Result<bool> {
    let id = head.receipt_id();
    let provider = FiscalProviderCode::from_code(&head.provider).and_then(|code| app.ports.fiscal.of(code));
    let Some(provider) = provider else {
        tracing::error!(provider = head.provider, "a document waits for a provider that is not configured");
        return Ok(false);
    };
    let content: Content = serde_json::from_value(head.content.clone())
        .map_err(|error| Broken::Json(format!("receipt {id}: {error}")))?;
    // Kept before the call: whatever happens in between, the document is asked for and not sent twice.
    if !receipt::sending(&app.db, id).await? {
        return Ok(true);
    }
    let answer = match head.state {
        FiscalState::Asking => {
            let shift = receipt::last_fiscal_shift(&app.db, &head.cashbox, id).await?;
            provider.find(&head.cashbox, head.kind, &head.external_number, &content, shift).await
        }
        _ => provider.send(&head.cashbox, head.kind, &head.external_number, &content).await,
    };
    hear(app, head, answer).await?;
    Ok(true)
}

/// Keeps what came of a call.
async fn hear(app: &App, head: &Receipt, answer: Answer) -> Result<()> {
    let id = head.receipt_id();
    let (state, then) = next(head.state, answer.heard());
    let (error_code, error) = answer.fault();
    let attempts = u32::try_from(head.attempts).unwrap_or_default() + 1;
    let said = match answer {
        Answer::Registered(said) => *said,
        _ => Default::default(),
    };
    let outcome = receipt::Outcome {
        state,
        pause: match then {
            Next::Rest | Next::Send { at_once: true } => 0,
            Next::Ask | Next::Send { at_once: false } | Next::AfterZ => pause(attempts),
        },
        after_z: then == Next::AfterZ,
        error_code,
        error,
        check_number: said.check_number,
        registration_number: said.registration_number,
        registered: said.registered,
        fiscal_shift: said.fiscal_shift,
        ticket_url: said.ticket_url,
        answer: Some(said.raw).filter(|raw| !raw.is_null()),
    };
    let mut tx = Tx::begin(&app.db, Actor::system("fiscal")).await?;
    let (code, words, check) = (outcome.error_code, outcome.error.clone(), outcome.check_number.clone());
    if !receipt::heard(&tx, id, outcome).await? {
        return tx.rollback().await;
    }
    tx.audit(Change::new("fiscal_receipt", id, "heard").after(serde_json::json!({
        "number": head.external_number, "from": head.state, "to": state, "attempt": attempts, "code": code, "said": words,
        "check": check,
    })));
    if head.kind == FiscalKind::Z && state.is_registered() {
        receipt::unblock(&tx, &head.cashbox).await?;
    }
    tx.emit(CashdeskEvent::ReceiptChanged { receipt: id, desk: DeskId(head.desk_id) });
    tx.commit().await
}

/// A refused document was looked into, or somebody does not want to wait: it goes on at once, with the number that it has.
pub async fn retry(tx: &mut Tx, id: FiscalReceiptId) -> Outcome<Receipt> {
    let desks = entities::cashdesk::Desks::of(tx.actor());
    let Some(before) = receipt::visible_to(tx, &desks, id).await? else { refuse!("NOT_FOUND") };
    match before.state {
        FiscalState::Refused => {
            if !receipt::again(tx, id).await? {
                refuse!("FISCAL_FINAL");
            }
        }
        FiscalState::Waiting | FiscalState::Asking => receipt::hasten(tx, id).await?,
        _ => refuse!(Refusal::new("FISCAL_FINAL")),
    }
    let Some(row) = receipt::find(tx, id).await? else { refuse!("NOT_FOUND") };
    tx.audit(
        Change::new("fiscal_receipt", id, "retried").before(serde_json::json!({ "state": before.state })),
    );
    tx.emit(CashdeskEvent::ReceiptChanged { receipt: id, desk: DeskId(row.desk_id) });
    Ok(Ok(row))
}
