//! Brings the database up to this program: tables, views, default roles.

use entities::kernel::Db;

use crate::config::Config;

pub async fn run() -> anyhow::Result<()> {
    let config = Config::load()?;
    let db = sea_orm::Database::connect(&config.database_url).await?;
    bring_up(&db).await?;
    tracing::info!("the database is up to date");
    Ok(())
}

/// The same for tests and `serve --migrate`; repeats safely.
pub async fn bring_up(db: &Db) -> anyhow::Result<()> {
    migration::migrate(db).await?;
    entities::access::role::sync_defaults(db).await?;
    Ok(())
}
