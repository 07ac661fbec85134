//! The one engine of all kinds: stage the file, check it as a set, and write the right rows as a set.

use std::sync::Arc;

use documents::sentence;
use domain::ImportsEvent;
use domain::imports::{ImportKind, ImportState, RowError, RowVerdict};
use domain::kernel::Money;
use entities::imports::stage::{self, Level};
use entities::imports::{Batch, batch, row};
use entities::kernel::{Change, Tx};

use super::file::Layout;
use super::{balances, kinds, payments, readings};
use crate::app::App;
use crate::payments::ops::reverse_file;
use crate::platform::Refusal;
use crate::platform::jobs::Handle;
use crate::platform::messages::{Language, Value};

/// Lines that go into the stage at a time.
const CHUNK: i64 = 10_000;

/// Why a file could not be taken, with what its message needs: an answer to a person.
pub type Refused = Refusal;

/// Shows how far a file is: half of the way is reading and checking, half is writing.
pub struct Progress<'a> {
    app: &'a Arc<App>,
    handle: &'a Handle,
    batch: &'a Batch,
}

impl<'a> Progress<'a> {
    pub fn new(app: &'a Arc<App>, handle: &'a Handle, batch: &'a Batch) -> Self {
        Self { app, handle, batch }
    }

    /// Tells everybody at once, outside of the transaction that does the work; fails when somebody asked to stop.
    pub async fn at(&self, done: i64) -> anyhow::Result<()> {
        let total = self.batch.rows_total * 2;
        self.handle.progress(done, total, None).await?;
        let mut tx = Tx::begin(&self.app.db, domain::access::Actor::system("worker")).await?;
        tx.emit(ImportsEvent::Advanced { batch: self.batch.id, done, total });
        tx.commit().await?;
        Ok(())
    }
}

/// Stages the file and checks it: every line has its problems afterwards. With `write`, readings and payments are written on
/// the way, since their own rules write them.
async fn stage_and_check(
    app: &Arc<App>,
    tx: &mut Tx,
    batch: &Batch,
    progress: &Progress<'_>,
    write: bool,
) -> anyhow::Result<Result<(), Refused>> {
    let kind = batch.kind;
    let today = app.clock.today();
    let columns = kinds::staged(kind);
    let layout = Layout::new(kind, &batch.header);
    stage::create(tx, kind, &columns, batch.id, today).await?;

    let open = [
        RowVerdict::Pending,
        RowVerdict::Ok,
        RowVerdict::Warning,
        RowVerdict::Rejected,
        RowVerdict::Duplicate,
    ];
    let (mut last, mut done) = (0, 0);
    loop {
        let lines = row::after(tx, batch.id, last, &open, CHUNK).await?;
        let Some(end) = lines.last() else { break };
        last = end.line;
        done += lines.len() as i64;
        let mut rows = Vec::with_capacity(lines.len());
        let mut problems = Vec::new();
        for line in &lines {
            let (values, wrong) = layout.values(&app.vault, line.line, &line.fields);
            rows.push((line.line, values));
            problems.extend(wrong);
        }
        stage::put(tx, &columns, &rows, &problems).await?;
        progress.at(done / 2).await?;
    }
    if batch.legacy_encoding {
        stage::note_all(tx, RowError::NotUtf8, Level::Warning).await?;
    }
    stage::check(tx, kind).await?;
    progress.at(done).await?;

    match kind {
        ImportKind::Readings => readings::judge(app, tx, batch, progress, write).await,
        _ if kind.needs_totals() => payments::check_totals(tx, batch).await,
        _ => Ok(Ok(())),
    }
}

/// The dry run: a verdict for every line, nothing written to the registers.
pub async fn check(
    app: &Arc<App>,
    tx: &mut Tx,
    batch: &Batch,
    progress: &Progress<'_>,
) -> anyhow::Result<()> {
    let refused = stage_and_check(app, tx, batch, progress, false).await?.err();
    stage::write_verdicts(tx, batch.id).await?;
    batch::recount(tx, batch.id).await?;
    match refused {
        None => batch::set_state(tx, batch.id, ImportState::Checked, None).await?,
        Some(refused) => {
            batch::refuse(tx, batch.id, ImportState::Failed, refused.code, &detail(&refused)).await?
        }
    }
    tx.emit(ImportsEvent::Checked { batch: batch.id });
    Ok(())
}

/// Judges the file anew, for the registers may have moved since the dry run, and writes what is right.
pub async fn commit(
    app: &Arc<App>,
    tx: &mut Tx,
    batch: &Batch,
    progress: &Progress<'_>,
) -> anyhow::Result<Result<(), Refused>> {
    if let Err(refused) = stage_and_check(app, tx, batch, progress, true).await? {
        return Ok(Err(refused));
    }
    stage::write_wrong(tx, batch.id).await?;
    let right = stage::keep_right(tx).await?;
    stage::commit(tx, batch.kind).await?;
    let money = match batch.kind {
        ImportKind::Payments => payments::write(app, tx, batch).await?,
        ImportKind::Balances => balances::write(app, tx, batch).await?,
        _ => Ok(()),
    };
    if let Err(refused) = money {
        return Ok(Err(refused));
    }
    let written = stage::write_committed(tx, batch.id).await?;
    anyhow::ensure!(written as i64 == right, "{right} rows are right but {written} were written");
    batch::recount(tx, batch.id).await?;
    batch::close(tx, batch.id, ImportState::Committed).await?;
    progress.at(batch.rows_total * 2).await?;

    let summary = serde_json::json!({
        "batch": batch.id, "kind": batch.kind, "file": batch.filename, "rows": batch.rows_total, "written": written,
    });
    tx.audit(Change::bulk(batch.kind.code(), "import", summary));
    tx.emit(loaded(batch.kind, written as i64));
    tx.emit(ImportsEvent::Committed { batch: batch.id });
    Ok(Ok(()))
}

/// Takes a batch back as a whole, or says what stands on it.
pub async fn undo(app: &Arc<App>, tx: &mut Tx, batch: &Batch) -> anyhow::Result<Result<(), Refused>> {
    if let Some(stands) = stage::stands(tx, batch.kind, batch.id).await?.first() {
        return Ok(Err(stands_on(stands)));
    }
    if batch.kind == ImportKind::Payments
        && let Err(refused) = reverse_file(tx, batch.id, app.clock.today()).await?
    {
        return Ok(Err(refused));
    }
    stage::undo(tx, batch.kind, batch.id, app.clock.today()).await?;
    batch::recount(tx, batch.id).await?;
    batch::close(tx, batch.id, ImportState::Undone).await?;
    let summary = serde_json::json!({ "batch": batch.id, "kind": batch.kind, "rows": batch.rows_committed });
    tx.audit(Change::bulk(batch.kind.code(), "import_undo", summary));
    tx.emit(loaded(batch.kind, -batch.rows_committed));
    tx.emit(ImportsEvent::Undone { batch: batch.id });
    Ok(Ok(()))
}

/// What keeps a batch.
pub fn stands_on(stands: &stage::Stands) -> Refusal {
    Refusal::new("IMPORT_STANDS")
        .with("what", Value::Code(format!("stands.{}", stands.code)))
        .with("count", stands.count)
}

/// Arguments of a refusal as one text, to be kept with the batch: figures are written as in Russian, which Kazakh shares.
pub fn detail(refused: &Refused) -> String {
    refused.args.iter().map(|(_, value)| value.worded(Language::Ru)).collect::<Vec<_>>().join(" · ")
}

/// Count and sum as people compare them.
pub fn totals(count: i64, tiyn: i64) -> String {
    format!("{} / {}", sentence::number(count.into(), 0), sentence::money(Money::from_tiyn(tiyn)))
}

fn loaded(kind: ImportKind, rows: i64) -> domain::Event {
    use domain::*;
    match kind {
        ImportKind::Premises => PremisesEvent::Loaded { rows }.into(),
        ImportKind::Accounts | ImportKind::Residents => SubscribersEvent::Loaded { rows }.into(),
        ImportKind::Contracts => ContractsEvent::Loaded { rows }.into(),
        ImportKind::Meters => MetersEvent::Loaded { rows }.into(),
        ImportKind::Readings => ReadingsEvent::Loaded { rows }.into(),
        ImportKind::Payments | ImportKind::Balances => PaymentsEvent::Loaded { rows }.into(),
    }
}
