use std::sync::Arc;

use chrono::Duration;
use domain::access::Principal;
use domain::kernel::AccountId;
use entities::access::{contact, login_code};
use entities::kernel::Tx;

use super::second_factor::Fits;
use super::{Holder, Opened, begin, signing_in};
use crate::app::App;
use crate::platform::Outcome;
use crate::platform::graphql::http::Origin;
use crate::refuse;

/// Signs in a subscriber. Unknown account, old code, wrong code and too many guesses are one answer.
pub async fn confirm_code(app: &Arc<App>, origin: &Origin, number: &str, code: &str) -> Outcome<Opened> {
    let Some(contact) = contact::of_account(&app.db, number.trim(), app.clock.today()).await? else {
        refuse!("CODE_WRONG")
    };
    let Some(kept) = login_code::attempt(&app.db, contact.account_id).await? else { refuse!("CODE_WRONG") };
    if kept.code_hash != app.tokens.code_hash(contact.account_id, code.trim()) {
        refuse!("CODE_WRONG")
    }
    let principal = Principal::Subscriber(AccountId(contact.account_id));
    let tx = Tx::begin(&app.db, signing_in(principal.clone(), &contact.number, None)).await?;
    if !login_code::consume(&tx, kept.id).await? {
        refuse!("CODE_WRONG")
    }
    tx.commit_silently("the session that follows is the news").await?;
    let holder = Holder {
        principal,
        label: contact.number,
        party: Some(contact.party_id),
        life: Duration::days(30),
        factor: Fits::NotAsked,
    };
    Ok(Ok(begin(app, origin, holder).await?))
}
