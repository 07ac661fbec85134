//! The demo city: a believable Almaty of any size, the same every time, with a year of bills and payments behind it.
//!
//! Registers and readings are generated building by building and laid by COPY, a few thousand accounts in a transaction
//! together with the mark of how far the city is; so memory stays flat and an interrupted seed goes on where it stopped.
//! The year behind it is not generated: months are opened, run, issued, paid and closed by the operations that the
//! office uses.

use std::sync::Arc;

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use domain::access::Actor;
use domain::archive::DocumentKind;
use domain::kernel::Period;
use entities::kernel::{Change, Tx, state};
use entities::seed::{self as tables, Table};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::platform::Refusal;

mod city;
mod claims;
mod history;
mod metering;
mod people;
mod report;
mod words;

use city::{City, Ground, Progress};
use report::Report;
use words::Words;

/// Where the state of the city is kept.
const KEY: &str = "demo.city";
/// Accounts of one transaction.
const BATCH: u64 = 4_000;

/// What city is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub accounts: u64,
    /// Months of history before the current one.
    pub months: u32,
    /// The month that the city lives in: open, with readings, not run yet.
    pub current: Period,
}

/// How far the seed has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    wish: Wish,
    stage: Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Registers(Progress),
    /// Debts and advances of the time before, taken over up to this account.
    Balances {
        after: i64,
    },
    /// What people pay in a month for the bills before it, recorded up to this account. Marks of older programs say `history`
    /// and the next month.
    #[serde(alias = "history")]
    Paying {
        #[serde(alias = "next")]
        month: Period,
        #[serde(default)]
        after: i64,
    },
    /// The month's payments are in: it is run, issued and closed, sector by sector.
    Billing {
        month: Period,
    },
    Done,
}

/// Builds the city, or what is missing of it. Does nothing where one stands.
pub async fn run(app: &Arc<App>, wish: Wish) -> anyhow::Result<()> {
    ensure!(wish.accounts > 0, "a city needs at least one account");
    if app.config.demo {
        crate::access::demo::seed_demo_logins(app).await?;
        crate::payments::demo::seed_channels(app).await?;
    }
    let tx = step(app).await?;
    let kept = state::get::<State>(&tx, KEY).await?;
    tx.rollback().await?;
    let mut state = match kept {
        Some(State { wish, stage: Stage::Done }) => {
            eprintln!("The demo city is there already: {} accounts.", wish.accounts);
            return Ok(());
        }
        Some(state) => {
            eprintln!("The demo city was interrupted and goes on ({} accounts).", state.wish.accounts);
            state
        }
        None => begin(app, wish).await?,
    };
    if let Stage::Registers(progress) = state.stage.clone() {
        registers(app, &mut state, progress).await?;
    }
    let today = app.clock.today();
    let lived = live(app, &mut state, today).await;
    app.clock.set_today(app.config.business_date);
    lived?;
    if app.config.demo {
        crate::cashdesk::seed::run(app).await?;
    }
    state.stage = Stage::Done;
    let mut tx = step(app).await?;
    claims::lay(&mut tx, app).await?;
    state::set(&tx, KEY, &state).await?;
    tx.audit(Change::bulk("demo_city", "finish", json!({ "accounts": state.wish.accounts })));
    tx.commit_silently("the city stands").await?;
    tables::analyze(&app.db).await?;
    Ok(())
}

/// The months of history, and the payments of the current month up to today; it stays open. What somebody pays depends on what
/// is owed at that moment, so each page of payments carries its own mark: a seed that was killed pays nobody's bill twice, and
/// does not ask again what was owed before bills that are there now.
async fn live(app: &Arc<App>, state: &mut State, today: NaiveDate) -> anyhow::Result<()> {
    let Wish { accounts, months, current } = state.wish;
    let first = current.minus(months);
    let report = Report::new("months of history", u64::from(months));
    history::begin(app, first).await?;
    loop {
        match state.stage {
            Stage::Balances { after } => {
                let mut tx = step(app).await?;
                state.stage = match history::take_over(&mut tx, first, after).await? {
                    Some(after) => Stage::Balances { after },
                    None => Stage::Paying { month: first, after: 0 },
                };
                state::set(&tx, KEY, state).await?;
                tx.commit_silently("balances of a system that no longer is").await?;
            }
            Stage::Paying { month, after } => {
                let until = if month < current { month.last_day() } else { today };
                app.clock.set_today(Some(until));
                let mut tx = step(app).await?;
                let next = history::payments(&mut tx, month, until, after, app.clock.now()).await?;
                state.stage = match next {
                    Some(after) => Stage::Paying { month, after },
                    None if month < current => Stage::Billing { month },
                    None => break,
                };
                state::set(&tx, KEY, state).await?;
                tx.commit_silently("payments of people nobody waits for").await?;
            }
            Stage::Billing { month } => {
                app.clock.set_today(Some(month.last_day()));
                history::bill(app, month, accounts).await?;
                state.stage = Stage::Paying { month: month.next(), after: 0 };
                let tx = step(app).await?;
                state::set(&tx, KEY, state).await?;
                tx.commit_silently("the seed's own mark").await?;
                report.at(u64::from(city::months_between(first, month.next())));
            }
            Stage::Registers(_) | Stage::Done => break,
        }
    }
    report.done();
    Ok(())
}

/// A refusal here is a mistake of the seed: it has no reader but the one who mends it.
fn done<T>(answer: Result<T, Refusal>) -> anyhow::Result<T> {
    answer.map_err(|refusal| anyhow::anyhow!("the seed was refused: {refusal:?}"))
}

/// A transaction of the seed.
async fn step(app: &App) -> anyhow::Result<Tx> {
    let tx = Tx::begin(&app.db, Actor::system(city::BY)).await?;
    tables::alone(&tx).await?;
    Ok(tx)
}

/// Districts, documents and the months' partitions; from now on the wish is fixed.
async fn begin(app: &Arc<App>, wish: Wish) -> anyhow::Result<State> {
    let words = Words::load();
    let mut tx = step(app).await?;
    let districts: Vec<_> = words.districts.iter().map(|d| (d.id, d.code, d.kk, d.ru, d.en)).collect();
    tables::districts(&mut tx, &districts).await?;
    for (kind, number, (year, month, day), issuer, subject) in DOCUMENTS {
        let issued_on = city::day(*year, *month, *day);
        tables::document(&mut tx, kind.code(), number, issued_on, issuer, subject).await?;
    }
    entities::tariffs::published(&tx).await?;
    let first = wish.current.minus(wish.months);
    tables::paid_services(&mut tx, PAID_SERVICES, first.first_day()).await?;
    let mut month = wish.current.minus(wish.months);
    while month <= wish.current {
        tables::ensure_partitions(&tx, month.first_day()).await?;
        month = month.next();
    }
    let ids = tables::first_ids(&tx).await?;
    let houses = vec![0; words.streets.len()];
    let progress = Progress { building: 0, accounts: [0; 3], ids, houses };
    let state = State { wish, stage: Stage::Registers(progress) };
    state::set(&tx, KEY, &state).await?;
    tx.audit(Change::bulk("demo_city", "begin", json!({ "accounts": wish.accounts, "months": wish.months })));
    tx.commit_silently("nobody listens before the city stands").await?;
    Ok(state)
}

/// Streets and meter models with their ids; repeats safely.
async fn ground(app: &Arc<App>, wish: Wish) -> anyhow::Result<Ground> {
    let words = Words::load();
    let mut tx = step(app).await?;
    let code_of = |i: usize| format!("{}", i + 1);
    let streets: Vec<_> = words.streets.iter().enumerate().map(|(i, s)| (code_of(i), s.kk, s.ru)).collect();
    let streets = tables::streets(&mut tx, &streets).await?;
    let models = tables::models(&mut tx, metering::MODELS).await?;
    let known = tables::district_ids(&tx).await?;
    tx.commit_silently("reference rows of the demo").await?;
    let district = |id: i64| {
        let code = words.districts.iter().find(|d| d.id == id).map(|d| d.code)?;
        known.iter().find(|(known, _)| known == code).map(|(_, id)| *id)
    };
    let districts = words.streets.iter().map(|s| district(s.district)).collect::<Option<Vec<_>>>();
    let districts = districts.context("a district of the demo is missing in premises.district")?;
    let first = wish.current.minus(wish.months);
    let Wish { accounts, current: last, .. } = wish;
    Ok(Ground { words, streets, districts, models, first, last, accounts, now: app.clock.now() })
}

/// Buildings with everything in them, a transaction for every few thousand accounts.
async fn registers(app: &Arc<App>, state: &mut State, progress: Progress) -> anyhow::Result<()> {
    let ground = ground(app, state.wish).await?;
    let mut city = City::new(&ground, &app.vault, progress);
    let report = Report::new("registers and readings", state.wish.accounts);
    let mut complete = false;
    while !complete {
        let before = city.done();
        while !complete && city.done() - before < BATCH {
            complete = !city.build();
        }
        let sheets = std::mem::take(&mut city.sheets);
        let accounts = sheets.count(Table::Account);
        let summary = json!({ "accounts": accounts, "readings": sheets.count(Table::Reading) });
        let mut tx = step(app).await?;
        sheets.write(&mut tx).await?;
        tables::settle_numbering(&mut tx).await?;
        if complete {
            let Wish { months, current, .. } = state.wish;
            let (first, before) = (current.minus(months), current.minus(months.min(1)));
            tables::special_cases(&mut tx, first.first_day(), current.first_day(), before.first_day())
                .await?;
        }
        state.stage = match complete {
            false => Stage::Registers(city.progress.clone()),
            true => Stage::Balances { after: 0 },
        };
        state::set(&tx, KEY, state).await?;
        tx.audit(Change::bulk("demo_city", "build", summary));
        tx.commit_silently("a part of the demo city; nobody watches single accounts of it").await?;
        report.at(city.done());
    }
    tables::analyze(&app.db).await?;
    report.done();
    Ok(())
}

/// Paid services with a price that a demo may show: nobody published any.
const PAID_SERVICES: &[(&str, &str, &str, &str, &str, i64)] = &[
    ("reconnection", "Қайта қосу", "Повторное подключение", "Reconnection", "water", 5_000),
    (
        "meter_check",
        "Өтініш бойынша аспапты тексеру",
        "Проверка прибора по заявке",
        "Check of a meter on request",
        "water",
        3_500,
    ),
    (
        "sewer_flush",
        "Кәріз шығарылымын жуу",
        "Промывка канализационного выпуска",
        "Flushing of a sewer outlet",
        "sewerage_cold",
        18_000,
    ),
];

/// Acts that the published values and rules stand on: kind, number, day, issuer, subject.
type Act = (DocumentKind, &'static str, (i32, u32, u32), &'static str, &'static str);

const DOCUMENTS: &[Act] = &[
    (
        DocumentKind::Order,
        "№ 340",
        (2025, 8, 29),
        "Министр промышленности и строительства РК",
        "Правила пользования системами водоснабжения и водоотведения населённых пунктов",
    ),
    (
        DocumentKind::Order,
        "№ 336",
        (2025, 8, 29),
        "Министр промышленности и строительства РК",
        "Изменения в Типовые правила предоставления коммунальных услуг: срок оплаты — 25-е число",
    ),
    (
        DocumentKind::Order,
        "№ 58",
        (2019, 6, 24),
        "Министр национальной экономики РК",
        "Типовой договор на предоставление услуг водоснабжения и (или) водоотведения",
    ),
    (
        DocumentKind::Order,
        "№ 90",
        (2019, 11, 19),
        "Министр национальной экономики РК",
        "Правила формирования тарифов",
    ),
];
