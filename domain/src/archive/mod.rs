//! The register of official documents that settings, corrections and rights refer to.

use crate::kernel::*;

codes! {
    /// What an official document is (вид документа).
    DocumentKind {
        /// Order of a head or a ministry (приказ).
        Order = "order",
        /// Resolution of the akimat or another body (постановление).
        Resolution = "resolution",
        /// Published price list of the regulator (прейскурант, решение о тарифе).
        TariffDecision = "tariff_decision",
        /// Official letter of the customer (письмо).
        Letter = "letter",
        /// Application of a subscriber (заявление).
        Application = "application",
        /// Act of an inspection, installation or verification (акт).
        Act = "act",
        /// Contract or its annex (договор, приложение).
        Contract = "contract",
        /// Certificate: of residents, rights, verification (справка, свидетельство).
        Certificate = "certificate",
        /// Ruling of a court (решение суда).
        CourtRuling = "court_ruling",
        /// Minutes or protocol (протокол).
        Protocol = "protocol",
    }
}
