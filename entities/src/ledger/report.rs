//! The auditor's reports of a month: as the tables say now, or as they were frozen when the month was closed.

use chrono::{DateTime, Utc};
use domain::kernel::*;
use domain::ledger::CloseReportCode;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use crate::kernel::{Result, Tx, sql};

/// Rows of a report, each an object by the names of its columns; sums in tiyn, volumes in litres.
#[derive(Debug, Clone)]
pub struct Figures {
    pub rows: Vec<Json>,
    /// Set when they are those of the close.
    pub frozen: Option<Frozen>,
}

#[derive(Debug, Clone)]
pub struct Frozen {
    pub at: DateTime<Utc>,
    pub hash: String,
    pub version: i32,
}

const fn text_of(report: CloseReportCode) -> &'static str {
    match report {
        CloseReportCode::RollForward => include_str!("sql/reports/roll_forward.sql"),
        CloseReportCode::Ledgers => include_str!("sql/reports/ledgers.sql"),
        CloseReportCode::Vat => include_str!("sql/reports/vat.sql"),
        CloseReportCode::Water => include_str!("sql/reports/water.sql"),
        CloseReportCode::Accounts => include_str!("sql/reports/accounts.sql"),
        CloseReportCode::Clearing => include_str!("sql/reports/clearing.sql"),
        CloseReportCode::CashDays => include_str!("sql/reports/cash_days.sql"),
        CloseReportCode::Numbers => include_str!("sql/reports/numbers.sql"),
        CloseReportCode::Manual => include_str!("sql/reports/manual.sql"),
        CloseReportCode::Changes => include_str!("sql/reports/changes.sql"),
        CloseReportCode::Ageing => include_str!("sql/reports/ageing.sql"),
    }
}

/// One value with all rows of a report in their order.
fn gathered(report: CloseReportCode) -> String {
    // Items as a month ended stand in two reports, which must not differ in them.
    let text = text_of(report).replace("{items}", include_str!("sql/reports/items_of_month.sql"));
    format!(
        "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]'::jsonb) AS figures FROM (\n{text}\n) t
         WHERE $1::date IS NOT NULL AND $2::text IS NOT NULL"
    )
}

fn rows_of(figures: Json) -> Vec<Json> {
    match figures {
        Json::Array(rows) => rows,
        _ => Vec::new(),
    }
}

/// A report of a month: frozen where the month is closed.
pub async fn figures(
    db: &impl ConnectionTrait,
    report: CloseReportCode,
    period: Period,
    sector: Sector,
) -> Result<Figures> {
    #[derive(FromQueryResult)]
    struct Row {
        figures: Json,
        hash: String,
        version: i32,
        frozen_at: DateTime<Utc>,
    }
    let kept: Option<Row> = sql::one(
        db,
        "SELECT f.figures, f.hash, f.version, f.frozen_at FROM ledger.close_figures f
         JOIN ledger.period p ON p.period = f.period AND p.sector = f.sector AND p.status = 'closed'
         WHERE f.period = $1 AND f.sector = $2 AND f.report = $3 ORDER BY f.version DESC LIMIT 1",
        [period.first_day().into(), sector.code().into(), report.code().into()],
    )
    .await?;
    if let Some(row) = kept {
        let frozen = Frozen { at: row.frozen_at, hash: row.hash, version: row.version };
        return Ok(Figures { rows: rows_of(row.figures), frozen: Some(frozen) });
    }
    let now: Option<Json> =
        sql::scalar(db, &gathered(report), [period.first_day().into(), sector.code().into()]).await?;
    Ok(Figures { rows: rows_of(now.unwrap_or_default()), frozen: None })
}

/// Keeps every report of a month as it stands: part of closing it.
pub async fn freeze(tx: &Tx, period: Period, sector: Sector) -> Result<()> {
    let keys = || [period.first_day().into(), sector.code().into()];
    let version: Option<i32> = sql::scalar(
        tx,
        "SELECT coalesce(max(version), 0) + 1 FROM ledger.close_figures WHERE period = $1 AND sector = $2",
        keys(),
    )
    .await?;
    for &report in CloseReportCode::ALL {
        let text = format!(
            "INSERT INTO ledger.close_figures (period, sector, version, report, figures, hash)
             SELECT $1::date, $2::text, $3::int, $4::text, g.figures, encode(sha256(convert_to(g.figures::text, 'UTF8')), 'hex')
             FROM ({}) g",
            gathered(report)
        );
        let [period, sector] = keys();
        sql::run(tx, &text, [period, sector, version.unwrap_or(1).into(), report.code().into()]).await?;
    }
    Ok(())
}
