//! What an auditor asks of a month: which reports there are and what their columns say.

use crate::kernel::*;

codes! {
    /// A report on a month of a sector (отчёт закрытия).
    CloseReportCode {
        /// Opening, charged, penalty, corrected, paid, closing by service and component (движение задолженности).
        RollForward = "roll_forward",
        /// The general ledger, and open items beside it (главная книга и аналитика).
        Ledgers = "ledgers",
        /// VAT by rate: of the run, of recalculations and of one-off charges (НДС по ставкам).
        Vat = "vat",
        /// Water billed and recalculated by basis, beside the house meters and what was produced (вода по основаниям, потери).
        Water = "water",
        /// Active = billed + excused (счета: начислены и объяснены).
        Accounts = "accounts",
        /// Clearing accounts by age (расчёты с банками, агентами и кассой по возрасту).
        Clearing = "clearing",
        /// Cash book = Z = what the bank wrote of the bags, by desk and day (касса: книга, Z-отчёты, инкассация).
        CashDays = "cash_days",
        /// Gaps and doubles in numbers (пропуски и повторы номеров).
        Numbers = "numbers",
        /// Credits and manual entries by user and document (ручные операции).
        Manual = "manual",
        /// Changed settings and rights, back-dated facts (изменения настроек и прав, факты задним числом).
        Changes = "changes",
        /// Debt by age and by what is left of its limitation, credit balances, staff's accounts (задолженность по возрасту).
        Ageing = "ageing",
    }
}

codes! {
    /// What stands in a column of a report (вид столбца).
    ReportColumnKind {
        /// Words as they are (текст).
        Text = "text",
        /// A code, told in the language of the reader (слово).
        Word = "word",
        /// Tenge (сумма).
        Money = "money",
        /// m³ (объём).
        Volume = "volume",
        /// A whole number (количество).
        Count = "count",
        /// 0.16 stands for 16 % (доля).
        Rate = "rate",
    }
}

use ReportColumnKind::*;

impl CloseReportCode {
    /// Fields of a row, in the order they are shown.
    pub const fn columns(self) -> &'static [(&'static str, ReportColumnKind)] {
        match self {
            Self::RollForward => &[
                ("service", Word),
                ("component", Word),
                ("opening", Money),
                ("taken_over", Money),
                ("charged", Money),
                ("penalty", Money),
                ("corrected", Money),
                ("paid", Money),
                ("covered", Money),
                ("closing", Money),
            ],
            Self::Ledgers => &[
                ("account", Word),
                ("opening", Money),
                ("debit", Money),
                ("credit", Money),
                ("closing", Money),
            ],
            Self::Vat => &[
                ("source", Word),
                ("rate", Rate),
                ("lines", Count),
                ("net", Money),
                ("vat", Money),
                ("gross", Money),
            ],
            Self::Water => &[
                ("basis", Word),
                ("accounts", Count),
                ("liters", Volume),
                ("gross", Money),
                ("recalculated", Volume),
            ],
            Self::Accounts => &[("what", Word), ("accounts", Count), ("amount", Money)],
            Self::Clearing => {
                &[("account", Word), ("agent", Text), ("month", Text), ("months", Count), ("amount", Money)]
            }
            Self::CashDays => &[
                ("day", Text),
                ("desk", Text),
                ("shifts", Count),
                ("without_z", Count),
                ("of_sector", Money),
                ("book", Money),
                ("z", Money),
                ("difference", Money),
                ("collected", Money),
                ("banked", Money),
                ("on_way", Money),
            ],
            Self::Numbers => &[("what", Word), ("found", Count)],
            Self::Manual => &[
                ("what", Word),
                ("who", Text),
                ("approver", Text),
                ("entity", Word),
                ("action", Word),
                ("document", Text),
                ("found", Count),
                ("amount", Money),
            ],
            Self::Changes => &[
                ("day", Text),
                ("who", Text),
                ("entity", Word),
                ("action", Word),
                ("document", Text),
                ("found", Count),
            ],
            Self::Ageing => &[("what", Word), ("accounts", Count), ("amount", Money)],
        }
    }
}
