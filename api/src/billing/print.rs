//! Bills of a month for paper: one file, or a package with a file per district. A job in steps of some bills; what a step has
//! typeset is kept, so that a job that was killed goes on where it stood.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use async_graphql::{Enum, InputObject};
use documents::PRESS;
use documents::binder::Binder;
use domain::kernel::*;
use entities::billing::paper::{self, ToPrint};
use entities::kernel::jobs::{self, Job};
use entities::kernel::{Change, Tx, file};
use entities::premises::district;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;

use super::paper::{Letterhead, letterhead, papers};
use crate::app::App;
use crate::payload;
use crate::platform::files::{self, Pieces};
use crate::platform::graphql::Gid;
use crate::platform::jobs::{Behalf, Handle, Work};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

pub const PRINT: &str = "billing.print";

/// Bills of a step: typeset as one document, so that they share their fonts.
const STEP: usize = 50;
/// Steps at work at a time.
const HANDS: usize = 2;

/// How printed bills are packed (упаковка).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub enum BillPackaging {
    /// All in one file of PDF (одним файлом).
    OneFile,
    /// A ZIP with a file of PDF per district (по районам).
    PerDistrict,
}

/// Which bills to print.
#[derive(InputObject)]
pub struct BillsRenderInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Only of these districts; all of the caller's unless said (районы).
    pub districts: Option<Vec<Gid<DistrictId>>>,
    /// In one file or a file per district (упаковка).
    pub packaging: BillPackaging,
}

payload! {
    /// What became of a wish to print (итог запроса печати).
    BillsRenderPayload {
        /// The work in the background: watch it by `jobProgress`, fetch its `file` at the end (задание).
        job: crate::platform::jobs::graph::Job
    }
}

#[derive(Serialize, Deserialize)]
struct Args {
    behalf: Behalf,
    period: Period,
    sector: Sector,
    districts: Option<Vec<i64>>,
    packaging: BillPackaging,
}

/// Queues the print of a month's bills in the caller's scope.
pub async fn start_print(tx: &mut Tx, app: &App, input: BillsRenderInput) -> Outcome<Job> {
    let behalf = Behalf::of(tx.actor());
    let (period, sector, packaging) = (input.period, input.sector, input.packaging);
    if !tx.scope().has_sector(sector) {
        refuse!(Refusal::new("OUT_OF_SCOPE").at("sector"));
    }
    if let Err(missing) = letterhead(&app.db, period.first_day()).await? {
        refuse!(Refusal::new("MISSING_SETTING").with("code", missing.0));
    }
    let districts: Option<Vec<i64>> = input.districts.map(|ids| ids.into_iter().map(|id| id.0.0).collect());
    let found = paper::to_print(&app.db, tx.scope(), period, sector, districts.clone()).await?;
    if found.is_empty() {
        refuse!("NOTHING_TO_PRINT");
    }
    let args = Args { behalf, period, sector, districts, packaging };
    let job = jobs::enqueue(tx, PRINT, &args, None).await?;
    let (kind, content_type) = match packaging {
        BillPackaging::OneFile => ("pdf", "application/pdf"),
        BillPackaging::PerDistrict => ("zip", "application/zip"),
    };
    let name = format!("bills-{period}-{sector}.{kind}");
    files::reserve(tx, job, &name, content_type, app.clock.now()).await?;
    let said = serde_json::json!({ "period": period, "sector": sector, "bills": found.len(), "job": job });
    tx.audit(Change::bulk("bill", "printed", said));
    let Some(row) = jobs::find(tx, job.0).await? else { refuse!("CONFLICT") };
    Ok(Ok(row))
}

/// What a job will print, fixed at its first try: later ones must cut it into the same steps.
#[derive(Serialize, Deserialize)]
struct Plan {
    /// District and its bills, in the order of the file; one entry without a district for one file.
    volumes: Vec<(Option<i64>, Vec<i64>)>,
}

impl Plan {
    fn of(found: Vec<ToPrint>, packaging: BillPackaging) -> Self {
        let mut volumes: Vec<(Option<i64>, Vec<i64>)> = Vec::new();
        for bill in found {
            let of = (packaging == BillPackaging::PerDistrict).then_some(bill.district_id);
            match volumes.last_mut().filter(|(last, _)| *last == of) {
                Some((_, bills)) => bills.push(bill.id),
                None => volumes.push((of, vec![bill.id])),
            }
        }
        Self { volumes }
    }

    /// Steps with their numbers: the plan itself is draft 0. A step never crosses from one volume into another.
    fn steps(&self) -> Vec<(i32, Vec<i64>)> {
        let steps = self.volumes.iter().flat_map(|(_, bills)| bills.chunks(STEP));
        steps.enumerate().map(|(at, bills)| (at as i32 + 1, bills.to_vec())).collect()
    }

    fn bills(&self) -> i64 {
        self.volumes.iter().map(|(_, bills)| bills.len() as i64).sum()
    }
}

/// Prints; killed and taken again, it goes on where it stood.
pub struct PrintBills;

#[async_trait::async_trait]
impl Work for PrintBills {
    fn kind(&self) -> &'static str {
        PRINT
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: Args = serde_json::from_value(job.args.clone())?;
        let file = files::of_job(app, job).await?.id;
        let plan = match file::part(&app.db, file, true, 0).await? {
            Some(kept) => serde_json::from_slice(&kept)?,
            None => {
                let scope = args.behalf.actor().scope;
                let found =
                    paper::to_print(&app.db, &scope, args.period, args.sector, args.districts.clone())
                        .await?;
                let plan = Plan::of(found, args.packaging);
                file::put(&app.db, file, true, 0, serde_json::to_vec(&plan)?).await?;
                plan
            }
        };
        typeset(app, &args, file, &plan, handle).await?;
        let pieces = Pieces::begin(app, file).await?;
        bind(app, &args, file, &plan, pieces).await?;
        handle.progress(plan.bills(), plan.bills(), None).await
    }
}

/// Every step that is not there yet.
async fn typeset(
    app: &Arc<App>,
    args: &Args,
    file: FileId,
    plan: &Plan,
    handle: &Handle,
) -> anyhow::Result<()> {
    let head = letterhead(&app.db, args.period.first_day()).await??;
    let there = file::drafts(&app.db, file).await?;
    let (done, todo): (Vec<_>, Vec<_>) = plan.steps().into_iter().partition(|(at, _)| there.contains(at));
    let mut finished: i64 = done.iter().map(|(_, bills)| bills.len() as i64).sum();
    handle.progress(finished, plan.bills(), None).await?;
    let head = Arc::new(head);
    let mut steps = stream::iter(todo)
        .map(|(at, bills)| step(app.clone(), head.clone(), file, at, bills))
        .buffer_unordered(HANDS);
    while let Some(bills) = steps.try_next().await? {
        finished += bills;
        handle.progress(finished, plan.bills(), None).await?;
    }
    Ok(())
}

/// Typesets some bills and keeps their pages.
async fn step(
    app: Arc<App>,
    head: Arc<Letterhead>,
    file: FileId,
    at: i32,
    bills: Vec<i64>,
) -> anyhow::Result<i64> {
    let papers = papers(&app, &head, &bills).await?;
    let sheaf = tokio::task::spawn_blocking(move || PRESS.sheaf(&papers)).await??;
    file::put(&app.db, file, true, at, sheaf).await?;
    Ok(bills.len() as i64)
}

/// The steps as the file that was asked for.
async fn bind(
    app: &Arc<App>,
    args: &Args,
    file: FileId,
    plan: &Plan,
    mut pieces: Pieces<'_>,
) -> anyhow::Result<()> {
    let out = Shared::default();
    let mut package = zip::ZipWriter::new_stream(out.clone());
    let names: HashMap<i64, String> =
        district::all(&app.db).await?.into_iter().map(|row| (row.id.0, row.code)).collect();
    let mut at = 0;
    for (district, bills) in &plan.volumes {
        let packed = district.is_some();
        if let Some(id) = district {
            let code = names.get(id).cloned().unwrap_or_else(|| id.to_string());
            let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
            package.start_file(format!("{}-{}-{code}.pdf", args.period, args.sector), options)?;
        }
        let (mut binder, head) = Binder::new();
        let mut text = head;
        for _ in bills.chunks(STEP) {
            at += 1;
            let sheaf = file::part(&app.db, file, true, at).await?;
            let sheaf = sheaf.ok_or_else(|| anyhow::anyhow!("step {at} is gone"))?;
            text.extend(binder.add(&sheaf)?);
            send(&mut package, &out, &mut pieces, std::mem::take(&mut text), packed).await?;
        }
        let end = binder.finish(&format!("Шоттар / Счета {}", args.period));
        send(&mut package, &out, &mut pieces, end, packed).await?;
    }
    if plan.volumes.iter().any(|(district, _)| district.is_some()) {
        package.finish()?;
        pieces.write(&out.take()).await?;
    }
    pieces.finish(args.behalf.actor()).await?;
    Ok(())
}

async fn send(
    package: &mut zip::ZipWriter<zip::write::StreamWriter<Shared>>,
    out: &Shared,
    pieces: &mut Pieces<'_>,
    bytes: Vec<u8>,
    packed: bool,
) -> anyhow::Result<()> {
    if packed {
        package.write_all(&bytes)?;
        pieces.write(&out.take()).await?;
    } else {
        pieces.write(&bytes).await?;
    }
    Ok(())
}

/// What the package has written and nobody has taken yet.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().expect("nobody panics while writing to memory"))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics while writing to memory").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
