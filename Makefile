# One-line conveniences; the work itself is in ./start, ./check and the subcommands of the binary.
.PHONY: start stop check fmt lint test servers schema
start: ; ./start
stop: ; ./start stop
servers: ; ./start servers
check: ; ./check
fmt: ; cargo fmt --all
lint: ; ./check shell fmt clippy
test: ; ./check rust
schema: ; cargo run --package aiscra -- export-schema --out api/schema.graphql
