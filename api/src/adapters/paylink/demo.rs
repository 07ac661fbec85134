//! The bank of a demo: instead of a provider's application a page of the program itself, on which the payer says what the application
//! would have made of it. It takes no money and knows nobody.

use domain::kernel::Money;
use entities::kernel::{Broken, Db, state};
use serde::{Deserialize, Serialize};

use super::{Failed, Link, PayLink, State, Taken, Wanted};

/// What the bank knows of a payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    tiyn: i64,
    pub state: Told,
    /// What went back, in tiyn.
    returned: i64,
    returns: u32,
}

impl Asked {
    pub fn amount(&self) -> Money {
        Money::from_tiyn(self.tiyn)
    }
}

/// What the payer has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Waiting,
    Opened,
    Paid,
    Declined,
}

pub struct DemoBank {
    db: Db,
    /// Where the payer's browser finds the program.
    base: String,
}

fn key(id: &str) -> String {
    format!("demo bank {id}")
}

/// A payment that the bank was asked for.
pub async fn asked(db: &Db, id: &str) -> Result<Option<Asked>, Broken> {
    state::get(db, &key(id)).await
}

/// The payer does something; what is over stays as it is.
pub async fn tell(db: &Db, id: &str, told: Told) -> Result<Option<Asked>, Broken> {
    let Some(mut one) = asked(db, id).await? else { return Ok(None) };
    let open = matches!(one.state, Told::Waiting | Told::Opened);
    if open && one.state != told {
        one.state = told;
        state::set(db, &key(id), &one).await?;
    }
    Ok(Some(one))
}

fn unknown(error: Broken) -> Failed {
    Failed::Unknown(error.to_string())
}

impl DemoBank {
    pub fn of(db: Db, base: &str) -> Self {
        Self { db, base: base.trim_end_matches('/').to_owned() }
    }

    async fn known(&self, id: &str) -> Result<Asked, Failed> {
        let missing = || Failed::Refused { code: -1, message: "no such payment".into() };
        asked(&self.db, id).await.map_err(unknown)?.ok_or_else(missing)
    }
}

#[async_trait::async_trait]
impl PayLink for DemoBank {
    fn channel(&self) -> &'static str {
        "kaspi-link"
    }

    async fn create(&self, wanted: &Wanted) -> Result<Link, Failed> {
        let id = wanted.reference.replace('-', "");
        let one = Asked { tiyn: wanted.amount.tiyn(), state: Told::Waiting, returned: 0, returns: 0 };
        state::set(&self.db, &key(&id), &one).await.map_err(unknown)?;
        Ok(Link { url: format!("{}/demo/bank/{id}", self.base), id, expires_at: None })
    }

    async fn state(&self, id: &str) -> Result<State, Failed> {
        Ok(match self.known(id).await?.state {
            Told::Waiting => State::Waiting,
            Told::Opened => State::Opened,
            Told::Paid => State::Paid,
            Told::Declined => State::Failed,
        })
    }

    async fn taken(&self, id: &str) -> Result<Taken, Failed> {
        let one = self.known(id).await?;
        let refundable = Money::from_tiyn(one.tiyn - one.returned);
        Ok(Taken { total: one.amount(), refundable })
    }

    async fn refund(&self, id: &str, amount: Money) -> Result<String, Failed> {
        let mut one = self.known(id).await?;
        if one.state != Told::Paid || one.returned + amount.tiyn() > one.tiyn {
            return Err(Failed::Refused { code: -2, message: "no such sum to give back".into() });
        }
        one.returned += amount.tiyn();
        one.returns += 1;
        state::set(&self.db, &key(id), &one).await.map_err(unknown)?;
        Ok(format!("{id}-{}", one.returns))
    }
}
