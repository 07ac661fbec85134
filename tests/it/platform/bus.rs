//! Both kinds of bus keep the same promises.

use std::time::Duration;

use aiscra_tests::{TestApp, for_each_bus};
use futures_util::StreamExt;

#[tokio::test]
async fn values_live_as_long_as_they_were_given_and_counters_add_up() {
    for_each_bus(async |test: TestApp| {
        let bus = &test.app.bus;
        assert_eq!(bus.get("a").await.unwrap(), None);
        bus.set("a", "1", 1).await.unwrap();
        bus.set("b", "2", 0).await.unwrap();
        assert_eq!(bus.get("a").await.unwrap().as_deref(), Some("1"));
        assert_eq!(bus.add("c", 5, 1).await.unwrap(), 5);
        assert_eq!(bus.add("c", 2, 60).await.unwrap(), 7, "the first one says how long a counter lives");
        assert_eq!(bus.add("d", 1, 0).await.unwrap(), 1);
        let sums = futures_util::future::join_all((0..50).map(|_| bus.add("d", 1, 0))).await;
        assert_eq!(sums.into_iter().map(Result::unwrap).max(), Some(51), "nobody's count is lost");
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        assert_eq!(bus.get("a").await.unwrap(), None);
        assert_eq!(bus.get("b").await.unwrap().as_deref(), Some("2"));
        assert_eq!(bus.add("c", 1, 1).await.unwrap(), 1, "begun anew");
    })
    .await;
}

#[tokio::test]
async fn what_is_published_reaches_everybody_who_listens_and_nobody_else() {
    for_each_bus(async |test: TestApp| {
        let bus = &test.app.bus;
        bus.publish("news", "before").await.unwrap();
        let (one, two) = (bus.subscribe("news").await.unwrap(), bus.subscribe("news").await.unwrap());
        let mut other = bus.subscribe("other").await.unwrap();
        for word in ["a", "b", "c"] {
            bus.publish("news", word).await.unwrap();
        }
        for listener in [one, two] {
            let heard: Vec<String> =
                tokio::time::timeout(Duration::from_secs(5), listener.take(3).collect()).await.unwrap();
            assert_eq!(heard, ["a", "b", "c"]);
        }
        assert!(tokio::time::timeout(Duration::from_millis(100), other.next()).await.is_err());
    })
    .await;
}
