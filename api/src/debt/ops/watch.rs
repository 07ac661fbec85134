//! What time and payments bring about by themselves: campaigns give and take back, warnings end, plans break or are done, claims are
//! paid.

use domain::DebtEvent;
use domain::access::Actor;
use domain::kernel::*;
use entities::debt::{campaign, notice};
use entities::kernel::jobs;
use entities::kernel::{Change, Result, Tx};
use serde_json::json;

use crate::allow;
use crate::app::App;
use crate::debt::jobs::{WATCH, WatchArgs};
use crate::platform::Outcome;

/// Between two looks.
const HOUR: i32 = 3_600;

/// Has somebody look now, and from then on every hour.
pub async fn begin_watch(tx: &mut Tx) -> Result<JobId> {
    jobs::enqueue(tx, WATCH, &WatchArgs {}, Some("now")).await
}

pub async fn watch(app: &App) -> Outcome<()> {
    let (db, today, now) = (&app.db, app.clock.today(), app.clock.now());
    let actor = || Actor::system("debt");

    // Before anybody is given anything: who has paid anew meanwhile keeps what he was given. Money goes back after a campaign's end too.
    for row in campaign::that_gave(db).await? {
        let mut after = 0;
        loop {
            let mut tx = Tx::begin(db, actor()).await?;
            let last = allow!(super::take_gift_back(&mut tx, &row, after, today, now).await?);
            tx.commit().await?;
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
    }

    // What a campaign gives is owed no more: whether a warning is over is seen after it.
    for row in campaign::started(db).await? {
        let mut after = 0;
        loop {
            let mut tx = Tx::begin(db, actor()).await?;
            let last = allow!(super::give(&mut tx, &row, after, today, now).await?);
            tx.commit().await?;
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
    }

    let mut tx = Tx::begin(db, actor()).await?;
    let ended = notice::settle(&tx, today).await?;
    if ended > 0 {
        tx.audit(Change::bulk("notice", "settled", json!({ "count": ended })));
        tx.emit(DebtEvent::Noticed { rows: ended as i64 });
    } else {
        tx.nothing_new("no warning came to its end");
    }
    tx.commit().await?;

    let mut tx = Tx::begin(db, actor()).await?;
    if super::plan::look_at_plans(&mut tx, today, now).await? == 0 {
        tx.nothing_new("every plan is where it was");
    }
    tx.commit().await?;

    let mut tx = Tx::begin(db, actor()).await?;
    if super::close_claims(&mut tx, today, now).await? == 0 {
        tx.nothing_new("every claim has something left");
    }
    tx.commit().await?;

    let mut tx = Tx::begin(db, actor()).await?;
    let next = app.clock.now() + chrono::Duration::seconds(i64::from(HOUR));
    jobs::enqueue_later(&mut tx, WATCH, &WatchArgs {}, &next.format("%Y-%m-%dT%H").to_string(), HOUR).await?;
    tx.commit_silently("the next look").await?;
    Ok(Ok(()))
}
