//! The SQL of each kind of file, by name.

use domain::imports::ImportKind;

/// What a kind does with its staged rows.
#[derive(Debug, Clone, Copy)]
pub struct Scripts {
    /// Columns of `stage` beside those of the file: what is found in the registers.
    pub found: &'static str,
    /// Fill what is found, write problems.
    pub check: &'static [&'static str],
    /// Writes the registers and sets `entity_id`; `stage` holds only right rows by then. None where Rust writes.
    pub commit: Option<&'static str>,
    /// Codes and counts of what stands on a batch and keeps it from being taken back.
    pub stands: &'static str,
    /// Takes a batch back. None where Rust does.
    pub undo: Option<&'static str>,
}

const ACCOUNT: &str = include_str!("sql/stage_account.sql");
const BUILDING: &str = include_str!("sql/stage_building.sql");

pub fn scripts(kind: ImportKind) -> Scripts {
    match kind {
        ImportKind::Premises => Scripts {
            found: "district_id bigint, street_id bigint, building_id bigint, premise_id bigint",
            check: &[include_str!("sql/premises_check.sql")],
            commit: Some(include_str!("sql/premises_commit.sql")),
            stands: include_str!("sql/premises_stands.sql"),
            undo: Some(include_str!("sql/premises_undo.sql")),
        },
        ImportKind::Accounts => Scripts {
            found: "street_id bigint, building_id bigint, district_id bigint, premise_id bigint, premise_kind text,
                    account_id bigint, party_id bigint, new_party boolean NOT NULL DEFAULT false",
            check: &[BUILDING, include_str!("sql/accounts_check.sql")],
            commit: Some(include_str!("sql/accounts_commit.sql")),
            stands: include_str!("sql/accounts_stands.sql"),
            undo: Some(include_str!("sql/accounts_undo.sql")),
        },
        ImportKind::Residents => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date",
            check: &[ACCOUNT, include_str!("sql/residents_check.sql")],
            commit: Some(include_str!("sql/residents_commit.sql")),
            stands: include_str!("sql/residents_stands.sql"),
            undo: Some(include_str!("sql/residents_undo.sql")),
        },
        ImportKind::Contracts => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date, party_id bigint, point_id bigint",
            check: &[ACCOUNT, include_str!("sql/contracts_check.sql")],
            commit: Some(include_str!("sql/contracts_commit.sql")),
            stands: include_str!("sql/contracts_stands.sql"),
            undo: Some(include_str!("sql/contracts_undo.sql")),
        },
        ImportKind::Meters => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date, street_id bigint, building_id bigint,
                    district_id bigint, point_id bigint, model_id bigint, digits int, meter_id bigint, valid_until date",
            check: &[ACCOUNT, BUILDING, include_str!("sql/meters_check.sql")],
            commit: Some(include_str!("sql/meters_commit.sql")),
            stands: include_str!("sql/meters_stands.sql"),
            undo: Some(include_str!("sql/meters_undo.sql")),
        },
        ImportKind::Readings => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date, street_id bigint, building_id bigint,
                    district_id bigint, point_id bigint, points bigint",
            check: &[ACCOUNT, BUILDING, include_str!("sql/readings_check.sql")],
            commit: None,
            stands: include_str!("sql/readings_stands.sql"),
            undo: Some(include_str!("sql/readings_undo.sql")),
        },
        ImportKind::Payments => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date",
            check: &[ACCOUNT, include_str!("sql/payments_check.sql")],
            commit: None,
            stands: include_str!("sql/payments_stands.sql"),
            undo: None,
        },
        ImportKind::Balances => Scripts {
            found: "account_id bigint, sector text, premise_id bigint, closed_on date, into_month date",
            check: &[ACCOUNT, include_str!("sql/balances_check.sql")],
            commit: None,
            stands: include_str!("sql/balances_stands.sql"),
            undo: Some(include_str!("sql/balances_undo.sql")),
        },
    }
}
