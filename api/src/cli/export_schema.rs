//! Writes the committed schema, or fails when it differs from the code.

use std::path::PathBuf;

use anyhow::{Context, bail};
use async_graphql::SDLExportOptions;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Compare only; fails when the file is not what the code exports
    #[arg(long)]
    check: bool,
    /// Where the schema is kept
    #[arg(long, default_value = "api/schema.graphql")]
    out: PathBuf,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let sdl = sdl();
    if args.check {
        let kept = std::fs::read_to_string(&args.out).with_context(|| args.out.display().to_string())?;
        if kept != sdl {
            bail!("{} is not what the code exports: run `make schema` and commit it", args.out.display());
        }
        return Ok(());
    }
    std::fs::write(&args.out, sdl).with_context(|| args.out.display().to_string())
}

/// The schema as text, the same on every machine.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    let text = crate::wiring::schema::schema().sdl_with_options(options);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n"
}
