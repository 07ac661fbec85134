use std::collections::BTreeSet;

use domain::cashdesk::{CashOperationKind, Tender, TenderRefusal, tender};
use domain::kernel::*;
use domain::payments::{PaymentChannel, PaymentTarget};
use entities::cashdesk::operation::{Line, Operation};
use entities::kernel::Tx;
use entities::subscribers::account::{self, Model as Account};

use super::{At, at_work, fiscal, keep, register_takes};
use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::payments::ops::{NewPayment, Recorded, record_of_shift};
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// So many accounts one payer pays for at once.
const MAX_LINES: usize = 20;

/// What is credited to one account.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub account: AccountId,
    pub sum: Money,
    /// What it is for, where the payer says so.
    pub target: Option<PaymentTarget>,
}

/// What a payer pays for, and how.
#[derive(Debug, Clone)]
pub struct Pay {
    pub at: At,
    pub lines: Vec<Wanted>,
    /// Of the total, by card; the rest is cash.
    pub card: Money,
    /// Cash that the payer gave.
    pub given: Option<Money>,
}

/// Takes money of a payer: a receipt of one or several accounts, its payments recorded in the same transaction.
pub async fn pay(tx: &mut Tx, app: &App, cmd: Pay) -> Outcome<Operation> {
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    allow!(register_takes(tx, app, &work).await?);
    if cmd.lines.len() > MAX_LINES {
        refuse!(Refusal::new("CASH_TOO_MANY_LINES").at("lines").with("most", MAX_LINES));
    }
    let found = account::by_ids(tx, cmd.lines.iter().map(|line| line.account).collect()).await?;
    let (mut accounts, mut seen) = (Vec::with_capacity(cmd.lines.len()), BTreeSet::new());
    for line in &cmd.lines {
        let row = found.iter().find(|row| row.id == line.account && row.in_scope(tx.scope()));
        let Some(row) = row.cloned() else { refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("lines")) };
        if !seen.insert(row.id) {
            refuse!(Refusal::new("CASH_ACCOUNT_TWICE").at("lines").with("number", &row.number));
        }
        accounts.push(row);
    }
    let sums: Vec<Money> = cmd.lines.iter().map(|line| line.sum).collect();
    let paid = allow!(tender(&sums, cmd.card, cmd.given, work.terms.unit).map_err(refused));

    let (payments, places) = payments(&cmd, &accounts, &paid, &work.desk.code);
    let recorded = allow!(record_of_shift(tx, &payments, work.day, app.clock.now()).await?);
    let mut ids = vec![(None, None); accounts.len()];
    for ((line, by_card), recorded) in places.into_iter().zip(recorded) {
        // The operation's key is new, so the payments made of it are: somebody else's payment stands under this number.
        let Recorded::New(id) = recorded else { refuse!(Refusal::new("PAYMENT_KEY_CONFLICT")) };
        if by_card { ids[line].1 = Some(id.0) } else { ids[line].0 = Some(id.0) }
    }

    let mut new = work.operation(&cmd.at, CashOperationKind::Sale, paid.cash, paid.card);
    new.rounding = paid.rounding;
    new.given = paid.given;
    new.change = paid.change;
    let lines = |of: CashOperationId| -> Vec<Line> {
        let lines = accounts.iter().zip(&sums).zip(&paid.parts).zip(&ids).enumerate();
        lines
            .map(|(at, (((account, asked), part), (cash_id, card_id)))| Line {
                operation_id: of.0,
                n: at as i32 + 1,
                account_id: account.id.0,
                sector: account.sector,
                asked: asked.tiyn(),
                cash: part.cash.tiyn(),
                card: part.card.tiyn(),
                of_n: None,
                cash_payment_id: *cash_id,
                card_payment_id: *card_id,
            })
            .collect()
    };
    // A line of some tiyn may round to nothing: it is no position of a receipt.
    let credited = accounts.iter().zip(&paid.parts).filter(|(_, part)| part.total().is_positive());
    let credited = credited.map(|(account, part)| (account.number.as_str(), part.total()));
    let content = Content {
        positions: fiscal::positions(credited, work.terms.vat),
        cash: paid.cash,
        card: paid.card,
        change: paid.change,
        basis: None,
    };
    Ok(Ok(keep(tx, &mut work, new, lines, content).await?))
}

/// A payment for each line and means, and for which line and whether by card.
fn payments(
    cmd: &Pay,
    accounts: &[Account],
    paid: &Tender,
    desk: &str,
) -> (Vec<NewPayment>, Vec<(usize, bool)>) {
    let (mut payments, mut places) = (Vec::new(), Vec::new());
    for (line, (account, part)) in accounts.iter().zip(&paid.parts).enumerate() {
        for (amount, by_card) in [(part.cash, false), (part.card, true)] {
            if !amount.is_positive() {
                continue;
            }
            let channel = if by_card { PaymentChannel::Card } else { PaymentChannel::Cash };
            payments.push(NewPayment {
                account: account.id,
                sector: account.sector,
                channel: channel.code().to_owned(),
                external_id: external_id(desk, &cmd.at.key, line + 1),
                amount,
                paid_on: cmd.at.day,
                paid_at: None,
                import_batch: None,
                target: cmd.lines[line].target,
            });
            places.push((line, by_card));
        }
    }
    (payments, places)
}

/// The number of a payment in its channel: desk, key of the operation, line.
pub(super) fn external_id(desk: &str, key: &str, line: usize) -> String {
    format!("{desk}:{key}/{line}")
}

fn refused(refusal: TenderRefusal) -> Refusal {
    match refusal {
        TenderRefusal::NothingToPay => Refusal::new("AMOUNT_NOT_POSITIVE").at("lines"),
        TenderRefusal::CardTooLarge { total } => {
            Refusal::new("CASH_CARD_TOO_LARGE").at("card").with("total", total)
        }
        TenderRefusal::RoundsToNothing => Refusal::new("CASH_ROUNDS_TO_NOTHING").at("lines"),
        TenderRefusal::GivenTooLittle { due } => {
            Refusal::new("CASH_GIVEN_TOO_LITTLE").at("given").with("due", due)
        }
        TenderRefusal::NoCashDue => Refusal::new("CASH_NOT_DUE").at("given"),
    }
}
