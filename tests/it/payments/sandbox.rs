//! A sandbox answers by the rules of a real channel and moves no money; what an agent's program has shown there is told; the published
//! examples are what the program answers.

use aiscra_tests::TestApp;
use domain::payments::channel::{ChannelOutcome, Dialect};

use super::bank::{Bank, Told, Tongue};

const SAND: Tongue = Tongue { channel: "sandbox", dialect: Dialect::Unified, json: false };
const KASPI: Tongue = Tongue { channel: "sandbox-kaspi", dialect: Dialect::Kaspi, json: true };
const ONE: &str = "9000000001";

/// The channels of the demo beside those of the bank, and the moment as a payer's clock shows it.
async fn open() -> (Bank, String) {
    let bank = Bank::open().await;
    seed(&bank.city).await;
    let now = bank.city.app.clock.now() + chrono::Duration::hours(5);
    (bank, now.format("%Y%m%d%H%M%S").to_string())
}

/// As the seed does where there is no channel yet.
async fn seed(city: &TestApp) {
    city.sql("DELETE FROM payments.channel").await;
    city.sql("DELETE FROM payments.agent").await;
    api::payments::demo::seed_channels(&city.app).await.expect("channels");
    api::payments::demo::seed_channels(&city.app).await.expect("once");
    api::payments::channel::tell(&city.app).await;
}

async fn pay(bank: &Bank, number: &str, account: &str, amount: &str, now: &str) -> Told {
    bank.get("sandbox", &SAND.pay(number, account, amount, now)).await
}

#[tokio::test]
async fn no_money_moves_in_a_sandbox() {
    let (bank, now) = open().await;
    let tables =
        ["payments.payment", "payments.payment_key", "ledger.entry", "ledger.open_item", "platform.outbox"];
    let mut before = Vec::new();
    for table in tables {
        before.push(bank.count(table).await);
    }
    let seen = bank.check(SAND, ONE).await;
    SAND.says(&seen, ChannelOutcome::Done);
    assert_eq!(
        (seen.field("payer").as_deref(), seen.field("debt").as_deref()),
        (Some("И***в А. С."), Some("3410.20"))
    );
    let paid = pay(&bank, "1", ONE, "1250.45", &now).await;
    SAND.says(&paid, ChannelOutcome::Done);
    assert_eq!(pay(&bank, "1", ONE, "1250.45", &now).await, paid, "byte for byte");
    SAND.says(&pay(&bank, "1", ONE, "1250.46", &now).await, ChannelOutcome::NumberReused);
    SAND.says(&pay(&bank, "2", "9000000009", "1.00", &now).await, ChannelOutcome::AccountUnknown);
    SAND.says(&pay(&bank, "2", "1000001", "1.00", &now).await, ChannelOutcome::AccountUnknown);
    assert_eq!(bank.check(SAND, ONE).await.field("debt").as_deref(), Some("2159.75"));
    let back = bank.get("sandbox", &SAND.cancel("1")).await;
    SAND.says(&back, ChannelOutcome::Done);
    assert_eq!(bank.get("sandbox", &SAND.cancel("1")).await, back);
    SAND.says(&bank.get("sandbox", &SAND.status("1")).await, ChannelOutcome::Cancelled);
    SAND.says(&pay(&bank, "1", ONE, "1250.45", &now).await, ChannelOutcome::Cancelled);
    let long_ago = KASPI.pay("1", ONE, "1.00", "20200101120000");
    KASPI.says(&bank.get(KASPI.channel, &long_ago).await, ChannelOutcome::DateWrong);
    KASPI.says(&bank.get(KASPI.channel, &KASPI.pay("1", ONE, "1.00", &now)).await, ChannelOutcome::Done);
    for (table, before) in tables.iter().zip(before) {
        assert_eq!(bank.count(table).await, before, "{table}");
    }
    assert_eq!(bank.count("payments.sandbox_payment").await, 2);
}

#[tokio::test]
async fn test_accounts_behave_as_published() {
    let (bank, now) = open().await;
    SAND.says(&bank.check(SAND, "9000000004").await, ChannelOutcome::AccountClosed);
    SAND.says(&bank.check(SAND, "9000000005").await, ChannelOutcome::Done);
    assert_eq!(bank.check(SAND, "9000000002").await.field("payer").as_deref(), Some("ТОО \"А & Б\" <1>"));
    assert_eq!(bank.check(SAND, "9000000003").await.field("advance").as_deref(), Some("500.00"));
    for outcome in
        [ChannelOutcome::Temporary, ChannelOutcome::Temporary, ChannelOutcome::Done, ChannelOutcome::Done]
    {
        SAND.says(&pay(&bank, "back", "9000000006", "1.00", &now).await, outcome);
    }
    let url = bank.served.url(&format!("/pay/sandbox?{}", SAND.pay("lost", "9000000007", "1.00", &now)));
    let lost = match bank.http.get(&url).send().await {
        Ok(answer) => answer.text().await,
        Err(error) => Err(error),
    };
    assert!(lost.is_err(), "the answer is lost: {lost:?}");
    SAND.says(&pay(&bank, "lost", "9000000007", "1.00", &now).await, ChannelOutcome::Done);
}

#[tokio::test]
async fn the_self_check_says_what_was_shown() {
    let (bank, now) = open().await;
    let shown = async |bank: &Bank| {
        let told = bank.get("sandbox", "command=selfcheck").await;
        SAND.says(&told, ChannelOutcome::Done);
        let fields = told.fields();
        assert_eq!(fields.len(), 14, "{fields:?}");
        fields.into_iter().filter(|(_, word)| word == "shown").map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(shown(&bank).await, [""; 0]);
    for account in [ONE, "9000000002", "9000000009"] {
        bank.check(SAND, account).await;
    }
    assert_eq!(shown(&bank).await, ["check_known", "check_unknown", "check_special_name"]);
    for (number, account, amount) in [
        ("a", ONE, "10.45"),
        ("a", ONE, "10.45"),
        ("a", ONE, "11.45"),
        ("b", "9000000009", "5.00"),
        ("c", "9000000006", "5.00"),
        ("c", "9000000006", "5.00"),
        ("c", "9000000006", "5.00"),
        ("d", "9000000007", "5.00"),
    ] {
        let url = bank.served.url(&format!("/pay/sandbox?{}", SAND.pay(number, account, amount, &now)));
        let _ = bank.http.get(url).send().await;
    }
    pay(&bank, "d", "9000000007", "5.00", &now).await;
    for query in [SAND.status("a"), SAND.cancel("a"), SAND.cancel("a")] {
        bank.get("sandbox", &query).await;
    }
    assert_eq!(shown(&bank).await.len(), 14);
    pay(&bank, "b", "9000000009", "5.00", &now).await;
    assert_eq!(shown(&bank).await.len(), 13, "a final refusal was repeated");
    let page = bank.get("sandbox", "command=selfcheck&format=html").await;
    assert!(page.kind.starts_with("text/html") && page.body.contains("13 / 14"), "{page:?}");
    KASPI.says(&bank.get(KASPI.channel, "command=selfcheck").await, ChannelOutcome::CommandUnknown);
    let term = Tongue { channel: "terminal", ..SAND };
    term.says(&bank.get("terminal", "command=selfcheck").await, ChannelOutcome::CommandUnknown);
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// What of an answer is another one each time.
fn steady(body: &str) -> String {
    let mut steady = body.to_owned();
    for (from, to) in [("<prv_txn>", "</prv_txn>"), ("<authcode>", "</authcode>"), ("<date>", "</date>")] {
        if let Some((before, rest)) = steady.clone().split_once(from)
            && let Some((_, after)) = rest.split_once(to)
        {
            steady = format!("{before}{from}{to}{after}");
        }
    }
    steady
}

#[tokio::test]
async fn what_the_specification_shows_is_what_a_sandbox_answers() {
    let (bank, _) = open().await;
    // The examples are dated in March 2026: so is this sandbox's rule.
    bank.city.sql("UPDATE payments.channel SET dates = 'lenient' WHERE sandbox").await;
    api::payments::channel::tell(&bank.city.app).await;
    let page = bank.send(bank.http.get(bank.served.url("/pay/docs/ru"))).await;
    assert_eq!((page.status, page.kind.as_str()), (200, "text/html; charset=utf-8"));
    let mut seen = 0;
    let mut rest = page.body.as_str();
    while let Some((_, after)) = rest.split_once("<pre data-example>GET ") {
        let (url, after) =
            after.split_once("</pre><pre data-answer>").expect("an answer stands beside its request");
        let (answer, after) = after.split_once("</pre>").expect("an end");
        rest = after;
        let url = plain(url);
        assert!(url.starts_with(&format!("http://{}/pay/sandbox", bank.served.base)), "{url}");
        let told = bank.send(bank.http.get(&url)).await;
        assert_eq!(steady(&told.body), steady(&plain(answer)), "{url}");
        // The next example is of the same payment: what was refused or asked does not stand in its way.
        if url.contains("command=cancel") {
            bank.city.sql("DELETE FROM payments.sandbox_payment").await;
        }
        seen += 1;
    }
    assert_eq!(seen, 8);
    for language in ["kk", "en"] {
        let page = bank.send(bank.http.get(bank.served.url(&format!("/pay/docs/{language}")))).await;
        assert!(page.body.contains(&format!("<html lang=\"{language}\">")));
    }
    assert_eq!(bank.send(bank.http.get(bank.served.url("/pay/docs/fr"))).await.status, 404);
    let by_header = bank.http.get(bank.served.url("/pay/docs")).header("accept-language", "en");
    assert!(bank.send(by_header).await.body.contains("<html lang=\"en\">"));
}
