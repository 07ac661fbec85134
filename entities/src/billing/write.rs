//! What a shard of a run writes: charge lines, the chain of months, bills, open items, ledger entries, totals — each by COPY.

use domain::billing::{Carried, ChargeLine, Charges, ServiceTotal};
use domain::kernel::*;
use domain::ledger::Entry;

use super::input::Case;
use super::line;
use super::run::Run;
use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Result, Tx, sql};

/// Rows of a shard on their way in.
pub struct Batch<'a> {
    run: &'a Run,
    posted_on: chrono::NaiveDate,
    lines: Rows,
    months: Rows,
    bills: Rows,
    items: Rows,
    entries: Rows,
    totals: Rows,
    failures: Vec<(i64, String, String)>,
}

impl<'a> Batch<'a> {
    pub fn new(run: &'a Run, posted_on: chrono::NaiveDate) -> Self {
        Self {
            run,
            posted_on,
            lines: Rows::default(),
            months: Rows::default(),
            bills: Rows::default(),
            items: Rows::default(),
            entries: Rows::default(),
            totals: Rows::default(),
            failures: Vec::new(),
        }
    }

    pub fn line(&mut self, account: AccountId, number: usize, line: &ChargeLine) -> Result<()> {
        let row = self
            .lines
            .row(4 + line::FIELDS)
            .date(self.run.period)
            .i64(account.0)
            .i64(self.run.id)
            .i32(number as i32);
        line::put(row, line)
    }

    pub fn month(&mut self, account: AccountId, point: PointId, month: &Carried) {
        let liters: Vec<i64> = month.history.iter().map(|(_, volume)| volume.liters()).collect();
        let periods: Vec<chrono::NaiveDate> =
            month.history.iter().map(|(period, _)| period.first_day()).collect();
        self.months
            .row(14)
            .date(self.run.period)
            .i64(account.0)
            .i64(point.0)
            .i64(self.run.id)
            .i64(month.volume.liters())
            .text(month.basis.code())
            .i64_or_null(month.meter.map(|id| id.0))
            .i64_or_null(month.reading.map(|r| r.id.0))
            .date_or_null(month.reading.map(|r| r.day))
            .i64_or_null(month.reading.map(|r| r.value.liters()))
            .i32(month.months_without_reading as i32)
            .i64(month.provisional.liters())
            .i64_array(&liters)
            .date_array(&periods);
    }

    pub fn bill(&mut self, case: &Case, charges: &Charges) {
        let (charged, account) = (charges.gross(), case.inputs.account);
        let moved = &case.moved;
        let closing = moved.opening + charged + moved.penalty + moved.corrected - moved.paid;
        self.bills
            .row(11)
            .date(self.run.period)
            .i64(account.0)
            .i64(self.run.id)
            .i64(moved.opening.tiyn())
            .i64(charged.tiyn())
            .i64(moved.penalty.tiyn())
            .i64(moved.corrected.tiyn())
            .i64(moved.paid.tiyn())
            .i64(closing.tiyn())
            .date(self.run.due_on)
            .text_or_null(charges.excuse.map(|excuse| excuse.code()));
        self.totals
            .row(5)
            .i64(account.0)
            .date(self.run.period)
            .text(&self.run.sector)
            .text("charge")
            .i64(charged.tiyn());
    }

    pub fn item(&mut self, account: AccountId, total: &ServiceTotal) {
        self.items
            .row(9)
            .i64(account.0)
            .text(&self.run.sector)
            .text(total.service.code())
            .text(total.component.code())
            .date(self.run.period)
            .date(self.run.due_on)
            .i64(total.gross.tiyn())
            .text("run")
            .i64(self.run.id);
    }

    pub fn entry(&mut self, account: AccountId, entry: &Entry) {
        self.entries
            .row(12)
            .date(self.run.period)
            .text(&self.run.sector)
            .i64(account.0)
            .date(self.posted_on)
            .text(entry.debit.code())
            .text(entry.credit.code())
            .i64(entry.amount.tiyn())
            .text_or_null(entry.service.map(|s| s.code()))
            .text_or_null(entry.component.map(|c| c.code()))
            .date(self.run.period)
            .text("run")
            .i64(self.run.id);
    }

    pub fn failure(&mut self, account: AccountId, code: &str, detail: &str) {
        self.failures.push((account.0, code.to_owned(), detail.to_owned()));
    }

    /// Everything of the shard in the caller's transaction.
    pub async fn write(self, tx: &mut Tx) -> Result<()> {
        let of_line = format!("period, account_id, run_id, line, {}", line::COLUMNS);
        for (table, columns, rows) in [
            ("billing.charge_line", of_line.as_str(), self.lines),
            (
                "consumption.month",
                "period, account_id, point_id, run_id, liters, basis, meter_id, reading_id, reading_day, reading_liters, \
                 months_without_reading, provisional, history, history_period",
                self.months,
            ),
            (
                "billing.bill",
                "period, account_id, run_id, opening, charged, penalty, corrected, paid, closing, due_on, excuse",
                self.bills,
            ),
            (
                "ledger.open_item",
                "account_id, sector, service, component, origin, due_on, amount, source, source_id",
                self.items,
            ),
            (
                "ledger.entry",
                "period, sector, account_id, posted_on, debit, credit, amount, service, component, origin, source, source_id",
                self.entries,
            ),
            ("ledger.account_total", "account_id, period, sector, kind, amount", self.totals),
        ] {
            if !rows.is_empty() {
                copy_in(tx.pg(), &format!("COPY {table} ({columns}) FROM STDIN WITH (FORMAT binary)"), rows)
                    .await?;
            }
        }
        if !self.failures.is_empty() {
            let (mut accounts, mut codes, mut details) = (Vec::new(), Vec::new(), Vec::new());
            for (account, code, detail) in self.failures {
                accounts.push(account);
                codes.push(code);
                details.push(detail);
            }
            sql::run(
                tx,
                "INSERT INTO billing.run_failure (run_id, account_id, code, detail)
                 SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[])",
                [self.run.id.into(), accounts.into(), codes.into(), details.into()],
            )
            .await?;
        }
        Ok(())
    }
}
