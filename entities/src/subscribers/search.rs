//! The search box over accounts: a number, a name, an address, an ИИН or a phone, in any spelling.

use domain::access::Scope;
use domain::kernel::*;
use domain::subscribers::AccountStatus;
use sea_orm::{ConnectionTrait, TransactionTrait, Value};

use super::account::Model;
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// Words of a name or street, and the numbers after them: house, then flat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    words: Vec<String>,
    numbers: Vec<String>,
}

/// Words that stand in addresses and find nothing.
const NOISE: &[&str] = &[
    "ул",
    "улица",
    "пр",
    "проспект",
    "мкр",
    "микрорайон",
    "дом",
    "д",
    "кв",
    "квартира",
    "г",
    "алматы",
    "көшесі",
    "даңғылы",
    "үй",
    "пәтер",
    "ықшамаудан",
];

impl Words {
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';' | '-' | '№'));
        for part in parts.map(|p| p.trim_matches(|c: char| !c.is_alphanumeric())).filter(|p| !p.is_empty()) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                found.numbers.push(part.to_owned());
            } else if !NOISE.contains(&part.to_lowercase().as_str()) {
                found.words.push(part.replace(['%', '_', '\\'], ""));
            }
        }
        found
    }

    /// All the words as one.
    pub fn text(&self) -> Option<String> {
        (!self.words.is_empty()).then(|| self.words.concat())
    }

    pub fn house(&self) -> Option<String> {
        self.numbers.first().cloned()
    }

    pub fn flat(&self) -> Option<String> {
        self.numbers.get(1).cloned()
    }
}

/// A blind index to look under; made by the vault, which only the caller has.
#[derive(Debug, Clone)]
pub enum Blind {
    Identification(Vec<u8>),
    Phone(Vec<u8>),
}

/// What a caller asks of the list of accounts.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub search: Option<String>,
    /// Personal data that the search text may be, if the caller may look for it.
    pub blind: Vec<Blind>,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub status: Option<AccountStatus>,
    /// Only accounts with something unpaid.
    pub debtors: bool,
    /// Newest first instead of by number.
    pub newest: bool,
}

/// The row that a page starts after: its number, or its id where the newest come first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Key {
    Number(String),
    Id(i64),
}

impl Filter {
    pub fn key(&self, row: &Model) -> Key {
        if self.newest { Key::Id(row.id.0) } else { Key::Number(row.number.clone()) }
    }
}

/// Accounts of the scope. A search looks at once under everything that the text may be; when nothing is spelled like that, what
/// is spelled nearly so is the answer.
pub async fn accounts(db: &Db, scope: &Scope, filter: &Filter, page: Page<Key>) -> Result<Slice<Model>> {
    let found = look(db, scope, filter, &page, LIKE).await?;
    let worded = || filter.search.as_deref().is_some_and(|text| !Words::of(text).words.is_empty());
    // A page after the first one of a nearly spelled search finds nothing exact either.
    if found.rows.is_empty() && worded() {
        let tx = db.begin().await?;
        sql::run(&tx, NEARNESS, []).await?;
        let nearly = look(&tx, scope, filter, &page, NEARLY).await?;
        tx.commit().await?;
        return Ok(nearly);
    }
    Ok(found)
}

/// How a folded column `{}` holds a word.
type Holds = fn(&str, &str) -> String;
const LIKE: Holds = |column, word| format!("{column} LIKE '%' || platform.fold({word}) || '%'");
const NEARLY: Holds = |column, word| format!("{column} %> platform.fold({word})");

/// Folded columns are written without blanks, so that a word in the middle of one resembles it less than a word of its own.
const NEARNESS: &str = "SET LOCAL pg_trgm.word_similarity_threshold = 0.45";

async fn look(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    page: &Page<Key>,
    holds: Holds,
) -> Result<Slice<Model>> {
    let mut values: Vec<Value> = ScopeArgs::from(scope).values().into();
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let mut conditions = vec![ScopeArgs::WHERE.to_owned()];
    if let Some(sector) = filter.sector {
        conditions.push(format!("a.sector = {}", bind(sector.code().into())));
    }
    if let Some(district) = filter.district {
        conditions.push(format!("a.district_id = {}", bind(district.0.into())));
    }
    if let Some(status) = filter.status {
        conditions.push(format!("a.status = {}", bind(status.code().into())));
    }
    if filter.debtors {
        conditions.push(
            "(SELECT sum(o.amount - o.settled) FROM ledger.open_item o
              WHERE o.account_id = a.id AND o.amount <> o.settled) > 0"
                .to_owned(),
        );
    }
    let text = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(text) = text {
        conditions.push(format!("a.id IN ({})", candidates(text, &filter.blind, holds, &mut bind)));
    }
    match &page.after {
        Some(Key::Number(number)) if !filter.newest => {
            conditions.push(format!("a.number > {}", bind(number.clone().into())));
        }
        Some(Key::Id(id)) if filter.newest => conditions.push(format!("a.id < {}", bind((*id).into()))),
        _ => {}
    }
    let order = if filter.newest { "a.id DESC" } else { "a.number" };
    let limit = bind(page.limit().into());
    let statement = format!(
        "SELECT a.* FROM subscribers.account a WHERE {} ORDER BY {order} LIMIT {limit}",
        conditions.join(" AND ")
    );
    let rows = sql::all(db, &statement, values).await?;
    Ok(Slice::of(rows, page.first))
}

/// Ids of accounts that the text may mean, as a set of SQL.
fn candidates(text: &str, blind: &[Blind], holds: Holds, bind: &mut impl FnMut(Value) -> String) -> String {
    const OF_HOLDER: &str =
        "SELECT h.account_id FROM subscribers.holder h JOIN subscribers.party p ON p.id = h.party_id
             WHERE upper_inf(h.recorded) AND upper_inf(h.valid) AND";
    let words = Words::of(text);
    let mut sets = Vec::new();

    let digits =
        text.chars().filter(|c| !c.is_whitespace()).all(|c| c.is_ascii_alphanumeric() || "-/".contains(c));
    if digits {
        let number = text.split_whitespace().collect::<String>();
        let prefix = bind((number.clone() + "%").into());
        sets.push(format!("SELECT id FROM subscribers.account WHERE number LIKE {prefix}"));
        let number = bind(number.into());
        sets.push(format!("SELECT account_id FROM subscribers.old_number WHERE number = {number}"));
    }
    for index in blind {
        sets.push(match index {
            Blind::Identification(index) => {
                format!("{OF_HOLDER} p.identification_index = {}", bind(index.clone().into()))
            }
            Blind::Phone(index) => format!("{OF_HOLDER} p.phone_index = {}", bind(index.clone().into())),
        });
    }
    if words.numbers.is_empty() && !words.words.is_empty() {
        let every: Vec<String> =
            (words.words.iter()).map(|word| holds("p.folded", &bind(word.clone().into()))).collect();
        sets.push(format!("{OF_HOLDER} {}", every.join(" AND ")));
    }
    if let Some(street) = words.text() {
        let mut address = format!(
            "SELECT x.id FROM premises.street s JOIN premises.building b ON b.street_id = s.id
             JOIN subscribers.account x ON x.building_id = b.id JOIN premises.premise p ON p.id = x.premise_id
             WHERE {}",
            holds("s.folded", &bind(street.into()))
        );
        if let Some(house) = words.house() {
            address += &format!(" AND lower(b.house) = lower({})", bind(house.into()));
        }
        if let Some(flat) = words.flat() {
            address += &format!(" AND lower(p.number) = lower({})", bind(flat.into()));
        }
        sets.push(address);
    }
    if sets.is_empty() {
        return "SELECT NULL::bigint".to_owned();
    }
    sets.join(" UNION ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_street_house_flat() {
        let words = Words::of("ул. Абая, д. 10/2, кв. 15");
        assert_eq!(words.text().as_deref(), Some("Абая"));
        assert_eq!((words.house().as_deref(), words.flat().as_deref()), (Some("10/2"), Some("15")));
        assert_eq!(Words::of("Абай 10-15"), Words::of("Абай даңғылы, 10, 15"));
    }
}
