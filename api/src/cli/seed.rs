//! Builds the demo city.

/// What to build.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Size of the city in subscriber accounts
    #[arg(long, default_value_t = 5000)]
    pub accounts: u32,
    /// Months of history before the business date
    #[arg(long, default_value_t = 12)]
    pub months: u32,
}

pub async fn run(_args: Args) -> anyhow::Result<()> {
    anyhow::bail!("the demo city is not built yet")
}
