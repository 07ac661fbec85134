//! What the law hands on whole: an account goes over to an estate, or to heirs, with all that is owed.

use chrono::{DateTime, NaiveDate, Utc};
use domain::SubscribersEvent;
use domain::kernel::*;
use domain::subscribers::{Fraction, make_up};
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::subscribers::account;
use entities::subscribers::holder::{self, HOLDERS};
use entities::subscribers::owner::{self, OWNERS};
use entities::subscribers::party;
use serde_json::json;

use super::move_in::contract_follows;
use super::{end_access, keep_party, locked, open_day, particulars, unchanged};
use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::{HeirsEnterInput, OwnersRecordInput, ShareInput};
use crate::{allow, refuse};

/// Owners of one account.
pub const MOST_OWNERS: usize = 50;

/// Registers a death: the person's accounts go on in the name of the estate, the cabinet is closed. Gives the accounts, each with the
/// day from which the estate holds it: that of the death, or the first one that no closed month covers.
pub async fn register_death(
    tx: &mut Tx,
    person: PartyId,
    day: NaiveDate,
    document: DocumentId,
    today: NaiveDate,
) -> Outcome<(party::Model, Vec<account::Model>)> {
    let Some(before) = party::lock(tx, person).await? else {
        refuse!(Refusal::new("NO_SUCH_PERSON").at("personId"));
    };
    if before.erased_at.is_some() || before.estate_of.is_some() {
        refuse!(Refusal::new("NO_SUCH_PERSON").at("personId"));
    }
    if before.kind != domain::subscribers::PartyKind::Person {
        refuse!(Refusal::new("NO_SUCH_PERSON").at("personId"));
    }
    if before.died_on.is_some() {
        refuse!(Refusal::new("DEATH_KNOWN").at("personId"));
    }
    if day > today {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    let after = allow!(unless(party::died(tx, &before, day, document.0).await, &[])?);
    let estate = party::estate(tx, &after).await?;
    let at = bitemporal::moment(tx).await?;
    let mut accounts = Vec::new();
    for held in holder::held_from(tx, person, day).await? {
        let account = allow!(locked(tx, held.account_id).await?);
        let from = match bitemporal::first_open_day(tx, Some(account.sector)).await? {
            Some(first) => held.from.max(first),
            None => held.from,
        };
        allow!(hand_over(tx, &account, &estate, (from, Some(held.sees_from)), document, at).await?);
        for share in owner::on(tx, from, vec![account.id]).await? {
            if share.party_id == person {
                allow!(replace_owner(tx, account.id, &share, estate.id, from, document, at).await?);
            }
        }
        accounts.push(account);
    }
    tx.audit(Change::new("party", person, "died").document(Some(document.0)));
    tx.emit(SubscribersEvent::PersonDied { person });
    Ok(Ok((after, accounts)))
}

/// Another holder from a day on, who stands where the one before stood: points, residents and debt stay.
async fn hand_over(
    tx: &mut Tx,
    account: &account::Model,
    to: &party::Model,
    (day, sees_from): (NaiveDate, Option<NaiveDate>),
    document: DocumentId,
    at: DateTime<Utc>,
) -> Outcome<()> {
    HOLDERS.end(tx, [account.id.0.into()], day, at).await?;
    let by = tx.actor().label.clone();
    let said = [account.id.0.into(), to.id.0.into(), by.into(), Some(document.0).into(), sees_from.into()];
    allow!(unless(HOLDERS.record(tx, said, day, None, at).await, &[])?);
    allow!(contract_follows(tx, account, to, None, (day, Some(document)), at).await?);
    end_access(tx, account.id).await?;
    let after = json!({ "date": day, "holder": to.id });
    tx.audit(Change::new("account", account.id, "succeeded").after(after).document(Some(document.0)));
    tx.emit(SubscribersEvent::Succeeded { account: account.id });
    Ok(Ok(()))
}

/// The same share in another name.
async fn replace_owner(
    tx: &mut Tx,
    account: AccountId,
    share: &owner::Owner,
    to: PartyId,
    day: NaiveDate,
    document: DocumentId,
    at: DateTime<Utc>,
) -> Outcome<()> {
    let all = owner::on(tx, day, vec![account]).await?;
    let renamed = all.into_iter().map(|one| {
        let party = if one.party_id == share.party_id { to } else { one.party_id };
        (party, one.share())
    });
    write_owners(tx, account, renamed.collect(), day, document, at).await
}

/// The owners of an account from a day on; what was known of these days before stays readable.
async fn write_owners(
    tx: &mut Tx,
    account: AccountId,
    owners: Vec<(PartyId, Fraction)>,
    day: NaiveDate,
    document: DocumentId,
    at: DateTime<Utc>,
) -> Outcome<()> {
    OWNERS.end(tx, [account.0.into()], day, at).await?;
    let by = tx.actor().label.clone();
    for (party, share) in owners {
        let whole = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let said = [
            account.0.into(),
            party.0.into(),
            whole(share.numerator).into(),
            whole(share.denominator).into(),
            by.clone().into(),
            document.0.into(),
        ];
        allow!(unless(
            OWNERS.record(tx, said, day, None, at).await,
            &[("_excl", "OWNER_TWICE", Some("owners"))],
        )?);
    }
    Ok(Ok(()))
}

fn shares(given: &[ShareInput]) -> Result<Vec<Fraction>, Refusal> {
    let shares: Vec<Fraction> = given
        .iter()
        .map(|one| Fraction {
            numerator: one.numerator.unsigned_abs(),
            denominator: one.denominator.unsigned_abs(),
        })
        .collect();
    let whole = given.len() <= MOST_OWNERS
        && given.iter().all(|one| one.numerator > 0 && one.denominator > 0)
        && make_up(&shares);
    if whole { Ok(shares) } else { Err(Refusal::new("SHARES_WRONG").at("owners")) }
}

/// Who the shares belong to: known, or written down now.
async fn people(tx: &mut Tx, app: &App, given: &[ShareInput]) -> Outcome<Vec<party::Model>> {
    let mut people = Vec::with_capacity(given.len());
    for one in given {
        let particulars = allow!(particulars(&one.person));
        people.push(keep_party(tx, &app.vault, particulars).await?);
    }
    Ok(Ok(people))
}

/// Heirs come for the estate, by shares or one for all; one of them gets the bill. Not a tiyn moves.
pub async fn enter_heirs(tx: &mut Tx, app: &App, input: HeirsEnterInput) -> Outcome<account::Model> {
    let account = allow!(unchanged(tx, input.account_id.0, input.expected_version).await?);
    let day = input.date.0;
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    let shares = allow!(shares(&input.heirs));
    let payer = usize::try_from(input.payer).unwrap_or(usize::MAX);
    if payer >= shares.len() {
        refuse!(Refusal::new("PAYER_WRONG").at("payer"));
    }
    allow!(open_day(tx, Some(account.sector), day, "date").await?);
    let Some(estate) = holder::last(tx, account.id).await? else { refuse!("HOLDER_NOT_ESTATE") };
    let of = party::lock(tx, estate.party_id).await?;
    if of.is_none_or(|party| party.estate_of.is_none()) {
        refuse!("HOLDER_NOT_ESTATE");
    }
    if day < estate.from {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("date"));
    }
    let people = allow!(people(tx, app, &input.heirs).await?);
    let document = input.document_id.0;
    let at = bitemporal::moment(tx).await?;
    // The version that the next one must have seen.
    let after = account::update(tx, &account).await?;
    allow!(hand_over(tx, &after, &people[payer], (day, Some(estate.sees_from)), document, at).await?);
    let owners: Vec<_> = people.iter().map(|person| person.id).zip(shares).collect();
    let said: Vec<String> = owners
        .iter()
        .map(|(party, share)| format!("{party} {}/{}", share.numerator, share.denominator))
        .collect();
    allow!(write_owners(tx, account.id, owners, day, document, at).await?);
    tx.audit(
        Change::new("account", account.id, "heirs")
            .after(json!({ "date": day, "heirs": said }))
            .document(Some(document.0)),
    );
    Ok(Ok(after))
}

/// Records who owns what an account supplies, in shares that make up the whole; none is the end of joint ownership.
pub async fn record_owners(tx: &mut Tx, app: &App, input: OwnersRecordInput) -> Outcome<account::Model> {
    let account = allow!(unchanged(tx, input.account_id.0, input.expected_version).await?);
    let day = input.from.0;
    if day < account.opened_on {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("from"));
    }
    let shares = match input.owners.is_empty() {
        true => Vec::new(),
        false => allow!(shares(&input.owners)),
    };
    let people = allow!(people(tx, app, &input.owners).await?);
    let document = input.document_id.0;
    let at = bitemporal::moment(tx).await?;
    let before = owner::on(tx, day, vec![account.id]).await?;
    let owners: Vec<_> = people.iter().map(|person| person.id).zip(shares).collect();
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    allow!(write_owners(tx, account.id, owners, day, document, at).await?);
    let after = account::update(tx, &account).await?;
    let now = owner::on(tx, day, vec![account.id]).await?;
    tx.audit(
        Change::new("account", account.id, "owners").before(&before).after(&now).document(Some(document.0)),
    );
    tx.emit(SubscribersEvent::OwnersChanged { account: account.id });
    Ok::<_, Broken>(Ok(after))
}
