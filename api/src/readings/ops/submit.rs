//! Takes one reading of any channel and answers at once what became of it.

use chrono::NaiveDate;
use domain::ReadingsEvent;
use domain::kernel::*;
use domain::readings::{Channel, Verdict};
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading};
use uuid::Uuid;

use super::{Incoming, Intake, reload};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

#[derive(Debug, Clone)]
pub struct Submit {
    /// When given, the point must be this account's.
    pub account: Option<AccountId>,
    pub point: PointId,
    pub value: Volume,
    pub day: NaiveDate,
    pub channel: Channel,
    /// The sender's own key: the same key again is the same reading.
    pub client_ref: Option<Uuid>,
}

/// Every reading is kept with its verdict, a rejected one too; the same one again gives the same row.
pub async fn submit(tx: &mut Tx, today: NaiveDate, cmd: Submit) -> Outcome<Reading> {
    let id = readings::next_ids(tx, 1).await?[0];
    let incoming = Incoming {
        point: cmd.point,
        day: cmd.day,
        value: cmd.value,
        channel: cmd.channel,
        client_ref: cmd.client_ref,
        import: None,
    };
    let mut intake = Intake::open(tx, today).await?;
    let judged = match intake.judge(tx, std::slice::from_ref(&incoming), &[id]).await? {
        Ok(answers) => answers.into_iter().next().flatten(),
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.0)),
    };
    let Some(judged) = judged else { refuse!(Refusal::new("POINT_NOT_FOUND").at("pointId")) };
    if judged.place.account_id.is_none() && !judged.place.whole_building {
        refuse!(Refusal::new("POINT_WITHOUT_ACCOUNT").at("pointId"));
    }
    if cmd.account.is_some() && cmd.account != judged.place.account_id {
        refuse!(Refusal::new("POINT_NOT_FOUND").at("pointId"));
    }

    let known = readings::same(tx, cmd.point, cmd.day, cmd.value, cmd.channel, cmd.client_ref).await?;
    if let Some(known) = known {
        if (known.taken_on, known.liters) != (cmd.day, cmd.value) {
            refuse!(Refusal::new("IDEMPOTENCY_CONFLICT").at("clientRef"));
        }
        // A rejected one may be sent again: only when nothing changed since is it the same answer.
        let reasons: Vec<&str> = judged.judgement.reasons.iter().map(|reason| reason.code()).collect();
        let as_before = judged.judgement.verdict == Verdict::Rejected && known.reasons == reasons;
        if known.verdict != Verdict::Rejected || as_before {
            tx.nothing_new("the same reading again");
            return Ok(Ok(known));
        }
    }

    let row = judged.row(id, &incoming);
    readings::insert(tx, std::slice::from_ref(&row)).await?;
    readings::supersede(tx, std::slice::from_ref(&row)).await?;
    let reading = reload(tx, id).await?;
    tx.audit(Change::new("reading", id, "submit").after(&reading));
    tx.emit(ReadingsEvent::Taken {
        reading: id,
        account: reading.account_id,
        verdict: reading.verdict.code().to_owned(),
    });
    Ok(Ok(reading))
}
