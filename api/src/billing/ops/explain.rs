//! Opens a bill into trees by running the rule again on the facts it was made of, and compares.

use domain::billing::{ChargeLine, ExplainNode, explain};
use domain::kernel::{AccountId, Money};
use entities::billing::bill::{self, Bill};
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
    let stored = stored.iter().map(bill::LineRow::to_line).collect::<Result<Vec<_>>>()?;

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
