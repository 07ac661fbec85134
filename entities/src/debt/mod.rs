//! Debt: penalty accrued, disputes, ageing, limitation and write-off, notices, instalments, campaigns, claims.

pub mod accrual;
pub mod ageing;
pub mod campaign;
pub mod certificate;
pub mod claim;
pub mod dispute;
pub mod limitation;
pub mod notice;
pub mod penalty;
pub mod plan;
pub mod write_off;

/// Items of runs not issued yet are not payable.
const PAYABLE: &str =
    "NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)";

/// What is disputed of an item, or NULL.
const DISPUTED: &str = "(SELECT sum(d.amount) FROM debt.dispute d
     WHERE d.account_id = o.account_id AND d.open_item_id = o.id AND d.state = 'open')";

/// Days that interrupted the limitation of an item: of its account, and of those that it was taken over from, up to the day it moved.
/// Who owes it has changed, its time has not. What came back from a transfer goes on as the item that had moved.
const INTERRUPTED: &str = "ARRAY(
     WITH RECURSIVE stood AS (
         SELECT o.account_id, o.id, 'infinity'::date AS until
         UNION
         SELECT p.from_account, p.open_item_id, CASE WHEN p.to_account = t.account_id THEN least(s.until, (
             SELECT min(e.posted_on) FROM ledger.entry e
             WHERE e.account_id = t.account_id AND e.source = t.source AND e.source_id = t.source_id)) ELSE s.until END
         FROM stood s
         JOIN ledger.open_item t ON t.account_id = s.account_id AND t.id = s.id AND t.source = 'transfer'
         JOIN payments.transfer_part p ON p.transfer_id = t.source_id AND t.account_id IN (p.to_account, p.from_account)
              AND p.service = t.service AND p.component = t.component AND p.origin = t.origin)
     SELECT DISTINCT i.on_day FROM stood s JOIN debt.interruption i ON i.account_id = s.account_id
     WHERE i.withdrawn_at IS NULL AND i.on_day <= s.until AND (i.open_item_id IS NULL OR i.open_item_id = s.id))";

/// What of an item is bound by claims; zero where nothing is. What was paid since is bound no more.
const CLAIMED: &str =
    "(SELECT least(coalesce(sum(b.amount), 0), o.amount - o.settled)::bigint FROM ledger.bond b
     WHERE b.account_id = o.account_id AND b.open_item_id = o.id)";

/// The payer's day of a settlement `s` that is money, as branches of a CASE over its source: whenever it was recorded. What takes money
/// back is of the day of that money, which then was never paid.
const PAYERS_DAY: &str = "WHEN 'payment' THEN (SELECT p.paid_on FROM payments.payment p WHERE p.id = s.source_id)
     WHEN 'payment_reversal' THEN (
         SELECT p.paid_on FROM payments.payment r JOIN payments.payment p ON p.id = r.reverses WHERE r.id = s.source_id)
     WHEN 'advance' THEN (
         SELECT CASE WHEN d.source IN ('payment', 'opening') THEN d.due_on ELSE s.valid_on END
         FROM ledger.open_item d WHERE d.account_id = s.account_id AND d.id = s.source_id)";
