//! The product's side of a measurement: this program as a real server, and many who ask it at the same time.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::figures::{Backends, Figures, cpu, ms};
use super::http::Connection;
use crate::app::App;
use crate::platform::graphql::trusted;

/// This program, serving the measured city on a free port; it ends when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    token: Arc<String>,
}

/// What is asked again and again: an operation, its variables in turn, and how a right answer is known.
pub struct Question {
    query: &'static str,
    variables: Arc<Vec<Value>>,
    right: fn(&str) -> bool,
}

impl Question {
    pub fn new(query: &'static str, variables: Vec<Value>, right: fn(&str) -> bool) -> Self {
        Self { query, variables: Arc::new(variables), right }
    }
}

impl Server {
    /// Signed in as one of the demo's staff. Without an address of Redis the server is its own bus.
    pub async fn start(app: &App, login: &str, redis: Option<&str>) -> anyhow::Result<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = free.local_addr()?.to_string();
        drop(free);
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["serve", "--listen", &address])
            .env("DATABASE_URL", &app.config.database_url)
            .env_remove("AISCRA_DATABASE_URL")
            .env_remove("AISCRA_REDIS_URL")
            .env("AISCRA_REDIS_PREFIX", super::REDIS_PREFIX)
            .env("AISCRA_DEMO", "true")
            .env("AISCRA_BUSINESS_DATE", "2026-03-26")
            // Counted as always, never used up.
            .env("AISCRA_BUDGET_PER_MINUTE", "1000000000000")
            .env("AISCRA_LOG", "warn")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        match redis {
            Some(url) => command.env("REDIS_URL", url),
            None => command.env_remove("REDIS_URL"),
        };
        let mut server = Self { child: command.spawn()?, address, token: Arc::default() };
        server.ready().await?;
        server.token = Arc::new(server.sign_in(login).await?);
        Ok(server)
    }

    async fn ready(&self) -> anyhow::Result<()> {
        for _ in 0..200 {
            if Connection::open(&self.address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the server does not answer on {}", self.address)
    }

    async fn sign_in(&self, login: &str) -> anyhow::Result<String> {
        // The document that the public may send, as it stands on the list.
        let document = trusted::CLIENTS.lines().find(|line| line.starts_with("mutation SessionOpen("));
        let body = json!({
            "query": document.context("no document to sign in with")?,
            "variables": { "input": { "login": login, "password": crate::access::demo::PASSWORD } },
        });
        let answer = Connection::open(&self.address).await?.post(None, &body.to_string()).await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let token = answer.pointer("/data/sessionOpen/session/accessToken").and_then(Value::as_str);
        token.map(str::to_owned).with_context(|| format!("no session: {answer}"))
    }

    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the server ended")
    }

    /// What a socket says to sign in.
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Asks once; the answer's body.
    pub async fn ask(&self, query: &str, variables: &Value) -> anyhow::Result<String> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        Connection::open(&self.address).await?.post(Some(&self.token), &body).await
    }

    /// Asks for a while over several connections; what one answer cost.
    pub async fn measure(
        &self,
        app: &App,
        question: &Question,
        connections: u64,
        length: Duration,
    ) -> anyhow::Result<Figures> {
        let pid = self.pid()?;
        self.load(question, connections, Duration::from_secs(1)).await?;
        let (server_before, mut backends) = (cpu(pid), Backends::default());
        let begun = Instant::now();
        backends.look(app).await?;
        let mut times = self.load(question, connections, length).await?;
        backends.look(app).await?;
        let (took, server_used) = (begun.elapsed(), cpu(pid) - server_before);
        ensure!(!times.is_empty(), "nothing was answered");
        times.sort();
        let count = times.len() as f64;
        Ok(Figures {
            per_second: count / took.as_secs_f64(),
            typical_ms: ms(times[times.len() / 2]),
            late_ms: ms(times[times.len() * 99 / 100]),
            server_ms: ms(server_used) / count,
            database_ms: ms(backends.used()) / count,
        })
    }

    async fn load(
        &self,
        question: &Question,
        connections: u64,
        length: Duration,
    ) -> anyhow::Result<Vec<Duration>> {
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let mut connection = Connection::open(&self.address).await?;
            let (query, right) = (question.query, question.right);
            let (token, variables, next) = (self.token.clone(), question.variables.clone(), next.clone());
            tasks.push(tokio::spawn(async move {
                let (mut times, until) = (Vec::new(), Instant::now() + length);
                while Instant::now() < until {
                    // A step that shares no divisor with the list's length walks through all of it without order.
                    let at = next.fetch_add(7_919, Ordering::Relaxed) as usize % variables.len();
                    let body = json!({ "query": query, "variables": variables[at] }).to_string();
                    let begun = Instant::now();
                    let answer = connection.post(Some(&token), &body).await?;
                    times.push(begun.elapsed());
                    ensure!(right(&answer), "not the expected answer: {answer}");
                }
                anyhow::Ok(times)
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await??);
        }
        Ok(all)
    }
}
