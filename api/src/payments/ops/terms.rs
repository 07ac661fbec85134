//! A channel's terms of reconciliation, and the alarms of files that did not come by the hour.

use chrono::{Days, NaiveDate};
use domain::PaymentsEvent;
use domain::access::Actor;
use domain::kernel::*;
use domain::payments::{DayState, WrongLayout};
use entities::kernel::{Broken, Change, Tx, jobs};
use entities::payments::terms::{self, NewTerms, RegistryTerms};
use entities::payments::{channel, registry};

use super::statement::wall;
use crate::app::App;
use crate::payments::jobs::{WATCH, WatchArgs};
use crate::platform::messages::{self, Language};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Between two looks, in seconds.
const PAUSE: i32 = 600;
/// How far back a file may still be missed.
const DAYS_BACK: u64 = 14;

/// Sets them, and has somebody look for late files from then on.
pub async fn set_terms(tx: &mut Tx, new: NewTerms) -> Outcome<RegistryTerms> {
    if let Err(wrong) = new.layout.check() {
        refuse!(match wrong {
            WrongLayout::Separator => Refusal::new("LAYOUT_SEPARATOR").at("separator"),
            WrongLayout::Total => Refusal::new("LAYOUT_TOTAL").at("total"),
            WrongLayout::Missing(column) => {
                Refusal::new("LAYOUT_MISSING").at("columns").with("column", column.code())
            }
            WrongLayout::Twice(column) => {
                Refusal::new("LAYOUT_TWICE").at("columns").with("column", column.code())
            }
        });
    }
    if channel::find(tx, new.channel.0).await?.is_none() {
        refuse!(Refusal::new("NOT_FOUND").at("channelId"));
    }
    let before = terms::find(tx, new.channel).await?;
    if terms::set(tx, &new).await? == 0 {
        refuse!("CONFLICT");
    }
    let after = terms::find(tx, new.channel).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("registry_terms", new.channel, "set").before(&before).after(&after));
    tx.emit(PaymentsEvent::TermsChanged { channel: new.channel });
    jobs::enqueue(tx, WATCH, &WatchArgs {}, Some("now")).await?;
    Ok(Ok(after))
}

/// Somebody has told the agent that his file is missing.
pub async fn see_alarm(tx: &mut Tx, channel: ChannelId, business: NaiveDate) -> Outcome<()> {
    if terms::see_alarm(tx, channel, business).await? == 0 {
        refuse!(Refusal::new("NOT_FOUND").at("businessDate"));
    }
    tx.audit(
        Change::new("registry_terms", channel, "seen").after(serde_json::json!({ "businessDate": business })),
    );
    tx.emit(PaymentsEvent::RegistryLate { channel });
    Ok(Ok(()))
}

/// Raises an alarm for every day whose file is late, once; how many are new. Whoever is named in the terms gets a letter.
pub async fn watch(app: &App) -> Result<usize, Broken> {
    let (today, now) = (app.clock.today(), wall(&app.clock));
    let first = today.checked_sub_days(Days::new(DAYS_BACK)).unwrap_or(today);
    let (mut raised, mut letters) = (0, Vec::new());
    for terms in terms::all(&app.db).await? {
        let channel = ChannelId(terms.channel_id);
        for row in registry::days(&app.db, first, today, Some(channel)).await? {
            if row.day().state(&terms.terms(), row.day, now) != DayState::NoFile {
                continue;
            }
            let contact_by = terms.terms().contact_by(row.day);
            let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
            if !terms::raise(&tx, channel, row.day, contact_by).await? {
                tx.rollback().await?;
                continue;
            }
            tx.audit(Change::new("registry_terms", channel, "late").after(serde_json::json!({
                "channel": terms.channel, "businessDate": row.day, "payments": row.ours_count, "contactBy": contact_by,
            })));
            tx.emit(PaymentsEvent::RegistryLate { channel });
            tx.commit().await?;
            raised += 1;
            letters.extend(terms.alarm_to.clone().map(|to| (to, terms.channel.clone(), row.day, contact_by)));
        }
    }
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    // Looks that somebody has begun beside one another become one with the next.
    let next = app.clock.now().timestamp() / i64::from(PAUSE) + 1;
    jobs::enqueue_later(&mut tx, WATCH, &WatchArgs {}, &next.to_string(), PAUSE).await?;
    tx.commit_silently("the next look").await?;
    for (to, channel, day, contact_by) in letters {
        let args = [
            ("channel", channel),
            ("day", messages::day(Language::Ru, &day.to_string())),
            ("by", contact_by.format("%d.%m %H:%M").to_string()),
        ];
        let subject = messages::text(Language::Ru, "REGISTRY_LATE_SUBJECT", &args);
        let body = messages::text(Language::Ru, "REGISTRY_LATE_BODY", &args);
        if let Err(error) = app.ports.mail.send(&to, &subject, &body).await {
            tracing::warn!(error = %error, "a letter about a late registry was not sent");
        }
    }
    Ok(raised)
}
