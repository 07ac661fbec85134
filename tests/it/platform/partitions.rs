//! The tables of a new month come while others work in the old ones.

use aiscra_tests::{TestApp, actor_of};
use domain::access::Role;
use entities::kernel::Tx;
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn a_month_is_made_beside_those_who_write() {
    let test = TestApp::new().await;
    test.sql("SELECT platform.ensure_partitions('2026-03-01')").await;
    // Somebody has read and written everywhere and has not said the last word yet.
    let busy = Tx::begin(&test.app.db, actor_of(Role::Accountant)).await.unwrap();
    let tables = test.texts("SELECT table_name FROM platform.partitioned ORDER BY 1").await;
    for table in &tables {
        let lock = format!("LOCK TABLE ONLY {table}, {table}_2026_03 IN ROW EXCLUSIVE MODE");
        busy.execute_unprepared(&lock).await.unwrap();
    }

    let other = Tx::begin(&test.app.db, actor_of(Role::Accountant)).await.unwrap();
    other.execute_unprepared("SET LOCAL lock_timeout = '2s'").await.unwrap();
    other.execute_unprepared("SELECT platform.ensure_partitions('2031-05-01')").await.unwrap();
    // And it is no obstacle to them either, before it has ended; but for readings, whose partition of last resort is looked through.
    busy.execute_unprepared("SET LOCAL lock_timeout = '2s'").await.unwrap();
    for table in tables.iter().filter(|table| *table != "readings.reading") {
        busy.execute_unprepared(&format!("SELECT FROM {table} LIMIT 1")).await.unwrap();
        busy.execute_unprepared(&format!("INSERT INTO {table} SELECT * FROM {table} WHERE false"))
            .await
            .unwrap();
    }
    other.commit_silently("tables of a month").await.unwrap();
    busy.rollback().await.unwrap();

    // A partition as the statement of the table itself would have made it.
    let shape = |month: &str| {
        format!(
            "SELECT string_agg(concat_ws(' ', t, c.attname, format_type(c.atttypid, c.atttypmod), c.attnotnull, pg_get_expr(d.adbin, d.adrelid)), ';'
                               ORDER BY t, c.attname)
             FROM platform.partitioned p, LATERAL (SELECT p.table_name || '_{month}' AS t) n,
                  pg_attribute c LEFT JOIN pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
             WHERE c.attrelid = to_regclass(t) AND c.attnum > 0 AND NOT c.attisdropped"
        )
    };
    let made: Option<String> = test.scalar(&shape("2031_05")).await;
    test.sql("SELECT platform.ensure_partitions('2031-05-01')").await;
    test.sql(
        "DO $$ DECLARE parent text; BEGIN FOR parent IN SELECT table_name FROM platform.partitioned LOOP
             EXECUTE format('CREATE TABLE %s_2031_06 PARTITION OF %s FOR VALUES FROM (''2031-06-01'') TO (''2031-07-01'')', parent, parent);
         END LOOP; END $$",
    )
    .await;
    let plain: Option<String> = test.scalar(&shape("2031_06")).await;
    assert_eq!(made, plain.map(|text| text.replace("2031_06", "2031_05")));
    let things = |month: &str, what: &str| {
        format!(
            "SELECT count(*) FROM platform.partitioned p JOIN {what} = to_regclass(p.table_name || '_{month}')"
        )
    };
    for what in ["pg_index x ON x.indrelid", "pg_trigger x ON x.tgrelid", "pg_constraint x ON x.conrelid"] {
        let count = async |month| test.scalar::<i64>(&things(month, what)).await;
        assert_eq!(count("2031_05").await, count("2031_06").await, "{what}");
    }
}
