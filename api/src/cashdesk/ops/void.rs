use domain::PaymentsEvent;
use domain::cashdesk::{CashOperationKind, ReturnRefusal, Sold, may_void};
use domain::kernel::*;
use entities::cashdesk::operation::{self, Line, Operation};
use entities::cashdesk::{Desks, receipt};
use entities::kernel::{Change, Tx};
use entities::payments::payment::{self, Payment};

use super::{At, at_work, keep};
use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::payments::ops::take_back_of_desk;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A sale to undo as if it never was.
#[derive(Debug, Clone)]
pub struct VoidSale {
    pub at: At,
    pub sale: CashOperationId,
    pub reason: String,
}

/// Voids a sale of this very shift whose receipt is not final: its payments are taken back, what it settled is owed again.
pub async fn void_sale(tx: &mut Tx, app: &App, cmd: VoidSale) -> Outcome<Operation> {
    if cmd.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    let sale = allow!(locked_sale(tx, cmd.sale).await?);
    let fiscal = receipt::lock_of(tx, cmd.sale).await?;
    let sold = Sold {
        voided: sale.undone,
        returned: sale.returned_cash + sale.returned_card > 0,
        same_shift: sale.shift() == work.shift.shift_id(),
        receipt: fiscal.as_ref().map(|receipt| receipt.state),
    };
    allow!(may_void(sold).map_err(refused));
    let (cash, card) = (Money::from_tiyn(sale.cash), Money::from_tiyn(sale.card));
    allow!(work.enough(cash));

    let lines = operation::lines(tx, vec![sale.id]).await?;
    let ids = lines.iter().flat_map(|line| [line.cash_payment_id, line.card_payment_id]).flatten().collect();
    allow!(undo_payments(tx, ids, app).await?);
    // Also one that was refused: nobody may try it again for money that went back.
    if let Some(fiscal) = fiscal {
        receipt::cancel(tx, fiscal.receipt_id()).await?;
    }
    let mut new = work.operation(&cmd.at, CashOperationKind::Void, -cash, -card);
    new.of = Some(cmd.sale);
    new.basis = Some(cmd.reason.trim().to_owned());
    let undone = |of: CashOperationId| -> Vec<Line> {
        let undo = |line: Line| Line {
            operation_id: of.0,
            of_n: Some(line.n),
            cash_payment_id: None,
            card_payment_id: None,
            ..line
        };
        lines.into_iter().map(undo).collect()
    };
    Ok(Ok(keep(tx, &mut work, new, undone, Content::default()).await?))
}

/// A sale that the caller may see, locked.
pub(super) async fn locked_sale(tx: &Tx, id: CashOperationId) -> Outcome<Operation> {
    if operation::visible_to(tx, &Desks::of(tx.actor()), id).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    match operation::lock(tx, id).await? {
        Some(row) if row.kind == CashOperationKind::Sale => Ok(Ok(row)),
        Some(_) => refuse!("CASH_NOT_A_SALE"),
        None => refuse!("NOT_FOUND"),
    }
}

/// Takes payments back as a whole; what they were.
pub(super) async fn undo_payments(tx: &mut Tx, ids: Vec<i64>, app: &App) -> Outcome<Vec<Payment>> {
    let all = ids.len();
    let payments = payment::lock_visible(tx, ids).await?;
    // All of them or none: a part would leave drawer and books apart.
    if payments.len() != all {
        refuse!("NOT_FOUND");
    }
    if payments.iter().any(|one| one.reversed) {
        refuse!("PAYMENT_REVERSED");
    }
    let done = allow!(take_back_of_desk(tx, &payments, app.clock.today()).await?);
    for (one, by) in payments.iter().zip(done) {
        let by = allow!(by);
        let id = PaymentId(one.id);
        tx.audit(Change::new("payment", id, "reverse").after(serde_json::json!({ "by": by })));
        let (account, amount) = (AccountId(one.account_id), Money::from_tiyn(one.amount));
        tx.emit(PaymentsEvent::Reversed { payment: id, account, amount });
    }
    Ok(Ok(payments))
}

pub(super) fn refused(refusal: ReturnRefusal) -> Refusal {
    match refusal {
        ReturnRefusal::AlreadyVoided => Refusal::new("CASH_VOIDED"),
        ReturnRefusal::AlreadyReturned => Refusal::new("CASH_RETURNED"),
        ReturnRefusal::OtherShift => Refusal::new("VOID_OTHER_SHIFT"),
        ReturnRefusal::ReceiptFinal => Refusal::new("VOID_RECEIPT_FINAL"),
        ReturnRefusal::ReceiptUnknown => Refusal::new("FISCAL_UNKNOWN"),
        ReturnRefusal::NoReceipt => Refusal::new("REFUND_NO_RECEIPT"),
        ReturnRefusal::Nothing => Refusal::new("AMOUNT_NOT_POSITIVE").at("lines"),
        ReturnRefusal::MoreThanTaken { left } => {
            Refusal::new("REFUND_TOO_MUCH").at("lines").with("cash", left.cash).with("card", left.card)
        }
    }
}
