//! What a resident is told of the difference of the house, in plain words of three languages.

use async_graphql::SimpleObject;
use domain::imbalance::{ComparedBy, HouseReason, HouseState, Share};
use domain::kernel::*;
use domain::tariffs::ImbalanceMethod;
use entities::imbalance::house::HouseRow;
use entities::imbalance::share::Told;
use rust_decimal::Decimal;

use crate::platform::graphql::Date;
use crate::platform::messages::{self, Language, Value};

/// What a bill says of the difference of the house (пояснение о доле небаланса).
#[derive(Debug, Clone, SimpleObject)]
pub struct ImbalanceExplanation {
    /// First day between the readings of the house meter (с).
    pub from: Date,
    /// Last day, included (по).
    pub to: Date,
    /// What the house meter showed, m³ (общедомовой прибор); null where it did not tell.
    pub measured: Option<Volume>,
    /// What flats and other premises of the house account for together, m³ (учтено в доме).
    pub accounted: Volume,
    /// The difference, with what the months before left, m³ (разница).
    pub total: Volume,
    /// What of it the flats bear this month, m³ (распределено).
    pub distributed: Volume,
    /// By what it is shared (способ).
    pub method: ImbalanceMethod,
    /// The account's weight (вес).
    pub weight: i64,
    /// The weights of all (сумма весов).
    pub weights: i64,
    /// The account's share, m³ (доля).
    pub volume: Volume,
    /// All of it in words, in the language of the request (пояснение).
    pub text: String,
}

impl ImbalanceExplanation {
    pub fn of(told: &Told, language: Language) -> Self {
        let (house, share) = (&told.house, told.share.share());
        Self {
            from: share.from.into(),
            to: share.to.pred_opt().unwrap_or(share.to).into(),
            measured: house.measured,
            accounted: accounted(house),
            total: house.total(),
            distributed: house.distributed,
            method: house.method,
            weight: told.share.weight,
            weights: told.share.weights,
            volume: share.volume,
            text: of_share(house, &share, language),
        }
    }
}

/// Everything that flats and other premises of a house account for.
pub fn accounted(house: &HouseRow) -> Volume {
    house.metered + house.averaged + house.normed + house.non_residential + house.hot + house.corrected
}

fn days(language: Language, house: &HouseRow) -> (String, String) {
    let last = house.to_day.pred_opt().unwrap_or(house.to_day);
    let say = |day: chrono::NaiveDate| messages::day(language, &day.to_string());
    (say(house.from_day), say(last))
}

/// What everybody in the house is told.
pub fn of_house(house: &HouseRow, language: Language) -> String {
    let (from, to) = days(language, house);
    let say = |of: Volume| Value::from(of).worded(language);
    let measured = house.measured.map_or_else(String::new, say);
    let args = [
        ("from", from),
        ("to", to),
        ("measured", measured),
        ("accounted", say(accounted(house))),
        ("corrected", say(house.corrected)),
        ("total", say(house.total())),
        ("distributed", say(house.distributed)),
        ("carried", say(house.carried_out)),
    ];
    let mut said = Vec::new();
    if house.measured.is_some() {
        said.push(match house.compared_by {
            Some(ComparedBy::Average) => "IMBALANCE_SAYS_AVERAGE",
            _ => "IMBALANCE_SAYS_SHOWN",
        });
        if !house.corrected.is_zero() {
            said.push("IMBALANCE_SAYS_CORRECTED");
        }
        if !house.carried_in.is_zero() {
            said.push("IMBALANCE_SAYS_WITH_BEFORE");
        }
    }
    said.push(match house.state {
        _ if house.reason == Some(HouseReason::BilledInBulk) => "IMBALANCE_SAYS_IN_BULK",
        HouseState::Distributed if house.distributed < Volume::ZERO => "IMBALANCE_SAYS_CREDITED",
        HouseState::Distributed => "IMBALANCE_SAYS_DISTRIBUTED",
        HouseState::Held => "IMBALANCE_SAYS_HELD",
        HouseState::Carried if house.measured.is_none() => "IMBALANCE_SAYS_SILENT",
        HouseState::Carried => "IMBALANCE_SAYS_CARRIED",
        HouseState::Ignored => "IMBALANCE_SAYS_IGNORED",
        HouseState::Nothing if house.measured.is_none() => "IMBALANCE_SAYS_SILENT",
        HouseState::Nothing => "IMBALANCE_SAYS_NOTHING",
    });
    if house.state == HouseState::Distributed && !house.carried_out.is_zero() {
        said.push("IMBALANCE_SAYS_REST");
    }
    said.iter().map(|code| messages::text(language, code, &args)).collect::<Vec<_>>().join(" ")
}

/// The same and the reader's own share.
fn of_share(house: &HouseRow, share: &Share, language: Language) -> String {
    let code = match house.method {
        // The limits made the shares, so weights would tell nothing.
        _ if house.carried_out != Volume::ZERO => "IMBALANCE_SHARE_LIMITED",
        ImbalanceMethod::ByRegistered => "IMBALANCE_SHARE_BY_REGISTERED",
        ImbalanceMethod::UnmeteredOnly => "IMBALANCE_SHARE_UNMETERED_ONLY",
        ImbalanceMethod::Equal => "IMBALANCE_SHARE_EQUAL",
        ImbalanceMethod::ByVolume => "IMBALANCE_SHARE_BY_VOLUME",
        ImbalanceMethod::ByArea => "IMBALANCE_SHARE_BY_AREA",
    };
    // Litres and hundredths of a m² are said as m³ and m².
    let weigh = |weight: u64| {
        let whole = i64::try_from(weight).unwrap_or(i64::MAX);
        let value: Value = match house.method {
            ImbalanceMethod::ByVolume => Volume::from_liters(whole).into(),
            ImbalanceMethod::ByArea => Decimal::new(whole, 2).into(),
            _ => weight.into(),
        };
        value.worded(language)
    };
    let args = [
        ("share", Value::from(share.volume).worded(language)),
        ("weight", weigh(share.weight)),
        ("weights", weigh(share.weights)),
    ];
    format!("{} {}", of_house(house, language), messages::text(language, code, &args))
}
