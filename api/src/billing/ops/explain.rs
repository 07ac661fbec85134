//! Opens a bill, or a month of a correction, into trees by running the rule again on the facts it was made of, and compares.

use domain::billing::{ChargeLine, ExplainNode, Explanation, Side, explain};
use domain::kernel::{AccountId, Money, Period};
use entities::billing::bill::{self, Bill, LineRow};
use entities::billing::correction::{self, Correction};
use entities::billing::{input, run};
use entities::kernel::{Broken, Db, Result};
use entities::tariffs;

/// One line with its tree; `equal` when the rule gives the stored line again, to the tiyn and in every other column.
pub struct ExplainedLine {
    pub line: ChargeLine,
    pub equal: bool,
    pub tree: ExplainNode,
}

/// A bill explained.
pub struct Explained {
    pub lines: Vec<ExplainedLine>,
    pub recalculated: Money,
    /// All lines are equal, none is missing and none is too many.
    pub equal: bool,
}

pub async fn explain_bill(db: &Db, bill: &Bill) -> Result<Explained> {
    let missing = |what: &str| Broken::RecordNotFound(format!("{what} of bill {}", bill.id));
    let (account, month) = (AccountId(bill.account_id), bill.period());
    let run = run::find(db, domain::kernel::RunId(bill.run_id)).await?.ok_or_else(|| missing("run"))?;
    let inputs = input::kept(db, run.sector(), month, run.run_id(), account)
        .await?
        .ok_or_else(|| missing("inputs"))?;
    let book = tariffs::book_of(db, month, run.known_at).await?;
    let again = explain(&inputs, &book).map_err(|e| Broken::Custom(e.to_string()))?;
    let stored = bill::lines(db, &[(account, month, run.run_id())]).await?;
    let stored = stored.iter().map(LineRow::to_line).collect::<Result<Vec<_>>>()?;

    let recalculated = again.charges.gross();
    let same_number = stored.len() == again.charges.lines.len();
    let lines: Vec<ExplainedLine> = again
        .charges
        .lines
        .into_iter()
        .zip(again.trees)
        .enumerate()
        .map(|(at, (line, tree))| ExplainedLine { equal: stored.get(at) == Some(&line), line, tree })
        .collect();
    let equal =
        same_number && lines.iter().all(|line| line.equal) && recalculated == Money::from_tiyn(bill.charged);
    Ok(Explained { lines, recalculated, equal })
}

/// What a batch charges instead in a month of an account, opened on the facts that it kept and the tariff book as it was known to it;
/// none where it changes nothing in the month. `recalculated` is the whole month, with the lines that stood and stand on.
pub async fn explain_correction(
    db: &Db,
    batch: &Correction,
    account: AccountId,
    month: Period,
) -> Result<Option<Explained>> {
    let kept = correction::month(db, batch.correction_id(), account, month).await?;
    let Some(kept) = kept else { return Ok(None) };
    let book = tariffs::book_of(db, month, batch.known_at).await?;
    let again = explain(&kept.inputs, &book).map_err(|e| Broken::Custom(e.to_string()))?;
    let minus = lines_of(db, batch, account, month, Side::Minus).await?;
    let plus = lines_of(db, batch, account, month, Side::Plus).await?;
    let sum = |lines: &[ChargeLine]| lines.iter().map(|line| line.gross).sum::<Money>();
    let mut explained = charged_instead(again, &plus, kept.after);
    // A pair that is missing or too many shows in what the month was said to differ by.
    explained.equal &= sum(&plus) - sum(&minus) == kept.after - kept.before;
    Ok(Some(explained))
}

async fn lines_of(
    db: &Db,
    batch: &Correction,
    account: AccountId,
    month: Period,
    side: Side,
) -> Result<Vec<ChargeLine>> {
    let rows = correction::lines(db, &[(batch.correction_id(), account)], side).await?;
    rows.iter().filter(|row| Period::of(row.period) == month).map(LineRow::to_line).collect()
}

/// The trees of those lines that are among the kept ones: the others of the month stood before, and are in its sum.
fn charged_instead(again: Explanation, stored: &[ChargeLine], after: Money) -> Explained {
    let recalculated = again.charges.gross();
    let lines = again.charges.lines;
    // Of each line: does it say what a kept one says; none while it stands for no kept one.
    let mut says: Vec<Option<bool>> = vec![None; lines.len()];
    let mut changed = Vec::new();
    for kept in stored {
        match (0..lines.len()).find(|&at| says[at].is_none() && lines[at] == *kept) {
            Some(at) => says[at] = Some(true),
            None => changed.push(kept),
        }
    }
    let place = |line: &ChargeLine| (line.point, line.service, line.component, line.basis, line.from);
    let equal = changed.is_empty() && recalculated == after;
    for kept in changed {
        let at = (0..lines.len()).find(|&at| says[at].is_none() && place(&lines[at]) == place(kept));
        if let Some(at) = at {
            says[at] = Some(false);
        }
    }
    let lines = lines
        .into_iter()
        .zip(again.trees)
        .zip(says)
        .filter_map(|((line, tree), says)| Some(ExplainedLine { line, equal: says?, tree }))
        .collect();
    Explained { lines, recalculated, equal }
}
