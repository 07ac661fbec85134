//! A desk without a cash register: nothing is registered, and nobody waits for it.

use domain::cashdesk::FiscalKind;
use domain::kernel::Money;
use serde_json::Value as Json;

use super::port::{Answer, Content, FiscalProvider, Registered, Report};

pub struct None;

fn done() -> Answer {
    Answer::Registered(Box::default())
}

#[async_trait::async_trait]
impl FiscalProvider for None {
    async fn sell(&self, _: &str, _: &str, _: &Content) -> Answer {
        done()
    }

    async fn refund(&self, _: &str, _: &str, _: &Content) -> Answer {
        done()
    }

    async fn money_in(&self, _: &str, _: &str, _: Money) -> Answer {
        done()
    }

    async fn money_out(&self, _: &str, _: &str, _: Money) -> Answer {
        done()
    }

    async fn x(&self, _: &str) -> Result<Report, Answer> {
        Ok(Report { fiscal_shift: 0, cash: Option::None, raw: Json::Null })
    }

    async fn z(&self, _: &str) -> Answer {
        done()
    }

    async fn find(&self, _: &str, _: FiscalKind, _: &str, _: &Content, _: Option<i64>) -> Answer {
        Answer::Registered(Box::<Registered>::default())
    }
}
