//! Takes readings of any channel and answers at once what became of each.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::ReadingsEvent;
use domain::kernel::*;
use domain::readings::{Channel, Verdict};
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading, Same};
use uuid::Uuid;

use super::{Incoming, Intake, Judged, reload_many};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Readings of one call: what a gateway collects from a house.
pub const MOST: usize = 500;

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
    /// The last one of who leaves.
    pub closing: bool,
}

/// What became of one reading: its row as it is now, or why there is none.
pub type Answer = Result<Reading, Refusal>;

/// Every reading is kept with its verdict, a rejected one too; the same one again gives the same row.
pub async fn submit(tx: &mut Tx, today: NaiveDate, cmd: Submit) -> Outcome<Reading> {
    let answers = match submit_many(tx, today, vec![cmd]).await? {
        Ok(answers) => answers,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(answers.into_iter().next().expect("one answer to one reading"))
}

/// The same of many, as if they came one after another; one answer each, in their order. The statements do not grow with the
/// number of points: only a second reading of one point, which stands on the first, goes round once more.
pub async fn submit_many(tx: &mut Tx, today: NaiveDate, cmds: Vec<Submit>) -> Outcome<Vec<Answer>> {
    if cmds.len() > MOST {
        refuse!(Refusal::new("TOO_MANY_READINGS").at("readings").with("most", MOST));
    }
    let mut answers: Vec<Option<Answer>> = vec![None; cmds.len()];
    let mut written = false;
    for round in rounds(&cmds) {
        match take(tx, today, round.iter().map(|&at| &cmds[at]).collect()).await? {
            Ok((found, new)) => {
                written |= new;
                round.into_iter().zip(found).for_each(|(at, answer)| answers[at] = Some(answer));
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if !written {
        tx.nothing_new("no reading that was not known");
    }
    Ok(Ok(answers.into_iter().flatten().collect()))
}

/// Which go together: no point and no key twice, the order of each kept.
fn rounds(cmds: &[Submit]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let (mut points, mut keys) = (HashMap::<PointId, usize>::new(), HashMap::<Uuid, usize>::new());
    for (at, cmd) in cmds.iter().enumerate() {
        let of_point = points.entry(cmd.point).or_default();
        let own = cmd.client_ref.map_or(*of_point, |key| (*of_point).max(*keys.entry(key).or_default()));
        *of_point = own + 1;
        if let Some(key) = cmd.client_ref {
            keys.insert(key, own + 1);
        }
        if rounds.len() <= own {
            rounds.resize_with(own + 1, Vec::new);
        }
        rounds[own].push(at);
    }
    rounds
}

/// One round; whether anything was written.
async fn take(tx: &mut Tx, today: NaiveDate, cmds: Vec<&Submit>) -> Outcome<(Vec<Answer>, bool)> {
    let incoming: Vec<Incoming> = cmds
        .iter()
        .map(|cmd| Incoming {
            point: cmd.point,
            day: cmd.day,
            value: cmd.value,
            channel: cmd.channel,
            client_ref: cmd.client_ref,
            import: None,
            closing: cmd.closing,
        })
        .collect();
    let ids = readings::next_ids(tx, incoming.len()).await?;
    let mut intake = Intake::open(tx, today).await?;
    let judged = match intake.judge(tx, &incoming, &ids).await? {
        Ok(judged) => judged,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.0)),
    };
    let asked: Vec<Same> = cmds
        .iter()
        .map(|cmd| Same {
            point: cmd.point,
            day: cmd.day,
            value: cmd.value,
            channel: cmd.channel,
            client_ref: cmd.client_ref,
        })
        .collect();
    let known = readings::same(tx, &asked).await?;

    let mut answers: Vec<Option<Answer>> = Vec::with_capacity(cmds.len());
    let mut rows = Vec::new();
    for (at, (judged, known)) in judged.into_iter().zip(known).enumerate() {
        let answer = settled(cmds[at], judged.as_ref(), known);
        if let (None, Some(judged)) = (&answer, judged) {
            rows.push(judged.row(ids[at], &incoming[at]));
        }
        answers.push(answer);
    }
    let mut fresh = HashMap::new();
    if !rows.is_empty() {
        readings::insert(tx, &rows).await?;
        readings::supersede(tx, &rows).await?;
        fresh = reload_many(tx, rows.iter().map(|row| row.id).collect()).await?;
    }
    let mut all = Vec::with_capacity(answers.len());
    for (answer, id) in answers.into_iter().zip(&ids) {
        if let Some(answer) = answer {
            all.push(answer);
            continue;
        }
        let reading = fresh.remove(id).expect("every row written was read again");
        tx.audit(Change::new("reading", *id, "submit").after(&reading));
        tx.emit(ReadingsEvent::Taken {
            reading: *id,
            account: reading.account_id,
            verdict: reading.verdict.code().to_owned(),
        });
        all.push(Ok(reading));
    }
    Ok(Ok((all, !rows.is_empty())))
}

/// The answer to a reading that is not written: refused, or known already.
fn settled(cmd: &Submit, judged: Option<&Judged>, known: Option<Reading>) -> Option<Answer> {
    let refused = |code, field| Some(Err(Refusal::new(code).at(field)));
    let Some(judged) = judged else { return refused("POINT_NOT_FOUND", "pointId") };
    if judged.place.account_id.is_none() && !judged.place.whole_building {
        return refused("POINT_WITHOUT_ACCOUNT", "pointId");
    }
    if cmd.account.is_some() && cmd.account != judged.place.account_id {
        return refused("POINT_NOT_FOUND", "pointId");
    }
    let known = known?;
    if (known.point_id, known.taken_on, known.liters) != (cmd.point, cmd.day, cmd.value) {
        return refused("IDEMPOTENCY_CONFLICT", "clientRef");
    }
    // A rejected one may be sent again: only when nothing changed since is it the same answer.
    let reasons: Vec<&str> = judged.judgement.reasons.iter().map(|reason| reason.code()).collect();
    let as_before = judged.judgement.verdict == Verdict::Rejected && known.reasons == reasons;
    (known.verdict != Verdict::Rejected || as_before).then_some(Ok(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_and_a_key_come_once_in_a_round() {
        let cmd = |point, key: Option<u128>| Submit {
            account: None,
            point: PointId(point),
            value: Volume::from_liters(1),
            day: NaiveDate::default(),
            channel: Channel::Telemetry,
            client_ref: key.map(Uuid::from_u128),
            closing: false,
        };
        assert_eq!(rounds(&[cmd(1, None), cmd(2, None), cmd(3, None)]), [vec![0, 1, 2]]);
        assert_eq!(rounds(&[cmd(1, None), cmd(1, None), cmd(2, None)]), [vec![0, 2], vec![1]]);
        assert_eq!(rounds(&[cmd(1, Some(7)), cmd(2, Some(7)), cmd(2, None)]), [vec![0], vec![1], vec![2]]);
        assert_eq!(rounds(&[]), [] as [Vec<usize>; 0]);
    }
}
