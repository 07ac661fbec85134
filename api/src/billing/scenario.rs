//! What if: scenarios as the graph shows and takes them.

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::billing::{self as rule, ChangeCause, ScenarioBy, ScenarioStatus, causes};
use domain::consumption::Basis;
use domain::kernel::*;
use domain::tariffs::{Amenity, Band, BandMode, Bands};
use entities::billing::scenario;
use entities::subscribers::account;
use rust_decimal::Decimal;
use serde::Serialize;

use super::loaders::{ScenarioParts, ScenarioPartsOf};
use super::ops::{self, BothBooks};
use super::types::ChargeLine;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::platform::{Refusal, messages};
use crate::premises::types::District;
use crate::subscribers::loaders::AccountById;
use crate::tariffs::inputs::BandInput;
use crate::wiring::account::Account;
use crate::{payload, premises};

/// A price of a scenario (цена).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioPriceInput {
    /// Line of the price list (услуга).
    pub service: Service,
    /// For whom (группа потребителей).
    pub consumer_group: ConsumerGroup,
    /// From this day on (с).
    pub from: Date,
    /// Tenge per m³ without VAT, four decimals at most, as a string (цена без НДС).
    pub net: String,
}

/// A norm of a scenario (норматив).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioNormInput {
    /// For which dwellings (благоустроенность).
    pub amenity: Amenity,
    /// Line of the price list (услуга).
    pub service: Service,
    /// From this day on (с).
    pub from: Date,
    /// m³ per registered person and full month (норматив).
    pub volume: Volume,
}

/// Bands of a scenario (дифференциация).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioBandsInput {
    /// From this day on (с).
    pub from: Date,
    /// How the bands price a volume (способ).
    pub mode: BandMode,
    /// In rising order, the last one without a bound (диапазоны).
    pub bands: Vec<BandInput>,
}

/// Days without bands in a scenario (приостановление дифференциации).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioSuspensionInput {
    /// From this day on (с).
    pub from: Date,
}

/// A rate of value added tax of a scenario (ставка НДС).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioVatInput {
    /// From this day on (с).
    pub from: Date,
    /// 0.16 stands for 16 %; four decimals at most, as a string (ставка).
    pub rate: String,
}

/// A method of a scenario (настройка).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioSettingInput {
    /// Code of the setting (код).
    pub code: String,
    /// From this day on (с).
    pub from: Date,
    /// Its value, in the code's own words (значение).
    pub value: String,
}

/// A day after which readings do not count (дата заморозки показаний).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ScenarioFreezeInput {
    /// The last day that counts (последний день).
    pub day: Date,
}

/// One thing that a scenario changes (изменение).
#[derive(Debug, Clone, OneofObject, Serialize)]
pub enum ScenarioChangeInput {
    /// A price (цена).
    Price(ScenarioPriceInput),
    /// A norm (норматив).
    Norm(ScenarioNormInput),
    /// Bands (дифференциация).
    Bands(ScenarioBandsInput),
    /// No bands (без дифференциации).
    Suspension(ScenarioSuspensionInput),
    /// A rate of VAT (ставка НДС).
    Vat(ScenarioVatInput),
    /// A method (настройка).
    Setting(ScenarioSettingInput),
    /// Readings are left out (заморозка показаний).
    Freeze(ScenarioFreezeInput),
}

impl ScenarioChangeInput {
    /// Numbers that are none are refused here, everything else by the rule.
    fn read(self, number: usize) -> std::result::Result<rule::ScenarioChange, Refusal> {
        let wrong = |code: &'static str| Refusal::new(code).at("changes").with("number", number);
        let decimal = |text: &str| Decimal::from_str_exact(text.trim()).ok();
        Ok(match self {
            Self::Price(price) => rule::ScenarioChange::Price {
                service: price.service,
                group: price.consumer_group,
                from: price.from.0,
                net: decimal(&price.net).ok_or_else(|| wrong("PRICE_WRONG"))?,
            },
            Self::Norm(norm) => rule::ScenarioChange::Norm {
                amenity: norm.amenity,
                service: norm.service,
                from: norm.from.0,
                volume: norm.volume,
            },
            Self::Bands(ScenarioBandsInput { from, mode, bands }) => {
                let band = |band: BandInput| {
                    Some(Band { upto: band.upto, coefficient: decimal(&band.coefficient)? })
                };
                let bands: Option<Vec<Band>> = bands.into_iter().map(band).collect();
                let bands = bands.ok_or_else(|| wrong("BANDS_COEFFICIENT"))?;
                rule::ScenarioChange::Bands { from: from.0, bands: Some(Bands { mode, bands }) }
            }
            Self::Suspension(days) => rule::ScenarioChange::Bands { from: days.from.0, bands: None },
            Self::Vat(vat) => rule::ScenarioChange::Vat {
                from: vat.from.0,
                rate: decimal(&vat.rate).ok_or_else(|| wrong("RATE_WRONG"))?,
            },
            Self::Setting(setting) => rule::ScenarioChange::Setting {
                code: setting.code,
                from: setting.from.0,
                value: setting.value,
            },
            Self::Freeze(freeze) => rule::ScenarioChange::Freeze { day: freeze.day.0 },
        })
    }
}

/// Changes as they were told, in their order.
pub fn read(changes: Vec<ScenarioChangeInput>) -> std::result::Result<Vec<rule::ScenarioChange>, Refusal> {
    changes.into_iter().enumerate().map(|(at, change)| change.read(at + 1)).collect()
}

/// A scenario to reckon.
#[derive(InputObject, Serialize)]
pub struct ScenarioCreateInput {
    /// What people call it (название).
    #[graphql(validator(max_length = 200))]
    pub name: String,
    /// What it is for (примечание).
    #[graphql(validator(max_length = 2000))]
    pub note: Option<String>,
    /// The month that is reckoned (период).
    pub period: Period,
    /// Whose accounts; all sectors of the caller unless said (секторы).
    pub sectors: Option<Vec<Sector>>,
    /// What is different; nothing shows the month as it is (изменения).
    pub changes: Vec<ScenarioChangeInput>,
    /// Whether the difference of each account is kept, for export (хранить разницу по счетам).
    pub keep_accounts: bool,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// A scenario to reckon again.
#[derive(InputObject)]
pub struct ScenarioRepeatInput {
    /// Node id of the scenario.
    pub id: Gid<ScenarioId>,
    /// Whether the difference of each account is kept; as before unless said (хранить разницу по счетам).
    pub keep_accounts: Option<bool>,
}

/// A scenario to delete.
#[derive(InputObject)]
pub struct ScenarioDeleteInput {
    /// Node id of the scenario.
    pub id: Gid<ScenarioId>,
}

payload!(
    /// What became of a scenario (итог действия над сценарием).
    ScenarioPayload {
        /// The scenario (сценарий).
        scenario: Scenario
    }
);

/// What became of a wish to delete a scenario (итог удаления сценария).
#[derive(SimpleObject)]
pub struct ScenarioDeletePayload {
    /// The id it had (удалённый сценарий).
    pub deleted: Option<Gid<ScenarioId>>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

payload!(
    /// What a scenario comes to for an account (сценарий по одному счёту).
    ScenarioOfAccountPayload {
        /// Both sides (сравнение).
        comparison: AccountComparison
    }
);

/// A month of an account as the register has it and as a scenario has it (счёт в двух вариантах).
#[derive(SimpleObject)]
pub struct AccountComparison {
    /// The account (лицевой счёт).
    pub account: Account,
    /// Month (период).
    pub period: Period,
    /// To pay as it is (как есть).
    pub before: Money,
    /// To pay with the changes (по сценарию).
    pub after: Money,
    /// after − before (разница).
    pub difference: Money,
    /// What is different (причины).
    pub causes: Vec<ChangeCause>,
    /// Lines as they are (строки как есть).
    pub lines_before: Vec<ChargeLine>,
    /// Lines with the changes (строки по сценарию).
    pub lines_after: Vec<ChargeLine>,
}

impl AccountComparison {
    fn of(account: account::Model, period: Period, both: &BothBooks) -> Self {
        let (before, after) = (&both.before, &both.after);
        Self {
            account: account.into(),
            period,
            before: before.gross(),
            after: after.gross(),
            difference: after.gross() - before.gross(),
            causes: causes(&before.lines, &after.lines),
            lines_before: before.lines.iter().map(Into::into).collect(),
            lines_after: after.lines.iter().map(Into::into).collect(),
        }
    }
}

/// One account under a scenario, by the same facts and rule as the city.
pub async fn of_account(
    cx: &Context<'_>,
    account: AccountId,
    period: Period,
    changes: &[rule::ScenarioChange],
) -> Result<std::result::Result<AccountComparison, Refusal>> {
    let row = account::find(cx.db(), cx.scope()?, account).await?.ok_or_else(ApiError::not_found)?;
    let now = cx.app().clock.now();
    Ok(match ops::scenario_of_account(cx.db(), &row, period, changes, now).await? {
        Ok(Some(Ok(both))) => Ok(AccountComparison::of(row, period, &both)),
        Ok(Some(Err(missing))) => Err(Refusal::new(missing.code()).with("detail", missing.to_string())),
        Ok(None) => Err(Refusal::new("EXCUSE_NOT_ACTIVE")),
        Err(refusal) => Err(refusal),
    })
}

/// One thing that a scenario changes, as it was told (изменение).
#[derive(SimpleObject)]
pub struct ScenarioChange {
    /// What it is, in the language of the request (описание).
    pub text: String,
    /// From this day on; the last day that counts of readings left out (с).
    pub from: Date,
    /// The line of the price list of a price or a norm (услуга).
    pub service: Option<Service>,
    /// The group of a price (группа потребителей).
    pub consumer_group: Option<ConsumerGroup>,
    /// The dwellings of a norm (благоустроенность).
    pub amenity: Option<Amenity>,
    /// Code of a setting (код настройки).
    pub setting: Option<String>,
    /// How bands price a volume; nothing where bands are suspended (способ).
    pub mode: Option<BandMode>,
    /// Upper bounds in m³ and coefficients, like `3:1.0,5:1.2,-:2.0` (диапазоны).
    pub bands: Option<String>,
    /// Net price, m³ of a norm, rate of VAT or a setting's value (значение).
    pub value: Option<String>,
}

impl ScenarioChange {
    fn of(change: &rule::ScenarioChange, language: messages::Language) -> Self {
        let word = |list: &str, code: &str| {
            messages::text(language, &format!("{list}_{}", code.to_uppercase()), &[])
        };
        let mut told = Self {
            text: String::new(),
            from: Date::from(chrono::NaiveDate::default()),
            service: None,
            consumer_group: None,
            amenity: None,
            setting: None,
            mode: None,
            bands: None,
            value: None,
        };
        let worded = |value: Decimal| messages::Value::from(value).worded(language);
        let (code, args): (&str, Vec<(&str, String)>) = match change {
            rule::ScenarioChange::Price { service, group, from, net } => {
                (told.service, told.consumer_group) = (Some(*service), Some(*group));
                (told.from, told.value) = ((*from).into(), Some(net.normalize().to_string()));
                let args = vec![
                    ("service", word("SERVICE", service.code())),
                    ("group", word("GROUP", group.code())),
                    ("value", worded(*net)),
                ];
                ("SCENARIO_CHANGE_PRICE", args)
            }
            rule::ScenarioChange::Norm { amenity, service, from, volume } => {
                (told.service, told.amenity) = (Some(*service), Some(*amenity));
                (told.from, told.value) = ((*from).into(), Some(volume.to_string()));
                let args = vec![
                    ("service", word("SERVICE", service.code())),
                    ("amenity", word("AMENITY", amenity.code())),
                    ("value", worded(volume.to_decimal())),
                ];
                ("SCENARIO_CHANGE_NORM", args)
            }
            rule::ScenarioChange::Bands { from, bands: Some(bands) } => {
                let band = |band: &Band| {
                    let upto = band
                        .upto
                        .map_or_else(|| "-".to_owned(), |upto| upto.to_decimal().normalize().to_string());
                    format!("{upto}:{}", band.coefficient.normalize())
                };
                let spelled = bands.bands.iter().map(band).collect::<Vec<_>>().join(",");
                (told.from, told.mode, told.bands) =
                    ((*from).into(), Some(bands.mode), Some(spelled.clone()));
                ("SCENARIO_CHANGE_BANDS", vec![("bands", spelled)])
            }
            rule::ScenarioChange::Bands { from, bands: None } => {
                told.from = (*from).into();
                ("SCENARIO_CHANGE_SUSPENSION", Vec::new())
            }
            rule::ScenarioChange::Vat { from, rate } => {
                (told.from, told.value) = ((*from).into(), Some(rate.normalize().to_string()));
                ("SCENARIO_CHANGE_VAT", vec![("percent", worded(rate * Decimal::ONE_HUNDRED))])
            }
            rule::ScenarioChange::Setting { code, from, value } => {
                (told.from, told.value) = ((*from).into(), Some(value.clone()));
                told.setting = Some(code.clone());
                let name = messages::text(language, &format!("setting.{code}"), &[]);
                ("SCENARIO_CHANGE_SETTING", vec![("setting", name), ("value", value.clone())])
            }
            rule::ScenarioChange::Freeze { day } => {
                told.from = (*day).into();
                ("SCENARIO_CHANGE_FREEZE", Vec::new())
            }
        };
        let mut args = args;
        args.push(("from", messages::day(language, &told.from.0.to_string())));
        told.text = messages::text(language, code, &args);
        told
    }
}

/// Sums of one side (сумма).
#[derive(SimpleObject)]
pub struct ScenarioSum {
    /// Accounts with a charge (счетов с начислением).
    pub billed: i64,
    /// Volume, m³ (объём).
    pub volume: Volume,
    /// Without VAT (без НДС).
    pub net: Money,
    /// VAT (НДС).
    pub vat: Money,
    /// With VAT (с НДС).
    pub gross: Money,
}

/// What a part of the city pays as it is and with the changes (часть города).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ScenarioPart {
    /// By what it is told apart (разрез).
    pub by: ScenarioBy,
    /// The part's own code; empty for everything together (код).
    pub code: String,
    /// Accounts of the part (счетов).
    pub accounts: i64,
    /// As it is (как есть).
    pub before: ScenarioSum,
    /// With the changes (по сценарию).
    pub after: ScenarioSum,
    /// after − before, with VAT (разница).
    pub difference: Money,
    /// Accounts that pay less (выигрывают).
    pub gainers: i64,
    /// By so much together (выигрыш).
    pub gain: Money,
    /// Accounts that pay more (проигрывают).
    pub losers: i64,
    /// By so much together (проигрыш).
    pub loss: Money,
    #[graphql(skip)]
    district: Option<DistrictId>,
}

impl From<&scenario::Part> for ScenarioPart {
    fn from(row: &scenario::Part) -> Self {
        let by = ScenarioBy::from_code(&row.by).unwrap_or(ScenarioBy::All);
        let sum = |billed, liters, net, vat, gross| ScenarioSum {
            billed,
            volume: Volume::from_liters(liters),
            net: Money::from_tiyn(net),
            vat: Money::from_tiyn(vat),
            gross: Money::from_tiyn(gross),
        };
        Self {
            by,
            code: row.code.clone(),
            accounts: row.accounts,
            before: sum(
                row.billed_before,
                row.liters_before,
                row.net_before,
                row.vat_before,
                row.gross_before,
            ),
            after: sum(row.billed_after, row.liters_after, row.net_after, row.vat_after, row.gross_after),
            difference: Money::from_tiyn(row.gross_after - row.gross_before),
            gainers: row.gainers,
            gain: Money::from_tiyn(row.gain),
            losers: row.losers,
            loss: Money::from_tiyn(row.loss),
            district: (by == ScenarioBy::District).then(|| row.code.parse().ok().map(DistrictId)).flatten(),
        }
    }
}

#[ComplexObject]
impl ScenarioPart {
    /// The line of the price list, in parts by service (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(&self.code).filter(|_| self.by == ScenarioBy::Service)
    }

    /// The sector, in parts by sector (сектор).
    async fn sector(&self) -> Option<Sector> {
        Sector::from_code(&self.code).filter(|_| self.by == ScenarioBy::Sector)
    }

    /// The district, in parts by district (район).
    async fn district(&self, cx: &Context<'_>) -> Result<Option<District>> {
        match self.district {
            Some(id) => premises::types::district(cx, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Registered people, in parts by household; 6 stands for 6 and more (число зарегистрированных).
    async fn people(&self) -> Option<i32> {
        self.code.parse().ok().filter(|_| self.by == ScenarioBy::Household)
    }

    /// The basis of the accounts' largest lines, in parts by basis (основание).
    async fn basis(&self) -> Option<Basis> {
        Basis::from_code(&self.code).filter(|_| self.by == ScenarioBy::Basis)
    }

    /// The least difference of an account, itself outside, in parts by difference; nothing where there is no bound and where nothing
    /// differs (изменение больше).
    async fn above(&self) -> Option<Money> {
        self.bound(0)
    }

    /// The largest difference of an account, itself inside, in parts by difference (изменение не больше).
    async fn upto(&self) -> Option<Money> {
        self.bound(1)
    }
}

impl ScenarioPart {
    /// Bounds of the size of the differences of the class, without their sign.
    fn bound(&self, side: i32) -> Option<Money> {
        let class =
            self.code.parse::<i32>().ok().filter(|class| self.by == ScenarioBy::Difference && *class != 0)?;
        let at = usize::try_from(class.abs() - 2 + side).ok();
        match at.map(|at| rule::SIZES.get(at)) {
            Some(tenge) => tenge.map(|tenge| Money::from_tiyn(tenge * 100)),
            None => Some(Money::ZERO),
        }
    }
}

/// An account that differs much (счёт с большой разницей).
#[derive(SimpleObject)]
pub struct ScenarioDifference {
    /// The account (лицевой счёт).
    pub account: Account,
    /// To pay as it is (как есть).
    pub before: Money,
    /// To pay with the changes (по сценарию).
    pub after: Money,
    /// after − before (разница).
    pub difference: Money,
}

/// What the registers or the scenario lack (чего не хватает).
#[derive(SimpleObject)]
pub struct ScenarioMissing {
    /// What is missing (что).
    pub text: String,
    /// For how many accounts (счетов).
    pub accounts: i64,
}

/// Named changes of the tariff book and what a month would come to with them; no bill and no entry comes from it (сценарий «что если»).
#[derive(Clone)]
pub struct Scenario(pub scenario::Scenario);

impl From<scenario::Scenario> for Scenario {
    fn from(row: scenario::Scenario) -> Self {
        Self(row)
    }
}

/// Named changes of the tariff book and what a month would come to with them; no bill and no entry comes from it (сценарий «что если»).
#[Object]
impl Scenario {
    /// Node id.
    pub async fn id(&self) -> Gid<ScenarioId> {
        Gid(self.0.id)
    }

    /// What people call it (название).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for (примечание).
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// The month that is reckoned (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Whose accounts (секторы).
    async fn sectors(&self) -> Vec<Sector> {
        self.0.sectors()
    }

    /// What is different (изменения).
    async fn changes(&self, cx: &Context<'_>) -> Result<Vec<ScenarioChange>> {
        let language = cx.language();
        Ok(self.0.changes()?.iter().map(|change| ScenarioChange::of(change, language)).collect())
    }

    /// Whether the difference of each account is kept, for export (разница по счетам хранится).
    async fn keeps_accounts(&self) -> bool {
        self.0.keeps_accounts
    }

    /// Where it stands (состояние).
    async fn status(&self) -> ScenarioStatus {
        self.0.status()
    }

    /// Its work in the background (задание).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// Accounts of the month (счетов всего).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Accounts reckoned so far (счетов рассчитано).
    async fn accounts_done(&self) -> i64 {
        self.0.accounts_done
    }

    /// Accounts that can't be charged on one of the sides: in no sum (не рассчитано).
    async fn failures(&self) -> i64 {
        self.0.failures
    }

    /// What is missing for those (чего не хватает).
    async fn missing(&self) -> Vec<ScenarioMissing> {
        let Some(missing) = self.0.missing.as_object() else { return Vec::new() };
        let told = missing.iter().map(|(text, accounts)| ScenarioMissing {
            text: text.clone(),
            accounts: accounts.as_i64().unwrap_or_default(),
        });
        told.collect()
    }

    /// Facts recorded up to this moment are used; of a month that is run, those of the run (известно на момент).
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }

    /// Fingerprint of all lines as they are: the run's, where the month is run (контрольная сумма как есть).
    async fn hash_before(&self) -> Option<&str> {
        self.0.hash_before.as_deref()
    }

    /// Fingerprint of all lines with the changes (контрольная сумма по сценарию).
    async fn hash_after(&self) -> Option<&str> {
        self.0.hash_after.as_deref()
    }

    /// Who asked for it (автор).
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was made (создан).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the work began (начат).
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// When it ended (закончен).
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// Why it stands still (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Everything together; nothing before the result is there (всего).
    #[graphql(complexity = "5 + child_complexity")]
    async fn total(&self, cx: &Context<'_>) -> Result<Option<ScenarioPart>> {
        let parts = self.kept(cx).await?.parts;
        Ok(parts.iter().find(|row| row.by == ScenarioBy::All.code()).map(Into::into))
    }

    /// Parts of the city (по частям города).
    #[graphql(complexity = "20 + 10 * child_complexity")]
    async fn parts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "By what they are told apart.")] by: ScenarioBy,
    ) -> Result<Vec<ScenarioPart>> {
        let parts = self.kept(cx).await?.parts;
        let mut parts: Vec<ScenarioPart> =
            parts.iter().filter(|row| row.by == by.code()).map(Into::into).collect();
        if matches!(by, ScenarioBy::Household | ScenarioBy::Difference) {
            parts.sort_by_key(|part| part.code.parse::<i64>().unwrap_or_default());
        }
        Ok(parts)
    }

    /// Accounts that differ most, 20 at most, the largest first, as far as the caller may see them (наибольшие изменения).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "20 + child_complexity")]
    async fn largest(&self, cx: &Context<'_>) -> Result<Vec<ScenarioDifference>> {
        let scope = cx.scope()?;
        let rows = self.kept(cx).await?.largest;
        let keys = rows.iter().map(|row| AccountById(AccountId(row.account_id)));
        let mut found = cx.loader().load_many(keys).await?;
        let shown = rows.into_iter().filter_map(|row| {
            let account = found.remove(&AccountById(AccountId(row.account_id)))?;
            account.in_scope(scope).then(|| ScenarioDifference {
                account: account.into(),
                before: Money::from_tiyn(row.before),
                after: Money::from_tiyn(row.after),
                difference: Money::from_tiyn(row.after - row.before),
            })
        });
        Ok(shown.collect())
    }

    /// What it comes to for one account, at once (по одному счёту).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "40 + child_complexity")]
    async fn of_account(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account: Gid<AccountId>,
    ) -> Result<ScenarioOfAccountPayload> {
        let changes = self.0.changes()?;
        let done = of_account(cx, account.0, self.0.period(), &changes).await?;
        Ok(ScenarioOfAccountPayload::of(done, cx.language()))
    }
}

impl Scenario {
    async fn kept(&self, cx: &Context<'_>) -> Result<ScenarioParts> {
        Ok(cx.loader().load_one(ScenarioPartsOf(self.0.id)).await?.unwrap_or_default())
    }
}
