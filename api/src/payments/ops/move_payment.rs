//! A payment that was credited to the wrong account moves as a whole, by two people: the account it stood on owes again what it had
//! covered, on the payer's day, and the other one is discharged on it. The payment and its key stay what they were.

use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{LedgerAccount, post_payment, reverse};
use domain::payments::{TransferKind, TransferState};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::period;
use entities::payments::payment::{self, Payment};
use entities::payments::transfer::{self, NewTransfer, Transfer};
use entities::payments::write::{self, Posting};
use entities::subscribers::account;

use super::reallocate::{cover, posting, standing};
use super::reverse::not_refunded;
use super::still_meant;
use super::unapply::Applications;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is to move, and where.
#[derive(Debug, Clone)]
pub struct MovingPayment {
    pub payment: PaymentId,
    pub to: AccountId,
    pub document: DocumentId,
    pub reason: String,
}

/// Proposes the move; another person decides, whatever the sum.
pub async fn propose_move(tx: &mut Tx, moving: MovingPayment, clock: &Clock) -> Outcome<Transfer> {
    if moving.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if entities::archive::find(tx, moving.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let (found, _) = allow!(standing(tx, moving.payment, clock).await?);
    if found.account_id == moving.to.0 {
        refuse!(Refusal::new("TRANSFER_TO_ITSELF").at("toId"));
    }
    let scope = tx.scope().clone();
    if account::find(tx, &scope, moving.to).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("toId"));
    }
    if transfer::waits(tx, moving.payment).await? {
        refuse!("TRANSFER_WAITS");
    }
    // Whether it can move at all is known before somebody decides.
    let made = [(AccountId(found.account_id), found.id)];
    allow!(Applications::read(tx, "payment", &made).await?.take(found.id));
    let new = NewTransfer {
        kind: TransferKind::Payment,
        state: TransferState::Waiting,
        document: moving.document,
        reason: moving.reason.trim().to_owned(),
        second: vec!["payment".to_owned()],
        proposed_by: tx.actor().label.clone(),
        decided_by: None,
    };
    let id = transfer::insert_payment(tx, &new, moving.payment, moving.to).await?;
    let row = transfer::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("transfer", id, "proposed").after(&row).document(Some(moving.document.0)));
    tx.emit(PaymentsEvent::TransferChanged { transfer: id });
    Ok(Ok(row))
}

/// Moves it, within the act of who decides.
pub(super) async fn post_move(tx: &mut Tx, row: &Transfer, clock: &Clock) -> Outcome<()> {
    let (Some(id), Some(to)) = (row.payment_id, row.to_account) else {
        return Err(Broken::Custom(format!("transfer {} moves no payment", row.id)));
    };
    let (found, open) = allow!(standing(tx, PaymentId(id), clock).await?);
    let (from, amount) = (AccountId(found.account_id), Money::from_tiyn(found.amount));
    let mut applications = Applications::read(tx, "payment", &[(from, id)]).await?;
    let applied = allow!(applications.take(id));
    let apart = applications.apart(&applied, posting(&found, open, "payment", id), found.paid_on);
    write::settlements(tx, &apart.settlements).await?;
    write::entries(tx, &apart.entries).await?;
    let gives = posting(&found, open, "transfer", row.id);
    let takes = allow!(other_side(tx, &found, AccountId(to), row.id, clock).await?);
    carry_credit(tx, gives, takes, amount).await?;
    allow!(cover(tx, takes, found.paid_on, amount, None, clock).await?);
    Ok(Ok(()))
}

/// Takes it back: where it stood it covers what is owed now, by the policy of its day.
pub(super) async fn undo_move(tx: &mut Tx, row: &Transfer, clock: &Clock) -> Outcome<()> {
    let (Some(id), Some(to)) = (row.payment_id, row.to_account) else {
        return Err(Broken::Custom(format!("transfer {} moves no payment", row.id)));
    };
    payment::lock(tx, &[id]).await?;
    allow!(not_refunded(tx, PaymentId(id)).await?);
    let scope = tx.scope().clone();
    let Some(found) = payment::visible_to(tx, &scope, PaymentId(id)).await? else { refuse!("NOT_FOUND") };
    let amount = Money::from_tiyn(found.amount);
    let takes = allow!(other_side(tx, &found, AccountId(to), row.id, clock).await?);
    let mut applications = Applications::read(tx, "transfer", &[(AccountId(to), row.id)]).await?;
    let applied = allow!(applications.take(row.id));
    let apart = applications.apart(&applied, takes, found.paid_on);
    write::settlements(tx, &apart.settlements).await?;
    write::entries(tx, &apart.entries).await?;
    let gives = allow!(other_side(tx, &found, AccountId(found.account_id), row.id, clock).await?);
    carry_credit(tx, takes, gives, amount).await?;
    let own = Posting { source: "payment", source_id: id, ..gives };
    let target = still_meant(tx, found.target.as_deref()).await?;
    allow!(cover(tx, own, found.paid_on, amount, target, clock).await?);
    Ok(Ok(()))
}

/// Where rows of the move belong on an account.
async fn other_side(
    tx: &mut Tx,
    found: &Payment,
    of: AccountId,
    transfer: i64,
    clock: &Clock,
) -> Outcome<Posting> {
    let rows = account::by_ids(tx, vec![of]).await?;
    let sector = rows.first().map(|row| row.sector).ok_or_else(|| Broken::Custom(format!("account {of}")))?;
    let Some(open) = period::posting_period(tx, clock.today(), sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    Ok(Ok(Posting { account: of, ..posting(found, open, "transfer", transfer) }))
}

/// What the one has paid ahead becomes what the other has, over the account of transfers.
async fn carry_credit(tx: &mut Tx, gives: Posting, takes: Posting, amount: Money) -> Result<(), Broken> {
    let given = reverse(&post_payment(gives.account, LedgerAccount::Transfer, &[], amount));
    let taken = post_payment(takes.account, LedgerAccount::Transfer, &[], amount);
    let entries: Vec<_> = given
        .into_iter()
        .map(|entry| (gives, entry))
        .chain(taken.into_iter().map(|entry| (takes, entry)))
        .collect();
    write::entries(tx, &entries).await?;
    let totals = [
        (gives.account, gives.period, gives.sector, amount),
        (takes.account, takes.period, takes.sector, -amount),
    ];
    write::add_totals(tx, "correction", &totals).await
}
