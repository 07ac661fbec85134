//! `aiscra bench sockets`: a thousand sockets over graphql-transport-ws hear of one fact, from its commit until the last has it,
//! against a bare Node `ws` server that sends the same message to as many clients. The same program listens to both.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use domain::access::Actor;
use domain::kernel::{PointId, Volume};
use domain::readings::Channel;
use entities::kernel::Tx;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::figures::{cpu, ms};
use super::server::Server;
use super::{city, median};
use crate::app::App;
use crate::readings::ops::{Submit, submit};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city, each with a year of bills
    #[arg(long, default_value_t = 2_000)]
    accounts: u64,
    /// Sockets that listen
    #[arg(long, default_value_t = 1_000)]
    sockets: u64,
    /// Facts of each measurement; product and peer take turns
    #[arg(long, default_value_t = 9)]
    repeats: usize,
    /// The script of both programs on Node; it needs `npm ci`
    #[arg(long, default_value = "tests/load/sockets.mjs")]
    script: PathBuf,
}

/// What is listened to: whether it begins with a first event, and the document.
const HEARD: [(&str, bool, &str); 2] = [
    ("events", false, "subscription { events(topics: [\"readings\"]) { cursor topic name at accountId } }"),
    (
        "picture",
        true,
        "subscription { cityPicture { period today
            sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
            parts { district { id name { kk ru en } } sector
                sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected } }
            months { period charged paid } ages { months owed } } }",
    ),
];
/// Between two facts, so that each is heard by itself.
const PAUSE: Duration = Duration::from_millis(600);

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 12).await?;
    let server = Server::start(&app, "auditor", None).await?;
    // The facts: a reading each. The first of a measurement warms up and tells how long a message is.
    let facts = HEARD.len() * (args.repeats + 1);
    let points = entities::bench::metered_points(&app.db, facts as i64).await?;
    ensure!(points.len() == facts, "the city has only {} points with a meter", points.len());
    let mut points = points.into_iter();

    let mut say = Node::start(&args.script, &["say".into()])?;
    let bare = say.hear("url").await?.as_str().context("no address")?.to_owned();
    for (what, shows, document) in HEARD {
        let hello = json!({
            "init": { "authorization": server.authorization() }, "subscribe": { "query": document }, "shows": shows,
        });
        let count = args.sockets.to_string();
        let ours = format!("ws://{}/graphql/ws", server.address);
        let mut product =
            Node::start(&args.script, &["hear".into(), ours, count.clone(), hello.to_string()])?;
        product.hear("ready").await?;
        let mut peer = Node::start(&args.script, &["hear".into(), bare.clone(), count])?;
        peer.hear("ready").await?;

        let mut fact = async || -> anyhow::Result<(Duration, String)> {
            let (point, liters) = points.next().context("a point for each fact")?;
            tokio::time::sleep(PAUSE).await;
            let begun = tell(&app, point, liters + 1_000).await?;
            let text = product.hear("text").await?;
            Ok((begun.elapsed(), text.as_str().context("no text")?.to_owned()))
        };
        let (_, message) = fact().await?;
        let (mut by_product, mut by_peer, mut used) = (Vec::new(), Vec::new(), Duration::ZERO);
        for _ in 0..args.repeats {
            let before = cpu(server.pid()?);
            by_product.push(fact().await?.0);
            used += cpu(server.pid()?) - before;
            let begun = Instant::now();
            say.say(&message).await?;
            peer.hear("text").await?;
            by_peer.push(begun.elapsed());
        }
        let (slowest, repeats) = (by_product.iter().max().copied().unwrap_or_default(), args.repeats as f64);
        let (ours, bare) = (median(by_product), median(by_peer));
        println!(
            "{what:8} {:8.1} ms until the last of {} has it, slowest {:.1} ms  CPU of the server {:.1} ms",
            ms(ours),
            args.sockets,
            ms(slowest),
            ms(used) / repeats
        );
        println!("Node ws  {:8.1} ms  the same {} bytes", ms(bare), message.len());
        println!("ratio    {:8.2}", ms(ours) / ms(bare));
    }
    println!(
        "A picture waits 250 ms for other facts of the moment before it is drawn: it is part of its time."
    );
    Ok(())
}

/// One reading comes in; when it was committed.
async fn tell(app: &Arc<App>, point: PointId, liters: i64) -> anyhow::Result<Instant> {
    let mut tx = Tx::begin(&app.db, Actor::system("bench")).await?;
    let today = app.clock.today();
    let reading = Submit {
        account: None,
        point,
        value: Volume::from_liters(liters),
        day: today,
        channel: Channel::Telemetry,
        client_ref: None,
        closing: false,
    };
    let taken = submit(&mut tx, today, reading).await?;
    taken.map_err(|refusal| anyhow!("the reading was refused: {refusal:?}"))?;
    let begun = Instant::now();
    tx.commit().await?;
    Ok(begun)
}

/// A program on Node that tells what happens as lines of JSON.
struct Node {
    _child: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Node {
    fn start(script: &std::path::Path, args: &[String]) -> anyhow::Result<Self> {
        let mut child = Command::new("node")
            .arg(script)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node is needed for this measurement")?;
        let to = child.stdin.take().context("no stdin")?;
        let from = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        Ok(Self { _child: child, to, from })
    }

    async fn say(&mut self, line: &str) -> anyhow::Result<()> {
        Ok(self.to.write_all(format!("{line}\n").as_bytes()).await?)
    }

    /// The value that the next line has under this name.
    async fn hear(&mut self, name: &str) -> anyhow::Result<Value> {
        let line = tokio::time::timeout(Duration::from_secs(120), self.from.next_line()).await;
        let line = line.context("nothing was heard")??.context("the program on Node ended")?;
        let mut told: Value = serde_json::from_str(&line)?;
        ensure!(!told[name].is_null(), "not what was waited for: {line}");
        Ok(told[name].take())
    }
}
