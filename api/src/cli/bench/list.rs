//! `aiscra bench list`: a page of twenty accounts with holder, address and balance, asked over HTTP of a real server, against
//! pgbench running the one statement that somebody would write by hand for it.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::server::{Question, Server};
use super::{city, pgbench};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    both: pgbench::Turns,
    /// The same statement for pgbench
    #[arg(long, default_value = "tests/load/list_of_accounts.sql")]
    pgbench_file: PathBuf,
}

const QUERY: &str = "query($after: String) { accounts(first: 20, after: $after) {
    nodes { number address balance holder { name } } pageInfo { hasNextPage endCursor } } }";
/// Pages that are asked for in turn.
const PAGES: usize = 45;

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.both.accounts, 12).await?;
    let question = Question::new(QUERY, pages(&Server::start(&app, "auditor", None).await?).await?, full);
    pgbench::compare(&app, &args.both, &question, &args.pgbench_file).await
}

fn full(answer: &str) -> bool {
    answer.matches("\"holder\"").count() == 20
}

/// Cursors of full pages, as a reader who leafs through the list sends them.
async fn pages(server: &Server) -> anyhow::Result<Vec<Value>> {
    let mut pages = vec![json!({ "after": null })];
    while pages.len() < PAGES {
        let answer = server.ask(QUERY, &pages[pages.len() - 1]).await?;
        let json: Value = serde_json::from_str(&answer)?;
        let info = json.pointer("/data/accounts/pageInfo").with_context(|| answer.clone())?;
        if !full(&answer) || info["hasNextPage"] != true {
            // The last one may not be full.
            pages.pop();
            break;
        }
        pages.push(json!({ "after": info["endCursor"] }));
    }
    ensure!(!pages.is_empty(), "the city has less than twenty accounts");
    Ok(pages)
}
