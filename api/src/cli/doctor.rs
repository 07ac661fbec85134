//! Checks the installation and says what is wrong, each line with what to do.

use anyhow::bail;
use entities::kernel::{audit, doctor};
use entities::ledger::close;

use crate::app::App;
use crate::config::Config;

pub async fn run() -> anyhow::Result<()> {
    let config = Config::load()?;
    let app = App::connect(config).await?;
    let server = doctor::look(&app.db).await?;
    let mut bad = 0;
    let mut say = |fine: bool, what: &str, advice: &str| {
        println!(
            "{} {what}{}",
            if fine { "✓" } else { "✗" },
            if fine { String::new() } else { format!(": {advice}") }
        );
        bad += u32::from(!fine);
    };
    say(server.version >= 150_000, "PostgreSQL 15 or newer", "upgrade PostgreSQL");
    say(server.encoding == "UTF8", "the database is UTF-8", "create the database with ENCODING 'UTF8'");
    say(
        server.folds_cyrillic,
        "Cyrillic and Kazakh letters fold and have trigrams",
        "the locale is C: search would ignore Cyrillic; recreate the database with a UTF-8 locale",
    );
    say(
        migration::is_current(&app.db).await?,
        "migrations are those of this program",
        "run `aiscra migrate`",
    );
    say(app.bus.ping().await.is_ok(), &format!("bus ({}) answers", app.bus.name()), "check redis_url");
    say(
        app.config.redis_url.is_some() || app.config.demo,
        "Redis is configured",
        "without Redis only one process may run",
    );
    say(
        !app.config.demo || app.config.secret_file.is_none() || server.is_local,
        "a demo does not stand on a shared server",
        "demo = true opens the outbox of messages to everybody",
    );
    say(
        audit::first_broken_batch(&app.db, 0).await?.is_none(),
        "the audit trail is as it was sealed",
        "rows of the trail were changed or removed behind the program's back",
    );
    say(
        close::tampered(&app.db).await?.is_empty(),
        "closed months are as they were closed",
        "entries of a closed month were changed behind the program's back",
    );
    let twice = entities::billing::metered_twice(&app.db).await?;
    say(
        twice == 0,
        "no day of a meter is billed twice",
        &format!(
            "{twice} accounts pay twice for days of one meter: look at their lines with the basis `metered`"
        ),
    );
    if bad > 0 {
        bail!("{bad} things to mend");
    }
    Ok(())
}
