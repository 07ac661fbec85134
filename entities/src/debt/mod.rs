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

/// What of an item is bound by claims; zero where nothing is. What was paid since is bound no more.
const CLAIMED: &str =
    "(SELECT least(coalesce(sum(b.amount), 0), o.amount - o.settled)::bigint FROM ledger.bond b
     WHERE b.account_id = o.account_id AND b.open_item_id = o.id)";
