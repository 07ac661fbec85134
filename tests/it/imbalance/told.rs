//! What a resident reads.

use aiscra_tests::march;
use api::imbalance::ops::Purpose;
use api::platform::messages::Language;
use domain::access::Actor;
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::json;

use super::{city, reckon};

#[tokio::test(flavor = "multi_thread")]
async fn the_bill_says_in_words_where_the_share_comes_from() {
    let city = city(Some(25_001)).await;
    let run = api::billing::ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    reckon(&city, Purpose::Run(run.run_id())).await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    const MINE: &str = "{ me { account { bills { nodes { imbalance { measured accounted total volume weight weights text } } } } } }";
    for (language, words) in [
        (Language::En, "Your share is 0.501 m³: 2 of 4 people in the house."),
        (Language::Ru, "С 24.02.2026 по 23.03.2026 общедомовой прибор показал 25,001 м³"),
        (Language::Kk, "Сіздің үлесіңіз — 0,501 м³"),
    ] {
        let mine = city.graphql(MINE, json!({})).as_subscriber(AccountId(1)).in_language(language).await;
        let said = mine.at("/me/account/bills/nodes/0/imbalance");
        assert_eq!(said["accounted"], "24.000");
        assert!(said["text"].as_str().unwrap().contains(words), "{said}");
        assert!(!said["text"].as_str().unwrap().contains(['{', '}']), "{said}");
    }
}
