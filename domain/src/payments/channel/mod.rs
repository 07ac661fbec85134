//! Channels of banks and terminals: what they may say, how it is judged, and what their codes mean.
//!
//! The same number means opposite things in different dialects, so there is one [`ChannelOutcome`] inside and one table per dialect
//! ([`Dialect::says`], `vectors/outcomes.txt`). Requests are read by [`read`], judged by [`judge_pay`] and [`judge_cancel`],
//! answers are written by [`write()`].

use crate::kernel::*;

mod answer;
mod judge;
mod mask;
mod outcome;
mod request;
mod sandbox;
mod selfcheck;

pub use answer::{Answer, Field, Wire, write};
pub use judge::{
    AccountFacts, HeldKey, KnownKey, MOST_DAYS_BACK, Paid, PayFacts, PayRules, Reuse, Verdict, judge_cancel,
    judge_check, judge_pay, moment,
};
pub use mask::{mask_name, mask_query};
pub use outcome::Code;
pub use request::{Act, Asked, Dated, Pairs, Pay, read};
pub use sandbox::{Behaviour, TEST_ACCOUNTS, TestAccount, test_account};
pub use selfcheck::{Logged, SelfCheckScenario};

codes! {
    /// In which words a channel speaks (диалект канала).
    Dialect {
        /// Our published format: OSMP with `status` and `cancel`, XML or JSON (единый формат).
        Unified = "unified",
        /// OSMP, QIWI: XML.
        Osmp = "osmp",
        /// Kaspi: XML or JSON.
        Kaspi = "kaspi",
        /// Kassa24: XML of its own.
        Kassa24 = "kassa24",
    }
}

codes! {
    /// How a channel shows that it is itself, besides its address (проверка подлинности канала).
    ChannelAuth {
        /// By its address only (только адрес).
        None = "none",
        /// HTTP Basic: name and password (имя и пароль).
        Basic = "basic",
        /// A secret segment of the path (секретный путь).
        Path = "path",
        /// `sign`: HMAC-SHA256 over the sorted parameters (подпись HMAC).
        Hmac = "hmac",
    }
}

codes! {
    /// How a channel is told to come again later (ответ при временном сбое).
    TemporaryAnswer {
        /// By the dialect's code (кодом протокола).
        Code = "code",
        /// By HTTP 503 (HTTP 503).
        Unavailable = "unavailable",
        /// By no answer: the connection is closed (обрыв соединения).
        Silence = "silence",
    }
}

codes! {
    /// How somebody is told that he may not speak for the channel (ответ при отказе в доступе).
    DeniedAnswer {
        /// By HTTP 401 or 403 (HTTP 401 или 403).
        Status = "status",
        /// By the dialect's code (кодом протокола).
        Code = "code",
    }
}

codes! {
    /// What becomes of a payment whose date is missing or can't be right (платёж с неверной датой).
    DatePolicy {
        /// It is refused (отклонять).
        Strict = "strict",
        /// It is taken under the day of arrival and marked (принимать с пометкой).
        Lenient = "lenient",
    }
}

codes! {
    /// What becomes of money for a closed account that owes nothing (платёж на закрытый счёт без долга).
    ClosedPolicy {
        /// It is taken and marked: the payer's money has been taken already (принимать с пометкой).
        Take = "take",
        /// It is refused (отклонять).
        Refuse = "refuse",
    }
}

codes! {
    /// What a number of an account looks like (вид номера счёта).
    AccountForm {
        /// At most 20 digits (цифры).
        Digits = "digits",
        /// At most 40 letters, digits and `-./_#` (буквы и цифры).
        Word = "word",
    }
}

codes! {
    /// What a payer sees before paying (что видит плательщик).
    PayerSees {
        /// The holder's name, a person's masked (имя).
        Payer = "payer",
        /// The address (адрес).
        Address = "address",
        /// What is owed for each service (долг по услугам).
        Services = "services",
        /// The last readings (последние показания).
        Readings = "readings",
    }
}

codes! {
    /// How an answer is spelled (формат ответа).
    Spelling {
        /// XML.
        Xml = "xml",
        /// JSON.
        Json = "json",
    }
}

codes! {
    /// What a channel asks for (команда канала).
    ChannelCommand {
        /// Whether money may be paid and how much is owed (проверка).
        Check = "check",
        /// Money was taken (платёж).
        Pay = "pay",
        /// What became of a payment (состояние).
        Status = "status",
        /// A payment is taken back (отмена).
        Cancel = "cancel",
        /// Which scenarios a sandbox has seen (самопроверка).
        SelfCheck = "selfcheck",
    }
}

codes! {
    /// What became of a request, in our own words (итог запроса канала).
    ChannelOutcome {
        /// Done, or done before (выполнено).
        Done = "done",
        /// No number of an account can look like this (неверный формат счёта).
        AccountWrong = "account_wrong",
        /// There is no such account (счёт не найден).
        AccountUnknown = "account_unknown",
        /// Closed, and nothing is owed (счёт закрыт).
        AccountClosed = "account_closed",
        /// Not a sum (неверная сумма).
        SumWrong = "sum_wrong",
        /// Less than the channel may bring (сумма слишком мала).
        SumTooSmall = "sum_too_small",
        /// More than the channel may bring (сумма слишком велика).
        SumTooLarge = "sum_too_large",
        /// Not a moment, or one that can't be (неверная дата).
        DateWrong = "date_wrong",
        /// No number of a payment, or not one (неверный номер платежа).
        NumberWrong = "number_wrong",
        /// The number was used for another account or sum (номер использован).
        NumberReused = "number_reused",
        /// It is being worked on (обрабатывается).
        InProgress = "in_progress",
        /// Not now: the same request may be repeated (временный сбой).
        Temporary = "temporary",
        /// The channel is switched off (канал закрыт).
        ChannelClosed = "channel_closed",
        /// We do not know the command (неизвестная команда).
        CommandUnknown = "command_unknown",
        /// Another parameter is wrong (неверный параметр).
        ParameterWrong = "parameter_wrong",
        /// No such payment (платёж не найден).
        PaymentUnknown = "payment_unknown",
        /// The channel took the payment back (платёж отменён).
        Cancelled = "cancelled",
        /// The payment can't be taken back any more (отмена невозможна).
        CannotCancel = "cannot_cancel",
        /// Not from there (адрес не разрешён).
        Forbidden = "forbidden",
        /// Name, password, secret or signature are wrong or missing (доступ не подтверждён).
        Unauthorized = "unauthorized",
    }
}

codes! {
    /// What is remarkable about a payment that was taken (пометка платежа).
    PaymentNote {
        /// The same sum for the same account by the same channel a moment ago (возможный дубль).
        PossibleDuplicate = "possible_duplicate",
        /// For a closed account that owes nothing (на закрытый счёт).
        ClosedAccount = "closed_account",
        /// Its date could not be used: it is dated by its arrival (дата неясна).
        DateUnclear = "date_unclear",
        /// A repeat: the answer is the first one's (повтор).
        Repeat = "repeat",
        /// A repeat that named another date (повтор с другой датой).
        OtherDate = "other_date",
    }
}

codes! {
    /// What somebody has to look at (происшествие).
    IncidentKind {
        /// A number came again with another sum (другая сумма под тем же номером).
        OtherSum = "other_sum",
        /// A number came again for another account (другой счёт под тем же номером).
        OtherAccount = "other_account",
        /// A payment that may have been made twice (возможный дубль).
        PossibleDuplicate = "possible_duplicate",
        /// Money for a closed account that owes nothing (деньги на закрытый счёт).
        ClosedAccount = "closed_account",
        /// A payment whose date could not be used (неясная дата).
        DateUnclear = "date_unclear",
        /// A payment that the channel took back came again (повтор отменённого).
        PaidAfterCancel = "paid_after_cancel",
    }
}

/// A network of addresses as people write it: `10.1.2.0/24`; a lone address is a network of one.
pub fn network(text: &str) -> Option<ipnet::IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<core::net::IpAddr>().ok().map(Into::into))
}

/// Whether an address is in one of the networks; IPv4 inside of IPv6 (`::ffff:10.1.2.3`) is IPv4.
pub fn among(networks: &[ipnet::IpNet], address: core::net::IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_a_network_however_it_is_written() {
        let networks: Vec<_> =
            ["194.187.247.152", "10.0.0.0/8", "2001:db8::/32"].iter().filter_map(|n| network(n)).collect();
        assert_eq!(networks.len(), 3);
        for (address, inside) in [
            ("194.187.247.152", true),
            ("194.187.247.153", false),
            ("::ffff:10.20.30.40", true),
            ("2001:db8::1", true),
            ("::1", false),
        ] {
            assert_eq!(among(&networks, address.parse().unwrap()), inside, "{address}");
        }
        assert!(!among(&[], "127.0.0.1".parse().unwrap()), "no network is nobody");
        assert!(network("10.0.0.0/40").is_none() && network("somewhere").is_none());
    }
}
