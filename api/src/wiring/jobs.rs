use crate::platform::jobs::Work;

/// Every kind of background work.
pub fn works() -> Vec<Box<dyn Work>> {
    vec![
        Box::new(crate::amendments::jobs::WorkAmendment),
        Box::new(crate::billing::jobs::RunCycle),
        Box::new(crate::billing::jobs::PreviewCity),
        Box::new(crate::billing::jobs::ScenarioCity),
        Box::new(crate::billing::jobs::WorkCorrection),
        Box::new(crate::billing::print::PrintBills),
        Box::new(crate::cashdesk::jobs::Fiscal),
        Box::new(crate::debt::jobs::Penalty),
        Box::new(crate::debt::jobs::Notices),
        Box::new(crate::debt::jobs::Watch),
        Box::new(crate::exports::WriteOut),
        Box::new(crate::imbalance::jobs::Look),
        Box::new(crate::payments::jobs::Links),
        Box::new(crate::imports::CheckFile),
        Box::new(crate::imports::CommitFile),
        Box::new(crate::imports::UndoFile),
        Box::new(crate::payments::jobs::Registries),
        Box::new(crate::payments::jobs::Statements),
        Box::new(crate::payments::jobs::Watch),
    ]
}
