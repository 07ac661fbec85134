//! The roots of the graph: merged per tier first, since a flat chain of thirty members does not compile.

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};

use crate::access::{AccessMutation, AccessQuery};
use crate::contracts::ContractsQuery;
use crate::meters::MetersQuery;
use crate::premises::PremisesQuery;
use crate::subscribers::SubscribersQuery;

#[derive(MergedObject, Default)]
pub struct GroundQueries(AccessQuery);

#[derive(MergedObject, Default)]
pub struct RegisterQueries(PremisesQuery, SubscribersQuery, ContractsQuery, MetersQuery);

#[derive(MergedObject, Default)]
pub struct GroundMutations(AccessMutation);

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(GroundQueries, RegisterQueries);

/// Everything that can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(GroundMutations);

pub type Subscription = EmptySubscription;
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema without its data; `platform::graphql::limits` adds the caps, `cli::serve` the program.
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}
