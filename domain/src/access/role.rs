use super::Permission::{self, *};
use crate::kernel::{Sector, codes};

codes! {
    /// A default role (роль). In the database roles are rows: these are what the rows start from.
    Role {
        /// Administrator of users and rights (администратор); sees no money and no personal data of subscribers.
        Administrator = "administrator",
        /// Operator of the legal sector (оператор юридического сектора).
        OperatorLegal = "operator_legal",
        /// Operator of the private sector (оператор частного сектора).
        OperatorPrivate = "operator_private",
        /// Operator of the multi-apartment sector (оператор многоквартирного сектора).
        OperatorMulti = "operator_multi",
        /// Cashier (кассир).
        Cashier = "cashier",
        /// Chief cashier: answers for the desks (старший кассир).
        ChiefCashier = "chief_cashier",
        /// Inspector (контролёр).
        Inspector = "inspector",
        /// Accountant of payments: reconciles agents and banks, never charges (бухгалтер по платежам).
        Treasurer = "treasurer",
        /// Accountant: runs the month (бухгалтер).
        Accountant = "accountant",
        /// Chief accountant: issues, closes, confirms settings (главный бухгалтер).
        ChiefAccountant = "chief_accountant",
        /// Manager in front of the pictures (руководитель).
        Manager = "manager",
        /// Auditor: sees everything, changes nothing (аудитор).
        Auditor = "auditor",
        /// Subscriber in the cabinet (абонент).
        Subscriber = "subscriber",
        /// Outside program (интеграция); its token narrows this further.
        Integration = "integration",
    }
}

/// What each default role may. Charges and payments are never in the same hands; administrators see neither.
pub fn default_permissions(role: Role) -> &'static [Permission] {
    match role {
        Role::Administrator => {
            &[UserRead, UserWrite, AuditRead, JobRead, JobControl, OperationSwitch, EventRead, DocumentRead]
        }
        Role::OperatorLegal | Role::OperatorPrivate | Role::OperatorMulti => &[
            PremisesRead,
            PremisesWrite,
            AccountRead,
            AccountWrite,
            PersonalDataRead,
            ContractRead,
            ContractWrite,
            TariffRead,
            MeterRead,
            MeterWrite,
            ReadingRead,
            ReadingWrite,
            ImportWrite,
            ImportCommit,
            BillRead,
            ImbalanceRead,
            PaymentRead,
            DebtRead,
            DebtWrite,
            DebtClaim,
            DocumentRead,
            DocumentWrite,
            JobRead,
            StatsRead,
        ],
        Role::Cashier => &[PremisesRead, AccountRead, BillRead, PaymentRead, PaymentRecord, CashdeskWork],
        Role::ChiefCashier => &[
            PremisesRead,
            AccountRead,
            BillRead,
            PaymentRead,
            PaymentRecord,
            CashdeskRead,
            CashdeskWork,
            CashdeskOversee,
            DocumentRead,
        ],
        Role::Inspector => &[PremisesRead, AccountRead, MeterRead, MeterWrite, ReadingRead, ReadingWrite],
        Role::Treasurer => &[
            PremisesRead,
            AccountRead,
            ContractRead,
            BillRead,
            LedgerRead,
            PaymentRead,
            PaymentReverse,
            ReconcileRead,
            ReconcileWrite,
            DebtRead,
            DocumentRead,
            DocumentWrite,
            JobRead,
            StatsRead,
        ],
        Role::Accountant => &[
            PremisesRead,
            AccountRead,
            ContractRead,
            TariffRead,
            TariffWrite,
            MeterRead,
            ReadingRead,
            ImportWrite,
            ImportCommit,
            BillRead,
            BillingRun,
            ImbalanceRead,
            ImbalanceWrite,
            ScenarioRead,
            ScenarioWrite,
            CorrectionWrite,
            LedgerRead,
            PaymentRead,
            ChannelRead,
            IncidentClose,
            CashdeskRead,
            DebtRead,
            DebtWrite,
            DebtClaim,
            DebtAccrue,
            DocumentRead,
            DocumentWrite,
            JobRead,
            StatsRead,
        ],
        Role::ChiefAccountant => &[
            PremisesRead,
            AccountRead,
            PersonalDataRead,
            PersonErase,
            ContractRead,
            TariffRead,
            TariffWrite,
            SettingConfirm,
            MeterRead,
            ReadingRead,
            ImportWrite,
            ImportCommit,
            ImportMoney,
            BillRead,
            BillingRun,
            BillingIssue,
            ImbalanceRead,
            ImbalanceWrite,
            ImbalanceConfirm,
            ScenarioRead,
            ScenarioWrite,
            ScenarioOthers,
            CorrectionWrite,
            CorrectionConfirm,
            LedgerRead,
            PeriodClose,
            PaymentRead,
            PaymentReverse,
            ChannelRead,
            ChannelWrite,
            IncidentClose,
            CashdeskRead,
            ReconcileRead,
            ReconcileConfirm,
            DebtRead,
            DebtAccrue,
            DebtDecide,
            DocumentRead,
            DocumentWrite,
            AuditRead,
            JobRead,
            JobControl,
            StatsRead,
            EventRead,
        ],
        Role::Manager => &[
            PremisesRead,
            AccountRead,
            ContractRead,
            TariffRead,
            MeterRead,
            ReadingRead,
            BillRead,
            ImbalanceRead,
            ScenarioRead,
            ScenarioWrite,
            LedgerRead,
            PaymentRead,
            CashdeskRead,
            ReconcileRead,
            DebtRead,
            DocumentRead,
            JobRead,
            StatsRead,
            EventRead,
        ],
        Role::Auditor => &[
            PremisesRead,
            AccountRead,
            PersonalDataRead,
            ContractRead,
            TariffRead,
            MeterRead,
            ReadingRead,
            ImportRead,
            BillRead,
            ImbalanceRead,
            ScenarioRead,
            LedgerRead,
            PaymentRead,
            ChannelRead,
            CashdeskRead,
            ReconcileRead,
            DebtRead,
            DocumentRead,
            UserRead,
            AuditRead,
            JobRead,
            StatsRead,
            EventRead,
        ],
        Role::Subscriber => &[OwnAccounts],
        Role::Integration => &[AccountRead, MeterRead, ReadingRead, ReadingWrite, PaymentRead, PaymentRecord],
    }
}

/// The sectors an operator's account starts with; no limit for everybody else.
pub fn default_sectors(role: Role) -> &'static [Sector] {
    match role {
        Role::OperatorLegal => &[Sector::Legal],
        Role::OperatorPrivate => &[Sector::Private],
        Role::OperatorMulti => &[Sector::Multi],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_and_payments_are_never_in_the_same_hands() {
        for &role in Role::ALL {
            let rights = default_permissions(role);
            let takes = rights.contains(&PaymentRecord)
                || rights.contains(&CashdeskWork)
                || rights.contains(&ReconcileWrite);
            assert!(!(rights.contains(&BillingRun) && takes), "{role} both charges and takes money");
            assert!(
                !(rights.contains(&ReconcileWrite) && rights.contains(&ReconcileConfirm)),
                "{role} confirms its own refunds"
            );
        }
    }
}
