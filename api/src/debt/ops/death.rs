use chrono::{Days, NaiveDate};
use domain::kernel::*;
use entities::debt::penalty::NewMoratorium;
use entities::kernel::Tx;
use entities::subscribers::party;
use entities::tariffs;

use super::record_moratorium;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse, subscribers};

/// Registers a death. Accounts go over to the estate, and from the day of death penalty rests on them for as long as the setting of
/// that day says; the next accrual takes back what was accrued meanwhile.
pub async fn register_death(
    tx: &mut Tx,
    person: PartyId,
    day: NaiveDate,
    document: DocumentId,
    clock: &Clock,
) -> Outcome<party::Model> {
    let done = subscribers::ops::register_death(tx, person, day, document, clock.today()).await?;
    let (party, accounts) = allow!(done);
    let book = tariffs::book_of(tx, Period::of(day), clock.now()).await?;
    let days = match book.methods.debt.estate_rest_days(day) {
        Ok(days) => days,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    if days == 0 {
        return Ok(Ok(party));
    }
    for account in accounts {
        let rest = NewMoratorium {
            sector: None,
            group: None,
            account: Some(account.id),
            from: day,
            to: Some(day + Days::new(u64::from(days))),
            reason: "смерть абонента / абоненттің қайтыс болуы".to_owned(),
            document,
        };
        allow!(record_moratorium(tx, rest).await?);
    }
    Ok(Ok(party))
}
