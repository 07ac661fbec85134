//! The search box over accounts: a number, a name, an address, an ИИН, a phone or a meter, in any spelling.

use std::iter;

use domain::access::Scope;
use domain::kernel::*;
use domain::subscribers::{AccountStatus, nearness};
use sea_orm::{FromQueryResult, TransactionTrait, Value};

use super::account::Model;
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};
use crate::premises::wording::{Named, Reading, Words};

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
    /// Only accounts with something paid ahead.
    pub credit: bool,
    /// Only accounts that the utility's own people hold.
    pub staff: bool,
    /// Newest first instead of the likeliest first, then by number.
    pub newest: bool,
}

/// The row that a page starts after: how likely it was meant and its number, or its id where the newest come first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Key {
    Number(i32, String),
    Id(i64),
}

/// An account that was found.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct Found {
    /// The lower the likelier; 0 where nothing was searched for.
    pub place: i32,
    #[sea_orm(nested)]
    pub account: Model,
}

impl Filter {
    pub fn key(&self, row: &Found) -> Key {
        if self.newest {
            Key::Id(row.account.id.0)
        } else {
            Key::Number(row.place, row.account.number.clone())
        }
    }
}

/// What may have been meant, the likeliest first.
mod place {
    /// The account's number, or one it had before.
    pub const NUMBER: i32 = 0;
    /// The whole ИИН, БИН or phone of its holder, or the serial number of its meter.
    pub const WHOLE: i32 = 1;
    /// The beginning of its number.
    pub const NUMBER_BEGINS: i32 = 2;
    /// The beginning of its meter's serial number.
    pub const METER_BEGINS: i32 = 3;
    /// Words that a name has, or that begin its words.
    pub const NAME: i32 = 4;
    pub const ADDRESS: i32 = 5;
    /// Words that stand somewhere inside a name.
    pub const INSIDE_NAME: i32 = 6;
    /// A name at an address.
    pub const NAME_THERE: i32 = 7;
    /// A name or a street spelled nearly so: as many more as letters differ.
    pub const NEARLY: i32 = 10;
}

/// Accounts that one meaning of a text may give: who asks for more must ask more closely.
const MOST: usize = 1_000;
/// Names and streets that are looked at for a nearly spelled word.
const CANDIDATES: i64 = 300;

/// Accounts of the scope. A search looks at once under everything that the text may be; when nothing is spelled like that, the
/// first page is what is spelled nearly so. One statement, or one more transaction of a few, whatever is found.
pub async fn accounts(db: &Db, scope: &Scope, filter: &Filter, page: Page<Key>) -> Result<Slice<Found>> {
    let found = look(db, scope, filter, &page).await?;
    let text = filter.search.as_deref().unwrap_or_default();
    if found.rows.is_empty()
        && page.after.is_none()
        && let Some(words) = Words::spellings(text).pop().filter(|words| !words.words.is_empty())
    {
        return nearly(db, scope, filter, &words, page.first).await;
    }
    Ok(found)
}

/// Values of a statement in the order of their places.
struct Binds(Vec<Value>);

impl Binds {
    fn of(scope: &Scope) -> Self {
        Self(ScopeArgs::from(scope).values().into())
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}

/// The conditions over `a` that hold whatever is searched for.
fn conditions(filter: &Filter, binds: &mut Binds) -> String {
    let mut all = vec![ScopeArgs::WHERE.to_owned()];
    if let Some(sector) = filter.sector {
        all.push(format!("a.sector = {}", binds.bind(sector.code())));
    }
    if let Some(district) = filter.district {
        all.push(format!("a.district_id = {}", binds.bind(district.0)));
    }
    if let Some(status) = filter.status {
        all.push(format!("a.status = {}", binds.bind(status.code())));
    }
    if filter.debtors {
        all.push(
            "(SELECT sum(o.amount - o.settled) FROM ledger.open_item o
              WHERE o.account_id = a.id AND o.amount <> o.settled) > 0"
                .to_owned(),
        );
    }
    if filter.credit {
        all.push(
            "EXISTS (SELECT FROM ledger.open_item o
              WHERE o.account_id = a.id AND o.amount <> o.settled AND o.amount < 0)"
                .to_owned(),
        );
    }
    if filter.staff {
        all.push(
            "EXISTS (SELECT FROM subscribers.holder h JOIN subscribers.party p ON p.id = h.party_id AND p.is_staff
              WHERE h.account_id = a.id AND upper_inf(h.valid) AND upper_inf(h.recorded))"
                .to_owned(),
        );
    }
    all.join(" AND ")
}

async fn look(db: &Db, scope: &Scope, filter: &Filter, page: &Page<Key>) -> Result<Slice<Found>> {
    let mut binds = Binds::of(scope);
    let conditions = conditions(filter, &mut binds);
    let text = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let from = match text {
        Some(text) => {
            let sets = meanings(text, &filter.blind, &conditions, &mut binds);
            format!(
                // OFFSET keeps the planner from reading all accounts where it expects many hits.
                "(SELECT id, min(place) AS place FROM ({sets}) meant GROUP BY id) hit
                 CROSS JOIN LATERAL (SELECT * FROM subscribers.account x WHERE x.id = hit.id OFFSET 0) a WHERE true"
            )
        }
        None => format!(
            "subscribers.account a CROSS JOIN (VALUES ({})) hit (place) WHERE {conditions}",
            place::NUMBER
        ),
    };
    let after = match &page.after {
        Some(Key::Number(place, number)) if !filter.newest => {
            let number = binds.bind(number.clone());
            match text {
                Some(_) => format!("AND (hit.place, a.number) > ({}, {number})", binds.bind(*place)),
                None => format!("AND a.number > {number}"),
            }
        }
        Some(Key::Id(id)) if filter.newest => format!("AND a.id < {}", binds.bind(*id)),
        _ => String::new(),
    };
    let order = match (filter.newest, text) {
        (true, _) => "a.id DESC",
        (false, Some(_)) => "hit.place, a.number",
        (false, None) => "a.number",
    };
    let limit = binds.bind(page.limit());
    let statement = format!("SELECT hit.place, a.* FROM {from} {after} ORDER BY {order} LIMIT {limit}");
    let rows = sql::all(db, &statement, binds.0).await?;
    Ok(Slice::of(rows, page.first))
}

/// What a text may mean, as one set of ids and places; each meaning goes by an index and is capped.
fn meanings(text: &str, blind: &[Blind], conditions: &str, binds: &mut Binds) -> String {
    const HOLDER: &str =
        "JOIN subscribers.holder h ON h.account_id = a.id AND upper_inf(h.recorded) AND upper_inf(h.valid)
             JOIN subscribers.party p ON p.id = h.party_id";
    const METER: &str = "JOIN subscribers.account_point o ON o.account_id = a.id AND upper_inf(o.recorded) AND upper_inf(o.valid)
             JOIN meters.installation i ON i.point_id = o.point_id AND upper_inf(i.recorded) AND upper_inf(i.valid)
             JOIN meters.meter m ON m.id = i.meter_id";
    let mut sets = Vec::new();
    let mut set = |place: &dyn std::fmt::Display, joined: &str, condition: String| {
        sets.push(format!(
            "(SELECT a.id, {place} AS place FROM subscribers.account a {joined} WHERE {conditions} AND {condition} LIMIT {MOST})"
        ));
    };

    let one = text.split_whitespace().collect::<String>();
    if one.chars().all(|c| c.is_ascii_alphanumeric() || "-/".contains(c)) {
        let (whole, begins) = (binds.bind(one.clone()), binds.bind(one.clone() + "%"));
        set(&place::NUMBER, "", format!("a.number = {whole}"));
        let old = "JOIN subscribers.old_number n ON n.account_id = a.id";
        set(&place::NUMBER, old, format!("n.number = {whole}"));
        set(&place::NUMBER_BEGINS, "", format!("a.number LIKE {begins}"));
        // Serial numbers begin alike: a few signs would name every meter of a delivery.
        if one.len() >= 4 {
            set(&place::WHOLE, METER, format!("m.serial = {whole}"));
            set(&place::METER_BEGINS, METER, format!("m.serial LIKE {begins}"));
        }
    }
    for index in blind {
        let (column, index) = match index {
            Blind::Identification(index) => ("p.identification_index", index),
            Blind::Phone(index) => ("p.phone_index", index),
        };
        set(&place::WHOLE, HOLDER, format!("{column} = {}", binds.bind(index.clone())));
    }
    for words in Words::spellings(text).into_iter().filter(|words| !words.words.is_empty()) {
        let every = words.words.iter().chain(&words.numbers).map(|word| has("p.folded", word, binds));
        let every = every.collect::<Vec<_>>().join(" AND ");
        // Folded names are written without blanks: only the name itself tells where its words begin.
        let asked = binds.bind(words.words.clone());
        let begins = format!(
            "NOT EXISTS (SELECT FROM unnest({asked}::text[]) asked WHERE NOT EXISTS (
                 SELECT FROM regexp_split_to_table(p.name, '[^[:alnum:]]+') w WHERE starts_with(platform.fold(w), platform.fold(asked))))"
        );
        let place = format!("CASE WHEN {begins} THEN {} ELSE {} END", place::NAME, place::INSIDE_NAME);
        set(&place, HOLDER, every);
        for reading in words.readings() {
            set(&place::ADDRESS, ADDRESS, there(&reading, binds));
        }
        for Named { name, at } in words.named() {
            let name = name.iter().map(|word| has("p.folded", word, binds)).collect::<Vec<_>>().join(" AND ");
            set(
                &place::NAME_THERE,
                &format!("{HOLDER} {ADDRESS}"),
                format!("{name} AND {}", there(&at, binds)),
            );
        }
    }
    if sets.is_empty() {
        return "SELECT NULL::bigint AS id, 0 AS place WHERE false".to_owned();
    }
    sets.join(" UNION ALL ")
}

const ADDRESS: &str =
    "JOIN premises.building b ON b.id = a.building_id JOIN premises.street s ON s.id = b.street_id
             JOIN premises.premise f ON f.id = a.premise_id";

/// A word inside of a folded column.
fn has(column: &str, word: &str, binds: &mut Binds) -> String {
    format!("{column} LIKE '%' || platform.fold({}) || '%'", binds.bind(word))
}

fn there(reading: &Reading, binds: &mut Binds) -> String {
    let mut conditions = Vec::new();
    if !reading.street.is_empty() {
        conditions.push(has("s.folded", &reading.street, binds));
    }
    if let Some(house) = &reading.house {
        conditions.push(format!("lower(b.house) = lower({})", binds.bind(house.clone())));
    }
    if let Some(flat) = &reading.flat {
        conditions.push(format!("lower(f.number) = lower({})", binds.bind(flat.clone())));
    }
    conditions.join(" AND ")
}

/// A name or a street that may have been meant, its words folded as the asked ones.
#[derive(Debug, FromQueryResult)]
struct Candidate {
    id: i64,
    words: Vec<String>,
    asked: Vec<String>,
}

impl Candidate {
    fn away(&self) -> Option<i32> {
        nearness(&self.asked, &self.words).and_then(|edits| i32::try_from(edits).ok())
    }
}

/// Ids with the letters they are away, of those near enough.
fn near(candidates: Vec<Candidate>) -> (Vec<i64>, Vec<i32>) {
    candidates.into_iter().filter_map(|one| Some((one.id, one.away()?))).unzip()
}

/// What is spelled nearly so: trigrams give candidates by an index, the rule of spelling says which of them are near enough.
/// One page, the nearest first.
async fn nearly(db: &Db, scope: &Scope, filter: &Filter, words: &Words, first: u64) -> Result<Slice<Found>> {
    let asked = || -> [Value; 2] { [words.words.clone().into(), words.words.concat().into()] };
    const ASKED: &str = "ARRAY(SELECT platform.fold(w) FROM unnest($1::text[]) w) AS asked";
    let tx = db.begin().await?;
    // The planner thinks that comparing trigrams costs nothing and would read the whole city for it.
    sql::run(&tx, "SET LOCAL enable_seqscan = off", []).await?;
    // Folded columns are written without blanks, so that a word in the middle of one resembles it less than a word of its own.
    sql::run(&tx, "SET LOCAL pg_trgm.word_similarity_threshold = 0.15", []).await?;
    let streets: Vec<Candidate> = sql::all(
        &tx,
        &format!(
            "SELECT s.id, ARRAY(SELECT platform.fold(w) FROM regexp_split_to_table(s.name_kk || ' ' || s.name_ru, '[\\s-]+') w) AS words,
                    {ASKED}
             FROM premises.street s WHERE s.folded %> platform.fold($2)
             ORDER BY word_similarity(platform.fold($2), s.folded) DESC LIMIT {CANDIDATES}"
        ),
        asked(),
    )
    .await?;
    sql::run(&tx, "SET LOCAL pg_trgm.word_similarity_threshold = 0.25", []).await?;
    let mut each = Binds(asked().into());
    let numbers = each.bind(words.numbers.clone());
    let resembles: String = (words.words.iter())
        .map(|word| format!(" AND p.folded %> platform.fold({})", each.bind(word.clone())))
        .chain(iter::once(format!(
            " AND NOT EXISTS (SELECT FROM unnest({numbers}::text[]) n WHERE p.folded NOT LIKE '%' || platform.fold(n) || '%')"
        )))
        .collect();
    let names: Vec<Candidate> = sql::all(
        &tx,
        &format!(
            "SELECT p.id, ARRAY(SELECT platform.fold(w) FROM regexp_split_to_table(p.name, '[\\s-]+') w) AS words, {ASKED}
             FROM subscribers.party p WHERE true {resembles}
             ORDER BY word_similarity(platform.fold($2), p.folded) DESC LIMIT {CANDIDATES}"
        ),
        each.0,
    )
    .await?;

    let (parties, party_away) = near(names);
    let readings = words.readings();
    let streets: Vec<(i64, i32, &Reading)> = (streets.iter())
        .filter_map(|street| Some((street, street.away()?)))
        .flat_map(|(street, away)| {
            let has = |number: &String| street.words.iter().any(|word| word == &number.to_lowercase());
            let fits = readings.iter().filter(move |reading| reading.numbered.as_ref().is_none_or(has));
            fits.map(move |reading| (street.id, away, reading))
        })
        .collect();
    let mut binds = Binds::of(scope);
    let conditions = conditions(filter, &mut binds);
    let (parties, party_away) = (binds.bind(parties), binds.bind(party_away));
    let street_away = binds.bind(streets.iter().map(|one| one.1).collect::<Vec<_>>());
    let houses = binds.bind(
        streets
            .iter()
            .map(|one| one.2.house.as_deref().unwrap_or_default().to_lowercase())
            .collect::<Vec<_>>(),
    );
    let flats = binds.bind(
        streets
            .iter()
            .map(|one| one.2.flat.as_deref().unwrap_or_default().to_lowercase())
            .collect::<Vec<_>>(),
    );
    let streets = binds.bind(streets.iter().map(|one| one.0).collect::<Vec<_>>());
    let limit = binds.bind(i64::try_from(first).unwrap_or(i64::MAX));
    let order = if filter.newest { "a.id DESC" } else { "place, a.number" };
    let statement = format!(
        "SELECT {nearly} + hit.away AS place, a.* FROM (
             SELECT id, min(away) AS away FROM (
                 (SELECT a.id, n.away FROM unnest({parties}::bigint[], {party_away}::int[]) n (id, away)
                  JOIN subscribers.holder h ON h.party_id = n.id AND upper_inf(h.recorded) AND upper_inf(h.valid)
                  JOIN subscribers.account a ON a.id = h.account_id WHERE {conditions} ORDER BY n.away LIMIT {MOST})
                 UNION ALL
                 (SELECT a.id, n.away
                  FROM unnest({streets}::bigint[], {street_away}::int[], {houses}::text[], {flats}::text[]) n (id, away, house, flat)
                  JOIN premises.building b ON b.street_id = n.id AND n.house IN ('', lower(b.house))
                  JOIN subscribers.account a ON a.building_id = b.id
                  JOIN premises.premise f ON f.id = a.premise_id AND n.flat IN ('', lower(f.number))
                  WHERE {conditions} ORDER BY n.away LIMIT {MOST})
             ) meant GROUP BY id) hit
         JOIN subscribers.account a ON a.id = hit.id ORDER BY {order} LIMIT {limit}",
        nearly = place::NEARLY,
    );
    let rows: Vec<Found> = sql::all(&tx, &statement, binds.0).await?;
    tx.commit().await?;
    Ok(Slice { rows, has_next: false })
}
