use std::collections::HashMap;

use domain::cashdesk::{CashOperationKind, FiscalState, Means, Sold, may_refund};
use domain::kernel::*;
use entities::cashdesk::operation::{self, Line, Operation};
use entities::cashdesk::receipt::{self, Receipt};
use entities::kernel::{Broken, Result, Tx};
use entities::payments::payment::Payment;
use entities::subscribers::account;

use super::pay::external_id;
use super::void::{locked_sale, refused, undo_payments};
use super::{At, at_work, fiscal, keep, register_takes};
use crate::adapters::fiscal::{Basis, Content};
use crate::app::App;
use crate::payments::ops::{NewPayment, Recorded, record_many, still_meant};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Money to be given back.
#[derive(Debug, Clone)]
pub struct Refund {
    pub at: At,
    pub sale: CashOperationId,
    /// By the number of the line: how much, by which means.
    pub lines: Vec<(i32, Means)>,
    /// On what: the payer's application.
    pub basis: String,
    /// Who takes the money.
    pub person: String,
    pub document: Option<DocumentId>,
}

/// Gives money of a sale back, in whatever shift is open now: the sale stays, a return refers to it. The payments of its lines are taken
/// back and recorded anew with what is left of them, on the payer's own date.
pub async fn refund(tx: &mut Tx, app: &App, cmd: Refund) -> Outcome<Operation> {
    for (text, field) in [(&cmd.basis, "basis"), (&cmd.person, "person")] {
        if text.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at(field));
        }
    }
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    allow!(register_takes(tx, app, &work).await?);
    let sale = allow!(locked_sale(tx, cmd.sale).await?);
    let receipt = receipt::lock_of(tx, cmd.sale).await?;
    let original = receipt.as_ref().filter(|receipt| receipt.state.is_registered());
    // What a register saw sold, a register sees returned. What was sold before the desk had one it can't take back: the payer gets the
    // order and the slip, the register is told what left the drawer (`CashOperationKind::fiscal`).
    if original.is_some() && !work.fiscal() {
        refuse!("REFUND_AT_REGISTER");
    }
    let sold = Sold {
        voided: sale.undone,
        returned: sale.returned_cash + sale.returned_card > 0,
        same_shift: sale.shift() == work.shift.shift_id(),
        receipt: receipt.as_ref().map(|receipt| receipt.state),
    };
    let lines = operation::lines(tx, vec![sale.id]).await?;
    let before = operation::returned_lines(tx, cmd.sale).await?;
    let mut asked = vec![Means::default(); lines.len()];
    for (n, means) in &cmd.lines {
        let at = lines.iter().position(|line| line.n == *n);
        let Some(at) = at else { refuse!(Refusal::new("NOT_FOUND").at("lines")) };
        asked[at] = asked[at] + *means;
    }
    let facts: Vec<(Means, Means)> =
        lines.iter().map(|line| (taken(line), returned(line, &before))).collect();
    allow!(may_refund(sold, &facts, &asked).map_err(refused));
    let sum: Means = asked.iter().copied().sum();
    allow!(work.whole(sum.cash));
    allow!(work.enough(sum.cash));

    let standing =
        allow!(give_back(tx, app, &cmd.at, &work.desk.code, &lines, &before, &facts, &asked).await?);
    let ids = lines.iter().map(|line| AccountId(line.account_id)).collect();
    let accounts = account::by_ids(tx, ids).await?;
    let number = |line: &Line| {
        accounts.iter().find(|one| one.id.0 == line.account_id).map_or("", |one| one.number.as_str())
    };
    let given = lines.iter().zip(&asked).filter(|(_, means)| means.total().is_positive());
    let positions =
        fiscal::positions(given.map(|(line, means)| (number(line), means.total())), work.terms.vat);
    let basis = basis(&sale, original)?;
    let mut content = Content { positions, cash: sum.cash, card: sum.card, change: Money::ZERO, basis };
    if let Some(refused) = receipt.as_ref().filter(|receipt| !receipt.state.is_registered()) {
        // Nobody may try it again for money that went back. Its register never heard that the money came, so it has none to give; any
        // other one has.
        if refused.state == FiscalState::Refused {
            receipt::cancel(tx, refused.receipt_id()).await?;
        }
        if work.desk.cashbox.as_deref() == Some(refused.cashbox.as_str()) {
            content.cash = Money::ZERO;
        }
    }

    let mut new = work.operation(&cmd.at, CashOperationKind::Refund, -sum.cash, -sum.card);
    new.of = Some(cmd.sale);
    new.person = Some(cmd.person.trim().to_owned());
    new.basis = Some(cmd.basis.trim().to_owned());
    new.document = cmd.document;
    let back = |of: CashOperationId| -> Vec<Line> {
        let given = lines.iter().zip(&asked).filter(|(_, means)| means.total().is_positive());
        given
            .enumerate()
            .map(|(at, (line, means))| Line {
                operation_id: of.0,
                n: at as i32 + 1,
                asked: means.total().tiyn(),
                cash: means.cash.tiyn(),
                card: means.card.tiyn(),
                of_n: Some(line.n),
                cash_payment_id: standing[&line.n].0,
                card_payment_id: standing[&line.n].1,
                ..*line
            })
            .collect()
    };
    unless(keep(tx, &mut work, new, back, content).await, &[])
}

fn taken(line: &Line) -> Means {
    Means { cash: Money::from_tiyn(line.cash), card: Money::from_tiyn(line.card) }
}

fn returned(line: &Line, before: &[Line]) -> Means {
    before.iter().filter(|back| back.of_n == Some(line.n)).map(taken).sum()
}

/// Which payments stand for the cash and the card of a line: of its last return, or of the sale itself.
fn standing_of(line: &Line, before: &[Line]) -> (Option<i64>, Option<i64>) {
    let last = before.iter().rfind(|back| back.of_n == Some(line.n)).unwrap_or(line);
    (last.cash_payment_id, last.card_payment_id)
}

/// Takes the payments of lines back and records what is left of each; which stand now, by line.
#[allow(clippy::too_many_arguments)] // what was, what went back before, what is asked for: each is a list of the lines
async fn give_back(
    tx: &mut Tx,
    app: &App,
    at: &At,
    desk: &str,
    lines: &[Line],
    before: &[Line],
    facts: &[(Means, Means)],
    asked: &[Means],
) -> Outcome<HashMap<i32, (Option<i64>, Option<i64>)>> {
    let mut standing: HashMap<i32, (Option<i64>, Option<i64>)> =
        lines.iter().map(|line| (line.n, standing_of(line, before))).collect();
    // Of each payment that is touched: its line, by card or not, what is left.
    let mut touched: Vec<(i64, i32, bool, Money)> = Vec::new();
    for ((line, (taken, back)), asked) in lines.iter().zip(facts).zip(asked) {
        let (cash, card) = standing[&line.n];
        let left = *taken - *back - *asked;
        for (id, sum, left, by_card) in
            [(cash, asked.cash, left.cash, false), (card, asked.card, left.card, true)]
        {
            if let Some(id) = id.filter(|_| sum.is_positive()) {
                touched.push((id, line.n, by_card, left));
            }
        }
    }
    let was = allow!(undo_payments(tx, touched.iter().map(|one| one.0).collect(), app).await?);
    let was: HashMap<i64, Payment> = was.into_iter().map(|one| (one.id, one)).collect();
    for (id, n, by_card, left) in touched {
        let old = was.get(&id).ok_or_else(|| Broken::RecordNotFound(format!("payment {id}")))?;
        let mut now = None;
        if left.is_positive() {
            let rest = NewPayment {
                account: AccountId(old.account_id),
                sector: Sector::from_code(&old.sector)
                    .ok_or_else(|| Broken::Custom(format!("sector {}", old.sector)))?,
                channel: old.channel.clone(),
                external_id: external_id(desk, &at.key, n as usize),
                amount: left,
                // The payer's own date: what is left was paid then.
                paid_on: old.paid_on,
                paid_at: old.paid_at,
                import_batch: None,
                // What it was tied to may be over by now.
                target: still_meant(tx, old.target.as_deref()).await?,
            };
            match allow!(record_many(tx, &[rest], app.clock.now()).await?)[0] {
                Recorded::New(id) => now = Some(id.0),
                Recorded::Replayed(_)
                | Recorded::TakenBack(_)
                | Recorded::KeyConflict(_)
                | Recorded::Gone
                | Recorded::Held => refuse!("PAYMENT_KEY_CONFLICT"),
            }
        }
        let stands = standing.entry(n).or_default();
        if by_card { stands.1 = now } else { stands.0 = now }
    }
    Ok(Ok(standing))
}

/// The registered sale, as the return must name it.
fn basis(sale: &Operation, original: Option<&Receipt>) -> Result<Option<Basis>> {
    let Some(original) = original else { return Ok(None) };
    let gap = || Broken::Custom(format!("receipt {} is registered without its numbers", original.id));
    Ok(Some(Basis {
        registered: original.registered.clone().ok_or_else(gap)?,
        total: Money::from_tiyn(sale.cash + sale.card),
        check_number: original.check_number.clone().ok_or_else(gap)?,
        registration_number: original.registration_number.clone().ok_or_else(gap)?,
        offline: original.state == FiscalState::Offline,
    }))
}
