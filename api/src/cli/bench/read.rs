//! `aiscra bench read`: an account with its twelve bills, asked over HTTP of a real server, against pgbench running the same
//! statements prepared.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::json;

use super::server::Question;
use super::{city, pgbench};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    both: pgbench::Turns,
    /// The same statements for pgbench
    #[arg(long, default_value = "tests/load/account_with_bills.sql")]
    pgbench_file: PathBuf,
}

const QUERY: &str = "query($number: String!) { account(number: $number) { id number status balance
    bills(first: 12) { nodes { id period opening charged paid closing dueOn } } } }";

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.both.accounts, 12).await?;
    let numbers = entities::bench::account_numbers(&app.db).await?;
    ensure!(!numbers.is_empty(), "no account of the city has twelve bills");
    let variables = numbers.into_iter().map(|number| json!({ "number": number })).collect();
    let question = Question::new(QUERY, variables, |answer| answer.matches("\"closing\"").count() == 12);
    pgbench::compare(&app, &args.both, &question, &args.pgbench_file).await
}
