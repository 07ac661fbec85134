//! Double entry over receivables: chart of accounts, postings, periods and what closing them asks for.

use serde::{Deserialize, Serialize};

use crate::kernel::*;

mod adjust;
mod calendar;
mod clearing;
mod close;
mod cut_off;
mod held;
mod post;
mod reopen;
mod report;

pub use adjust::{AdjustmentSource, post_adjustment, post_credit_left};
pub use calendar::{has_begun, may_open_until};
pub use clearing::{post_bank_refund, post_remittance, post_suspense};
pub use close::{Broken, CloseConditionCode, Conditions, may_close};
pub use cut_off::{CutOffState, CutOffStep, CutOffs, cut_off_state, in_order};
pub use held::HeldBy;
pub use post::{
    Charged, Clearing, balance, income, post_charge, post_offset, post_opening, post_payment, reverse,
};
pub use reopen::{ReopenFacts, ReopeningState, may_reopen};
pub use report::{CloseReportCode, ReportColumnKind};

codes! {
    /// Account of the general ledger (счёт плана счетов).
    LedgerAccount {
        /// What subscribers owe (дебиторская задолженность).
        Receivable = "receivable",
        /// Paid ahead: a liability to subscribers (авансы полученные).
        Advance = "advance",
        /// Revenue of water supply (доход от водоснабжения).
        RevenueWater = "revenue_water",
        /// Revenue of sewerage (доход от водоотведения).
        RevenueSewerage = "revenue_sewerage",
        /// Revenue of one-off services (доход от разовых услуг).
        RevenueOther = "revenue_other",
        /// Income from penalties (доход от пени).
        PenaltyIncome = "penalty_income",
        /// Court and collection costs claimed back (возмещение издержек).
        CostRecovery = "cost_recovery",
        /// VAT on turnover (НДС к уплате).
        VatPayable = "vat_payable",
        /// Money taken at the cash desk, not yet banked (расчёты с кассой).
        CashClearing = "cash_clearing",
        /// Money on its way through the bank (расчёты с банками).
        BankClearing = "bank_clearing",
        /// Money taken by agents, a sub-account for each (расчёты с платёжными агентами).
        AgentClearing = "agent_clearing",
        /// Money that came and has no account yet: a liability to whoever it turns out to be (невыясненные поступления).
        Suspense = "suspense",
        /// What agents keep of what they took (комиссия платёжных агентов).
        AgentFee = "agent_fee",
        /// Balances taken over from the earlier system (начальные остатки).
        Opening = "opening",
        /// Debts given up as hopeless (списание безнадёжной задолженности).
        BadDebt = "bad_debt",
        /// Balances on their way from one account to another; always empty at the end of an act (переносы между счетами).
        Transfer = "transfer",
    }
}

codes! {
    /// State of a billing period of a sector (состояние периода).
    PeriodStatus {
        /// Facts come in (открыт).
        Open = "open",
        /// Facts only by accountants (предварительно закрыт).
        SoftClosed = "soft_closed",
        /// Immutable (закрыт).
        Closed = "closed",
    }
}

impl PeriodStatus {
    /// Whether facts may still be written by those who have the right to.
    pub const fn is_writable(self) -> bool {
        !matches!(self, Self::Closed)
    }
}

/// One double entry: the same positive amount on both sides, so that a set of entries is balanced by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub debit: LedgerAccount,
    pub credit: LedgerAccount,
    /// Greater than zero.
    pub amount: Money,
    /// The subscriber account of a receivable or advance.
    pub account: Option<AccountId>,
    pub service: Option<Service>,
    pub component: Option<Component>,
    /// Whose clearing sub-account it is; of entries of [`LedgerAccount::AgentClearing`] only.
    pub agent: Option<AgentId>,
}
