use domain::ConsumptionEvent;
use entities::consumption::special;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account::{self, Model};
use serde_json::json;

use crate::consumption::inputs::BulkBillingSetInput;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::open_day;
use crate::{allow, refuse};

/// Says who pays for a house, by whole months: its flats, each by itself, or the condominium by one contract.
pub async fn set_bulk_billing(tx: &mut Tx, input: BulkBillingSetInput) -> Outcome<Model> {
    let Some(account) = account::lock(tx, input.account_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"))
    };
    let (from, to) = (input.from.first_day(), input.to.map(|to| to.next().first_day()));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    allow!(open_day(tx, Some(account.sector), from, "from").await?);
    let (building, document) = (account.building_id, input.document_id.0);
    let at = bitemporal::moment(tx).await?;
    special::set_bulk(tx, building, input.bulk, (from, to), document, at).await?;
    let said = json!({ "building": building, "bulk": input.bulk, "from": from, "to": to });
    tx.audit(Change::new("building", building, "bulk_billing").after(said).document(Some(document.0)));
    tx.emit(ConsumptionEvent::BulkBillingSet { building });
    Ok(Ok(account))
}
