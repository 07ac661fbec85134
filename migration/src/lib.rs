//! The schema of the database: SQL is the language, sea-orm-migration the runner. Imports nothing of ours, so that an old
//! migration never rots. Every change is expand / contract: two neighbouring versions of the program run on one schema.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

struct Sql {
    name: &'static str,
    up: &'static str,
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await?;
        Ok(())
    }
}

macro_rules! sql {
    ($path:literal) => {
        ($path, include_str!(concat!("../sql/", $path, ".sql")))
    };
}

/// Numbered migrations in their order, one line each.
const SOURCES: &[(&str, &str)] = &[
    sql!("platform/0001_tables"),
    sql!("access/0001_tables"),
    sql!("archive/0001_tables"),
    sql!("premises/0001_tables"),
    sql!("subscribers/0001_tables"),
    sql!("contracts/0001_tables"),
    sql!("tariffs/0001_tables"),
    sql!("meters/0001_tables"),
    sql!("readings/0001_tables"),
    sql!("imports/0001_tables"),
    sql!("consumption/0001_tables"),
    sql!("ledger/0001_tables"),
    sql!("billing/0001_tables"),
    sql!("payments/0001_tables"),
    sql!("platform/0002_person_keys"),
    sql!("stats/0001_tables"),
    sql!("billing/0002_preview"),
    sql!("tariffs/0002_band_suspension"),
    sql!("contracts/0002_agreed_volumes"),
    sql!("access/0002_second_factor_and_roles"),
    sql!("imports/0002_money_of_a_file"),
    sql!("ledger/0002_closed_balance"),
    sql!("platform/0003_switched_off"),
    sql!("platform/0004_files"),
    sql!("access/0003_one_time_passwords"),
    sql!("imports/0003_subjects_of_rows"),
    sql!("archive/0002_files"),
    sql!("tariffs/0003_two_people"),
    sql!("readings/0002_waiting"),
    sql!("platform/0005_reading_the_trail"),
    sql!("payments/0002_limits"),
    sql!("tariffs/0004_declined_settings"),
    sql!("ledger/0003_adjustments"),
    sql!("billing/0003_adjustments_on_bills"),
    sql!("imbalance/0001_tables"),
    sql!("premises/0002_plots_and_bulk"),
    sql!("consumption/0002_special"),
    sql!("billing/0004_scenario"),
    sql!("ledger/0004_close_figures"),
    sql!("ledger/0005_reopening"),
    sql!("debt/0001_tables"),
    sql!("billing/0004_corrections"),
    sql!("imbalance/0002_houses"),
    sql!("billing/0005_one_off"),
    sql!("debt/0002_certificates"),
    sql!("subscribers/0002_final_day"),
    sql!("billing/0005_final_bill"),
    sql!("subscribers/0003_estates_and_owners"),
    sql!("payments/0003_transfers"),
    sql!("billing/0006_divisions"),
    sql!("contracts/0003_limits"),
    sql!("consumption/0003_sharing"),
    sql!("imbalance/0003_members"),
    sql!("platform/0006_lasting_jobs"),
    sql!("amendments/0001_tables"),
    sql!("ledger/0006_as_of"),
    sql!("ledger/0007_cut_offs"),
    sql!("ledger/0008_bonds_and_costs"),
    sql!("debt/0003_claims"),
    sql!("billing/0007_division_back"),
    sql!("amendments/0002_installations"),
    sql!("ledger/0008_calendar"),
    sql!("payments/0004_channels"),
    sql!("ledger/0009_agents"),
    sql!("payments/0005_links"),
    sql!("cashdesk/0001_tables"),
    sql!("ledger/0010_money_on_its_way"),
    sql!("payments/0010_targets"),
    sql!("payments/0011_registries"),
    sql!("payments/0012_suspense"),
    sql!("payments/0013_statements"),
    sql!("debt/0004_tied_money"),
    sql!("payments/0014_given_alone"),
    sql!("stats/0002_ranges"),
    sql!("platform/0007_partitions_beside"),
    sql!("debt/0005_campaign_items"),
    sql!("billing/0008_chain_moved"),
    sql!("payments/0015_due_of_transfers"),
    sql!("payments/0016_statement_format"),
    sql!("meters/0002_removal"),
    sql!("billing/0009_supply_and_away"),
    sql!("billing/0010_bulk_before"),
    sql!("debt/0006_plan_grace"),
    sql!("ledger/0011_settlement_period"),
    sql!("imbalance/0004_compared_by"),
    sql!("billing/0011_lapsed_meters"),
    sql!("consumption/0004_legal_unmeasured"),
    sql!("access/0004_second_signature"),
    sql!("ledger/0012_late_bills"),
    sql!("readings/0003_taken_back"),
    sql!("consumption/0005_special_cap"),
    sql!("debt/0007_cut_off"),
    sql!("meters/0003_unfit"),
    sql!("consumption/0006_no_access"),
    sql!("subscribers/0005_consumer_group"),
    sql!("billing/0012_groups_by_days"),
    sql!("premises/0004_bulk_payer_and_areas"),
    sql!("subscribers/0004_points_on_documents"),
    sql!("ledger/0014_water_produced"),
    sql!("ledger/0015_declared_vat"),
];

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        SOURCES.iter().map(|(name, up)| Box::new(Sql { name, up }) as Box<dyn MigrationTrait>).collect()
    }
}

/// Views and functions, replaced compatibly after every migrate; each owned by the subsystem in its name.
const REPLACEABLE: &[(&str, &str)] = &[
    ("ledger", include_str!("../replaceable/ledger.sql")),
    ("payments", include_str!("../replaceable/payments.sql")),
];

/// Brings a database up to this program: numbered migrations, then the replaceable views and functions.
pub async fn migrate(db: &sea_orm_migration::sea_orm::DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(db, None).await?;
    for (_, sql) in REPLACEABLE {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Whether every numbered migration of this program has run; more may have, by a newer neighbour.
pub async fn is_current(db: &sea_orm_migration::sea_orm::DatabaseConnection) -> Result<bool, DbErr> {
    Ok(Migrator::get_pending_migrations(db).await?.is_empty())
}

/// What a migrated database is made of; tests key their template by it.
pub fn sources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().chain(REPLACEABLE).map(|(_, sql)| *sql)
}
