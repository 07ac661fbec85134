//! What was billed and closed is reckoned anew in pairs of lines, each at the price and VAT of its own days; the books stay whole.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use aiscra_tests::{TestApp, actor_of, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use api::seed::{self, Wish};
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// What corrections have moved, by account, off the totals; the claims of the demo have charged costs there too.
pub const CORRECTED: &str = "(SELECT account_id, sum(amount)::bigint AS amount FROM (
    SELECT account_id, amount FROM ledger.account_total WHERE kind = 'correction'
    UNION ALL SELECT account_id, -amount FROM ledger.entry WHERE source = 'cost') moved GROUP BY 1) corrected";

/// A year's end with another VAT behind it: December to February closed, March open.
pub async fn city(accounts: u64) -> TestApp {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts, months: 4, current: march() }).await.expect("a city");
    city
}

/// Somebody of the staff by name: whoever confirms is another.
pub fn named(role: Role, name: &str) -> Actor {
    Actor { label: name.to_owned(), ..actor_of(role) }
}

pub async fn document(city: &TestApp) -> String {
    let id: Option<i64> = city
        .scalar(
            "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             VALUES ('act', 'A-1', '2026-03-02', 'test', 'recalculation', 'test')
             ON CONFLICT (kind, number, issued_on, issuer) DO UPDATE SET subject = excluded.subject RETURNING id",
        )
        .await;
    Gid(DocumentId(id.unwrap())).encode()
}

pub const BATCH: &str = "id number state accounts accountsDone changed unchanged skipped bills entries owedMore owedLess net vat gross
    hash second staff stages stagesDone createdBy confirmedBy error";

/// Prepares a batch and lets it be reckoned.
pub async fn prepared(city: &TestApp, who: &Actor, more: Json) -> Json {
    let mut input = json!({
        "documentId": document(city).await, "reason": "residents", "from": "2025-12", "to": "2026-02",
        "idempotencyKey": format!("batch {:x}", BuildHasherDefault::<DefaultHasher>::default().hash_one(more.to_string())),
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let asked = city
        .graphql(
            &format!(
                "mutation($i: CorrectionCreateInput!) {{ correctionCreate(input: $i) {{ correction {{ {BATCH} }} errors {{ code }} }} }}"
            ),
            json!({ "i": input }),
        )
        .as_actor(who.clone())
        .await;
    let asked = &asked.ok()["correctionCreate"];
    assert_eq!(asked["errors"], json!([]));
    city.run_jobs().await;
    open(city, &asked["correction"]["id"]).await
}

pub async fn open(city: &TestApp, id: &Json) -> Json {
    let asked = city
        .graphql(&format!("query($id: ID!) {{ correction(id: $id) {{ {BATCH} }} }}"), json!({ "id": id }))
        .as_role(Role::Auditor)
        .await;
    asked.ok()["correction"].clone()
}

/// `correctionPost` or `correctionConfirm` of what was looked at; the codes of refusals.
pub async fn act(city: &TestApp, what: &str, who: &Actor, batch: &Json) -> Vec<String> {
    let key = format!(
        "{what} {} {} {}",
        batch["id"],
        who.label,
        city.scalar::<i64>("SELECT count(*) FROM platform.job").await.unwrap()
    );
    let asked = city
        .graphql(
            &format!("mutation($i: CorrectionPostInput!) {{ {what}(input: $i) {{ correction {{ state }} errors {{ code }} }} }}"),
            json!({ "i": { "id": batch["id"], "hash": batch["hash"], "idempotencyKey": key } }),
        )
        .as_actor(who.clone())
        .await;
    let refused = asked.refusals().into_iter().map(str::to_owned).collect();
    city.run_jobs().await;
    refused
}

pub async fn reverse(city: &TestApp, who: &Actor, batch: &Json) -> Vec<String> {
    let key = format!(
        "reverse {} {} {}",
        batch["id"],
        who.label,
        city.scalar::<i64>("SELECT count(*) FROM platform.job").await.unwrap()
    );
    let document = document(city).await;
    let asked = city
        .graphql(
            "mutation($i: CorrectionReverseInput!) { correctionReverse(input: $i) { correction { state } errors { code } } }",
            json!({ "i": { "id": batch["id"], "documentId": document, "idempotencyKey": key } }),
        )
        .as_actor(who.clone())
        .await;
    let refused = asked.refusals().into_iter().map(str::to_owned).collect();
    city.run_jobs().await;
    refused
}

/// Debits, credits and sub-ledger agree, service by service.
pub async fn whole(city: &TestApp) {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let totals: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM (
                 SELECT account_id, sum(amount - CASE WHEN amount > 0 THEN settled ELSE -abs(settled) END) AS rest
                 FROM ledger.open_item GROUP BY 1) i
             FULL JOIN (
                 SELECT account_id, sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                                        - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END) AS rest
                 FROM ledger.entry WHERE account_id IS NOT NULL GROUP BY 1) e USING (account_id)
             WHERE coalesce(i.rest, 0) <> coalesce(e.rest, 0)",
        )
        .await;
    assert_eq!(totals, Some(0), "accounts whose items and entries differ");
}

/// An account of a flat without meters, billed by norm in all three months.
pub async fn by_norm(city: &TestApp) -> i64 {
    city.scalar(
        "SELECT l.account_id FROM billing.charge_line l JOIN subscribers.account a ON a.id = l.account_id
         WHERE l.period BETWEEN '2025-12-01' AND '2026-02-01' AND a.sector = 'multi' AND l.component = 'charge'
         GROUP BY 1 HAVING count(DISTINCT l.period) = 3 AND bool_and(l.basis = 'norm' AND l.meter_id IS NULL)
            AND count(DISTINCT l.residency_id) = 1 AND min(l.residents) BETWEEN 1 AND 8
            AND NOT EXISTS (SELECT FROM meters.installation i JOIN subscribers.account_point p ON p.point_id = i.point_id
                            WHERE p.account_id = l.account_id)
         ORDER BY 1 LIMIT 1",
    )
    .await
    .expect("somebody without a meter")
}

/// What we know of residents is put right: so many more since always.
pub async fn more_residents(city: &TestApp, account: i64, more: i64) {
    let at = "clock_timestamp()";
    city.sql(&format!(
        "WITH old AS (
             UPDATE subscribers.residency SET recorded = tstzrange(lower(recorded), {at})
             WHERE account_id = {account} AND upper_inf(recorded) RETURNING account_id, residents, source, valid, upper(recorded) AS at)
         INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded, recorded_by)
         SELECT account_id, residents + {more}, source, valid, tstzrange(at, NULL), 'test' FROM old"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_as_it_was_billed_has_nothing_to_correct() {
    let city = city(300).await;
    let accountant = named(Role::Accountant, "alia");
    let batch = prepared(&city, &accountant, json!({ "part": {} })).await;
    assert_eq!(batch["state"], "PREVIEWED", "{batch}");
    assert_eq!(batch["accounts"], 300);
    let odd: Option<String> = city
        .scalar(
            "SELECT coalesce(string_agg(account_id || ' ' || outcome || ' ' || coalesce(skip, '') || array_to_string(causes, ','), ' '), '')
             FROM billing.correction_account WHERE outcome <> 'unchanged'",
        )
        .await;
    assert_eq!(odd.as_deref(), Some(""), "reckoned again it is something else");
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, ["NOTHING_TO_CORRECT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_three_closed_months_back_are_pairs_at_each_months_own_price() {
    let city = city(200).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let account = by_norm(&city).await;
    let billed = lines(&city, "billing.charge_line", account, "component = 'charge'").await;
    // What it bears of its house stays what it was.
    let shares = lines(&city, "billing.charge_line", account, "component = 'imbalance'").await;
    let balance = async || -> i64 {
        let sum = "SELECT coalesce(sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                   - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END), 0)::bigint
                   FROM ledger.entry WHERE account_id = ";
        city.scalar(&format!("{sum}{account}")).await.unwrap()
    };
    let before = balance().await;
    more_residents(&city, account, 1).await;
    let batch = prepared(&city, &accountant, json!({ "accounts": [Gid(AccountId(account)).encode()] })).await;
    assert_eq!(batch["state"], "PREVIEWED", "{batch}");
    assert_eq!((batch["changed"].as_i64(), batch["bills"].as_i64()), (Some(1), Some(3)), "{batch}");
    assert_eq!(balance().await, before, "a preview moves nothing");

    // Told anew by hand: the volume of one person more at the price and VAT of the line.
    let minus = lines(&city, "billing.correction_line", account, "side = 'minus'").await;
    let plus = lines(&city, "billing.correction_line", account, "side = 'plus'").await;
    assert_eq!(minus, billed, "what is taken back is what was charged");
    let mut rates = BTreeMap::new();
    let mut more = Money::ZERO;
    for (old, new) in billed.iter().zip(&plus) {
        let liters = old.liters / i64::from(old.residents) * i64::from(old.residents + 1);
        let exact = Decimal::new(liters, 3) * Decimal::new(old.price, 4);
        let net = Money::rounded(exact, Rounding::HalfUp);
        let gross = Money::rounded(exact * (Decimal::ONE + Decimal::new(old.vat_rate, 4)), Rounding::HalfUp);
        assert_eq!((new.liters, new.residents), (liters, old.residents + 1), "{new:?}");
        assert_eq!((new.net, new.gross), (net.tiyn(), gross.tiyn()), "{new:?}");
        more += gross - Money::from_tiyn(old.gross);
        *rates.entry((old.period.clone(), old.vat_rate)).or_insert(0) += 1;
    }
    assert_eq!(plus.len(), billed.len());
    assert!(
        rates.keys().any(|(_, rate)| *rate == 1200) && rates.keys().any(|(_, rate)| *rate == 1600),
        "{rates:?}"
    );
    assert_eq!(batch["owedMore"], more.to_string());
    assert_eq!(batch["owedLess"], "0.00");

    // One person is enough for what is small and owed more. Sent twice it is posted once.
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, ["CORRECTION_STATE"]);
    let posted = open(&city, &batch["id"]).await;
    assert_eq!((&posted["state"], &posted["second"]), (&json!("POSTED"), &json!([])), "{posted}");
    assert_eq!(Money::from_tiyn(balance().await - before), more);
    whole(&city).await;
    let closed: Option<i64> = city
        .scalar("SELECT count(*) FROM ledger.entry WHERE source = 'correction' AND period <> '2026-03-01'")
        .await;
    assert_eq!(closed, Some(0), "everything is in the open month");

    // The bill stays as it was issued; with the correction it says what was put right, and before it what was billed.
    let bill: Option<i64> = city
        .scalar(&format!("SELECT id FROM billing.bill WHERE account_id = {account} AND period = '2026-01-01' AND NOT reversed"))
        .await;
    let at = city
        .scalar::<String>("SELECT to_char(now() - interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        .await;
    let shown = city
        .graphql(
            "query($id: ID!, $at: DateTime!) { bill(id: $id) { lines { gross } standing { gross } before: standing(knownAt: $at) { gross } } }",
            json!({ "id": Gid(BillId(bill.unwrap())).encode(), "at": at }),
        )
        .as_role(Role::Auditor)
        .await;
    let sum = |field: &str| -> Money {
        shown.ok()["bill"][field]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["gross"].as_str().unwrap().parse::<Money>().unwrap())
            .sum()
    };
    let january = |all: &[Line]| {
        all.iter().filter(|l| l.period == "2026-01-01").map(|l| Money::from_tiyn(l.gross)).sum::<Money>()
    };
    let share = january(&shares);
    assert_eq!((sum("lines"), sum("before")), (january(&billed) + share, january(&billed) + share));
    assert_eq!(sum("standing"), january(&plus) + share);

    // Reckoned once more, there is nothing left.
    let again = prepared(
        &city,
        &accountant,
        json!({ "accounts": [Gid(AccountId(account)).encode()], "reason": "again" }),
    )
    .await;
    assert_eq!((again["changed"].as_i64(), again["unchanged"].as_i64()), (Some(0), Some(1)), "{again}");

    // Taken back it leaves nothing, and only by another person, and once.
    assert_eq!(reverse(&city, &named(Role::ChiefAccountant, "alia"), &posted).await, ["SAME_PERSON"]);
    assert_eq!(reverse(&city, &chief, &posted).await, Vec::<String>::new());
    assert_eq!(reverse(&city, &chief, &posted).await, Vec::<String>::new());
    assert_eq!(open(&city, &batch["id"]).await["state"], "REVERSED");
    assert_eq!(balance().await, before);
    whole(&city).await;
    let left: Option<i64> = city.scalar(&format!("SELECT count(*) FROM {CORRECTED} WHERE amount <> 0")).await;
    assert_eq!(left, Some(0));
    let third = prepared(
        &city,
        &accountant,
        json!({ "accounts": [Gid(AccountId(account)).encode()], "reason": "third" }),
    )
    .await;
    assert_eq!(third["hash"], batch["hash"], "and what was to be corrected is again");
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Line {
    period: String,
    service: String,
    liters: i64,
    price: i64,
    vat_rate: i64,
    residents: i32,
    net: i64,
    gross: i64,
}

async fn lines(city: &TestApp, table: &str, account: i64, only: &str) -> Vec<Line> {
    entities::kernel::sql::all(
        &city.app.db,
        &format!(
            "SELECT period::text AS period, service, liters, price, vat_rate::bigint AS vat_rate, coalesce(residents, 0) AS residents, net, gross FROM {table}
             WHERE account_id = {account} AND period BETWEEN '2025-12-01' AND '2026-02-01' AND {only}
             ORDER BY period, point_id, service, from_day, line"
        ),
        [],
    )
    .await
    .unwrap()
}

/// A flat whose cold water was read in each of the months, and its meter.
async fn by_meter(city: &TestApp) -> (i64, i64) {
    let found: Option<String> = city
        .scalar(
            "SELECT l.account_id || ' ' || min(l.meter_id) FROM billing.charge_line l
             JOIN subscribers.account a ON a.id = l.account_id
             WHERE l.period BETWEEN '2025-12-01' AND '2026-02-01' AND a.sector = 'multi' AND l.service = 'water'
               AND l.component = 'charge'
             GROUP BY l.account_id HAVING count(DISTINCT l.period) = 3 AND count(DISTINCT l.meter_id) = 1
                AND bool_and(l.basis = 'metered') AND min(l.liters) > 1000
             ORDER BY l.account_id LIMIT 1",
        )
        .await;
    let found = found.expect("somebody with a meter");
    let (account, meter) = found.split_once(' ').unwrap();
    (account.parse().unwrap(), meter.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_reading_moves_volume_between_months_and_the_next_run_stands_on_the_right_one() {
    let city = city(200).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let (account, meter) = by_meter(&city).await;
    // On a document, though the month is closed; what it shows stays known.
    let take_back = async |month: &str| {
        let newest = format!(
            "SELECT id FROM readings.reading WHERE meter_id = {meter} AND period = '{month}' AND verdict = 'accepted' AND act IS NULL
             ORDER BY taken_on DESC, id DESC LIMIT 1"
        );
        let id: i64 = city.scalar(&newest).await.expect("a reading");
        let input = json!({ "id": Gid(ReadingId(id)).encode(), "documentId": document(&city).await });
        let asked = city
            .graphql(
                "mutation($i: ReadingWithdrawInput!) { readingWithdraw(input: $i) { reading { verdict } errors { code } } }",
                json!({ "i": input }),
            )
            .as_role(Role::OperatorMulti)
            .await;
        assert_eq!(asked.at("/readingWithdraw/reading/verdict"), "WITHDRAWN", "{asked:?}");
    };
    let shown = async |month: &str| -> Option<i64> {
        city.scalar(&format!(
            "SELECT max(liters) FROM readings.reading WHERE meter_id = {meter} AND period = '{month}' AND verdict = 'accepted'"
        ))
        .await
    };
    let volume = async |month: &str| -> i64 {
        let sum = format!(
            "SELECT sum(CASE side WHEN 'plus' THEN liters ELSE -liters END)::bigint FROM billing.correction_line
             WHERE account_id = {account} AND service = 'water' AND period = '{month}'"
        );
        city.scalar::<Option<i64>>(&sum).await.flatten().unwrap_or_default()
    };
    // January was read wrong: it goes by the average, and February settles that with what the meter showed over both.
    let (december, february) = (shown("2025-12-01").await, shown("2026-02-01").await);
    take_back("2026-01-01").await;
    let only = json!({ "accounts": [Gid(AccountId(account)).encode()], "from": "2026-01", "to": "2026-01" });
    let part = prepared(&city, &accountant, only).await;
    assert_eq!(part["skipped"], 1, "February stands on January: {part}");
    let both = json!({ "accounts": [Gid(AccountId(account)).encode()], "from": "2026-01", "to": "2026-02" });
    let batch = prepared(&city, &accountant, both).await;
    assert_eq!(batch["bills"], 2, "{batch}");
    assert_eq!(volume("2026-01-01").await + volume("2026-02-01").await, 0, "no litre is lost");

    // The last month too: the run of March goes on from what is right.
    take_back("2026-02-01").await;
    let batch = prepared(&city, &accountant, json!({ "accounts": [Gid(AccountId(account)).encode()] })).await;
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    if open(&city, &batch["id"]).await["state"] == "WAITING" {
        assert_eq!(act(&city, "correctionConfirm", &chief, &batch).await, Vec::<String>::new());
    }
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    whole(&city).await;
    let prev = "SELECT reading_liters FROM consumption.month WHERE period = '2026-02-01' AND meter_id = ";
    let stands: Option<i64> = city.scalar(&format!("{prev}{meter}")).await;
    assert_eq!(stands, december);
    let now = city.app.clock.now();
    let sector = Sector::Multi;
    let preview = ops::preview_bill(&city.app.db, AccountId(account), sector, march(), now)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(preview.holds());

    // And back.
    assert_eq!(reverse(&city, &chief, &batch).await, Vec::<String>::new());
    let back: Option<i64> = city.scalar(&format!("{prev}{meter}")).await;
    assert_eq!(back, february);
    whole(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_issued_stands_in_the_way_and_a_killed_job_goes_on() {
    let city = city(200).await;
    let accountant = named(Role::Accountant, "alia");
    let account = by_norm(&city).await;
    more_residents(&city, account, 1).await;
    let batch = prepared(&city, &accountant, json!({ "accounts": [Gid(AccountId(account)).encode()] })).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, ["RUN_IN_THE_WAY"]);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::reverse_run(&mut tx, run.run_id(), None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    // The job dies after it posted and before it said so: taken again it finds what is done.
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    let entries = "SELECT count(*) FROM ledger.entry WHERE source = 'correction'";
    let once: Option<i64> = city.scalar(entries).await;
    assert!(once > Some(0));
    city.sql("UPDATE billing.correction SET state = 'posting', stages_done = 0").await;
    let id = Gid::<CorrectionId>::decode(batch["id"].as_str().unwrap()).unwrap().0;
    ops::work_correction(&city.app, id, &|_, _| {}).await.unwrap();
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    assert_eq!(city.scalar::<i64>(entries).await, once);
    whole(&city).await;
}
