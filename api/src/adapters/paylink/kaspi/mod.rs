//! Kaspi Pay: links and QR codes. The provider knows us by a client certificate and our address; a device is registered once and its token
//! goes with every call. Nothing is signed and nobody calls us: the state is asked for.

use std::time::Duration;

use anyhow::Context;
use domain::kernel::Money;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::{Failed, Link, PayLink, State, Taken, Wanted};
use crate::config::KaspiConfig;

mod wire;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Kaspi {
    http: reqwest::Client,
    base: String,
    bin: String,
    device: String,
    trade_point: i64,
    /// Of the device; asked for anew when the provider no longer knows it.
    token: Mutex<Option<String>>,
}

impl Kaspi {
    pub fn of(config: &KaspiConfig) -> anyhow::Result<Self> {
        let mut http = reqwest::Client::builder().timeout(PATIENCE);
        if let Some(path) = &config.identity_file {
            let pem =
                std::fs::read(path).with_context(|| format!("kaspi.identity_file: {}", path.display()))?;
            http = http.identity(
                reqwest::Identity::from_pem(&pem)
                    .context("kaspi.identity_file is not a certificate with its key")?,
            );
        }
        Ok(Self {
            http: http.build().context("kaspi")?,
            base: config.url.trim_end_matches('/').to_owned(),
            bin: config.bin.clone(),
            device: config.device.clone(),
            trade_point: config.trade_point,
            token: Mutex::default(),
        })
    }

    /// The token of the device; when one was refused, what the provider says now.
    async fn token(&self, refused: Option<&str>) -> Result<String, Failed> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| refused != Some(token.as_str())) {
            return Ok(token.clone());
        }
        let said = wire::Register {
            device_id: &self.device,
            trade_point_id: self.trade_point,
            organization_bin: &self.bin,
        };
        let registered: wire::Registered = self.post("/r3/v01/device/register", &said).await?;
        Ok(kept.insert(registered.device_token).clone())
    }

    /// A call that shows the token. A refusal may be of the token alone, and what is refused has not happened: when the device is
    /// registered anew, the call is made once more.
    async fn known<T: DeserializeOwned>(
        &self,
        call: impl Fn(&str) -> reqwest::RequestBuilder + Send + Sync,
    ) -> Result<T, Failed> {
        let token = self.token(None).await?;
        let refused = match self.answered(call(&token)).await {
            Err(refused @ Failed::Refused { .. }) => refused,
            answer => return answer,
        };
        match self.token(Some(&token)).await {
            Ok(other) => self.answered(call(&other)).await,
            Err(_) => Err(refused),
        }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, said: &impl Serialize) -> Result<T, Failed> {
        self.answered(self.to(path).json(said)).await
    }

    fn to(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.base))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        self.answered(self.http.get(format!("{}{path}", self.base))).await
    }

    /// An answer of the provider. Whatever is not one of its answers is unknown: a page of a proxy, half a document, silence.
    async fn answered<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failed> {
        let unknown = |error: String| Failed::Unknown(error);
        let response = request.send().await.map_err(|error| unknown(error.without_url().to_string()))?;
        if !response.status().is_success() {
            return Err(unknown(format!("HTTP {}", response.status().as_u16())));
        }
        let bytes = response.bytes().await.map_err(|error| unknown(error.without_url().to_string()))?;
        let envelope: wire::Envelope<T> =
            serde_json::from_slice(&bytes).map_err(|error| unknown(error.to_string()))?;
        match (envelope.status_code, envelope.data) {
            (0, Some(data)) => Ok(data),
            (0, None) => Err(unknown("an answer without data".into())),
            (code, _) => Err(Failed::Refused { code, message: envelope.message.unwrap_or_default() }),
        }
    }

    fn id(text: &str) -> Result<i64, Failed> {
        text.parse()
            .map_err(|_| Failed::Refused { code: 0, message: format!("{text} is no number of Kaspi") })
    }
}

#[async_trait::async_trait]
impl PayLink for Kaspi {
    fn channel(&self) -> &'static str {
        "kaspi-link"
    }

    async fn create(&self, wanted: &Wanted) -> Result<Link, Failed> {
        let made: wire::Created = self
            .known(|token| {
                self.to("/r3/v01/qr/create-link").json(&wire::CreateLink {
                    device_token: token,
                    amount: wire::Tenge(wanted.amount),
                    external_id: &wanted.reference,
                    organization_bin: &self.bin,
                })
            })
            .await?;
        Ok(Link {
            id: made.payment_id.to_string(),
            url: made.payment_link,
            expires_at: made.expire_date.map(|at| at.to_utc()),
        })
    }

    async fn state(&self, id: &str) -> Result<State, Failed> {
        let found: wire::Status = self.get(&format!("/r3/v02/payment/status/{}", Self::id(id)?)).await?;
        match found.status.as_str() {
            "Wait" | "RemotePaymentCreated" => Ok(State::Waiting),
            "QrTokenCreated" => Ok(State::Opened),
            "Processed" => Ok(State::Paid),
            "Error" => Ok(State::Failed),
            other => Err(Failed::Unknown(format!("a state nobody has told us of: {other}"))),
        }
    }

    async fn taken(&self, id: &str) -> Result<Taken, Failed> {
        let number = Self::id(id)?;
        let found: wire::Details = self
            .known(|token| {
                let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
                self.http.get(format!(
                    "{}/r3/v01/payment/details?QrPaymentId={number}&DeviceToken={token}",
                    self.base
                ))
            })
            .await?;
        Ok(Taken { total: found.total_amount.0, refundable: found.available_return_amount.0 })
    }

    async fn refund(&self, id: &str, amount: Money) -> Result<String, Failed> {
        let number = Self::id(id)?;
        let done: wire::Returned = self
            .known(|token| {
                self.to("/r3/v01/payment/return").json(&wire::Return {
                    device_token: token,
                    qr_payment_id: number,
                    amount: wire::Tenge(amount),
                    organization_bin: &self.bin,
                })
            })
            .await?;
        Ok(done.return_operation_id.to_string())
    }
}
