//! Subcommands of the binary, one file each.

pub mod bench;
pub mod doctor;
pub mod export_schema;
pub mod job;
pub mod migrate;
pub mod seed;
pub mod serve;
pub mod worker;

use tracing_subscriber::EnvFilter;

/// Logs to standard error; `AISCRA_LOG` filters, `AISCRA_LOG_FORMAT=json` is for machines.
pub fn init_tracing() {
    let filter = EnvFilter::try_from_env("AISCRA_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("AISCRA_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().init();
    } else {
        builder.init();
    }
}
