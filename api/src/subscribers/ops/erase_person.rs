use std::sync::Arc;

use domain::SubscribersEvent;
use entities::kernel::{Change, Tx, messages, person};
use entities::subscribers::party;

use super::answer;
use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::PersonEraseInput;
use crate::{allow, refuse};

/// Destroys what is known of a person who has left and owes nothing. The books keep their rows and their chain; the key that
/// opened what they say about the person is gone.
pub async fn erase_person(tx: &mut Tx, app: Arc<App>, input: PersonEraseInput) -> Outcome<party::Model> {
    let Some(before) = party::lock(tx, input.id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_PERSON").at("id"));
    };
    if before.erased_at.is_some() {
        refuse!(Refusal::new("PERSON_ERASED").at("id"));
    }
    let ties = party::ties(tx, before.id, app.clock.today()).await?;
    if ties.accounts > 0 {
        refuse!(Refusal::new("PERSON_HOLDS_ACCOUNT").at("id").with("count", ties.accounts));
    }
    if !ties.debt.is_zero() {
        refuse!(Refusal::new("PERSON_OWES").at("id").with("amount", ties.debt));
    }
    if !ties.credit.is_zero() {
        refuse!(Refusal::new("PERSON_IS_OWED").at("id").with("amount", ties.credit));
    }

    let document = input.document_id.0.0;
    allow!(unless(person::erase(tx, before.id, document).await, &[])?);
    let sent = [&before.phone, &before.email].into_iter().flatten();
    messages::forget(tx, sent.filter_map(|sealed| app.vault.open(sealed)).collect()).await?;
    let numbers = party::numbers_held(tx, before.id).await?;
    let known_by =
        [before.identification_index, before.phone_index, before.email_index].into_iter().flatten();
    let known_by = known_by.chain(numbers.iter().map(|number| app.vault.blind_account(number))).collect();
    let erased = allow!(answer(party::erase(tx, before.id, known_by).await).await?);
    tx.audit(Change::new("party", erased.id, "erased").document(Some(document)));
    tx.emit(SubscribersEvent::PersonErased { person: erased.id });
    Ok(Ok(erased))
}
