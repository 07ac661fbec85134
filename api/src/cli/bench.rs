//! Measures the main jobs.

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `run` or `read`
    pub what: String,
}

pub async fn run(_args: Args) -> anyhow::Result<()> {
    anyhow::bail!("nothing to measure yet")
}
