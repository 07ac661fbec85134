use std::sync::Arc;
use std::time::Duration;

use domain::AccessEvent;
use domain::access::Principal;
use domain::kernel::AccountId;
use entities::access::{contact, login_code};
use entities::kernel::{Broken, Tx};
use rand::Rng;

use super::signing_in;
use crate::app::App;
use crate::platform::messages::{self, Language};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Where a code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Sms,
    Email,
}

/// What anybody is told, whether the account exists or not.
#[derive(Debug, Clone)]
pub struct CodeSent {
    pub sent_to: String,
    pub expires_in: i32,
}

/// Every answer takes this long, whatever was found and whoever carries the message.
const PACE: Duration = Duration::from_millis(250);

/// Sends a one-time code to the holder of an account. Known and unknown numbers cannot be told apart by answer or time.
pub async fn send_code(app: &Arc<App>, number: &str, way: Way) -> Outcome<CodeSent> {
    let number = number.trim().to_owned();
    if let Some(seconds) = too_often(app, &number).await? {
        refuse!(Refusal::new("TOO_MANY_REQUESTS").with("detail", seconds));
    }
    let work = tokio::spawn(deliver(app.clone(), number.clone(), way));
    let (delivered, ()) = tokio::join!(tokio::time::timeout(PACE, work), tokio::time::sleep(PACE));
    let sent_to = match delivered {
        Ok(Ok(Ok(Some(mask)))) => mask,
        Ok(Ok(Err(error))) => {
            tracing::error!(error = %error, "a one-time code could not be sent");
            decoy(app, &number, way)
        }
        _ => decoy(app, &number, way),
    };
    Ok(Ok(CodeSent { sent_to, expires_in: login_code::MINUTES * 60 }))
}

/// Seconds to wait when a number was asked for too often. In the demo everybody signs in with the same few numbers.
async fn too_often(app: &App, number: &str) -> Result<Option<u64>, Broken> {
    let per_minute = if app.config.demo { 60 } else { 3 };
    for (seconds, most) in [(60, per_minute), (3600, per_minute * 10)] {
        let key = format!("code:{seconds}:{number}");
        let count = app.bus.add(&key, 1, seconds).await.map_err(|e| Broken::Custom(e.to_string()))?;
        if count > most {
            return Ok(Some(seconds));
        }
    }
    Ok(None)
}

/// The masked address it went to, or nothing when there is nobody to send to.
async fn deliver(app: Arc<App>, number: String, way: Way) -> Result<Option<String>, Broken> {
    let Some(contact) = contact::of_account(&app.db, &number, app.clock.today()).await? else {
        return Ok(None);
    };
    let sealed = match way {
        Way::Sms => &contact.phone,
        Way::Email => &contact.email,
    };
    let Some(address) = sealed.as_deref().and_then(|sealed| app.vault.open(sealed)) else { return Ok(None) };
    let code = format!("{:06}", rand::rng().random_range(0..1_000_000));

    let account = AccountId(contact.account_id);
    let mut tx =
        Tx::begin(&app.db, signing_in(Principal::Subscriber(account), &contact.number, None)).await?;
    let channel = if way == Way::Sms { "sms" } else { "email" };
    login_code::insert(&tx, account.0, channel, &app.tokens.code_hash(account.0, &code)).await?;
    tx.emit(AccessEvent::CodeSent { account });
    tx.commit().await?;

    let language = Language::from_code(&contact.language).unwrap_or(Language::Ru);
    let args = [("code", code), ("minutes", login_code::MINUTES.to_string())];
    let text = messages::text(language, "LOGIN_CODE_TEXT", &args);
    match way {
        Way::Sms => app.ports.sms.send(&address, &text).await?,
        Way::Email => {
            let subject = messages::text(language, "LOGIN_CODE_SUBJECT", &[]);
            app.ports.mail.send(&address, &subject, &text).await?;
        }
    }
    Ok(Some(mask(way, &address)))
}

fn mask(way: Way, address: &str) -> String {
    match way {
        Way::Sms => {
            let digits: Vec<char> = address.chars().filter(char::is_ascii_digit).collect();
            let tail: String = digits[digits.len().saturating_sub(2)..].iter().collect();
            format!("+7 *** *** ** {tail}")
        }
        Way::Email => format!("{}***@***", address.chars().next().unwrap_or('*')),
    }
}

/// The same shape for a number that nobody has, always the same one for it.
fn decoy(app: &App, number: &str, way: Way) -> String {
    let random = app.tokens.decoy(number);
    match way {
        Way::Sms => mask(way, &format!("{:02}", random % 100)),
        Way::Email => mask(way, char::from(b'a' + (random % 26) as u8).encode_utf8(&mut [0; 4])),
    }
}
