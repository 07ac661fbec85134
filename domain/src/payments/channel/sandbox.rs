//! The test accounts of the published specification: the same in every sandbox, for ever.

use serde::{Deserialize, Serialize};

use super::AccountFacts;
use crate::kernel::{Money, codes};

codes! {
    /// What a test account does besides being paid (поведение тестового счёта).
    Behaviour {
        /// Nothing.
        Plain = "plain",
        /// The first two requests of a payment are answered as a temporary fault (временный сбой).
        ComesBack = "comes_back",
        /// The first answer to a payment is lost, the payment is not (потерянный ответ).
        LosesAnswer = "loses_answer",
        /// A payment takes three seconds (медленный ответ).
        Slow = "slow",
    }
}

/// An account that only sandboxes know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestAccount {
    pub number: &'static str,
    pub holder: &'static str,
    /// An organisation's name is not masked.
    pub person: bool,
    pub address: &'static str,
    pub closed: bool,
    /// Owed when positive, paid ahead when negative.
    pub balance_tiyn: i64,
    pub behaviour: Behaviour,
}

const fn flat(number: &'static str, holder: &'static str, balance_tiyn: i64) -> TestAccount {
    TestAccount {
        number,
        holder,
        person: true,
        address: "Абай даңғылы, 10-25",
        closed: false,
        balance_tiyn,
        behaviour: Behaviour::Plain,
    }
}

/// In the order of their numbers. `9000000009` does not exist, and never will.
pub const TEST_ACCOUNTS: &[TestAccount] = &[
    flat("9000000001", "Иванов Айбек Серикович", 341_020),
    TestAccount {
        person: false,
        address: "Төле би көшесі, 1/2",
        ..flat("9000000002", "ТОО \"А & Б\" <1>", 12_500_000)
    },
    flat("9000000003", "Әбілқайыр Ғалымжан Ұлы", -50_000),
    TestAccount { closed: true, ..flat("9000000004", "Петрова Анна", 0) },
    TestAccount { closed: true, ..flat("9000000005", "Ким Виктор", 10_000) },
    TestAccount { behaviour: Behaviour::ComesBack, ..flat("9000000006", "Ли Ольга", 100_000) },
    TestAccount {
        behaviour: Behaviour::LosesAnswer, ..flat("9000000007", "Серік Нұрлан", 100_000)
    },
    TestAccount { behaviour: Behaviour::Slow, ..flat("9000000008", "Омаров Тимур", 100_000) },
];

pub fn test_account(number: &str) -> Option<&'static TestAccount> {
    TEST_ACCOUNTS.iter().find(|account| account.number == number)
}

impl TestAccount {
    /// What it looks like after so much was paid to it.
    pub fn facts(&self, paid: Money) -> AccountFacts {
        AccountFacts { closed: self.closed, balance: Money::from_tiyn(self.balance_tiyn) - paid }
    }
}
