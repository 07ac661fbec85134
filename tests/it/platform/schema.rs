//! The schema is a contract: committed, documented, never broken by accident.

use std::collections::BTreeMap;
use std::process::Command;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

use super::repository;

type Types = BTreeMap<String, TypeDefinition>;

fn types(sdl: &str) -> Types {
    let document = parse_schema(sdl).expect("the schema parses");
    document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
            _ => None,
        })
        .collect()
}

fn fields(ty: &TypeDefinition) -> &[Positioned<FieldDefinition>] {
    match &ty.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => &[],
    }
}

fn inputs(ty: &TypeDefinition) -> &[Positioned<InputValueDefinition>] {
    match &ty.kind {
        TypeKind::InputObject(input) => &input.fields,
        _ => &[],
    }
}

fn values(ty: &TypeDefinition) -> Vec<String> {
    match &ty.kind {
        TypeKind::Enum(list) => list.values.iter().map(|v| v.node.value.node.to_string()).collect(),
        TypeKind::Union(union) => union.members.iter().map(|m| m.node.to_string()).collect(),
        TypeKind::Object(object) => object.implements.iter().map(|i| i.node.to_string()).collect(),
        _ => Vec::new(),
    }
}

/// Whether whoever handled `old` can handle `new`. `toward`: what the program gives may get stricter, what it takes may not.
fn fits(old: &Type, new: &Type, gives: bool) -> bool {
    let nullable = if gives { !new.nullable || old.nullable } else { new.nullable || !old.nullable };
    nullable
        && match (&old.base, &new.base) {
            (BaseType::Named(a), BaseType::Named(b)) => a == b,
            (BaseType::List(a), BaseType::List(b)) => fits(a, b, gives),
            _ => false,
        }
}

fn broken_inputs(
    at: &str,
    old: &[Positioned<InputValueDefinition>],
    new: &[Positioned<InputValueDefinition>],
) -> Vec<String> {
    let find = |list: &[Positioned<InputValueDefinition>], name: &str| {
        list.iter().find(|i| i.node.name.node == name).map(|i| i.node.clone())
    };
    let mut broken = Vec::new();
    for input in old {
        let name = input.node.name.node.as_str();
        match find(new, name) {
            None => broken.push(format!("{at}{name} removed")),
            Some(now) if !fits(&input.node.ty.node, &now.ty.node, false) => {
                broken.push(format!("{at}{name} changed from {} to {}", input.node.ty, now.ty));
            }
            Some(_) => {}
        }
    }
    for input in new {
        let name = input.node.name.node.as_str();
        if find(old, name).is_none() && !input.node.ty.node.nullable && input.node.default_value.is_none() {
            broken.push(format!("{at}{name} is new and required"));
        }
    }
    broken
}

/// What a client of the old schema could stumble over.
fn breaking(old: &Types, new: &Types) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, before) in old {
        let Some(now) = new.get(name) else {
            broken.push(format!("{name} removed"));
            continue;
        };
        for field in fields(before) {
            let at = format!("{name}.{}", field.node.name.node);
            let Some(now) = fields(now).iter().find(|f| f.node.name.node == field.node.name.node) else {
                broken.push(format!("{at} removed"));
                continue;
            };
            if !fits(&field.node.ty.node, &now.node.ty.node, true) {
                broken.push(format!("{at} changed from {} to {}", field.node.ty, now.node.ty));
            }
            broken.extend(broken_inputs(&format!("{at}#"), &field.node.arguments, &now.node.arguments));
        }
        broken.extend(broken_inputs(&format!("{name}."), inputs(before), inputs(now)));
        let left = values(now);
        broken.extend(
            values(before).into_iter().filter(|v| !left.contains(v)).map(|v| format!("{name}.{v} removed")),
        );
    }
    broken
}

fn committed() -> String {
    std::fs::read_to_string(repository("api/schema.graphql")).expect("api/schema.graphql")
}

/// The schema of the last commit, where there is a history to ask.
fn of_last_commit() -> Option<String> {
    let git = Command::new("git")
        .args(["show", "HEAD:api/schema.graphql"])
        .current_dir(repository(""))
        .output()
        .ok()?;
    git.status.success().then(|| String::from_utf8(git.stdout).expect("text"))
}

#[test]
fn the_committed_schema_is_what_the_code_exports() {
    let now = api::cli::export_schema::sdl();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(repository("api/schema.graphql"), &now).unwrap();
    }
    assert!(committed() == now, "api/schema.graphql differs from the code: run `make schema` and commit it");
}

#[test]
fn nothing_breaks_unless_it_is_listed() {
    let listed =
        std::fs::read_to_string(repository("api/schema.breaking.txt")).expect("api/schema.breaking.txt");
    let now = types(&api::cli::export_schema::sdl());
    for old in [Some(committed()), of_last_commit()].into_iter().flatten() {
        let unlisted: Vec<_> = breaking(&types(&old), &now)
            .into_iter()
            .filter(|change| !listed.lines().any(|line| line == change))
            .collect();
        assert!(
            unlisted.is_empty(),
            "breaking; list it in api/schema.breaking.txt if it must be:\n{}",
            unlisted.join("\n")
        );
    }
}

#[test]
fn what_breaks_is_seen() {
    let old = "type Query { a(x: Int, y: Int!): Int! b: Int c: String d: [Int!]! } enum E { ONE TWO } input I { f: Int } type Gone { a: Int }";
    let new = "type Query { a(x: Int!, y: Int, z: Int!): Int c: Int d: [Int!]! e: Int } enum E { TWO THREE } input I { f: Int g: Int! h: Int! = 1 }";
    assert_eq!(
        breaking(&types(old), &types(new)),
        [
            "E.ONE removed",
            "Gone removed",
            "I.g is new and required",
            "Query.a changed from Int! to Int",
            "Query.a#x changed from Int to Int!",
            "Query.a#z is new and required",
            "Query.b removed",
            "Query.c changed from String to Int",
        ]
    );
    let wider = "type Query { a(x: Int, y: Int!, z: Int): Int! b: Int! c: String d: [Int!]! e: Int } enum E { ONE TWO THREE } input I { f: Int } type Gone { a: Int }";
    assert_eq!(breaking(&types(old), &types(wider)), [""; 0]);
}

#[test]
fn everything_is_described() {
    let mut bare = Vec::new();
    for (name, ty) in types(&api::cli::export_schema::sdl()) {
        let standard = matches!(name.as_str(), "Boolean" | "Int" | "Float" | "String" | "ID");
        // Connections are made by the library, which describes their fields only.
        let standard = standard || name.ends_with("Connection");
        if ty.description.is_none() && !standard {
            bare.push(name.clone());
        }
        for field in fields(&ty) {
            let at = format!("{name}.{}", field.node.name.node);
            if field.node.description.is_none() {
                bare.push(at.clone());
            }
            let arguments = field.node.arguments.iter().filter(|a| a.node.description.is_none());
            bare.extend(arguments.map(|a| format!("{at}#{}", a.node.name.node)));
        }
        let bare_inputs = inputs(&ty).iter().filter(|i| i.node.description.is_none());
        bare.extend(bare_inputs.map(|i| format!("{name}.{}", i.node.name.node)));
        if let TypeKind::Enum(list) = &ty.kind {
            let bare_values = list.values.iter().filter(|v| v.node.description.is_none());
            bare.extend(bare_values.map(|v| format!("{name}.{}", v.node.value.node)));
        }
    }
    assert!(bare.is_empty(), "{} items without a description:\n{}", bare.len(), bare.join("\n"));
}

#[test]
fn lists_end() {
    // Lists that are short by nature, each capped where it is read; everything else is a connection.
    const SHORT: &[&str] = &[
        "Query.channelTraffic",
        "Query.reconcileDays",
        "Query.reconcileTerms",
        "Query.registryAlarms",
        "Query.suspenseAgeing",
        "Query.suspenseOwners",
        "Query.districts",
        "Query.calendarDays",
        "Query.roles",
        "Query.staffNames",
        "Query.debtAges",
        "Query.denominations",
        "Query.devMessages",
        "Query.moratoria",
        "Query.prices",
        "Query.vatRates",
        "Query.norms",
        "Query.bandSets",
        "Query.paidServices",
        "Query.operations",
        "Query.operationsOff",
    ];
    let types = types(&api::cli::export_schema::sdl());
    let lists: Vec<String> = fields(&types["Query"])
        .iter()
        .filter(|field| matches!(field.node.ty.node.base, BaseType::List(_)))
        .map(|field| format!("Query.{}", field.node.name.node))
        .filter(|name| !SHORT.contains(&name.as_str()))
        .collect();
    assert_eq!(lists, [""; 0], "a root list without pages");
}
