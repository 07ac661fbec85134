//! Staged readings before the one rule of all channels.

use std::sync::Arc;

use domain::readings::{Channel, Verdict};
use entities::imports::Batch;
use entities::imports::stage::{self, Level, Problem};
use entities::kernel::Tx;
use entities::readings as rows;

use super::engine::{Progress, Refused};
use crate::app::App;
use crate::readings::ops::{Incoming, Intake};

/// Readings judged at a time: bounds the memory, the accepted ones are remembered between.
const CHUNK: i64 = 25_000;

/// Judges every staged reading in the order of the file. With `write`, each becomes a row, a rejected one too: nothing that
/// came in is dropped.
pub async fn judge(
    app: &Arc<App>,
    tx: &mut Tx,
    batch: &Batch,
    progress: &Progress<'_>,
    write: bool,
) -> anyhow::Result<Result<(), Refused>> {
    let mut intake = Intake::open(tx, app.clock.today()).await?;
    let (mut last, mut done) = (0, 0);
    loop {
        let staged = stage::readings(tx, last, CHUNK).await?;
        let Some(end) = staged.last() else { return Ok(Ok(())) };
        last = end.line;
        done += staged.len() as i64;

        let incoming: Vec<Incoming> = staged
            .iter()
            .map(|row| Incoming {
                point: row.point_id,
                day: row.day,
                value: row.value_m3,
                channel: row.channel.as_deref().and_then(Channel::from_code).unwrap_or(Channel::Import),
                client_ref: None,
                import: Some((batch.id, row.line)),
                closing: false,
            })
            .collect();
        let ids = rows::next_ids(tx, incoming.len()).await?;
        let judged = match intake.judge(tx, &incoming, &ids).await? {
            Ok(judged) => judged,
            Err(missing) => return Ok(Err(Refused::new("IMPORT_SETTING_MISSING").with("detail", missing.0))),
        };

        let mut problems = Vec::new();
        let mut written = Vec::with_capacity(incoming.len());
        for ((reading, id), judged) in incoming.iter().zip(ids).zip(judged) {
            let Some(judged) = judged else { continue };
            let line = reading.import.map_or(0, |(_, line)| line);
            let level =
                if judged.judgement.verdict == Verdict::Rejected { Level::Rejected } else { Level::Warning };
            problems.extend(judged.judgement.reasons.iter().map(|reason| Problem {
                line,
                code: format!("READING_{}", reason.code().to_uppercase()).into(),
                column: "value_m3",
                level,
            }));
            written.push(judged.row(id, reading));
        }
        stage::note(tx, &problems).await?;
        if write {
            rows::insert(tx, &written).await?;
            rows::supersede(tx, &written).await?;
            let lines = written.iter().filter_map(|row| row.import.map(|(_, line)| line)).collect();
            stage::became(tx, lines, written.iter().map(|row| row.id.0).collect()).await?;
        }
        progress.at(batch.rows_total + done).await?;
    }
}
