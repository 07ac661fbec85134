//! The one binary of the system.

use api::cli::{self, bench, doctor, export_schema, job, migrate, seed, serve, worker};
use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// АИСЦРА: the information system of a water utility's subscriber centre.
///
/// Configuration: environment over one TOML file (AISCRA_CONFIG, else ./aiscra.toml); every key is in aiscra.toml.example.
#[derive(Parser)]
#[command(name = "aiscra", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers HTTP and WebSocket; works off background jobs too unless told not to
    Serve(serve::Args),
    /// Works off background jobs and relays facts; several may run beside `serve` (needs Redis)
    Worker,
    /// Brings the database up to this program
    Migrate,
    /// Builds the demo city once
    Seed(seed::Args),
    /// Writes or checks the committed schema of the API
    ExportSchema(export_schema::Args),
    /// Shows, cancels and retries background jobs
    Job(job::Args),
    /// Checks the installation and says what is wrong
    Doctor,
    /// Measures the main jobs against the limits of the database
    Bench(bench::Args),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    cli::init_tracing();
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args).await,
        Command::Worker => worker::run().await,
        Command::Migrate => migrate::run().await,
        Command::Seed(args) => seed::run(args).await,
        Command::ExportSchema(args) => export_schema::run(args),
        Command::Job(args) => job::run(args).await,
        Command::Doctor => doctor::run().await,
        Command::Bench(args) => bench::run(args).await,
    }
}
