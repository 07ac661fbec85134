//! `aiscra seed`: the demo city.

use std::sync::Arc;

use domain::kernel::Period;

use crate::app::App;
use crate::config::Config;
use crate::seed::{self, Wish};

/// What to build.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Subscriber accounts of all three sectors together
    #[arg(long, default_value_t = 5_000)]
    pub accounts: u64,
    /// Months of bills and payments before the current month
    #[arg(long, default_value_t = 12)]
    pub months: u32,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = App::connect(Config::load()?).await?;
    build(&app, args).await
}

/// The same in a program that runs already.
pub async fn build(app: &Arc<App>, args: Args) -> anyhow::Result<()> {
    let current = Period::of(app.clock.today());
    seed::run(app, Wish { accounts: args.accounts, months: args.months, current }).await
}
